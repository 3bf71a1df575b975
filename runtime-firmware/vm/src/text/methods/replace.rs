//! Putting together and exchanging: `join`, `replace`, `translate`, `maketrans`.

use super::search::find;
use super::{TextKind, leaf};
use crate::Args;
use crate::class_id;
use crate::text::{Sink, character};
use crate::value::*;
use crate::vm::Vm;

pub(crate) fn join(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.walk_argument(args, 1, |heap| {
        let text = heap.text(heap.arg(args, 0))?;
        let items = heap.arg(args, 1);
        let mut sink = Sink::new(heap);
        let mut position = 0;
        let mut count = 0;
        while let Some(item) = heap.walk_next(items, &mut position)? {
            if count != 0 {
                sink.push(text.bytes)?;
            }
            match (text.kind, heap.str_bytes(heap.native_part(item))) {
                (TextKind::Str, Some(piece)) => sink.push(piece)?,
                (TextKind::Str, None) => {
                    let message = "sequence item {}: expected str instance, {t} found";
                    return Err(heap.error_about(class_id::TYPE_ERROR, message, Val::int(count), item));
                }
                _ => sink.push(heap.text_argument(text.kind, item)?)?,
            }
            count += 1;
        }
        sink.finish_as(text.kind)
    })
}

pub(crate) fn replace(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let [receiver, old, new, count] = heap.bind_arguments(args, &["", "", "", "count"], 3)?;
        let text = heap.text(receiver.unwrap_or(Val::NONE))?;
        let old = heap.text_argument(text.kind, old.unwrap_or(Val::NONE))?;
        let new = heap.text_argument(text.kind, new.unwrap_or(Val::NONE))?;
        let count = match count {
            Some(count) => heap.expect_int(count)?,
            None => -1,
        };
        let limit = if count < 0 { u32::MAX } else { count as u32 };
        let mut sink = Sink::new(heap);
        let mut rest = text.bytes;
        let mut done = 0;
        while done < limit {
            if old.is_empty() {
                // Before every character, and at the end.
                sink.push(new)?;
                done += 1;
                let width = if text.narrow { rest.len().min(1) } else { character::width(rest) };
                if width == 0 {
                    break;
                }
                let (first, tail) = rest.split_at(width);
                sink.push(first)?;
                rest = tail;
                continue;
            }
            let Some(at) = find(rest, old) else { break };
            sink.push(&rest[..at])?;
            sink.push(new)?;
            rest = &rest[at + old.len()..];
            done += 1;
        }
        if done == 0 {
            return heap.text_part(text, text.bytes);
        }
        sink.push(rest)?;
        sink.finish_as(text.kind)
    })
}

/// `str.translate(table)`: a dict (or list, tuple, str) by code point; for bytes a table of 256 and `delete`.
pub(crate) fn translate(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let [receiver, table, delete] = heap.bind_arguments(args, &["", "table", "delete"], 2)?;
        let text = heap.text(receiver.unwrap_or(Val::NONE))?;
        let table = table.unwrap_or(Val::NONE);
        if text.kind != TextKind::Str {
            let delete = match delete {
                Some(delete) => heap.text_argument(text.kind, delete)?,
                None => b"",
            };
            let table = if table.is_none() { None } else { Some(heap.text_argument(text.kind, table)?) };
            if table.is_some_and(|table| table.len() != 256) {
                return Err(heap.value_error("translation table must be 256 characters long"));
            }
            let mut sink = Sink::new(heap);
            for byte in text.bytes.iter().filter(|byte| !delete.contains(byte)) {
                sink.push(&[table.and_then(|table| table.get(*byte as usize)).copied().unwrap_or(*byte)])?;
            }
            return sink.finish_as(text.kind);
        }
        let mut sink = Sink::new(heap);
        let mut buffer = [0; 4];
        for code in text.codes() {
            let found = if heap.is_dict(table) {
                heap.dict_get(table, Val::int(code as i32))?
            } else if heap.is_list(table) || heap.is_tuple(table) {
                (code < heap.sequence_len(table)).then(|| heap.sequence_get(table, code))
            } else {
                return Err(heap.type_error("translate() takes a dict or sequence"));
            };
            match found {
                None => sink.push(character::encode(code, &mut buffer))?,
                Some(found) if found.is_none() => {}
                Some(found) => match (heap.str_bytes(found), heap.as_int(found)) {
                    (Some(piece), _) => sink.push(piece)?,
                    (_, Some(code @ 0..0x11_0000)) => sink.push(character::encode(code as u32, &mut buffer))?,
                    _ => return Err(heap.type_error("character mapping must return integer, None or str")),
                },
            }
        }
        sink.finish()
    })
}

/// `str.maketrans(dict)`, `(from, to)`, `(from, to, remove)`; for bytes a table of 256.
pub(crate) fn maketrans(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let from = heap.arg(args, 0);
        let table = heap.new_dict(0)?;
        let Some(to) = heap.optional_arg(args, 1) else {
            if !heap.is_dict(from) {
                return Err(heap.type_error("if you give only one argument to maketrans it must be a dict"));
            }
            let mut position = 0;
            while let Some((at, key, value)) = heap.table_next(from, position) {
                let key = match heap.str_bytes(key).and_then(character::decode) {
                    Some((code, _)) if heap.str_len(key) == 1 => Val::int(code as i32),
                    Some(_) => {
                        return Err(heap.value_error("string keys in translate table must be of length 1"));
                    }
                    None => key,
                };
                heap.table_set(table, key, value)?;
                position = at + 1;
            }
            return Ok(table);
        };
        if heap.str_len(from) != heap.str_len(to) {
            return Err(heap.value_error("the first two maketrans arguments must have equal length"));
        }
        let codes = |text| heap.expect_str(text).map(character::code_points);
        for (from, to) in codes(from)?.zip(codes(to)?) {
            heap.table_set(table, Val::int(from as i32), Val::int(to as i32))?;
        }
        if let Some(remove) = heap.optional_arg(args, 2) {
            for code in codes(remove)? {
                heap.table_set(table, Val::int(code as i32), Val::NONE)?;
            }
        }
        Ok(table)
    })
}

/// `bytes.maketrans(from, to)`.
pub(crate) fn maketrans_bytes(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let from = heap.text_argument(TextKind::Bytes, heap.arg(args, 0))?;
        let to = heap.text_argument(TextKind::Bytes, heap.arg(args, 1))?;
        if from.len() != to.len() {
            return Err(heap.value_error("maketrans arguments must have same length"));
        }
        heap.new_bytes_with(256, |fill| {
            for byte in 0..=255u8 {
                let place = from.iter().rposition(|wanted| *wanted == byte);
                fill.push(&[place.and_then(|place| to.get(place)).copied().unwrap_or(byte)]);
            }
        })
    })
}
