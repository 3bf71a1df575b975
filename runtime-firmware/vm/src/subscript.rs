//! `a[i]`, `a[i] = x`, `del a[i]` of builtin types.

use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::names;
use crate::value::*;

impl Heap {
    /// The position that an index means in a sequence; IndexError outside.
    pub(crate) fn position(&self, index: Val<'_>, length: u32, what: &'static str) -> Result<u32, Raised> {
        let Some(n) = self.as_int(index) else {
            if self.is(index, Tag::BigInt) {
                return Err(self.error(class_id::INDEX_ERROR, "cannot fit 'int' into an index-sized integer"));
            }
            return Err(self.error_about(class_id::TYPE_ERROR, what, index, Val::NONE));
        };
        let position = if n < 0 { n + i64::from(length) } else { n };
        if position < 0 || position >= i64::from(length) {
            // The first word of the other error names the kind of sequence.
            return Err(self.error(
                class_id::INDEX_ERROR,
                match what.split(' ').next() {
                    Some("list") => "list index out of range",
                    Some("tuple") => "tuple index out of range",
                    Some("string") => "string index out of range",
                    Some("range") => "range object index out of range",
                    Some("bytearray") => "bytearray index out of range",
                    _ => "index out of range",
                },
            ));
        }
        Ok(position as u32)
    }

