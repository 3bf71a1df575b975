//! `io`: files on the storage, text and bytes in memory, and the standard streams; one set of methods for all.

use crate::class_id::{BYTES_IO, FILE, STANDARD_STREAM, STRING_IO, UNSUPPORTED_OPERATION};
use crate::path::Path;
use crate::stream::{self, Gather};
use hal::{Error, FileId, OpenMode};
use vm::{Args, Heap, Member, Raised, Ret, Row, Slot, TypeDef, Val, Vm, class_id};

/// Bytes that are read at a time.
const CHUNK: usize = 64;
/// Flag of a file: text.
const TEXT: i32 = 1;
/// Flag of a file: may be read.
const READABLE: i32 = 2;
/// Flag of a file: may be written.
const WRITABLE: i32 = 4;

pub(crate) const MEMBERS: &[Row] = &[
    Row("BytesIO", Member::Type(BYTES_IO)),
    Row("SEEK_CUR", Member::Int(1)),
    Row("SEEK_END", Member::Int(2)),
    Row("SEEK_SET", Member::Int(0)),
    Row("StringIO", Member::Type(STRING_IO)),
    Row("UnsupportedOperation", Member::Type(UNSUPPORTED_OPERATION)),
    Row("open", Member::Keywords(open)),
];

pub(crate) const TYPES: &[TypeDef] = &[
    TypeDef { id: FILE, name: "TextIOWrapper", base: class_id::OBJECT, members: FILE_MEMBERS },
    TypeDef { id: STRING_IO, name: "StringIO", base: class_id::OBJECT, members: STRING_MEMBERS },
    TypeDef { id: BYTES_IO, name: "BytesIO", base: class_id::OBJECT, members: BYTES_MEMBERS },
    TypeDef { id: STANDARD_STREAM, name: "TextIOWrapper", base: class_id::OBJECT, members: STANDARD_MEMBERS },
    TypeDef { id: UNSUPPORTED_OPERATION, name: "UnsupportedOperation", base: class_id::OS_ERROR, members: &[] },
];

/// Fields: number in the open-file table (-1: closed), flags, name, mode.
const FILE_MEMBERS: &[Row] = &[
    Row("__enter__", Member::Leaf(enter, 1, 1)),
    Row("__exit__", Member::General(exit, 4, 4)),
    Row("__iter__", Member::Leaf(enter, 1, 1)),
    Row("__next__", Member::General(next, 1, 1)),
    Row("close", Member::General(close, 1, 1)),
    Row("closed", Member::Getter(|heap, args| Ok(Val::bool(heap.native_field(heap.arg(args, 0), 0) == Val::int(-1))))),
    Row("flush", Member::General(flush, 1, 1)),
    Row("mode", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 3)))),
    Row("name", Member::Getter(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 2)))),
    Row("read", Member::General(read, 1, 2)),
    Row("readable", Member::General(readable, 1, 1)),
    Row("readinto", Member::General(readinto, 2, 2)),
    Row("readline", Member::General(readline, 1, 2)),
    Row("readlines", Member::General(readlines, 1, 1)),
    Row("seek", Member::General(seek, 2, 3)),
    Row("seekable", Member::Leaf(|_, _| Ok(Val::TRUE), 1, 1)),
    Row("tell", Member::General(tell, 1, 1)),
    Row("writable", Member::General(writable, 1, 1)),
    Row("write", Member::General(write, 2, 2)),
    Row("writelines", Member::General(writelines, 2, 2)),
];

/// Fields: bytearray (`None`: closed), length of the content in it, position; all in bytes.
const STRING_MEMBERS: &[Row] = &[
    Row("__new__", Member::Keywords(|vm, args| new_memory(vm, args, STRING_IO))),
    Row("__enter__", Member::Leaf(enter, 1, 1)),
    Row("__exit__", Member::General(exit, 4, 4)),
    Row("__iter__", Member::Leaf(enter, 1, 1)),
    Row("__next__", Member::General(next, 1, 1)),
    Row("close", Member::General(close, 1, 1)),
    Row("closed", Member::Getter(|heap, args| Ok(Val::bool(heap.native_field(heap.arg(args, 0), 0).is_none())))),
    Row("flush", Member::General(flush, 1, 1)),
    Row("getvalue", Member::General(getvalue, 1, 1)),
    Row("read", Member::General(read, 1, 2)),
    Row("readable", Member::General(readable, 1, 1)),
    Row("readline", Member::General(readline, 1, 2)),
    Row("readlines", Member::General(readlines, 1, 1)),
    Row("seek", Member::General(seek, 2, 3)),
    Row("seekable", Member::Leaf(|_, _| Ok(Val::TRUE), 1, 1)),
    Row("tell", Member::General(tell, 1, 1)),
    Row("truncate", Member::General(truncate, 1, 2)),
    Row("writable", Member::General(writable, 1, 1)),
    Row("write", Member::General(write, 2, 2)),
    Row("writelines", Member::General(writelines, 2, 2)),
];

