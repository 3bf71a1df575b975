//! Iterators, `for`, comprehensions and unpacking.

use crate::call::Begun;
use crate::class_id;
use crate::frame::{Frame, Kind};
use crate::generator::Resume;
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::Vm;
use mpy::Opcode;

impl Vm<'_> {
    /// GET_ITER and GET_ITER_STACK.
    pub(super) fn get_iterator(&mut self, on_stack: bool) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        let own = {
            let heap = &*self.heap;
            let value = heap.get(operand);
            heap.is(value, Tag::Instance)
                && heap.find_class_attribute(heap.class_of(value), names::ITER).is_some_and(|found| found.is_heap())
        };
        if !own {
            let heap = &*self.heap;
            let value = heap.get(operand);
            if on_stack {
                if let Some(words) = heap.iterator_words(value) {
                    heap.drop_operands(1);
                    words.into_iter().for_each(|word| heap.push_word(word));
                    return Ok(());
                }
            } else {
                let found = self.retry(|heap| {
                    let found = heap.new_iterator(heap.get(operand))?;
                    Ok(found.map(Val::word))
                })?;
                if let Some(word) = found {
                    self.heap.poke_word(0, word);
                    return Ok(());
                }
            }
            let heap = &*self.heap;
            let value = heap.get(operand);
            let is_iterator = matches!(heap.tag(value), Some(Tag::Iterator | Tag::Generator));
            if is_iterator {
                if on_stack {
                    self.spread_iterator();
                }
                return Ok(());
            }
        }
        // By method: `__iter__`, or the old protocol of `__getitem__`.
        let value_word = self.heap.peek_word(0);
        if on_stack {
            self.heap.poke_word(0, NULL);
            self.heap.push_word(value_word);
        }
        let base = self.heap.top_slot(0);
        let (function, receiver) = (self.temp()?, self.temp()?);
        if self.load_special_method(base, names::ITER, function, receiver)? {
            let (function, receiver) = (self.heap.peek_word(1), self.heap.peek_word(0));
            self.heap.arena.set_sp(base.0);
            self.heap.poke_word(0, function);
            self.heap.push_word(if receiver == NULL { value_word } else { receiver });
        } else if self.load_special_method(base, names::GETITEM, function, receiver)? {
            self.heap.arena.set_sp(base.0);
            let object = self.heap.peek_word(0);
            self.heap.push_word(object);
            self.load_prelude(names::ITERATE, base)?;
        } else {
            self.heap.arena.set_sp(base.0);
            let value = self.heap.get(base);
            return Err(self.heap.error_about(class_id::TYPE_ERROR, "'{t}' object is not iterable", value, Val::NONE));
        }
        let kind = if on_stack { Kind::Iterator } else { Kind::Value };
        if let Begun::Value(value) = self.begin_call(base.0, 1, 0, kind, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base.0);
            self.heap.poke_word(0, word);
            if on_stack {
                self.heap.push_word(NULL);
                self.heap.push_word(NULL);
            }
        }
        Ok(())
    }

    pub(super) fn spread_iterator(&mut self) {
        let word = self.heap.peek_word(0);
        self.heap.poke_word(0, NULL);
        self.heap.push_word(word);
        self.heap.push_word(NULL);
        self.heap.push_word(NULL);
    }

    pub(super) fn for_iter(&mut self, frame: &Frame, target: u32) -> Result<(), Raised> {
        let heap = &*self.heap;
        let words: [u32; 4] = core::array::from_fn(|index| heap.peek_word(3 - index as u32));
        if words[0] != NULL {
            let base = heap.arena.sp();
            let step = self.retry(|heap| {
                let words = core::array::from_fn(|index| heap.arena.stack_load(base + 3 - index as u32));
                Ok(heap.iterator_step(words)?.map(|(item, next)| (item.word(), next)))
            })?;
            let heap = &*self.heap;
            match step {
                Some((item, next)) => {
                    heap.poke_word(1, next);
                    heap.push_word(item);
                }
                None => heap.leave_loop(frame, target),
            }
            return Ok(());
        }
        let iterator = heap.top_slot(2);
        let value = heap.get(iterator);
        match heap.tag(value) {
            Some(Tag::Iterator) => {
                let item = self.retry(|heap| Ok(heap.iterator_next(heap.get(iterator))?.map(Val::word)))?;
                match item {
                    Some(word) => self.heap.push_word(word),
                    None => self.heap.leave_loop(frame, target),
                }
                Ok(())
            }
            Some(Tag::Generator) => {
                if heap.generator_finished(value) {
                    heap.leave_loop(frame, target);
                    return Ok(());
                }
                let place = heap.arena.sp() - 1;
                self.begin_resume(place, iterator, NONE, Resume::Send, Kind::GeneratorFor, false).map(|_| ())
            }
            _ => {
                self.reserve_stack(4)?;
                let (function, receiver) = (self.temp()?, self.temp()?);
                if !self.load_special_method(iterator, names::NEXT, function, receiver)? {
                    let value = self.heap.get(iterator);
                    let template = "'{t}' object is not an iterator";
                    return Err(self.heap.error_about(class_id::TYPE_ERROR, template, value, Val::NONE));
                }
                let count = u16::from(self.heap.get_optional(receiver).is_some());
                if count == 0 {
                    self.heap.drop_operands(1);
                }
                match self.begin_call(function.0, count, 0, Kind::IterNext, false) {
                    Ok(Begun::Frame) => Ok(()),
                    Ok(Begun::Value(value)) => {
                        let word = value.0.get();
                        self.heap.arena.set_sp(function.0);
                        if word == STOP {
                            self.heap.drop_operands(1);
                            self.heap.leave_loop(frame, target);
                        } else {
                            self.heap.poke_word(0, word);
                        }
                        Ok(())
                    }
                    Err(raised) => {
                        // A native `__next__` ends with StopIteration.
                        let running = self.heap.fp.get() == frame.fp;
                        if running && self.take_stop_iteration(iterator) {
                            self.heap.arena.set_sp(function.0 + 1);
                            self.heap.leave_loop(frame, target);
                            return Ok(());
                        }
                        Err(raised)
                    }
                }
            }
        }
    }

    /// Ends the loop of the running frame whose FOR_ITER is the instruction before the saved ip.
    pub(crate) fn end_loop(&mut self) {
        let heap = &*self.heap;
        let Some(frame) = heap.frame() else { return };
        if let Some(target) = heap.target_of_last(&frame, Opcode::ForIter) {
            heap.leave_loop(&frame, target);
        }
    }

    pub(super) fn store_comprehension(&mut self, operand: u32) -> Result<(), Raised> {
        let (depth, kind) = (operand >> 2, operand & 3);
        // The depth counts from the top, value (and key) included.
        let collection = self.heap.top_slot(depth);
        let value = self.heap.top_slot(0);
        let heap = &*self.heap;
        let object = heap.get(collection);
        match kind {
            0 if heap.is_list(object) => self.retry(|heap| heap.list_push(heap.get(collection), heap.get(value)))?,
            1 if heap.is_dict(object) => {
                let stored = heap.top_slot(1);
                self.table_set(collection, value, stored)?;
                self.heap.drop_operands(1);
            }
            2 if heap.is_set(object) => self.table_set(collection, value, value)?,
            _ => return Err(heap.type_error("not a collection")),
        }
        self.heap.drop_operands(1);
        Ok(())
    }

    /// UNPACK_SEQUENCE (`after` is None) and UNPACK_EX.
    pub(super) fn unpack(&mut self, frame: &Frame, at: u32, before: u32, after: Option<u32>) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        let heap = &*self.heap;
        let value = heap.get(operand);
        if !heap.is_tuple(value) && !heap.is_list(value) {
            // Anything else becomes a list first; then the instruction is run again.
            heap.save_ip(frame, at);
            return self.retry_with_list(0);
        }
        let length = heap.sequence_len(value);
        let wanted = before + after.unwrap_or(0);
        if length < wanted || (after.is_none() && length > wanted) {
            let mut text = crate::message::Message::new();
            if length < wanted {
                text.push(b"not enough values to unpack (expected ");
                text.push(if after.is_some() { b"at least " } else { b"" });
                text.number(wanted);
                text.push(b", got ");
                text.number(length);
                text.push(b")");
            } else {
                text.push(b"too many values to unpack (expected ");
                text.number(wanted);
                text.push(b")");
            }
            return Err(self.error_with_text(class_id::VALUE_ERROR, text.bytes()));
        }
        let sp = operand.0;
        let Some(after) = after else {
            heap.drop_operands(1);
            for index in (0..length).rev() {
                let item = heap.sequence_get(value, index).word();
                heap.push_word(item);
            }
            return Ok(());
        };
        let middle = length - wanted;
        let rest = self.temp()?;
        self.make(rest, |heap| {
            let list = heap.new_list(middle)?;
            for index in before..before + middle {
                heap.list_push(list, heap.sequence_get(heap.get(operand), index))?;
            }
            Ok(list)
        })?;
        let heap = &*self.heap;
        let (value, rest) = (heap.get(operand), heap.get(rest).word());
        heap.arena.set_sp(sp + 1);
        for index in (0..after).rev() {
            heap.push_word(heap.sequence_get(value, before + middle + index).word());
        }
        heap.push_word(rest);
        for index in (0..before).rev() {
            heap.push_word(heap.sequence_get(value, index).word());
        }
        Ok(())
    }
}
