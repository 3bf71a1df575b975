//! What each instruction does to the state in hand.

use super::machine::{BlockKind, Kind, Machine};
use super::{Check, VerifyErrorKind};
use crate::instruction::{Argument, Instruction};
use crate::opcode::{Flow, Opcode};

impl Machine<'_, '_> {
    /// Runs one instruction; gives the next one, or `None` when execution does not go on there.
    pub(super) fn step(&mut self, instruction: &Instruction) -> Check<Option<u32>> {
        let opcode = instruction.opcode;
        let (pops, pushes) = instruction.effect();
        self.leave_to_handlers(instruction, pops)?;
        match (opcode, instruction.argument) {
            (Opcode::LoadNull, _) => self.push(Kind::Null)?,
            (Opcode::PopTop, _) => {
                self.pop()?;
            }
            (Opcode::DupTop, _) => {
                let top = self.pop_movable()?;
                self.push_all([top, top])?;
            }
            (Opcode::DupTopTwo, _) => {
                let (b, a) = (self.pop_movable()?, self.pop_movable()?);
                self.push_all([a, b, a, b])?;
            }
            (Opcode::RotTwo, _) => self.swap()?,
            (Opcode::RotThree, _) => return self.rotate_three(instruction).map(Some),

            (Opcode::LoadMethod | Opcode::LoadSuperMethod, _) => {
                self.pop_values(pops)?;
                self.push_all([Kind::Value, Kind::Maybe])?;
            }
            (_, Argument::Call { positional, keywords }) => self.call(opcode, positional, keywords)?,
            (Opcode::MakeFunctionDefargs, _) => {
                self.pop_maybes(2)?;
                self.push(Kind::Value)?;
            }
            (Opcode::MakeClosureDefargs, Argument::Closure { cells, .. }) => {
                self.pop_values(cells)?;
                self.pop_maybes(2)?;
                self.push(Kind::Value)?;
            }
            (Opcode::StoreAttr | Opcode::StoreSubscr, _) => {
                self.pop_values(pops - 1)?;
                self.pop_maybes(1)?;
            }
            (Opcode::StoreComp, Argument::Collection { index, .. }) => {
                // The collection's place counts the items to be stored, which are above it.
                let place = self.depth.checked_sub(1).and_then(|top| top.checked_sub(index));
                self.pop_values(pops)?;
                match place {
                    Some(place) if place < self.depth => self.need_value(place)?,
                    _ => return Err(VerifyErrorKind::StackUnderflow),
                }
            }

            (Opcode::GetIterStack, _) => {
                self.pop_values(1)?;
                self.push_all(Kind::ITERATOR)?;
            }
            (Opcode::ForIter, Argument::Target(target)) => {
                self.adopt_iterator()?;
                self.pop_iterator()?;
                self.flow(target)?;
                self.push_all(Kind::ITERATOR)?;
                self.push(Kind::Value)?;
            }
            (Opcode::JumpIfTrueOrPop | Opcode::JumpIfFalseOrPop, Argument::Target(target)) => {
                self.pop_values(1)?;
                self.push(Kind::Value)?;
                self.flow(target)?;
                self.pop_values(1)?;
            }

            (Opcode::SetupExcept, Argument::Target(handler)) => self.push_block(BlockKind::Except, handler)?,
            (Opcode::SetupFinally, Argument::Target(handler)) => self.push_block(BlockKind::Finally, handler)?,
            (Opcode::SetupWith, Argument::Target(handler)) => {
                self.pop_values(1)?;
                self.push_all([Kind::Value, Kind::Maybe])?;
                self.push_block(BlockKind::With, handler)?;
                self.push(Kind::Value)?;
            }
            (Opcode::PopExceptJump, Argument::Target(target)) => {
                match self.top_block()? {
                    Some(block) if block.kind == BlockKind::Except => self.block_count -= 1,
                    _ => return Err(VerifyErrorKind::NoBlock),
                }
                self.flow(target)?;
                return Ok(None);
            }
            (Opcode::WithCleanup, _) => self.with_cleanup(instruction.at)?,
            (Opcode::EndFinally, _) => self.end_finally(instruction.at)?,
            (Opcode::UnwindJump, Argument::Unwind { blocks, .. }) => {
                // Where it leads is found when the rest is settled.
                if blocks == 0 || blocks > self.block_count {
                    return Err(VerifyErrorKind::UnwindCount);
                }
                return Ok(None);
            }

            // All others take values and leave values.
            _ => {
                self.pop_values(pops)?;
                for _ in 0..pushes {
                    self.push(Kind::Value)?;
                }
                if let Some(target) = instruction.target() {
                    self.flow(target)?;
                }
            }
        }
        Ok(match opcode.info().flow {
            Flow::End | Flow::Jump => None,
            _ => Some(instruction.next),
        })
    }

