//! Identity, equality, order and hashes.
//!
//! On `&Heap` they are decided natively, or end with `Cause::NeedVm` when a class's own `__eq__` or `__hash__`
//! must be asked; the `Vm` versions then ask. Nested values recurse natively, counted: the limit is the same on
//! host and device.

use crate::class_id;
use crate::heap::{Cause, Heap};
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::{MAX_NATIVE_DEPTH, Vm};
use core::cmp::Ordering;

impl Heap {
    /// True if the class of `value` was made by a program or a native module and defines `__eq__`.
    pub(crate) fn has_own_equality(&self, value: Val<'_>) -> bool {
        matches!(self.tag(value), Some(Tag::Instance | Tag::Native))
            && self.find_class_attribute(self.class_of(value), names::EQ).is_some()
    }

    /// True if `value` as a key must be hashed or compared by its class's own Python.
    pub(crate) fn is_python_key(&self, value: Val<'_>) -> bool {
        if !self.is(value, Tag::Instance) {
            return false;
        }
        let class = self.class_of(value);
        let hashes = self.find_class_attribute(class, names::HASH).is_some_and(|hash| !hash.is_none());
        hashes || self.find_class_attribute(class, names::EQ).is_some()
    }

    /// The hash of a value. TypeError if it has none; `Cause::NeedVm` if it has its own `__hash__`.
    pub(crate) fn hash(&self, value: Val<'_>) -> Result<u32, Raised> {
        self.hash_nested(value, 0)
    }

    fn hash_nested(&self, value: Val<'_>, depth: u8) -> Result<u32, Raised> {
        let word = value.word();
        if is_int(word) {
            return Ok(int_of(word) as u32);
        }
        if is_name(word) {
            return Ok(self.str_hash(value) as u32);
        }
        if !is_ref(word) {
            return Ok(match word {
                TRUE => 1,
                FALSE => 0,
                _ => word >> 4,
            });
        }
        match self.tag(value) {
            Some(Tag::Str | Tag::Bytes) => Ok(self.raw_hash(value) as u32),
            Some(Tag::Float | Tag::BigInt | Tag::Complex) => Ok(self.hash_number(value).unwrap_or(0)),
            Some(Tag::Tuple) => {
                if depth >= MAX_NATIVE_DEPTH {
                    return Err(self.error(class_id::RECURSION_ERROR, "maximum recursion depth exceeded"));
                }
                let mut hash: u32 = 0x345678;
                for index in 0..self.tuple_len(value) {
                    hash = hash.wrapping_mul(1_000_003) ^ self.hash_nested(self.tuple_get(value, index), depth + 1)?;
                }
                Ok(hash)
            }
            Some(Tag::FrozenSet) => {
                if depth >= MAX_NATIVE_DEPTH {
                    return Err(self.error(class_id::RECURSION_ERROR, "maximum recursion depth exceeded"));
                }
                let (mut hash, mut position) = (self.table_len(value), 0);
                while let Some((at, key, _)) = self.table_next(value, position) {
                    hash ^= self.hash_nested(key, depth + 1)?.wrapping_mul(0x9e37_79b1);
                    position = at + 1;
                }
                Ok(hash)
            }
            Some(Tag::Instance) => self.hash_instance(value),
            Some(Tag::Native) if matches!(self.class_of(value), class_id::DICT_KEYS | class_id::DICT_ITEMS) => {
                Err(self.error_about(class_id::TYPE_ERROR, "unhashable type: '{t}'", value, Val::NONE))
            }
            Some(Tag::List | Tag::Dict | Tag::Set | Tag::ByteArray) => {
                Err(self.error_about(class_id::TYPE_ERROR, "unhashable type: '{t}'", value, Val::NONE))
            }
            Some(Tag::Function) => Ok(self.word(value, 1)),
            Some(Tag::Class) => Ok(self.class_id(value) as u32),
            Some(Tag::Slice) => Ok(0),
            Some(Tag::BoundMethod) => Ok(1),
            // Objects without a number of their own: their addresses move, so the class must do.
            _ => Ok(self.class_of(value) as u32),
        }
    }

