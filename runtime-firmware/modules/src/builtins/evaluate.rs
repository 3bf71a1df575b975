//! `eval`, `exec`, `compile`: the attached host compiles, the device runs.

use crate::class_id::CODE;
use hal::CompileMode;
use vm::{Args, Raised, Ret, Slot, TypeDef, Val, Vm, class_id};

/// Longest file name that `compile` passes on, in bytes.
const NAME_LIMIT: usize = 64;

/// Fields of a code object: the bytecode, whether it is an expression.
pub(crate) const TYPES: &[TypeDef] = &[TypeDef { id: CODE, name: "code", base: class_id::OBJECT, members: &[] }];

/// `eval(source or code, globals=None, locals=None)`.
pub(super) fn eval(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    run(vm, args, CompileMode::Eval)
}

/// `exec(source or code, globals=None, locals=None)`.
pub(super) fn exec(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    run(vm, args, CompileMode::Exec)
}

fn run(vm: &mut Vm<'_>, args: Args, mode: CompileMode) -> Result<Ret, Raised> {
    let (globals, code, function) = (vm.temp()?, vm.temp()?, vm.temp()?);
    let own = vm.temp()?;
    let separate = namespace(vm, args, globals, own)?;
    let source = args.slot(0);
    if vm.heap.class_of(vm.heap.get(source)) == CODE {
        vm.heap.set(code, vm.heap.native_field(vm.heap.get(source), 0));
    } else {
        compile_text(vm, source, "<string>", mode, code)?;
    }
    vm.load_bytecode(code, globals, function)?;
    if let CompileMode::Eval = mode {
        return vm.tail_call(args, function, &[]);
    }
    if separate {
        let name = vm.retry(|heap| heap.intern(b"run_with_locals"))?;
        return vm.tail_prelude(args, name, &[function, globals, own, args.slot(2)]);
    }
    // The result of module code is nobody's.
    let name = vm.retry(|heap| heap.intern(b"run_and_forget"))?;
    vm.tail_prelude(args, name, &[function])
}

/// The namespace to run in; true if it is neither the globals nor the locals: code has one namespace here, so with
/// separate locals it gets a copy of the globals (which go to `own`) with the locals on top. What it assigns goes back
/// to the locals.
fn namespace(vm: &mut Vm<'_>, args: Args, out: Slot, own: Slot) -> Result<bool, Raised> {
    let given = |index: u32| (index < args.count()).then(|| args.slot(index));
    let present = |vm: &Vm<'_>, slot: Option<Slot>| slot.filter(|slot| !vm.heap.get(*slot).is_none());
    let (globals, locals) = (present(vm, given(1)), present(vm, given(2)));
    match globals {
        Some(globals) if !vm.heap.is_dict(vm.heap.builtin_part(vm.heap.get(globals))) => {
            return Err(vm.heap.type_error("globals must be a dict"));
        }
        Some(globals) => vm.heap.set(out, vm.heap.builtin_part(vm.heap.get(globals))),
        None => vm.make(out, |heap| super::object::globals(heap, args))?,
    }
    vm.heap.set(own, vm.heap.get(out));
    let Some(locals) = locals else { return Ok(false) };
    if vm.heap.builtin_part(vm.heap.get(locals)) == vm.heap.get(out) {
        return Ok(false);
    }
    if !vm.heap.is_dict(vm.heap.builtin_part(vm.heap.get(locals))) {
        return Err(vm.heap.type_error("locals must be a dict"));
    }
    vm.make(out, |heap| {
        let (globals, locals) = (heap.get(out), heap.builtin_part(heap.get(locals)));
        let both = heap.new_dict(heap.table_len(globals) + heap.table_len(locals))?;
        for part in [globals, locals] {
            let mut position = 0;
            while let Some((at, key, value)) = heap.table_next(part, position) {
                heap.table_set(both, key, value)?;
                position = at + 1;
            }
        }
        Ok(both)
    })?;
    Ok(true)
}

/// Compiles a str or bytes object.
fn compile_text(vm: &mut Vm<'_>, source: Slot, name: &str, mode: CompileMode, out: Slot) -> Result<(), Raised> {
    let text = vm.temp()?;
    vm.make(text, |heap| {
        let value = heap.builtin_part(heap.get(source));
        let bytes = match heap.str_bytes(value) {
            Some(bytes) => bytes,
            None => match heap.buffer(value)? {
                Some(bytes) => bytes,
                None => return Err(heap.type_error("source must be a string, bytes or code object")),
            },
        };
        match mode {
            // Leading space is no indentation here.
            CompileMode::Eval => heap.new_str(bytes.trim_ascii_start()),
            _ => heap.new_str(bytes),
        }
    })?;
    vm.compile(text, name, mode, out)?;
    vm.pop_temp(text);
    Ok(())
}

/// `compile(source, filename, mode)`.
pub(super) fn compile(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let names = &["source", "filename", "mode", "flags", "dont_inherit", "optimize"];
    let [source, name, mode, ..] = vm.heap.bind_slots(args, names, 3)?;
    let (Some(source), Some(name), Some(mode)) = (source, name, mode) else { return Ok(Ret::NONE) };
    let mode = match vm.heap.expect_str(vm.heap.get(mode))? {
        b"exec" => CompileMode::Exec,
        b"eval" => CompileMode::Eval,
        b"single" => CompileMode::Single,
        _ => return Err(vm.heap.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let mut buffer = [0; NAME_LIMIT];
    let text = vm.heap.expect_str(vm.heap.get(name))?;
    let length = text.len().min(NAME_LIMIT);
    buffer.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    let name = core::str::from_utf8(buffer.get(..length).unwrap_or(&[])).unwrap_or("<string>");
    let code = vm.temp()?;
    compile_text(vm, source, name, mode, code)?;
    vm.make_ret(|heap| {
        let object = heap.new_native(CODE, 2)?;
        heap.set_native_field(object, 0, heap.get(code));
        heap.set_native_field(object, 1, Val::bool(matches!(mode, CompileMode::Eval)));
        Ok(object)
    })
}
