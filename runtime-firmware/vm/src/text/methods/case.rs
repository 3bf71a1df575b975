//! Case and classes of characters: `upper`, `title`, `isalpha` and their kin.

use super::{Text, TextKind};
use crate::Args;
use crate::heap::Heap;
use crate::text::{Sink, character};
use crate::value::*;

/// Stands for the two capitals of the German sharp s.
const TWO_CAPITALS: u32 = u32::MAX;

fn capital(code: u32) -> u32 {
    if code == 0xdf { TWO_CAPITALS } else { character::upper(code) }
}

/// Writes every character through `map`, which also gets whether the one before was a letter.
fn mapped(heap: &Heap, args: Args, map: fn(u32, bool) -> u32) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let wide = text.kind == TextKind::Str;
    let mut sink = Sink::new(heap);
    let mut buffer = [0; 4];
    let mut inside = false;
    for code in text.codes() {
        // Bytes beyond ASCII have no case.
        let plain = !wide && code >= 0x80;
        let mapped = if plain { code } else { map(code, inside) };
        inside = !plain && (character::is_upper(code) || character::is_lower(code));
        match mapped {
            TWO_CAPITALS => sink.push(b"SS")?,
            mapped if wide => sink.push(character::encode(mapped, &mut buffer))?,
            mapped => sink.push(&[mapped as u8])?,
        }
    }
    sink.finish_as(text.kind)
}

pub(crate) fn upper(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    mapped(heap, args, |code, _| capital(code))
}

pub(crate) fn lower(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    mapped(heap, args, |code, _| character::lower(code))
}

pub(crate) fn swapcase(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    mapped(heap, args, |code, _| if character::is_upper(code) { character::lower(code) } else { capital(code) })
}

pub(crate) fn title(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    mapped(heap, args, |code, inside| if inside { character::lower(code) } else { character::upper(code) })
}

/// As `lower`, and the German sharp s becomes two.
pub(crate) fn casefold(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let mut sink = Sink::new(heap);
    let mut buffer = [0; 4];
    for code in text.codes() {
        match character::lower(code) {
            0xdf => sink.push(b"ss")?,
            0x3c2 => sink.push(character::encode(0x3c3, &mut buffer))?,
            code => sink.push(character::encode(code, &mut buffer))?,
        }
    }
    sink.finish()
}

pub(crate) fn capitalize(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let wide = text.kind == TextKind::Str;
    let mut sink = Sink::new(heap);
    let mut buffer = [0; 4];
    for (index, code) in text.codes().enumerate() {
        let mapped = match index {
            _ if !wide && code >= 0x80 => code,
            0 => character::upper(code),
            _ => character::lower(code),
        };
        if wide {
            sink.push(character::encode(mapped, &mut buffer))?;
        } else {
            sink.push(&[mapped as u8])?;
        }
    }
    sink.finish_as(text.kind)
}

/// True if the text is not empty and all its characters are of a class.
fn all(heap: &Heap, args: Args, class: fn(u32) -> bool) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let fits = |code: u32| (text.kind == TextKind::Str || code < 0x80) && class(code);
    Ok(Val::bool(!text.bytes.is_empty() && text.codes().all(fits)))
}

pub(crate) fn isalpha(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    all(heap, args, character::is_alpha)
}

pub(crate) fn isdigit(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    all(heap, args, |code| character::is_digit(code) || character::is_superscript(code))
}

pub(crate) fn isdecimal(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    all(heap, args, character::is_digit)
}

pub(crate) fn isalnum(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    all(heap, args, |code| character::is_alpha(code) || character::is_digit(code) || character::is_superscript(code))
}

pub(crate) fn isspace(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let class = |code: u32| match text.kind {
        TextKind::Str => character::is_space(code),
        _ => character::is_byte_space(code as u8),
    };
    Ok(Val::bool(!text.bytes.is_empty() && text.codes().all(class)))
}

pub(crate) fn isascii(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(Val::bool(heap.text(heap.arg(args, 0))?.bytes.is_ascii()))
}

pub(crate) fn isprintable(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(Val::bool(heap.text(heap.arg(args, 0))?.codes().all(character::is_printable)))
}

pub(crate) fn isidentifier(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let letter = |code: u32| code == b'_' as u32 || character::is_alpha(code);
    let mut codes = text.codes();
    let first = codes.next().is_some_and(letter);
    Ok(Val::bool(first && codes.all(|code| letter(code) || character::is_digit(code))))
}

/// Letters with case are all `wanted`, and there is one.
fn cased<'h>(heap: &'h Heap, args: Args, wanted: fn(u32) -> bool, other: fn(u32) -> bool) -> Result<Val<'h>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let codes = |text: Text<'h>| text.codes().filter(move |code| text.kind == TextKind::Str || *code < 0x80);
    Ok(Val::bool(codes(text).any(wanted) && !codes(text).any(other)))
}

pub(crate) fn isupper(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    cased(heap, args, character::is_upper, character::is_lower)
}

pub(crate) fn islower(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    cased(heap, args, character::is_lower, character::is_upper)
}

pub(crate) fn istitle(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let (mut inside, mut any) = (false, false);
    for code in text.codes() {
        let (up, low) = (character::is_upper(code), character::is_lower(code));
        if (up && inside) || (low && !inside) {
            return Ok(Val::FALSE);
        }
        inside = up || low;
        any |= inside;
    }
    Ok(Val::bool(any))
}
