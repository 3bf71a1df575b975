//! Text of values, and the console: `print`, `repr`, `format`, `input`.

use crate::stream;
use vm::{Args, Raised, Ret, Sink, Slot, Val, Vm, class_id, names};

/// `print(*values, sep=" ", end="\n", file=None, flush=False)`.
pub(super) fn print(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (mut separator, mut end, mut file, mut flush) = (None, None, None, None);
    for index in 0..args.keyword_count() {
        let heap = &*vm.heap;
        let value = args.keyword_value_slot(index);
        let name = heap.get(args.keyword_slot(index));
        let given = (!heap.get(value).is_none()).then_some(value);
        match heap.str_bytes(name).unwrap_or(b"") {
            b"sep" => separator = text_argument(vm, given, "sep must be None or a string")?,
            b"end" => end = text_argument(vm, given, "end must be None or a string")?,
            b"file" => file = given,
            b"flush" => flush = given,
            _ => {
                let text = "print() got an unexpected keyword argument '{}'";
                return Err(heap.error_about(class_id::TYPE_ERROR, text, name, Val::NONE));
            }
        }
    }
    let text = vm.temp()?;
    for index in 0..args.count() {
        if index > 0 {
            write(vm, file, separator, b" ")?;
        }
        let value = args.slot(index);
        if vm.heap.is_str(vm.heap.get(value)) {
            write(vm, file, Some(value), b"")?;
        } else {
            vm.str(value, text)?;
            write(vm, file, Some(text), b"")?;
        }
    }
    write(vm, file, end, b"\n")?;
    if let Some(file) = file
        && let Some(flush) = flush
        && vm.truth(flush)?
    {
        let name = names::FLUSH;
        vm.call_method(file, name, &[], text)?;
    }
    Ok(Ret::NONE)
}

fn text_argument(vm: &Vm<'_>, value: Option<Slot>, refusal: &'static str) -> Result<Option<Slot>, Raised> {
    match value {
        Some(slot) if !vm.heap.is_str(vm.heap.get(slot)) => Err(vm.heap.type_error(refusal)),
        other => Ok(other),
    }
}

/// Writes the str in `text`, or `default`, to a stream (`None`: standard output).
fn write(vm: &mut Vm<'_>, file: Option<Slot>, text: Option<Slot>, default: &[u8]) -> Result<(), Raised> {
    let Some(file) = file else {
        let bytes = text.and_then(|text| vm.heap.str_bytes(vm.heap.get(text))).unwrap_or(default);
        if !bytes.is_empty() {
            vm.system.stdout(bytes);
        }
        return Ok(());
    };
    let text = match text {
        Some(text) => text,
        None => {
            let text = vm.temp()?;
            vm.make(text, |heap| heap.new_str(default))?;
            text
        }
    };
    let out = vm.temp()?;
    if !vm.call_method(file, names::WRITE, &[text], out)? {
        let text = "'{t}' object has no attribute 'write'";
        return Err(vm.heap.error_about(class_id::ATTRIBUTE_ERROR, text, vm.heap.get(file), Val::NONE));
    }
    vm.pop_temp(out);
    Ok(())
}

/// `repr(object)`.
pub(super) fn repr(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let out = vm.temp()?;
    vm.repr(args.slot(0), out)?;
    Ok(vm.heap.get(out).ret())
}

/// `ascii(object)`: the repr with all but ASCII escaped.
pub(super) fn ascii(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let out = vm.temp()?;
    vm.repr(args.slot(0), out)?;
    if vm.heap.is_ascii(vm.heap.get(out)) {
        return Ok(vm.heap.get(out).ret());
    }
    vm.make_ret(|heap| {
        let text = heap.str_bytes(heap.get(out)).unwrap_or(b"");
        let mut sink = Sink::new(heap);
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                match u32::from(c) {
                    0..128 => sink.push_char(c)?,
                    code @ 128..=0xff => escape(&mut sink, b"\\x", code, 2)?,
                    code @ 0x100..=0xffff => escape(&mut sink, b"\\u", code, 4)?,
                    code => escape(&mut sink, b"\\U", code, 8)?,
                }
            }
            for byte in chunk.invalid() {
                escape(&mut sink, b"\\x", u32::from(*byte), 2)?;
            }
        }
        sink.finish()
    })
}

fn escape(sink: &mut Sink<'_>, start: &[u8], code: u32, digits: u32) -> Result<(), Raised> {
    sink.push(start)?;
    sink.push_hex(code, digits)
}

/// `format(value, spec="")`.
pub(super) fn format(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    // `"{:spec}".format(value)` without parsing: the type's own formatting decides.
    let spec = if args.count() > 1 {
        args.slot(1)
    } else {
        let empty = vm.temp()?;
        vm.heap.set(empty, Val::name(names::EMPTY));
        empty
    };
    if !vm.heap.is_str(vm.heap.get(spec)) {
        let text = "format() argument 2 must be str, not {t}";
        return Err(vm.heap.error_about(class_id::TYPE_ERROR, text, vm.heap.get(spec), Val::NONE));
    }
    let out = vm.temp()?;
    vm.format(args.slot(0), spec, out)?;
    Ok(vm.heap.get(out).ret())
}

/// What the REPL does with the value of an expression.
pub(super) fn repl_print(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if vm.heap.arg(args, 0).is_none() {
        return Ok(Ret::NONE);
    }
    let text = vm.temp()?;
    vm.repr(args.slot(0), text)?;
    write(vm, None, Some(text), b"")?;
    vm.system.stdout(b"\n");
    vm.retry(|heap| heap.set_builtin(b"_", heap.arg(args, 0)))?;
    Ok(Ret::NONE)
}

/// `input(prompt="")`.
pub(super) fn input(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if args.count() > 0 {
        let text = vm.temp()?;
        vm.str(args.slot(0), text)?;
        write(vm, None, Some(text), b"")?;
    }
    let line = vm.temp()?;
    let length = stream::read_line(vm, line, u32::MAX)?;
    if length == 0 {
        return Err(vm.heap.error(class_id::EOF_ERROR, "EOF when reading a line"));
    }
    vm.make_ret(|heap| {
        let cells = heap.bytearray_cells(heap.get(line)).unwrap_or(&[]);
        let text = cells.get(..length as usize).unwrap_or(cells);
        let mut end = text.len();
        for stop in [b'\n', b'\r'] {
            if end > 0 && text.get(end - 1).is_some_and(|byte| byte.get() == stop) {
                end -= 1;
            }
        }
        stream::text_of(heap, text.get(..end).unwrap_or(text))
    })
}
