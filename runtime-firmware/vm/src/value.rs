//! The 32-bit value word, and the three ways to hold one: `Val`, `Slot` and `Ret`.
//!
//! | low bits | meaning |
//! |---|---|
//! | `…1` | integer of 31 bits, MicroPython's range, so overflow to a big integer happens at the same places |
//! | `…00` | reference: byte offset of an object in the arena; 0 is NULL (unbound, or an error) |
//! | `…00 10` | name: a string by its number (qstr) |
//! | `…01 10` | singleton or internal marker |
//! | `…10 10` | object in ROM: function, type or module |
//! | `…11 10` | place in memory-mapped flash |
//!
//! Headers of heap objects also end in `10`, so that they are neither integer nor reference: the collector
//! threads references through them.

use core::marker::PhantomData;
use core::num::NonZeroU32;

/// The word of "no value": an unbound local, an absent attribute.
pub const NULL: u32 = 0;

/// Largest and smallest integer that fits a word.
pub const INT_MAX: i32 = (1 << 30) - 1;
/// See [`INT_MAX`].
pub const INT_MIN: i32 = -(1 << 30);

/// A value that may only live while nobody can collect: it borrows the heap, so keeping one across anything
/// that takes `&mut Vm` does not compile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Val<'h>(NonZeroU32, PhantomData<&'h ()>);

/// A word of the VM stack: a root, updated by the collector, safe to keep across anything while its frame lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot(pub(crate) u32);

/// An error is under way; its cause is in the heap. Zero-sized, so `Result<Val, Raised>` is one register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised;

/// The result of a native function, which only the dispatcher opens: it stores it before anything can move.
#[must_use]
#[derive(Clone, Copy, Debug)]
pub struct Ret(pub(crate) NonZeroU32);

const _: () = assert!(core::mem::size_of::<Result<Val<'static>, Raised>>() == 4);
const _: () = assert!(core::mem::size_of::<Result<Ret, Raised>>() == 4);

const fn special(n: u32) -> u32 {
    n << 4 | 0b0110
}

/// `None`.
pub const NONE: u32 = special(0);
/// `False`. Differs from `True` in one bit, so that a bool is made without a branch.
pub const FALSE: u32 = special(2);
/// `True`.
pub const TRUE: u32 = special(3);
/// `Ellipsis`.
pub const ELLIPSIS: u32 = special(4);
/// `NotImplemented`.
pub const NOT_IMPLEMENTED: u32 = special(5);

// Internal markers: no constant of a file and no operation of a program can make these.
/// What an iterator answers when it has ended.
pub(crate) const STOP: u32 = special(16);
/// A native function asks the dispatcher to make a call in its place.
pub(crate) const TAIL_CALL: u32 = special(17);
/// An unwinding `finally` is under way (the operand with which its handler is entered).
pub(crate) const UNWIND: u32 = special(18);
/// A native function asks for a generator to be resumed; see `generator.rs`.
pub(crate) const RESUME: u32 = special(20);
/// `__build_class__` asks for a class body to be run.
pub(crate) const BUILD_CLASS: u32 = special(21);
/// A table entry that was removed.
pub(crate) const DELETED: u32 = special(19);
/// Iterator slot kinds of GET_ITER_STACK, see `iterate.rs`.
pub(crate) const ITER_LIST: u32 = special(24);
pub(crate) const ITER_TUPLE: u32 = special(25);
pub(crate) const ITER_RANGE: u32 = special(26);
pub(crate) const ITER_STR: u32 = special(27);
pub(crate) const ITER_BYTES: u32 = special(28);
pub(crate) const ITER_KEYS: u32 = special(29);
pub(crate) const ITER_VALUES: u32 = special(30);
pub(crate) const ITER_ITEMS: u32 = special(31);
pub(crate) const ITER_BYTEARRAY: u32 = special(32);

/// The word of an integer, wrapping around outside [`INT_MIN`]`..=`[`INT_MAX`].
#[inline(always)]
pub const fn int_word(n: i32) -> u32 {
    (n as u32) << 1 | 1
}

/// True for the word of an integer.
#[inline(always)]
pub const fn is_int(word: u32) -> bool {
    word & 1 != 0
}

/// True if both words are integers.
#[inline(always)]
pub const fn both_int(a: u32, b: u32) -> bool {
    a & b & 1 != 0
}

/// The integer of a word for which [`is_int`] holds.
#[inline(always)]
pub const fn int_of(word: u32) -> i32 {
    word as i32 >> 1
}

/// True for references, NULL included.
#[inline(always)]
pub const fn is_ref(word: u32) -> bool {
    word & 3 == 0
}

/// The word of a bool.
#[inline(always)]
pub const fn bool_word(b: bool) -> u32 {
    FALSE | (b as u32) << 4
}

/// True for the word of a name.
#[inline(always)]
pub const fn is_name(word: u32) -> bool {
    word & 15 == 0b0010
}

/// The word of a name (a string that is known by number).
#[inline(always)]
pub const fn name_word(id: u16) -> u32 {
    (id as u32) << 4 | 0b0010
}

/// The number of a name word.
#[inline(always)]
pub const fn name_of(word: u32) -> u16 {
    (word >> 4) as u16
}

/// What a ROM word stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum RomKind {
    /// A builtin function or method: index of its member row.
    Function = 0,
    /// A builtin type: its class id.
    Type = 1,
    /// A builtin module: index of its row.
    Module = 2,
}