const BYTES_MEMBERS: &[Row] = &[
    Row("__new__", Member::Keywords(|vm, args| new_memory(vm, args, BYTES_IO))),
    Row("__enter__", Member::Leaf(enter, 1, 1)),
    Row("__exit__", Member::General(exit, 4, 4)),
    Row("__iter__", Member::Leaf(enter, 1, 1)),
    Row("__next__", Member::General(next, 1, 1)),
    Row("close", Member::General(close, 1, 1)),
    Row("closed", Member::Getter(|heap, args| Ok(Val::bool(heap.native_field(heap.arg(args, 0), 0).is_none())))),
    Row("flush", Member::General(flush, 1, 1)),
    Row("getvalue", Member::General(getvalue, 1, 1)),
    Row("read", Member::General(read, 1, 2)),
    Row("readable", Member::General(readable, 1, 1)),
    Row("readinto", Member::General(readinto, 2, 2)),
    Row("readline", Member::General(readline, 1, 2)),
    Row("readlines", Member::General(readlines, 1, 1)),
    Row("seek", Member::General(seek, 2, 3)),
    Row("seekable", Member::Leaf(|_, _| Ok(Val::TRUE), 1, 1)),
    Row("tell", Member::General(tell, 1, 1)),
    Row("truncate", Member::General(truncate, 1, 2)),
    Row("writable", Member::General(writable, 1, 1)),
    Row("write", Member::General(write, 2, 2)),
    Row("writelines", Member::General(writelines, 2, 2)),
];

/// Fields: 0 input, 1 output, 2 errors; whether it is text.
const STANDARD_MEMBERS: &[Row] = &[
    Row("__enter__", Member::Leaf(enter, 1, 1)),
    Row("__exit__", Member::General(exit, 4, 4)),
    Row("__iter__", Member::Leaf(enter, 1, 1)),
    Row("__next__", Member::General(next, 1, 1)),
    Row("buffer", Member::Getter(buffer)),
    Row("close", Member::Leaf(|_, _| Ok(Val::NONE), 1, 1)),
    Row("encoding", Member::Str("utf-8")),
    Row("fileno", Member::Leaf(|heap, args| Ok(heap.native_field(heap.arg(args, 0), 0)), 1, 1)),
    Row("flush", Member::General(flush, 1, 1)),
    Row("isatty", Member::Leaf(|_, _| Ok(Val::FALSE), 1, 1)),
    Row("read", Member::General(read, 1, 2)),
    Row("readable", Member::General(readable, 1, 1)),
    Row("readinto", Member::General(readinto, 2, 2)),
    Row("readline", Member::General(readline, 1, 2)),
    Row("readlines", Member::General(readlines, 1, 1)),
    Row("writable", Member::General(writable, 1, 1)),
    Row("write", Member::General(write, 2, 2)),
    Row("writelines", Member::General(writelines, 2, 2)),
];

/// Where bytes come from and go to.
#[derive(Clone, Copy)]
enum Device {
    File(FileId),
    Input,
    Output,
    Errors,
    /// The StringIO or BytesIO in this slot.
    Memory(Slot),
}

/// A stream object, looked at for one call.
#[derive(Clone, Copy)]
struct Stream {
    device: Device,
    text: bool,
    readable: bool,
    writable: bool,
}

