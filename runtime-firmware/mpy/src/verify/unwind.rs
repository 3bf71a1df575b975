//! Where `UNWIND_JUMP` leads: through the handlers of the blocks it leaves.

use super::machine::{BlockKind, Machine};
use super::{Check, VerifyError, VerifyErrorKind};
use crate::instruction::{Argument, Instruction};

impl Machine<'_, '_> {
    /// Runs every `UNWIND_JUMP` that can be reached, as far as the ends of handlers are known.
    pub(super) fn run_unwinds(&mut self) -> Result<(), VerifyError> {
        let mut from = 0;
        while let Some(at) = self.next_unwind(from) {
            self.run_unwind(at).map_err(|kind| VerifyError { kind, at })?;
            from = at + 1;
        }
        Ok(())
    }

    fn run_unwind(&mut self, unwind: u32) -> Check {
        let instruction = Instruction::decode(self.code, unwind)?;
        let Argument::Unwind { target, blocks, pop_iterator } = instruction.argument else { return Ok(()) };
        if !self.load(unwind)? {
            return Ok(());
        }
        // Blocks are waiting or active as seen from where unwinding goes on.
        let mut at = unwind;
        for _ in 0..blocks {
            self.spend()?;
            let block = self.top_block()?.ok_or(VerifyErrorKind::UnwindCount)?;
            match block.kind {
                BlockKind::Except => (),
                BlockKind::With if block.is_active(at) => return Err(VerifyErrorKind::UnwindCleanup),
                BlockKind::Finally if block.is_active(at) => {
                    if self.depth != block.depth + 1 {
                        return Err(VerifyErrorKind::UnwindDepth);
                    }
                    self.pop_values(1)?;
                }
                BlockKind::Finally | BlockKind::With => {
                    if self.depth != block.depth {
                        return Err(VerifyErrorKind::UnwindDepth);
                    }
                    // A handler whose end is never reached never lets the jump go on.
                    let Some(end) = self.end(block.handler)? else { return Ok(()) };
                    if !self.load(end)? {
                        return Ok(());
                    }
                    self.pop_values(1)?;
                    at = end;
                }
            }
            self.block_count = self.block_count.checked_sub(1).ok_or(VerifyErrorKind::UnwindCount)?;
        }
        if pop_iterator {
            self.pop_iterator()?;
        }
        self.flow(target)
    }
}