/// The word of a ROM object.
pub const fn rom_word(kind: RomKind, index: u16) -> u32 {
    (index as u32) << 8 | (kind as u32) << 4 | 0b1010
}

/// The kind and index of a ROM word.
#[inline(always)]
pub const fn rom_of(word: u32) -> Option<(RomKind, u16)> {
    if word & 15 != 0b1010 {
        return None;
    }
    let kind = match word >> 4 & 15 {
        0 => RomKind::Function,
        1 => RomKind::Type,
        _ => RomKind::Module,
    };
    Some((kind, (word >> 8) as u16))
}

/// The word of a place in flash: region number and byte offset (at most 16 MiB).
pub const fn flash_word(region: u8, offset: u32) -> u32 {
    offset << 8 | (region as u32 & 15) << 4 | 0b1110
}

/// Region and offset of a flash word.
pub const fn flash_of(word: u32) -> Option<(u8, u32)> {
    if word & 15 == 0b1110 { Some(((word >> 4 & 15) as u8, word >> 8)) } else { None }
}

impl<'h> Val<'h> {
    /// `None`.
    pub const NONE: Val<'static> = Val::constant(NONE);
    /// `False`.
    pub const FALSE: Val<'static> = Val::constant(FALSE);
    /// `True`.
    pub const TRUE: Val<'static> = Val::constant(TRUE);
    /// `Ellipsis`.
    pub const ELLIPSIS: Val<'static> = Val::constant(ELLIPSIS);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Val<'static> = Val::constant(NOT_IMPLEMENTED);
    /// What a native iterator's step answers at its end; never seen by a program.
    pub const STOP: Val<'static> = Val::constant(STOP);

    const fn constant(word: u32) -> Val<'static> {
        match NonZeroU32::new(word) {
            Some(word) => Val(word, PhantomData),
            None => panic!("a value is never NULL"),
        }
    }

    /// A value from its word; `None` for NULL. Only for words that are live now.
    #[inline(always)]
    pub(crate) const fn from_word(word: u32) -> Option<Val<'h>> {
        match NonZeroU32::new(word) {
            Some(word) => Some(Val(word, PhantomData)),
            None => None,
        }
    }

    /// The value's word.
    #[inline(always)]
    pub const fn word(self) -> u32 {
        self.0.get()
    }

    /// A small integer; the caller knows that it is in range. See `Heap::new_int` for any other.
    #[inline(always)]
    pub const fn int(n: i32) -> Val<'h> {
        match NonZeroU32::new(int_word(n)) {
            Some(word) => Val(word, PhantomData),
            None => panic!("integer words are odd"),
        }
    }

    /// A bool.
    #[inline(always)]
    pub const fn bool(b: bool) -> Val<'h> {
        if b { Val::TRUE } else { Val::FALSE }
    }

    /// A name.
    #[inline(always)]
    pub const fn name(id: u16) -> Val<'h> {
        match NonZeroU32::new(name_word(id)) {
            Some(word) => Val(word, PhantomData),
            None => panic!("name words end in 10"),
        }
    }

    /// A builtin type.
    pub const fn builtin_type(id: u16) -> Val<'h> {
        match NonZeroU32::new(rom_word(RomKind::Type, id)) {
            Some(word) => Val(word, PhantomData),
            None => panic!("ROM words end in 10"),
        }
    }

    /// The small integer, if it is one. Bools are not; see `Heap::as_int`.
    #[inline(always)]
    pub const fn small_int(self) -> Option<i32> {
        if is_int(self.0.get()) { Some(int_of(self.0.get())) } else { None }
    }

    /// True for a reference to a heap object.
    #[inline(always)]
    pub const fn is_heap(self) -> bool {
        is_ref(self.0.get())
    }

    /// True for `None`.
    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.0.get() == NONE
    }

    /// Index of the object's header word.
    #[inline(always)]
    pub(crate) const fn index(self) -> u32 {
        self.0.get() >> 2
    }

    /// Hands the value to the dispatcher as a native function's result.
    #[inline(always)]
    pub const fn ret(self) -> Ret {
        Ret(self.0)
    }
}

impl Ret {
    /// `None` as a result.
    pub const NONE: Ret = Val::NONE.ret();
    pub(crate) const TAIL_CALL: Ret = Val::constant(TAIL_CALL).ret();
    pub(crate) const RESUME: Ret = Val::constant(RESUME).ret();
    /// What the native `__build_class__` returns: the interpreter then runs the class body.
    pub const BUILD_CLASS: Ret = Val::constant(BUILD_CLASS).ret();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_different_kinds_differ_in_their_low_bits() {
        assert!(is_int(int_word(-1)) && !is_ref(int_word(-1)));
        assert_eq!(int_of(int_word(INT_MIN)), INT_MIN);
        assert_eq!(int_of(int_word(INT_MAX)), INT_MAX);
        for word in [NONE, TRUE, FALSE, STOP, name_word(0), name_word(u16::MAX), rom_word(RomKind::Type, 7)] {
            assert_eq!(word & 3, 2);
        }
        assert_eq!(bool_word(true), TRUE);
        assert_eq!(bool_word(false), FALSE);
        assert_eq!(rom_of(rom_word(RomKind::Module, 300)), Some((RomKind::Module, 300)));
        assert_eq!(flash_of(flash_word(3, 0x123456)), Some((3, 0x123456)));
        assert_eq!(flash_of(NONE), None);
    }
}