    fn hash_instance(&self, value: Val<'_>) -> Result<u32, Raised> {
        let class = self.class_of(value);
        match self.find_class_attribute(class, names::HASH) {
            Some(hash) if hash.is_none() => {
                Err(self.error_about(class_id::TYPE_ERROR, "unhashable type: '{t}'", value, Val::NONE))
            }
            Some(_) => Err(self.need_vm()),
            None if self.find_class_attribute(class, names::EQ).is_some() => {
                Err(self.error_about(class_id::TYPE_ERROR, "unhashable type: '{t}'", value, Val::NONE))
            }
            None => match self.native_part(value) {
                part if part == value => Ok(self.word(value, 0) >> 1),
                part => self.hash(part),
            },
        }
    }

    /// `a == b`, natively.
    pub(crate) fn equal(&self, a: Val<'_>, b: Val<'_>) -> Result<bool, Raised> {
        self.equal_nested(a, b, 0)
    }

    fn equal_nested(&self, a: Val<'_>, b: Val<'_>, depth: u8) -> Result<bool, Raised> {
        if a == b {
            // Only NaN differs from itself.
            return Ok(!self.as_float(a).is_some_and(f64::is_nan));
        }
        if both_int(a.word(), b.word()) || (is_name(a.word()) && is_name(b.word())) {
            return Ok(false);
        }
        if self.has_own_equality(a) || self.has_own_equality(b) {
            return Err(self.need_vm());
        }
        let (a, b) = (self.native_part(a), self.native_part(b));
        if let (Some(a), Some(b)) = (self.str_bytes(a), self.str_bytes(b)) {
            return Ok(a == b);
        }
        if let Some(order) = self.compare_numbers(a, b) {
            return Ok(order == Some(Ordering::Equal));
        }
        if depth >= MAX_NATIVE_DEPTH {
            return Err(self.error(class_id::RECURSION_ERROR, "maximum recursion depth exceeded in comparison"));
        }
        match (self.tag(a), self.tag(b)) {
            _ if self.is_buffer(a) && self.is_buffer(b) => {
                Ok(self.buffer_len(a) == self.buffer_len(b) && self.compare_buffers(a, b) == Ordering::Equal)
            }
            (Some(Tag::Tuple), Some(Tag::Tuple)) | (Some(Tag::List), Some(Tag::List)) => {
                let length = self.sequence_len(a);
                if length != self.sequence_len(b) {
                    return Ok(false);
                }
                for index in 0..length {
                    if !self.equal_nested(self.sequence_get(a, index), self.sequence_get(b, index), depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Some(Tag::Dict), Some(Tag::Dict)) => {
                if self.table_len(a) != self.table_len(b) {
                    return Ok(false);
                }
                let mut position = 0;
                while let Some((at, key, value)) = self.table_next(a, position) {
                    match self.dict_get(b, key)? {
                        Some(other) if self.equal_nested(value, other, depth + 1)? => position = at + 1,
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }
            (Some(Tag::Set | Tag::FrozenSet), Some(Tag::Set | Tag::FrozenSet)) => {
                if self.table_len(a) != self.table_len(b) {
                    return Ok(false);
                }
                let mut position = 0;
                while let Some((at, key, _)) = self.table_next(a, position) {
                    if self.table_find(b, key)?.is_none() {
                        return Ok(false);
                    }
                    position = at + 1;
                }
                Ok(true)
            }
            (Some(Tag::Range), Some(Tag::Range)) => {
                let length = self.range_len(a);
                Ok(length == self.range_len(b)
                    && (length == 0 || self.word(a, 0) == self.word(b, 0))
                    && (length < 2 || self.word(a, 2) == self.word(b, 2)))
            }
            (Some(Tag::Slice), Some(Tag::Slice)) => {
                for index in 0..3 {
                    if !self.equal_nested(self.value(a, index), self.value(b, index), depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Some(Tag::BoundMethod), Some(Tag::BoundMethod)) => {
                Ok(self.word(a, 0) == self.word(b, 0) && self.word(a, 1) == self.word(b, 1))
            }
            (Some(Tag::Native), _) if self.is_dict_view(a) => self.equal_view(a, b, depth),
            (_, Some(Tag::Native)) if self.is_dict_view(b) => self.equal_view(b, a, depth),
            _ => Ok(false),
        }
    }

    /// Equality of a view of keys or items with another one, or with a set.
    fn equal_view<'h>(&'h self, view: Val<'h>, other: Val<'h>, depth: u8) -> Result<bool, Raised> {
        let (class, dict) = (self.class_of(view), self.native_field(view, 0));
        let (other_class, table) = match self.is_dict_view(other) {
            true => (self.class_of(other), self.native_field(other, 0)),
            false if self.is_set(other) => (class_id::DICT_KEYS, other),
            false => return Ok(false),
        };
        if class == class_id::DICT_VALUES || other_class == class_id::DICT_VALUES {
            return Ok(view == other);
        }
        if self.table_len(dict) != self.table_len(table) {
            return Ok(false);
        }
        match (class, other_class) {
            (class_id::DICT_ITEMS, class_id::DICT_ITEMS) => return self.equal_nested(dict, table, depth + 1),
            (_, class_id::DICT_ITEMS) => return self.equal_view(other, view, depth),
            _ => {}
        }
        let mut position = 0;
        while let Some((at, key, _)) = self.table_next(table, position) {
            let found = if class == class_id::DICT_KEYS {
                self.table_find(dict, key)?.is_some()
            } else if self.is_tuple(key) && self.tuple_len(key) == 2 {
                match self.dict_get(dict, self.tuple_get(key, 0))? {
                    Some(value) => self.equal_nested(value, self.tuple_get(key, 1), depth + 1)?,
                    None => false,
                }
            } else {
                false
            };
            if !found {
                return Ok(false);
            }
            position = at + 1;
        }
        Ok(true)
    }

    /// Number of items of a list or tuple.
    pub(crate) fn sequence_len(&self, value: Val<'_>) -> u32 {
        if self.is(value, Tag::List) { self.list_len(value) } else { self.tuple_len(value) }
    }

    /// Item of a list or tuple.
    pub(crate) fn sequence_get<'h>(&'h self, value: Val<'h>, index: u32) -> Val<'h> {
        if self.is(value, Tag::List) {
            self.list_get(value, index).unwrap_or(Val::NONE)
        } else {
            self.tuple_get(value, index)
        }
    }

    /// Number of bytes of bytes, a bytearray or a memoryview.
    pub(crate) fn buffer_len(&self, value: Val<'_>) -> u32 {
        match self.writable_bytes(value) {
            Some(cells) => cells.len() as u32,
            None if self.is_memoryview(value) => self.view_parts(value).2,
            None => self.bytes_bytes(value).map_or(0, |bytes| bytes.len() as u32),
        }
    }

    /// Byte `index` of bytes, a bytearray or a memoryview.
    pub(crate) fn buffer_get(&self, value: Val<'_>, index: u32) -> Option<u8> {
        match self.writable_bytes(value) {
            Some(cells) => cells.get(index as usize).map(|cell| cell.get()),
            None if self.is_memoryview(value) => {
                let (object, start, length) = self.view_parts(value);
                if index < length { self.bytes_bytes(object)?.get((start + index) as usize).copied() } else { None }
            }
            None => self.bytes_bytes(value)?.get(index as usize).copied(),
        }
    }

    pub(crate) fn compare_buffers(&self, a: Val<'_>, b: Val<'_>) -> Ordering {
        let byte = |value, index| self.buffer_get(value, index);
        for index in 0..self.buffer_len(a).min(self.buffer_len(b)) {
            let order = byte(a, index).cmp(&byte(b, index));
            if order != Ordering::Equal {
                return order;
            }
        }
        self.buffer_len(a).cmp(&self.buffer_len(b))
    }

    /// Order of two values of builtin kinds: `Ok(None)` if they have none (NaN, sets that overlap). TypeError for
    /// kinds that cannot be ordered is the caller's, told by `Err` with `Cause::None`.
    pub(crate) fn order(&self, a: Val<'_>, b: Val<'_>) -> Result<Option<Option<Ordering>>, Raised> {
        self.order_nested(a, b, 0)
    }

    fn order_nested(&self, a: Val<'_>, b: Val<'_>, depth: u8) -> Result<Option<Option<Ordering>>, Raised> {
        if both_int(a.word(), b.word()) {
            return Ok(Some(Some(int_of(a.word()).cmp(&int_of(b.word())))));
        }
        let own = |value: Val<'_>| self.is(value, Tag::Instance) && self.own_method(value, names::LT).is_some();
        if own(a) || own(b) {
            return Ok(None);
        }
        let (a, b) = (self.native_part(a), self.native_part(b));
        if let (Some(a), Some(b)) = (self.str_bytes(a), self.str_bytes(b)) {
            return Ok(Some(Some(a.cmp(b))));
        }
        if self.is(a, Tag::Complex) || self.is(b, Tag::Complex) {
            return Ok(None);
        }
        if let Some(order) = self.compare_numbers(a, b) {
            return Ok(Some(order));
        }
        if depth >= MAX_NATIVE_DEPTH {
            return Err(self.error(class_id::RECURSION_ERROR, "maximum recursion depth exceeded in comparison"));
        }
        match (self.tag(a), self.tag(b)) {
            (Some(Tag::Bytes | Tag::ByteArray), Some(Tag::Bytes | Tag::ByteArray)) => {
                Ok(Some(Some(self.compare_buffers(a, b))))
            }
            (Some(Tag::Tuple), Some(Tag::Tuple)) | (Some(Tag::List), Some(Tag::List)) => {
                let (length, other) = (self.sequence_len(a), self.sequence_len(b));
                for index in 0..length.min(other) {
                    let (x, y) = (self.sequence_get(a, index), self.sequence_get(b, index));
                    if !self.equal_nested(x, y, depth + 1)? {
                        // What these two have no native order for is asked, or told, of them and not of us.
                        return match self.order_nested(x, y, depth + 1)? {
                            None => Err(self.need_vm()),
                            order => Ok(order),
                        };
                    }
                }
                Ok(Some(Some(length.cmp(&other))))
            }
            _ => Ok(None),
        }
    }
}

impl Vm<'_> {
    /// `hash(value)`, asking the class's `__hash__` where it has one.
    pub fn hash(&mut self, value: Slot) -> Result<u32, Raised> {
        match self.heap.hash(self.heap.get(value)) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        if self.heap.is_tuple(self.heap.get(value)) {
            let mut hash: u32 = 0x345678;
            for index in 0..self.heap.tuple_len(self.heap.get(value)) {
                let item = self.temp()?;
                self.heap.set(item, self.heap.tuple_get(self.heap.get(value), index));
                hash = hash.wrapping_mul(1_000_003) ^ self.hash(item)?;
                self.pop_temp(item);
            }
            return Ok(hash);
        }
        let out = self.temp()?;
        if !self.call_method(value, names::HASH, &[], out)? {
            return Err(self.heap.type_error("unhashable type"));
        }
        let answer = self.heap.get(out);
        let hash = if self.heap.is_integer(answer) {
            self.heap.hash(answer)
        } else {
            Err(self.heap.type_error("__hash__ method should return an integer"))
        };
        self.pop_temp(out);
        hash
    }

    /// `a == b`, asking the classes' `__eq__` where they have one.
    pub fn equal(&mut self, a: Slot, b: Slot) -> Result<bool, Raised> {
        match self.heap.equal(self.heap.get(a), self.heap.get(b)) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        let out = self.temp()?;
        self.binary(mpy::BinaryOperator::Equal, a, b, out)?;
        let result = self.truth(out);
        self.pop_temp(out);
        result
    }

    /// Position of a key in a dict or set, asking `__eq__` where need be.
    pub fn table_find(&mut self, table: Slot, key: Slot) -> Result<Option<u32>, Raised> {
        match self.heap.table_find(self.heap.get(table), self.heap.get(key)) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        self.hash(key)?;
        let entry = self.temp()?;
        let mut position = 0;
        while let Some((at, found, _)) = self.heap.table_next(self.heap.get(table), position) {
            if found == self.heap.get(key) {
                self.pop_temp(entry);
                return Ok(Some(at));
            }
            self.heap.set(entry, found);
            if self.equal(entry, key)? {
                self.pop_temp(entry);
                return Ok(Some(at));
            }
            position = at + 1;
        }
        self.pop_temp(entry);
        Ok(None)
    }

    /// `table[key] = value`, or `table.add(key)` for a set.
    pub fn table_set(&mut self, table: Slot, key: Slot, value: Slot) -> Result<(), Raised> {
        let done = self.retry(|heap| heap.table_set(heap.get(table), heap.get(key), heap.get(value)));
        match done {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        match self.table_find(table, key)? {
            Some(position) => {
                self.heap.table_set_at(self.heap.get(table), position, self.heap.get(value));
                Ok(())
            }
            None => self.retry(|heap| heap.table_append(heap.get(table), heap.get(key), heap.get(value))),
        }
    }
}
