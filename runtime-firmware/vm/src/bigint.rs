//! Arithmetic on magnitudes: slices of 32-bit limbs, least significant first.
//!
//! Pure algorithms that neither allocate nor fail; who calls them brings the room for the result. Limbs are cells,
//! so operands may be objects of the heap, arrays on the stack, or the result itself where a function says so.
//! Schoolbook methods: the numbers of a microcontroller have tens of limbs, not thousands.

use core::cell::Cell;
use core::cmp::Ordering;

/// A limb.
pub(crate) type Limb = Cell<u32>;
/// Limbs of a magnitude.
pub(crate) type Limbs = [Limb];

/// Room for a magnitude on the stack, all zero.
pub(crate) const fn zeros<const N: usize>() -> [Cell<u32>; N] {
    [const { Cell::new(0) }; N]
}

/// Limb `index`, zero behind the end.
#[inline]
pub(crate) fn limb(limbs: &Limbs, index: usize) -> u32 {
    limbs.get(index).map_or(0, Cell::get)
}

/// The limbs without leading zeros.
pub(crate) fn trim(limbs: &Limbs) -> &Limbs {
    let length = limbs.iter().rposition(|limb| limb.get() != 0).map_or(0, |index| index + 1);
    limbs.get(..length).unwrap_or(limbs)
}

/// Number of bits without leading zeros; 0 for zero.
pub(crate) fn bit_length(limbs: &Limbs) -> u32 {
    let limbs = trim(limbs);
    limbs.last().map_or(0, |top| limbs.len() as u32 * 32 - top.get().leading_zeros())
}

/// Order of two magnitudes; leading zeros do not count.
pub(crate) fn compare(a: &Limbs, b: &Limbs) -> Ordering {
    let (a, b) = (trim(a), trim(b));
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().map(Cell::get).cmp(b.iter().rev().map(Cell::get)))
}

/// `out = a + b`, cut to the length of `out`, which may be an operand.
pub(crate) fn add(a: &Limbs, b: &Limbs, out: &Limbs) {
    let mut carry = 0;
    for (index, place) in out.iter().enumerate() {
        let sum = limb(a, index) as u64 + limb(b, index) as u64 + carry;
        place.set(sum as u32);
        carry = sum >> 32;
    }
}

/// `out = a - b` modulo the length of `out`, which may be an operand.
pub(crate) fn subtract(a: &Limbs, b: &Limbs, out: &Limbs) {
    let mut carry = 0;
    for (index, place) in out.iter().enumerate() {
        let difference = limb(a, index) as i64 - limb(b, index) as i64 + carry;
        place.set(difference as u32);
        carry = difference >> 32;
    }
}

/// `limbs += 1`; true if it went over.
pub(crate) fn increment(limbs: &Limbs) -> bool {
    for place in limbs {
        let (sum, over) = place.get().overflowing_add(1);
        place.set(sum);
        if !over {
            return false;
        }
    }
    true
}

/// `out = a * b`. `out` has room for the limbs of both and is neither of them.
pub(crate) fn multiply(a: &Limbs, b: &Limbs, out: &Limbs) {
    out.iter().for_each(|place| place.set(0));
    for (index, factor) in a.iter().enumerate() {
        let factor = factor.get() as u64;
        let Some(row) = out.get(index..) else { return };
        if factor == 0 {
            continue;
        }
        let mut carry = 0;
        for (place, other) in row.iter().zip(b) {
            let sum = factor * other.get() as u64 + place.get() as u64 + carry;
            place.set(sum as u32);
            carry = sum >> 32;
        }
        if let Some(place) = row.get(b.len()) {
            place.set(carry as u32);
        }
    }
}

/// `limbs = limbs * factor + addend`; what does not fit is returned.
pub(crate) fn multiply_small(limbs: &Limbs, factor: u32, addend: u32) -> u32 {
    let mut carry = addend;
    for place in limbs {
        let sum = place.get() as u64 * factor as u64 + carry as u64;
        place.set(sum as u32);
        carry = (sum >> 32) as u32;
    }
    carry
}

/// Division by one limb without dividing: the limb shifted up to its top bit, and its reciprocal (Möller and
/// Granlund, "Improved division by invariant integers"). Few microcontrollers divide 64 bits by 32.
#[derive(Clone, Copy)]
struct Divisor {
    limb: u32,
    reciprocal: u32,
}

