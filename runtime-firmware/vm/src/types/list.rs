//! `list`: methods, constructor, slices.

use super::protocol;
use super::slice::Indices;
use crate::Args;
use crate::class_id;
use crate::heap::{Cause, Heap};
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    protocol::CONTAINS,
    protocol::GET,
    protocol::ITER,
    protocol::LEN,
    protocol::SET,
    protocol::DELETE,
    Row("__init__", Member::Keywords(init)),
    Row("append", Member::Leaf(append, 2, 2)),
    Row("clear", Member::Leaf(clear, 1, 1)),
    Row("copy", Member::Leaf(copy, 1, 1)),
    Row("count", Member::General(count, 2, 2)),
    Row("extend", Member::General(extend, 2, 2)),
    Row("index", Member::General(index, 2, 4)),
    Row("insert", Member::Leaf(insert, 3, 3)),
    Row("pop", Member::Leaf(pop, 1, 2)),
    Row("remove", Member::General(remove, 2, 2)),
    Row("reverse", Member::Leaf(reverse, 1, 1)),
    Row("sort", Member::Keywords(super::sort::sort)),
];

impl Heap {
    /// A list argument; of an instance of a class that extends list, the list.
    pub(crate) fn expect_list<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        let value = self.native_part(value);
        if self.is_list(value) {
            return Ok(value);
        }
        Err(self.error_about(class_id::TYPE_ERROR, "expected list, not {t}", value, Val::NONE))
    }

    /// Turns a list around.
    pub(crate) fn list_reverse(&self, list: Val<'_>) {
        let length = self.list_len(list);
        let Some(items) = self.field(list, 1) else { return };
        for index in 0..length / 2 {
            let (a, b) = (self.word(items, index), self.word(items, length - 1 - index));
            self.set_word(items, index, b);
            self.set_word(items, length - 1 - index, a);
        }
    }

    /// A new list of some items of a list.
    pub(crate) fn list_slice<'h>(&'h self, list: Val<'h>, indices: Indices) -> Result<Val<'h>, Raised> {
        let count = indices.count();
        let new = self.new_list(count)?;
        let (Some(from), Some(to)) = (self.field(list, 1), self.field(new, 1)) else { return Ok(new) };
        for index in 0..count {
            self.set_word(to, index, self.word(from, indices.at(index)));
        }
        self.set_int_field(new, 0, count as i32);
        Ok(new)
    }

    /// `list[slice] = items`, of a list or tuple. ValueError if an extended slice has another length.
    pub(crate) fn list_assign_slice(&self, list: Val<'_>, indices: Indices, items: Val<'_>) -> Result<(), Raised> {
        let new = self.sequence_len(items);
        if indices.step == 1 {
            return self.list_splice(list, indices.start as u32, indices.count(), items);
        }
        if indices.count() != new {
            let text = "attempt to assign sequence of size {} to extended slice of size {}";
            let (new, old) = (Val::int(new as i32), Val::int(indices.count() as i32));
            return Err(self.error_about(class_id::VALUE_ERROR, text, new, old));
        }
        // `a[::2] = a` reads what it writes.
        let items = if items == list { self.list_slice(list, whole(new))? } else { items };
        for index in 0..new {
            self.list_set(list, indices.at(index), self.sequence_get(items, index));
        }
        Ok(())
    }

    /// `del list[slice]`.
    pub(crate) fn list_delete_slice(&self, list: Val<'_>, indices: Indices) {
        let count = indices.count();
        let Some(items) = self.field(list, 1).filter(|_| count > 0) else { return };
        let length = self.list_len(list);
        let (low, step) = if indices.step > 0 {
            (indices.at(0), indices.step as u32)
        } else {
            (indices.at(count - 1), indices.step.unsigned_abs())
        };
        let mut target = low;
        for source in low..length {
            let distance = source - low;
            if distance % step == 0 && distance / step < count {
                continue;
            }
            self.set_word(items, target, self.word(items, source));
            target += 1;
        }
        self.list_truncate(list, target);
    }

    /// Replaces the items at `start .. start + removed` by those of another list or tuple (or of itself).
    pub(crate) fn list_splice(&self, list: Val<'_>, start: u32, removed: u32, new: Val<'_>) -> Result<(), Raised> {
        let length = self.list_len(list);
        let added = self.sequence_len(new);
        let new = if new == list && removed != 0 { self.list_slice(list, whole(length))? } else { new };
        if added > removed {
            self.list_reserve(list, added - removed)?;
        }
        let Some(items) = self.field(list, 1) else { return Ok(()) };
        let source = if new == list { items } else { new };
        let tail = start + removed;
        if added > removed && new != list {
            for index in (tail..length).rev() {
                self.set_word(items, index + added - removed, self.word(items, index));
            }
        } else if new == list {
            // Only `a.extend(a)` and insertions of itself come here: shift, then copy what lies before and behind.
            for index in (tail..length).rev() {
                self.set_word(items, index + added, self.word(items, index));
            }
            for index in 0..added {
                let from = if index < start { index } else { index + added };
                self.set_word(items, start + index, self.word(items, from));
            }
            self.set_int_field(list, 0, (length + added) as i32);
            return Ok(());
        } else {
            for index in tail..length {
                self.set_word(items, index - removed + added, self.word(items, index));
            }
        }
        for index in 0..added {
            self.set_field(items, start + index, self.sequence_get(source, index));
        }
        let end = length - removed + added;
        for index in end..length {
            self.set_word(items, index, NULL);
        }
        self.set_int_field(list, 0, end as i32);
        Ok(())
    }

    /// `a + b` of two lists.
    pub(crate) fn list_concat<'h>(&'h self, a: Val<'h>, b: Val<'h>) -> Result<Val<'h>, Raised> {
        let new = self.new_list(self.list_len(a) + self.list_len(b))?;
        self.list_splice(new, 0, 0, a)?;
        self.list_splice(new, self.list_len(a), 0, b)?;
        Ok(new)
    }

    /// `list * count`.
    pub(crate) fn list_repeat<'h>(&'h self, list: Val<'h>, count: i64) -> Result<Val<'h>, Raised> {
        let length = self.list_len(list);
        let count = count.clamp(0, u32::MAX as i64) as u32;
        let new = self.new_list(length.saturating_mul(count))?;
        let (Some(from), Some(to)) = (self.field(list, 1), self.field(new, 1)) else { return Ok(new) };
        for index in 0..length * count {
            self.set_word(to, index, self.word(from, index % length));
        }
        self.set_int_field(new, 0, (length * count) as i32);
        Ok(new)
    }

    /// Appends the items of a walkable container.
    pub(crate) fn list_extend(&self, list: Val<'_>, items: Val<'_>) -> Result<(), Raised> {
        let plain = self.is_list(items) || self.is_tuple(items);
        let items = if plain { items } else { self.list_of(items)? };
        self.list_splice(list, self.list_len(list), 0, items)
    }

    /// Place of an index in a sequence; `None` outside.
    pub(crate) fn place_of(&self, index: i32, length: u32) -> Option<u32> {
        let place = if index < 0 { index as i64 + length as i64 } else { index as i64 };
        u32::try_from(place).ok().filter(|place| *place < length)
    }
}

