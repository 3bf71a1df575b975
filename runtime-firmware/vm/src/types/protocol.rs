//! `__len__`, `__getitem__` and their kin as methods of the builtin containers: what `super().__getitem__(…)` of
//! classes that extend them finds. Operators do not come here; they look at the values' kinds.

use crate::Args;
use crate::class_id;
use crate::heap::{Cause, Heap};
use crate::layout::Tag;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;
use mpy::BinaryOperator;

pub(super) const LEN: Row = Row("__len__", Member::Leaf(length, 1, 1));
pub(super) const ITER: Row = Row("__iter__", Member::Leaf(iterate, 1, 1));
pub(super) const CONTAINS: Row = Row("__contains__", Member::General(contains, 2, 2));
pub(super) const GET: Row = Row("__getitem__", Member::General(get_item, 2, 2));
pub(super) const SET: Row = Row("__setitem__", Member::General(set_item, 3, 3));
pub(super) const DELETE: Row = Row("__delitem__", Member::General(delete_item, 2, 2));

impl Heap {
    /// `len()` of a builtin container; `None` for all else.
    pub fn container_len(&self, value: Val<'_>) -> Option<u32> {
        if !self.is_walkable(value) {
            return None;
        }
        Some(if self.is_str(value) { self.str_len(value) } else { self.walk_len(value) })
    }
}

/// Puts the builtin value of the first argument into its slot.
fn receiver(vm: &mut Vm<'_>, args: Args) -> Slot {
    vm.heap.set(args.slot(0), vm.heap.native_part(vm.heap.arg(args, 0)));
    args.slot(0)
}

fn length(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = heap.native_part(heap.arg(args, 0));
    match heap.container_len(value) {
        Some(length) => heap.new_int(length as i64),
        None => Err(heap.error_about(class_id::TYPE_ERROR, "object of type '{t}' has no len()", value, Val::NONE)),
    }
}

fn iterate(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = heap.native_part(heap.arg(args, 0));
    // A view is walked as the bytes are now.
    let value = match heap.bytes_like(value)? {
        Some(bytes) if heap.is_memoryview(value) => heap.new_bytes(bytes)?,
        _ => value,
    };
    match heap.new_iterator(value)? {
        Some(iterator) => Ok(iterator),
        None => Err(heap.error_about(class_id::TYPE_ERROR, "'{t}' object is not iterable", value, Val::NONE)),
    }
}

fn contains(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (container, out) = (receiver(vm, args), vm.temp()?);
    vm.binary(BinaryOperator::In, args.slot(1), container, out)?;
    Ok(vm.heap.get(out).ret())
}

fn get_item(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (container, out) = (receiver(vm, args), vm.temp()?);
    vm.load_item(container, args.slot(1), out)?;
    Ok(vm.heap.get(out).ret())
}

fn set_item(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    store(vm, args, Some(args.slot(2)))
}

fn delete_item(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    store(vm, args, None)
}

fn store(vm: &mut Vm<'_>, args: Args, value: Option<Slot>) -> Result<Ret, Raised> {
    let container = receiver(vm, args);
    if !matches!(vm.heap.tag(vm.heap.get(container)), Some(Tag::List | Tag::ByteArray | Tag::Dict)) {
        return Err(vm.heap.type_error("object does not support item assignment"));
    }
    let done =
        vm.retry(|heap| heap.store_subscript(heap.get(container), heap.arg(args, 1), value.map(|slot| heap.get(slot))));
    match (done, value) {
        (Ok(_), _) => {}
        (Err(Raised), Some(value)) if vm.heap.cause.get() == Cause::NeedVm => {
            vm.table_set(container, args.slot(1), value)?;
        }
        (Err(Raised), None) if vm.heap.cause.get() == Cause::NeedVm => match vm.table_find(container, args.slot(1))? {
            Some(position) => vm.heap.table_remove_at(vm.heap.get(container), position),
            None => return Err(vm.heap.error_value(class_id::KEY_ERROR, vm.heap.arg(args, 1))),
        },
        (Err(raised), _) => return Err(raised),
    }
    Ok(Ret::NONE)
}
