//! The arguments of a native function: where they lie on the VM stack.

use crate::value::Slot;

/// The callee's word is at `base`; positional arguments lie below it, then keyword names and values in turn.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    pub(crate) base: u32,
    pub(crate) positional: u16,
    pub(crate) keywords: u16,
}

impl Args {
    /// Number of positional arguments.
    #[inline(always)]
    pub fn count(self) -> u32 {
        self.positional as u32
    }

    /// Number of keyword arguments.
    pub fn keyword_count(self) -> u32 {
        self.keywords as u32
    }

    /// The slot of positional argument `index`.
    #[inline(always)]
    pub fn slot(self, index: u32) -> Slot {
        Slot(self.base - 1 - index)
    }

    /// The slot of the callee: the function, or the class whose constructor runs.
    pub fn callee(self) -> Slot {
        Slot(self.base)
    }

    /// The slot of the name of keyword argument `index`.
    pub fn keyword_slot(self, index: u32) -> Slot {
        Slot(self.base - 1 - self.positional as u32 - 2 * index)
    }

    /// The slot of the value of keyword argument `index`.
    pub fn keyword_value_slot(self, index: u32) -> Slot {
        Slot(self.base - 2 - self.positional as u32 - 2 * index)
    }

    /// The last slot that the arguments use.
    pub(crate) fn end(self) -> u32 {
        self.base - self.positional as u32 - 2 * self.keywords as u32
    }
}