impl Stream {
    /// The stream in `slot`. ValueError if it is closed.
    fn of(vm: &Vm<'_>, slot: Slot) -> Result<Stream, Raised> {
        let heap = &*vm.heap;
        let object = heap.get(slot);
        let number = |index| heap.native_field(object, index).small_int();
        let closed = || heap.value_error("I/O operation on closed file.");
        match heap.class_of(object) {
            FILE => {
                let id = number(0).and_then(|id| u8::try_from(id).ok()).ok_or_else(closed)?;
                let flags = number(1).unwrap_or(0);
                Ok(Stream {
                    device: Device::File(FileId(id)),
                    text: flags & TEXT != 0,
                    readable: flags & READABLE != 0,
                    writable: flags & WRITABLE != 0,
                })
            }
            class @ (STRING_IO | BYTES_IO) => {
                if heap.native_field(object, 0).is_none() {
                    // CPython's two differ in the final stop.
                    let text = if class == STRING_IO {
                        "I/O operation on closed file"
                    } else {
                        "I/O operation on closed file."
                    };
                    return Err(heap.value_error(text));
                }
                Ok(Stream { device: Device::Memory(slot), text: class == STRING_IO, readable: true, writable: true })
            }
            STANDARD_STREAM => {
                let text = heap.native_field(object, 1) == Val::TRUE;
                let device = match number(0) {
                    Some(0) => Device::Input,
                    Some(1) => Device::Output,
                    _ => Device::Errors,
                };
                let readable = matches!(device, Device::Input);
                Ok(Stream { device, text, readable, writable: !readable })
            }
            _ => {
                let text = "expected a stream, not {t}";
                Err(heap.error_about(class_id::TYPE_ERROR, text, object, Val::NONE))
            }
        }
    }

    fn for_reading(vm: &Vm<'_>, slot: Slot) -> Result<Stream, Raised> {
        let stream = Stream::of(vm, slot)?;
        if stream.readable { Ok(stream) } else { Err(vm.heap.error(UNSUPPORTED_OPERATION, "not readable")) }
    }

    /// Reads some bytes; 0 at the end.
    fn read(&self, vm: &mut Vm<'_>, buffer: &mut [u8]) -> Result<usize, Raised> {
        match self.device {
            Device::File(id) => vm.system.files().read(id, buffer).map_err(|error| vm.heap.os_error(error)),
            Device::Input => stream::read_some(vm, buffer),
            Device::Memory(slot) => Ok(read_memory(vm.heap, slot, buffer)),
            Device::Output | Device::Errors => Ok(0),
        }
    }

