//! Builtin functions on objects and their attributes.

use vm::{Args, Heap, Raised, Ret, Slot, Val, Vm, class_id, names};

/// Nesting of tuples in `isinstance`'s second argument.
const MAX_TUPLES: u8 = 16;

/// `isinstance(object, class or tuple)`.
pub(super) fn isinstance(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let class = heap.class_of(heap.arg(args, 0));
    let text = "isinstance() arg 2 must be a type, a tuple of types, or a union";
    derives(heap, class, heap.arg(args, 1), text, 0).map(Val::bool)
}

/// `issubclass(class, class or tuple)`.
pub(super) fn issubclass(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let class = heap.arg(args, 0);
    if !heap.is_class(class) {
        return Err(heap.type_error("issubclass() arg 1 must be a class"));
    }
    let text = "issubclass() arg 2 must be a class, a tuple of classes, or a union";
    derives(heap, heap.class_id(class), heap.arg(args, 1), text, 0).map(Val::bool)
}

fn derives(heap: &Heap, class: u16, wanted: Val<'_>, refusal: &'static str, depth: u8) -> Result<bool, Raised> {
    if heap.is_class(wanted) {
        return Ok(heap.is_subclass(class, heap.class_id(wanted)));
    }
    if !heap.is_tuple(wanted) || depth >= MAX_TUPLES {
        return Err(heap.type_error(refusal));
    }
    for index in 0..heap.tuple_len(wanted) {
        if derives(heap, class, heap.tuple_get(wanted, index), refusal, depth + 1)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `callable(object)`.
pub(super) fn callable(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(Val::bool(heap.is_callable(heap.arg(args, 0))))
}

/// The attribute name in an argument, as a name.
fn attribute_name(vm: &mut Vm<'_>, slot: Slot) -> Result<u16, Raised> {
    if !vm.heap.is_str(vm.heap.get(slot)) {
        let text = "attribute name must be string, not '{t}'";
        return Err(vm.heap.error_about(class_id::TYPE_ERROR, text, vm.heap.get(slot), Val::NONE));
    }
    vm.retry(|heap| heap.name_of_str(heap.get(slot)))
}

/// `getattr(object, name[, default])`.
pub(super) fn getattr(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let name = attribute_name(vm, args.slot(1))?;
    let out = vm.temp()?;
    if vm.get_attribute(args.slot(0), name, out)? {
        return Ok(vm.heap.get(out).ret());
    }
    if args.count() == 3 {
        return Ok(vm.heap.arg(args, 2).ret());
    }
    Err(vm.attribute_error(args.slot(0), name))
}

/// `hasattr(object, name)`.
pub(super) fn hasattr(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let name = attribute_name(vm, args.slot(1))?;
    let out = vm.temp()?;
    let found = match vm.get_attribute(args.slot(0), name, out) {
        Ok(found) => found,
        Err(raised) if vm.take_exception(class_id::ATTRIBUTE_ERROR) => {
            let _ = raised;
            false
        }
        Err(raised) => return Err(raised),
    };
    Ok(Val::bool(found).ret())
}

/// `setattr(object, name, value)`.
pub(super) fn setattr(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let name = attribute_name(vm, args.slot(1))?;
    store(vm, args.slot(0), name, Some(args.slot(2)))
}

/// `delattr(object, name)`.
pub(super) fn delattr(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let name = attribute_name(vm, args.slot(1))?;
    store(vm, args.slot(0), name, None)
}

fn store(vm: &mut Vm<'_>, object: Slot, name: u16, value: Option<Slot>) -> Result<Ret, Raised> {
    if vm.set_attribute(object, name, value)? {
        return Ok(Ret::NONE);
    }
    Err(vm.attribute_error(object, name))
}

/// `globals()`, and `locals()` at module level.
pub(super) fn globals(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    heap.running_globals().ok_or_else(|| heap.error(class_id::RUNTIME_ERROR, "no Python function is running"))
}

/// `dir([object])`, sorted.
pub(super) fn dir(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if args.count() == 1 {
        let name = vm.retry(|heap| heap.intern(b"__dir__"))?;
        if vm.heap.has_method(vm.heap.arg(args, 0), name) {
            let list = vm.temp()?;
            vm.call_method(args.slot(0), name, &[], list)?;
            return Ok(vm.heap.get(list).ret());
        }
    }
    vm.make_ret(|heap| {
        let names = heap.new_list(16)?;
        match heap.optional_arg(args, 0) {
            Some(object) => heap.attribute_names(object, names)?,
            None => {
                if let Some(globals) = heap.running_globals() {
                    heap.each(globals, |name| heap.list_push(names, name))?;
                }
            }
        }
        heap.sort_by_keys(names, names, false)?;
        // Names of bases are listed once.
        let (mut kept, length) = (0u32, heap.list_len(names));
        for index in 0..length {
            let item = heap.list_get(names, index).unwrap_or(Val::NONE);
            let last = kept.checked_sub(1).and_then(|last| heap.list_get(names, last));
            if last.and_then(|last| heap.str_bytes(last)) != heap.str_bytes(item) {
                heap.list_set(names, kept, item);
                kept += 1;
            }
        }
        heap.list_truncate(names, kept);
        Ok(names)
    })
}

/// `vars([object])`.
pub(super) fn vars(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if args.count() == 0 {
        return vm.make_ret(|heap| globals(heap, args));
    }
    let out = vm.temp()?;
    if vm.get_attribute(args.slot(0), names::DICT, out)? {
        return Ok(vm.heap.get(out).ret());
    }
    Err(vm.heap.type_error("vars() argument must have __dict__ attribute"))
}
