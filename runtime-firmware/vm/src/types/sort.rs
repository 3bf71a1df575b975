//! `list.sort`: a stable merge sort over items that compare natively. All else is sorted by the prelude, in Python.

use crate::Args;
use crate::class_id;
use crate::heap::{Cause, Heap};
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;
use core::cmp::Ordering;

/// Runs up to this long are sorted by insertion.
const RUN: u32 = 8;

/// Why a native sort ended early. The list is a permutation of what it was.
enum Stop {
    /// Two items need Python to be compared, or cannot be compared.
    Incomparable,
    Raised(Raised),
}

/// The arrays that move together: keys, and the items they belong to where these are not their own keys.
#[derive(Clone, Copy)]
struct Rows<'h> {
    heap: &'h Heap,
    keys: Val<'h>,
    items: Option<Val<'h>>,
    /// Room for half the rows, keys first.
    scratch: Val<'h>,
    half: u32,
    reverse: bool,
}

impl<'h> Rows<'h> {
    fn key(&self, index: u32) -> Val<'h> {
        self.heap.value(self.keys, index)
    }

    /// True if a row with key `b` must come before one with key `a` that stands before it.
    fn swaps(&self, a: Val<'h>, b: Val<'h>) -> Result<bool, Stop> {
        let (low, high) = if self.reverse { (b, a) } else { (a, b) };
        match self.heap.order(high, low) {
            Ok(Some(order)) => Ok(order == Some(Ordering::Less)),
            Ok(None) => Err(Stop::Incomparable),
            Err(_) if self.heap.cause.get() == Cause::NeedVm => Err(Stop::Incomparable),
            Err(raised) => Err(Stop::Raised(raised)),
        }
    }

    fn copy(&self, from: u32, to: u32) {
        let heap = self.heap;
        heap.set_word(self.keys, to, heap.word(self.keys, from));
        if let Some(items) = self.items {
            heap.set_word(items, to, heap.word(items, from));
        }
    }

    fn save(&self, from: u32, to: u32) {
        let heap = self.heap;
        heap.set_word(self.scratch, to, heap.word(self.keys, from));
        if let Some(items) = self.items {
            heap.set_word(self.scratch, self.half + to, heap.word(items, from));
        }
    }

    fn restore(&self, from: u32, to: u32) {
        let heap = self.heap;
        heap.set_word(self.keys, to, heap.word(self.scratch, from));
        if let Some(items) = self.items {
            heap.set_word(items, to, heap.word(self.scratch, self.half + from));
        }
    }

    fn insertion(&self, start: u32, end: u32) -> Result<(), Stop> {
        for index in start + 1..end {
            self.save(index, 0);
            let key = self.heap.value(self.scratch, 0);
            let mut place = index;
            let mut stopped = Ok(());
            while place > start {
                match self.swaps(self.key(place - 1), key) {
                    Ok(true) => self.copy(place - 1, place),
                    Ok(false) => break,
                    Err(stop) => {
                        stopped = Err(stop);
                        break;
                    }
                }
                place -= 1;
            }
            self.restore(0, place);
            stopped?;
        }
        Ok(())
    }

    /// Merges two sorted runs that lie side by side.
    fn merge(&self, start: u32, middle: u32, end: u32) -> Result<(), Stop> {
        if !self.swaps(self.key(middle - 1), self.key(middle))? {
            return Ok(());
        }
        for index in start..middle {
            self.save(index, index - start);
        }
        let (mut left, mut right, mut target) = (0, middle, start);
        let mut stopped = Ok(());
        while left < middle - start && right < end {
            match self.swaps(self.heap.value(self.scratch, left), self.key(right)) {
                Ok(true) => {
                    self.copy(right, target);
                    right += 1;
                }
                Ok(false) => {
                    self.restore(left, target);
                    left += 1;
                }
                Err(stop) => {
                    stopped = Err(stop);
                    break;
                }
            }
            target += 1;
        }
        while left < middle - start {
            self.restore(left, target);
            left += 1;
            target += 1;
        }
        stopped
    }

    fn sort(&self, length: u32) -> Result<(), Stop> {
        let mut start = 0;
        while start < length {
            self.insertion(start, (start + RUN).min(length))?;
            start += RUN;
        }
        let mut width = RUN;
        while width < length {
            let mut start = 0;
            while start + width < length {
                self.merge(start, start + width, (start + 2 * width).min(length))?;
                start += 2 * width;
            }
            width *= 2;
        }
        Ok(())
    }
}

impl Heap {
    /// Sorts a list by its items, or by a second list of keys of the same length, which is sorted with it. False if
    /// two keys cannot be compared natively: both lists are then permutations of what they were.
    pub(crate) fn sort_list(&self, list: Val<'_>, keys: Option<Val<'_>>, reverse: bool) -> Result<bool, Raised> {
        let length = self.list_len(list);
        if length < 2 || keys.is_some_and(|keys| self.list_len(keys) != length) {
            return Ok(length < 2);
        }
        // The left run of a merge is a power of two times RUN, so at most the largest one below the length.
        let mut half = RUN;
        while half * 2 < length {
            half *= 2;
        }
        let scratch = self.alloc(Tag::Items, if keys.is_some() { 2 * half } else { half })?;
        let items = self.value(list, 1);
        let rows = match keys {
            Some(keys) => Rows { heap: self, keys: self.value(keys, 1), items: Some(items), scratch, half, reverse },
            None => Rows { heap: self, keys: items, items: None, scratch, half, reverse },
        };
        match rows.sort(length) {
            Ok(()) => Ok(true),
            Err(Stop::Incomparable) => Ok(false),
            Err(Stop::Raised(raised)) => Err(raised),
        }
    }

    /// The first two neighbours of a list that no method of a program could compare, for the error message.
    fn unordered_pair<'h>(&'h self, list: Val<'h>) -> Option<(Val<'h>, Val<'h>)> {
        let item = |index| self.list_get(list, index).unwrap_or(Val::NONE);
        if (0..self.list_len(list)).any(|index| {
            let item = item(index);
            self.is(item, Tag::Instance) || self.is_list(item) || self.is_tuple(item)
        }) {
            return None;
        }
        (1..self.list_len(list))
            .find(|index| matches!(self.order(item(*index), item(index - 1)), Ok(None)))
            .map(|index| (item(index), item(index - 1)))
    }
}

/// `sort(key=None, reverse=False)`.
pub(super) fn sort(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if args.count() > 1 {
        return Err(vm.heap.type_error("sort() takes no positional arguments"));
    }
    let [receiver, key, reverse] = vm.heap.bind_slots(args, &["", "key", "reverse"], 1)?;
    let list = receiver.unwrap_or(args.slot(0));
    let own = vm.heap.expect_list(vm.heap.get(list))?;
    vm.heap.set(list, own);
    let key = key.filter(|key| !vm.heap.get(*key).is_none());
    let descending = match reverse {
        Some(reverse) => vm.truth(reverse)?,
        None => false,
    };
    if key.is_none() {
        if vm.retry(|heap| heap.sort_list(heap.get(list), None, descending))? {
            return Ok(Ret::NONE);
        }
        if let Some((a, b)) = vm.heap.unordered_pair(vm.heap.get(list)) {
            let text = "'<' not supported between instances of '{t}' and '{t}'";
            return Err(vm.heap.error_about(class_id::TYPE_ERROR, text, a, b));
        }
    }
    let key = match key {
        Some(key) => key,
        None => vm.temp()?,
    };
    let flag = vm.temp()?;
    vm.heap.set(flag, Val::bool(descending));
    vm.tail_prelude(args, crate::names::SORT_LIST, &[list, key, flag])
}
