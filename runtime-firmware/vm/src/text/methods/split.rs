//! Taking apart: `split`, `rsplit`, `splitlines`, `partition`, `rpartition`.

use super::search::{find, find_last};
use super::strip::trimmed;
use super::{Text, TextKind, leaf};
use crate::Args;
use crate::heap::Heap;
use crate::text::character;
use crate::value::*;
use crate::vm::Vm;

pub(crate) fn split(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| split_from(heap, args, false))
}

pub(crate) fn rsplit(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| split_from(heap, args, true))
}

fn split_from(heap: &Heap, args: Args, from_right: bool) -> Result<Val<'_>, Raised> {
    let [receiver, separator, limit] = heap.bind_arguments(args, &["", "sep", "maxsplit"], 1)?;
    let text = heap.text(receiver.unwrap_or(Val::NONE))?;
    let limit = match limit {
        Some(limit) => heap.expect_int(limit)?,
        None => -1,
    };
    let limit = if limit < 0 { u32::MAX } else { limit as u32 };
    let list = heap.new_list(0)?;
    let separator = match separator {
        Some(separator) if !separator.is_none() => Some(heap.text_argument(text.kind, separator)?),
        _ => None,
    };
    match separator {
        None => split_spaces(heap, text, limit, from_right, list)?,
        Some([]) => return Err(heap.value_error("empty separator")),
        Some(separator) => split_at(heap, text, separator, limit, from_right, list)?,
    }
    if from_right {
        heap.list_reverse(list);
    }
    Ok(list)
}

fn split_at<'h>(
    heap: &'h Heap,
    text: Text<'h>,
    separator: &[u8],
    limit: u32,
    from_right: bool,
    list: Val<'h>,
) -> Result<(), Raised> {
    let mut rest = text.bytes;
    for _ in 0..limit {
        let found = if from_right { find_last(rest, separator) } else { find(rest, separator) };
        let Some(at) = found else { break };
        let (before, after) = (&rest[..at], &rest[at + separator.len()..]);
        let (piece, left) = if from_right { (after, before) } else { (before, after) };
        heap.list_push(list, heap.new_text(text.kind, piece)?)?;
        rest = left;
    }
    heap.list_push(list, heap.text_part(text, rest)?)
}

fn split_spaces<'h>(heap: &'h Heap, text: Text<'h>, limit: u32, from_right: bool, list: Val<'h>) -> Result<(), Raised> {
    let trim = |bytes: &'h [u8]| trimmed(&Text { bytes, ..text }, None, !from_right, from_right);
    let mut rest = trim(text.bytes);
    let mut pieces = 0;
    while !rest.is_empty() {
        if pieces == limit {
            // The last piece keeps its inner space, and loses that at the far end only when splitting from it.
            return heap.list_push(list, heap.text_part(text, rest)?);
        }
        let end = word_end(&Text { bytes: rest, ..text }, from_right);
        let (before, after) = rest.split_at(end);
        let (piece, left) = if from_right { (after, before) } else { (before, after) };
        heap.list_push(list, heap.text_part(text, piece)?)?;
        rest = trim(left);
        pieces += 1;
    }
    Ok(())
}

/// Where the first word ends, or the last one begins.
fn word_end(text: &Text<'_>, from_right: bool) -> usize {
    let space = |code: u32| {
        if text.kind == TextKind::Str { character::is_space(code) } else { character::is_byte_space(code as u8) }
    };
    let mut offset = 0;
    let mut last = 0;
    let mut rest = text.bytes;
    while !rest.is_empty() {
        let (code, width) = if text.narrow { (rest[0] as u32, 1) } else { character::decode(rest).unwrap_or((0, 1)) };
        if space(code) {
            if !from_right {
                return offset;
            }
            last = offset + width;
        }
        offset += width;
        rest = &rest[width..];
    }
    if from_right { last } else { offset }
}

pub(crate) fn splitlines(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let [receiver, keep] = heap.bind_arguments(args, &["", "keepends"], 1)?;
        let text = heap.text(receiver.unwrap_or(Val::NONE))?;
        let keep = keep.is_some_and(|keep| heap.truth(keep).unwrap_or(true));
        let list = heap.new_list(0)?;
        let mut rest = text.bytes;
        while !rest.is_empty() {
            let (line, width) = line_end(rest, text.kind);
            let shown = if keep { line + width } else { line };
            heap.list_push(list, heap.text_part(text, &rest[..shown])?)?;
            rest = &rest[line + width..];
        }
        Ok(list)
    })
}

/// Bytes of the first line, and of what ends it.
fn line_end(text: &[u8], kind: TextKind) -> (usize, usize) {
    let mut offset = 0;
    while let Some(rest) = text.get(offset..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(b"\r\n") {
            return (offset, 2);
        }
        let (code, width) = match kind {
            TextKind::Str => character::decode(rest).unwrap_or((0, 1)),
            _ => (rest[0] as u32, 1),
        };
        let ends = match code {
            0x0a | 0x0d => true,
            0x0b | 0x0c | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029 => kind == TextKind::Str,
            _ => false,
        };
        if ends {
            return (offset, width);
        }
        offset += width;
    }
    (text.len(), 0)
}

fn partition_at<'h>(heap: &'h Heap, args: Args, from_right: bool) -> Result<Val<'h>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let separator = heap.text_argument(text.kind, heap.arg(args, 1))?;
    if separator.is_empty() {
        return Err(heap.value_error("empty separator"));
    }
    let found = if from_right { find_last(text.bytes, separator) } else { find(text.bytes, separator) };
    let empty = || heap.new_text(text.kind, b"");
    match found {
        Some(at) => {
            let (before, rest) = text.bytes.split_at(at);
            let (middle, after) = rest.split_at(separator.len());
            let part = |part| heap.new_text(text.kind, part);
            heap.new_tuple_of(&[part(before)?, part(middle)?, part(after)?])
        }
        None if from_right => heap.new_tuple_of(&[empty()?, empty()?, heap.text_part(text, text.bytes)?]),
        None => heap.new_tuple_of(&[heap.text_part(text, text.bytes)?, empty()?, empty()?]),
    }
}

pub(crate) fn partition(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    partition_at(heap, args, false)
}

pub(crate) fn rpartition(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    partition_at(heap, args, true)
}
