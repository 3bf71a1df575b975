//! Reads MicroPython's ROMFS format, trusting nothing: every length is checked against what holds it.
//!
//! The format is records in records: a kind and a length (big-endian base 128), then the payload. An image
//! is one record of kind 0x14a6b1; in it lie directories and files, each with its name first. Records of
//! unknown kind are skipped, which is where our own additions go.

use hal::{EntryKind, Error, Flash};

/// Directories may be nested this deep.
pub const DEPTH: usize = 16;
/// Longest name in bytes.
pub const NAME_BYTES: usize = 255;

pub(crate) const KIND_DATA: u32 = 2;
const KIND_POINTER: u32 = 3;
pub(crate) const KIND_DIRECTORY: u32 = 4;
pub(crate) const KIND_FILE: u32 = 5;
pub(crate) const KIND_IMAGE: u32 = 0x14_a6b1;

/// Bytes that can be read at any place.
pub trait Source {
    /// Fills `buffer` from byte `offset`; an error past the end.
    fn read_at(&mut self, offset: u32, buffer: &mut [u8]) -> Result<(), Error>;
}

impl Source for &[u8] {
    fn read_at(&mut self, offset: u32, buffer: &mut [u8]) -> Result<(), Error> {
        let start = offset as usize;
        let bytes = start.checked_add(buffer.len()).and_then(|end| self.get(start..end)).ok_or(Error::Io)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

/// An image that starts at byte `base` of a flash.
pub(crate) struct FlashSource<'f> {
    pub(crate) flash: &'f mut dyn Flash,
    pub(crate) base: u32,
}

impl Source for FlashSource<'_> {
    fn read_at(&mut self, offset: u32, buffer: &mut [u8]) -> Result<(), Error> {
        self.flash.read(self.base.checked_add(offset).ok_or(Error::Io)?, buffer)
    }
}

/// A part of the image: `start .. end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Range {
    /// Number of bytes.
    pub fn length(&self) -> u32 {
        self.end - self.start
    }
}

/// A file or directory in an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// Which of both.
    pub kind: EntryKind,
    /// Its name.
    pub name: Range,
    /// A file's bytes, or a directory's records.
    pub content: Range,
}

struct Record {
    kind: u32,
    payload: Range,
}

fn number(source: &mut dyn Source, at: &mut u32, end: u32) -> Result<u32, Error> {
    let mut value: u32 = 0;
    // Padding with leading 0x80 bytes is allowed; nobody needs more than a few.
    for _ in 0..16 {
        if *at >= end {
            return Err(Error::Io);
        }
        let mut byte = [0];
        source.read_at(*at, &mut byte)?;
        *at += 1;
        if value >> 25 != 0 {
            return Err(Error::Io);
        }
        value = value << 7 | u32::from(byte[0] & 0x7f);
        if byte[0] & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Error::Io)
}

fn part(start: u32, length: u32, end: u32) -> Result<Range, Error> {
    match start.checked_add(length) {
        Some(stop) if stop <= end => Ok(Range { start, end: stop }),
        _ => Err(Error::Io),
    }
}

fn record(source: &mut dyn Source, at: u32, end: u32) -> Result<Record, Error> {
    let mut at = at;
    let kind = number(source, &mut at, end)?;
    let length = number(source, &mut at, end)?;
    Ok(Record { kind, payload: part(at, length, end)? })
}

/// The records of the image's top level; `length` is what holds the image.
fn top(source: &mut dyn Source, length: u32) -> Result<Range, Error> {
    let record = record(source, 0, length)?;
    if record.kind == KIND_IMAGE { Ok(record.payload) } else { Err(Error::Io) }
}

/// The root directory of an image of at most `length` bytes.
pub fn root(source: &mut dyn Source, length: u32) -> Result<Node, Error> {
    let content = top(source, length)?;
    Ok(Node { kind: EntryKind::Directory, name: Range { start: 0, end: 0 }, content })
}

/// Length of the whole image, with its header.
pub fn image_length(source: &mut dyn Source, length: u32) -> Result<u32, Error> {
    Ok(top(source, length)?.end)
}

