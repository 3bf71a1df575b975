//! Builtin functions on iterables: natively for builtin containers, else by the prelude.

use core::cmp::Ordering;
use vm::{Args, Heap, Raised, Ret, Val, Vm, class_id, names};

/// `len(object)`.
pub(super) fn len(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if let Some(length) = vm.heap.length(vm.heap.arg(args, 0)) {
        return Ok(Val::int(length as i32).ret());
    }
    let out = vm.temp()?;
    if !vm.call_method(args.slot(0), names::LEN, &[], out)? {
        let text = "object of type '{t}' has no len()";
        return Err(vm.heap.error_about(class_id::TYPE_ERROR, text, vm.heap.arg(args, 0), Val::NONE));
    }
    let heap = &*vm.heap;
    match heap.as_int(heap.get(out)) {
        Some(0..) => Ok(heap.get(out).ret()),
        Some(_) => Err(heap.value_error("__len__() should return >= 0")),
        None => {
            let text = "'{t}' object cannot be interpreted as an integer";
            Err(heap.error_about(class_id::TYPE_ERROR, text, heap.get(out), Val::NONE))
        }
    }
}

/// `iter(object)` or `iter(callable, sentinel)`.
pub(super) fn iter(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if args.count() == 2 {
        if !vm.heap.is_callable(vm.heap.arg(args, 0)) {
            return Err(vm.heap.type_error("iter(v, w): v must be callable"));
        }
        return vm.forward_to_prelude_as(args, b"call_until");
    }
    if !vm.heap.has_own_method(vm.heap.arg(args, 0), names::ITER) {
        let native = vm.retry(|heap| Ok(heap.native_iterator(heap.arg(args, 0))?.map(Val::ret)))?;
        if let Some(iterator) = native {
            return Ok(iterator);
        }
    }
    if vm.heap.has_method(vm.heap.arg(args, 0), names::ITER) {
        return vm.tail_method(args, args.slot(0), names::ITER, &[], "'{t}' object is not iterable");
    }
    if vm.heap.has_method(vm.heap.arg(args, 0), names::GETITEM) {
        return vm.forward_to_prelude_as(args, b"iterate");
    }
    Err(vm.heap.error_about(class_id::TYPE_ERROR, "'{t}' object is not iterable", vm.heap.arg(args, 0), Val::NONE))
}

/// `next(iterator)` or `next(iterator, default)`.
pub(super) fn next(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if vm.heap.is_native_iterator(vm.heap.arg(args, 0)) {
        let step = vm.retry(|heap| Ok(heap.native_iterator_next(heap.arg(args, 0))?.map(Val::ret)))?;
        return match (step, args.count()) {
            (Some(item), _) => Ok(item),
            (None, 2) => Ok(vm.heap.arg(args, 1).ret()),
            _ => Err(vm.heap.error_value(class_id::STOP_ITERATION, Val::NONE)),
        };
    }
    if args.count() == 2 {
        return vm.forward_to_prelude_as(args, b"next_or");
    }
    vm.tail_method(args, args.slot(0), names::NEXT, &[], "'{t}' object is not an iterator")
}

/// What a native walk found, when it did not need Python.
#[derive(Clone, Copy)]
enum Found<T> {
    Answer(T),
    /// Something must be asked of a class: the prelude does it all again.
    Ask,
}

pub(super) fn any(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    truths(vm, args, true)
}

pub(super) fn all(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    truths(vm, args, false)
}

