//! Making and reading the simple objects: numbers, strings, tuples, lists, cells, functions.

use crate::heap::Heap;
use crate::layout::{Tag, flags_of, has_tag, size_of};
use crate::names::hash_bytes;
use crate::value::*;
use hal::FloatWidth;

/// The hash word of a string or bytes object holds a hash.
const HASH_KNOWN: u32 = 1 << 16;
/// The text is known to be ASCII.
const IS_ASCII: u32 = 1 << 17;
/// It was found whether the text is ASCII.
const ASCII_KNOWN: u32 = 1 << 18;

impl Heap {
    // ---- numbers

    /// An int, small or big.
    pub fn new_int(&self, n: i64) -> Result<Val<'_>, Raised> {
        if (INT_MIN as i64..=INT_MAX as i64).contains(&n) {
            return Ok(Val::int(n as i32));
        }
        self.new_big_int(n.unsigned_abs(), n < 0)
    }

    /// An int of 64 bits without sign.
    pub fn new_unsigned(&self, n: u64) -> Result<Val<'_>, Raised> {
        if n <= INT_MAX as u64 {
            return Ok(Val::int(n as i32));
        }
        self.new_big_int(n, false)
    }

    fn new_big_int(&self, magnitude: u64, negative: bool) -> Result<Val<'_>, Raised> {
        let limbs = if magnitude >> 32 != 0 { 2 } else { 1 };
        let object = self.alloc(Tag::BigInt, limbs)?;
        self.set_word(object, 0, magnitude as u32);
        if limbs == 2 {
            self.set_word(object, 1, (magnitude >> 32) as u32);
        }
        self.set_flags(object, negative as u32);
        Ok(object)
    }

    /// The value of an int or bool that fits 64 bits; `None` for others.
    pub fn as_int(&self, value: Val<'_>) -> Option<i64> {
        match value.word() {
            TRUE => return Some(1),
            FALSE => return Some(0),
            word if is_int(word) => return Some(int_of(word) as i64),
            _ => {}
        }
        let head = self.head(value)?;
        if !has_tag(head, Tag::BigInt) || size_of(head) > 3 {
            return None;
        }
        let high = if size_of(head) == 3 { self.word(value, 1) } else { 0 };
        let magnitude = (high as u64) << 32 | self.word(value, 0) as u64;
        if flags_of(head) & 1 != 0 { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
    }

    /// True for ints and bools of any size.
    pub fn is_integer(&self, value: Val<'_>) -> bool {
        value.small_int().is_some() || matches!(value.word(), TRUE | FALSE) || self.is(value, Tag::BigInt)
    }

    /// The argument as an index or count: an int that fits 32 bits, else an error (TypeError, OverflowError).
    pub fn expect_int(&self, value: Val<'_>) -> Result<i32, Raised> {
        if let Some(n) = value.small_int() {
            return Ok(n);
        }
        let value = self.native_part(value);
        match self.as_int(value) {
            Some(n) => {
                i32::try_from(n).map_err(|_| self.error(crate::class_id::OVERFLOW_ERROR, "int too large to convert"))
            }
            None if self.is(value, Tag::BigInt) => {
                Err(self.error(crate::class_id::OVERFLOW_ERROR, "int too large to convert"))
            }
            None => Err(self.error_about(
                crate::class_id::TYPE_ERROR,
                "'{t}' object can't be interpreted as an integer",
                value,
                Val::NONE,
            )),
        }
    }

    /// True if floats have single precision.
    #[inline(always)]
    pub fn single_precision(&self) -> bool {
        cfg!(feature = "single-precision") || self.float_width == FloatWidth::Single
    }

    /// A float, rounded to the board's width.
    #[inline]
    pub fn new_float(&self, x: f64) -> Result<Val<'_>, Raised> {
        if self.single_precision() {
            let object = self.alloc(Tag::Float, 1)?;
            self.set_word(object, 0, canonical(x).to_bits());
            Ok(object)
        } else {
            let object = self.alloc(Tag::Float, 2)?;
            let bits = if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
            self.set_word(object, 0, bits as u32);
            self.set_word(object, 1, (bits >> 32) as u32);
            Ok(object)
        }
    }

    /// The value of a float object; `None` for all else.
    #[inline]
    pub fn as_float(&self, value: Val<'_>) -> Option<f64> {
        if !self.is(value, Tag::Float) {
            return None;
        }
        Some(if self.single_precision() {
            f32::from_bits(self.word(value, 0)) as f64
        } else {
            f64::from_bits((self.word(value, 1) as u64) << 32 | self.word(value, 0) as u64)
        })
    }

    // ---- strings and bytes

    /// A str from valid UTF-8 (or, as MicroPython allows in constants, any bytes).
    pub fn new_str(&self, text: &[u8]) -> Result<Val<'_>, Raised> {
        match text {
            [] => Ok(Val::name(crate::names::EMPTY)),
            [byte @ 0..128] => Ok(Val::name(*byte as u16)),
            _ => self.new_raw_str(Tag::Str, text),
        }
    }

    /// A str of one character.
    pub fn new_char(&self, c: char) -> Result<Val<'_>, Raised> {
        let mut buffer = [0; 4];
        self.new_str(c.encode_utf8(&mut buffer).as_bytes())
    }

    /// A bytes object.
    pub fn new_bytes(&self, bytes: &[u8]) -> Result<Val<'_>, Raised> {
        self.new_raw_str(Tag::Bytes, bytes)
    }

    pub(crate) fn new_raw_str(&self, tag: Tag, bytes: &[u8]) -> Result<Val<'_>, Raised> {
        let object = self.new_raw(tag, bytes.len())?;
        for (cell, byte) in self.arena.cells(object.index() + 2, bytes.len() as u32).iter().zip(bytes) {
            cell.set(*byte);
        }
        Ok(object)
    }

    /// A str or bytes object of so many zero bytes, to be filled by the caller at once.
    fn new_raw(&self, tag: Tag, length: usize) -> Result<Val<'_>, Raised> {
        let words = length.div_ceil(4);
        let object = self.alloc(tag, u32::try_from(words + 1).unwrap_or(u32::MAX))?;
        self.set_flags(object, (words * 4 - length) as u32);
        Ok(object)
    }

    /// A str of the parts one after the other.
    pub fn new_str_of(&self, parts: &[&[u8]]) -> Result<Val<'_>, Raised> {
        self.join_parts(Tag::Str, parts)
    }

    /// Bytes of the parts one after the other.
    pub fn new_bytes_of(&self, parts: &[&[u8]]) -> Result<Val<'_>, Raised> {
        self.join_parts(Tag::Bytes, parts)
    }

    fn join_parts(&self, tag: Tag, parts: &[&[u8]]) -> Result<Val<'_>, Raised> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.new_with(tag, length, |fill| parts.iter().for_each(|part| fill.push(part)))
    }

    /// A str of `length` bytes written by `write`. Shorter writes end it early; more is cut off.
    pub fn new_str_with(&self, length: usize, write: impl FnOnce(&mut Fill<'_>)) -> Result<Val<'_>, Raised> {
        self.new_with(Tag::Str, length, write)
    }

    /// As [`Heap::new_str_with`], for bytes.
    pub fn new_bytes_with(&self, length: usize, write: impl FnOnce(&mut Fill<'_>)) -> Result<Val<'_>, Raised> {
        self.new_with(Tag::Bytes, length, write)
    }

    fn new_with(&self, tag: Tag, length: usize, write: impl FnOnce(&mut Fill<'_>)) -> Result<Val<'_>, Raised> {
        let object = self.new_raw(tag, length)?;
        let mut fill = Fill { cells: self.arena.cells(object.index() + 2, length as u32), length: 0 };
        write(&mut fill);
        let written = fill.length;
        if written < length {
            let words = written.div_ceil(4);
            self.truncate(object, words as u32 + 1);
            self.set_flags(object, (words * 4 - written) as u32);
        }
        if tag == Tag::Str && written <= 1 {
            // One-character ASCII strings have exactly one representation.
            let bytes = self.raw_bytes(object);
            if written == 0 || bytes[0] < 128 {
                return self.new_str(bytes);
            }
        }
        Ok(object)
    }

    /// The bytes of a Str or Bytes object.
    #[inline]
    pub(crate) fn raw_bytes(&self, object: Val<'_>) -> &[u8] {
        let head = self.arena.load(object.index());
        let length = (size_of(head) as u32).saturating_sub(2) * 4;
        self.arena.bytes(object.index() + 2, length.saturating_sub(flags_of(head)))
    }

    /// The UTF-8 bytes of a str; `None` for all else.
    #[inline]
    pub fn str_bytes(&self, value: Val<'_>) -> Option<&[u8]> {
        if is_name(value.word()) {
            return Some(self.name_bytes(name_of(value.word())));
        }
        if self.is(value, Tag::Str) { Some(self.raw_bytes(value)) } else { None }
    }

    /// The bytes of a bytes object; `None` for all else.
    pub fn bytes_bytes(&self, value: Val<'_>) -> Option<&[u8]> {
        if self.is(value, Tag::Bytes) { Some(self.raw_bytes(value)) } else { None }
    }

    /// The text of a str argument, or TypeError.
    pub fn expect_str(&self, value: Val<'_>) -> Result<&[u8], Raised> {
        self.str_bytes(value)
            .ok_or_else(|| self.error_about(crate::class_id::TYPE_ERROR, "expected str, not {t}", value, Val::NONE))
    }

    /// True for a str.
    pub fn is_str(&self, value: Val<'_>) -> bool {
        is_name(value.word()) || self.is(value, Tag::Str)
    }

    /// The hash of a Str or Bytes object, computed once.
    pub(crate) fn raw_hash(&self, object: Val<'_>) -> u16 {
        let word = self.word(object, 0);
        if word & HASH_KNOWN != 0 {
            return word as u16;
        }
        let hash = hash_bytes(self.raw_bytes(object));
        self.set_word(object, 0, word & !0xffff | HASH_KNOWN | hash as u32);
        hash
    }

    /// The hash of a str value.
    pub(crate) fn str_hash(&self, value: Val<'_>) -> u16 {
        if is_name(value.word()) {
            let id = name_of(value.word());
            if id < self.rom.name_end() {
                return self.rom.hash(id);
            }
            return hash_bytes(self.name_bytes(id));
        }
        self.raw_hash(value)
    }

    /// True if a str holds ASCII only, so that characters are bytes.
    pub fn is_ascii(&self, value: Val<'_>) -> bool {
        if is_name(value.word()) {
            return self.name_bytes(name_of(value.word())).is_ascii();
        }
        let word = self.word(value, 0);
        if word & ASCII_KNOWN != 0 {
            return word & IS_ASCII != 0;
        }
        let ascii = self.raw_bytes(value).is_ascii();
        self.set_word(value, 0, word | ASCII_KNOWN | if ascii { IS_ASCII } else { 0 });
        ascii
    }

    // ---- mutable bytes

    /// A bytearray of so many zero bytes.
    pub fn new_bytearray(&self, length: u32) -> Result<Val<'_>, Raised> {
        let buffer = self.alloc(Tag::Buffer, length.div_ceil(4))?;
        let object = self.alloc(Tag::ByteArray, 2)?;
        self.set_int_field(object, 0, length as i32);
        self.set_field(object, 1, buffer);
        Ok(object)
    }

    /// The bytes of a bytearray, readable and writable; `None` for all else.
    pub fn bytearray_cells(&self, value: Val<'_>) -> Option<&[core::cell::Cell<u8>]> {
        if !self.is(value, Tag::ByteArray) {
            return None;
        }
        let length = self.int_field(value, 0) as u32;
        let buffer = self.field(value, 1)?;
        (self.is(buffer, Tag::Buffer) && length.div_ceil(4) <= self.field_count(buffer))
            .then(|| self.arena.cells(buffer.index() + 1, length))
    }

    // ---- tuples

    /// A tuple of so many items, all `None` until the caller sets them.
    pub fn new_tuple(&self, length: u32) -> Result<Val<'_>, Raised> {
        let tuple = self.alloc(Tag::Tuple, length)?;
        for index in 0..length {
            self.set_field(tuple, index, Val::NONE);
        }
        Ok(tuple)
    }

    /// A tuple of these items.
    pub fn new_tuple_of(&self, items: &[Val<'_>]) -> Result<Val<'_>, Raised> {
        let tuple = self.alloc(Tag::Tuple, items.len() as u32)?;
        for (index, item) in items.iter().enumerate() {
            self.set_field(tuple, index as u32, *item);
        }
        Ok(tuple)
    }

    /// True for a tuple.
    pub fn is_tuple(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::Tuple)
    }

    /// Number of items of a tuple.
    pub fn tuple_len(&self, tuple: Val<'_>) -> u32 {
        self.field_count(tuple)
    }

    /// Item `index` of a tuple.
    pub fn tuple_get(&self, tuple: Val<'_>, index: u32) -> Val<'_> {
        if index < self.field_count(tuple) { self.value(tuple, index) } else { Val::NONE }
    }

    /// Sets an item of a tuple that was just made.
    pub fn tuple_set(&self, tuple: Val<'_>, index: u32, value: Val<'_>) {
        if index < self.field_count(tuple) {
            self.set_field(tuple, index, value);
        }
    }

    // ---- lists

    /// An empty list with room for `capacity` items.
    pub fn new_list(&self, capacity: u32) -> Result<Val<'_>, Raised> {
        let items = if capacity == 0 { None } else { Some(self.alloc(Tag::Items, capacity)?) };
        let list = self.alloc(Tag::List, 2)?;
        self.set_int_field(list, 0, 0);
        if let Some(items) = items {
            self.set_field(list, 1, items);
        }
        Ok(list)
    }

    /// True for a list.
    pub fn is_list(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::List)
    }

    /// Number of items of a list.
    #[inline(always)]
    pub fn list_len(&self, list: Val<'_>) -> u32 {
        self.int_field(list, 0) as u32
    }

    /// Item `index` of a list; `None` past its end.
    #[inline]
    pub fn list_get(&self, list: Val<'_>, index: u32) -> Option<Val<'_>> {
        if index >= self.list_len(list) {
            return None;
        }
        self.field(self.field(list, 1)?, index)
    }

    /// Replaces item `index` of a list; ignored past its end.
    #[inline]
    pub fn list_set(&self, list: Val<'_>, index: u32, value: Val<'_>) {
        if index < self.list_len(list)
            && let Some(items) = self.field(list, 1)
        {
            self.set_field(items, index, value);
        }
    }

    /// Makes room for `more` items behind the last.
    pub fn list_reserve(&self, list: Val<'_>, more: u32) -> Result<(), Raised> {
        let length = self.list_len(list);
        let old = self.field(list, 1);
        let capacity = old.map_or(0, |items| self.field_count(items));
        if capacity >= length + more {
            return Ok(());
        }
        // The last object of the heap grows in place: appending in a loop then costs no copies.
        if let Some(items) = old
            && items.index() + 1 + capacity == self.arena.top()
            && self.arena.free() > length + more - capacity + length / 8 + 4
        {
            return self.grow_last(items, (length + more + length / 8).max(4));
        }
        let wanted = (length + more).max(length + length / 2).max(4);
        let items = self.alloc(Tag::Items, wanted).or_else(|_| self.alloc(Tag::Items, length + more))?;
        for index in 0..length {
            self.set_word(items, index, old.map_or(NULL, |old| self.word(old, index)));
        }
        self.set_field(list, 1, items);
        Ok(())
    }

    pub(crate) fn grow_last(&self, object: Val<'_>, fields: u32) -> Result<(), Raised> {
        let head = self.arena.load(object.index());
        let (from, to) = (self.arena.top(), object.index() + 1 + fields);
        if to < from || fields >= crate::layout::MAX_SIZE || !self.arena.set_top(to) {
            return Err(self.need_gc());
        }
        for index in from..to {
            self.arena.store(index, NULL);
        }
        self.arena.store(object.index(), head & 0xfff | (fields + 1) << 12);
        Ok(())
    }

    /// Appends to a list.
    pub fn list_push(&self, list: Val<'_>, value: Val<'_>) -> Result<(), Raised> {
        self.list_reserve(list, 1)?;
        let length = self.list_len(list);
        if let Some(items) = self.field(list, 1) {
            self.set_field(items, length, value);
            self.set_int_field(list, 0, length as i32 + 1);
        }
        Ok(())
    }

    /// Shortens a list to `length` items.
    pub fn list_truncate(&self, list: Val<'_>, length: u32) {
        let old = self.list_len(list);
        if let Some(items) = self.field(list, 1) {
            for index in length..old {
                self.set_word(items, index, NULL);
            }
        }
        self.set_int_field(list, 0, length.min(old) as i32);
    }

    // ---- the rest

    /// A slice object.
    pub fn new_slice(&self, start: Val<'_>, stop: Val<'_>, step: Val<'_>) -> Result<Val<'_>, Raised> {
        let slice = self.alloc(Tag::Slice, 3)?;
        self.set_field(slice, 0, start);
        self.set_field(slice, 1, stop);
        self.set_field(slice, 2, step);
        Ok(slice)
    }

    /// A native object of class `class` with so many fields, all `None`.
    pub fn new_native(&self, class: u16, fields: u32) -> Result<Val<'_>, Raised> {
        let object = self.alloc(Tag::Native, fields + 1)?;
        self.set_int_field(object, 0, class as i32);
        for index in 0..fields {
            self.set_field(object, index + 1, Val::NONE);
        }
        Ok(object)
    }

    /// Field `index` (from 0) of a native object.
    pub fn native_field(&self, object: Val<'_>, index: u32) -> Val<'_> {
        if index + 1 < self.field_count(object) { self.value(object, index + 1) } else { Val::NONE }
    }

    /// Sets field `index` of a native object.
    pub fn set_native_field(&self, object: Val<'_>, index: u32, value: Val<'_>) {
        if index + 1 < self.field_count(object) {
            self.set_field(object, index + 1, value);
        }
    }

    /// The native object, if it is one of class `class`; TypeError otherwise.
    pub fn expect_native<'h>(&'h self, value: Val<'h>, class: u16) -> Result<Val<'h>, Raised> {
        if self.is(value, Tag::Native) && self.class_of(value) == class {
            return Ok(value);
        }
        Err(self.error_about(crate::class_id::TYPE_ERROR, "unexpected argument of type {t}", value, Val::NONE))
    }

    /// `a.method` as an object.
    pub(crate) fn new_bound_method(&self, function: Val<'_>, receiver: Val<'_>) -> Result<Val<'_>, Raised> {
        let object = self.alloc(Tag::BoundMethod, 2)?;
        self.set_field(object, 0, function);
        self.set_field(object, 1, receiver);
        Ok(object)
    }

    /// A cell of a closure.
    pub(crate) fn new_cell(&self, word: u32) -> Result<Val<'_>, Raised> {
        let cell = self.alloc(Tag::Cell, 1)?;
        self.set_word(cell, 0, word);
        Ok(cell)
    }

    /// An exception of a builtin class with the one argument `argument`, or none.
    pub(crate) fn new_exception(&self, class: u16, argument: Val<'_>) -> Result<Val<'_>, Raised> {
        let arguments = if argument.is_none() { self.new_tuple(0)? } else { self.new_tuple_of(&[argument])? };
        self.new_exception_of(class, arguments)
    }

    /// An exception with an arguments tuple.
    pub(crate) fn new_exception_of(&self, class: u16, arguments: Val<'_>) -> Result<Val<'_>, Raised> {
        let object = self.alloc(Tag::Exception, 5)?;
        self.set_int_field(object, 0, class as i32);
        self.set_field(object, 1, arguments);
        Ok(object)
    }
}

/// NaN has one representation, so that runs are repeatable.
fn canonical(x: f64) -> f32 {
    if x.is_nan() { f32::NAN } else { x as f32 }
}

/// Where the bytes of a new str or bytes object go.
pub struct Fill<'h> {
    cells: &'h [core::cell::Cell<u8>],
    length: usize,
}

impl Fill<'_> {
    /// Appends; what does not fit is dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        for (cell, byte) in self.cells.iter().skip(self.length).zip(bytes) {
            cell.set(*byte);
        }
        self.length = (self.length + bytes.len()).min(self.cells.len());
    }
}

impl core::fmt::Write for Fill<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}
