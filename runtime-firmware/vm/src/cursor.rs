//! The interpreter's cursors over code and stack: one of the files with `unsafe`.
//!
//! They skip bounds checks, and rest on the verifier's proof (`mpy::verify`): a cursor over code is made only for a
//! Unit, whose code was verified, at the start of an instruction; a cursor over the stack moves by what instructions
//! push and pop, and a frame is entered only with room for its greatest depth. With the feature `checked-cursor` every
//! access is checked instead, so that tests and fuzzing find holes in that proof.

use core::cell::Cell;

/// A place in verified code.
#[derive(Clone, Copy)]
pub(crate) struct Ip<'c> {
    #[cfg(not(feature = "checked-cursor"))]
    at: *const u8,
    #[cfg(feature = "checked-cursor")]
    at: usize,
    code: &'c [u8],
}

impl<'c> Ip<'c> {
    /// A cursor at byte `offset` of the file whose bytes are `code`: an instruction's start in a verified function.
    #[inline(always)]
    pub(crate) fn new(code: &'c [u8], offset: u32) -> Ip<'c> {
        #[cfg(not(feature = "checked-cursor"))]
        {
            Ip { at: code.as_ptr().wrapping_add(offset as usize), code }
        }
        #[cfg(feature = "checked-cursor")]
        {
            Ip { at: offset as usize, code }
        }
    }

    /// Byte offset in the file.
    #[inline(always)]
    pub(crate) fn offset(self) -> u32 {
        #[cfg(not(feature = "checked-cursor"))]
        {
            (self.at as usize).wrapping_sub(self.code.as_ptr() as usize) as u32
        }
        #[cfg(feature = "checked-cursor")]
        {
            self.at as u32
        }
    }

    /// The byte here; the cursor moves on.
    #[inline(always)]
    pub(crate) fn byte(&mut self) -> u8 {
        let byte = self.peek();
        self.skip(1);
        byte
    }

    /// The byte here.
    #[inline(always)]
    pub(crate) fn peek(self) -> u8 {
        #[cfg(not(feature = "checked-cursor"))]
        {
            // SAFETY: verified code never runs off its end, and operands lie within it.
            unsafe { *self.at }
        }
        #[cfg(feature = "checked-cursor")]
        {
            self.code[self.at]
        }
    }

    /// Moves by so many bytes.
    #[inline(always)]
    pub(crate) fn skip(&mut self, bytes: isize) {
        #[cfg(not(feature = "checked-cursor"))]
        {
            self.at = self.at.wrapping_offset(bytes);
        }
        #[cfg(feature = "checked-cursor")]
        {
            self.at = self.at.wrapping_add_signed(bytes);
        }
    }

    /// An unsigned varint operand.
    #[inline(always)]
    pub(crate) fn uint(&mut self) -> u32 {
        let byte = self.byte();
        if byte & 0x80 == 0 {
            return u32::from(byte);
        }
        let mut value = u32::from(byte & 0x7f);
        loop {
            let byte = self.byte();
            value = value << 7 | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    /// A signed varint operand.
    #[inline(always)]
    pub(crate) fn int(&mut self) -> i32 {
        let mut value: u32 = if self.peek() & 0x40 != 0 { u32::MAX } else { 0 };
        loop {
            let byte = self.byte();
            value = value << 7 | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return value as i32;
            }
        }
    }

    /// A jump operand's distance from the instruction's end: signed (the two-byte form is biased by 0x4000).
    #[inline(always)]
    pub(crate) fn signed(&mut self) -> isize {
        let low = self.byte();
        if low & 0x80 == 0 {
            return isize::from(low) - 0x40;
        }
        (isize::from(low & 0x7f) | isize::from(self.byte()) << 7) - 0x4000
    }

    /// A jump operand that only goes forward.
    #[inline(always)]
    pub(crate) fn forward(&mut self) -> isize {
        let low = self.byte();
        if low & 0x80 == 0 {
            return isize::from(low);
        }
        isize::from(low & 0x7f) | isize::from(self.byte()) << 7
    }
}

/// The operand stack's top: the last pushed word. It grows downwards.
#[derive(Clone, Copy)]
pub(crate) struct Sp {
    #[cfg(not(feature = "checked-cursor"))]
    at: *const Cell<u32>,
    #[cfg(feature = "checked-cursor")]
    at: usize,
    words: &'static [Cell<u32>],
}

impl Sp {
    /// A cursor at word `index`.
    #[inline(always)]
    pub(crate) fn new(words: &'static [Cell<u32>], index: u32) -> Sp {
        #[cfg(not(feature = "checked-cursor"))]
        {
            Sp { at: words.as_ptr().wrapping_add(index as usize), words }
        }
        #[cfg(feature = "checked-cursor")]
        {
            Sp { at: index as usize, words }
        }
    }

    /// The word's index in the arena.
    #[inline(always)]
    pub(crate) fn index(self) -> u32 {
        #[cfg(not(feature = "checked-cursor"))]
        {
            ((self.at as usize).wrapping_sub(self.words.as_ptr() as usize) / 4) as u32
        }
        #[cfg(feature = "checked-cursor")]
        {
            self.at as u32
        }
    }

    #[inline(always)]
    fn cell(&self, n: isize) -> &Cell<u32> {
        #[cfg(not(feature = "checked-cursor"))]
        {
            // SAFETY: the verifier proved the depth before each instruction, so operand n exists; locals lie within
            // the frame, whose whole size was checked against the arena when it was entered.
            unsafe { &*self.at.wrapping_offset(n) }
        }
        #[cfg(feature = "checked-cursor")]
        {
            &self.words[self.at.wrapping_add_signed(n)]
        }
    }

    /// Operand `n` from the top.
    #[inline(always)]
    pub(crate) fn get(self, n: isize) -> u32 {
        self.cell(n).get()
    }

    /// Replaces operand `n` from the top.
    #[inline(always)]
    pub(crate) fn set(self, n: isize, word: u32) {
        self.cell(n).set(word);
    }

    /// Pushes.
    #[inline(always)]
    pub(crate) fn push(&mut self, word: u32) {
        self.drop(-1);
        self.set(0, word);
    }

    /// Pops.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> u32 {
        let word = self.get(0);
        self.drop(1);
        word
    }

    /// Forgets so many operands.
    #[inline(always)]
    pub(crate) fn drop(&mut self, count: isize) {
        #[cfg(not(feature = "checked-cursor"))]
        {
            self.at = self.at.wrapping_offset(count);
        }
        #[cfg(feature = "checked-cursor")]
        {
            self.at = self.at.wrapping_add_signed(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::boxed::Box;
    use std::vec;

    #[test]
    fn operands_read_as_the_format_says() {
        let code = [0x05, 0x81, 0x00, 0x7f, 0x3f, 0x80, 0x80, 0x02];
        let mut ip = Ip::new(&code, 0);
        assert_eq!((ip.uint(), ip.uint()), (5, 128));
        assert_eq!(ip.int(), -1);
        assert_eq!(ip.signed(), -1);
        assert_eq!(ip.offset(), 5);
        assert_eq!(mpy::varint::read_signed(&code, 5).map(|(distance, _)| distance), Ok(-0x4000 + 0x4000));
        assert_eq!(ip.signed(), 0);
    }

    #[test]
    fn the_stack_grows_down() {
        let memory: &'static mut [u32] = Box::leak(vec![0; 8].into_boxed_slice());
        let words = Cell::from_mut(memory).as_slice_of_cells();
        let mut sp = Sp::new(words, 8);
        sp.push(1);
        sp.push(2);
        assert_eq!((sp.get(0), sp.get(1), sp.index()), (2, 1, 6));
        assert_eq!(sp.pop(), 2);
        sp.drop(1);
        assert_eq!(sp.index(), 8);
    }
}
