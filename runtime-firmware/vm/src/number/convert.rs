//! Between ints and floats: exact comparison, correctly rounded conversion and division.

use super::integer::Int;
use crate::bigint;
use crate::class_id;
use crate::heap::Heap;
use crate::value::*;
use core::cmp::Ordering;

/// Mantissa and exponent of a finite float: `|x| = mantissa * 2^exponent`.
pub(crate) fn decompose(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7ff) as i32);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// The float nearest to `mantissa * 2^exponent`, ties to even; infinity if it is too large. `more` tells that the
/// true value is a little larger than that.
pub(crate) fn round_to_width(mantissa: u64, more: bool, exponent: i32, single: bool) -> f64 {
    let shift = mantissa.leading_zeros();
    if shift == 64 {
        return 0.0;
    }
    let (mantissa, exponent) = (mantissa << shift, exponent - shift as i32);
    let (precision, lowest, highest) = if single { (24, -149, 128) } else { (53, -1074, 1024) };
    let low = (exponent + 64 - precision).max(lowest);
    // At least 11 bits go.
    let drop = low - exponent;
    if drop > 64 {
        return 0.0;
    }
    let kept = mantissa.checked_shr(drop as u32).unwrap_or(0);
    let half = 1u64 << (drop - 1);
    let rest = mantissa & (half | (half - 1));
    let up = rest > half || (rest == half && (more || kept & 1 != 0));
    let kept = kept + up as u64;
    if low + 64 - kept.leading_zeros() as i32 > highest {
        return f64::INFINITY;
    }
    libm::scalbn(kept as f64, low)
}

/// Order of an int and a float, exactly.
pub(super) fn compare_with_float(int: &Int<'_>, x: f64) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if let Some(n) = int.word
        && n.unsigned_abs() < 1 << 53
    {
        return (n as f64).partial_cmp(&x);
    }
    // From here on the int is not zero.
    if int.negative != (x < 0.0) {
        return Some(if int.negative { Ordering::Less } else { Ordering::Greater });
    }
    let order = if x.is_infinite() {
        Ordering::Less
    } else {
        let (mantissa, exponent) = decompose(x);
        let bits = 64 - mantissa.leading_zeros() as i32 + exponent;
        let (leading, more) = bigint::leading_bits(int.limbs());
        (int.bit_length() as i32)
            .cmp(&bits)
            .then(leading.cmp(&mantissa.checked_shl(mantissa.leading_zeros()).unwrap_or(0)))
            .then(if more { Ordering::Greater } else { Ordering::Equal })
    };
    Some(if int.negative { order.reverse() } else { order })
}

impl Heap {
    /// The int as a float of the board's width, correctly rounded; OverflowError if it is too large.
    pub(crate) fn int_to_float(&self, int: &Int<'_>) -> Result<f64, Raised> {
        let exact = if self.single_precision() { 1 << 24 } else { 1 << 53 };
        if let Some(n) = int.word
            && n.unsigned_abs() <= exact
        {
            return Ok(n as f64);
        }
        let (leading, more) = bigint::leading_bits(int.limbs());
        let x = round_to_width(leading, more, int.bit_length() as i32 - 64, self.single_precision());
        if x.is_infinite() {
            return Err(self.error(class_id::OVERFLOW_ERROR, "int too large to convert to float"));
        }
        Ok(if int.negative { -x } else { x })
    }

    /// The real number as a float: ints, bools and floats; `None` for all else. OverflowError for too large ints.
    pub fn real_to_float(&self, value: Val<'_>) -> Result<Option<f64>, Raised> {
        if let Some(x) = self.as_float(value) {
            return Ok(Some(x));
        }
        self.int_operand(value).map(|int| self.int_to_float(&int)).transpose()
    }

    /// The float without its fraction, as an int.
    pub fn float_to_int(&self, x: f64) -> Result<Val<'_>, Raised> {
        if x.is_nan() {
            return Err(self.value_error("cannot convert float NaN to integer"));
        }
        if x.is_infinite() {
            return Err(self.error(class_id::OVERFLOW_ERROR, "cannot convert float infinity to integer"));
        }
        if libm::fabs(x) < 9.0e18 {
            return self.new_int(x as i64);
        }
        let (mantissa, exponent) = decompose(x);
        self.new_scaled_int(mantissa, exponent.max(0) as u32, x < 0.0)
    }

    /// `mantissa << count` as an int.
    pub(crate) fn new_scaled_int(&self, mantissa: u64, count: u32, negative: bool) -> Result<Val<'_>, Raised> {
        let object = self.new_limbs(count as usize / 32 + 3)?;
        let limbs = self.limbs(object);
        let start = [core::cell::Cell::new(mantissa as u32), core::cell::Cell::new((mantissa >> 32) as u32)];
        bigint::shift_left(&start, count, limbs);
        Ok(self.finish_int(object, negative))
    }

    /// `a / b` for ints, correctly rounded.
    pub(super) fn int_true_divide(&self, a: &Int<'_>, b: &Int<'_>) -> Result<Val<'_>, Raised> {
        if b.is_zero() {
            return Err(self.error(class_id::ZERO_DIVISION_ERROR, "division by zero"));
        }
        let exact = if self.single_precision() { 1 << 24 } else { 1 << 53 };
        if let (Some(x), Some(y)) = (a.word, b.word)
            && x.unsigned_abs() <= exact
            && y.unsigned_abs() <= exact
        {
            return self.new_float(x as f64 / y as f64);
        }
        let (x, y) = (a.limbs(), b.limbs());
        // Such that the quotient has 64 or 65 bits.
        let scale = 64 + bigint::bit_length(y) as i32 - bigint::bit_length(x) as i32;
        let scaled = self.new_limbs(y.len() + 3)?;
        let (numerator, mut more) = (self.limbs(scaled), false);
        if scale >= 0 {
            bigint::shift_left(x, scale as u32, numerator);
        } else {
            more = bigint::any_below(x, scale.unsigned_abs());
            bigint::shift_right(x, scale.unsigned_abs(), numerator);
        }
        let quotient = self.new_limbs(numerator.len() + 1)?;
        let rest = self.divide_magnitudes(numerator, y, Some(quotient))?;
        more |= !bigint::trim(self.limbs(rest)).is_empty();
        let (leading, below) = bigint::leading_bits(self.limbs(quotient));
        let exponent = bigint::bit_length(self.limbs(quotient)) as i32 - 64 - scale;
        self.discard(rest);
        self.discard(quotient);
        self.discard(scaled);
        let result = round_to_width(leading, more | below, exponent, self.single_precision());
        if result.is_infinite() {
            return Err(self.error(class_id::OVERFLOW_ERROR, "integer division result too large for a float"));
        }
        self.new_float(if a.negative != b.negative { -result } else { result })
    }
}
