//! `str`: methods, constructor, and characters by position.

use super::protocol;
use super::slice::Indices;
use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::rom::{Member, Row};
use crate::text::methods::{case, leaf, pad, replace, search, split, strip};
use crate::text::{Fields, Sink, character};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    protocol::CONTAINS,
    protocol::GET,
    protocol::ITER,
    protocol::LEN,
    Row("capitalize", Member::Leaf(case::capitalize, 1, 1)),
    Row("casefold", Member::Leaf(case::casefold, 1, 1)),
    Row("center", Member::Leaf(pad::center, 2, 3)),
    Row("count", Member::Leaf(search::count, 2, 4)),
    Row("encode", Member::Keywords(encode)),
    Row("endswith", Member::Leaf(search::endswith, 2, 4)),
    Row("expandtabs", Member::Keywords(pad::expandtabs)),
    Row("find", Member::Leaf(search::find_method, 2, 4)),
    Row("format", Member::Keywords(format)),
    Row("format_map", Member::General(format_map, 2, 2)),
    Row("index", Member::Leaf(search::index, 2, 4)),
    Row("isalnum", Member::Leaf(case::isalnum, 1, 1)),
    Row("isalpha", Member::Leaf(case::isalpha, 1, 1)),
    Row("isascii", Member::Leaf(case::isascii, 1, 1)),
    Row("isdecimal", Member::Leaf(case::isdecimal, 1, 1)),
    Row("isdigit", Member::Leaf(case::isdigit, 1, 1)),
    Row("isidentifier", Member::Leaf(case::isidentifier, 1, 1)),
    Row("islower", Member::Leaf(case::islower, 1, 1)),
    Row("isnumeric", Member::Leaf(case::isdigit, 1, 1)),
    Row("isprintable", Member::Leaf(case::isprintable, 1, 1)),
    Row("isspace", Member::Leaf(case::isspace, 1, 1)),
    Row("istitle", Member::Leaf(case::istitle, 1, 1)),
    Row("isupper", Member::Leaf(case::isupper, 1, 1)),
    Row("join", Member::General(replace::join, 2, 2)),
    Row("ljust", Member::Leaf(pad::ljust, 2, 3)),
    Row("lower", Member::Leaf(case::lower, 1, 1)),
    Row("lstrip", Member::Leaf(strip::lstrip, 1, 2)),
    Row("maketrans", Member::Static(replace::maketrans, 1, 3)),
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
];

impl Heap {
    /// Number of characters of a str.
    pub fn str_len(&self, value: Val<'_>) -> u32 {
        let text = self.str_bytes(value).unwrap_or(b"");
        if self.is_str(value) && self.is_ascii(value) { text.len() as u32 } else { character::count(text) }
    }

    /// Character `index` of a str; negative ones count from the end. IndexError past either end.
    pub fn str_index<'h>(&'h self, value: Val<'h>, index: i32) -> Result<Val<'h>, Raised> {
        let text = self.str_bytes(value).unwrap_or(b"");
        let ascii = self.is_str(value) && self.is_ascii(value);
        let length = if ascii { text.len() as u32 } else { character::count(text) };
        let place = if index < 0 { index as i64 + length as i64 } else { index as i64 };
        if place < 0 || place >= length as i64 {
            return Err(self.error(class_id::INDEX_ERROR, "string index out of range"));
        }
        if ascii {
            return Ok(Val::name(text.get(place as usize).copied().unwrap_or(0) as u16));
        }
        let rest = text.get(character::offset(text, place as u32)..).unwrap_or(b"");
        self.new_str(rest.get(..character::width(rest)).unwrap_or(b""))
    }