fn whole(length: u32) -> Indices {
    Indices { start: 0, stop: length as i32, step: 1 }
}

impl Vm<'_> {
    /// Position of the first item from `start` to `stop` that equals `value`, in a list or tuple.
    pub(crate) fn sequence_find(
        &mut self,
        sequence: Slot,
        value: Slot,
        start: u32,
        stop: u32,
    ) -> Result<Option<u32>, Raised> {
        let item = self.temp()?;
        let mut found = None;
        let mut index = start;
        // The length is asked again each time: `__eq__` may change the list.
        while index < stop.min(self.heap.sequence_len(self.heap.get(sequence))) {
            let candidate = self.heap.sequence_get(self.heap.get(sequence), index);
            let native = if candidate == self.heap.get(value) {
                Ok(true)
            } else {
                self.heap.equal(candidate, self.heap.get(value))
            };
            let equal = match native {
                Err(_) if self.heap.cause.get() == Cause::NeedVm => {
                    self.heap.set(item, candidate);
                    self.equal(item, value)?
                }
                done => done?,
            };
            if equal {
                found = Some(index);
                break;
            }
            index += 1;
        }
        self.pop_temp(item);
        Ok(found)
    }

    /// How often a value is in a list or tuple.
    pub(crate) fn sequence_count(&mut self, sequence: Slot, value: Slot) -> Result<i32, Raised> {
        let (mut count, mut from) = (0, 0);
        while let Some(at) = self.sequence_find(sequence, value, from, u32::MAX)? {
            count += 1;
            from = at + 1;
        }
        Ok(count)
    }

    /// `index(value, start, stop)` of lists and tuples; the receiver's slot holds the list or tuple itself.
    pub(crate) fn sequence_index(&mut self, args: Args) -> Result<Option<u32>, Raised> {
        let heap = &*self.heap;
        let length = heap.sequence_len(heap.arg(args, 0));
        let start = heap.position_argument(heap.optional_arg(args, 2), 0, length)?;
        let stop = heap.position_argument(heap.optional_arg(args, 3), length, length)?;
        self.sequence_find(args.slot(0), args.slot(1), start, stop)
    }
}

