//! Text of ints of any size, in any radix from 2 to 36.

use super::integer::Int;
use crate::bigint;
use crate::heap::Heap;
use crate::value::*;

/// Digits of the longest text of a number that fits a word of 64 bits: binary.
pub(crate) const LONGEST_WORD_TEXT: usize = 64;

/// Writes `n` without sign, at least `width` digits; the text ends up at the end of `buffer`.
pub(crate) fn word_text(mut n: u64, radix: u32, width: usize, buffer: &mut [u8; LONGEST_WORD_TEXT]) -> &[u8] {
    let radix = radix.clamp(2, 36);
    let mut start = buffer.len();
    while let Some(place) = start.checked_sub(1).and_then(|index| buffer.get_mut(index)) {
        if n == 0 && buffer_len(start) >= width.max(1) {
            break;
        }
        let digit;
        if n >> 32 == 0 {
            // Most numbers are short, and few processors divide 64 bits.
            digit = n as u32 % radix;
            n = (n as u32 / radix) as u64;
        } else {
            digit = (n % radix as u64) as u32;
            n /= radix as u64;
        }
        *place = b"0123456789abcdefghijklmnopqrstuvwxyz"[digit as usize % 36];
        start -= 1;
    }
    buffer.get(start..).unwrap_or(&[])
}

const fn buffer_len(start: usize) -> usize {
    LONGEST_WORD_TEXT - start
}

impl Heap {
    /// Writes an int in base `radix`, with `-` before a negative one. Other values write nothing. Needs scratch
    /// memory for large ints, and then fails before it has written anything.
    pub fn int_text(&self, value: Val<'_>, radix: u32, out: &mut dyn FnMut(&[u8])) -> Result<(), Raised> {
        let Some(int) = self.int_operand(value) else { return Ok(()) };
        if int.word.is_some() {
            if int.negative {
                out(b"-");
            }
            return self.magnitude_text(&int, radix, out);
        }
        let mut signed = int.negative;
        self.magnitude_text(&int, radix, &mut |text| {
            if core::mem::take(&mut signed) {
                out(b"-");
            }
            out(text);
        })
    }

    /// As [`Heap::int_text`], without sign.
    pub(crate) fn magnitude_text(&self, int: &Int<'_>, radix: u32, out: &mut dyn FnMut(&[u8])) -> Result<(), Raised> {
        let radix = radix.clamp(2, 36);
        let mut buffer = [0; LONGEST_WORD_TEXT];
        if let Some(n) = int.word {
            out(word_text(n.unsigned_abs(), radix, 1, &mut buffer));
            return Ok(());
        }
        let limbs = int.limbs();
        if radix.is_power_of_two() {
            bits_text(limbs, radix.trailing_zeros(), out);
            return Ok(());
        }
        // Chunks of as many digits as fit a limb. The number shrinks at the bottom of the scratch object while
        // the chunks, least significant first, grow from its top down: each takes at most 32/24 limbs of what the
        // division took away (radix 36; 9 decimal digits are 29.9 bits).
        let (mut chunk, mut digits) = (radix, 1);
        while let Some(next) = chunk.checked_mul(radix) {
            (chunk, digits) = (next, digits + 1);
        }
        let scratch = self.new_limbs(limbs.len() + limbs.len() / 3 + 3)?;
        let room = self.limbs(scratch);
        bigint::shift_left(limbs, 0, room);
        let (mut length, mut end) = (limbs.len(), room.len());
        while length > 0 {
            let rest = bigint::divide_small(room.get(..length).unwrap_or(&[]), chunk);
            while length > 0 && bigint::limb(room, length - 1) == 0 {
                length -= 1;
            }
            end = end.saturating_sub(1);
            if let Some(place) = room.get(end) {
                place.set(rest);
            }
        }
        for (index, place) in room.get(end..).unwrap_or(&[]).iter().enumerate() {
            let width = if index == 0 { 1 } else { digits };
            out(word_text(place.get() as u64, radix, width, &mut buffer));
        }
        self.discard(scratch);
        Ok(())
    }

    /// Number of digits of the magnitude in base `radix`.
    pub(crate) fn int_digits(&self, int: &Int<'_>, radix: u32) -> Result<usize, Raised> {
        if radix.is_power_of_two() {
            return Ok((int.bit_length().div_ceil(radix.trailing_zeros().max(1)) as usize).max(1));
        }
        let mut count = 0;
        self.magnitude_text(int, radix, &mut |text| count += text.len())?;
        Ok(count)
    }
}

/// Digits of `width` bits each, from the highest down.
fn bits_text(limbs: &bigint::Limbs, width: u32, out: &mut dyn FnMut(&[u8])) {
    let count = bigint::bit_length(limbs).div_ceil(width);
    for position in (0..count).rev() {
        let (index, shift) = ((position * width / 32) as usize, position * width % 32);
        let pair = (bigint::limb(limbs, index + 1) as u64) << 32 | bigint::limb(limbs, index) as u64;
        let digit = (pair >> shift) as usize & ((1 << width) - 1);
        out(&[b"0123456789abcdefghijklmnopqrstuvwxyz"[digit % 36]]);
    }
}
