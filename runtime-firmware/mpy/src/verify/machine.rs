//! The state in hand, the leaders' records, and the worklist.

use super::sweep::{KINDS_PER_WORD, Layout, RECORD_HEAD, Sweep};
use super::{Check, EFFORT_MAX, Facts, VerifyError, VerifyErrorKind};
use crate::instruction::Instruction;
use crate::opcode::Opcode;
use crate::reader::FunctionView;

/// What an operand is. `Value` must be 0: a fresh word of kinds holds values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(super) enum Kind {
    /// An object.
    Value = 0,
    /// An object or NULL.
    Maybe = 1,
    /// NULL.
    Null = 2,
    /// The four words of an iterator.
    Slot0 = 4,
    Slot1 = 5,
    Slot2 = 6,
    Slot3 = 7,
}

impl Kind {
    pub(super) const ITERATOR: [Kind; 4] = [Kind::Slot0, Kind::Slot1, Kind::Slot2, Kind::Slot3];
    /// An iterator put there by hand, as generator expressions do.
    const HAND_MADE: [Kind; 4] = [Kind::Null, Kind::Value, Kind::Null, Kind::Null];

    fn from_bits(bits: u32) -> Kind {
        match bits & 0xf {
            0 => Kind::Value,
            2 => Kind::Null,
            4 => Kind::Slot0,
            5 => Kind::Slot1,
            6 => Kind::Slot2,
            7 => Kind::Slot3,
            _ => Kind::Maybe,
        }
    }

    pub(super) fn is_slot(self) -> bool {
        self as u32 >= Kind::Slot0 as u32
    }

