//! Complex numbers. An object holds two floats of the board's width; sums and products are computed in double
//! precision and rounded at the end.

use super::elementary;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;
use mpy::BinaryOperator;

/// Real and imaginary part.
pub(super) type Complex = (f64, f64);

/// Largest whole exponent that is computed by multiplying.
const MAX_WHOLE_POWER: f64 = 100.0;

impl Heap {
    /// A complex number, its parts rounded to the board's width.
    pub fn new_complex(&self, re: f64, im: f64) -> Result<Val<'_>, Raised> {
        if self.single_precision() {
            let object = self.alloc(Tag::Complex, 2)?;
            self.set_word(object, 0, (re as f32).to_bits());
            self.set_word(object, 1, (im as f32).to_bits());
            return Ok(object);
        }
        let object = self.alloc(Tag::Complex, 4)?;
        for (index, part) in [(0, re), (2, im)] {
            self.set_word(object, index, part.to_bits() as u32);
            self.set_word(object, index + 1, (part.to_bits() >> 32) as u32);
        }
        Ok(object)
    }

    /// Real and imaginary part of a complex object; `None` for all else.
    pub fn complex_parts(&self, value: Val<'_>) -> Option<(f64, f64)> {
        if !self.is(value, Tag::Complex) {
            return None;
        }
        Some(if self.single_precision() {
            (f32::from_bits(self.word(value, 0)) as f64, f32::from_bits(self.word(value, 1)) as f64)
        } else {
            let part = |index| (self.word(value, index + 1) as u64) << 32 | self.word(value, index) as u64;
            (f64::from_bits(part(0)), f64::from_bits(part(2)))
        })
    }

    /// Any number as a complex one; `None` for all else.
    pub(crate) fn complex_operand(&self, value: Val<'_>) -> Result<Option<Complex>, Raised> {
        match self.complex_parts(value) {
            Some(parts) => Ok(Some(parts)),
            None => Ok(self.real_to_float(value)?.map(|re| (re, 0.0))),
        }
    }

    pub(super) fn complex_arithmetic(
        &self,
        op: BinaryOperator,
        a: Complex,
        b: Complex,
    ) -> Result<Option<Val<'_>>, Raised> {
        let (re, im) = match op {
            BinaryOperator::Add => (a.0 + b.0, a.1 + b.1),
            BinaryOperator::Subtract => (a.0 - b.0, a.1 - b.1),
            BinaryOperator::Multiply => multiply(a, b),
            BinaryOperator::TrueDivide => match divide(a, b) {
                Some(result) => result,
                None => return Err(self.float_zero_division("complex division by zero")),
            },
            BinaryOperator::Power => return self.complex_power(a, b).map(Some),
            _ => return Ok(None),
        };
        self.new_complex(re, im).map(Some)
    }

    pub(super) fn complex_power(&self, a: Complex, b: Complex) -> Result<Val<'_>, Raised> {
        let zero_division = || self.float_zero_division("0.0 to a negative or complex power");
        let result = if b == (0.0, 0.0) {
            (1.0, 0.0)
        } else if b.1 == 0.0 && b.0 == libm::floor(b.0) && libm::fabs(b.0) <= MAX_WHOLE_POWER {
            let power = whole_power(a, libm::fabs(b.0) as u32);
            if b.0 > 0.0 { power } else { divide((1.0, 0.0), power).ok_or_else(zero_division)? }
        } else if a == (0.0, 0.0) {
            if b.1 != 0.0 || b.0 < 0.0 {
                return Err(zero_division());
            }
            (0.0, 0.0)
        } else {
            let single = self.single_precision();
            let (size, angle) = (elementary::hypotenuse(single, a.0, a.1), elementary::angle(single, a.1, a.0));
            let (mut length, mut phase) = (elementary::power(single, size, b.0), angle * b.0);
            if b.1 != 0.0 {
                length *= elementary::exponential(single, -angle * b.1);
                phase += b.1 * elementary::logarithm(single, size);
            }
            (length * elementary::cosine(single, phase), length * elementary::sine(single, phase))
        };
        let finite = |(re, im): Complex| re.is_finite() && im.is_finite();
        if !finite(result) && finite(a) && finite(b) {
            return Err(self.error(class_id::OVERFLOW_ERROR, "complex exponentiation"));
        }
        self.new_complex(result.0, result.1)
    }

    pub(super) fn complex_absolute(&self, re: f64, im: f64) -> Result<Val<'_>, Raised> {
        let size = elementary::hypotenuse(self.single_precision(), re, im);
        if size.is_infinite() && re.is_finite() && im.is_finite() {
            return Err(self.error(class_id::OVERFLOW_ERROR, "absolute value too large"));
        }
        self.new_float(size)
    }
}

fn multiply(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// Smith's method: scales by the larger part of the divisor, so that nothing overflows on the way.
fn divide(a: Complex, b: Complex) -> Option<Complex> {
    let (re, im) = (libm::fabs(b.0), libm::fabs(b.1));
    if re >= im {
        if re == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let scale = b.0 + b.1 * ratio;
        Some(((a.0 + a.1 * ratio) / scale, (a.1 - a.0 * ratio) / scale))
    } else if im >= re {
        let ratio = b.0 / b.1;
        let scale = b.0 * ratio + b.1;
        Some(((a.0 * ratio + a.1) / scale, (a.1 * ratio - a.0) / scale))
    } else {
        Some((f64::NAN, f64::NAN))
    }
}

fn whole_power(a: Complex, exponent: u32) -> Complex {
    let (mut result, mut power, mut rest) = ((1.0, 0.0), a, exponent);
    while rest != 0 {
        if rest & 1 != 0 {
            result = multiply(result, power);
        }
        rest >>= 1;
        if rest != 0 {
            power = multiply(power, power);
        }
    }
    result
}
