//! The one block of memory: objects from below, the VM stack from above. One of the files with `unsafe`: it
//! reads words without a second bounds check, and shows raw objects as bytes.
//!
//! Invariant: `top <= sp <= words.len()`. Object accessors are bounded by `top` and stack accessors by `sp`, so
//! a stale or forged reference can at worst read a wrong object word: it can never reach the words below which
//! a frame keeps its instruction pointer.

use core::cell::Cell;

/// The arena: see the file's head.
pub struct Arena {
    words: &'static [Cell<u32>],
    /// First word that is not part of an object.
    top: Cell<u32>,
    /// The VM stack's last pushed word.
    sp: Cell<u32>,
    /// Lowest word that the running frame may push to: objects stay below it.
    floor: Cell<u32>,
    /// Words below the stack that new objects leave free: when objects have taken all memory, handlers can still
    /// call.
    headroom: Cell<u32>,
}

/// Words that objects leave to the stack.
const HEADROOM: u32 = 192;

#[cold]
#[inline(never)]
fn out_of_bounds() -> ! {
    panic!("reference outside the heap")
}

impl Arena {
    /// Takes the memory; at most 2^20 words are used (references to 4 MiB, sizes of 20 bits).
    pub(crate) fn new(memory: &'static mut [u32]) -> Arena {
        let words = Cell::from_mut(memory).as_slice_of_cells();
        let words = &words[..words.len().min((1 << 20) - 1)];
        let end = Cell::new(words.len() as u32);
        Arena { words, top: Cell::new(1), sp: end.clone(), floor: end, headroom: Cell::new(HEADROOM) }
    }

    /// Number of words.
    pub(crate) fn len(&self) -> u32 {
        self.words.len() as u32
    }

    /// First word that is not part of an object.
    #[inline(always)]
    pub(crate) fn top(&self) -> u32 {
        self.top.get()
    }

    /// Words that objects may still take.
    #[inline(always)]
    pub(crate) fn free(&self) -> u32 {
        self.sp.get().min(self.floor.get()).saturating_sub(self.top.get())
    }

    /// Keeps the words from `floor` on for the running frame; refuses (false) if objects are there already.
    pub(crate) fn set_floor(&self, floor: u32) -> bool {
        if floor < self.top.get() {
            return false;
        }
        self.floor.set(floor);
        true
    }

    /// Gives objects the words that are kept for the stack (`true`), or keeps them again.
    pub(crate) fn open_headroom(&self, open: bool) {
        self.headroom.set(if open { 0 } else { HEADROOM });
    }

    /// Moves the end of the objects; refuses (false) to come near the stack. Down is always possible.
    #[inline(always)]
    pub(crate) fn set_top(&self, top: u32) -> bool {
        if top.saturating_add(self.headroom.get()) > self.sp.get().min(self.floor.get()) && top > self.top.get() {
            return false;
        }
        self.top.set(top);
        true
    }

    /// The VM stack's last pushed word.
    #[inline(always)]
    pub(crate) fn sp(&self) -> u32 {
        self.sp.get()
    }

    /// Moves the stack pointer; refuses (false) to leave the arena or to enter the objects.
    #[inline(always)]
    pub(crate) fn set_sp(&self, sp: u32) -> bool {
        if sp < self.top.get() || sp > self.words.len() as u32 {
            return false;
        }
        self.sp.set(sp);
        true
    }

    /// Reads a word of an object.
    #[inline(always)]
    pub(crate) fn load(&self, index: u32) -> u32 {
        if index >= self.top.get() {
            out_of_bounds()
        }
        // SAFETY: index < top <= words.len().
        unsafe { self.words.get_unchecked(index as usize) }.get()
    }

    /// Writes a word of an object.
    #[inline(always)]
    pub(crate) fn store(&self, index: u32, word: u32) {
        if index >= self.top.get() {
            out_of_bounds()
        }
        // SAFETY: index < top <= words.len().
        unsafe { self.words.get_unchecked(index as usize) }.set(word)
    }

