//! String literals: how `repr` writes a str or bytes.

use super::character::{decode, is_printable};
use super::sink::Sink;
use crate::value::Raised;

/// The quote that CPython picks: single, unless only that would need escapes.
fn quote_of(text: &[u8]) -> u8 {
    if text.contains(&b'\'') && !text.contains(&b'"') { b'"' } else { b'\'' }
}

/// Writes a str literal.
pub(crate) fn write_str(sink: &mut Sink<'_>, text: &[u8]) -> Result<(), Raised> {
    let quote = quote_of(text);
    sink.push(&[quote])?;
    let mut rest = text;
    while let Some((code, width)) = decode(rest) {
        let (character, tail) = rest.split_at(width);
        let plain = code >= 0x80 && width > 1 && is_printable(code);
        if plain || matches!(code, 0x20..0x7f if code != quote as u32 && code != b'\\' as u32) {
            sink.push(character)?;
        } else {
            write_escape(sink, code)?;
        }
        rest = tail;
    }
    sink.push(&[quote])
}

fn write_escape(sink: &mut Sink<'_>, code: u32) -> Result<(), Raised> {
    match code {
        0x09 => sink.push(b"\\t"),
        0x0a => sink.push(b"\\n"),
        0x0d => sink.push(b"\\r"),
        0x20..0x7f => sink.push(&[b'\\', code as u8]),
        0..0x100 => {
            sink.push(b"\\x")?;
            sink.push_hex(code, 2)
        }
        0x100..0x1_0000 => {
            sink.push(b"\\u")?;
            sink.push_hex(code, 4)
        }
        _ => {
            sink.push(b"\\U")?;
            sink.push_hex(code, 8)
        }
    }
}

/// Writes a bytes literal of bytes that come from anywhere.
pub(crate) fn write_bytes(sink: &mut Sink<'_>, bytes: impl Iterator<Item = u8> + Clone) -> Result<(), Raised> {
    let has = |wanted: u8| bytes.clone().any(|byte| byte == wanted);
    let quote = if has(b'\'') && !has(b'"') { b'"' } else { b'\'' };
    sink.push(&[b'b', quote])?;
    for byte in bytes {
        if matches!(byte, 0x20..0x7f if byte != quote && byte != b'\\') {
            sink.push(&[byte])?;
        } else {
            write_escape(sink, byte as u32)?;
        }
    }
    sink.push(&[quote])
}

/// Writes text as it is, with all beyond ASCII escaped.
pub(crate) fn write_ascii(sink: &mut Sink<'_>, text: &[u8]) -> Result<(), Raised> {
    let mut rest = text;
    while let Some((code, width)) = decode(rest) {
        let (character, tail) = rest.split_at(width);
        if code < 0x80 {
            sink.push(character)?
        } else {
            write_escape(sink, code)?
        }
        rest = tail;
    }
    Ok(())
}
