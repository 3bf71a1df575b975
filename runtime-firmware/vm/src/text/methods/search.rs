//! Searching: `find`, `index`, `count`, `startswith`, `endswith`.

use super::{Text, TextKind};
use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;

/// First place of `needle`.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let Some((first, rest)) = needle.split_first() else { return Some(0) };
    let mut from = 0;
    while let Some(tail) = haystack.get(from..) {
        let at = from + tail.iter().position(|byte| byte == first)?;
        if haystack.get(at + 1..)?.starts_with(rest) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Last place of `needle`.
pub(crate) fn find_last(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let last = haystack.len().checked_sub(needle.len())?;
    (0..=last).rev().find(|at| haystack[*at..].starts_with(needle))
}

impl Heap {
    /// The part of a text that arguments `index` (start) and `index + 1` (end) select, as byte offsets.
    fn window(&self, text: &Text<'_>, args: Args, index: u32) -> Result<Option<(usize, usize)>, Raised> {
        if args.count() <= index {
            return Ok(Some((0, text.bytes.len())));
        }
        let length = text.len();
        // A start behind the end finds nothing, not even the empty text.
        if let Some(start) = self.optional_arg(args, index)
            && self.slice_number(start)?.is_some_and(|start| start > 0 && start as u32 > length)
        {
            return Ok(None);
        }
        let start = self.position_argument(self.optional_arg(args, index), 0, length)?;
        let end = self.position_argument(self.optional_arg(args, index + 1), length, length)?;
        Ok((start <= end).then(|| (text.offset(start), text.offset(end))))
    }

    fn search(&self, args: Args, search: fn(&[u8], &[u8]) -> Option<usize>) -> Result<Option<u32>, Raised> {
        let text = self.text(self.arg(args, 0))?;
        let mut byte = [0];
        let byte_value = if text.kind == TextKind::Str { None } else { self.as_int(self.arg(args, 1)) };
        let needle = match byte_value {
            Some(n) => {
                byte[0] = u8::try_from(n).map_err(|_| self.value_error("byte must be in range(0, 256)"))?;
                &byte[..]
            }
            None => self.text_argument(text.kind, self.arg(args, 1))?,
        };
        let Some((start, end)) = self.window(&text, args, 2)? else { return Ok(None) };
        let found = text.bytes.get(start..end).and_then(|part| search(part, needle));
        Ok(found.map(|at| text.index_of(start + at)))
    }
}

pub(crate) fn find_method(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(heap.search(args, find)?.map_or(Val::int(-1), |at| Val::int(at as i32)))
}

pub(crate) fn rfind(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(heap.search(args, find_last)?.map_or(Val::int(-1), |at| Val::int(at as i32)))
}

fn found_or_raise<'h>(heap: &'h Heap, found: Option<u32>) -> Result<Val<'h>, Raised> {
    found.map(|at| Val::int(at as i32)).ok_or_else(|| heap.value_error("substring not found"))
}

pub(crate) fn index(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    found_or_raise(heap, heap.search(args, find)?)
}

pub(crate) fn rindex(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    found_or_raise(heap, heap.search(args, find_last)?)
}

pub(crate) fn count(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let mut byte = [0];
    let needle = match heap.as_int(heap.arg(args, 1)) {
        Some(n) if text.kind != TextKind::Str => {
            byte[0] = u8::try_from(n).map_err(|_| heap.value_error("byte must be in range(0, 256)"))?;
            &byte[..]
        }
        _ => heap.text_argument(text.kind, heap.arg(args, 1))?,
    };
    let Some((start, end)) = heap.window(&text, args, 2)? else { return Ok(Val::int(0)) };
    let mut rest = text.bytes.get(start..end).unwrap_or(b"");
    if needle.is_empty() {
        let characters = text.index_of(end) - text.index_of(start);
        return Ok(Val::int(characters as i32 + 1));
    }
    let mut count = 0;
    while let Some(at) = find(rest, needle) {
        count += 1;
        rest = rest.get(at + needle.len()..).unwrap_or(b"");
    }
    Ok(Val::int(count))
}

fn affix<'h>(heap: &'h Heap, args: Args, matches: fn(&[u8], &[u8]) -> bool) -> Result<Val<'h>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let wanted = heap.arg(args, 1);
    let Some((start, end)) = heap.window(&text, args, 2)? else { return Ok(Val::FALSE) };
    let part = text.bytes.get(start..end).unwrap_or(b"");
    if !heap.is(wanted, Tag::Tuple) {
        if text.kind == TextKind::Str && !heap.is_str(heap.native_part(wanted)) {
            let message = "first arg must be str or a tuple of str, not {t}";
            return Err(heap.error_about(class_id::TYPE_ERROR, message, wanted, Val::NONE));
        }
        return Ok(Val::bool(matches(part, heap.text_argument(text.kind, wanted)?)));
    }
    for index in 0..heap.tuple_len(wanted) {
        if matches(part, heap.text_argument(text.kind, heap.tuple_get(wanted, index))?) {
            return Ok(Val::TRUE);
        }
    }
    Ok(Val::FALSE)
}

pub(crate) fn startswith(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    affix(heap, args, |text, prefix| text.starts_with(prefix))
}

pub(crate) fn endswith(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    affix(heap, args, |text, suffix| text.ends_with(suffix))
}
