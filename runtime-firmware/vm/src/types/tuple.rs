//! `tuple`: methods, constructor, slices.

use super::protocol;
use super::slice::Indices;
use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    protocol::CONTAINS,
    protocol::GET,
    protocol::ITER,
    protocol::LEN,
    Row("count", Member::General(count, 2, 2)),
    Row("index", Member::General(index, 2, 4)),
];

impl Heap {
    /// A tuple of some items of a tuple; itself where that is all of them.
    pub(crate) fn tuple_slice<'h>(&'h self, tuple: Val<'h>, indices: Indices) -> Result<Val<'h>, Raised> {
        let count = indices.count();
        if indices.step == 1 && count == self.tuple_len(tuple) {
            return Ok(tuple);
        }
        let new = self.new_tuple(count)?;
        for index in 0..count {
            self.tuple_set(new, index, self.tuple_get(tuple, indices.at(index)));
        }
        Ok(new)
    }

    /// `a + b` of two tuples.
    pub(crate) fn tuple_concat<'h>(&'h self, a: Val<'h>, b: Val<'h>) -> Result<Val<'h>, Raised> {
        let (first, second) = (self.tuple_len(a), self.tuple_len(b));
        if second == 0 {
            return Ok(a);
        }
        let new = self.new_tuple(first + second)?;
        for index in 0..first {
            self.tuple_set(new, index, self.tuple_get(a, index));
        }
        for index in 0..second {
            self.tuple_set(new, first + index, self.tuple_get(b, index));
        }
        Ok(new)
    }

    /// `tuple * count`.
    pub(crate) fn tuple_repeat<'h>(&'h self, tuple: Val<'h>, count: i64) -> Result<Val<'h>, Raised> {
        let length = self.tuple_len(tuple);
        let count = count.clamp(0, u32::MAX as i64) as u32;
        let new = self.new_tuple(length.saturating_mul(count))?;
        for index in 0..length.saturating_mul(count) {
            self.tuple_set(new, index, self.tuple_get(tuple, index % length));
        }
        Ok(new)
    }

    /// A tuple of the items of a list.
    pub(crate) fn tuple_of_list<'h>(&'h self, list: Val<'h>) -> Result<Val<'h>, Raised> {
        let tuple = self.new_tuple(self.list_len(list))?;
        for index in 0..self.list_len(list) {
            self.tuple_set(tuple, index, self.list_get(list, index).unwrap_or(Val::NONE));
        }
        Ok(tuple)
    }
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    vm.heap.bind_slots(args, &[""], 0)?;
    if args.count() == 0 {
        return vm.make_ret(|heap| heap.new_tuple(0));
    }
    vm.walk_argument(args, 0, |heap| {
        let items = heap.arg(args, 0);
        if heap.is_tuple(items) {
            return Ok(items);
        }
        let list = if heap.is_list(items) { items } else { heap.list_of(items)? };
        heap.tuple_of_list(list)
    })
}

/// Puts the tuple of the first argument into its slot.
fn receiver(vm: &mut Vm<'_>, args: Args) -> Result<Slot, Raised> {
    let tuple = vm.heap.native_part(vm.heap.arg(args, 0));
    if !vm.heap.is_tuple(tuple) {
        return Err(vm.heap.error_about(class_id::TYPE_ERROR, "expected tuple, not {t}", tuple, Val::NONE));
    }
    vm.heap.set(args.slot(0), tuple);
    Ok(args.slot(0))
}

fn count(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let tuple = receiver(vm, args)?;
    Ok(Val::int(vm.sequence_count(tuple, args.slot(1))?).ret())
}

fn index(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    receiver(vm, args)?;
    match vm.sequence_index(args)? {
        Some(at) => Ok(Val::int(at as i32).ret()),
        None => Err(vm.heap.value_error("tuple.index(x): x not in tuple")),
    }
}