/// True if any item's truth is `wanted` for `any`, false if any is false for `all`.
fn truths(vm: &mut Vm<'_>, args: Args, wanted: bool) -> Result<Ret, Raised> {
    // Iterator objects stop at the item that decides, so only whole containers are walked here.
    let native = !vm.heap.is_native_iterator(vm.heap.arg(args, 0));
    if native && vm.heap.is_native_iterable(vm.heap.arg(args, 0)) {
        let found = vm.retry(|heap| {
            let mut found = Found::Answer(!wanted);
            heap.each(heap.arg(args, 0), |item| {
                match heap.truth(item) {
                    _ if matches!(found, Found::Ask) => {}
                    None if matches!(found, Found::Answer(answer) if answer != wanted) => found = Found::Ask,
                    Some(truth) if truth == wanted => found = Found::Answer(wanted),
                    _ => {}
                }
                Ok(())
            })?;
            Ok(found)
        })?;
        if let Found::Answer(answer) = found {
            return Ok(Val::bool(answer).ret());
        }
    }
    super::in_prelude(vm, args)
}

/// `sum(iterable, start=0)`: natively for small integers.
pub(super) fn sum(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let plain = args.count() == 1 && args.keyword_count() == 0;
    if plain && !vm.heap.is_native_iterator(vm.heap.arg(args, 0)) && vm.heap.is_native_iterable(vm.heap.arg(args, 0)) {
        let found = vm.retry(|heap| {
            let mut found = Found::Answer(0i64);
            heap.each(heap.arg(args, 0), |item| {
                found = match (found, item.small_int()) {
                    (Found::Answer(total), Some(n)) => {
                        total.checked_add(i64::from(n)).map_or(Found::Ask, Found::Answer)
                    }
                    _ => Found::Ask,
                };
                Ok(())
            })?;
            Ok(found)
        })?;
        if let Found::Answer(total) = found {
            return vm.make_ret(|heap| heap.new_int(total));
        }
    }
    super::in_prelude(vm, args)
}

pub(super) fn min(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    extreme(vm, args, Ordering::Less)
}

pub(super) fn max(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    extreme(vm, args, Ordering::Greater)
}

/// The first item that is on the `wanted` side of all others, where all compare natively.
fn extreme(vm: &mut Vm<'_>, args: Args, wanted: Ordering) -> Result<Ret, Raised> {
    if args.keyword_count() == 0 && args.count() >= 1 {
        let found = vm.retry(|heap| {
            let mut best: Option<Val<'_>> = None;
            let mut ask = false;
            if args.count() > 1 {
                for index in 0..args.count() {
                    ask |= !better(heap, &mut best, heap.arg(args, index), wanted)?;
                }
            } else if heap.is_native_iterator(heap.arg(args, 0)) || !heap.is_native_iterable(heap.arg(args, 0)) {
                return Ok(None);
            } else {
                heap.each(heap.arg(args, 0), |item| {
                    if !ask {
                        ask = !better(heap, &mut best, item, wanted)?;
                    }
                    Ok(())
                })?;
            }
            Ok(if ask { None } else { best.map(Val::ret) })
        })?;
        if let Some(best) = found {
            return Ok(best);
        }
    }
    super::in_prelude(vm, args)
}

/// Keeps the better of two items; false if Python must compare them.
fn better<'h>(heap: &'h Heap, best: &mut Option<Val<'h>>, item: Val<'h>, wanted: Ordering) -> Result<bool, Raised> {
    let Some(old) = *best else {
        *best = Some(item);
        return Ok(true);
    };
    match heap.native_order(item, old)? {
        Some(order) => {
            if order == Some(wanted) {
                *best = Some(item);
            }
            Ok(true)
        }
        None => Ok(false),
    }
}

/// `_sort_rows(rows, keys, reverse)` for the prelude: sorts both lists by the keys; false if Python must compare.
pub(super) fn sort_rows(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let reverse = heap.truth(heap.arg(args, 2)).unwrap_or(false);
    Ok(Val::bool(heap.sort_by_keys(heap.arg(args, 0), heap.arg(args, 1), reverse)?))
}

/// `_is_view(object)` for the prelude: a dict view.
pub(super) fn is_view(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let class = heap.class_of(heap.arg(args, 0));
    Ok(Val::bool(matches!(class, class_id::DICT_KEYS | class_id::DICT_VALUES | class_id::DICT_ITEMS)))
}
