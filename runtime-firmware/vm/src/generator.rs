//! Generators: a frame that is kept on the heap between resumptions.
//!
//! Object: state (the saved ip; [`RUNNING`] or [`FINISHED`]), number of saved words, then the frame's words from
//! the callee down. Resuming copies them onto the stack below the generator's own word, yielding copies them back:
//! no native recursion, whoever resumes.

use crate::call::Begun;
use crate::class_id;
use crate::frame::{Frame, Kind, Link};
use crate::heap::{Cause, Heap, Root};
use crate::layout::Tag;
use crate::load::Descriptor;
use crate::unwind::Unwound;
use crate::value::*;
use crate::vm::Vm;

/// State of a generator that is running.
const RUNNING: i32 = -1;
/// State of a generator that has ended.
const FINISHED: i32 = -2;
/// First field of the saved frame.
const FRAME: u32 = 2;

/// How a generator is resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Resume {
    /// With the value in the second argument, or None.
    Send,
    /// With the exception in the second argument.
    Throw,
    /// With GeneratorExit.
    Close,
}

impl Vm<'_> {
    /// Turns the bound arguments at `base` into a generator.
    pub(crate) fn new_generator(&mut self, base: u32, descriptor: &Descriptor) -> Result<Ret, Raised> {
        let words = descriptor.frame_words();
        let frame = Frame { fp: base, descriptor: *descriptor };
        // The frame is built on the stack, as for any call, and then kept.
        self.enter(base, descriptor, Kind::Value, false)?;
        let out = self.temp();
        let made = out.and_then(|out| {
            self.make(out, |heap| {
                let generator = heap.alloc(Tag::Generator, FRAME + words)?;
                heap.set_int_field(generator, 0, descriptor.code as i32);
                let used = base + 1 - frame.operands();
                heap.set_int_field(generator, 1, used as i32);
                for index in 0..used {
                    heap.set_word(generator, FRAME + index, heap.arena.stack_load(base - index));
                }
                Ok(generator)
            })?;
            Ok(self.heap.get(out).ret())
        });
        let link = self.heap.link(&frame);
        self.heap.set_frame(link.caller);
        made
    }

    /// Resumes for a native `send`, `throw`, `close` or `__next__`: `[callee][generator][value …]` at `base`.
    pub(crate) fn resume_generator(&mut self, base: u32, kind: Kind, extra: bool) -> Result<Begun, Raised> {
        let how = self.resume;
        let generator = Slot(base - 1);
        let value = if how == Resume::Close || self.heap.arena.sp() > base - 2 { None } else { Some(Slot(base - 2)) };
        let state = self.heap.int_field(self.heap.get(generator), 0);
        if how == Resume::Close && state == FINISHED {
            return Ok(Begun::Value(Ret::NONE));
        }
        if state == FINISHED {
            return Err(match (how, value) {
                (Resume::Throw, Some(value)) => self.raise_object(value),
                _ => self.heap.error_value(class_id::STOP_ITERATION, Val::NONE),
            });
        }
        if kind != Kind::Value {
            // Rare: the result is wanted for something else than an operand.
            let outer = self.heap.fp.get();
            self.heap.fp.set(0);
            let sent = value.map_or(NONE, |value| self.heap.get(value).word());
            let kind = if how == Resume::Close { Kind::GeneratorClose } else { Kind::GeneratorNext };
            let begun = self.begin_resume(base, generator, sent, how, kind, false);
            let result = self.run_begun(begun);
            self.heap.set_frame(outer);
            return result.map(Begun::Value);
        }
        let sent = value.map_or(NONE, |value| self.heap.get(value).word());
        let kind = if how == Resume::Close { Kind::GeneratorClose } else { Kind::GeneratorNext };
        self.begin_resume(base, generator, sent, how, kind, extra)
    }

    /// Copies a generator's frame to the stack with the generator itself at `place`, and lets it go on: with `sent`
    /// as the result of its `yield`, or with an exception.
    pub(crate) fn begin_resume(
        &mut self,
        place: u32,
        generator: Slot,
        sent: u32,
        how: Resume,
        kind: Kind,
        extra: bool,
    ) -> Result<Begun, Raised> {
        let heap = &*self.heap;
        let object = heap.get(generator);
        let state = heap.int_field(object, 0);
        if state == RUNNING {
            return Err(heap.value_error("generator already executing"));
        }
        let function = heap.value(object, FRAME);
        let descriptor = heap.function_descriptor(function);
        let fresh = state as u32 == descriptor.code;
        if fresh && how == Resume::Send && sent != NONE {
            return Err(heap.type_error("can't send non-None value to a just-started generator"));
        }
        let thrown = match how {
            Resume::Send => None,
            Resume::Throw => {
                heap.set_root(Root::ScratchC, Val::from_word(sent));
                Some(())
            }
            Resume::Close => {
                heap.set_root(Root::ScratchC, Some(Val::builtin_type(class_id::GENERATOR_EXIT)));
                Some(())
            }
        };
        let words = descriptor.frame_words();
        let word = object.word();
        heap.set_root(Root::ScratchA, Val::from_word(word));
        heap.set_root(Root::ScratchB, Val::from_word(sent));
        self.reserve_stack(words + 4)?;
        let heap = &*self.heap;
        let Some(object) = heap.root(Root::ScratchA) else { return Err(Raised) };
        let used = heap.int_field(object, 1) as u32;
        let base = place - 1;
        heap.arena.set_sp(base + 1 - used);
        heap.arena.stack_store(place, object.word());
        for index in 0..used {
            heap.arena.stack_store(base - index, heap.word(object, FRAME + index));
        }
        let frame = Frame { fp: base, descriptor };
        let link = heap.link(&frame);
        heap.set_link(&frame, Link { caller: heap.fp.get(), kind, extra, blocks: link.blocks });
        heap.save_ip(&frame, state as u32);
        heap.set_int_field(object, 0, RUNNING);
        heap.set_frame(base);
        if !fresh && thrown.is_none() {
            // The value of the `yield` expression.
            heap.push_word(heap.root(Root::ScratchB).map_or(NONE, Val::word));
        }
        if thrown.is_some() {
            if fresh {
                // Nothing of it has run: the error is raised where its code starts.
                self.heap.save_ip(&frame, state as u32 + 1);
            } else if self.heap.is_delegating(&frame, state as u32) {
                return self.throw_into_inner(&frame, state as u32, how);
            }
            let object = self.temp()?;
            let word = self.heap.root(Root::ScratchC).map_or(NONE, Val::word);
            self.heap.arena.stack_store(object.0, word);
            let raised = self.raise_object(object);
            self.pop_temp(object);
            return Err(raised);
        }
        Ok(Begun::Frame)
    }

    /// Throws the exception in `Root::ScratchC` into the iterator that the running generator delegates to (`yield
    /// from` at `at`, the iterator on top of the stack).
    fn throw_into_inner(&mut self, frame: &Frame, at: u32, how: Resume) -> Result<Begun, Raised> {
        // From here on the generator goes on behind its `yield from`.
        self.heap.save_ip(frame, at + 1);
        let thrown = self.temp()?;
        let word = self.heap.root(Root::ScratchC).map_or(NONE, Val::word);
        self.heap.arena.stack_store(thrown.0, word);
        let inner = self.heap.top_slot(1);
        let exits = {
            let heap = &*self.heap;
            let value = heap.get(thrown);
            let class = if heap.is_class(value) { heap.class_id(value) } else { heap.class_of(value) };
            heap.is_subclass(class, class_id::GENERATOR_EXIT)
        };
        if how == Resume::Close || exits {
            // The inner iterator is closed; then GeneratorExit is raised here.
            let nothing = self.temp()?;
            self.call_method(inner, crate::names::CLOSE, &[], nothing)?;
            self.pop_temp(nothing);
            let raised = self.raise_object(thrown);
            self.pop_temp(thrown);
            return Err(raised);
        }
        if self.heap.is(self.heap.get(inner), Tag::Generator) {
            if self.heap.generator_finished(self.heap.get(inner)) {
                let raised = self.raise_object(thrown);
                self.pop_temp(thrown);
                return Err(raised);
            }
            let sent = self.heap.get(thrown).word();
            self.pop_temp(thrown);
            let place = self.heap.arena.sp() - 1;
            let inner = self.heap.top_slot(0);
            return self.begin_resume(place, inner, sent, Resume::Throw, Kind::GeneratorDelegate, false);
        }
        let out = self.temp()?;
        match self.call_method(inner, crate::names::THROW, &[thrown], out) {
            Ok(true) => {
                // It went on: what it yielded, the running generator yields, from the same `yield from`.
                let word = self.heap.get(out).word();
                self.pop_temp(thrown);
                Ok(match self.give_up(frame, at, word)? {
                    Some(Unwound::Native(value)) => Begun::Value(value),
                    _ => Begun::Frame,
                })
            }
            Ok(false) => {
                let raised = self.raise_object(thrown);
                self.pop_temp(thrown);
                Err(raised)
            }
            Err(raised) => {
                if self.take_stop_iteration(inner) {
                    self.pop_temp(thrown);
                    return Ok(Begun::Frame);
                }
                Err(raised)
            }
        }
    }

    /// Puts the running generator's frame back into its object, to go on at `ip`; answers how it was resumed.
    pub(crate) fn suspend(&mut self, frame: &Frame, ip: u32) -> Link {
        let heap = &*self.heap;
        let link = heap.link(frame);
        let object = heap.get(Slot(frame.fp + 1));
        let used = frame.fp + 1 - heap.arena.sp();
        if used + FRAME <= heap.field_count(object) {
            heap.set_int_field(object, 0, ip as i32);
            heap.set_int_field(object, 1, used as i32);
            for index in 0..used {
                heap.set_word(object, FRAME + index, heap.arena.stack_load(frame.fp - index));
            }
        }
        heap.set_frame(link.caller);
        link
    }

    /// Marks the generator of a frame that has ended, and lets go of what it held.
    pub(crate) fn finish_generator(&mut self, frame: &Frame) {
        let heap = &*self.heap;
        let object = heap.get(Slot(frame.fp + 1));
        heap.set_int_field(object, 0, FINISHED);
        heap.set_int_field(object, 1, 0);
        for index in FRAME + 1..heap.field_count(object) {
            heap.set_word(object, index, NULL);
        }
    }

    /// A native method's request to resume the generator that is its first argument.
    pub(crate) fn request_resume(&mut self, how: Resume) -> Ret {
        self.resume = how;
        Ret::RESUME
    }

    /// Takes the StopIteration under way, if it is one: its value goes to `out`.
    pub(crate) fn take_stop_iteration(&mut self, out: Slot) -> bool {
        if self.heap.is_cause(Cause::Stop) || self.realise_error().is_err() {
            return false;
        }
        let heap = &*self.heap;
        let Some(exception) = heap.root(Root::Exception) else { return false };
        if !heap.is_instance(exception, class_id::STOP_ITERATION) {
            return false;
        }
        heap.set(out, heap.stop_iteration_value(exception));
        heap.set_root(Root::Exception, None);
        heap.cause.set(Cause::None);
        true
    }
}

impl Heap {
    /// True if a frame that is suspended at `at` waits in a `yield from`.
    fn is_delegating(&self, frame: &Frame, at: u32) -> bool {
        let unit = self.value(self.callee(frame), 0);
        let code = self.code_bytes(self.value(unit, crate::load::field::LOCATION));
        code.get(at as usize) == Some(&(mpy::Opcode::YieldFrom as u8))
    }

    /// The value that a StopIteration carries.
    pub(crate) fn stop_iteration_value<'h>(&'h self, exception: Val<'h>) -> Val<'h> {
        let arguments = self.value(exception, 1);
        if self.is_tuple(arguments) && self.tuple_len(arguments) > 0 { self.tuple_get(arguments, 0) } else { Val::NONE }
    }

    /// True if a generator has ended.
    pub(crate) fn generator_finished(&self, generator: Val<'_>) -> bool {
        self.int_field(generator, 0) == FINISHED
    }
}