    /// An instruction may not take operands that the handler of a waiting block needs, since it may raise, or call
    /// something that uses their place. The few that only move operands can do neither; what they leave is merged into
    /// the handler with the next instruction. `FOR_ITER` takes its iterator only when it neither raises nor calls.
    fn leave_to_handlers(&self, instruction: &Instruction, pops: u32) -> Check {
        if matches!(
            instruction.opcode,
            Opcode::DupTop | Opcode::DupTopTwo | Opcode::RotTwo | Opcode::RotThree | Opcode::ForIter
        ) {
            return Ok(());
        }
        let left = self.depth.checked_sub(pops).ok_or(VerifyErrorKind::StackUnderflow)?;
        for index in 0..self.block_count {
            let block = self.block(index)?;
            if !block.is_active(instruction.at) && left < block.depth {
                return Err(VerifyErrorKind::BelowBlock);
            }
        }
        Ok(())
    }

    fn need_value(&self, index: u32) -> Check {
        if self.kind(index)? == Kind::Value { Ok(()) } else { Err(VerifyErrorKind::OperandKind) }
    }

    pub(super) fn pop_values(&mut self, count: u32) -> Check {
        for _ in 0..count {
            if self.pop()? != Kind::Value {
                return Err(VerifyErrorKind::OperandKind);
            }
        }
        Ok(())
    }

    fn pop_maybes(&mut self, count: u32) -> Check {
        for _ in 0..count {
            self.pop_movable()?;
        }
        Ok(())
    }

    /// Pops what may be moved: anything but a word of an iterator.
    fn pop_movable(&mut self) -> Check<Kind> {
        let kind = self.pop()?;
        if kind.is_slot() { Err(VerifyErrorKind::OperandKind) } else { Ok(kind) }
    }

    pub(super) fn pop_iterator(&mut self) -> Check {
        for kind in Kind::ITERATOR.into_iter().rev() {
            if self.pop()? != kind {
                return Err(VerifyErrorKind::Iterator);
            }
        }
        Ok(())
    }

    fn push_all<const N: usize>(&mut self, kinds: [Kind; N]) -> Check {
        kinds.into_iter().try_for_each(|kind| self.push(kind))
    }

    fn swap(&mut self) -> Check {
        let (b, a) = (self.pop_movable()?, self.pop_movable()?);
        self.push_all([b, a])
    }

    /// `ROT_THREE`, or the swap of an `async with` handler (see the head of [`super`]); gives the next instruction.
    fn rotate_three(&mut self, instruction: &Instruction) -> Check<u32> {
        let is_pair = self.code.get(instruction.next as usize) == Some(&(Opcode::RotThree as u8));
        let is_swap = is_pair
            && self.top_block()?.is_some_and(|block| {
                block.kind == BlockKind::Finally && block.is_active(instruction.at) && self.depth == block.depth + 1
            });
        if is_swap {
            self.swap()?;
            return Ok(instruction.next + 1);
        }
        let (c, b, a) = (self.pop_movable()?, self.pop_movable()?, self.pop_movable()?);
        self.push_all([c, a, b])?;
        Ok(instruction.next)
    }

    fn call(&mut self, opcode: Opcode, positional: u32, keywords: u32) -> Check {
        let starred = matches!(opcode, Opcode::CallFunctionVarKw | Opcode::CallMethodVarKw);
        let method = matches!(opcode, Opcode::CallMethod | Opcode::CallMethodVarKw);
        if starred {
            self.pop_values(1)?;
        }
        for _ in 0..keywords {
            self.pop_values(1)?;
            if starred { self.pop_maybes(1)? } else { self.pop_values(1)? }
        }
        self.pop_values(positional)?;
        if method {
            self.pop_maybes(1)?;
        }
        self.pop_values(1)?;
        self.push(Kind::Value)
    }

    fn with_cleanup(&mut self, at: u32) -> Check {
        let block = self.top_block()?.filter(|block| block.kind == BlockKind::With).ok_or(VerifyErrorKind::NoBlock)?;
        if !block.is_active(at) {
            return Err(VerifyErrorKind::NotInHandler);
        }
        if self.depth != block.depth + 1 {
            return Err(VerifyErrorKind::HandlerDepth);
        }
        self.pop_values(1)?;
        self.pop_maybes(1)?;
        self.pop_values(1)?;
        self.push(Kind::Value)
    }

    fn end_finally(&mut self, at: u32) -> Check {
        let block = self.top_block()?.ok_or(VerifyErrorKind::NoBlock)?;
        if !block.is_active(at) {
            return Err(VerifyErrorKind::NotInHandler);
        }
        self.pop_values(1)?;
        let left = self.depth;
        let fits = match block.kind {
            BlockKind::Except => left == block.depth,
            BlockKind::Finally => left == block.depth || left + 1 == block.depth,
            BlockKind::With => left + 2 == block.depth,
        };
        if !fits {
            return Err(VerifyErrorKind::HandlerDepth);
        }
        if block.kind != BlockKind::Except {
            self.set_end(block.handler, at)?;
        }
        self.block_count -= 1;
        Ok(())
    }
}
