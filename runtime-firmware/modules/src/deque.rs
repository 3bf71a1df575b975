//! `collections.deque`: a ring of items, with or without a greatest length.

use crate::class_id::DEQUE;
use vm::{Args, Heap, Member, Raised, Ret, Row, Slot, TypeDef, Val, Vm, class_id};

/// Fields: the ring (a list whose length is its capacity), place of the first item, number of items, greatest
/// length or `None`.
pub(crate) const TYPES: &[TypeDef] = &[TypeDef {
    id: DEQUE,
    name: "deque",
    base: class_id::OBJECT,
    members: &[
        Row("__contains__", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"contains"), 2, 2)),
        Row("__eq__", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"deque_equal"), 2, 2)),
        Row("__getitem__", Member::Leaf(get_item, 2, 2)),
        Row("__iter__", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"deque_iterate"), 1, 1)),
        Row("__len__", Member::Leaf(|heap, args| Ok(Val::int(Ring::of(heap, args)?.length as i32)), 1, 1)),
        Row("__new__", Member::Keywords(new)),
        Row("__repr__", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"deque_repr"), 1, 1)),
        Row("__setitem__", Member::Leaf(set_item, 3, 3)),
        Row("append", Member::Leaf(append, 2, 2)),
        Row("appendleft", Member::Leaf(append_left, 2, 2)),
        Row("clear", Member::Leaf(clear, 1, 1)),
        Row("copy", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"deque_copy"), 1, 1)),
        Row("count", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"deque_count"), 2, 2)),
        Row("extend", Member::General(|vm, args| extend(vm, args, false), 2, 2)),
        Row("extendleft", Member::General(|vm, args| extend(vm, args, true), 2, 2)),
        Row("index", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"deque_index"), 2, 2)),
        Row("maxlen", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 3)))),
        Row("pop", Member::Leaf(pop, 1, 1)),
        Row("popleft", Member::Leaf(pop_left, 1, 1)),
        Row("remove", Member::General(|vm, args| vm.forward_to_prelude_as(args, b"deque_remove"), 2, 2)),
        Row("reverse", Member::Leaf(reverse, 1, 1)),
        Row("rotate", Member::Leaf(rotate, 1, 2)),
    ],
}];

pub(crate) const MEMBERS: &[Row] = &[Row("deque", Member::Type(DEQUE))];

/// A deque, looked at for one call.
#[derive(Clone, Copy)]
struct Ring<'h> {
    heap: &'h Heap,
    object: Val<'h>,
    items: Val<'h>,
    first: u32,
    length: u32,
    limit: Option<u32>,
}

impl<'h> Ring<'h> {
    fn of(heap: &'h Heap, args: Args) -> Result<Ring<'h>, Raised> {
        Ring::at(heap, args.slot(0))
    }

    fn at(heap: &'h Heap, slot: Slot) -> Result<Ring<'h>, Raised> {
        let object = heap.expect_native(heap.builtin_part(heap.get(slot)), DEQUE)?;
        let number = |index| heap.native_field(object, index).small_int().unwrap_or(0) as u32;
        let limit = heap.native_field(object, 3).small_int().map(|limit| limit as u32);
        let items = heap.native_field(object, 0);
        Ok(Ring { heap, object, items, first: number(1), length: number(2), limit })
    }

    fn capacity(&self) -> u32 {
        self.heap.list_len(self.items)
    }

    /// Place of item `index` in the ring.
    fn place(&self, index: u32) -> u32 {
        (self.first + index) % self.capacity().max(1)
    }

    fn get(&self, index: u32) -> Val<'h> {
        self.heap.list_get(self.items, self.place(index)).unwrap_or(Val::NONE)
    }

    fn set(&self, index: u32, value: Val<'_>) {
        self.heap.list_set(self.items, self.place(index), value);
    }

    fn store(&self, first: u32, length: u32) {
        self.heap.set_native_field(self.object, 1, Val::int(first as i32));
        self.heap.set_native_field(self.object, 2, Val::int(length as i32));
    }

    /// The same with room for one more item.
    fn with_room(mut self) -> Result<Ring<'h>, Raised> {
        if self.length < self.capacity() {
            return Ok(self);
        }
        let wanted = (self.length + self.length / 2).max(8);
        let wanted = self.limit.map_or(wanted, |limit| wanted.min(limit.max(self.length + 1)));
        let items = self.heap.new_list(wanted)?;
        for index in 0..wanted {
            self.heap.list_push(items, if index < self.length { self.get(index) } else { Val::NONE })?;
        }
        self.heap.set_native_field(self.object, 0, items);
        (self.items, self.first) = (items, 0);
        self.store(0, self.length);
        Ok(self)
    }

    fn push(self, value: Val<'_>) -> Result<(), Raised> {
        if self.limit == Some(0) {
            return Ok(());
        }
        if self.limit == Some(self.length) {
            // The first item gives way.
            self.set(0, value);
            self.store(self.place(1), self.length);
            return Ok(());
        }
        let ring = self.with_room()?;
        ring.set(ring.length, value);
        ring.store(ring.first, ring.length + 1);
        Ok(())
    }

    fn push_left(self, value: Val<'_>) -> Result<(), Raised> {
        if self.limit == Some(0) {
            return Ok(());
        }
        let full = self.limit == Some(self.length);
        let ring = if full { self } else { self.with_room()? };
        let first = ring.place(ring.capacity() - 1);
        if full {
            ring.set(ring.length - 1, Val::NONE);
        }
        ring.heap.list_set(ring.items, first, value);
        ring.store(first, ring.length + u32::from(!full));
        Ok(())
    }

