//! The methods that str, bytes and bytearray share: one implementation over bytes, told by [`TextKind`] what to
//! make of its result.

pub(crate) mod case;
pub(crate) mod pad;
pub(crate) mod replace;
pub(crate) mod search;
pub(crate) mod split;
pub(crate) mod strip;

use super::character;
use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;

/// What a text method works on and returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TextKind {
    Str,
    Bytes,
    ByteArray,
}

/// The receiver of a text method.
#[derive(Clone, Copy)]
pub(crate) struct Text<'h> {
    pub(crate) kind: TextKind,
    /// The value itself.
    pub(crate) value: Val<'h>,
    pub(crate) bytes: &'h [u8],
    /// Characters are bytes.
    pub(crate) narrow: bool,
}

impl<'h> Text<'h> {
    /// Number of characters.
    pub(crate) fn len(&self) -> u32 {
        if self.narrow { self.bytes.len() as u32 } else { character::count(self.bytes) }
    }

    /// Byte offset of a character.
    pub(crate) fn offset(&self, index: u32) -> usize {
        if self.narrow { (index as usize).min(self.bytes.len()) } else { character::offset(self.bytes, index) }
    }

    /// Character number of a byte offset.
    pub(crate) fn index_of(&self, offset: usize) -> u32 {
        if self.narrow { offset as u32 } else { character::count(self.bytes.get(..offset).unwrap_or(self.bytes)) }
    }

    /// The code points: characters of a str, bytes of bytes.
    pub(crate) fn codes(self) -> impl Iterator<Item = u32> + use<'h> {
        let narrow = self.narrow;
        let mut rest = self.bytes;
        core::iter::from_fn(move || {
            let (code, width) = if narrow { (*rest.first()? as u32, 1) } else { character::decode(rest)? };
            rest = rest.get(width..)?;
            Some(code)
        })
    }
}

impl Heap {
    /// The receiver of a text method. The content of a bytearray is copied, as it may change.
    pub(crate) fn text<'h>(&'h self, value: Val<'h>) -> Result<Text<'h>, Raised> {
        let value = self.native_part(value);
        if let Some(bytes) = self.str_bytes(value) {
            return Ok(Text { kind: TextKind::Str, value, bytes, narrow: self.is_ascii(value) });
        }
        match self.tag(value) {
            Some(Tag::Bytes) => Ok(Text { kind: TextKind::Bytes, value, bytes: self.raw_bytes(value), narrow: true }),
            Some(Tag::ByteArray) => {
                Ok(Text { kind: TextKind::ByteArray, value, bytes: self.byte_snapshot(value)?, narrow: true })
            }
            _ => Err(self.error_about(
                class_id::TYPE_ERROR,
                "descriptor requires a str or bytes object, not {t}",
                value,
                Val::NONE,
            )),
        }
    }

    /// The bytes of a bytearray, or of a view of one, as they are now.
    fn byte_snapshot<'h>(&'h self, value: Val<'h>) -> Result<&'h [u8], Raised> {
        let cells = self.writable_bytes(value).unwrap_or(&[]);
        let copy = self.new_bytes_with(cells.len(), |fill| cells.iter().for_each(|cell| fill.push(&[cell.get()])))?;
        Ok(self.raw_bytes(copy))
    }

    /// The bytes of any bytes-like value: bytes, bytearray (as it is now).
    pub(crate) fn bytes_like<'h>(&'h self, value: Val<'h>) -> Result<Option<&'h [u8]>, Raised> {
        let value = self.native_part(value);
        Ok(match self.tag(value) {
            Some(Tag::Bytes) => Some(self.raw_bytes(value)),
            Some(Tag::ByteArray) => Some(self.byte_snapshot(value)?),
            Some(Tag::Native) if self.is_memoryview(value) => {
                let (object, start, length) = self.view_parts(value);
                let Some(bytes) = self.bytes_bytes(object) else { return self.byte_snapshot(value).map(Some) };
                let start = (start as usize).min(bytes.len());
                bytes.get(start..bytes.len().min(start + length as usize))
            }
            Some(Tag::Native) => match self.array_cells(value) {
                Some(cells) => Some(self.raw_bytes(self.new_bytes_with(cells.len(), |fill| {
                    cells.iter().for_each(|cell| fill.push(&[cell.get()]));
                })?)),
                None => None,
            },
            _ => None,
        })
    }

    /// An argument that must be of the receiver's kind: str with str, bytes-like with bytes-like.
    pub(crate) fn text_argument<'h>(&'h self, kind: TextKind, value: Val<'h>) -> Result<&'h [u8], Raised> {
        if kind == TextKind::Str {
            let text = self.str_bytes(self.native_part(value));
            return text
                .ok_or_else(|| self.error_about(class_id::TYPE_ERROR, "must be str, not {t}", value, Val::NONE));
        }
        match self.bytes_like(value)? {
            Some(bytes) => Ok(bytes),
            None => {
                let text = "a bytes-like object is required, not '{t}'";
                Err(self.error_about(class_id::TYPE_ERROR, text, value, Val::NONE))
            }
        }
    }

    /// A value of this kind.
    pub(crate) fn new_text(&self, kind: TextKind, bytes: &[u8]) -> Result<Val<'_>, Raised> {
        match kind {
            TextKind::Str => self.new_str(bytes),
            TextKind::Bytes => self.new_bytes(bytes),
            TextKind::ByteArray => self.new_bytearray_of(bytes),
        }
    }

    /// A bytearray with this content.
    pub(crate) fn new_bytearray_of(&self, bytes: &[u8]) -> Result<Val<'_>, Raised> {
        let value = self.new_bytearray(bytes.len() as u32)?;
        for (cell, byte) in self.bytearray_cells(value).unwrap_or(&[]).iter().zip(bytes) {
            cell.set(*byte);
        }
        Ok(value)
    }

    /// A part of a text; the text itself where it is the whole and cannot change.
    pub(crate) fn text_part<'h>(&'h self, text: Text<'h>, part: &[u8]) -> Result<Val<'h>, Raised> {
        if part.len() == text.bytes.len() && text.kind != TextKind::ByteArray {
            return Ok(text.value);
        }
        self.new_text(text.kind, part)
    }
}

impl<'h> super::Sink<'h> {
    /// The text as a value of this kind.
    pub(crate) fn finish_as(self, kind: TextKind) -> Result<Val<'h>, Raised> {
        match kind {
            TextKind::Str => self.finish(),
            TextKind::Bytes => self.finish_bytes(),
            TextKind::ByteArray => {
                let heap = self.heap;
                let bytes = self.finish_bytes()?;
                heap.new_bytearray_of(heap.raw_bytes(bytes))
            }
        }
    }
}

/// Runs leaf code of a method that takes keywords.
pub(crate) fn leaf(vm: &mut Vm<'_>, args: Args, work: crate::Leaf) -> Result<Ret, Raised> {
    vm.make_ret(|heap| work(heap, args))
}
