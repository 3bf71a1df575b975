//! `memoryview`: bytes of a bytes object or bytearray in place. Fields: the object, first byte, length, read-only.
//!
//! A bytearray that is resized keeps its views: they see as much of their range as is left.

use super::protocol;
use super::slice::Indices;
use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::rom::{Member, Row};
use crate::text::methods::TextKind;
use crate::value::*;
use crate::vm::Vm;
use core::cell::Cell;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    Row("__getitem__", Member::Leaf(get_item, 2, 2)),
    Row("__setitem__", Member::Leaf(set_item, 3, 3)),
    protocol::ITER,
    protocol::LEN,
    Row("__enter__", Member::Leaf(expect, 1, 1)),
    Row("__exit__", Member::Leaf(|_, _| Ok(Val::NONE), 4, 4)),
    Row("format", Member::Str("B")),
    Row("hex", Member::Leaf(hex, 1, 3)),
    Row("itemsize", Member::Int(1)),
    Row("nbytes", Member::Getter(|heap, args| Ok(heap.native_field(expect(heap, args)?, LENGTH)))),
    Row("obj", Member::Getter(|heap, args| Ok(heap.native_field(expect(heap, args)?, OBJECT)))),
    Row("readonly", Member::Getter(|heap, args| Ok(heap.native_field(expect(heap, args)?, READ_ONLY)))),
    Row("release", Member::Leaf(|_, _| Ok(Val::NONE), 1, 1)),
    Row("tobytes", Member::Leaf(to_bytes, 1, 1)),
    Row("tolist", Member::Leaf(to_list, 1, 1)),
];

const OBJECT: u32 = 0;
const START: u32 = 1;
const LENGTH: u32 = 2;
const READ_ONLY: u32 = 3;

impl Heap {
    /// True for a memoryview.
    pub fn is_memoryview(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::Native) && self.class_of(value) == class_id::MEMORYVIEW
    }

    /// True for bytes, bytearray and memoryview.
    pub fn is_buffer(&self, value: Val<'_>) -> bool {
        matches!(self.tag(value), Some(Tag::Bytes | Tag::ByteArray)) || self.is_memoryview(value)
    }

    /// The object that a memoryview shows, the first byte shown, and how many are.
    pub(crate) fn view_parts<'h>(&'h self, view: Val<'h>) -> (Val<'h>, u32, u32) {
        let number = |field| self.native_field(view, field).small_int().unwrap_or(0).max(0) as u32;
        (self.native_field(view, OBJECT), number(START), number(LENGTH))
    }

    /// The bytes of a bytearray, or of a memoryview of one, to be written in place; `None` for all else.
    pub fn writable_bytes(&self, value: Val<'_>) -> Option<&[Cell<u8>]> {
        let value = self.native_part(value);
        if !self.is_memoryview(value) {
            return self.bytearray_cells(value);
        }
        let (object, start, length) = self.view_parts(value);
        let cells = self.bytearray_cells(object)?;
        let start = (start as usize).min(cells.len());
        cells.get(start..cells.len().min(start + length as usize))
    }

    fn new_view_of(&self, object: Val<'_>, start: u32, length: u32) -> Result<Val<'_>, Raised> {
        let view = self.new_native(class_id::MEMORYVIEW, 4)?;
        self.set_native_field(view, OBJECT, object);
        self.set_native_field(view, START, Val::int(start as i32));
        self.set_native_field(view, LENGTH, Val::int(length as i32));
        self.set_native_field(view, READ_ONLY, Val::bool(!self.is(object, Tag::ByteArray)));
        Ok(view)
    }
}

fn expect(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.expect_native(heap.arg(args, 0), class_id::MEMORYVIEW)
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let args = heap.constructor_args(args);
        let [object] = heap.bind_arguments(args, &["object"], 1)?;
        let object = heap.native_part(object.unwrap_or(Val::NONE));
        if heap.is_memoryview(object) {
            let (object, start, length) = heap.view_parts(object);
            return heap.new_view_of(object, start, length);
        }
        if !heap.is_buffer(object) {
            let text = "memoryview: a bytes-like object is required, not '{t}'";
            return Err(heap.error_about(class_id::TYPE_ERROR, text, object, Val::NONE));
        }
        heap.new_view_of(object, 0, heap.buffer_len(object))
    })
}

/// The positions that a slice takes; only those side by side can be a view.
fn indices(heap: &Heap, view: Val<'_>, slice: Val<'_>) -> Result<Indices, Raised> {
    let indices = heap.slice_indices(slice, heap.view_parts(view).2)?;
    if indices.step != 1 {
        return Err(heap.error(class_id::NOT_IMPLEMENTED_ERROR, "memoryview: only slices with step 1"));
    }
    Ok(indices)
}

const INDEX: &str = "memoryview indices must be integers, not {t}";

fn get_item(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (view, index) = (expect(heap, args)?, heap.arg(args, 1));
    let (object, start, length) = heap.view_parts(view);
    if heap.is(index, Tag::Slice) {
        let indices = indices(heap, view, index)?;
        return heap.new_view_of(object, start + indices.start as u32, indices.count());
    }
    let position = heap.position(index, length, INDEX)?;
    match heap.buffer_get(object, start + position) {
        Some(byte) => Ok(Val::int(byte.into())),
        None => Err(heap.error(class_id::INDEX_ERROR, "index out of range")),
    }
}

fn set_item(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (view, index, value) = (expect(heap, args)?, heap.arg(args, 1), heap.arg(args, 2));
    let Some(cells) = heap.writable_bytes(view) else {
        return Err(heap.type_error("cannot modify read-only memory"));
    };
    if heap.is(index, Tag::Slice) {
        let indices = indices(heap, view, index)?;
        let bytes = heap.text_argument(TextKind::Bytes, value)?;
        let target = cells.get(indices.start as usize..(indices.start as u32 + indices.count()) as usize);
        match target.filter(|target| target.len() == bytes.len()) {
            Some(target) => target.iter().zip(bytes).for_each(|(cell, byte)| cell.set(*byte)),
            None => {
                let text = "memoryview assignment: lvalue and rvalue have different structures";
                return Err(heap.value_error(text));
            }
        }
        return Ok(Val::NONE);
    }
    let position = heap.position(index, heap.view_parts(view).2, INDEX)?;
    // As with bytearray: MicroPython truncates.
    let Some(byte) = heap.as_int(value) else { return Err(heap.type_error("an integer is required")) };
    match cells.get(position as usize) {
        Some(cell) => cell.set(byte as u8),
        None => return Err(heap.error(class_id::INDEX_ERROR, "index out of range")),
    }
    Ok(Val::NONE)
}

fn to_bytes(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.new_bytes(heap.bytes_like(expect(heap, args)?)?.unwrap_or(b""))
}

fn hex(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let bytes = heap.bytes_like(expect(heap, args)?)?.unwrap_or(b"");
    super::bytes::write_hex(heap, args, bytes)
}

fn to_list(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.list_of(expect(heap, args)?)
}
