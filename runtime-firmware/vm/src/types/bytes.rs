//! `bytes`: methods and constructor. Most methods are those of text.

use super::protocol;
use super::slice::Indices;
use crate::Args;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::rom::{Member, Row};
use crate::text::Sink;
use crate::text::methods::{TextKind, case, leaf, pad, replace, search, split, strip};
use crate::text::sink::HEX;
use crate::value::*;
use crate::vm::Vm;

/// The methods of bytes and bytearray alike, after those that are given.
macro_rules! with_shared {
    ($($own:expr,)*) => {
        &[
            $($own,)*
            protocol::CONTAINS,
            protocol::GET,
            protocol::ITER,
            protocol::LEN,
            Row("capitalize", Member::Leaf(case::capitalize, 1, 1)),
            Row("center", Member::Leaf(pad::center, 2, 3)),
            Row("count", Member::Leaf(search::count, 2, 4)),
            Row("decode", Member::Keywords(decode)),
            Row("endswith", Member::Leaf(search::endswith, 2, 4)),
            Row("expandtabs", Member::Keywords(pad::expandtabs)),
            Row("find", Member::Leaf(search::find_method, 2, 4)),
            Row("hex", Member::Leaf(hex, 1, 3)),
            Row("index", Member::Leaf(search::index, 2, 4)),
            Row("isalnum", Member::Leaf(case::isalnum, 1, 1)),
            Row("isalpha", Member::Leaf(case::isalpha, 1, 1)),
            Row("isascii", Member::Leaf(case::isascii, 1, 1)),
            Row("isdigit", Member::Leaf(case::isdecimal, 1, 1)),
            Row("islower", Member::Leaf(case::islower, 1, 1)),
            Row("isspace", Member::Leaf(case::isspace, 1, 1)),
            Row("istitle", Member::Leaf(case::istitle, 1, 1)),
            Row("isupper", Member::Leaf(case::isupper, 1, 1)),
            Row("join", Member::General(replace::join, 2, 2)),
            Row("ljust", Member::Leaf(pad::ljust, 2, 3)),
            Row("lower", Member::Leaf(case::lower, 1, 1)),
            Row("lstrip", Member::Leaf(strip::lstrip, 1, 2)),
            Row("maketrans", Member::Static(replace::maketrans_bytes, 2, 2)),
            Row("partition", Member::Leaf(split::partition, 2, 2)),
            Row("removeprefix", Member::Leaf(strip::removeprefix, 2, 2)),
            Row("removesuffix", Member::Leaf(strip::removesuffix, 2, 2)),
            Row("replace", Member::Keywords(replace::replace)),
            Row("rfind", Member::Leaf(search::rfind, 2, 4)),
            Row("rindex", Member::Leaf(search::rindex, 2, 4)),
            Row("rjust", Member::Leaf(pad::rjust, 2, 3)),
            Row("rpartition", Member::Leaf(split::rpartition, 2, 2)),
            Row("rsplit", Member::Keywords(split::rsplit)),
            Row("rstrip", Member::Leaf(strip::rstrip, 1, 2)),
            Row("split", Member::Keywords(split::split)),
            Row("splitlines", Member::Keywords(split::splitlines)),
            Row("startswith", Member::Leaf(search::startswith, 2, 4)),
            Row("strip", Member::Leaf(strip::strip, 1, 2)),
            Row("swapcase", Member::Leaf(case::swapcase, 1, 1)),
            Row("title", Member::Leaf(case::title, 1, 1)),
            Row("translate", Member::Keywords(replace::translate)),
            Row("upper", Member::Leaf(case::upper, 1, 1)),
            Row("zfill", Member::Leaf(pad::zfill, 2, 2)),
        ]
    };
}

pub(crate) const METHODS: &[Row] =
    with_shared!(Row("__new__", Member::Keywords(new)), Row("fromhex", Member::Static(fromhex, 1, 1)),);

