//! Text under construction: a str or bytes object that grows at the end of the heap, so that no length needs to
//! be known before and nothing is copied at the end.
//!
//! Leaf code uses a [`Sink`] on its own. Code that runs Python between two pieces keeps a [`TextBuffer`] in a slot
//! and appends with short pieces of leaf code.

use crate::heap::Heap;
use crate::layout::{Tag, header, size_of};
use crate::value::*;
use crate::vm::Vm;
use core::cell::Cell;

/// Words taken in advance where memory allows.
const SLACK_WORDS: u32 = 16;

/// See the file's head.
pub struct Sink<'h> {
    /// The heap that is written to.
    pub heap: &'h Heap,
    object: Option<Val<'h>>,
    /// Where the object is kept alive, if it outlives a collection.
    slot: Option<Slot>,
    length: u32,
}

impl<'h> Sink<'h> {
    /// An empty text.
    pub fn new(heap: &'h Heap) -> Sink<'h> {
        Sink { heap, object: None, slot: None, length: 0 }
    }

    /// Continues the text in `slot`.
    fn resume(heap: &'h Heap, slot: Slot, length: u32) -> Sink<'h> {
        let object = heap.get(slot);
        Sink { heap, object: heap.is(object, Tag::Str).then_some(object), slot: Some(slot), length }
    }

    /// Bytes written so far.
    pub fn len(&self) -> u32 {
        self.length
    }

    /// True if nothing was written.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What was written so far.
    pub(crate) fn written(&self) -> &'h [Cell<u8>] {
        match self.object {
            Some(object) => self.heap.arena.cells(object.index() + 2, self.length),
            None => &[],
        }
    }

    /// Appends.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Raised> {
        let room = self.room(bytes.len())?;
        for (cell, byte) in room.iter().zip(bytes) {
            cell.set(*byte);
        }
        self.length += bytes.len() as u32;
        Ok(())
    }

    /// Appends one byte `count` times.
    pub fn fill(&mut self, byte: u8, count: u32) -> Result<(), Raised> {
        for cell in self.room(count as usize)? {
            cell.set(byte);
        }
        self.length += count;
        Ok(())
    }

    /// Appends a text `count` times.
    pub fn repeat(&mut self, bytes: &[u8], count: u32) -> Result<(), Raised> {
        if let [byte] = bytes {
            return self.fill(*byte, count);
        }
        for _ in 0..count {
            self.push(bytes)?;
        }
        Ok(())
    }

    /// Appends a character.
    pub fn push_char(&mut self, c: char) -> Result<(), Raised> {
        let mut buffer = [0; 4];
        self.push(c.encode_utf8(&mut buffer).as_bytes())
    }

    /// Appends a small number in decimal.
    pub fn push_decimal(&mut self, n: i64) -> Result<(), Raised> {
        let mut digits = [0u8; 20];
        let mut first = digits.len();
        let mut rest = n.unsigned_abs();
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if n < 0 {
            first -= 1;
            digits[first] = b'-';
        }
        self.push(&digits[first..])
    }

    /// Appends a number in hexadecimal with at least `width` digits.
    pub fn push_hex(&mut self, n: u32, width: u32) -> Result<(), Raised> {
        let mut position = 8;
        while position > 1 && position > width && n >> ((position - 1) * 4) == 0 {
            position -= 1;
        }
        while position > 0 {
            position -= 1;
            self.push(&[HEX[(n >> (position * 4) & 15) as usize]])?;
        }
        Ok(())
    }

    /// Appends what `work` writes to a function; for code that knows no sinks.
    pub(crate) fn collect(
        &mut self,
        work: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        let mut written = Ok(());
        work(&mut |bytes| {
            if written.is_ok() {
                written = self.push(bytes);
            }
        })?;
        written
    }

