//! Entering and leaving: `with`, returns, yields, calls with `*` and `**`, class bodies, and what becomes of a
//! frame's result.

use crate::Args;
use crate::call::Begun;
use crate::class_id;
use crate::frame::{Block, BlockKind, Frame, Kind, Link};
use crate::generator::Resume;
use crate::heap::{Cause, Root};
use crate::layout::Tag;
use crate::names;
use crate::unwind::Unwound;
use crate::value::*;
use crate::vm::Vm;
use mpy::BinaryOperator;

impl Vm<'_> {
    // ---- with

    /// SETUP_WITH: the manager becomes `__exit__` and receiver; `__enter__`'s result comes on top.
    pub(crate) fn setup_with(&mut self, frame: &Frame, handler: u32) -> Result<(), Raised> {
        let manager = self.heap.top_slot(0);
        self.reserve_stack(8)?;
        let (exit, exit_self) = (self.temp()?, self.temp()?);
        let (enter, enter_self) = (self.temp()?, self.temp()?);
        let found = self.load_special_method(manager, names::ENTER, enter, enter_self)?
            && self.load_special_method(manager, names::EXIT, exit, exit_self)?;
        if !found {
            let value = self.heap.get(manager);
            let template = "'{t}' object does not support the context manager protocol";
            return Err(self.heap.error_about(class_id::TYPE_ERROR, template, value, Val::NONE));
        }
        let words: [u32; 4] = core::array::from_fn(|index| self.heap.peek_word(3 - index as u32));
        let [exit, exit_self, enter, enter_self] = words;
        let heap = &*self.heap;
        heap.arena.set_sp(manager.0);
        heap.poke_word(0, exit);
        heap.push_word(exit_self);
        heap.push_word(enter);
        let base = heap.arena.sp();
        let mut count = 0;
        if enter_self != NULL {
            heap.push_word(enter_self);
            count = 1;
        }
        if let Begun::Value(value) = self.begin_call(base, count, 0, Kind::WithEnter, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base);
            self.heap.poke_word(0, word);
            self.open_with(frame, handler);
        }
        Ok(())
    }

    /// Opens the block of a `with` whose `__enter__` has succeeded; its result is on top. (Before, an exception must
    /// not reach `__exit__`.)
    fn open_with(&mut self, frame: &Frame, handler: u32) {
        let heap = &*self.heap;
        let depth = frame.operands() - heap.arena.sp() - 1;
        let handler = handler - frame.descriptor.code;
        heap.push_block(frame, Block { handler, depth, kind: BlockKind::With, returning: false });
    }

    /// WITH_CLEANUP: `[exit][self][state]` becomes `[state]`, after `__exit__` was called.
    pub(crate) fn with_cleanup(&mut self) -> Result<(), Raised> {
        self.reserve_stack(8)?;
        let heap = &*self.heap;
        let state = heap.peek(0);
        let exception = if heap.is(state, Tag::Exception) { Some(state) } else { None };
        let (exit, receiver) = (heap.peek_word(2), heap.peek_word(1));
        let base = heap.arena.sp() + 1;
        heap.poke_word(2, state.word());
        heap.poke_word(1, exit);
        heap.drop_operands(1);
        let mut count = 3;
        if receiver != NULL {
            heap.push_word(receiver);
            count += 1;
        }
        match exception {
            Some(exception) => {
                let class = heap.class_value(heap.class_of(exception)).word();
                heap.push_word(class);
                heap.push_word(exception.word());
            }
            None => {
                heap.push_word(NONE);
                heap.push_word(NONE);
            }
        }
        heap.push_word(NONE);
        if let Begun::Value(value) = self.begin_call(base, count, 0, Kind::WithExit, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base);
            self.heap.poke_word(0, word);
            self.with_exit_result(base)?;
        }
        Ok(())
    }

    /// Takes `__exit__`'s result at `place`, right below the state: truth swallows an exception.
    fn with_exit_result(&mut self, place: u32) -> Result<(), Raised> {
        let truth = self.truth(Slot(place))?;
        let heap = &*self.heap;
        heap.arena.set_sp(place + 1);
        if truth && heap.is(heap.peek(0), Tag::Exception) {
            heap.poke_word(0, NONE);
        }
        Ok(())
    }

    // ---- leaving a frame

    /// RETURN_VALUE, and the end of a return that went through a `finally`.
    pub(crate) fn return_value(&mut self, frame: &Frame, at: u32, value: u32) -> Result<Option<Unwound>, Raised> {
        if self.unwind_return(frame, at, value) {
            return Ok(None);
        }
        let heap = &*self.heap;
        let link = heap.link(frame);
        if link.kind.is_generator() {
            // Its frame's words are not needed any more; the value must survive what follows.
            self.finish_generator(frame);
        }
        let heap = &*self.heap;
        heap.arena.set_sp(frame.fp);
        heap.poke_word(0, value);
        heap.set_frame(link.caller);
        if link.caller == 0 {
            return self.return_to_native(frame, link, value);
        }
        self.deliver(frame, link, value)
    }

    fn return_to_native(&mut self, frame: &Frame, link: Link, value: u32) -> Result<Option<Unwound>, Raised> {
        let heap = &*self.heap;
        let value = match link.kind {
            Kind::GeneratorNext => {
                let value = Val::from_word(value).unwrap_or(Val::NONE);
                return Err(heap.error_value(class_id::STOP_ITERATION, value));
            }
            Kind::GeneratorClose => Ret::NONE,
            Kind::Init if value != NONE => return Err(heap.type_error("__init__() should return None")),
            Kind::Init => heap.get(Slot(frame.fp + 1)).ret(),
            Kind::ClassBody => {
                self.finish_class(frame, false)?;
                self.heap.get(Slot(self.heap.arena.sp())).ret()
            }
            _ => Val::from_word(value).unwrap_or(Val::NONE).ret(),
        };
        Ok(Some(Unwound::Native(value)))
    }

    /// Gives a frame's result to its caller, which is the running frame again.
    fn deliver(&mut self, frame: &Frame, link: Link, value: u32) -> Result<Option<Unwound>, Raised> {
        let result = frame.fp + u32::from(link.extra);
        let heap = &*self.heap;
        match link.kind {
            Kind::Value | Kind::IterNext => {
                heap.arena.set_sp(result);
                heap.poke_word(0, value);
            }
            Kind::Init => {
                if value != NONE {
                    return Err(heap.type_error("__init__() should return None"));
                }
                let instance = heap.arena.stack_load(frame.fp + 1);
                heap.arena.set_sp(result + 1);
                heap.poke_word(0, instance);
            }
            Kind::Discard => {
                heap.arena.set_sp(result + 1);
            }
            Kind::Bool | Kind::NotBool => {
                heap.arena.set_sp(result);
                heap.poke_word(0, value);
                let truth = self.truth(Slot(result))?;
                self.heap.poke_word(0, bool_word(truth == (link.kind == Kind::Bool)));
            }
            Kind::GeneratorNext => {
                let value = Val::from_word(value).unwrap_or(Val::NONE);
                return Err(heap.error_value(class_id::STOP_ITERATION, value));
            }
            Kind::GeneratorFor => {
                heap.arena.set_sp(frame.fp + 2);
                self.end_loop();
            }
            Kind::GeneratorDelegate => {
                heap.arena.set_sp(frame.fp + 2);
                heap.poke_word(0, value);
            }
            Kind::GeneratorClose => {
                heap.arena.set_sp(result + 1);
                heap.poke_word(0, NONE);
            }
            Kind::ClassBody => self.finish_class(frame, link.extra)?,
            Kind::Import => {
                heap.arena.set_sp(frame.fp + 1);
                self.bind_to_package(Slot(frame.fp + 1))?;
                self.heap.arena.set_sp(frame.fp + 2);
            }
            Kind::Method => {
                heap.arena.set_sp(result);
                heap.poke_word(0, value);
                heap.push_word(NULL);
            }
            Kind::WithExit => {
                heap.arena.set_sp(frame.fp);
                heap.poke_word(0, value);
                self.with_exit_result(frame.fp)?;
            }
            Kind::Operator => {
                let number = int_of(heap.arena.stack_load(frame.fp + 1)) as u32;
                heap.arena.set_sp(frame.fp + 2);
                let Some(operator) = self.last_operator() else {
                    return Err(self.heap.error(class_id::SYSTEM_ERROR, "operator lost"));
                };
                // The answer must survive a call of its `__bool__`.
                if !self.operator_result(operator, number, value)? {
                    self.operate_from(operator, number + 1)?;
                }
            }
            Kind::Replace => {
                let target = int_of(heap.arena.stack_load(frame.fp + 1)) as u32;
                heap.arena.set_sp(frame.fp + 2);
                if target >= heap.arena.sp() {
                    heap.arena.stack_store(target, value);
                }
            }
            Kind::WithEnter => {
                heap.arena.set_sp(result);
                heap.poke_word(0, value);
                if let Some(caller) = heap.frame()
                    && let Some(handler) = heap.target_of_last(&caller, mpy::Opcode::SetupWith)
                {
                    self.open_with(&caller, handler);
                }
            }
            Kind::Iterator => {
                heap.arena.set_sp(result);
                heap.poke_word(0, value);
                heap.push_word(NULL);
                heap.push_word(NULL);
            }
        }
        Ok(None)
    }

    /// The operator of the running frame's last instruction.
    fn last_operator(&self) -> Option<BinaryOperator> {
        let heap = &*self.heap;
        let frame = heap.frame()?;
        let unit = heap.value(heap.callee(&frame), 0);
        let code = heap.code_bytes(heap.value(unit, crate::load::field::LOCATION));
        let byte = *code.get(heap.saved_ip(&frame).checked_sub(1)? as usize)?;
        BinaryOperator::decode(byte.checked_sub(0xd7)?)
    }

    // ---- yields

    /// YIELD_VALUE.
    pub(crate) fn yield_value(&mut self, frame: &Frame, next: u32) -> Result<Option<Unwound>, Raised> {
        let value = self.heap.peek_word(0);
        self.heap.drop_operands(1);
        self.give_up(frame, next, value)
    }

    /// Suspends the running generator at `ip` and hands `value` to whoever resumed it: through any chain of
    /// `yield from`.
    pub(crate) fn give_up(&mut self, frame: &Frame, ip: u32, value: u32) -> Result<Option<Unwound>, Raised> {
        let (mut frame, mut ip) = (*frame, ip);
        loop {
            let link = self.suspend(&frame, ip);
            let heap = &*self.heap;
            let result = frame.fp + 1 + u32::from(link.extra);
            match link.kind {
                Kind::GeneratorDelegate => {
                    heap.arena.set_sp(frame.fp + 2);
                    let Some(outer) = heap.frame() else { return Err(heap.type_error("no frame")) };
                    // It goes on with the same YIELD_FROM, one byte before its saved ip.
                    ip = heap.saved_ip(&outer) - 1;
                    frame = outer;
                }
                Kind::GeneratorClose => {
                    heap.arena.set_sp(result);
                    return Err(heap.error(class_id::RUNTIME_ERROR, "generator ignored GeneratorExit"));
                }
                _ => {
                    if link.caller == 0 {
                        return Ok(Some(Unwound::Native(Val::from_word(value).unwrap_or(Val::NONE).ret())));
                    }
                    heap.arena.set_sp(result);
                    heap.poke_word(0, value);
                    return Ok(None);
                }
            }
        }
    }

    /// YIELD_FROM: `[iterator][value to send]`.
    pub(crate) fn yield_from(&mut self, frame: &Frame, at: u32) -> Result<Option<Unwound>, Raised> {
        let (iterator, sent) = (self.heap.top_slot(1), self.heap.top_slot(0));
        let heap = &*self.heap;
        let value = heap.get(iterator);
        match heap.tag(value) {
            Some(Tag::Generator) => {
                let sent = heap.get(sent).word();
                heap.drop_operands(1);
                if heap.generator_finished(value) {
                    heap.poke_word(0, NONE);
                    return Ok(None);
                }
                let place = heap.arena.sp() - 1;
                self.begin_resume(place, iterator, sent, Resume::Send, Kind::GeneratorDelegate, false)?;
                Ok(None)
            }
            Some(Tag::Iterator) if heap.get(sent).is_none() => {
                let item = self.retry(|heap| Ok(heap.iterator_next(heap.get(iterator))?.map(Val::word)))?;
                self.heap.drop_operands(1);
                match item {
                    Some(word) => self.give_up(frame, at, word),
                    None => {
                        self.heap.poke_word(0, NONE);
                        Ok(None)
                    }
                }
            }
            _ => {
                let out = self.temp()?;
                let asked = if self.heap.get(sent).is_none() {
                    self.call_method(iterator, names::NEXT, &[], out)
                } else {
                    self.call_method(iterator, names::SEND, &[sent], out)
                };
                match asked {
                    Ok(true) => {
                        let word = self.heap.get(out).word();
                        self.heap.arena.set_sp(iterator.0);
                        self.give_up(frame, at, word)
                    }
                    Ok(false) => {
                        let value = self.heap.get(iterator);
                        let (class, template) = if self.heap.get(sent).is_none() {
                            (class_id::TYPE_ERROR, "'{t}' object is not an iterator")
                        } else {
                            (class_id::ATTRIBUTE_ERROR, "'{t}' object has no attribute 'send'")
                        };
                        Err(self.heap.error_about(class, template, value, Val::NONE))
                    }
                    Err(raised) => {
                        if self.take_stop_iteration(iterator) {
                            self.heap.arena.set_sp(iterator.0);
                            return Ok(None);
                        }
                        Err(raised)
                    }
                }
            }
        }
    }

    // ---- errors

    /// RAISE_FROM: `[exception][cause]`.
    pub(crate) fn raise_from(&mut self) -> Raised {
        let (object, cause) = (self.heap.top_slot(1), self.heap.top_slot(0));
        let raised = self.raise_object(object);
        if !self.heap.is_cause(Cause::Exception) {
            return raised;
        }
        let exception = self.heap.root(Root::Exception).map_or(NONE, Val::word);
        let Ok(kept) = self.temp() else { return Raised };
        self.heap.arena.stack_store(kept.0, exception);
        if self.heap.is_class(self.heap.get(cause)) {
            let _ = self.raise_object(cause);
            let made = self.heap.root(Root::Exception).map_or(NONE, Val::word);
            self.heap.arena.stack_store(cause.0, made);
        }
        let heap = &*self.heap;
        let (exception, cause) = (heap.get(kept), heap.get(cause));
        if heap.is(exception, Tag::Exception) {
            heap.set_flags(exception, 1);
            heap.set_word(exception, 3, if cause.is_none() { NULL } else { cause.word() });
        }
        heap.set_root(Root::Exception, Some(exception));
        heap.cause.set(Cause::Exception);
        Raised
    }

    // ---- calls with * and **

    /// CALL_…_VAR_KW: above the arguments lies a bit map of those that are unpacked.
    pub(crate) fn call_unpacked(&mut self, frame: &Frame, at: u32, operand: u32, method: bool) -> Result<(), Raised> {
        let (given, keywords) = (operand & 0xff, operand >> 8 & 0xff);
        let stars = self.heap.as_int(self.heap.peek(0)).unwrap_or(0) as u64;
        let above = self.heap.arena.sp() + 1 + given + 2 * keywords;
        let function = if method { above + 1 } else { above };
        let args = Args { base: above, positional: given as u16, keywords: keywords as u16 };
        // Unpacked things that native code cannot walk become lists first; then the instruction is run again.
        for index in 0..given {
            let value = self.heap.arg(args, index);
            if stars >> index & 1 != 0 && !self.heap.is_native_iterable(value) {
                self.heap.save_ip(frame, at);
                return self.replace_with(names::LIST_OF, args.slot(index));
            }
        }
        for index in 0..keywords {
            let unpacked = self.heap.arena.stack_load(args.keyword_slot(index).0) == NULL;
            let value = self.heap.get(args.keyword_value_slot(index));
            if unpacked && !self.heap.is_dict(value) {
                self.heap.save_ip(frame, at);
                return self.replace_with(names::DICT_OF, args.keyword_value_slot(index));
            }
        }
        let (list, pairs) = (self.temp()?, self.temp()?);
        let bound = method && self.heap.arena.stack_load(above) != NULL;
        self.make(list, |heap| {
            let list = heap.new_list(given + 1)?;
            if bound {
                heap.list_push(list, heap.get(Slot(above)))?;
            }
            for index in 0..given {
                let value = heap.arg(args, index);
                if stars >> index & 1 == 0 {
                    heap.list_push(list, value)?;
                } else if heap.is(value, Tag::Iterator) {
                    // Consumed below, when nothing can fail any more.
                    let mut words = core::array::from_fn(|field| heap.word(value, field as u32));
                    while let Some((item, next)) = heap.iterator_step(words)? {
                        heap.list_push(list, item)?;
                        words[2] = next;
                    }
                } else {
                    heap.each(value, |item| heap.list_push(list, item))?;
                }
            }
            Ok(list)
        })?;
        let duplicate = core::cell::Cell::new(NULL);
        let done = self.make(pairs, |heap| {
            let pairs = heap.new_dict(keywords)?;
            let add = |key, value| {
                if heap.table_find(pairs, key)?.is_some() {
                    duplicate.set(key.word());
                    return Err(Raised);
                }
                heap.table_set(pairs, key, value)
            };
            for index in 0..keywords {
                let value = heap.get(args.keyword_value_slot(index));
                match heap.get_optional(args.keyword_slot(index)) {
                    Some(name) => add(name, value)?,
                    None => {
                        let mut position = 0;
                        while let Some((entry, key, value)) = heap.table_next(value, position) {
                            if !heap.is_str(key) {
                                return Err(heap.type_error("keywords must be strings"));
                            }
                            add(key, value)?;
                            position = entry + 1;
                        }
                    }
                }
            }
            Ok(pairs)
        });
        if duplicate.get() != NULL && done.is_err() {
            let name = Val::from_word(duplicate.get()).unwrap_or(Val::NONE);
            let template = "got multiple values for keyword argument '{}'";
            return Err(self.heap.error_about(class_id::TYPE_ERROR, template, name, Val::NONE));
        }
        done?;
        // Everything is in the two containers: lay the plain call out over the old operands.
        let heap = &*self.heap;
        let (list, pairs) = (heap.get(list), heap.get(pairs));
        let (count, named) = (heap.list_len(list), heap.table_len(pairs));
        if count + 2 * named > 4096 {
            return Err(heap.type_error("too many arguments"));
        }
        heap.set_root(Root::ScratchA, Some(list));
        heap.set_root(Root::ScratchB, Some(pairs));
        let callee = heap.arena.stack_load(function);
        heap.arena.set_sp(function);
        self.reserve_stack(count + 2 * named + 4)?;
        let heap = &*self.heap;
        let callee = if is_ref(callee) { heap.arena.stack_load(function) } else { callee };
        let (Some(list), Some(pairs)) = (heap.root(Root::ScratchA), heap.root(Root::ScratchB)) else {
            return Err(heap.type_error("arguments lost"));
        };
        heap.arena.stack_store(function, callee);
        for index in 0..count {
            heap.push_word(heap.list_get(list, index).map_or(NONE, Val::word));
        }
        let mut position = 0;
        while let Some((entry, key, value)) = heap.table_next(pairs, position) {
            heap.push_word(key.word());
            heap.push_word(value.word());
            position = entry + 1;
        }
        heap.set_root(Root::ScratchA, None);
        heap.set_root(Root::ScratchB, None);
        self.begin_operand_call(function, count as u16, named as u16, false)
    }

    /// Calls a prelude function of one argument on the value of `slot` and puts the result there. The caller has
    /// set the frame's saved ip to where to go on.
    pub(crate) fn replace_with(&mut self, function: u16, slot: Slot) -> Result<(), Raised> {
        self.reserve_stack(8)?;
        self.heap.push_word(int_word(slot.0 as i32));
        let base = self.temp()?;
        self.load_prelude(function, base)?;
        self.temp_of(slot)?;
        if let Begun::Value(value) = self.begin_call(base.0, 1, 0, Kind::Replace, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base.0 + 2);
            self.heap.arena.stack_store(slot.0, word);
        }
        Ok(())
    }

    /// Replaces operand `n` by a list of its items, then runs the last instruction (of one byte) again.
    pub(crate) fn retry_with_list(&mut self, n: u32) -> Result<(), Raised> {
        if let Some(frame) = self.heap.frame() {
            let next = self.heap.saved_ip(&frame);
            let unit = self.heap.value(self.heap.callee(&frame), 0);
            let code = self.heap.code_bytes(self.heap.value(unit, crate::load::field::LOCATION));
            // UNPACK_… set it back already; an in-place operator is one byte before.
            let byte = next.checked_sub(1).and_then(|at| code.get(at as usize).copied()).unwrap_or(0);
            let here = code.get(next as usize).copied().unwrap_or(0);
            let unpacks = here == mpy::Opcode::UnpackSequence as u8 || here == mpy::Opcode::UnpackEx as u8;
            if !unpacks && byte >= mpy::Opcode::BinaryOpMulti as u8 {
                self.heap.save_ip(&frame, next - 1);
            }
        }
        let slot = self.heap.top_slot(n);
        self.replace_with(names::LIST_OF, slot)
    }

    // ---- classes

    /// `__build_class__(body, name, *bases, **keywords)` at `base`: runs the body with a new namespace.
    pub(crate) fn enter_class_body(
        &mut self,
        base: u32,
        positional: u16,
        keywords: u16,
        kind: Kind,
        extra: bool,
    ) -> Result<Begun, Raised> {
        let args = Args { base, positional, keywords };
        // The counts are kept in one word, 12 bits each.
        if positional > 0xfff || keywords > 0xfff {
            return Err(self.heap.type_error("too many bases"));
        }
        if positional < 2 || kind != Kind::Value || !self.heap.is(self.heap.arg(args, 0), Tag::Function) {
            return Err(self.heap.type_error("__build_class__: func must be a function"));
        }
        self.reserve_stack(8)?;
        self.heap.push_word(int_word((u32::from(positional) | u32::from(keywords) << 12) as i32));
        let namespace = self.temp()?;
        self.make(namespace, |heap| heap.new_dict(4))?;
        let body = self.temp_of(args.slot(0))?;
        match self.begin_call(body.0, 0, 0, Kind::ClassBody, extra)? {
            Begun::Frame => Ok(Begun::Frame),
            Begun::Value(_) => Err(self.heap.type_error("a class body must not yield")),
        }
    }

    /// Makes the class of a body that has returned; it takes the place of `__build_class__`, and of the word above
    /// that if `extra` says so.
    fn finish_class(&mut self, frame: &Frame, extra: bool) -> Result<(), Raised> {
        let counts = int_of(self.heap.arena.stack_load(frame.fp + 2)) as u32;
        let (positional, keywords) = (counts & 0xfff, counts >> 12);
        let base = frame.fp + 3 + positional + 2 * keywords;
        let args = Args { base, positional: positional as u16, keywords: keywords as u16 };
        let namespace = Slot(frame.fp + 1);
        // The body's result: the cell of `__class__` if methods use it.
        let cell = Slot(frame.fp);
        self.heap.arena.set_sp(frame.fp);
        let class = self.temp()?;
        let bases = self.temp()?;
        self.make(bases, |heap| {
            let tuple = heap.new_tuple(positional - 2)?;
            for index in 2..positional {
                heap.tuple_set(tuple, index - 2, heap.arg(args, index));
            }
            Ok(tuple)
        })?;
        self.make_class(args.slot(1), bases, namespace, Some(args), class)?;
        let heap = &*self.heap;
        if heap.is(heap.get(cell), Tag::Cell) {
            heap.set_field(heap.get(cell), 0, heap.get(class));
        }
        let word = heap.get(class).word();
        self.heap.arena.set_sp(base + u32::from(extra));
        self.heap.poke_word(0, word);
        Ok(())
    }

    /// `type(name, bases, namespace)` with the most derived metaclass, `__set_name__` and `__init_subclass__`.
    pub fn make_class(
        &mut self,
        name: Slot,
        bases: Slot,
        namespace: Slot,
        keywords: Option<Args>,
        out: Slot,
    ) -> Result<(), Raised> {
        // The metaclass: asked for by keyword, or the bases'.
        let mut meta = class_id::TYPE;
        let heap = &*self.heap;
        let asked = keywords.and_then(|args| heap.keyword(args, names::METACLASS));
        if let Some(asked) = asked {
            if !heap.is_class(asked) {
                return Err(heap.type_error("metaclass must be a class"));
            }
            meta = heap.class_id(asked);
        }
        let tuple = heap.get(bases);
        for index in 0..heap.tuple_len(tuple) {
            let base = heap.tuple_get(tuple, index);
            if heap.is_class(base) {
                let its = heap.class_of(base);
                if heap.is_subclass(its, meta) {
                    meta = its;
                } else if !heap.is_subclass(meta, its) {
                    return Err(heap.type_error("metaclass conflict"));
                }
            }
        }
        let own_new = meta != class_id::TYPE
            && self.heap.find_class_attribute(meta, names::NEW).is_some_and(|found| found.is_heap());
        let own_init = meta != class_id::TYPE
            && self.heap.find_class_attribute(meta, names::INIT).is_some_and(|found| found.is_heap());
        if own_new {
            let function = self.temp()?;
            let found = self.heap.find_class_attribute(meta, names::NEW).unwrap_or(Val::NONE);
            let inner = if self.heap.class_of(found) == class_id::STATICMETHOD {
                self.heap.native_field(found, 0)
            } else {
                found
            };
            self.heap.set(function, inner);
            let metaclass = self.temp()?;
            self.heap.set(metaclass, self.heap.class_value(meta));
            self.call(function, &[metaclass, name, bases, namespace], out)?;
        } else {
            self.make(out, |heap| heap.new_class(heap.get(name), heap.get(bases), heap.get(namespace), meta))?;
            self.finish_new_class(out, namespace, keywords)?;
        }
        if own_init {
            let nothing = self.temp()?;
            self.call_method(out, names::INIT, &[name, bases, namespace], nothing)?;
        }
        Ok(())
    }

    /// `__set_name__` of the attributes and `__init_subclass__` of the bases.
    pub(crate) fn finish_new_class(
        &mut self,
        class: Slot,
        namespace: Slot,
        keywords: Option<Args>,
    ) -> Result<(), Raised> {
        let (value, key, nothing) = (self.temp()?, self.temp()?, self.temp()?);
        let mut position = 0;
        loop {
            let heap = &*self.heap;
            let Some((at, name, found)) = heap.table_next(heap.get(namespace), position) else { break };
            position = at + 1;
            let has = heap.is(found, Tag::Instance)
                && heap.find_class_attribute(heap.class_of(found), names::SET_NAME).is_some();
            if has {
                heap.set(value, found);
                heap.set(key, name);
                self.call_method(value, names::SET_NAME, &[class, key], nothing)?;
            }
        }
        let id = self.heap.class_id(self.heap.get(class));
        let found = self.heap.search_class(id, names::INIT_SUBCLASS, 1).filter(|found| found.is_heap());
        let Some(found) = found else {
            let extra = keywords.is_some_and(|args| {
                (0..args.keyword_count())
                    .any(|index| self.heap.get(args.keyword_slot(index)).word() != name_word(names::METACLASS))
            });
            if extra {
                return Err(self.heap.type_error("__init_subclass__() takes no keyword arguments"));
            }
            self.pop_temp(value);
            return Ok(());
        };
        let inner =
            if self.heap.class_of(found) == class_id::CLASSMETHOD { self.heap.native_field(found, 0) } else { found };
        self.heap.set(nothing, inner);
        let function = self.temp_of(nothing)?;
        self.temp_of(class)?;
        let mut count = 0;
        if let Some(args) = keywords {
            for index in 0..args.keyword_count() {
                if self.heap.get(args.keyword_slot(index)).word() != name_word(names::METACLASS) {
                    self.temp_of(args.keyword_slot(index))?;
                    self.temp_of(args.keyword_value_slot(index))?;
                    count += 1;
                }
            }
        }
        let _ = self.call_stacked(function, 1, count)?;
        self.pop_temp(value);
        Ok(())
    }
}