    /// Reads a word of the stack, `sp <= index < len`.
    #[inline(always)]
    pub(crate) fn stack_load(&self, index: u32) -> u32 {
        if index < self.sp.get() {
            out_of_bounds()
        }
        match self.words.get(index as usize) {
            Some(cell) => cell.get(),
            None => out_of_bounds(),
        }
    }

    /// Writes a word of the stack, `sp <= index < len`.
    #[inline(always)]
    pub(crate) fn stack_store(&self, index: u32, word: u32) {
        if index < self.sp.get() {
            out_of_bounds()
        }
        match self.words.get(index as usize) {
            Some(cell) => cell.set(word),
            None => out_of_bounds(),
        }
    }

    /// All words, for the collector and the cursors.
    #[inline(always)]
    pub(crate) fn words(&self) -> &'static [Cell<u32>] {
        self.words
    }

    /// The free words between objects and stack, as scratch memory for one call (the verifier's, say).
    pub(crate) fn with_gap<R>(&mut self, work: impl FnOnce(&mut [u32]) -> R) -> R {
        let (top, sp) = (self.top.get() as usize, self.sp.get() as usize);
        let gap = &self.words[top..sp];
        // SAFETY: `&mut self` excludes every accessor; Cell<u32> has the layout of u32; views made by `bytes`
        // borrow `&self` and therefore ended, and they never cover the gap.
        let gap = unsafe { core::slice::from_raw_parts_mut(gap.as_ptr() as *mut u32, gap.len()) };
        work(gap)
    }

    /// As [`Arena::with_gap`], beside the bytes of a raw object.
    pub(crate) fn with_bytes_and_gap<R>(
        &mut self,
        index: u32,
        length: u32,
        work: impl FnOnce(&[u8], &mut [u32]) -> R,
    ) -> R {
        let (top, sp) = (self.top.get() as usize, self.sp.get() as usize);
        let gap = &self.words[top..sp];
        // SAFETY: as in `with_gap`; the bytes lie below `top` (checked by `bytes`), the gap above it.
        let gap = unsafe { core::slice::from_raw_parts_mut(gap.as_ptr() as *mut u32, gap.len()) };
        work(self.bytes(index, length), gap)
    }

    /// As [`Arena::with_bytes_and_gap`], with the gap as bytes.
    pub(crate) fn with_bytes_and_room<R>(
        &mut self,
        index: u32,
        length: u32,
        work: impl FnOnce(&[u8], &mut [u8]) -> R,
    ) -> R {
        self.with_bytes_and_gap(index, length, |bytes, gap| {
            // SAFETY: the same memory, borrowed from `gap` for this call only; u8 has no invalid values and the
            // smallest alignment.
            let room = unsafe { core::slice::from_raw_parts_mut(gap.as_mut_ptr().cast::<u8>(), gap.len() * 4) };
            work(bytes, room)
        })
    }

    /// `length` bytes from word `index` on, within the objects.
    ///
    /// Only for objects that nobody writes after they were made (str, bytes, code); bytearray and array are read
    /// through [`Arena::cells`].
    #[inline]
    pub(crate) fn bytes(&self, index: u32, length: u32) -> &[u8] {
        let words = length.div_ceil(4);
        if index as u64 + words as u64 > self.top.get() as u64 {
            out_of_bounds()
        }
        let cells = &self.words[index as usize..(index + words) as usize];
        // SAFETY: the range lies within the slice; u8 has no invalid values; while the borrow of `self` lives
        // nothing collects (that takes `&mut`), and immutable raw objects are written only by `fill`, before
        // their reference is handed out.
        unsafe { core::slice::from_raw_parts(cells.as_ptr() as *const u8, length as usize) }
    }

    /// `length` bytes from word `index` on, within the objects, readable and writable.
    #[inline]
    pub(crate) fn cells(&self, index: u32, length: u32) -> &[Cell<u8>] {
        let words = length.div_ceil(4);
        if index as u64 + words as u64 > self.top.get() as u64 {
            out_of_bounds()
        }
        let cells = &self.words[index as usize..(index + words) as usize];
        // SAFETY: as in `bytes`; Cell<u8> may alias other Cell views, and those are the only views of mutable
        // raw objects.
        unsafe { core::slice::from_raw_parts(cells.as_ptr() as *const Cell<u8>, length as usize) }
    }
}