    fn position(&self, index: Val<'_>) -> Result<u32, Raised> {
        let index = i64::from(self.heap.expect_int(index)?);
        let position = if index < 0 { index + i64::from(self.length) } else { index };
        match u32::try_from(position) {
            Ok(position) if position < self.length => Ok(position),
            _ => Err(self.heap.error(class_id::INDEX_ERROR, "deque index out of range")),
        }
    }
}

/// `deque(iterable=(), maxlen=None)`; MicroPython's third argument (its flags) is accepted.
fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.without_class(args);
    let [iterable, limit, _flags] = vm.heap.bind_slots(args, &["iterable", "maxlen", "flags"], 0)?;
    let limit = match limit.map(|limit| vm.heap.get(limit)).filter(|limit| !limit.is_none()) {
        Some(limit) => Some(vm.heap.expect_int(limit)?),
        None => None,
    };
    if limit.is_some_and(|limit| limit < 0) {
        return Err(vm.heap.value_error("maxlen must be non-negative"));
    }
    if let Some(iterable) = iterable
        && !vm.heap.is_native_iterable(vm.heap.get(iterable))
    {
        if args.count() == 0 {
            return Err(vm.heap.type_error("deque() takes its iterable by position"));
        }
        return vm.materialise(args, 0);
    }
    let deque = vm.temp()?;
    vm.make(deque, |heap| {
        let items = heap.new_list(0)?;
        let object = heap.new_native(DEQUE, 4)?;
        heap.set_native_field(object, 0, items);
        heap.set_native_field(object, 1, Val::int(0));
        heap.set_native_field(object, 2, Val::int(0));
        heap.set_native_field(object, 3, limit.map_or(Val::NONE, Val::int));
        Ok(object)
    })?;
    if let Some(iterable) = iterable {
        fill(vm, deque, iterable, false)?;
    }
    Ok(vm.heap.get(deque).ret())
}

/// Appends the items of a builtin iterable.
fn fill(vm: &mut Vm<'_>, deque: Slot, iterable: Slot, left: bool) -> Result<(), Raised> {
    // A list of them first: then each item can be appended again after a collection.
    let list = vm.temp()?;
    vm.make(list, |heap| {
        let list = heap.new_list(heap.length(heap.get(iterable)).unwrap_or(0))?;
        heap.each(heap.get(iterable), |item| heap.list_push(list, item))?;
        Ok(list)
    })?;
    for index in 0..vm.heap.list_len(vm.heap.get(list)) {
        vm.retry(|heap| {
            let ring = Ring::at(heap, deque)?;
            let item = heap.list_get(heap.get(list), index).unwrap_or(Val::NONE);
            if left { ring.push_left(item) } else { ring.push(item) }
        })?;
    }
    Ok(())
}

fn extend(vm: &mut Vm<'_>, args: Args, left: bool) -> Result<Ret, Raised> {
    let value = vm.heap.arg(args, 1);
    if vm.heap.class_of(value) != DEQUE && vm.heap.is_native_iterable(value) {
        fill(vm, args.slot(0), args.slot(1), left)?;
        return Ok(Ret::NONE);
    }
    vm.materialise(args, 1)
}

fn append(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ring::of(heap, args)?.push(heap.arg(args, 1))?;
    Ok(Val::NONE)
}

fn append_left(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ring::of(heap, args)?.push_left(heap.arg(args, 1))?;
    Ok(Val::NONE)
}

fn pop(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let ring = Ring::of(heap, args)?;
    let Some(last) = ring.length.checked_sub(1) else {
        return Err(heap.error(class_id::INDEX_ERROR, "pop from an empty deque"));
    };
    let item = ring.get(last);
    ring.set(last, Val::NONE);
    ring.store(ring.first, last);
    Ok(item)
}

fn pop_left(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let ring = Ring::of(heap, args)?;
    let Some(rest) = ring.length.checked_sub(1) else {
        return Err(heap.error(class_id::INDEX_ERROR, "pop from an empty deque"));
    };
    let item = ring.get(0);
    ring.set(0, Val::NONE);
    ring.store(ring.place(1), rest);
    Ok(item)
}

fn clear(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let ring = Ring::of(heap, args)?;
    let items = heap.new_list(0)?;
    heap.set_native_field(ring.object, 0, items);
    ring.store(0, 0);
    Ok(Val::NONE)
}

fn get_item(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let ring = Ring::of(heap, args)?;
    Ok(ring.get(ring.position(heap.arg(args, 1))?))
}

fn set_item(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let ring = Ring::of(heap, args)?;
    ring.set(ring.position(heap.arg(args, 1))?, heap.arg(args, 2));
    Ok(Val::NONE)
}

fn swap(ring: &Ring<'_>, a: u32, b: u32) {
    let (x, y) = (ring.get(a), ring.get(b));
    ring.set(a, y);
    ring.set(b, x);
}

fn reverse_part(ring: &Ring<'_>, start: u32, end: u32) {
    for index in 0..end.saturating_sub(start) / 2 {
        swap(ring, start + index, end - 1 - index);
    }
}

fn reverse(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let ring = Ring::of(heap, args)?;
    reverse_part(&ring, 0, ring.length);
    Ok(Val::NONE)
}

/// `rotate(n=1)`: to the right.
fn rotate(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let ring = Ring::of(heap, args)?;
    let steps = match heap.optional_arg(args, 1) {
        Some(steps) => i64::from(heap.expect_int(steps)?),
        None => 1,
    };
    if ring.length > 1 {
        // Three reversals rotate in place.
        let steps = steps.rem_euclid(i64::from(ring.length)) as u32;
        reverse_part(&ring, 0, ring.length);
        reverse_part(&ring, 0, steps);
        reverse_part(&ring, steps, ring.length);
    }
    Ok(Val::NONE)
}