impl Divisor {
    /// `limb` has its top bit set.
    fn new(limb: u32) -> Divisor {
        let limb = limb | 1 << 31;
        Divisor { limb, reciprocal: (((!limb as u64) << 32 | 0xffff_ffff) / limb as u64) as u32 }
    }

    /// Quotient and remainder of `high:low`, where `high < limb`.
    #[inline]
    fn divide(self, high: u32, low: u32) -> (u32, u32) {
        let estimate = (self.reciprocal as u64 * high as u64).wrapping_add((high as u64) << 32 | low as u64);
        let mut quotient = ((estimate >> 32) as u32).wrapping_add(1);
        let mut remainder = low.wrapping_sub(quotient.wrapping_mul(self.limb));
        if remainder > estimate as u32 {
            quotient = quotient.wrapping_sub(1);
            remainder = remainder.wrapping_add(self.limb);
        }
        if remainder >= self.limb {
            quotient = quotient.wrapping_add(1);
            remainder -= self.limb;
        }
        (quotient, remainder)
    }
}

/// `limbs = limbs / divisor`; returns the remainder. A zero divisor counts as one.
pub(crate) fn divide_small(limbs: &Limbs, divisor: u32) -> u32 {
    let divisor = divisor.max(1);
    let shift = divisor.leading_zeros();
    let by = Divisor::new(divisor << shift);
    let shifted = |index: usize, below: u32| ((limb(limbs, index) as u64) << 32 | below as u64) << shift >> 32;
    let mut remainder = match limbs.last() {
        Some(top) => ((top.get() as u64) << shift >> 32) as u32,
        None => return 0,
    };
    for (index, place) in limbs.iter().enumerate().rev() {
        let below = if index == 0 { 0 } else { limb(limbs, index - 1) };
        let (quotient, rest) = by.divide(remainder, shifted(index, below) as u32);
        place.set(quotient);
        remainder = rest;
    }
    remainder >> shift
}

/// Divides `u` by `v`, leaving the remainder in `u`; the quotient goes to `q`, if it is wanted (Knuth's algorithm D).
/// `v`'s top bit is set and `u` has a limb more than the dividend, less than `v` at the top: shift both up first.
pub(crate) fn divide(u: &Limbs, v: &Limbs, q: Option<&Limbs>) {
    let n = v.len();
    let Some(last) = v.last() else { return };
    let (by, second) = (Divisor::new(last.get()), if n > 1 { limb(v, n - 2) } else { 0 });
    let Some(steps) = u.len().checked_sub(n) else { return };
    for step in (0..steps).rev() {
        let (top, next) = (limb(u, step + n), limb(u, step + n - 1));
        let third = if n > 1 { limb(u, step + n - 2) } else { 0 };
        let (mut guess, rest) = if top < by.limb {
            let (guess, rest) = by.divide(top, next);
            (guess, rest as u64)
        } else {
            (u32::MAX, next as u64 + by.limb as u64)
        };
        let mut rest = rest;
        while rest >> 32 == 0 && guess as u64 * second as u64 > (rest << 32 | third as u64) {
            guess -= 1;
            rest += by.limb as u64;
        }
        let Some(window) = u.get(step..=step + n) else { return };
        if subtract_multiple(window, v, guess) {
            guess = guess.wrapping_sub(1);
            add(window, v, window);
        }
        if let Some(place) = q.and_then(|q| q.get(step)) {
            place.set(guess);
        }
    }
}

/// `window -= v * factor`; true if it went below zero. `window` has one limb more than `v`.
fn subtract_multiple(window: &Limbs, v: &Limbs, factor: u32) -> bool {
    let (mut carry, mut borrow) = (0u64, 0i64);
    for (index, place) in window.iter().enumerate() {
        let product = limb(v, index) as u64 * factor as u64 + carry;
        carry = product >> 32;
        let difference = place.get() as i64 - (product as u32) as i64 + borrow;
        place.set(difference as u32);
        borrow = difference >> 32;
    }
    borrow != 0
}

/// `out = a << count`, cut to the length of `out`, which may be `a`.
pub(crate) fn shift_left(a: &Limbs, count: u32, out: &Limbs) {
    let (words, bits) = ((count / 32) as usize, count % 32);
    for (index, place) in out.iter().enumerate().rev() {
        let at = |back: usize| index.checked_sub(words + back).map_or(0, |from| limb(a, from)) as u64;
        place.set(((at(0) << 32 | at(1)) << bits >> 32) as u32);
    }
}

