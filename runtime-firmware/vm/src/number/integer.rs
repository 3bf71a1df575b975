//! Ints of any size. What fits 64 bits is computed in registers, the rest limb by limb in fresh objects.

use crate::bigint::{self, Limbs};
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;
use core::cell::Cell;
use core::cmp::Ordering;
use mpy::BinaryOperator;

/// An int operand: sign and magnitude.
pub(crate) struct Int<'h> {
    /// True below zero.
    pub(crate) negative: bool,
    /// The number, if it has at most 64 bits.
    pub(crate) word: Option<i64>,
    inline: [Cell<u32>; 2],
    object: Option<&'h Limbs>,
}

impl<'h> Int<'h> {
    /// An int that fits 64 bits.
    pub(crate) fn of_word(n: i64) -> Int<'h> {
        let magnitude = n.unsigned_abs();
        Int {
            negative: n < 0,
            word: Some(n),
            inline: [Cell::new(magnitude as u32), Cell::new((magnitude >> 32) as u32)],
            object: None,
        }
    }

    /// The magnitude, without leading zeros.
    pub(crate) fn limbs(&self) -> &Limbs {
        bigint::trim(self.object.unwrap_or(&self.inline))
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.word == Some(0)
    }

    /// Bits of the magnitude without leading zeros.
    pub(crate) fn bit_length(&self) -> u32 {
        bigint::bit_length(self.limbs())
    }

    pub(crate) fn compare(&self, other: &Int<'_>) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => bigint::compare(self.limbs(), other.limbs()),
            (true, true) => bigint::compare(other.limbs(), self.limbs()),
        }
    }

    /// Limb `index` of the number in two's complement, endlessly continued. `carry` starts as true.
    fn complement_limb(&self, limbs: &Limbs, index: usize, carry: &mut bool) -> u32 {
        let limb = bigint::limb(limbs, index);
        if !self.negative {
            return limb;
        }
        let (limb, over) = (!limb).overflowing_add(*carry as u32);
        *carry = over;
        limb
    }
}

impl Heap {
    /// The value as an int operand; `None` unless it is an int or bool.
    #[inline]
    pub(crate) fn int_operand(&self, value: Val<'_>) -> Option<Int<'_>> {
        if let Some(n) = self.as_int(value) {
            return Some(Int::of_word(n));
        }
        if !self.is(value, Tag::BigInt) {
            return None;
        }
        Some(Int {
            negative: self.flags(value) & 1 != 0,
            word: None,
            inline: bigint::zeros(),
            object: Some(self.limbs(value)),
        })
    }

    /// The limbs of a BigInt object (or of scratch memory of the same layout).
    pub(crate) fn limbs(&self, object: Val<'_>) -> &Limbs {
        let first = object.index() as usize + 1;
        let end = (first + self.field_count(object) as usize).min(self.arena.top() as usize);
        self.arena.words().get(first..end).unwrap_or(&[])
    }

    /// Room for a magnitude of so many limbs, all zero. Finish it with [`Heap::finish_int`] or [`Heap::discard`].
    pub(crate) fn new_limbs(&self, count: usize) -> Result<Val<'_>, Raised> {
        self.alloc(Tag::BigInt, u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Gives back an object that nobody refers to. Its memory is free at once if it was the last object.
    pub(crate) fn discard(&self, object: Val<'_>) {
        if object.index() + 1 + self.field_count(object) == self.arena.top() {
            self.arena.set_top(object.index());
        }
    }

    /// Makes the int out of limbs that were written to a fresh object: the shortest form, a word if it fits.
    pub(crate) fn finish_int<'h>(&'h self, object: Val<'h>, negative: bool) -> Val<'h> {
        let limbs = bigint::trim(self.limbs(object));
        let small = match limbs {
            [] => Some(0),
            [low] => {
                let n = if negative { -(low.get() as i64) } else { low.get() as i64 };
                (INT_MIN as i64..=INT_MAX as i64).contains(&n).then_some(n as i32)
            }
            _ => None,
        };
        if let Some(n) = small {
            self.discard(object);
            return Val::int(n);
        }
        self.truncate(object, limbs.len() as u32);
        self.set_flags(object, negative as u32);
        object
    }

    /// A copy of the int with the given sign.
    pub(crate) fn int_with_sign(&self, int: &Int<'_>, negative: bool) -> Result<Val<'_>, Raised> {
        let limbs = int.limbs();
        let object = self.new_limbs(limbs.len())?;
        bigint::shift_left(limbs, 0, self.limbs(object));
        Ok(self.finish_int(object, negative))
    }

    pub(super) fn int_invert(&self, int: &Int<'_>) -> Result<Val<'_>, Raised> {
        // ~n is -n - 1.
        let one = Int::of_word(1);
        if int.negative {
            self.int_subtract_magnitudes(int, &one, false)
        } else {
            self.int_add_magnitudes(int, &one, true)
        }
    }

    /// `a op b` for ints; `None` if the operator does not apply.
    pub(super) fn int_arithmetic(
        &self,
        op: BinaryOperator,
        a: &Int<'_>,
        b: &Int<'_>,
    ) -> Result<Option<Val<'_>>, Raised> {
        if let (Some(x), Some(y)) = (a.word, b.word)
            && let Some(n) = in_registers(op, x, y)
        {
            return self.new_int(n).map(Some);
        }
        match op {
            BinaryOperator::Add => self.int_add(a, b, b.negative),
            BinaryOperator::Subtract => self.int_add(a, b, !b.negative),
            BinaryOperator::Multiply => self.int_multiply(a, b),
            BinaryOperator::FloorDivide => self.int_floor_divide(a, b),
            BinaryOperator::Modulo => self.int_modulo(a, b),
            BinaryOperator::TrueDivide => self.int_true_divide(a, b),
            BinaryOperator::Power => self.int_power(a, b),
            BinaryOperator::Lshift | BinaryOperator::Rshift => self.int_shift(a, b, op == BinaryOperator::Lshift),
            BinaryOperator::And => self.int_bitwise(a, b, |x, y| x & y),
            BinaryOperator::Or => self.int_bitwise(a, b, |x, y| x | y),
            BinaryOperator::Xor => self.int_bitwise(a, b, |x, y| x ^ y),
            _ => return Ok(None),
        }
        .map(Some)
    }

    /// `a + b`, where `negative` is taken for the sign of `b`.
    fn int_add(&self, a: &Int<'_>, b: &Int<'_>, negative: bool) -> Result<Val<'_>, Raised> {
        if a.negative == negative {
            return self.int_add_magnitudes(a, b, negative);
        }
        match bigint::compare(a.limbs(), b.limbs()) {
            Ordering::Less => self.int_subtract_magnitudes(b, a, negative),
            _ => self.int_subtract_magnitudes(a, b, a.negative),
        }
    }

    fn int_add_magnitudes(&self, a: &Int<'_>, b: &Int<'_>, negative: bool) -> Result<Val<'_>, Raised> {
        let (x, y) = (a.limbs(), b.limbs());
        let object = self.new_limbs(x.len().max(y.len()) + 1)?;
        bigint::add(x, y, self.limbs(object));
        Ok(self.finish_int(object, negative))
    }

    /// `a` is not less than `b`.
    fn int_subtract_magnitudes(&self, a: &Int<'_>, b: &Int<'_>, negative: bool) -> Result<Val<'_>, Raised> {
        let (x, y) = (a.limbs(), b.limbs());
        let object = self.new_limbs(x.len())?;
        bigint::subtract(x, y, self.limbs(object));
        Ok(self.finish_int(object, negative))
    }

