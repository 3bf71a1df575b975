//! What the tests of this crate share: heaps over leaked memory, and repeatable random numbers.

use crate::{Heap, Rom};
use hal::FloatWidth;
use std::boxed::Box;

static ROM: Rom = crate::rom!(&[], &[], &[]);

/// A heap of `words` words with empty tables; its memory is never given back.
pub(crate) fn heap_of(words: usize, width: FloatWidth) -> Heap {
    Heap::new(Box::leak(std::vec![0u32; words].into_boxed_slice()), &ROM, width)
}

/// A heap of 1 MiB with double precision.
pub(crate) fn heap() -> Heap {
    heap_of(1 << 18, FloatWidth::Double)
}

/// Numbers that are the same on every run (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// 128 bits made of limbs that hit carries and guesses of quotients: zeros, ones, single bits, random.
    pub(crate) fn pattern(&mut self) -> u128 {
        let limbs = 1 + self.next() % 4;
        (0..limbs).fold(0, |n, _| {
            let bits = self.next();
            let limb = match bits >> 32 & 7 {
                0 => 0,
                1 => u32::MAX,
                2 => 1 << 31,
                3 => 1 << (bits & 31),
                4 => u32::MAX >> (bits & 31),
                5 => (bits & 3) as u32,
                _ => bits as u32,
            };
            n << 32 | limb as u128
        })
    }
}