/// Puts the list of the first argument into its slot, where a class of the program extends list.
fn receiver(vm: &mut Vm<'_>, args: Args) -> Result<Slot, Raised> {
    let list = vm.heap.expect_list(vm.heap.arg(args, 0))?;
    vm.heap.set(args.slot(0), list);
    Ok(args.slot(0))
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    vm.heap.bind_slots(args, &[""], 0)?;
    if args.count() == 0 {
        return vm.make_ret(|heap| heap.new_list(0));
    }
    vm.walk_argument(args, 0, |heap| heap.list_of(heap.arg(args, 0)))
}

fn init(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.heap.bind_slots(args, &["", ""], 1)?;
    vm.walk_argument(args, 1, |heap| {
        let list = heap.expect_list(heap.arg(args, 0))?;
        let items = match heap.optional_arg(args, 1) {
            Some(items) => heap.list_of(items)?,
            None => heap.new_tuple(0)?,
        };
        heap.list_splice(list, 0, heap.list_len(list), items)?;
        Ok(Val::NONE)
    })
}

fn append(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.list_push(heap.expect_list(heap.arg(args, 0))?, heap.arg(args, 1))?;
    Ok(Val::NONE)
}

fn clear(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let list = heap.expect_list(heap.arg(args, 0))?;
    heap.set_int_field(list, 0, 0);
    heap.set_word(list, 1, NULL);
    Ok(Val::NONE)
}

fn copy(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let list = heap.expect_list(heap.arg(args, 0))?;
    heap.list_slice(list, whole(heap.list_len(list)))
}

fn count(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let list = receiver(vm, args)?;
    Ok(Val::int(vm.sequence_count(list, args.slot(1))?).ret())
}

fn index(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    receiver(vm, args)?;
    match vm.sequence_index(args)? {
        Some(at) => Ok(Val::int(at as i32).ret()),
        None => Err(vm.heap.error_about(class_id::VALUE_ERROR, "{} is not in list", vm.heap.arg(args, 1), Val::NONE)),
    }
}

fn extend(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.walk_argument(args, 1, |heap| {
        heap.list_extend(heap.expect_list(heap.arg(args, 0))?, heap.arg(args, 1))?;
        Ok(Val::NONE)
    })
}

fn insert(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let list = heap.expect_list(heap.arg(args, 0))?;
    let length = heap.list_len(list);
    heap.expect_int(heap.arg(args, 1))?;
    let place = heap.position_argument(Some(heap.arg(args, 1)), 0, length)?;
    heap.list_push(list, heap.arg(args, 2))?;
    let Some(items) = heap.field(list, 1) else { return Ok(Val::NONE) };
    for index in (place..length).rev() {
        heap.set_word(items, index + 1, heap.word(items, index));
    }
    heap.set_field(items, place, heap.arg(args, 2));
    Ok(Val::NONE)
}

fn pop(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let list = heap.expect_list(heap.arg(args, 0))?;
    let length = heap.list_len(list);
    let index = match heap.optional_arg(args, 1) {
        Some(index) => heap.expect_int(index)?,
        None => -1,
    };
    let place = heap.place_of(index, length);
    let (Some(place), Some(item)) = (place, place.and_then(|place| heap.list_get(list, place))) else {
        let text = if length == 0 { "pop from empty list" } else { "pop index out of range" };
        return Err(heap.error(class_id::INDEX_ERROR, text));
    };
    heap.list_delete_slice(list, Indices { start: place as i32, stop: place as i32 + 1, step: 1 });
    Ok(item)
}

fn remove(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let list = receiver(vm, args)?;
    match vm.sequence_find(list, args.slot(1), 0, u32::MAX)? {
        Some(at) => {
            let indices = Indices { start: at as i32, stop: at as i32 + 1, step: 1 };
            vm.heap.list_delete_slice(vm.heap.get(list), indices);
            Ok(Ret::NONE)
        }
        None => Err(vm.heap.value_error("list.remove(x): x not in list")),
    }
}

fn reverse(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.list_reverse(heap.expect_list(heap.arg(args, 0))?);
    Ok(Val::NONE)
}
