//! Making functions, and plain calls among the operands.

use crate::call::Begun;
use crate::frame::{Frame, Kind};
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;

impl Vm<'_> {
    pub(super) fn make_function(
        &mut self,
        frame: &Frame,
        child: u32,
        defaults: bool,
        closed: u32,
    ) -> Result<(), Raised> {
        let parent = frame.descriptor.first_child;
        let extra = if defaults { 2 } else { 0 };
        let made = self.retry(|heap| {
            let unit = heap.value(heap.callee(frame), 0);
            let function = heap.alloc(Tag::Function, 2 + extra + closed)?;
            heap.set_field(function, 0, unit);
            heap.set_int_field(function, 1, (parent + child) as i32);
            if defaults {
                heap.set_flags(function, 1);
                // [defaults tuple or NULL][keyword defaults or NULL][cells …]
                let (positional, keyword) = (heap.peek(closed + 1), heap.peek(closed));
                if heap.peek_word(closed + 1) != NULL && heap.is_tuple(positional) {
                    heap.set_field(function, 2, positional);
                }
                if heap.peek_word(closed) != NULL && heap.is_dict(keyword) {
                    heap.set_field(function, 3, keyword);
                }
            }
            for index in 0..closed {
                heap.set_word(function, 2 + extra + index, heap.peek_word(closed - 1 - index));
            }
            Ok(function.word())
        })?;
        self.heap.drop_operands(extra + closed);
        self.heap.push_word(made);
        Ok(())
    }

    /// CALL_FUNCTION and CALL_METHOD.
    pub(super) fn call_operands(&mut self, operand: u32, method: bool) -> Result<(), Raised> {
        let (mut positional, keywords) = ((operand & 0xff) as u16, (operand >> 8 & 0xff) as u16);
        let arguments = u32::from(positional) + 2 * u32::from(keywords);
        let mut base = self.heap.arena.sp() + arguments;
        let mut extra = false;
        if method {
            if self.heap.arena.stack_load(base) == NULL {
                let function = self.heap.arena.stack_load(base + 1);
                self.heap.arena.stack_store(base, function);
                extra = true;
            } else {
                base += 1;
                positional += 1;
            }
        }
        self.begin_operand_call(base, positional, keywords, extra)
    }

    /// Begins a call among the operands: the result takes the place of the callee (and of the word above it).
    pub(crate) fn begin_operand_call(
        &mut self,
        base: u32,
        positional: u16,
        keywords: u16,
        extra: bool,
    ) -> Result<(), Raised> {
        if let Begun::Value(value) = self.begin_call(base, positional, keywords, Kind::Value, extra)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base + u32::from(extra));
            self.heap.poke_word(0, word);
        }
        Ok(())
    }
}
