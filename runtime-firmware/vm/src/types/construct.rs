//! `__new__`, `__init__`, `__setattr__` … of `object` and of exceptions: what classes fall back to.

use crate::Args;
use crate::attribute::Store;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;

pub(crate) fn nothing(_: &mut Vm<'_>, _: Args) -> Result<Ret, Raised> {
    Ok(Ret::NONE)
}

/// The class to make an instance of, and the first of the other arguments: `Class(…)` has the class as callee,
/// `Class.__new__(Class, …)` as first argument.
fn wanted_class<'h>(heap: &'h Heap, args: Args) -> Result<(Val<'h>, u32), Raised> {
    let callee = heap.get(args.callee());
    if heap.is_class(callee) {
        return Ok((callee, 0));
    }
    match heap.optional_arg(args, 0) {
        Some(class) if heap.is_class(class) => Ok((class, 1)),
        _ => Err(heap.type_error("__new__(X): X is not a type object")),
    }
}

pub(crate) fn object_new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let (class, _) = wanted_class(heap, args)?;
        if heap.is(class, Tag::Class) {
            if heap.is_subclass(heap.class_id(class), class_id::BASE_EXCEPTION) {
                return heap.new_exception_of(heap.class_id(class), heap.new_tuple(0)?);
            }
            return heap.new_instance(class);
        }
        if heap.class_id(class) != class_id::OBJECT {
            return Err(heap.type_error("object.__new__(X): X has a __new__ of its own"));
        }
        heap.new_native(class_id::OBJECT, 0)
    })
}

pub(crate) fn exception_new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let (class, first) = wanted_class(heap, args)?;
        let arguments = tuple_from(heap, args, first)?;
        let id = heap.class_id(class);
        heap.new_exception_of(specific_os_error(heap, id, arguments), arguments)
    })
}

/// `OSError(errno)` is made as the subclass that stands for the number, as CPython does.
fn specific_os_error(heap: &Heap, id: u16, arguments: Val<'_>) -> u16 {
    if id != class_id::OS_ERROR || heap.tuple_len(arguments) == 0 {
        return id;
    }
    match heap.tuple_get(arguments, 0).small_int() {
        Some(1 | 13) => class_id::PERMISSION_ERROR,
        Some(2) => class_id::FILE_NOT_FOUND_ERROR,
        Some(11) => class_id::BLOCKING_IO_ERROR,
        Some(17) => class_id::FILE_EXISTS_ERROR,
        Some(20) => class_id::NOT_A_DIRECTORY_ERROR,
        Some(21) => class_id::IS_A_DIRECTORY_ERROR,
        Some(110) => class_id::TIMEOUT_ERROR,
        _ => id,
    }
}

fn tuple_from(heap: &Heap, args: Args, first: u32) -> Result<Val<'_>, Raised> {
    let count = args.count().saturating_sub(first);
    let tuple = heap.new_tuple(count)?;
    for index in 0..count {
        heap.tuple_set(tuple, index, heap.arg(args, first + index));
    }
    Ok(tuple)
}

pub(crate) fn exception_init(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.retry(|heap| {
        if args.count() == 0 || !heap.is(heap.arg(args, 0), Tag::Exception) {
            return Err(heap.type_error("__init__ needs an exception"));
        }
        let arguments = tuple_from(heap, args, 1)?;
        heap.set_field(heap.arg(args, 0), 1, arguments);
        Ok(())
    })?;
    Ok(Ret::NONE)
}

pub(crate) fn set_attribute(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    store(vm, args, true)
}

pub(crate) fn delete_attribute(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    store(vm, args, false)
}

fn store(vm: &mut Vm<'_>, args: Args, sets: bool) -> Result<Ret, Raised> {
    let (function, receiver) = (vm.temp()?, vm.temp()?);
    let calls = vm.retry(|heap| {
        let object = heap.arg(args, 0);
        let name = heap.name_of_str(heap.arg(args, 1))?;
        let refused = || {
            let template = "'{t}' object has no attribute '{}'";
            heap.error_about(class_id::ATTRIBUTE_ERROR, template, object, Val::name(name))
        };
        if !matches!(heap.tag(object), Some(Tag::Instance | Tag::Exception)) {
            return Err(refused());
        }
        let value = if sets { Some(heap.arg(args, 2)) } else { None };
        match heap.store_plain(object, name, value)? {
            Store::Done => Ok(false),
            Store::Refused => Err(refused()),
            Store::Setter(setter, this) | Store::Named(setter, this) => {
                heap.set(function, setter);
                heap.set(receiver, this);
                Ok(true)
            }
        }
    })?;
    if calls {
        if sets {
            vm.call(function, &[receiver, args.slot(2)], function)?;
        } else {
            vm.call(function, &[receiver], function)?;
        }
    }
    Ok(Ret::NONE)
}