/// `out = a >> count`; `out` may be `a`.
pub(crate) fn shift_right(a: &Limbs, count: u32, out: &Limbs) {
    let (words, bits) = ((count / 32) as usize, count % 32);
    for (index, place) in out.iter().enumerate() {
        let at = |ahead: usize| limb(a, index + words + ahead) as u64;
        place.set(((at(1) << 32 | at(0)) >> bits) as u32);
    }
}

/// True if one of the lowest `count` bits is set.
pub(crate) fn any_below(a: &Limbs, count: u32) -> bool {
    let (words, bits) = ((count / 32) as usize, count % 32);
    a.iter().take(words).any(|place| place.get() != 0) || limb(a, words) & ((1 << bits) - 1) != 0
}

/// The 64 leading bits (top bit set, unless zero), and whether any bit below them is set.
pub(crate) fn leading_bits(a: &Limbs) -> (u64, bool) {
    let length = bit_length(a);
    if length <= 64 {
        let bits = (limb(a, 1) as u64) << 32 | limb(a, 0) as u64;
        return (bits.checked_shl(64 - length).unwrap_or(0), false);
    }
    let out = zeros::<2>();
    shift_right(a, length - 64, &out);
    ((out[1].get() as u64) << 32 | out[0].get() as u64, any_below(a, length - 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;
    use std::vec::Vec;

    fn limbs_of(n: u128) -> Vec<Cell<u32>> {
        (0..4).map(|index| Cell::new((n >> (index * 32)) as u32)).collect()
    }

    fn value_of(limbs: &Limbs) -> u128 {
        limbs.iter().take(4).rev().fold(0, |n, limb| n << 32 | limb.get() as u128)
    }

    #[test]
    fn agrees_with_128_bits() {
        let mut random = Random::new(1);
        for _ in 0..30_000 {
            let (a, b) = (random.pattern(), random.pattern());
            let (x, y) = (limbs_of(a), limbs_of(b));
            let out = zeros::<5>();
            add(&x, &y, &out);
            let (sum, over) = a.overflowing_add(b);
            assert_eq!((value_of(&out), out[4].get()), (sum, over as u32));
            assert_eq!(compare(&x, &y), a.cmp(&b));
            assert_eq!(bit_length(&x), 128 - a.leading_zeros());
            subtract(&x, &y, &out[..4]);
            assert_eq!(value_of(&out), a.wrapping_sub(b));
            multiply(&x[..2], &y[..2], &out[..4]);
            assert_eq!(value_of(&out), (a as u64) as u128 * (b as u64) as u128);
            let count = random.next() as u32 % 130;
            shift_left(&x, count, &out[..4]);
            assert_eq!(value_of(&out), a.checked_shl(count).unwrap_or(0));
            shift_right(&x, count, &out[..4]);
            assert_eq!(value_of(&out), a.checked_shr(count).unwrap_or(0));
            assert_eq!(any_below(&x, count), a & 1u128.checked_shl(count).unwrap_or(0).wrapping_sub(1) != 0);
            if b as u32 != 0 {
                let copy = limbs_of(a);
                let rest = divide_small(&copy, b as u32);
                let small = (b as u32) as u128;
                assert_eq!((value_of(&copy), rest as u128), (a / small, a % small));
            }
        }
    }

    #[test]
    fn long_division_agrees_with_128_bits() {
        let mut random = Random::new(2);
        for _ in 0..30_000 {
            let (a, b) = (random.pattern(), random.pattern());
            if b == 0 {
                continue;
            }
            let (x, y) = (limbs_of(a), limbs_of(b));
            let y = trim(&y);
            let shift = y[y.len() - 1].get().leading_zeros();
            let (u, v, q) = (zeros::<5>(), zeros::<4>(), zeros::<5>());
            shift_left(&x, shift, &u);
            shift_left(y, shift, &v[..y.len()]);
            divide(&u, &v[..y.len()], Some(&q));
            shift_right(&u, shift, &u);
            assert_eq!((value_of(&q), value_of(&u)), (a / b, a % b), "{a} / {b}");
        }
    }
}
