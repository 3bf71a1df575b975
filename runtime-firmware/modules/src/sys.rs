//! `sys`: the executor, its streams and its modules.

use crate::class_id::IMPLEMENTATION;
use crate::io;
use vm::{Args, Heap, Member, Raised, Ret, Row, TypeDef, Val, Vm, class_id};

/// `sys.version`: the language level, then what runs it.
pub(crate) const VERSION: &str = concat!("3.13.0; upy ", env!("CARGO_PKG_VERSION"));
/// `os.uname()`'s release.
pub(crate) const RELEASE: &str = env!("CARGO_PKG_VERSION");
/// Bytecode version and sub-version, no native code: what mip looks at to choose .mpy files.
const MPY_FORMAT: i32 = 6 | 3 << 8;

pub(crate) const MEMBERS: &[Row] = &[
    Row("argv", Member::Computed(argv)),
    Row("byteorder", Member::Str("little")),
    Row("exit", Member::Leaf(exit, 0, 1)),
    Row("implementation", Member::Computed(implementation)),
    Row("maxsize", Member::Computed(maxsize)),
    Row("modules", Member::Computed(modules)),
    Row("path", Member::Computed(path)),
    Row("platform", Member::Str("upy")),
    Row("print_exception", Member::General(print_exception, 1, 1)),
    Row("stderr", Member::Computed(stderr)),
    Row("stdin", Member::Computed(stdin)),
    Row("stdout", Member::Computed(stdout)),
    Row("version", Member::Str(VERSION)),
    Row("version_info", Member::Computed(version_info)),
];

/// Field: the machine's name.
pub(crate) const TYPES: &[TypeDef] = &[TypeDef {
    id: IMPLEMENTATION,
    name: "implementation",
    base: class_id::OBJECT,
    members: &[
        Row("_machine", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)))),
        Row("_mpy", Member::Int(MPY_FORMAT)),
        Row("name", Member::Str("upy")),
        Row("version", Member::Getter(|heap, _| release(heap))),
    ],
}];

/// The value kept under `key` in the modules' state, made when it is first asked for.
fn kept(
    vm: &mut Vm<'_>,
    key: &'static [u8],
    make: for<'h> fn(&'h Heap) -> Result<Val<'h>, Raised>,
) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        if let Some(value) = heap.module_state(key) {
            return Ok(value);
        }
        let value = make(heap)?;
        heap.set_module_state(key, value)?;
        Ok(value)
    })
}

fn argv(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    kept(vm, b"argv", |heap| {
        let list = heap.new_list(1)?;
        heap.list_push(list, heap.new_str(b"")?)?;
        Ok(list)
    })
}

/// Once a program has looked at it, `import` searches this list; see the vm's `import.rs`.
fn path(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    kept(vm, b"path", |heap| {
        let list = heap.new_list(4)?;
        for entry in vm::DEFAULT_PATH {
            heap.list_push(list, heap.new_str(entry.as_bytes())?)?;
        }
        Ok(list)
    })
}

fn modules(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let out = vm.temp()?;
    vm.modules(out)?;
    Ok(vm.heap.get(out).ret())
}

fn stdin(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    kept(vm, b"stdin", |heap| io::new_standard(heap, 0, true))
}

fn stdout(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    kept(vm, b"stdout", |heap| io::new_standard(heap, 1, true))
}

fn stderr(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    kept(vm, b"stderr", |heap| io::new_standard(heap, 2, true))
}

fn maxsize(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| heap.new_int(i64::from(i32::MAX)))
}

fn version_info(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| heap.new_tuple_of(&[Val::int(3), Val::int(13), Val::int(0)]))
}

/// The executor's own version as numbers.
fn release(heap: &Heap) -> Result<Val<'_>, Raised> {
    let list = heap.new_list(4)?;
    for part in RELEASE.split('.').take(3) {
        let n = part.bytes().take_while(u8::is_ascii_digit).fold(0i32, |n, digit| n * 10 + i32::from(digit - b'0'));
        heap.list_push(list, Val::int(n))?;
    }
    let item = |index| heap.list_get(list, index).unwrap_or(Val::int(0));
    heap.new_tuple_of(&[item(0), item(1), item(2), heap.new_str(b"")?])
}

fn implementation(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let machine = vm.system.description().machine;
    vm.make_ret(|heap| {
        let text = heap.new_str(machine.as_bytes())?;
        let object = heap.new_native(IMPLEMENTATION, 1)?;
        heap.set_native_field(object, 0, text);
        Ok(object)
    })
}

fn exit(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    match heap.optional_arg(args, 0) {
        Some(status) if !status.is_none() => Err(heap.error_value(class_id::SYSTEM_EXIT, status)),
        _ => Err(heap.error(class_id::SYSTEM_EXIT, "")),
    }
}

/// `print_exception(exception)`: to standard error.
fn print_exception(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if !vm.heap.is_instance(vm.heap.arg(args, 0), class_id::BASE_EXCEPTION) {
        return Err(vm.heap.type_error("print_exception() argument 1 must be an exception"));
    }
    vm.print_exception(args.slot(0));
    Ok(Ret::NONE)
}
