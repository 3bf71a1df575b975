//! Leaving code early: exceptions, returns and jumps, through the `finally` and `with` handlers on the way.
//!
//! What is pending while a handler runs is kept with its block, never among the operands, where a hostile function
//! could forge it. (The rules are those of `mpy::verify`.)

use crate::class_id;
use crate::frame::{BlockKind, Frame, Kind};
use crate::heap::{Cause, Heap, Root};
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;

/// Words of a traceback entry: function and place.
const ENTRY_WORDS: u32 = 2;
/// Most entries of a traceback; more are left out in the middle.
const MAX_ENTRIES: u32 = 64;

/// Where unwinding ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unwound {
    /// In the running frame, at its saved ip.
    Resume,
    /// Out of the native function that called: a value for it.
    Native(Ret),
}

impl Vm<'_> {
    /// Makes the exception object of the error that is under way. Afterwards it is in `Root::Exception`.
    pub(crate) fn realise_error(&mut self) -> Result<(), Raised> {
        match self.heap.cause.get() {
            Cause::Exception => return Ok(()),
            Cause::Stop => return Err(Raised),
            Cause::NeedGc => {
                let _ = self.memory_error();
                return Ok(());
            }
            Cause::NeedVm | Cause::None => {
                let _ = self.heap.error(class_id::SYSTEM_ERROR, "operation is not supported here");
            }
            Cause::Error => {}
        }
        let error = self.heap.error.get();
        // Errors are made even where the stack has taken all memory.
        self.heap.arena.open_headroom(true);
        let made = self.make_error(error.class, error.template);
        self.heap.arena.open_headroom(false);
        if made.is_err() {
            // Making the error failed: what is under way now (MemoryError, an error in `__repr__`) takes its place.
            match self.heap.cause.get() {
                Cause::Exception => {}
                Cause::Stop => return Err(Raised),
                // Not even that error, or another one, could be made.
                _ => {
                    let _ = self.memory_error();
                }
            }
        }
        self.heap.cause.set(Cause::Exception);
        Ok(())
    }

    fn make_error(&mut self, class: u16, template: &'static str) -> Result<(), Raised> {
        let sp = self.heap.arena.sp();
        let (a, b, text) = (self.temp()?, self.temp()?, self.temp()?);
        let first = self.heap.root(Root::ErrorA).map(Val::word);
        self.heap.arena.stack_store(a.0, first.unwrap_or(NONE));
        self.heap.arena.stack_store(b.0, self.heap.root(Root::ErrorB).map_or(NONE, Val::word));
        let bare = template.is_empty() && first.is_none();
        let result = if template.is_empty() {
            let word = self.heap.arena.stack_load(a.0);
            self.heap.arena.stack_store(text.0, word);
            Ok(())
        } else if first.is_none() {
            self.make(text, |heap| heap.new_str(template.as_bytes()))
        } else {
            self.error_text(template, a, b, text)
        };
        let result = result.and_then(|()| {
            self.retry(|heap| {
                let argument = heap.get(text);
                let arguments =
                    if bare || (template.is_empty() && argument.is_none() && class == class_id::STOP_ITERATION) {
                        heap.new_tuple(0)?
                    } else {
                        heap.new_tuple_of(&[argument])?
                    };
                let error = heap.new_exception_of(class, arguments)?;
                heap.set_root(Root::Exception, Some(error));
                Ok(())
            })
        });
        self.heap.arena.set_sp(sp);
        result
    }

    /// Lets the exception under way find its handler, from the instruction before the running frame's saved ip on.
    ///
    /// `Err` when it leaves the frames of this run; it is then in `Root::Exception`.
    pub(crate) fn unwind(&mut self) -> Result<Unwound, Raised> {
        self.realise_error()?;
        loop {
            let heap = &*self.heap;
            let Some(frame) = heap.frame() else { return Err(Raised) };
            // An interrupt may come before the first instruction, at a jump back to the start of the code.
            let at = heap.saved_ip(&frame).saturating_sub(1).max(frame.descriptor.code);
            self.add_traceback(&frame, at);
            // A traceback that found no room is shorter; the exception stays what it is.
            self.heap.cause.set(Cause::Exception);
            if self.enter_handler(&frame, at) {
                return Ok(Unwound::Resume);
            }
            if let Some(unwound) = self.leave_frame_raising(&frame)? {
                return Ok(unwound);
            }
        }
    }

    /// Closes active blocks and enters the first waiting one with the exception; false if there is none.
    fn enter_handler(&mut self, frame: &Frame, at: u32) -> bool {
        let heap = &*self.heap;
        let at = at - frame.descriptor.code;
        while let Some((number, block)) = heap.top_block(frame) {
            if at >= block.handler {
                heap.chain(frame, number);
                heap.pop_block(frame);
                continue;
            }
            let word = heap.root(Root::Exception).map_or(NONE, Val::word);
            heap.set_block(frame, number, block, word);
            heap.arena.set_sp(frame.operands() - block.depth);
            heap.push_word(word);
            heap.save_ip(frame, frame.descriptor.code + block.handler);
            heap.set_root(Root::Exception, None);
            heap.cause.set(Cause::None);
            return true;
        }
        false
    }

    fn add_traceback(&mut self, frame: &Frame, at: u32) {
        let heap = &*self.heap;
        let Some(exception) = heap.root(Root::Exception) else { return };
        let list = match heap.field(exception, 2) {
            Some(list) => list,
            None => {
                let Ok(list) = heap.new_list(4) else {
                    heap.cause.set(Cause::Exception);
                    return;
                };
                heap.set_field(exception, 2, list);
                list
            }
        };
        let length = heap.list_len(list);
        if length >= MAX_ENTRIES * ENTRY_WORDS {
            // Keep the innermost and the outermost frames: the last entry is replaced again and again.
            heap.list_set(list, length - 2, heap.callee(frame));
            heap.list_set(list, length - 1, Val::int(at as i32));
            return;
        }
        // Without memory the entry is left out: a traceback must not cost the error.
        if heap.list_reserve(list, ENTRY_WORDS).is_ok() {
            let _ = heap.list_push(list, heap.callee(frame));
            let _ = heap.list_push(list, Val::int(at as i32));
        }
        heap.cause.set(Cause::Exception);
    }

    /// Pops a frame that an exception leaves; `Some` if what the frame was for takes the exception.
    fn leave_frame_raising(&mut self, frame: &Frame) -> Result<Option<Unwound>, Raised> {
        let heap = &*self.heap;
        let link = heap.link(frame);
        let result = frame.fp + u32::from(link.extra);
        let exception = heap.root(Root::Exception);
        let class = exception.map_or(class_id::EXCEPTION, |exception| heap.class_of(exception));
        let stop_iteration = heap.is_subclass(class, class_id::STOP_ITERATION);
        heap.arena.set_sp(frame.fp);
        if link.kind.is_generator() {
            self.finish_generator(frame);
        }
        self.heap.set_frame(link.caller);
        let heap = &*self.heap;
        if link.kind == Kind::GeneratorClose
            && link.caller == 0
            && (stop_iteration || heap.is_subclass(class, class_id::GENERATOR_EXIT))
        {
            heap.set_root(Root::Exception, None);
            heap.cause.set(Cause::None);
            return Ok(Some(Unwound::Native(Ret::NONE)));
        }
        if link.caller == 0 && !(link.kind.is_generator() && stop_iteration) {
            return Err(Raised);
        }
        match link.kind {
            Kind::IterNext if stop_iteration => {
                heap.set_root(Root::Exception, None);
                heap.cause.set(Cause::None);
                heap.arena.set_sp(result + 1);
                self.end_loop();
                return Ok(Some(Unwound::Resume));
            }
            Kind::GeneratorClose if stop_iteration || heap.is_subclass(class, class_id::GENERATOR_EXIT) => {
                heap.set_root(Root::Exception, None);
                heap.cause.set(Cause::None);
                heap.arena.set_sp(result + 1);
                heap.arena.stack_store(result + 1, NONE);
                return Ok(Some(Unwound::Resume));
            }
            kind if kind.is_generator() && stop_iteration => {
                // PEP 479: a StopIteration must not look like the generator's end.
                let kept = self.temp()?;
                let heap = &*self.heap;
                let stopped = heap.root(Root::Exception).map_or(NULL, Val::word);
                heap.arena.stack_store(kept.0, stopped);
                let _ = heap.error(class_id::RUNTIME_ERROR, "generator raised StopIteration");
                self.realise_error()?;
                let heap = &*self.heap;
                if let Some(error) =
                    heap.root(Root::Exception).filter(|error| heap.is_instance(*error, class_id::RUNTIME_ERROR))
                {
                    heap.set_flags(error, 1);
                    heap.set_word(error, 3, heap.arena.stack_load(kept.0));
                }
                self.pop_temp(kept);
                if link.caller == 0 {
                    return Err(Raised);
                }
            }
            Kind::Import => {
                let name = heap.get(Slot(frame.fp + 1));
                if let Some(modules) = heap.root(Root::Modules) {
                    let _ = heap.table_remove(modules, name);
                    heap.cause.set(Cause::Exception);
                }
            }
            _ => {}
        }
        Ok(None)
    }

    // ---- returns and jumps

    /// Returns `value` from the running frame: through its waiting handlers first. True if one was entered.
    pub(crate) fn unwind_return(&mut self, frame: &Frame, at: u32, value: u32) -> bool {
        let heap = &*self.heap;
        let at = at - frame.descriptor.code;
        while let Some((number, mut block)) = heap.top_block(frame) {
            if block.kind == BlockKind::Except || at >= block.handler {
                heap.pop_block(frame);
                continue;
            }
            block.returning = true;
            heap.set_block(frame, number, block, value);
            heap.arena.set_sp(frame.operands() - block.depth);
            heap.push_word(UNWIND);
            heap.save_ip(frame, frame.descriptor.code + block.handler);
            return true;
        }
        false
    }

    /// Jumps to `target` (an offset in the file) leaving `count` blocks (bit 7: and an iterator), through their
    /// handlers.
    pub(crate) fn unwind_jump(&mut self, frame: &Frame, at: u32, target: u32, count: u8) {
        let heap = &*self.heap;
        let code = frame.descriptor.code;
        let mut left = count & 0x7f;
        while left > 0
            && let Some((number, block)) = heap.top_block(frame)
        {
            left -= 1;
            if block.kind != BlockKind::Except && at - code < block.handler {
                let pending = flash_word(0, (target - code) << 6 | u32::from(left)) | u32::from(count >> 7) << 4;
                heap.set_block(frame, number, block, pending);
                heap.arena.set_sp(frame.operands() - block.depth);
                heap.push_word(UNWIND);
                heap.save_ip(frame, code + block.handler);
                return;
            }
            if block.kind != BlockKind::Except {
                // An active handler is left: the operand with which it was entered goes.
                heap.drop_operands(1);
            }
            heap.pop_block(frame);
        }
        if count & 0x80 != 0 {
            heap.drop_operands(4);
        }
        heap.save_ip(frame, target);
    }

    /// `END_FINALLY`: closes the block. Its operand None goes on, an exception is raised again, and the marker does
    /// what the block has pending. `Ok(Some)` is the value of a pending return, whose unwinding goes on from `at`.
    pub(crate) fn end_finally(&mut self, frame: &Frame, at: u32) -> Result<Option<u32>, Raised> {
        let heap = &*self.heap;
        let Some((number, block)) = heap.top_block(frame) else { return Ok(None) };
        let (operand, payload) = (heap.peek(0), heap.payload(frame, number));
        heap.pop_block(frame);
        heap.drop_operands(1);
        if heap.is(operand, Tag::Exception) {
            heap.set_root(Root::Exception, Some(operand));
            heap.cause.set(Cause::Exception);
            return Err(Raised);
        }
        if operand.word() != UNWIND {
            return Ok(None);
        }
        if block.returning {
            return Ok(Some(payload));
        }
        if let Some((again, pending)) = flash_of(payload) {
            let target = frame.descriptor.code + (pending >> 6);
            self.unwind_jump(frame, at, target, (pending & 0x3f) as u8 | again << 7);
        }
        Ok(None)
    }

    /// Raises the exception that is being handled.
    pub(crate) fn raise_last(&mut self, frame: &Frame) -> Raised {
        let heap = &*self.heap;
        let blocks = heap.link(frame).blocks;
        for number in (0..blocks).rev() {
            let block = heap.block(frame, number);
            let pending = Val::from_word(heap.payload(frame, number));
            if !block.returning
                && let Some(exception) = pending
                && heap.is(exception, Tag::Exception)
            {
                heap.set_root(Root::Exception, Some(exception));
                heap.cause.set(Cause::Exception);
                return Raised;
            }
        }
        heap.error(class_id::RUNTIME_ERROR, "No active exception to reraise")
    }

    /// Raises an object that a program gave: an exception, or an exception class to be called without arguments.
    pub(crate) fn raise_object(&mut self, object: Slot) -> Raised {
        let value = self.heap.get(object);
        if self.heap.is(value, Tag::Exception) {
            self.heap.set_root(Root::Exception, Some(value));
            self.heap.cause.set(Cause::Exception);
            return Raised;
        }
        if self.heap.is_class(value) && self.heap.is_subclass(self.heap.class_id(value), class_id::BASE_EXCEPTION) {
            let made = self.temp().and_then(|out| {
                self.call(object, &[], out)?;
                Ok(out)
            });
            let Ok(out) = made else { return Raised };
            let exception = self.heap.get(out);
            if self.heap.is(exception, Tag::Exception) {
                self.heap.set_root(Root::Exception, Some(exception));
                self.heap.cause.set(Cause::Exception);
                return Raised;
            }
        }
        self.heap.type_error("exceptions must derive from BaseException")
    }
}

impl Heap {
    /// Remembers the exception that a block was handling as the context of the new one.
    fn chain(&self, frame: &Frame, number: u32) {
        let heap = self;
        let block = heap.block(frame, number);
        let handled = heap.payload(frame, number);
        let Some(exception) = heap.root(Root::Exception) else { return };
        if block.returning || handled == NULL || handled == exception.word() || !is_ref(handled) {
            return;
        }
        if heap.field(exception, 3).is_none()
            && let Some(handled) = Val::from_word(handled)
            && heap.is(handled, Tag::Exception)
            && !heap.is_in_chain(handled, exception)
        {
            heap.set_field(exception, 3, handled);
        }
    }

    /// True if `wanted` is `exception` or among its causes.
    fn is_in_chain(&self, exception: Val<'_>, wanted: Val<'_>) -> bool {
        let mut current = Some(exception);
        for _ in 0..64 {
            match current {
                Some(link) if link == wanted => return true,
                Some(link) if self.is(link, Tag::Exception) => current = self.field(link, 3),
                _ => return false,
            }
        }
        true
    }
}