/// Reads the next file or directory of a directory; `at` moves on. `None` at its end.
pub fn next(source: &mut dyn Source, whole: Range, directory: Range, at: &mut u32) -> Result<Option<Node>, Error> {
    while *at < directory.end {
        let record = record(source, *at, directory.end)?;
        *at = record.payload.end;
        let kind = match record.kind {
            0 => return Err(Error::Io),
            KIND_DIRECTORY => EntryKind::Directory,
            KIND_FILE => EntryKind::File,
            _ => continue,
        };
        let mut inside = record.payload.start;
        let length = number(source, &mut inside, record.payload.end)?;
        let name = part(inside, length, record.payload.end)?;
        let rest = Range { start: name.end, end: record.payload.end };
        let content = match kind {
            EntryKind::Directory => rest,
            EntryKind::File => data(source, whole, rest)?,
        };
        return Ok(Some(Node { kind, name, content }));
    }
    Ok(None)
}

/// The bytes of a file, from the records after its name.
fn data(source: &mut dyn Source, whole: Range, records: Range) -> Result<Range, Error> {
    let mut at = records.start;
    while at < records.end {
        let record = record(source, at, records.end)?;
        at = record.payload.end;
        match record.kind {
            0 => return Err(Error::Io),
            KIND_DATA => return Ok(record.payload),
            KIND_POINTER => {
                let mut inside = record.payload.start;
                let length = number(source, &mut inside, record.payload.end)?;
                let offset = number(source, &mut inside, record.payload.end)?;
                // The offset counts from the first record of the image.
                let start = whole.start.checked_add(offset).ok_or(Error::Io)?;
                return part(start, length, whole.end);
            }
            _ => {}
        }
    }
    Err(Error::Io)
}

/// Compares a name in the image with `name`.
fn is_named(source: &mut dyn Source, range: Range, name: &[u8]) -> Result<bool, Error> {
    if range.length() as usize != name.len() {
        return Ok(false);
    }
    let mut buffer = [0; 32];
    for (index, piece) in name.chunks(buffer.len()).enumerate() {
        let part = &mut buffer[..piece.len()];
        source.read_at(range.start + (index * 32) as u32, part)?;
        if part != piece {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Finds a path (`lib/package/module.mpy`; empty for the root) in an image of at most `length` bytes.
pub fn find(source: &mut dyn Source, length: u32, path: &str) -> Result<Option<Node>, Error> {
    let mut node = root(source, length)?;
    let whole = node.content;
    for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
        if node.kind != EntryKind::Directory {
            return Ok(None);
        }
        let mut at = node.content.start;
        loop {
            let Some(child) = next(source, whole, node.content, &mut at)? else { return Ok(None) };
            if is_named(source, child.name, name.as_bytes())? {
                node = child;
                break;
            }
        }
    }
    Ok(Some(node))
}

/// Checks every record of an image of exactly `length` bytes: lengths, names, nesting, pointers.
pub fn validate(source: &mut dyn Source, length: u32) -> Result<(), Error> {
    let whole = top(source, length)?;
    if whole.end != length {
        return Err(Error::Io);
    }
    let mut open = [whole; DEPTH];
    let mut place = [whole.start; DEPTH];
    let mut depth = 0;
    loop {
        let Some(node) = next(source, whole, open[depth], &mut place[depth])? else {
            if depth == 0 {
                return Ok(());
            }
            depth -= 1;
            continue;
        };
        check_name(source, node.name)?;
        if node.kind == EntryKind::Directory {
            depth += 1;
            if depth == DEPTH {
                return Err(Error::Io);
            }
            open[depth] = node.content;
            place[depth] = node.content.start;
        }
    }
}

fn check_name(source: &mut dyn Source, name: Range) -> Result<(), Error> {
    let mut buffer = [0; NAME_BYTES];
    let bytes = buffer.get_mut(..name.length() as usize).ok_or(Error::Io)?;
    source.read_at(name.start, bytes)?;
    let text = core::str::from_utf8(bytes).map_err(|_| Error::Io)?;
    if text.is_empty() || text == "." || text == ".." || text.contains(['/', '\0']) {
        return Err(Error::Io);
    }
    Ok(())
}
