//! `pow(a, b, c)`: powers and inverses modulo an int.

use super::Number;
use super::integer::{Int, is_odd};
use crate::bigint::{self, Limbs};
use crate::heap::Heap;
use crate::value::*;
use mpy::BinaryOperator;

impl Heap {
    /// `pow(a, b, c)`; `None` if one of them is no number, TypeError if one is a float or complex.
    pub fn power_modulo<'h>(&'h self, a: Val<'h>, b: Val<'h>, c: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        let (Some(a), Some(b), Some(c)) = (self.number(a), self.number(b), self.number(c)) else { return Ok(None) };
        let (Number::Int(a), Number::Int(b), Number::Int(c)) = (a, b, c) else {
            return Err(self.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
        };
        if c.is_zero() {
            return Err(self.value_error("pow() 3rd argument cannot be 0"));
        }
        if b.negative {
            let inverse = self.int_inverse(&a, &c)?;
            let Some(inverse) = self.int_operand(inverse) else { return Ok(None) };
            return self.int_power_modulo(&inverse, &b, &c).map(Some);
        }
        self.int_power_modulo(&a, &b, &c).map(Some)
    }

    /// `a ** |b| % c`.
    fn int_power_modulo(&self, a: &Int<'_>, b: &Int<'_>, c: &Int<'_>) -> Result<Val<'_>, Raised> {
        let modulus = c.limbs();
        let length = modulus.len();
        // The sign comes in at the end: powers of the remainder of the magnitude are as good.
        let base = self.divide_magnitudes(a.limbs(), modulus, None)?;
        let (result, product, divisor) =
            (self.new_limbs(length)?, self.new_limbs(2 * length + 1)?, self.new_limbs(length)?);
        let shift = modulus.last().map_or(0, |top| top.get().leading_zeros());
        bigint::shift_left(modulus, shift, self.limbs(divisor));
        let (value, factor) = (self.limbs(result), bigint::trim(self.limbs(base)));
        let step = |factor: &Limbs| {
            let product = self.limbs(product);
            bigint::multiply(value, factor, product);
            bigint::shift_left(product, shift, product);
            bigint::divide(product, self.limbs(divisor), None);
            bigint::shift_right(product, shift, product);
            bigint::shift_left(product, 0, value);
        };
        // 1 modulo 1 is 0.
        let one = [core::cell::Cell::new((c.bit_length() > 1) as u32)];
        bigint::shift_left(&one, 0, value);
        let exponent = b.limbs();
        for bit in (0..b.bit_length()).rev() {
            step(value);
            if bigint::limb(exponent, bit as usize / 32) >> (bit % 32) & 1 != 0 {
                step(factor);
            }
        }
        self.discard(divisor);
        self.discard(product);
        let odd = is_odd(b);
        let sign = Int::of_word(if a.negative && odd { -1 } else { 1 });
        Ok(self.finish_modulo(result, &sign, c))
    }

    /// The number whose product with `a` is 1 modulo `c`, by Euclid's algorithm.
    fn int_inverse<'h>(&'h self, a: &Int<'_>, c: &Int<'_>) -> Result<Val<'h>, Raised> {
        let not_invertible = || self.value_error("base is not invertible for the given modulus");
        let compute =
            |op, x: Val<'h>, y: Val<'h>| self.arithmetic(op, x, y).and_then(|value| value.ok_or_else(not_invertible));
        let modulus: Val<'h> = self.int_with_sign(c, false)?;
        let mut rest = compute(BinaryOperator::Modulo, self.int_with_sign(a, a.negative)?, modulus)?;
        let (mut previous, mut inverse, mut before) = (modulus, Val::int(1), Val::int(0));
        while rest.small_int() != Some(0) {
            let Some((quotient, next)) = self.divide_modulo(previous, rest)? else { return Err(not_invertible()) };
            let product = compute(BinaryOperator::Multiply, quotient, inverse)?;
            let following = compute(BinaryOperator::Subtract, before, product)?;
            (previous, rest) = (rest, next);
            (before, inverse) = (inverse, following);
        }
        if previous.small_int() == Some(1) { Ok(before) } else { Err(not_invertible()) }
    }
}
