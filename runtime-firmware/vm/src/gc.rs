//! Mark, then slide-compact in place: no metadata, no free lists, the largest request is all free memory.
//!
//! Marking keeps its stack in the free gap and rescans the heap when the gap is too small. Compaction is
//! Jonkers' threading: while references to an object are being found they are chained through its header, so no
//! forwarding word is needed. Objects below the first dead one (the dense prefix) do not move and are only
//! scanned. All of it is index arithmetic over the arena's words; a bug here can damage objects but not memory.

use crate::heap::{Heap, ROOT_WORDS};
use crate::layout::{MARK, header, is_raw, size_of};
use crate::value::is_ref;
use core::cell::Cell;

/// Words of the arena, with the two ends of the objects.
struct Collector<'a> {
    words: &'a [Cell<u32>],
    base: usize,
    top: usize,
    sp: usize,
}

/// Collects: afterwards every object is alive and they lie without gaps from the arena's start.
pub(crate) fn collect(heap: &mut Heap) {
    let collector = Collector {
        words: heap.arena.words(),
        base: (1 + ROOT_WORDS) as usize,
        top: heap.arena.top() as usize,
        sp: heap.arena.sp() as usize,
    };
    collector.mark();
    heap.sweep_weak();
    let top = collector.compact();
    heap.arena.set_top(top as u32);
}

impl Collector<'_> {
    #[inline(always)]
    fn load(&self, index: usize) -> u32 {
        self.words[index].get()
    }

    #[inline(always)]
    fn store(&self, index: usize, word: u32) {
        self.words[index].set(word)
    }

    /// Marks the object that `word` refers to; returns its index if it must still be scanned.
    #[inline(always)]
    fn mark_word(&self, word: u32) -> Option<usize> {
        if !is_ref(word) || word == 0 {
            return None;
        }
        let index = (word >> 2) as usize;
        let head = self.load(index);
        if head & MARK != 0 {
            return None;
        }
        self.store(index, head | MARK);
        if is_raw(head) { None } else { Some(index) }
    }

    /// Marks everything reachable from the root words and the stack.
    fn mark(&self) {
        let mut overflowed = false;
        for index in (1..self.base).chain(self.sp..self.words.len()) {
            if let Some(object) = self.mark_word(self.load(index)) {
                overflowed |= self.scan(object);
            }
        }
        // The mark stack was too small: marked objects may have unmarked fields. Rescan until none has.
        while overflowed {
            overflowed = false;
            let mut index = self.base;
            while index < self.top {
                let head = self.load(index);
                let end = index + size_of(head);
                if head & MARK != 0 && !is_raw(head) {
                    for field in index + 1..end {
                        if let Some(object) = self.mark_word(self.load(field)) {
                            overflowed |= self.scan(object);
                        }
                    }
                }
                index = end;
            }
        }
    }

    /// Marks what is reachable from `object`, with a stack of (next field, end) pairs in the gap; true if the
    /// stack was too small.
    fn scan(&self, object: usize) -> bool {
        let mut overflowed = false;
        let mut depth = self.top;
        let (mut field, mut end) = (object + 1, object + size_of(self.load(object)));
        loop {
            while field < end {
                let word = self.load(field);
                field += 1;
                if let Some(inner) = self.mark_word(word) {
                    let inner_end = inner + size_of(self.load(inner));
                    if field < end {
                        if depth + 2 > self.sp {
                            overflowed = true;
                            continue;
                        }
                        self.store(depth, field as u32);
                        self.store(depth + 1, end as u32);
                        depth += 2;
                    }
                    (field, end) = (inner + 1, inner_end);
                }
            }
            if depth == self.top {
                return overflowed;
            }
            depth -= 2;
            (field, end) = (self.load(depth) as usize, self.load(depth + 1) as usize);
        }
    }

    /// If the word at `place` refers to an object at or above `from`, chains the place into the object's header.
    #[inline(always)]
    fn thread(&self, place: usize, from: usize) {
        let word = self.load(place);
        if is_ref(word) && word != 0 {
            let target = (word >> 2) as usize;
            if target >= from {
                self.store(place, self.load(target));
                self.store(target, (place << 2) as u32);
            }
        }
    }

    /// Gives every place chained to the object at `index` its new address; returns the header.
    #[inline(always)]
    fn unthread(&self, index: usize, new: usize) -> u32 {
        let mut word = self.load(index);
        while is_ref(word) {
            let place = (word >> 2) as usize;
            word = self.load(place);
            self.store(place, (new << 2) as u32);
        }
        self.store(index, word);
        word
    }

    fn thread_fields(&self, index: usize, head: u32, from: usize) {
        if !is_raw(head) {
            for field in index + 1..index + size_of(head) {
                self.thread(field, from);
            }
        }
    }

    /// Slides the marked objects down; returns the new top.
    fn compact(&self) -> usize {
        // Merge runs of dead objects, so that later passes step over them at once, and find the dense prefix.
        let (mut index, mut first) = (self.base, self.top);
        while index < self.top {
            let head = self.load(index);
            if head & MARK != 0 {
                index += size_of(head);
                continue;
            }
            let start = index;
            while index < self.top && self.load(index) & MARK == 0 {
                index += size_of(self.load(index));
            }
            self.store(start, header(crate::layout::Tag::Free, (index - start) as u32));
            first = first.min(start);
        }
        for index in (1..self.base).chain(self.sp..self.words.len()) {
            self.thread(index, first);
        }
        index = self.base;
        while index < first {
            let head = self.load(index) & !MARK;
            self.store(index, head);
            self.thread_fields(index, head, first);
            index += size_of(head);
        }
        // Forward: references from below are known when an object is reached; chain its own fields.
        let mut new = first;
        index = first;
        while index < self.top {
            let word = self.load(index);
            // A chained header is a reference, an unchained one carries the mark.
            if is_ref(word) || word & MARK != 0 {
                let head = self.unthread(index, new);
                self.thread_fields(index, head, first);
                index += size_of(head);
                new += size_of(head);
            } else {
                index += size_of(word);
            }
        }
        // Slide: references from above (and from the object to itself) are known now.
        new = first;
        index = first;
        while index < self.top {
            let word = self.load(index);
            if is_ref(word) || word & MARK != 0 {
                let head = self.unthread(index, new);
                let size = size_of(head);
                self.store(new, head & !MARK);
                for offset in 1..size {
                    self.store(new + offset, self.load(index + offset));
                }
                index += size;
                new += size;
            } else {
                index += size_of(word);
            }
        }
        new
    }
}
