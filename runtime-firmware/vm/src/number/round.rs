//! `round(number, digits)`: ties go to even digits, decided on the exact value.

use super::Number;
use super::convert::decompose;
use super::decimal::{Limit, exact, read};
use super::integer::Int;
use crate::heap::Heap;
use crate::value::*;
use mpy::BinaryOperator;

/// More significant digits than these do not change a float.
const SIGNIFICANT: i32 = 17;

impl Heap {
    /// `round(value, digits)`; without `digits` the result is an int. `None` if the value is no real number.
    pub fn round_number<'h>(&'h self, value: Val<'h>, digits: Option<i32>) -> Result<Option<Val<'h>>, Raised> {
        match (self.number(value), digits) {
            (Some(Number::Int(int)), Some(digits)) if digits < 0 => {
                self.round_int(&int, digits.unsigned_abs()).map(Some)
            }
            (Some(Number::Int(_)), _) => self.positive(value),
            (Some(Number::Float(x)), None) => self.float_to_int(libm::rint(x)).map(Some),
            (Some(Number::Float(x)), Some(digits)) => {
                let rounded = self.round_float(x, digits);
                if rounded.is_infinite() && x.is_finite() {
                    let text = "rounded value too large to represent";
                    return Err(self.error(crate::class_id::OVERFLOW_ERROR, text));
                }
                self.new_float(rounded).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn round_float(&self, x: f64, digits: i32) -> f64 {
        if x == 0.0 || !x.is_finite() {
            return x;
        }
        let last = digits.saturating_neg();
        let size = libm::fabs(x);
        // The digits, and the power of ten of the first.
        let (mut kept, mut count, mut first) = ([0u8; SIGNIFICANT as usize + 2], 0usize, 0);
        let (mantissa, exponent) = decompose(size);
        let power = ((exponent + 63 - mantissa.leading_zeros() as i32) * 78913) >> 18;
        if last < power - SIGNIFICANT {
            return x;
        }
        exact(size, Limit::Down(last), &mut |power, digit| {
            if count == 0 {
                first = power;
            }
            if let Some(place) = kept.get_mut(count) {
                *place = digit;
            }
            count += 1;
        });
        if count > SIGNIFICANT as usize {
            return x;
        }
        let rounded = if count == 0 {
            0.0
        } else {
            read(kept.iter().take(count).copied(), first as i64 + 1, self.single_precision())
        };
        libm::copysign(rounded, x)
    }

    fn round_int(&self, int: &Int<'_>, digits: u32) -> Result<Val<'_>, Raised> {
        // Far fewer digits than that: rounds to zero, without computing a power.
        if digits > int.bit_length() / 3 + 1 {
            return Ok(Val::int(0));
        }
        let scale = self.arithmetic(BinaryOperator::Power, Val::int(10), self.new_int(digits as i64)?)?;
        let (Some(scale), value) = (scale, self.int_with_sign(int, int.negative)?) else { return Ok(Val::NONE) };
        let Some((quotient, rest)) = self.divide_modulo(value, scale)? else { return Ok(Val::NONE) };
        let twice = self.arithmetic(BinaryOperator::Lshift, rest, Val::int(1))?.unwrap_or(Val::NONE);
        let odd = self.int_operand(quotient).is_some_and(|int| super::integer::is_odd(&int));
        let order = self.compare_numbers(twice, scale).flatten();
        let up = order.is_some_and(|order| order.is_gt() || (order.is_eq() && odd));
        let down = self.arithmetic(BinaryOperator::Subtract, value, rest)?.unwrap_or(Val::NONE);
        if !up {
            return Ok(down);
        }
        Ok(self.arithmetic(BinaryOperator::Add, down, scale)?.unwrap_or(Val::NONE))
    }
}