    pub(super) fn int_multiply(&self, a: &Int<'_>, b: &Int<'_>) -> Result<Val<'_>, Raised> {
        let (x, y) = (a.limbs(), b.limbs());
        let object = self.new_limbs(x.len() + y.len())?;
        bigint::multiply(x, y, self.limbs(object));
        Ok(self.finish_int(object, a.negative != b.negative))
    }

    /// Divides magnitudes: the remainder, in a fresh object, and the quotient in `quotient` if it is given.
    pub(super) fn divide_magnitudes(&self, a: &Limbs, b: &Limbs, quotient: Option<Val<'_>>) -> Result<Val<'_>, Raised> {
        let b = bigint::trim(b);
        let rest = self.new_limbs(a.len().max(b.len()) + 1)?;
        let divisor = self.new_limbs(b.len())?;
        let shift = b.last().map_or(0, |top| top.get().leading_zeros());
        let (u, v) = (self.limbs(rest), self.limbs(divisor));
        bigint::shift_left(a, shift, u);
        bigint::shift_left(b, shift, v);
        bigint::divide(u, v, quotient.map(|quotient| self.limbs(quotient)));
        bigint::shift_right(u, shift, u);
        self.discard(divisor);
        Ok(rest)
    }

    fn zero_division(&self, text: &'static str) -> Raised {
        self.error(class_id::ZERO_DIVISION_ERROR, text)
    }

    fn int_floor_divide(&self, a: &Int<'_>, b: &Int<'_>) -> Result<Val<'_>, Raised> {
        if b.is_zero() {
            return Err(self.zero_division("integer division or modulo by zero"));
        }
        let (x, y) = (a.limbs(), b.limbs());
        let quotient = self.new_limbs(x.len() + 1)?;
        let rest = self.divide_magnitudes(x, y, Some(quotient))?;
        let negative = a.negative != b.negative;
        if negative && !bigint::trim(self.limbs(rest)).is_empty() {
            bigint::increment(self.limbs(quotient));
        }
        self.discard(rest);
        Ok(self.finish_int(quotient, negative))
    }

    fn int_modulo(&self, a: &Int<'_>, b: &Int<'_>) -> Result<Val<'_>, Raised> {
        if b.is_zero() {
            return Err(self.zero_division("integer modulo by zero"));
        }
        let rest = self.divide_magnitudes(a.limbs(), b.limbs(), None)?;
        Ok(self.finish_modulo(rest, a, b))
    }

    /// The remainder of magnitudes as Python's remainder, which has the sign of the divisor.
    pub(super) fn finish_modulo<'h>(&'h self, rest: Val<'h>, a: &Int<'_>, b: &Int<'_>) -> Val<'h> {
        let limbs = self.limbs(rest);
        if a.negative != b.negative && !bigint::trim(limbs).is_empty() {
            bigint::subtract(b.limbs(), limbs, limbs);
        }
        self.finish_int(rest, b.negative)
    }

    pub(super) fn int_divide_modulo(&self, a: &Int<'_>, b: &Int<'_>) -> Result<(Val<'_>, Val<'_>), Raised> {
        if b.is_zero() {
            return Err(self.zero_division("integer division or modulo by zero"));
        }
        let (x, y) = (a.limbs(), b.limbs());
        let quotient = self.new_limbs(x.len() + 1)?;
        let rest = self.divide_magnitudes(x, y, Some(quotient))?;
        let negative = a.negative != b.negative;
        if negative && !bigint::trim(self.limbs(rest)).is_empty() {
            bigint::increment(self.limbs(quotient));
        }
        let rest = self.finish_modulo(rest, a, b);
        Ok((self.finish_int(quotient, negative), rest))
    }

    fn int_shift(&self, a: &Int<'_>, b: &Int<'_>, left: bool) -> Result<Val<'_>, Raised> {
        if b.negative {
            return Err(self.value_error("negative shift count"));
        }
        let count = b.word.and_then(|count| u32::try_from(count).ok()).unwrap_or(u32::MAX);
        if left {
            if a.is_zero() {
                return Ok(Val::int(0));
            }
            // More bits than any arena has.
            if count > 1 << 26 {
                return Err(self.error(class_id::OVERFLOW_ERROR, "too many digits in integer"));
            }
            let object = self.new_limbs(a.limbs().len() + count as usize / 32 + 1)?;
            bigint::shift_left(a.limbs(), count, self.limbs(object));
            return Ok(self.finish_int(object, a.negative));
        }
        if count >= a.bit_length() {
            return Ok(Val::int(-(a.negative as i32)));
        }
        let object = self.new_limbs(a.limbs().len() - count as usize / 32 + 1)?;
        bigint::shift_right(a.limbs(), count, self.limbs(object));
        if a.negative && bigint::any_below(a.limbs(), count) {
            bigint::increment(self.limbs(object));
        }
        Ok(self.finish_int(object, a.negative))
    }

    fn int_bitwise(&self, a: &Int<'_>, b: &Int<'_>, combine: fn(u32, u32) -> u32) -> Result<Val<'_>, Raised> {
        let (x, y) = (a.limbs(), b.limbs());
        let object = self.new_limbs(x.len().max(y.len()) + 1)?;
        let out = self.limbs(object);
        let (mut carry_a, mut carry_b) = (true, true);
        for (index, place) in out.iter().enumerate() {
            let limb = a.complement_limb(x, index, &mut carry_a);
            place.set(combine(limb, b.complement_limb(y, index, &mut carry_b)));
        }
        // The limb behind the longer operand shows the sign of the result.
        let negative = out.last().is_some_and(|top| top.get() >> 31 != 0);
        if negative {
            out.iter().for_each(|place| place.set(!place.get()));
            bigint::increment(out);
        }
        Ok(self.finish_int(object, negative))
    }
}

