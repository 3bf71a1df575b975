//! `property`, `classmethod`, `staticmethod`, `super`, and `type` itself.

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::names;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

/// Fields of a property: getter, setter, deleter, documentation.
pub(crate) const PROPERTY_METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(property)),
    Row("getter", Member::Leaf(|heap, args| with_function(heap, args, 0), 2, 2)),
    Row("setter", Member::Leaf(|heap, args| with_function(heap, args, 1), 2, 2)),
    Row("deleter", Member::Leaf(|heap, args| with_function(heap, args, 2), 2, 2)),
    Row("fget", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)))),
    Row("fset", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 1)))),
    Row("fdel", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 2)))),
    Row("__doc__", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 3)))),
];

/// Members of `classmethod`.
pub(crate) const CLASSMETHOD_METHODS: &[Row] = &[
    Row("__new__", Member::Leaf(|heap, args| wrapper(heap, args, class_id::CLASSMETHOD), 1, 1)),
    Row("__func__", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)))),
];

/// Members of `staticmethod`.
pub(crate) const STATICMETHOD_METHODS: &[Row] = &[
    Row("__new__", Member::Leaf(|heap, args| wrapper(heap, args, class_id::STATICMETHOD), 1, 1)),
    Row("__func__", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)))),
    Row("__call__", Member::General(call_static, 1, u8::MAX)),
];

/// Members of `super`.
pub(crate) const SUPER_METHODS: &[Row] = &[Row("__new__", Member::Leaf(super_new, 2, 2))];

/// Members of `type`.
pub(crate) const TYPE_METHODS: &[Row] = &[
    Row("__new__", Member::General(type_new, 1, 4)),
    // For a metaclass's own `__call__`; plain calls of classes do not come here.
    Row("__call__", Member::Keywords(|vm, args| vm.forward_to_prelude(args, names::INSTANTIATE))),
    Row("mro", Member::General(mro, 1, 1)),
];

fn property(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    const NAMES: [&[u8]; 4] = [b"fget", b"fset", b"fdel", b"doc"];
    if args.count() > 4 {
        return Err(vm.heap.type_error("property expected at most 4 arguments"));
    }
    vm.make_ret(|heap| {
        let object = heap.new_native(class_id::PROPERTY, 4)?;
        for index in 0..args.count() {
            heap.set_native_field(object, index, heap.arg(args, index));
        }
        for index in 0..args.keyword_count() {
            let name = heap.str_bytes(heap.get(args.keyword_slot(index))).unwrap_or(b"");
            match NAMES.iter().position(|known| *known == name) {
                Some(field) => heap.set_native_field(object, field as u32, heap.get(args.keyword_value_slot(index))),
                None => return Err(heap.type_error("property got an unexpected keyword argument")),
            }
        }
        Ok(object)
    })
}

/// A copy of the property with another function at `field`.
fn with_function<'h>(heap: &'h Heap, args: Args, field: u32) -> Result<Val<'h>, Raised> {
    let old = heap.expect_native(heap.arg(args, 0), class_id::PROPERTY)?;
    let object = heap.new_native(class_id::PROPERTY, 4)?;
    for index in 0..4 {
        heap.set_native_field(object, index, heap.native_field(old, index));
    }
    heap.set_native_field(object, field, heap.arg(args, 1));
    Ok(object)
}

fn wrapper<'h>(heap: &'h Heap, args: Args, class: u16) -> Result<Val<'h>, Raised> {
    let object = heap.new_native(class, 1)?;
    heap.set_native_field(object, 0, heap.arg(args, 0));
    Ok(object)
}

/// Static methods may be called while their class is still being made.
fn call_static(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let function = vm.temp()?;
    vm.heap.set(function, vm.heap.native_field(vm.heap.arg(args, 0), 0));
    let mut arguments = [function; 16];
    let count = args.count() as usize - 1;
    if count > arguments.len() {
        return Err(vm.heap.type_error("too many arguments for a static method object"));
    }
    for (index, slot) in arguments.iter_mut().take(count).enumerate() {
        *slot = args.slot(index as u32 + 1);
    }
    vm.tail_call(args, function, arguments.get(..count).unwrap_or_default())
}

/// `super(class, object)`: what `super()` compiles to.
fn super_new<'h>(heap: &'h Heap, args: Args) -> Result<Val<'h>, Raised> {
    let (class, object) = (heap.arg(args, 0), heap.arg(args, 1));
    if !heap.is_class(class) {
        return Err(heap.type_error("super() argument 1 must be a type"));
    }
    let id = heap.class_id(class);
    let derived = heap.is_class(object) && heap.is_subclass(heap.class_id(object), id);
    if !derived && !heap.is_instance(object, id) {
        return Err(heap.type_error("super(type, obj): obj must be an instance or subtype of type"));
    }
    let result = heap.new_native(class_id::SUPER, 2)?;
    heap.set_native_field(result, 0, class);
    heap.set_native_field(result, 1, object);
    Ok(result)
}

/// `type(x)`, and `type(name, bases, namespace)`; as `type.__new__(meta, name, bases, namespace)` too.
fn type_new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let called_type = vm.heap.is_class(vm.heap.get(args.callee()));
    match (args.count(), called_type) {
        (1, _) => {
            let value = vm.heap.arg(args, 0);
            Ok(vm.heap.class_value(vm.heap.class_of(value)).ret())
        }
        (3, _) => {
            let (namespace, out) = (vm.temp()?, vm.temp()?);
            if !vm.heap.is_dict(vm.heap.arg(args, 2)) || !vm.heap.is_tuple(vm.heap.arg(args, 1)) {
                return Err(vm.heap.type_error("type() takes a name, a tuple of bases and a dict"));
            }
            vm.make(namespace, |heap| heap.table_copy(heap.arg(args, 2), Tag::Dict))?;
            vm.make_class(args.slot(0), args.slot(1), namespace, None, out)?;
            Ok(vm.heap.get(out).ret())
        }
        (4, _) if vm.heap.is_class(vm.heap.arg(args, 0)) => {
            let meta = vm.heap.class_id(vm.heap.arg(args, 0));
            let out = vm.temp()?;
            if !vm.heap.is_dict(vm.heap.arg(args, 3)) || !vm.heap.is_tuple(vm.heap.arg(args, 2)) {
                return Err(vm.heap.type_error("type() takes a name, a tuple of bases and a dict"));
            }
            vm.make(out, |heap| heap.new_class(heap.arg(args, 1), heap.arg(args, 2), heap.arg(args, 3), meta))?;
            vm.finish_new_class(out, args.slot(3), None)?;
            Ok(vm.heap.get(out).ret())
        }
        _ => Err(vm.heap.type_error("type() takes 1 or 3 arguments")),
    }
}

/// `class.mro()`
fn mro(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let out = vm.temp()?;
    if !vm.get_attribute(args.slot(0), names::MRO, out)? {
        return Err(vm.heap.type_error("mro() wants a class"));
    }
    vm.make_ret(|heap| {
        let tuple = heap.get(out);
        let list = heap.new_list(heap.tuple_len(tuple))?;
        for index in 0..heap.tuple_len(tuple) {
            heap.list_push(list, heap.tuple_get(tuple, index))?;
        }
        Ok(list)
    })
}
