//! Taking from the ends: `strip`, `lstrip`, `rstrip`, `removeprefix`, `removesuffix`.

use super::{Text, TextKind};
use crate::Args;
use crate::heap::Heap;
use crate::text::character;
use crate::value::*;

/// True if a str method takes the character at the start of `text` for white space.
fn space(kind: TextKind, character: &[u8]) -> bool {
    match character {
        [byte] if kind != TextKind::Str => character::is_byte_space(*byte),
        _ => character::decode(character).is_some_and(|(code, _)| character::is_space(code)),
    }
}

/// True if `wanted` is one of the characters of `set`.
fn is_one_of(narrow: bool, set: &[u8], wanted: &[u8]) -> bool {
    if narrow {
        return wanted.first().is_some_and(|byte| set.contains(byte));
    }
    let mut rest = set;
    while !rest.is_empty() {
        let (character, tail) = rest.split_at(character::width(rest));
        if character == wanted {
            return true;
        }
        rest = tail;
    }
    false
}

/// The last character.
pub(super) fn last_character(text: &[u8], narrow: bool) -> &[u8] {
    let mut start = text.len().saturating_sub(1);
    while !narrow && start > 0 && !character::is_start(text[start]) {
        start -= 1;
    }
    text.get(start..).unwrap_or(b"")
}

/// White space (or the characters of `set`) taken off the ends.
pub(super) fn trimmed<'h>(text: &Text<'h>, set: Option<&[u8]>, left: bool, right: bool) -> &'h [u8] {
    let goes = |character: &[u8]| match set {
        Some(set) => is_one_of(text.narrow, set, character),
        None => space(text.kind, character),
    };
    let mut part = text.bytes;
    while left && !part.is_empty() {
        let width = if text.narrow { 1 } else { character::width(part) };
        let (first, rest) = part.split_at(width);
        if !goes(first) {
            break;
        }
        part = rest;
    }
    while right && !part.is_empty() {
        let last = last_character(part, text.narrow);
        if !goes(last) {
            break;
        }
        part = &part[..part.len() - last.len()];
    }
    part
}

fn strip_sides(heap: &Heap, args: Args, left: bool, right: bool) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let set = match heap.optional_arg(args, 1) {
        Some(set) if !set.is_none() => Some(heap.text_argument(text.kind, set)?),
        _ => None,
    };
    heap.text_part(text, trimmed(&text, set, left, right))
}

pub(crate) fn strip(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    strip_sides(heap, args, true, true)
}

pub(crate) fn lstrip(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    strip_sides(heap, args, true, false)
}

pub(crate) fn rstrip(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    strip_sides(heap, args, false, true)
}

pub(crate) fn removeprefix(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let prefix = heap.text_argument(text.kind, heap.arg(args, 1))?;
    heap.text_part(text, text.bytes.strip_prefix(prefix).unwrap_or(text.bytes))
}

pub(crate) fn removesuffix(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let suffix = heap.text_argument(text.kind, heap.arg(args, 1))?;
    heap.text_part(text, text.bytes.strip_suffix(suffix).unwrap_or(text.bytes))
}