/// True for odd ints.
pub(crate) fn is_odd(int: &Int<'_>) -> bool {
    bigint::limb(int.limbs(), 0) & 1 != 0
}

/// The result, if operands, result and the way there fit registers, and no error is to be raised.
fn in_registers(op: BinaryOperator, x: i64, y: i64) -> Option<i64> {
    match op {
        BinaryOperator::Add => x.checked_add(y),
        BinaryOperator::Subtract => x.checked_sub(y),
        BinaryOperator::Multiply => x.checked_mul(y),
        BinaryOperator::And => Some(x & y),
        BinaryOperator::Or => Some(x | y),
        BinaryOperator::Xor => Some(x ^ y),
        BinaryOperator::FloorDivide | BinaryOperator::Modulo => {
            // 32 bits only: processors divide them in one instruction, and longer ints are rare.
            let (x, y) = (i32::try_from(x).ok()?, i32::try_from(y).ok()?);
            let (quotient, rest) = (x.checked_div(y)?, x.checked_rem(y)?);
            let adjust = rest != 0 && (rest < 0) != (y < 0);
            Some(if op == BinaryOperator::FloorDivide {
                quotient as i64 - adjust as i64
            } else {
                rest as i64 + if adjust { y as i64 } else { 0 }
            })
        }
        BinaryOperator::Lshift if (0..32).contains(&y) => Some((i32::try_from(x).ok()? as i64) << y),
        BinaryOperator::Rshift if y >= 0 => Some(x >> y.min(63)),
        _ => None,
    }
}