/// See `bytearray.rs`.
pub(crate) const BYTEARRAY_METHODS: &[Row] = with_shared!(
    Row("__new__", Member::Keywords(new_bytearray)),
    Row("__init__", Member::Keywords(super::bytearray::init)),
    protocol::SET,
    protocol::DELETE,
    Row("append", Member::Leaf(super::bytearray::append, 2, 2)),
    Row("clear", Member::Leaf(super::bytearray::clear, 1, 1)),
    Row("copy", Member::Leaf(super::bytearray::copy, 1, 1)),
    Row("extend", Member::General(super::bytearray::extend, 2, 2)),
    Row("fromhex", Member::Static(fromhex_bytearray, 1, 1)),
    Row("insert", Member::Leaf(super::bytearray::insert, 3, 3)),
    Row("pop", Member::Leaf(super::bytearray::pop, 1, 2)),
    Row("remove", Member::Leaf(super::bytearray::remove, 2, 2)),
    Row("reverse", Member::Leaf(super::bytearray::reverse, 1, 1)),
);

impl Heap {
    /// A part of bytes or a bytearray.
    pub(crate) fn bytes_slice<'h>(&'h self, value: Val<'h>, indices: Indices) -> Result<Val<'h>, Raised> {
        let text = self.text(value)?;
        let part = self.pick_bytes(text.value, text.bytes, indices, |part| self.new_bytes(part))?;
        if text.kind != TextKind::ByteArray {
            return Ok(part);
        }
        self.new_bytearray_of(self.bytes_like(part)?.unwrap_or(b""))
    }

    /// What `bytes(...)` makes of its arguments: appends to the sink.
    fn write_bytes_of(
        &self,
        sink: &mut Sink<'_>,
        source: Option<Val<'_>>,
        encoding: Option<Val<'_>>,
        errors: Option<Val<'_>>,
    ) -> Result<(), Raised> {
        let Some(source) = source else { return Ok(()) };
        let source = self.native_part(source);
        if let Some(text) = self.str_bytes(source) {
            if encoding.is_none() {
                return Err(self.type_error("string argument without an encoding"));
            }
            return self.encode_str(sink, text, encoding, errors);
        }
        if encoding.is_some() || errors.is_some() {
            return Err(self.type_error("encoding or errors without a string argument"));
        }
        if self.is_integer(source) {
            let length = self.expect_int(source)?;
            if length < 0 {
                return Err(self.value_error("negative count"));
            }
            return sink.fill(0, length as u32);
        }
        if let Some(bytes) = self.bytes_like(source)? {
            return sink.push(bytes);
        }
        let mut position = 0;
        while let Some(item) = self.walk_next(source, &mut position)? {
            sink.push(&[self.expect_byte(item)?])?;
        }
        Ok(())
    }

    /// A byte from an int, as a constructor takes it: ValueError outside 0 to 255.
    pub(crate) fn expect_byte(&self, value: Val<'_>) -> Result<u8, Raised> {
        u8::try_from(self.expect_int(value)?).map_err(|_| self.value_error("bytes must be in range(0, 256)"))
    }
}

/// Makes bytes, or a bytearray.
fn construct(vm: &mut Vm<'_>, args: Args, kind: TextKind) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    fill_from(vm, args, kind, ["source", "encoding", "errors"])
}

