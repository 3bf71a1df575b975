//! `a[i]`, `a[i] = x`, `del a[i]` of builtin types.

use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
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
            return Err(self.error(class_id::INDEX_ERROR, "index out of range"));
        }
        Ok(position as u32)
    }

    /// `object[index]`; `Ok(None)` where the object's class must be asked.
    pub(crate) fn subscript<'h>(&'h self, object: Val<'h>, index: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        if self.is_str(object) {
            if self.is(index, Tag::Slice) {
                return self.str_slice(object, index).map(Some);
            }
            let length = self.str_len(object);
            let position = self.position(index, length, "string indices must be integers, not {t}")?;
            return self.str_index(object, position).map(Some);
        }
        let slice = self.is(index, Tag::Slice);
        Ok(Some(match self.tag(object) {
            Some(Tag::List) if slice => self.list_slice(object, index)?,
            Some(Tag::Tuple) if slice => self.tuple_slice(object, index)?,
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
            Some(Tag::Bytes | Tag::ByteArray) if slice => self.bytes_slice(object, index)?,
            Some(Tag::Bytes | Tag::ByteArray) => {
                let length = self.buffer_len(object);
                let position = self.position(index, length, "byte indices must be integers, not {t}")?;
                Val::int(self.buffer_get(object, position).unwrap_or(0).into())
            }
            Some(Tag::Range) if slice => self.range_slice(object, index)?,
            Some(Tag::Range) => {
                let position = self.position(index, self.range_len(object), "range indices must be integers, not {t}")?;
                self.range_get(object, position)?
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
        let slice = self.is(index, Tag::Slice);
        match (self.tag(object), value) {
            (Some(Tag::Dict), Some(value)) => self.table_set(object, index, value)?,
            (Some(Tag::Dict), None) => {
                if self.table_remove(object, index)?.is_none() {
                    return Err(self.error_value(class_id::KEY_ERROR, index));
                }
            }
            (Some(Tag::List), value) if slice => {
                if let Some(items) = value
                    && !self.is_list(items)
                    && !self.is_tuple(items)
                    && self.iterator_words(items).is_none()
                {
                    return Err(self.type_error("can only assign an iterable"));
                }
                self.list_assign_slice(object, index, value)?;
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
}
