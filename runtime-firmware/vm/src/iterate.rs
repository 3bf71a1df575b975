//! Iteration over builtin containers, without a heap object where the compiler keeps the iterator on the stack.
//!
//! An iterator is four words, on the stack or in an Iterator object: kind, object, index, limit (for ranges: step,
//! next, stop). A kind of NULL means: the second word is an iterator object of any type.

use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;

impl Heap {
    /// The four words of a fresh iterator over a builtin container; `None` for all else.
    pub(crate) fn iterator_words(&self, value: Val<'_>) -> Option<[u32; 4]> {
        let zero = int_word(0);
        let word = value.word();
        if self.is_str(value) {
            return Some([ITER_STR, word, zero, zero]);
        }
        let kind = match self.tag(value)? {
            Tag::List => ITER_LIST,
            Tag::Tuple => ITER_TUPLE,
            Tag::Bytes => ITER_BYTES,
            Tag::ByteArray => ITER_BYTEARRAY,
            Tag::Dict | Tag::Set | Tag::FrozenSet => ITER_KEYS,
            Tag::Range => {
                return Some([ITER_RANGE, self.word(value, 2), self.word(value, 0), self.word(value, 1)]);
            }
            Tag::Native => {
                let kind = match self.class_of(value) {
                    class_id::DICT_KEYS => ITER_KEYS,
                    class_id::DICT_VALUES => ITER_VALUES,
                    class_id::DICT_ITEMS => ITER_ITEMS,
                    _ => return None,
                };
                let dict = self.native_field(value, 0);
                return Some([kind, dict.word(), zero, int_word(self.table_len(dict) as i32)]);
            }
            Tag::Instance => {
                let part = self.native_part(value);
                return if part == value { None } else { self.iterator_words(part) };
            }
            _ => return None,
        };
        let limit = if kind == ITER_KEYS { int_word(self.table_len(value) as i32) } else { zero };
        Some([kind, word, zero, limit])
    }

    /// The next item and the iterator's next index; `None` at the end.
    pub(crate) fn iterator_step<'h>(&'h self, words: [u32; 4]) -> Result<Option<(Val<'h>, u32)>, Raised> {
        let [kind, object, index, limit] = words;
        if kind == ITER_RANGE {
            let (step, next, stop) = (int_of(object), int_of(index), int_of(limit));
            if if step > 0 { next >= stop } else { next <= stop } {
                return Ok(None);
            }
            return Ok(Some((Val::int(next), int_word(next.saturating_add(step).clamp(INT_MIN, INT_MAX)))));
        }
        let Some(object) = Val::from_word(object) else { return Ok(None) };
        let position = int_of(index) as u32;
        let next = int_word(position as i32 + 1);
        Ok(match kind {
            ITER_LIST => self.list_get(object, position).map(|item| (item, next)),
            ITER_TUPLE => (position < self.tuple_len(object)).then(|| (self.tuple_get(object, position), next)),
            ITER_BYTES | ITER_BYTEARRAY => self.buffer_get(object, position).map(|byte| (Val::int(byte.into()), next)),
            ITER_STR => {
                let text = self.str_bytes(object).unwrap_or(b"").get(position as usize..).unwrap_or(b"");
                let Some(first) = text.first() else { return Ok(None) };
                let length = utf8_length(*first).min(text.len());
                let item = self.new_str(&text[..length])?;
                Some((item, int_word((position as usize + length) as i32)))
            }
            ITER_KEYS | ITER_VALUES | ITER_ITEMS => {
                if self.table_len(object) as i32 != int_of(limit) {
                    let text = if self.is_dict(object) {
                        "dictionary changed size during iteration"
                    } else {
                        "Set changed size during iteration"
                    };
                    return Err(self.error(class_id::RUNTIME_ERROR, text));
                }
                let Some((at, key, value)) = self.table_next(object, position) else { return Ok(None) };
                let item = match kind {
                    ITER_KEYS => key,
                    ITER_VALUES => value,
                    _ => self.new_tuple_of(&[key, value])?,
                };
                Some((item, int_word(at as i32 + 1)))
            }
            _ => None,
        })
    }

    /// An iterator object over a builtin container; `None` for all else.
    pub(crate) fn new_iterator<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        let Some(words) = self.iterator_words(value) else { return Ok(None) };
        let iterator = self.alloc(Tag::Iterator, 4)?;
        for (index, word) in words.into_iter().enumerate() {
            self.set_word(iterator, index as u32, word);
        }
        Ok(Some(iterator))
    }

    /// The next item of an Iterator object; `None` at its end.
    pub(crate) fn iterator_next<'h>(&'h self, iterator: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        let words = core::array::from_fn(|index| self.word(iterator, index as u32));
        match self.iterator_step(words)? {
            Some((item, next)) => {
                self.set_word(iterator, 2, next);
                Ok(Some(item))
            }
            None => {
                // An iterator that has ended stays so, even if its list grows.
                self.set_word(iterator, 0, ITER_TUPLE);
                self.set_word(iterator, 1, NULL);
                Ok(None)
            }
        }
    }

    /// True if native code can walk over `value`: a builtin container or an Iterator object.
    pub fn is_native_iterable(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::Iterator) || self.iterator_words(value).is_some()
    }

    /// Calls `visit` with each item of a builtin container or Iterator object, until it fails. `Ok(false)` if
    /// `value` is none: then [`crate::Vm::materialise`] helps. Nothing of an Iterator object is consumed
    /// before the whole visit has succeeded, so leaf code can be run again.
    pub fn each<'h>(
        &'h self,
        value: Val<'h>,
        mut visit: impl FnMut(Val<'h>) -> Result<(), Raised>,
    ) -> Result<bool, Raised> {
        let iterator = self.is(value, Tag::Iterator);
        let words = if iterator {
            Some(core::array::from_fn(|index| self.word(value, index as u32)))
        } else {
            self.iterator_words(value)
        };
        let Some(mut words) = words else { return Ok(false) };
        while let Some((item, next)) = self.iterator_step(words)? {
            visit(item)?;
            words[2] = next;
        }
        if iterator {
            self.set_word(value, 0, ITER_TUPLE);
            self.set_word(value, 1, NULL);
        }
        Ok(true)
    }
}

/// Bytes of a character by its first byte; 1 for bytes that start none.
pub(crate) fn utf8_length(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    }
}
