//! Conditional jumps and unary operators, natively or by the class's methods.

use crate::call::Begun;
use crate::class_id;
use crate::frame::{Frame, Kind};
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::Vm;
use mpy::{Opcode, UnaryOperator};

impl Vm<'_> {
    pub(super) fn branch(&mut self, frame: &Frame, opcode: Opcode, target: u32) -> Result<(), Raised> {
        let Some(truth) = self.heap.truth(self.heap.peek(0)) else {
            return self.branch_by_method(frame, opcode, target);
        };
        self.take_branch(frame, opcode, truth, target)
    }

    pub(super) fn take_branch(
        &mut self,
        frame: &Frame,
        opcode: Opcode,
        truth: bool,
        target: u32,
    ) -> Result<(), Raised> {
        let heap = &*self.heap;
        let next = heap.saved_ip(frame);
        let (jumps, keeps) = match opcode {
            Opcode::PopJumpIfTrue => (truth, false),
            Opcode::PopJumpIfFalse => (!truth, false),
            Opcode::JumpIfTrueOrPop => (truth, truth),
            _ => (!truth, !truth),
        };
        if !keeps {
            heap.drop_operands(1);
        }
        if jumps {
            if target < next {
                self.poll()?;
            }
            self.heap.save_ip(frame, target);
        }
        Ok(())
    }

    pub(super) fn branch_by_method(&mut self, frame: &Frame, opcode: Opcode, target: u32) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        let truth = self.truth(operand)?;
        self.take_branch(frame, opcode, truth, target)
    }

    pub(super) fn unary(&mut self, operator: UnaryOperator) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        if operator == UnaryOperator::Not {
            let truth = self.truth(operand)?;
            self.heap.poke_word(0, bool_word(!truth));
            return Ok(());
        }
        let done = self.retry(|heap| {
            let value = heap.native_part(heap.get(operand));
            let result = match operator {
                UnaryOperator::Positive => heap.positive(value)?,
                UnaryOperator::Negative => heap.negate(value)?,
                _ => heap.invert(value)?,
            };
            Ok(result.map(Val::word))
        })?;
        let own = match operator {
            UnaryOperator::Positive => names::POS,
            UnaryOperator::Negative => names::NEG,
            _ => names::INVERT,
        };
        if let Some(word) = done
            && !self.heap.is(self.heap.get(operand), Tag::Instance)
        {
            self.heap.poke_word(0, word);
            return Ok(());
        }
        let (function, receiver) = (self.temp()?, self.temp()?);
        if !self.load_special_method(operand, own, function, receiver)? {
            self.heap.arena.set_sp(operand.0);
            if let Some(word) = done {
                self.heap.poke_word(0, word);
                return Ok(());
            }
            let value = self.heap.get(operand);
            let template = match operator {
                UnaryOperator::Positive => "bad operand type for unary +: '{t}'",
                UnaryOperator::Negative => "bad operand type for unary -: '{t}'",
                _ => "bad operand type for unary ~: '{t}'",
            };
            return Err(self.heap.error_about(class_id::TYPE_ERROR, template, value, Val::NONE));
        }
        let (function, receiver) = (self.heap.peek_word(1), self.heap.peek_word(0));
        self.heap.arena.set_sp(operand.0);
        self.heap.poke_word(0, function);
        let count = u16::from(receiver != NULL);
        if receiver != NULL {
            self.heap.push_word(receiver);
        }
        self.finish_begun(operand.0, count)
    }

    /// Begins a call whose result takes the callee's place.
    pub(super) fn finish_begun(&mut self, base: u32, count: u16) -> Result<(), Raised> {
        if let Begun::Value(value) = self.begin_call(base, count, 0, Kind::Value, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base);
            self.heap.poke_word(0, word);
        }
        Ok(())
    }
}