    /// Free bytes behind the text, at least `more` of them.
    fn room(&mut self, more: usize) -> Result<&'h [Cell<u8>], Raised> {
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let needed = self.length.saturating_add(more);
        let fields = 1 + needed.div_ceil(4);
        let object = match self.object {
            Some(object) if self.heap.field_count(object) >= fields => object,
            Some(object) => self.grow(object, fields)?,
            None => self.keep(self.alloc(fields)?),
        };
        let cells = self.heap.arena.cells(object.index() + 2, needed);
        Ok(cells.get(self.length as usize..).unwrap_or(&[]))
    }

    fn alloc(&self, fields: u32) -> Result<Val<'h>, Raised> {
        self.heap.alloc(Tag::Str, fields.saturating_add(SLACK_WORDS)).or_else(|_| self.heap.alloc(Tag::Str, fields))
    }

    fn keep(&mut self, object: Val<'h>) -> Val<'h> {
        self.object = Some(object);
        if let Some(slot) = self.slot {
            self.heap.set(slot, object);
        }
        object
    }

    fn grow(&mut self, object: Val<'h>, fields: u32) -> Result<Val<'h>, Raised> {
        let heap = self.heap;
        if object.index() + 1 + heap.field_count(object) == heap.arena.top() {
            let slack = fields.saturating_add(SLACK_WORDS);
            heap.grow_last(object, slack).or_else(|_| heap.grow_last(object, fields))?;
            return Ok(object);
        }
        let larger = self.alloc(fields.saturating_add(fields / 2))?;
        for index in 0..heap.field_count(object) {
            heap.set_word(larger, index, heap.word(object, index));
        }
        Ok(self.keep(larger))
    }

    /// The text as a str.
    pub fn finish(self) -> Result<Val<'h>, Raised> {
        let Some(object) = self.object else { return Ok(Val::name(crate::names::EMPTY)) };
        if self.length <= 1 {
            // One-character ASCII strings have exactly one representation.
            let byte = self.written().first().map(Cell::get);
            match byte {
                None => return Ok(Val::name(crate::names::EMPTY)),
                Some(byte) if byte < 128 => return Ok(Val::name(byte as u16)),
                Some(_) => {}
            }
        }
        self.end(object);
        Ok(object)
    }

    /// The text as bytes.
    pub fn finish_bytes(self) -> Result<Val<'h>, Raised> {
        let Some(object) = self.object else { return self.heap.new_bytes(b"") };
        self.end(object);
        let head = self.heap.arena.load(object.index());
        self.heap.arena.store(object.index(), header(Tag::Bytes, size_of(head) as u32) | head & (7 << 9));
        Ok(object)
    }

    /// Cuts the object to what was written.
    fn end(&self, object: Val<'h>) {
        let words = self.length.div_ceil(4);
        self.heap.truncate(object, 1 + words);
        self.heap.set_flags(object, words * 4 - self.length);
    }
}

/// Digits.
pub(crate) const HEX: &[u8; 16] = b"0123456789abcdef";

impl core::fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.push(text.as_bytes()).map_err(|_| core::fmt::Error)
    }
}

/// A text under construction that lives in a slot, so that Python may run between two pieces.
pub(crate) struct TextBuffer {
    slot: Slot,
    length: u32,
}

impl Vm<'_> {
    /// An empty text in a new slot, which the caller pops (or the function's end).
    pub(crate) fn text_buffer(&mut self) -> Result<TextBuffer, Raised> {
        Ok(TextBuffer { slot: self.temp()?, length: 0 })
    }

    /// Appends with leaf code; runs it again after a collection. On an error the text is as before.
    pub(crate) fn append(
        &mut self,
        text: &mut TextBuffer,
        work: impl Fn(&mut Sink<'_>) -> Result<(), Raised>,
    ) -> Result<(), Raised> {
        let (slot, length) = (text.slot, text.length);
        text.length = self.retry(|heap| {
            let mut sink = Sink::resume(heap, slot, length);
            work(&mut sink)?;
            Ok(sink.length)
        })?;
        Ok(())
    }

    /// Appends bytes that are not in the heap.
    pub(crate) fn append_bytes(&mut self, text: &mut TextBuffer, bytes: &[u8]) -> Result<(), Raised> {
        self.append(text, |sink| sink.push(bytes))
    }

    /// Ends the text and pops its slot, and with it every slot made later. `out` must be an older slot.
    pub(crate) fn finish_text(&mut self, text: TextBuffer, out: Slot) -> Result<(), Raised> {
        self.make(out, |heap| Sink::resume(heap, text.slot, text.length).finish())?;
        self.pop_temp(text.slot);
        Ok(())
    }

    /// As [`Vm::finish_text`], for bytes.
    pub(crate) fn finish_text_bytes(&mut self, text: TextBuffer, out: Slot) -> Result<(), Raised> {
        self.make(out, |heap| Sink::resume(heap, text.slot, text.length).finish_bytes())?;
        self.pop_temp(text.slot);
        Ok(())
    }
}
