//! Hashes of numbers: equal numbers hash alike, whatever their kinds.

use super::convert::decompose;
use super::{Int, Number};
use crate::bigint;
use crate::heap::Heap;
use crate::value::*;

/// A Mersenne prime: hashes are remainders modulo it, so that ints and the floats equal to them agree.
const PRIME_BITS: u32 = 31;
const PRIME: u32 = (1 << PRIME_BITS) - 1;

/// `n` modulo the prime.
fn reduce(n: u64) -> u32 {
    let n = (n & PRIME as u64) + (n >> PRIME_BITS);
    let n = ((n & PRIME as u64) + (n >> PRIME_BITS)) as u32;
    if n >= PRIME { n - PRIME } else { n }
}

fn signed(hash: u32, negative: bool) -> u32 {
    if negative { hash.wrapping_neg() } else { hash }
}

fn hash_int(int: &Int<'_>) -> u32 {
    let hash = match int.word {
        Some(n) => reduce(n.unsigned_abs()),
        // A limb is worth 2^32, which is 2 modulo the prime.
        None => int
            .limbs()
            .iter()
            .rev()
            .fold(0, |hash, limb: &bigint::Limb| reduce((hash as u64) << 32 | limb.get() as u64)),
    };
    signed(hash, int.negative)
}

fn hash_float(x: f64) -> u32 {
    if !x.is_finite() {
        return if x.is_nan() { 0 } else { signed(314_159, x < 0.0) };
    }
    let (mantissa, exponent) = decompose(x);
    // Multiplying by 2 modulo the prime rotates the 31 bits.
    let turn = exponent.rem_euclid(PRIME_BITS as i32) as u32;
    signed(reduce((reduce(mantissa) as u64) << turn), x < 0.0)
}

impl Heap {
    /// The hash of a number; `None` if the value is none.
    pub fn hash_number(&self, value: Val<'_>) -> Option<u32> {
        Some(match self.number(value)? {
            Number::Int(int) => hash_int(&int),
            Number::Float(x) => hash_float(x),
            Number::Complex(re, im) => hash_float(re).wrapping_add(hash_float(im).wrapping_mul(1_000_003)),
        })
    }
}
