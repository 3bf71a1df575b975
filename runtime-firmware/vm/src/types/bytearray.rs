//! `bytearray`: what changes it in place.

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::text::methods::TextKind;
use crate::value::*;
use crate::vm::Vm;
use core::cell::Cell;

impl Heap {
    /// A bytearray argument.
    pub(crate) fn expect_bytearray<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        let value = self.native_part(value);
        if self.is(value, Tag::ByteArray) {
            return Ok(value);
        }
        Err(self.error_about(class_id::TYPE_ERROR, "expected bytearray, not {t}", value, Val::NONE))
    }

    /// Makes a bytearray `length` bytes long: cut off, or with zeros behind. The buffer is replaced when it is too
    /// small, so that views of the old one stay valid.
    pub(crate) fn bytearray_resize(&self, value: Val<'_>, length: u32) -> Result<(), Raised> {
        let old_length = self.int_field(value, 0) as u32;
        let buffer = self.value(value, 1);
        let capacity = if self.is(buffer, Tag::Buffer) { self.field_count(buffer) * 4 } else { 0 };
        if length > capacity {
            let wanted = length.saturating_add(length / 4).div_ceil(4).max(4);
            let larger = self.alloc(Tag::Buffer, wanted).or_else(|_| self.alloc(Tag::Buffer, length.div_ceil(4)))?;
            for index in 0..old_length.div_ceil(4) {
                self.set_word(larger, index, self.word(buffer, index));
            }
            self.set_field(value, 1, larger);
        }
        self.set_int_field(value, 0, length as i32);
        let cells = self.bytearray_cells(value).unwrap_or(&[]);
        cells.iter().skip(old_length as usize).for_each(|cell| cell.set(0));
        Ok(())
    }

    /// Replaces the bytes at `start .. start + removed` by others.
    pub(crate) fn bytearray_splice(
        &self,
        value: Val<'_>,
        start: u32,
        removed: u32,
        bytes: &[u8],
    ) -> Result<(), Raised> {
        let old = self.buffer_len(value);
        let new = old - removed + bytes.len() as u32;
        if new > old {
            self.bytearray_resize(value, new)?;
        }
        let cells = self.bytearray_cells(value).unwrap_or(&[]);
        let (from, to) = ((start + removed) as usize, start as usize + bytes.len());
        move_cells(cells, from, to, (old - start - removed) as usize);
        for (cell, byte) in cells.iter().skip(start as usize).zip(bytes) {
            cell.set(*byte);
        }
        if new < old {
            self.bytearray_resize(value, new)?;
        }
        Ok(())
    }
}

/// Moves `count` bytes; the two places may overlap.
fn move_cells(cells: &[Cell<u8>], from: usize, to: usize, count: usize) {
    let copy = |index: usize| {
        if let (Some(source), Some(target)) = (cells.get(from + index), cells.get(to + index)) {
            target.set(source.get());
        }
    };
    if from > to { (0..count).for_each(copy) } else { (0..count).rev().for_each(copy) }
}

pub(super) fn init(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    // The constructor has filled it already, unless a class of the program calls this with other arguments.
    if args.count() < 2 {
        return Ok(Ret::NONE);
    }
    if !vm.make_walkable(args.slot(1))? {
        return if vm.heap.is_integer(vm.heap.arg(args, 1)) { Ok(Ret::NONE) } else { vm.walk_later(args, 1) };
    }
    vm.make_ret(|heap| {
        let value = heap.expect_bytearray(heap.arg(args, 0))?;
        if heap.is_str(heap.arg(args, 1)) {
            return Ok(Val::NONE);
        }
        let bytes = heap.byte_items(heap.arg(args, 1))?;
        heap.bytearray_splice(value, 0, heap.buffer_len(value), bytes)?;
        Ok(Val::NONE)
    })
}

impl Heap {
    /// The bytes of a bytes-like value or of a walkable container of ints.
    pub(crate) fn byte_items<'h>(&'h self, items: Val<'h>) -> Result<&'h [u8], Raised> {
        if let Some(bytes) = self.bytes_like(items)? {
            return Ok(bytes);
        }
        if self.is_str(items) {
            return Err(self.type_error("expected iterable of integers; got: 'str'"));
        }
        let mut sink = crate::text::Sink::new(self);
        let mut position = 0;
        while let Some(item) = self.walk_next(items, &mut position)? {
            sink.push(&[self.expect_byte(item)?])?;
        }
        Ok(self.raw_bytes(sink.finish_bytes()?))
    }
}

/// Bytes that are appended are cut to eight bits, as MicroPython does.
fn low_byte(heap: &Heap, value: Val<'_>) -> Result<u8, Raised> {
    Ok(heap.expect_int(value)? as u8)
}

pub(super) fn append(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = heap.expect_bytearray(heap.arg(args, 0))?;
    let byte = low_byte(heap, heap.arg(args, 1))?;
    heap.bytearray_splice(value, heap.buffer_len(value), 0, &[byte])?;
    Ok(Val::NONE)
}

pub(super) fn extend(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.walk_argument(args, 1, |heap| {
        let value = heap.expect_bytearray(heap.arg(args, 0))?;
        let bytes = heap.byte_items(heap.arg(args, 1))?;
        heap.bytearray_splice(value, heap.buffer_len(value), 0, bytes)?;
        Ok(Val::NONE)
    })
}

pub(super) fn insert(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = heap.expect_bytearray(heap.arg(args, 0))?;
    let place = heap.position_argument(Some(heap.arg(args, 1)), 0, heap.buffer_len(value))?;
    let byte = low_byte(heap, heap.arg(args, 2))?;
    heap.bytearray_splice(value, place, 0, &[byte])?;
    Ok(Val::NONE)
}

pub(super) fn pop(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = heap.expect_bytearray(heap.arg(args, 0))?;
    let length = heap.buffer_len(value);
    let index = match heap.optional_arg(args, 1) {
        Some(index) => heap.expect_int(index)?,
        None => -1,
    };
    let place = if index < 0 { index as i64 + length as i64 } else { index as i64 };
    let Some(byte) = u32::try_from(place).ok().and_then(|place| heap.buffer_get(value, place)) else {
        let text = if length == 0 { "pop from empty bytearray" } else { "pop index out of range" };
        return Err(heap.error(class_id::INDEX_ERROR, text));
    };
    heap.bytearray_splice(value, place as u32, 1, b"")?;
    Ok(Val::int(byte as i32))
}

pub(super) fn remove(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = heap.expect_bytearray(heap.arg(args, 0))?;
    let byte = heap.expect_byte(heap.arg(args, 1))?;
    match (0..heap.buffer_len(value)).find(|place| heap.buffer_get(value, *place) == Some(byte)) {
        Some(place) => heap.bytearray_splice(value, place, 1, b"")?,
        None => return Err(heap.value_error("value not found in bytearray")),
    }
    Ok(Val::NONE)
}

pub(super) fn reverse(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let cells = heap.bytearray_cells(heap.expect_bytearray(heap.arg(args, 0))?).unwrap_or(&[]);
    let (front, back) = cells.split_at(cells.len() / 2);
    front.iter().zip(back.iter().rev()).for_each(|(a, b)| a.swap(b));
    Ok(Val::NONE)
}

pub(super) fn clear(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.bytearray_resize(heap.expect_bytearray(heap.arg(args, 0))?, 0)?;
    Ok(Val::NONE)
}

pub(super) fn copy(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let bytes = heap.bytes_like(heap.expect_bytearray(heap.arg(args, 0))?)?.unwrap_or(b"");
    heap.new_text(TextKind::ByteArray, bytes)
}
