//! Powers of ints.

use super::integer::{Int, is_odd};
use crate::bigint;
use crate::heap::Heap;
use crate::value::*;

impl Heap {
    /// `a ** b`; a float if `b` is negative.
    pub(super) fn int_power(&self, a: &Int<'_>, b: &Int<'_>) -> Result<Val<'_>, Raised> {
        if b.negative {
            return self.float_power(self.int_to_float(a)?, self.int_to_float(b)?);
        }
        let odd = is_odd(b);
        match a.word {
            _ if b.is_zero() => return Ok(Val::int(1)),
            Some(n @ 0..=1) => return Ok(Val::int(n as i32)),
            Some(-1) => return Ok(Val::int(if odd { -1 } else { 1 })),
            _ => {}
        }
        let (base, bits) = (a.limbs(), a.bit_length());
        let exponent = b.word.and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX);
        let negative = a.negative && odd;
        if !bigint::any_below(base, bits - 1) {
            // A power of two.
            let count = (bits - 1).saturating_mul(exponent);
            let object = self.new_limbs(count as usize / 32 + 1)?;
            if let Some(place) = self.limbs(object).get(count as usize / 32) {
                place.set(1 << (count % 32));
            }
            return Ok(self.finish_int(object, negative));
        }
        let room = bits.saturating_mul(exponent).div_ceil(32) as usize + 1;
        let (result, other) = (self.new_limbs(room)?, self.new_limbs(room)?);
        let (mut from, mut to) = (self.limbs(result), self.limbs(other));
        bigint::shift_left(base, 0, from);
        // From the second highest bit of the exponent down: square, and multiply where a bit is set.
        for bit in (0..31 - exponent.leading_zeros().min(31)).rev() {
            let value = bigint::trim(from);
            bigint::multiply(value, value, to);
            (from, to) = (to, from);
            if exponent >> bit & 1 != 0 {
                bigint::multiply(bigint::trim(from), base, to);
                (from, to) = (to, from);
            }
        }
        bigint::shift_left(from, 0, self.limbs(result));
        self.discard(other);
        Ok(self.finish_int(result, negative))
    }
}