    /// A part of a str by characters.
    pub(crate) fn str_slice<'h>(&'h self, value: Val<'h>, indices: Indices) -> Result<Val<'h>, Raised> {
        let text = self.str_bytes(value).unwrap_or(b"");
        let count = indices.count();
        if self.is_str(value) && self.is_ascii(value) {
            return self.pick_bytes(value, text, indices, |part| self.new_str(part));
        }
        if count == 0 {
            return self.new_str(b"");
        }
        if indices.step == 1 {
            let start = character::offset(text, indices.at(0));
            let rest = text.get(start..).unwrap_or(b"");
            return self.new_str(&rest[..character::offset(rest, count)]);
        }
        let mut sink = Sink::new(self);
        let mut at = character::offset(text, indices.at(0));
        for _ in 0..count {
            let rest = text.get(at..).unwrap_or(b"");
            sink.push(&rest[..character::width(rest)])?;
            if indices.step > 0 {
                at += character::offset(rest, indices.step as u32);
            } else {
                for _ in indices.step..0 {
                    at = at.saturating_sub(1);
                    while at > 0 && !character::is_start(text[at]) {
                        at -= 1;
                    }
                }
            }
        }
        sink.finish()
    }

    /// Bytes by position: the whole, a run, or every so many.
    pub(crate) fn pick_bytes<'h>(
        &'h self,
        whole: Val<'h>,
        bytes: &[u8],
        indices: Indices,
        run: impl FnOnce(&[u8]) -> Result<Val<'h>, Raised>,
    ) -> Result<Val<'h>, Raised> {
        let count = indices.count();
        if indices.step == 1 {
            let start = indices.at(0) as usize;
            let part = bytes.get(start..start + count as usize).unwrap_or(b"");
            return if part.len() == bytes.len() { Ok(whole) } else { run(part) };
        }
        let write = |fill: &mut crate::Fill<'_>| {
            for index in 0..count {
                fill.push(&[bytes.get(indices.at(index) as usize).copied().unwrap_or(0)]);
            }
        };
        if self.is_str(whole) {
            self.new_str_with(count as usize, write)
        } else {
            self.new_bytes_with(count as usize, write)
        }
    }
}

fn encode(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let [text, encoding, errors] = heap.bind_arguments(args, &["", "encoding", "errors"], 1)?;
        let text = heap.expect_str(heap.native_part(text.unwrap_or(Val::NONE)))?;
        let mut sink = Sink::new(heap);
        heap.encode_str(&mut sink, text, encoding, errors)?;
        sink.finish_bytes()
    })
}

/// Puts the str of the first argument into its slot, where a class of the program extends str.
fn receiver(vm: &mut Vm<'_>, args: Args) -> Result<Slot, Raised> {
    let text = vm.heap.native_part(vm.heap.arg(args, 0));
    vm.heap.expect_str(text)?;
    vm.heap.set(args.slot(0), text);
    Ok(args.slot(0))
}

fn format(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if args.count() == 0 {
        return Err(vm.heap.type_error("descriptor 'format' of 'str' object needs an argument"));
    }
    let (template, out) = (receiver(vm, args)?, vm.temp()?);
    vm.format_template(template, Fields::Arguments(args), out)?;
    Ok(vm.heap.get(out).ret())
}

fn format_map(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (template, out) = (receiver(vm, args)?, vm.temp()?);
    vm.format_template(template, Fields::Mapping(args.slot(1)), out)?;
    Ok(vm.heap.get(out).ret())
}

/// `str()`, `str(value)`, `str(bytes, encoding, errors)`.
fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    let [value, encoding, errors] = vm.heap.bind_slots(args, &["object", "encoding", "errors"], 0)?;
    let Some(value) = value else { return Ok(Val::name(crate::names::EMPTY).ret()) };
    if encoding.is_none() && errors.is_none() {
        let out = vm.temp()?;
        vm.str(value, out)?;
        return vm.make_ret(|heap| Ok(heap.get(out)));
    }
    vm.make_ret(|heap| {
        let get = |slot: Option<Slot>| slot.map(|slot| heap.get(slot));
        match heap.bytes_like(heap.get(value))? {
            Some(bytes) => heap.decode_bytes(bytes, get(encoding), get(errors)),
            None => {
                let text = "decoding to str: need a bytes-like object, {t} found";
                Err(heap.error_about(class_id::TYPE_ERROR, text, heap.get(value), Val::NONE))
            }
        }
    })
}
