//! Types that wrap functions: `property`, `classmethod`, `staticmethod`, `super`.

use vm::{Args, Heap, Member, Raised, Ret, Row, TypeDef, Val, Vm, class_id};

pub(super) const TYPES: &[TypeDef] = &[
    TypeDef { id: class_id::PROPERTY, name: "property", base: class_id::OBJECT, members: PROPERTY },
    TypeDef { id: class_id::CLASSMETHOD, name: "classmethod", base: class_id::OBJECT, members: CLASS_METHOD },
    TypeDef { id: class_id::STATICMETHOD, name: "staticmethod", base: class_id::OBJECT, members: STATIC_METHOD },
    TypeDef { id: class_id::SUPER, name: "super", base: class_id::OBJECT, members: SUPER },
];

/// Fields of a property: getter, setter, deleter, doc.
const PROPERTY: &[Row] = &[
    Row("__new__", Member::Keywords(new_property)),
    Row("fget", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)))),
    Row("fset", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 1)))),
    Row("fdel", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 2)))),
    Row("__doc__", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 3)))),
    Row("getter", Member::Leaf(|heap, args| with_function(heap, args, 0), 2, 2)),
    Row("setter", Member::Leaf(|heap, args| with_function(heap, args, 1), 2, 2)),
    Row("deleter", Member::Leaf(|heap, args| with_function(heap, args, 2), 2, 2)),
];

const CLASS_METHOD: &[Row] = &[
    Row("__new__", Member::Keywords(|vm, args| wrap(vm, args, class_id::CLASSMETHOD))),
    Row("__func__", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)))),
];

const STATIC_METHOD: &[Row] = &[
    Row("__new__", Member::Keywords(|vm, args| wrap(vm, args, class_id::STATICMETHOD))),
    Row("__func__", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)))),
    Row("__call__", Member::Keywords(call_static)),
];

/// Fields of `super()`: the class whose successors are searched, the object.
const SUPER: &[Row] = &[Row("__new__", Member::Keywords(new_super))];

fn new_property(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.without_class(args);
    vm.make_ret(|heap| {
        let fields = heap.bind_arguments(args, &["fget", "fset", "fdel", "doc"], 0)?;
        let property = heap.new_native(class_id::PROPERTY, 4)?;
        for (index, field) in fields.into_iter().enumerate() {
            heap.set_native_field(property, index as u32, field.unwrap_or(Val::NONE));
        }
        Ok(property)
    })
}

/// A copy of the property with another function in field `index`.
fn with_function<'h>(heap: &'h Heap, args: Args, index: u32) -> Result<Val<'h>, Raised> {
    let old = heap.arg(args, 0);
    let property = heap.new_native(class_id::PROPERTY, 4)?;
    for field in 0..4 {
        heap.set_native_field(property, field, heap.native_field(old, field));
    }
    heap.set_native_field(property, index, heap.arg(args, 1));
    Ok(property)
}

fn wrap(vm: &mut Vm<'_>, args: Args, class: u16) -> Result<Ret, Raised> {
    let args = vm.heap.without_class(args);
    vm.make_ret(|heap| {
        let [function] = heap.bind_arguments(args, &[""], 1)?;
        let object = heap.new_native(class, 1)?;
        heap.set_native_field(object, 0, function.unwrap_or(Val::NONE));
        Ok(object)
    })
}

/// A static method is callable itself.
fn call_static(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let function = vm.temp()?;
    vm.heap.set(function, vm.heap.native_field(vm.heap.arg(args, 0), 0));
    vm.forward_without_first(args, function)
}

fn new_super(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.without_class(args);
    vm.make_ret(|heap| {
        heap.refuse_keywords(args)?;
        if args.count() == 0 {
            return Err(heap.error(class_id::RUNTIME_ERROR, "super(): no arguments"));
        }
        if !heap.is_class(heap.arg(args, 0)) {
            let text = "super() argument 1 must be a type, not {t}";
            return Err(heap.error_about(class_id::TYPE_ERROR, text, heap.arg(args, 0), Val::NONE));
        }
        let object = heap.new_native(class_id::SUPER, 2)?;
        heap.set_native_field(object, 0, heap.arg(args, 0));
        heap.set_native_field(object, 1, heap.optional_arg(args, 1).unwrap_or(Val::NONE));
        Ok(object)
    })
}
