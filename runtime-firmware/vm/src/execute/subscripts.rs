//! Subscripts as operands: LOAD_SUBSCR and STORE_SUBSCR, natively or by the class's methods.

use crate::attribute::Found;
use crate::call::Begun;
use crate::class_id;
use crate::frame::Kind;
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::Vm;

impl Vm<'_> {
    pub(super) fn subscript(&mut self) -> Result<(), Raised> {
        let (object, index) = (self.heap.top_slot(1), self.heap.top_slot(0));
        let found = self.retry(|heap| {
            let found = heap.subscript(heap.get(object), heap.get(index))?;
            Ok(found.map(Val::word))
        });
        let found = match found {
            Err(_)
                if self.heap.is_cause(crate::heap::Cause::NeedVm)
                    && !self.heap.is(self.heap.get(object), Tag::Dict) =>
            {
                self.to_index(index, index)?;
                return self.subscript();
            }
            Err(_) if self.heap.is_cause(crate::heap::Cause::NeedVm) => {
                let position = self.table_find(object, index)?;
                let heap = &*self.heap;
                let entry = position.and_then(|position| heap.table_entry(heap.get(object), position));
                match entry {
                    Some((_, value)) => Some(value.word()),
                    None => return Err(heap.error_value(class_id::KEY_ERROR, heap.get(index))),
                }
            }
            found => found?,
        };
        if let Some(word) = found {
            self.heap.drop_operands(1);
            self.heap.poke_word(0, word);
            return Ok(());
        }
        if self.heap.has_missing_hook(self.heap.get(object)) {
            let dict = self.temp_of(object)?;
            self.heap.set(dict, self.heap.native_part(self.heap.get(object)));
            let absent = self.table_find(dict, index)?.is_none();
            self.pop_temp(dict);
            if absent {
                let key = self.heap.peek_word(0);
                return self.subscript_by_method(object, names::MISSING, &[key], Kind::Value, "");
            }
        }
        let key = self.heap.peek_word(0);
        let (name, text) = if self.heap.is_class(self.heap.get(object)) {
            (names::CLASS_GETITEM, "type '{}' is not subscriptable")
        } else {
            (names::GETITEM, "'{t}' object is not subscriptable")
        };
        self.subscript_by_method(object, name, &[key], Kind::Value, text)
    }

    /// STORE_SUBSCR: [value, object, index]; NULL deletes.
    pub(super) fn store_subscript(&mut self) -> Result<(), Raised> {
        let (value, object, index) = (self.heap.top_slot(2), self.heap.top_slot(1), self.heap.top_slot(0));
        let done = self.retry(|heap| heap.store_subscript(heap.get(object), heap.get(index), heap.get_optional(value)));
        let done = match done {
            Err(_)
                if self.heap.is_cause(crate::heap::Cause::NeedVm)
                    && !self.heap.is(self.heap.get(object), Tag::Dict) =>
            {
                self.to_index(index, index)?;
                return self.store_subscript();
            }
            Err(_) if self.heap.is_cause(crate::heap::Cause::NeedVm) => {
                if self.heap.get_optional(value).is_some() {
                    self.table_set(object, index, value)?;
                } else {
                    match self.table_find(object, index)? {
                        Some(position) => self.heap.table_remove_at(self.heap.get(object), position),
                        None => return Err(self.heap.error_value(class_id::KEY_ERROR, self.heap.get(index))),
                    }
                }
                true
            }
            done => done?,
        };
        if done {
            self.heap.drop_operands(3);
            return Ok(());
        }
        let (key, stored) = (self.heap.peek_word(0), self.heap.peek_word(2));
        let deletes = stored == NULL;
        // The call's result goes where the value lies, and is dropped.
        let target = self.heap.peek_word(1);
        self.heap.drop_operands(2);
        self.heap.poke_word(0, target);
        let slot = self.heap.top_slot(0);
        if deletes {
            self.subscript_by_method(
                slot,
                names::DELITEM,
                &[key],
                Kind::Discard,
                "'{t}' object doesn't support item deletion",
            )
        } else {
            let text = "'{t}' object doesn't support item assignment";
            self.subscript_by_method(slot, names::SETITEM, &[key, stored], Kind::Discard, text)
        }
    }

    /// Calls a subscript method of `object`; its result takes the object's place.
    pub(super) fn subscript_by_method(
        &mut self,
        object: Slot,
        name: u16,
        arguments: &[u32],
        kind: Kind,
        missing: &'static str,
    ) -> Result<(), Raised> {
        // Arguments are kept where the collector sees them until the call is arranged.
        self.heap.arena.set_sp(object.0);
        self.reserve_words(arguments)?;
        let (function, receiver) = (self.temp()?, self.temp()?);
        let found = if name == names::CLASS_GETITEM {
            let heap = &*self.heap;
            match heap.find_attribute(heap.get(object), name)? {
                Found::Method(method, class) => {
                    heap.set(function, method);
                    heap.set(receiver, class);
                    true
                }
                Found::Value(value) => {
                    heap.set(function, value);
                    heap.arena.stack_store(receiver.0, NULL);
                    true
                }
                _ => {
                    let own = heap.find_attribute(heap.get(object), names::NAME);
                    let own = if let Ok(Found::Value(text)) = own { text } else { Val::NONE };
                    return Err(heap.error_about(class_id::TYPE_ERROR, missing, own, Val::NONE));
                }
            }
        } else {
            self.load_special_method(object, name, function, receiver)?
        };
        if !found {
            let heap = &*self.heap;
            let value = heap.get(object);
            let part = heap.native_part(value);
            if part != value {
                // An instance of a class that extends a builtin type.
                let word = part.word();
                heap.arena.set_sp(object.0);
                heap.arena.stack_store(object.0, word);
                return self.subscript_native_part(kind, object, arguments.len());
            }
            return Err(heap.error_about(class_id::TYPE_ERROR, missing, value, Val::NONE));
        }
        let (function, receiver) = (self.heap.peek_word(1), self.heap.peek_word(0));
        let saved: [u32; 2] =
            core::array::from_fn(
                |index| if index < arguments.len() { self.kept_word(index, arguments.len()) } else { 0 },
            );
        self.heap.arena.set_sp(object.0);
        self.heap.poke_word(0, function);
        let mut count = arguments.len() as u16;
        if receiver != NULL {
            self.heap.push_word(receiver);
            count += 1;
        }
        for word in saved.iter().take(arguments.len()) {
            self.heap.push_word(*word);
        }
        if let Begun::Value(value) = self.begin_call(object.0, count, 0, kind, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(object.0);
            if kind == Kind::Discard {
                self.heap.drop_operands(1);
            } else {
                self.heap.poke_word(0, word);
            }
        }
        Ok(())
    }

    /// Pushes words that must be seen by the collector for a while.
    pub(super) fn reserve_words(&mut self, words: &[u32]) -> Result<(), Raised> {
        let free = self.heap.arena.sp() - self.heap.arena.top();
        if free <= words.len() as u32 + 4 {
            return Err(self.memory_error());
        }
        words.iter().for_each(|word| self.heap.push_word(*word));
        self.reserve_stack(8)
    }

    /// A word pushed by [`Vm::reserve_words`], below function and receiver.
    pub(super) fn kept_word(&self, index: usize, count: usize) -> u32 {
        self.heap.peek_word(2 + (count - 1 - index) as u32)
    }

    pub(super) fn subscript_native_part(&mut self, kind: Kind, object: Slot, count: usize) -> Result<(), Raised> {
        // The arguments still lie right below the object.
        let key = self.heap.arena.words()[object.0 as usize - 1].get();
        let stored = self.heap.arena.words()[object.0 as usize - 2].get();
        if kind == Kind::Value {
            self.heap.push_word(key);
            return self.subscript();
        }
        let target = self.heap.peek_word(0);
        self.heap.poke_word(0, if count == 2 { stored } else { NULL });
        self.heap.push_word(target);
        self.heap.push_word(key);
        self.store_subscript()
    }
}