    /// What is known where two paths meet.
    fn join(self, other: Kind) -> Option<Kind> {
        if self == other {
            Some(self)
        } else if self.is_slot() || other.is_slot() {
            None
        } else {
            Some(Kind::Maybe)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(super) enum BlockKind {
    Except = 0,
    Finally = 1,
    With = 2,
}

/// An open block, in one word: handler 18 bits, depth 11 bits, kind 2 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) handler: u32,
    /// Operands below the one that the handler is entered with.
    pub(super) depth: u32,
}

impl Block {
    fn pack(self) -> u32 {
        self.handler | self.depth << 18 | (self.kind as u32) << 29
    }

    fn unpack(word: u32) -> Block {
        let kind = match word >> 29 {
            0 => BlockKind::Except,
            1 => BlockKind::Finally,
            _ => BlockKind::With,
        };
        Block { kind, handler: word & 0x3ffff, depth: word >> 18 & 0x7ff }
    }

    pub(super) fn is_active(&self, at: u32) -> bool {
        at >= self.handler
    }
}

/// The verifier at work on one function.
pub(super) struct Machine<'c, 's> {
    pub(super) code: &'c [u8],
    scratch: &'s mut [u32],
    layout: Layout,
    /// First free word of the scratch memory.
    free: usize,
    n_locals: u32,
    /// Most operands that there is state for.
    depth_limit: u32,
    block_limit: u32,
    /// Operands of the state in hand.
    pub(super) depth: u32,
    /// Open blocks of the state in hand.
    pub(super) block_count: u32,
    max_depth: u32,
    max_blocks: u32,
    effort: u32,
}

impl<'c, 's> Machine<'c, 's> {
    pub(super) fn new(function: &FunctionView<'c>, sweep: Sweep, scratch: &'s mut [u32]) -> Self {
        let code = function.code_bytes();
        Machine {
            code,
            scratch,
            layout: sweep.layout,
            free: sweep.layout.free(),
            n_locals: sweep.n_locals,
            depth_limit: u32::from(function.prelude.n_state).saturating_sub(sweep.n_locals),
            block_limit: u32::from(function.prelude.n_exc_stack),
            depth: 0,
            block_count: 0,
            max_depth: 0,
            max_blocks: 0,
            effort: (code.len() as u32 + 16).saturating_mul(EFFORT_MAX),
        }
    }

    pub(super) fn facts(&self) -> Facts {
        // Limits on the state and on blocks keep all of these small.
        Facts { n_locals: self.n_locals as u16, max_depth: self.max_depth as u16, max_blocks: self.max_blocks as u8 }
    }

    /// Runs the function until nothing new comes up.
    pub(super) fn run(&mut self) -> Result<(), VerifyError> {
        if self.code.is_empty() {
            return Err(VerifyError { kind: VerifyErrorKind::RunsOff, at: 0 });
        }
        self.flow(0).map_err(|kind| VerifyError { kind, at: 0 })?;
        loop {
            while let Some(at) = self.take_pending() {
                self.run_from(at)?;
            }
            self.run_unwinds()?;
            if !self.has_pending() {
                return Ok(());
            }
        }
    }

    /// Runs straight code from a leader to the next one or to its end.
    fn run_from(&mut self, leader: u32) -> Result<(), VerifyError> {
        let mut at = leader;
        self.load(at).map_err(|kind| VerifyError { kind, at })?;
        loop {
            let refuse = |kind| VerifyError { kind, at };
            let instruction = Instruction::decode(self.code, at).map_err(|error| refuse(error.into()))?;
            self.spend().map_err(refuse)?;
            self.enter_handlers(at).map_err(refuse)?;
            let Some(next) = self.step(&instruction).map_err(refuse)? else { return Ok(()) };
            if next as usize >= self.code.len() {
                return Err(refuse(VerifyErrorKind::RunsOff));
            }
            at = next;
            if self.is_leader(at) {
                return self.flow(at).map_err(|kind| VerifyError { kind, at });
            }
        }
    }

    pub(super) fn spend(&mut self) -> Check {
        self.effort = self.effort.checked_sub(1).ok_or(VerifyErrorKind::TooComplex)?;
        Ok(())
    }

    /// Merges what a waiting block's handler would be entered with, for each of them.
    fn enter_handlers(&mut self, at: u32) -> Check {
        for index in 0..self.block_count {
            let block = self.block(index)?;
            if block.is_active(at) {
                continue;
            }
            if self.depth < block.depth {
                return Err(VerifyErrorKind::BelowBlock);
            }
            if block.depth >= self.depth_limit {
                return Err(VerifyErrorKind::StackOverflow);
            }
            self.max_depth = self.max_depth.max(block.depth + 1);
            self.merge(block.handler, block.depth, block.depth + 1, index + 1)?;
        }
        Ok(())
    }

    /// Merges the state in hand into a leader's record: execution goes there.
    pub(super) fn flow(&mut self, to: u32) -> Check {
        // An iterator made by hand becomes one where `FOR_ITER` meets it.
        if self.code.get(to as usize) == Some(&(Opcode::ForIter as u8)) {
            self.adopt_iterator()?;
        }
        self.merge(to, self.depth, self.depth, self.block_count)
    }

    /// Turns an iterator made by hand, on top of the stack, into the real thing.
    pub(super) fn adopt_iterator(&mut self) -> Check {
        let Some(base) = self.depth.checked_sub(4) else { return Ok(()) };
        for (index, kind) in (base..).zip(Kind::HAND_MADE) {
            if self.kind(index)? != kind {
                return Ok(());
            }
        }
        for (index, kind) in (base..).zip(Kind::ITERATOR) {
            self.set_kind(index, kind)?;
        }
        Ok(())
    }

    // The state in hand.

    fn word(&self, index: usize) -> Check<u32> {
        self.scratch.get(index).copied().ok_or_else(|| self.too_small())
    }

    fn set_word(&mut self, index: usize, word: u32) -> Check {
        let error = self.too_small();
        *self.scratch.get_mut(index).ok_or(error)? = word;
        Ok(())
    }

    fn too_small(&self) -> VerifyErrorKind {
        VerifyErrorKind::ScratchTooSmall(u32::try_from(self.layout.words()).unwrap_or(u32::MAX))
    }

    /// The kind of the operand that has so many below it.
    pub(super) fn kind(&self, index: u32) -> Check<Kind> {
        let word = self.word(self.layout.kinds() + index as usize / KINDS_PER_WORD)?;
        Ok(Kind::from_bits(word >> (4 * (index % KINDS_PER_WORD as u32))))
    }

    pub(super) fn set_kind(&mut self, index: u32, kind: Kind) -> Check {
        let at = self.layout.kinds() + index as usize / KINDS_PER_WORD;
        let shift = 4 * (index % KINDS_PER_WORD as u32);
        let word = self.word(at)? & !(0xf << shift) | (kind as u32) << shift;
        self.set_word(at, word)
    }

    pub(super) fn push(&mut self, kind: Kind) -> Check {
        if self.depth >= self.depth_limit {
            return Err(VerifyErrorKind::StackOverflow);
        }
        self.set_kind(self.depth, kind)?;
        self.depth += 1;
        self.max_depth = self.max_depth.max(self.depth);
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Check<Kind> {
        self.depth = self.depth.checked_sub(1).ok_or(VerifyErrorKind::StackUnderflow)?;
        self.kind(self.depth)
    }

    pub(super) fn block(&self, index: u32) -> Check<Block> {
        self.word(self.layout.blocks() + index as usize).map(Block::unpack)
    }

    pub(super) fn top_block(&self) -> Check<Option<Block>> {
        self.block_count.checked_sub(1).map(|top| self.block(top)).transpose()
    }

    pub(super) fn push_block(&mut self, kind: BlockKind, handler: u32) -> Check {
        if self.block_count >= self.block_limit {
            return Err(VerifyErrorKind::BlockOverflow);
        }
        let block = Block { kind, handler, depth: self.depth };
        self.set_word(self.layout.blocks() + self.block_count as usize, block.pack())?;
        self.block_count += 1;
        self.max_blocks = self.max_blocks.max(self.block_count);
        Ok(())
    }

    // Leaders and their records: depth and blocks, end of the handler, kinds, blocks.

    fn is_leader(&self, at: u32) -> bool {
        self.word(self.layout.leader_map() + at as usize / 32).is_ok_and(|word| word >> (at % 32) & 1 != 0)
    }

    /// Where the place of a leader's record is kept.
    fn record_slot(&self, leader: u32) -> Check<usize> {
        let word = leader as usize / 32;
        let below = self.word(self.layout.leader_map() + word)? & ((1 << (leader % 32)) - 1);
        let rank = self.word(self.layout.ranks() + word)? + below.count_ones();
        Ok(self.layout.records() + rank as usize)
    }

    fn record(&self, leader: u32) -> Check<Option<usize>> {
        let at = self.word(self.record_slot(leader)?)?;
        Ok(if at == 0 { None } else { Some(at as usize) })
    }

    /// Takes a leader's state in hand. A leader that was never reached has the empty state.
    pub(super) fn load(&mut self, leader: u32) -> Check<bool> {
        let Some(record) = self.record(leader)? else { return Ok(false) };
        let head = self.word(record)?;
        (self.depth, self.block_count) = (head & 0xffff, head >> 16);
        let kind_words = (self.depth as usize).div_ceil(KINDS_PER_WORD);
        let blocks = record + RECORD_HEAD + kind_words;
        for word in 0..kind_words {
            self.set_word(self.layout.kinds() + word, self.word(record + RECORD_HEAD + word)?)?;
        }
        for index in 0..self.block_count as usize {
            self.set_word(self.layout.blocks() + index, self.word(blocks + index)?)?;
        }
        Ok(true)
    }

    /// Merges a state into a leader's record: `known` operands and `blocks` blocks of the state in hand, and values on
    /// top of these up to `depth`.
    fn merge(&mut self, leader: u32, known: u32, depth: u32, blocks: u32) -> Check {
        let kind_words = (depth as usize).div_ceil(KINDS_PER_WORD);
        let head = depth | blocks << 16;
        let known_word = |machine: &Self, word: usize| -> Check<u32> {
            let kinds = (known as usize).saturating_sub(word * KINDS_PER_WORD).min(KINDS_PER_WORD);
            let mask = if kinds == KINDS_PER_WORD { u32::MAX } else { (1 << (4 * kinds)) - 1 };
            Ok(machine.word(machine.layout.kinds() + word)? & mask)
        };
        let Some(record) = self.record(leader)? else {
            let record = self.free;
            let blocks_at = record + RECORD_HEAD + kind_words;
            self.free = blocks_at + blocks as usize;
            self.set_word(self.record_slot(leader)?, record as u32)?;
            self.set_word(record, head)?;
            self.set_word(record + 1, 0)?;
            for word in 0..kind_words {
                self.set_word(record + RECORD_HEAD + word, known_word(self, word)?)?;
            }
            for index in 0..blocks as usize {
                self.set_word(blocks_at + index, self.word(self.layout.blocks() + index)?)?;
            }
            return self.set_pending(leader);
        };
        let old = self.word(record)?;
        if old & 0xffff != depth {
            return Err(VerifyErrorKind::DepthMismatch);
        }
        if old >> 16 != blocks {
            return Err(VerifyErrorKind::BlockMismatch);
        }
        let blocks_at = record + RECORD_HEAD + kind_words;
        for index in 0..blocks as usize {
            if self.word(blocks_at + index)? != self.word(self.layout.blocks() + index)? {
                return Err(VerifyErrorKind::BlockMismatch);
            }
        }
        for word in 0..kind_words {
            let at = record + RECORD_HEAD + word;
            let (old, new) = (self.word(at)?, known_word(self, word)?);
            let joined = if old == new { old } else { join(old, new)? };
            if joined != old {
                self.set_word(at, joined)?;
                self.set_pending(leader)?;
            }
        }
        Ok(())
    }

    /// Notes where a handler ends.
    pub(super) fn set_end(&mut self, handler: u32, end: u32) -> Check {
        // A handler that nothing can enter has no record and needs no end.
        let Some(record) = self.record(handler)? else { return Ok(()) };
        match self.word(record + 1)? {
            0 => self.set_word(record + 1, end + 1),
            old if old == end + 1 => Ok(()),
            _ => Err(VerifyErrorKind::TwoEnds),
        }
    }

    /// Where a handler ends; `None` when its end was not reached.
    pub(super) fn end(&self, handler: u32) -> Check<Option<u32>> {
        let Some(record) = self.record(handler)? else { return Ok(None) };
        Ok(self.word(record + 1)?.checked_sub(1))
    }

    // The worklist.

    fn set_pending(&mut self, leader: u32) -> Check {
        let at = Layout::PENDING + leader as usize / 32;
        let word = self.word(at)? | 1 << (leader % 32);
        self.set_word(at, word)
    }

    fn pending(&self) -> &[u32] {
        self.scratch.get(Layout::PENDING..self.layout.map_words).unwrap_or_default()
    }

    fn has_pending(&self) -> bool {
        self.pending().iter().any(|&word| word != 0)
    }

    fn take_pending(&mut self) -> Option<u32> {
        let at = self.pending().iter().position(|&word| word != 0)?;
        let word = self.scratch.get_mut(Layout::PENDING + at)?;
        let bit = word.trailing_zeros();
        *word &= *word - 1;
        Some(at as u32 * 32 + bit)
    }

    /// The first `UNWIND_JUMP` at or after a place.
    pub(super) fn next_unwind(&self, from: u32) -> Option<u32> {
        (from..self.code.len() as u32)
            .find(|&at| self.is_leader(at) && self.code.get(at as usize) == Some(&(Opcode::UnwindJump as u8)))
    }
}

/// Joins eight kinds.
fn join(old: u32, new: u32) -> Check<u32> {
    let mut joined = 0;
    for shift in (0..32).step_by(4) {
        let kind = Kind::from_bits(old >> shift).join(Kind::from_bits(new >> shift));
        joined |= (kind.ok_or(VerifyErrorKind::KindMismatch)? as u32) << shift;
    }
    Ok(joined)
}