    /// Takes back the last `count` bytes that were read.
    fn unread(&self, vm: &mut Vm<'_>, count: usize) -> Result<(), Raised> {
        match self.device {
            Device::File(id) if count > 0 => {
                let seeked = vm.system.files().seek(id, -(count as i32), 1);
                seeked.map(|_| ()).map_err(|error| vm.heap.os_error(error))
            }
            Device::Memory(slot) => {
                let object = vm.heap.get(slot);
                let position = vm.heap.native_field(object, 2).small_int().unwrap_or(0);
                vm.heap.set_native_field(object, 2, Val::int(position - count as i32));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Reads a line, its end included, of at most `limit` bytes, into a bytearray in `out`.
    fn read_line(&self, vm: &mut Vm<'_>, out: Slot, limit: u32) -> Result<Gather, Raised> {
        if let Device::Input = self.device {
            let length = stream::read_line(vm, out, limit)?;
            return Ok(Gather { slot: out, length });
        }
        let mut gathered = Gather::new(vm, out, CHUNK as u32)?;
        let mut chunk = [0; CHUNK];
        while gathered.length < limit {
            let wanted = CHUNK.min((limit - gathered.length) as usize);
            let got = self.read(vm, chunk.get_mut(..wanted).unwrap_or(&mut []))?;
            let part = chunk.get(..got).unwrap_or(&chunk);
            let Some(end) = part.iter().position(|byte| *byte == b'\n') else {
                gathered.push(vm, part)?;
                if got == 0 {
                    break;
                }
                continue;
            };
            gathered.push(vm, part.get(..=end).unwrap_or(part))?;
            self.unread(vm, got - end - 1)?;
            break;
        }
        Ok(gathered)
    }

    /// Reads `limit` bytes, or to the end, into a bytearray in `out`.
    fn read_bytes(&self, vm: &mut Vm<'_>, gathered: &mut Gather, limit: u32) -> Result<(), Raised> {
        let mut chunk = [0; CHUNK];
        let end = gathered.length.saturating_add(limit);
        while gathered.length < end {
            let wanted = CHUNK.min((end - gathered.length) as usize);
            let got = self.read(vm, chunk.get_mut(..wanted).unwrap_or(&mut []))?;
            if got == 0 {
                break;
            }
            gathered.push(vm, chunk.get(..got).unwrap_or(&chunk))?;
        }
        Ok(())
    }

    /// Reads `limit` characters, or to the end.
    fn read_characters(&self, vm: &mut Vm<'_>, gathered: &mut Gather, limit: u32) -> Result<(), Raised> {
        // Every character has at least one byte, so as many bytes as characters are missing never reach too far.
        loop {
            let (characters, missing) = characters(vm.heap, gathered);
            let wanted = if characters >= limit { missing } else { (limit - characters).max(missing) };
            let before = gathered.length;
            self.read_bytes(vm, gathered, wanted)?;
            if gathered.length == before {
                return Ok(());
            }
        }
    }

    /// Writes bytes that are not in the heap, or are read from it by the caller.
    fn finish(&self, vm: &mut Vm<'_>, gathered: &Gather) -> Result<Ret, Raised> {
        let out = gathered.slot;
        gathered.finish(vm, self.text, out)?;
        Ok(vm.heap.get(out).ret())
    }
}

/// Characters that were begun, and bytes that the last one lacks.
fn characters(heap: &Heap, gathered: &Gather) -> (u32, u32) {
    let cells = heap.bytearray_cells(heap.get(gathered.slot)).unwrap_or(&[]);
    let cells = cells.get(..gathered.length as usize).unwrap_or(cells);
    let (mut count, mut missing) = (0, 0u32);
    for cell in cells {
        match cell.get() {
            0x80..=0xbf => missing = missing.saturating_sub(1),
            byte => {
                count += 1;
                missing = match byte {
                    0xc0..=0xdf => 1,
                    0xe0..=0xef => 2,
                    0xf0..=0xf7 => 3,
                    _ => 0,
                };
            }
        }
    }
    (count, missing)
}

fn read_memory(heap: &Heap, slot: Slot, buffer: &mut [u8]) -> usize {
    let object = heap.get(slot);
    let number = |index| heap.native_field(object, index).small_int().unwrap_or(0) as usize;
    let (length, position) = (number(1), number(2));
    let cells = heap.bytearray_cells(heap.native_field(object, 0)).unwrap_or(&[]);
    let rest = cells.get(position.min(length)..length).unwrap_or(&[]);
    let count = rest.len().min(buffer.len());
    for (byte, cell) in buffer.iter_mut().zip(rest) {
        *byte = cell.get();
    }
    heap.set_native_field(object, 2, Val::int((position + count) as i32));
    count
}

/// Makes room in a StringIO or BytesIO for content of `length` bytes.
fn reserve_memory(vm: &mut Vm<'_>, slot: Slot, length: usize) -> Result<(), Raised> {
    let capacity = vm.heap.bytearray_cells(vm.heap.native_field(vm.heap.get(slot), 0)).map_or(0, <[_]>::len);
    if length <= capacity {
        return Ok(());
    }
    let wanted = u32::try_from(length.max(capacity + capacity / 2)).unwrap_or(u32::MAX);
    vm.retry(|heap| {
        let object = heap.get(slot);
        let larger = heap.new_bytearray(wanted)?;
        let (to, from) = (heap.bytearray_cells(larger), heap.bytearray_cells(heap.native_field(object, 0)));
        for (to, from) in to.unwrap_or(&[]).iter().zip(from.unwrap_or(&[])) {
            to.set(from.get());
        }
        heap.set_native_field(object, 0, larger);
        Ok(())
    })
}

fn write_memory(vm: &mut Vm<'_>, slot: Slot, data: Slot) -> Result<(), Raised> {
    let added = data_length(vm.heap, vm.heap.get(data));
    let number = |heap: &Heap, index| heap.native_field(heap.get(slot), index).small_int().unwrap_or(0) as usize;
    let (length, position) = (number(vm.heap, 1), number(vm.heap, 2));
    let end = position + added;
    reserve_memory(vm, slot, end)?;
    let heap = &*vm.heap;
    let object = heap.get(slot);
    let cells = heap.bytearray_cells(heap.native_field(object, 0)).unwrap_or(&[]);
    // A gap behind the old end reads as zeros.
    for cell in cells.get(length..position).unwrap_or(&[]) {
        cell.set(0);
    }
    let target = cells.get(position..end).unwrap_or(&[]);
    let value = heap.get(data);
    if let Some(from) = heap.writable_cells(value) {
        target.iter().zip(from).for_each(|(to, from)| to.set(from.get()));
    } else {
        let from = heap.str_bytes(value).or_else(|| heap.bytes_bytes(value)).unwrap_or(b"");
        target.iter().zip(from).for_each(|(to, from)| to.set(*from));
    }
    heap.set_native_field(object, 1, Val::int(end.max(length) as i32));
    heap.set_native_field(object, 2, Val::int(end as i32));
    Ok(())
}

fn data_length(heap: &Heap, value: Val<'_>) -> usize {
    match heap.writable_cells(value) {
        Some(cells) => cells.len(),
        None => heap.str_bytes(value).or_else(|| heap.bytes_bytes(value)).map_or(0, <[u8]>::len),
    }
}

// ---- making

/// `open(file, mode="r", …)`.
pub(crate) fn open(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let names = &["file", "mode", "buffering", "encoding", "errors", "newline"];
    let [file, mode, ..] = vm.heap.bind_slots(args, names, 1)?;
    let file = file.unwrap_or(args.slot(0));
    let path = Path::of(vm, file)?;
    let (open_mode, text) = match mode {
        Some(mode) => parse_mode(vm.heap, vm.heap.get(mode))?,
        None => (OpenMode { read: true, ..OpenMode::default() }, true),
    };
    let flags =
        (i32::from(text) * TEXT) | (i32::from(open_mode.read) * READABLE) | (i32::from(open_mode.write) * WRITABLE);
    // The object first: an open file must not be forgotten for want of memory.
    let object = vm.temp()?;
    vm.make(object, |heap| {
        let object = heap.new_native(FILE, 4)?;
        heap.set_native_field(object, 0, Val::int(-1));
        heap.set_native_field(object, 1, Val::int(flags));
        heap.set_native_field(object, 2, heap.get(file));
        heap.set_native_field(object, 3, mode.map_or(Val::name(u16::from(b'r')), |mode| heap.get(mode)));
        Ok(object)
    })?;
    let id = vm.system.files().open(path.text(), open_mode).map_err(|error| vm.heap.os_error(error))?;
    vm.heap.set_native_field(vm.heap.get(object), 0, Val::int(i32::from(id.0)));
    Ok(vm.heap.get(object).ret())
}

fn parse_mode(heap: &Heap, mode: Val<'_>) -> Result<(OpenMode, bool), Raised> {
    let text = heap.expect_str(mode)?;
    let (mut open, mut is_text, mut kinds, mut forms) = (OpenMode::default(), true, 0, 0);
    for byte in text {
        match byte {
            b'r' => {
                open.read = true;
                kinds += 1;
            }
            b'w' => {
                (open.write, open.truncate, open.create) = (true, true, true);
                kinds += 1;
            }
            b'a' => {
                (open.write, open.append, open.create) = (true, true, true);
                kinds += 1;
            }
            b'x' => {
                (open.write, open.exclusive, open.create) = (true, true, true);
                kinds += 1;
            }
            b'+' => (open.read, open.write) = (true, true),
            b'b' => {
                is_text = false;
                forms += 1;
            }
            b't' => forms += 1,
            _ => return Err(heap.error_about(class_id::VALUE_ERROR, "invalid mode: '{}'", mode, Val::NONE)),
        }
    }
    if forms > 1 {
        return Err(heap.value_error("can't have text and binary mode at once"));
    }
    if kinds != 1 {
        return Err(heap.value_error("must have exactly one of create/read/write/append mode"));
    }
    Ok((open, is_text))
}

fn new_memory(vm: &mut Vm<'_>, args: Args, class: u16) -> Result<Ret, Raised> {
    let args = vm.heap.without_class(args);
    let [initial, _newline] = vm.heap.bind_slots(args, &["", "newline"], 0)?;
    let content = vm.temp()?;
    let mut length = 0;
    if let Some(initial) = initial.filter(|initial| !vm.heap.get(*initial).is_none()) {
        let heap = &*vm.heap;
        let value = heap.builtin_part(heap.get(initial));
        let is_data = if class == STRING_IO {
            heap.is_str(value)
        } else {
            // Anything with a length in place of content is MicroPython's room to reserve.
            heap.bytes_bytes(value).is_some() || heap.bytearray_cells(value).is_some() || value.small_int().is_some()
        };
        if !is_data {
            let text = "initial_value must be str, bytes or None, not {t}";
            return Err(heap.error_about(class_id::TYPE_ERROR, text, value, Val::NONE));
        }
        length = data_length(heap, value);
        heap.set(content, value);
    }
    vm.make_ret(|heap| {
        let bytes = heap.new_bytearray(length as u32)?;
        let object = heap.new_native(class, 3)?;
        let cells = heap.bytearray_cells(bytes).unwrap_or(&[]);
        let value = heap.get(content);
        if let Some(from) = heap.bytearray_cells(value) {
            cells.iter().zip(from).for_each(|(to, from)| to.set(from.get()));
        } else if let Some(from) = heap.str_bytes(value).or_else(|| heap.bytes_bytes(value)) {
            cells.iter().zip(from).for_each(|(to, from)| to.set(*from));
        }
        heap.set_native_field(object, 0, bytes);
        heap.set_native_field(object, 1, Val::int(length as i32));
        heap.set_native_field(object, 2, Val::int(0));
        Ok(object)
    })
}

/// A standard stream object: 0 input, 1 output, 2 errors.
pub(crate) fn new_standard(heap: &Heap, number: i32, text: bool) -> Result<Val<'_>, Raised> {
    let object = heap.new_native(STANDARD_STREAM, 2)?;
    heap.set_native_field(object, 0, Val::int(number));
    heap.set_native_field(object, 1, Val::bool(text));
    Ok(object)
}

fn buffer(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let number = heap.native_field(heap.arg(args, 0), 0).small_int().unwrap_or(0);
    new_standard(heap, number, false)
}

// ---- methods

fn enter(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(heap.arg(args, 0))
}

fn exit(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if vm.heap.class_of(vm.heap.arg(args, 0)) != STANDARD_STREAM {
        return close(vm, args);
    }
    Ok(Ret::NONE)
}

fn close(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let heap = &*vm.heap;
    let object = heap.arg(args, 0);
    if heap.class_of(object) != FILE {
        heap.set_native_field(object, 0, Val::NONE);
        return Ok(Ret::NONE);
    }
    let Some(id) = heap.native_field(object, 0).small_int().and_then(|id| u8::try_from(id).ok()) else {
        return Ok(Ret::NONE);
    };
    heap.set_native_field(object, 0, Val::int(-1));
    vm.system.files().close(FileId(id)).map_err(|error| vm.heap.os_error(error))?;
    Ok(Ret::NONE)
}

fn flush(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::of(vm, args.slot(0))?;
    if let Device::File(id) = stream.device
        && stream.writable
    {
        vm.system.files().flush(id).map_err(|error| vm.heap.os_error(error))?;
    }
    Ok(Ret::NONE)
}

fn readable(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    Ok(Val::bool(Stream::of(vm, args.slot(0))?.readable).ret())
}

fn writable(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    Ok(Val::bool(Stream::of(vm, args.slot(0))?.writable).ret())
}

/// A size argument: absent, `None` and negative mean no limit.
fn limit_argument(vm: &Vm<'_>, args: Args) -> Result<u32, Raised> {
    match vm.heap.optional_arg(args, 1).filter(|limit| !limit.is_none()) {
        Some(limit) => Ok(u32::try_from(vm.heap.expect_int(limit)?).unwrap_or(u32::MAX)),
        None => Ok(u32::MAX),
    }
}

fn read(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::for_reading(vm, args.slot(0))?;
    let limit = limit_argument(vm, args)?;
    let out = vm.temp()?;
    let capacity = match (limit, stream.device) {
        // What is left is known: one allocation, no copies.
        (u32::MAX, Device::File(id)) => rest_of(vm, id)?.max(1),
        _ => limit.min(CHUNK as u32).max(1),
    };
    let mut gathered = Gather::new(vm, out, capacity)?;
    if stream.text && limit != u32::MAX {
        stream.read_characters(vm, &mut gathered, limit)?;
    } else {
        stream.read_bytes(vm, &mut gathered, limit)?;
    }
    stream.finish(vm, &gathered)
}

/// Bytes between a file's position and its end.
fn rest_of(vm: &mut Vm<'_>, id: FileId) -> Result<u32, Raised> {
    let files = vm.system.files();
    let rest = (|| {
        let here = files.seek(id, 0, 1)?;
        let end = files.seek(id, 0, 2)?;
        files.seek(id, i32::try_from(here).map_err(|_| Error::TooLarge)?, 0)?;
        Ok(end.saturating_sub(here))
    })();
    rest.map_err(|error| vm.heap.os_error(error))
}

fn readline(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::for_reading(vm, args.slot(0))?;
    let limit = limit_argument(vm, args)?;
    let out = vm.temp()?;
    let mut gathered = stream.read_line(vm, out, limit)?;
    if stream.text && limit != u32::MAX {
        let (_, missing) = characters(vm.heap, &gathered);
        stream.read_bytes(vm, &mut gathered, missing)?;
    }
    stream.finish(vm, &gathered)
}

fn next(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::for_reading(vm, args.slot(0))?;
    let out = vm.temp()?;
    let gathered = stream.read_line(vm, out, u32::MAX)?;
    if gathered.length == 0 {
        return Err(vm.heap.error_value(class_id::STOP_ITERATION, Val::NONE));
    }
    stream.finish(vm, &gathered)
}

fn readlines(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    Stream::for_reading(vm, args.slot(0))?;
    vm.forward_to_prelude_as(args, b"read_lines")
}

fn writelines(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    Stream::of(vm, args.slot(0))?;
    vm.forward_to_prelude_as(args, b"write_lines")
}

fn readinto(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::for_reading(vm, args.slot(0))?;
    let Some(room) = vm.heap.writable_cells(vm.heap.arg(args, 1)).map(<[_]>::len) else {
        let text = "readinto() argument must be read-write bytes-like object, not {t}";
        return Err(vm.heap.error_about(class_id::TYPE_ERROR, text, vm.heap.arg(args, 1), Val::NONE));
    };
    let mut chunk = [0; CHUNK];
    let mut filled = 0;
    while filled < room {
        let got = stream.read(vm, chunk.get_mut(..CHUNK.min(room - filled)).unwrap_or(&mut []))?;
        if got == 0 {
            break;
        }
        let cells = vm.heap.writable_cells(vm.heap.arg(args, 1)).unwrap_or(&[]);
        for (cell, byte) in cells.iter().skip(filled).zip(chunk.get(..got).unwrap_or(&chunk)) {
            cell.set(*byte);
        }
        filled += got;
    }
    Ok(Val::int(filled as i32).ret())
}

fn write(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::of(vm, args.slot(0))?;
    if !stream.writable {
        return Err(vm.heap.error(UNSUPPORTED_OPERATION, "not writable"));
    }
    let data = vm.temp()?;
    let first = vm.heap.builtin_part(vm.heap.arg(args, 1));
    if vm.heap.is_memoryview(first) && vm.heap.writable_cells(first).is_none() {
        // A view of bytes is read through a copy.
        vm.make(args.slot(1), |heap| heap.new_bytes(heap.buffer(heap.arg(args, 1))?.unwrap_or(b"")))?;
    }
    let heap = &*vm.heap;
    let value = heap.builtin_part(heap.arg(args, 1));
    // MicroPython lets bytes pass to a text stream; so do we, as devices' drivers rely on it.
    let accepted = heap.is_str(value) == stream.text
        || (stream.text && !heap.is_str(value) && !matches!(stream.device, Device::Memory(_)));
    let is_data = heap.is_str(value) || heap.bytes_bytes(value).is_some() || heap.writable_cells(value).is_some();
    if !accepted || !is_data {
        let text = if stream.text {
            "write() argument must be str, not {t}"
        } else {
            "a bytes-like object is required, not '{t}'"
        };
        return Err(heap.error_about(class_id::TYPE_ERROR, text, value, Val::NONE));
    }
    heap.set(data, value);
    let count = if heap.is_str(value) { heap.str_len(value) as usize } else { data_length(heap, value) };
    if let Device::Memory(slot) = stream.device {
        write_memory(vm, slot, data)?;
        return Ok(Val::int(count as i32).ret());
    }
    let mut chunk = [0; CHUNK];
    let mut offset = 0;
    loop {
        let heap = &*vm.heap;
        let value = heap.get(data);
        let part = match heap.writable_cells(value) {
            Some(cells) => {
                // Mutable bytes go out through a copy of each piece.
                let cells = cells.get(offset..).unwrap_or(&[]);
                let count = cells.len().min(CHUNK);
                chunk.iter_mut().zip(cells).for_each(|(byte, cell)| *byte = cell.get());
                chunk.get(..count).unwrap_or(&[])
            }
            None if offset > 0 => &[],
            None => heap.str_bytes(value).or_else(|| heap.bytes_bytes(value)).unwrap_or(b""),
        };
        if part.is_empty() {
            break;
        }
        offset += part.len();
        match stream.device {
            Device::Output => vm.system.stdout(part),
            Device::Errors => vm.system.stderr(part),
            Device::File(id) => vm.system.files().write(id, part).map_err(|error| heap.os_error(error))?,
            Device::Input | Device::Memory(_) => {}
        }
    }
    Ok(Val::int(count as i32).ret())
}

fn seek(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::of(vm, args.slot(0))?;
    let offset = vm.heap.expect_int(vm.heap.arg(args, 1))?;
    let whence = match vm.heap.optional_arg(args, 2) {
        Some(whence) => vm.heap.expect_int(whence)?,
        None => 0,
    };
    if !(0..=2).contains(&whence) {
        return Err(vm.heap.value_error("invalid whence"));
    }
    if whence == 0 && offset < 0 {
        return Err(vm.heap.value_error("negative seek value"));
    }
    let position = match stream.device {
        Device::File(id) => {
            vm.system.files().seek(id, offset, whence as u8).map_err(|error| vm.heap.os_error(error))?
        }
        Device::Memory(slot) => {
            let heap = &*vm.heap;
            let object = heap.get(slot);
            let start = match whence {
                0 => 0,
                1 => heap.native_field(object, 2).small_int().unwrap_or(0),
                _ => heap.native_field(object, 1).small_int().unwrap_or(0),
            };
            let position = start.saturating_add(offset).clamp(0, vm::INT_MAX);
            heap.set_native_field(object, 2, Val::int(position));
            position as u32
        }
        _ => return Err(vm.heap.error(UNSUPPORTED_OPERATION, "underlying stream is not seekable")),
    };
    vm.make_ret(|heap| heap.new_unsigned(u64::from(position)))
}

fn tell(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::of(vm, args.slot(0))?;
    match stream.device {
        Device::File(id) => {
            let position = vm.system.files().seek(id, 0, 1).map_err(|error| vm.heap.os_error(error))?;
            vm.make_ret(|heap| heap.new_unsigned(u64::from(position)))
        }
        Device::Memory(slot) => Ok(vm.heap.native_field(vm.heap.get(slot), 2).ret()),
        _ => Err(vm.heap.error(UNSUPPORTED_OPERATION, "underlying stream is not seekable")),
    }
}

fn truncate(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    Stream::of(vm, args.slot(0))?;
    let heap = &*vm.heap;
    let object = heap.arg(args, 0);
    let size = match heap.optional_arg(args, 1).filter(|size| !size.is_none()) {
        Some(size) => heap.expect_int(size)?,
        None => heap.native_field(object, 2).small_int().unwrap_or(0),
    };
    if size < 0 {
        return Err(heap.value_error("negative size value"));
    }
    let length = heap.native_field(object, 1).small_int().unwrap_or(0);
    heap.set_native_field(object, 1, Val::int(size.min(length)));
    vm.make_ret(|heap| heap.new_int(i64::from(size)))
}

fn getvalue(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let stream = Stream::of(vm, args.slot(0))?;
    vm.make_ret(|heap| {
        let object = heap.arg(args, 0);
        let length = heap.native_field(object, 1).small_int().unwrap_or(0) as usize;
        let cells = heap.bytearray_cells(heap.native_field(object, 0)).unwrap_or(&[]);
        let cells = cells.get(..length).unwrap_or(cells);
        if stream.text { stream::text_of(heap, cells) } else { stream::bytes_of(heap, cells) }
    })
}