    /// An index of a builtin sequence that is an instance, as the int it stands for; any other index itself.
    /// `Cause::NeedVm` if its `__index__` must be asked.
    fn index_operand<'h>(&'h self, object: Val<'h>, index: Val<'h>) -> Result<Val<'h>, Raised> {
        let sequence = self.is_str(object)
            || matches!(self.tag(object), Some(Tag::List | Tag::Tuple | Tag::Bytes | Tag::ByteArray | Tag::Range));
        if !sequence || !self.is(index, Tag::Instance) {
            return Ok(index);
        }
        let part = self.native_part(index);
        if part == index && self.find_class_attribute(self.class_of(index), names::INDEX).is_some() {
            return Err(self.need_vm());
        }
        Ok(part)
    }

    /// True for an instance of a class that extends dict and has `__missing__`, with dict's own `__getitem__`.
    pub(crate) fn has_missing_hook(&self, object: Val<'_>) -> bool {
        let own = |name| self.has_own_method(object, name);
        self.is(object, Tag::Instance)
            && self.is(self.native_part(object), Tag::Dict)
            && own(names::MISSING)
            && !own(names::GETITEM)
    }

    /// `object[index]`; `Ok(None)` where the object's class must be asked.
    pub(crate) fn subscript<'h>(&'h self, object: Val<'h>, index: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        let index = self.index_operand(object, index)?;
        if self.is_str(object) {
            if self.is(index, Tag::Slice) {
                let indices = self.slice_indices(index, self.str_len(object))?;
                return self.str_slice(object, indices).map(Some);
            }
            let length = self.str_len(object);
            let position = self.position(index, length, "string indices must be integers, not {t}")?;
            return self.str_index(object, position as i32).map(Some);
        }
        let slice = self.is(index, Tag::Slice);
        Ok(Some(match self.tag(object) {
            Some(Tag::List) if slice => {
                self.list_slice(object, self.slice_indices(index, self.sequence_len(object))?)?
            }
            Some(Tag::Tuple) if slice => {
                self.tuple_slice(object, self.slice_indices(index, self.sequence_len(object))?)?
            }
            Some(Tag::List | Tag::Tuple) => {
                let length = self.sequence_len(object);
                let what = if self.is(object, Tag::List) {
                    "list indices must be integers, not {t}"
                } else {
                    "tuple indices must be integers, not {t}"
                };
                let position = self.position(index, length, what)?;
                self.sequence_get(object, position)
            }
            Some(Tag::Bytes | Tag::ByteArray) if slice => {
                self.bytes_slice(object, self.slice_indices(index, self.buffer_len(object))?)?
            }
            Some(Tag::Bytes | Tag::ByteArray) => {
                let length = self.buffer_len(object);
                let position = self.position(index, length, "byte indices must be integers, not {t}")?;
                Val::int(self.buffer_get(object, position).unwrap_or(0).into())
            }
            Some(Tag::Range) if slice => {
                self.range_slice(object, self.slice_indices(index, self.range_len(object))?)?
            }
            Some(Tag::Range) => {
                let position =
                    self.position(index, self.range_len(object), "range indices must be integers, not {t}")?;
                self.range_get(object, position)
            }
            Some(Tag::Dict) => match self.dict_get(object, index)? {
                Some(value) => value,
                None => return Err(self.error_value(class_id::KEY_ERROR, index)),
            },
            _ => return Ok(None),
        }))
    }

    /// `object[index] = value`, or `del object[index]`; false where the object's class must be asked.
    pub(crate) fn store_subscript(
        &self,
        object: Val<'_>,
        index: Val<'_>,
        value: Option<Val<'_>>,
    ) -> Result<bool, Raised> {
        let index = self.index_operand(object, index)?;
        let slice = self.is(index, Tag::Slice);
        match (self.tag(object), value) {
            (Some(Tag::Dict), Some(value)) => self.table_set(object, index, value)?,
            (Some(Tag::Dict), None) => {
                if self.table_remove(object, index)?.is_none() {
                    return Err(self.error_value(class_id::KEY_ERROR, index));
                }
            }
            (Some(Tag::List), value) if slice => {
                let indices = self.slice_indices(index, self.list_len(object))?;
                match value {
                    None => self.list_delete_slice(object, indices),
                    Some(items) if self.is_list(items) || self.is_tuple(items) => {
                        self.list_assign_slice(object, indices, items)?;
                    }
                    Some(items) => {
                        let list = self.new_list(0)?;
                        if !self.each(items, |item| self.list_push(list, item))? {
                            return Err(self.type_error("can only assign an iterable"));
                        }
                        self.list_assign_slice(object, indices, list)?;
                    }
                }
            }
            (Some(Tag::List), value) => {
                let length = self.list_len(object);
                let position = self.position(index, length, "list indices must be integers, not {t}")?;
                match value {
                    Some(value) => self.list_set(object, position, value),
                    None => {
                        for at in position..length - 1 {
                            self.list_set(object, at, self.list_get(object, at + 1).unwrap_or(Val::NONE));
                        }
                        self.list_truncate(object, length - 1);
                    }
                }
            }
            (Some(Tag::ByteArray), value) if slice => self.bytearray_assign_slice(object, index, value)?,
            (Some(Tag::ByteArray), None) => {
                let length = self.buffer_len(object);
                let position = self.position(index, length, "bytearray indices must be integers, not {t}")?;
                let (place, next) = (Val::int(position as i32), Val::int(position as i32 + 1));
                let slice = self.new_slice(place, next, Val::NONE)?;
                self.bytearray_assign_slice(object, slice, None)?;
            }
            (Some(Tag::ByteArray), Some(value)) => {
                let length = self.buffer_len(object);
                let position = self.position(index, length, "bytearray indices must be integers, not {t}")?;
                // MicroPython truncates, and programs rely on it.
                let byte = self.as_int(value).ok_or_else(|| self.type_error("an integer is required"))?;
                if let Some(cell) = self.bytearray_cells(object).and_then(|cells| cells.get(position as usize)) {
                    cell.set(byte as u8);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `bytearray[slice] = bytes`, or `del bytearray[slice]`.
    fn bytearray_assign_slice(&self, array: Val<'_>, slice: Val<'_>, value: Option<Val<'_>>) -> Result<(), Raised> {
        let length = self.buffer_len(array);
        let indices = self.slice_indices(slice, length)?;
        let value = match value {
            Some(items) if !self.is_buffer(items) && self.is_walkable(items) => {
                // Ints from any container.
                let items = Val::from_word(items.word()).unwrap_or(Val::NONE);
                Some(self.new_bytes(self.byte_items(items)?)?)
            }
            value => value,
        };
        let new = match value {
            None => 0,
            Some(value) if self.is_buffer(value) => self.buffer_len(value),
            Some(_) => return Err(self.type_error("can assign only bytes-like objects")),
        };
        let byte = |at: u32| value.and_then(|value| self.buffer_get(value, at)).unwrap_or(0);
        let count = indices.count();
        if indices.step != 1 {
            if value.is_some() && count != new {
                return Err(self.value_error("attempt to assign bytes of another size to extended slice"));
            }
            if value.is_none() {
                return Err(
                    self.error(crate::class_id::NOT_IMPLEMENTED_ERROR, "deleting an extended slice of a bytearray")
                );
            }
            let copy = self.new_buffer(Tag::Bytes, new, byte)?;
            for at in 0..count {
                let cell = self.bytearray_cells(array).and_then(|cells| cells.get(indices.at(at) as usize));
                if let Some(cell) = cell {
                    cell.set(self.buffer_get(copy, at).unwrap_or(0));
                }
            }
            return Ok(());
        }
        let start = indices.at(0).min(length);
        let result = self.new_buffer(Tag::ByteArray, length - count + new, |at| {
            let found = if at < start {
                self.buffer_get(array, at)
            } else if at < start + new {
                Some(byte(at - start))
            } else {
                self.buffer_get(array, at - new + count)
            };
            found.unwrap_or(0)
        })?;
        self.set_word(array, 0, self.word(result, 0));
        self.set_word(array, 1, self.word(result, 1));
        Ok(())
    }
}
