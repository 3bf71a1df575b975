//! Methods of generators and of iterators over builtin containers.

use crate::Args;
use crate::class_id;
use crate::generator::Resume;
use crate::heap::Heap;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

/// Methods of generators (and coroutines).
pub(crate) const METHODS: &[Row] = &[
    Row("__iter__", Member::Leaf(itself, 1, 1)),
    Row("__await__", Member::Leaf(itself, 1, 1)),
    Row("__next__", Member::General(next, 1, 1)),
    Row("send", Member::General(next, 2, 2)),
    Row("throw", Member::General(throw, 2, 4)),
    Row("close", Member::General(close, 1, 1)),
];

/// Methods of Iterator objects.
pub(crate) const ITERATOR_METHODS: &[Row] =
    &[Row("__iter__", Member::Leaf(itself, 1, 1)), Row("__next__", Member::Leaf(iterator_next, 1, 1))];

fn itself<'h>(heap: &'h Heap, args: Args) -> Result<Val<'h>, Raised> {
    Ok(heap.arg(args, 0))
}

/// `generator.__next__()` and `generator.send(value)`
fn next(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    expect_generator(vm, args)?;
    Ok(vm.request_resume(Resume::Send))
}

/// `generator.throw(exception)`; the old form with type, value and traceback too.
fn throw(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    expect_generator(vm, args)?;
    if args.count() > 2 && !vm.heap.arg(args, 2).is_none() {
        if vm.heap.is(vm.heap.arg(args, 2), crate::layout::Tag::Exception) {
            vm.heap.set(args.slot(1), vm.heap.arg(args, 2));
        } else {
            vm.call(args.slot(1), &[args.slot(2)], args.slot(1))?;
        }
    }
    Ok(vm.request_resume(Resume::Throw))
}

/// `generator.close()`
fn close(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    expect_generator(vm, args)?;
    Ok(vm.request_resume(Resume::Close))
}

fn expect_generator(vm: &Vm<'_>, args: Args) -> Result<(), Raised> {
    let value = vm.heap.arg(args, 0);
    if vm.heap.is(value, crate::layout::Tag::Generator) {
        return Ok(());
    }
    Err(vm.heap.error_about(class_id::TYPE_ERROR, "expected a generator, not '{t}'", value, Val::NONE))
}

fn iterator_next<'h>(heap: &'h Heap, args: Args) -> Result<Val<'h>, Raised> {
    let iterator = heap.arg(args, 0);
    if !heap.is(iterator, crate::layout::Tag::Iterator) {
        return Err(heap.error_about(class_id::TYPE_ERROR, "expected an iterator, not '{t}'", iterator, Val::NONE));
    }
    match heap.iterator_next(iterator)? {
        Some(item) => Ok(item),
        None => Err(heap.error_value(class_id::STOP_ITERATION, Val::NONE)),
    }
}