/// The shared part of constructors. `names` are the parameters from the first argument on.
pub(super) fn fill_from(vm: &mut Vm<'_>, args: Args, kind: TextKind, names: [&'static str; 3]) -> Result<Ret, Raised> {
    let [source, encoding, errors] = vm.heap.bind_slots(args, &names, 0)?;
    if let Some(slot) = source {
        vm.make_walkable(slot)?;
        let value = vm.heap.native_part(vm.heap.get(slot));
        let packed = vm.heap.array_cells(value).is_some();
        if !packed && !vm.heap.is_integer(value) && !vm.heap.is_walkable(value) {
            let own = vm.heap.is(value, Tag::Instance);
            let out = vm.temp()?;
            if own && vm.call_method(slot, crate::names::BYTES, &[], out)? {
                return vm.make_ret(|heap| {
                    let bytes = heap.text_argument(TextKind::Bytes, heap.get(out))?;
                    heap.new_text(kind, bytes)
                });
            }
            vm.pop_temp(out);
            return vm.walk_later(args, 0);
        }
    }
    vm.make_ret(|heap| {
        let get = |slot: Option<Slot>| slot.map(|slot| heap.get(slot));
        if let Some(same) = get(source)
            && kind == TextKind::Bytes
            && encoding.is_none()
            && errors.is_none()
            && heap.is(same, Tag::Bytes)
        {
            return Ok(same);
        }
        let mut sink = Sink::new(heap);
        heap.write_bytes_of(&mut sink, get(source), get(encoding), get(errors))?;
        sink.finish_as(kind)
    })
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    construct(vm, args, TextKind::Bytes)
}

fn new_bytearray(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    construct(vm, args, TextKind::ByteArray)
}

fn decode(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let [bytes, encoding, errors] = heap.bind_arguments(args, &["", "encoding", "errors"], 1)?;
        let text = heap.text(bytes.unwrap_or(Val::NONE))?;
        heap.decode_bytes(text.bytes, encoding, errors)
    })
}

/// `hex(separator, bytes_per_separator)`.
fn hex(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    write_hex(heap, args, text.bytes)
}

/// See [`hex`]; separator and group are arguments 1 and 2.
pub(super) fn write_hex<'h>(heap: &'h Heap, args: Args, bytes: &[u8]) -> Result<Val<'h>, Raised> {
    let separator = match heap.optional_arg(args, 1) {
        Some(separator) => match heap.str_bytes(separator) {
            Some(separator) => separator,
            None => heap.text_argument(TextKind::Bytes, separator)?,
        },
        None => b"",
    };
    let group = match heap.optional_arg(args, 2) {
        Some(group) => heap.expect_int(group)?,
        None => 1,
    };
    if group == 0 || separator.len() > 1 {
        return Err(heap.value_error("sep must be length 1."));
    }
    let (length, size) = (bytes.len(), group.unsigned_abs() as usize);
    let mut sink = Sink::new(heap);
    for (index, byte) in bytes.iter().enumerate() {
        // Positive groups are counted from the end.
        let place = if group > 0 { length - index } else { index };
        if index > 0 && place % size == 0 {
            sink.push(separator)?;
        }
        sink.push(&[HEX[(byte >> 4) as usize], HEX[(byte & 15) as usize]])?;
    }
    sink.finish()
}

fn from_hex_as(vm: &mut Vm<'_>, args: Args, kind: TextKind) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let text = heap.expect_str(heap.arg(args, 0))?;
        let mut sink = Sink::new(heap);
        let mut high = None;
        for byte in text {
            let digit = match (byte, high) {
                (b'0'..=b'9', _) => byte - b'0',
                (b'a'..=b'f', _) => byte - b'a' + 10,
                (b'A'..=b'F', _) => byte - b'A' + 10,
                (b' ' | b'\t' | b'\n' | b'\r', None) => continue,
                _ => return Err(heap.value_error("non-hexadecimal number found in fromhex() arg")),
            };
            match high.take() {
                None => high = Some(digit),
                Some(high) => sink.push(&[high << 4 | digit])?,
            }
        }
        if high.is_some() {
            return Err(heap.value_error("non-hexadecimal number found in fromhex() arg"));
        }
        sink.finish_as(kind)
    })
}

fn fromhex(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    from_hex_as(vm, args, TextKind::Bytes)
}

fn fromhex_bytearray(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    from_hex_as(vm, args, TextKind::ByteArray)
}
