//! The first look at a function: every instruction decodes, every number is in range, every jump leads to an
//! instruction; and the leaders are marked, which fixes how the scratch memory is laid out.

use super::{Check, Limits, VerifyError, VerifyErrorKind};
use crate::instruction::{Argument, Instruction};
use crate::opcode::Opcode;
use crate::reader::{Children, FunctionView};
use crate::scope;

/// Words before a record's kinds.
pub(super) const RECORD_HEAD: usize = 2;
/// Kinds in a word.
pub(super) const KINDS_PER_WORD: usize = 8;

/// How often closures may be made out of the order of their functions.
const RETURNS_MAX: u32 = 1000;

/// Where things are in the scratch memory. One bit per byte of code for each map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Words of one map.
    pub(super) map_words: usize,
    /// How many leaders there are (or may be).
    pub(super) leaders: usize,
    /// Words for the kinds of the deepest stack.
    kind_words: usize,
    /// Words for the open blocks: one each.
    block_words: usize,
}

impl Layout {
    /// Map of instructions waiting to be looked at; during the sweep, of all instructions.
    pub(super) const PENDING: usize = 0;

    fn new(function: &FunctionView<'_>, leaders: usize) -> Layout {
        Layout {
            map_words: function.code_bytes().len().div_ceil(32),
            leaders,
            kind_words: usize::from(function.prelude.n_state).div_ceil(KINDS_PER_WORD),
            block_words: usize::from(function.prelude.n_exc_stack),
        }
    }

    /// One that is large enough, without a map to count leaders in.
    pub(super) fn enough(function: &FunctionView<'_>) -> Layout {
        let code = function.code_bytes();
        let (mut leaders, mut at) = (1, 0);
        while let Ok(instruction) = Instruction::decode(code, at) {
            leaders += usize::from(instruction.target().is_some()) + usize::from(is_leader(instruction.opcode));
            at = instruction.next;
        }
        Layout::new(function, leaders)
    }

    /// Map of leaders.
    pub(super) fn leader_map(&self) -> usize {
        self.map_words
    }

    /// How many leaders are before each word of the map.
    pub(super) fn ranks(&self) -> usize {
        2 * self.map_words
    }

    /// Where each leader's record is; 0 before its first visit.
    pub(super) fn records(&self) -> usize {
        3 * self.map_words
    }

    /// Kinds of the state in hand.
    pub(super) fn kinds(&self) -> usize {
        self.records() + self.leaders
    }

    /// Blocks of the state in hand.
    pub(super) fn blocks(&self) -> usize {
        self.kinds() + self.kind_words
    }

    /// The first record.
    pub(super) fn free(&self) -> usize {
        self.blocks() + self.block_words
    }

    /// Words that are enough.
    pub(super) fn words(&self) -> usize {
        self.free() + self.leaders * (RECORD_HEAD + self.kind_words + self.block_words)
    }
}

/// Instructions whose state is needed when an unwind is run.
fn is_leader(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::EndFinally | Opcode::UnwindJump)
}

/// What the sweep found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    pub(super) layout: Layout,
    pub(super) n_locals: u32,
}

impl Sweep {
    pub(super) fn run(
        limits: Limits,
        function: &FunctionView<'_>,
        n_locals: u32,
        scratch: &mut [u32],
    ) -> Result<Sweep, VerifyError> {
        let code = function.code_bytes();
        let mut layout = Layout::new(function, 0);
        let too_small = || {
            let words = Layout::enough(function).words();
            VerifyErrorKind::ScratchTooSmall(u32::try_from(words).unwrap_or(u32::MAX))
        };
        let Some(maps) = scratch.get_mut(..layout.records()) else {
            return Err(VerifyError { kind: too_small(), at: 0 });
        };
        maps.fill(0);
        let (starts, rest) = maps.split_at_mut(layout.map_words);
        let (leaders, ranks) = rest.split_at_mut(layout.map_words);

        let mut n_locals = n_locals;
        let mut arguments = ClosureArguments::new(function);
        let mut at = 0;
        while (at as usize) < code.len() {
            let refuse = |kind| VerifyError { kind, at };
            let instruction = Instruction::decode(code, at).map_err(|error| refuse(error.into()))?;
            n_locals = n_locals.max(numbers(limits, function, &mut arguments, &instruction).map_err(refuse)?);
            set(starts, at);
            if is_leader(instruction.opcode) {
                set(leaders, at);
            }
            if let Some(target) = instruction.target() {
                set(leaders, target);
            }
            at = instruction.next;
        }
        set(leaders, 0);

        for (word, (leaders, starts)) in leaders.iter().zip(starts.iter()).enumerate() {
            if leaders & !starts != 0 && !code.is_empty() {
                let at = word as u32 * 32 + (leaders & !starts).trailing_zeros();
                return Err(VerifyError { kind: VerifyErrorKind::JumpInside, at });
            }
        }
        for (rank, leaders) in ranks.iter_mut().zip(leaders.iter()) {
            *rank = layout.leaders as u32;
            layout.leaders += leaders.count_ones() as usize;
        }
        starts.fill(0);
        match scratch.get_mut(layout.records()..layout.free()) {
            Some(rest) => rest.fill(0),
            None => return Err(VerifyError { kind: too_small(), at: 0 }),
        }
        Ok(Sweep { layout, n_locals })
    }
}

fn set(map: &mut [u32], at: u32) {
    if let Some(word) = map.get_mut(at as usize / 32) {
        *word |= 1 << (at % 32);
    }
}

/// How many positional arguments each child has. Compilers number children in the order in which they are made, so going
/// through the children once does; going back to the first is limited, since each time takes as long as there are
/// functions.
struct ClosureArguments<'f, 'a> {
    function: &'f FunctionView<'a>,
    children: Children<'a>,
    /// Number of the next child to come, and what is known of the one before.
    next: u32,
    last: u16,
    returns: u32,
}

impl<'f, 'a> ClosureArguments<'f, 'a> {
    fn new(function: &'f FunctionView<'a>) -> Self {
        ClosureArguments { function, children: function.children(), next: 0, last: 0, returns: 0 }
    }

    fn of(&mut self, child: u32) -> Check<u16> {
        if child + 1 < self.next {
            self.returns += 1;
            if self.returns > RETURNS_MAX {
                return Err(VerifyErrorKind::TooComplex);
            }
            (self.children, self.next) = (self.function.children(), 0);
        }
        while self.next <= child {
            self.last = self.children.next().ok_or(VerifyErrorKind::ChildIndex)?.prelude.n_pos_args;
            self.next += 1;
        }
        Ok(self.last)
    }
}

/// Checks the numbers of one instruction; gives how many locals it needs.
fn numbers(
    limits: Limits,
    function: &FunctionView<'_>,
    arguments: &mut ClosureArguments<'_, '_>,
    instruction: &Instruction,
) -> Check<u32> {
    let refuse = |wrong: bool, kind| if wrong { Err(kind) } else { Ok(()) };
    match instruction.argument {
        Argument::Qstr(n) => refuse(n >= u32::from(limits.qstrs), VerifyErrorKind::QstrIndex)?,
        Argument::Constant(n) => refuse(n >= u32::from(limits.constants), VerifyErrorKind::ConstantIndex)?,
        Argument::Int(value) => {
            let bits = u32::from(limits.small_int_bits).clamp(1, 64);
            let spare = 64 - bits;
            refuse(value << spare >> spare != value, VerifyErrorKind::SmallInt)?;
        }
        Argument::Local(n) => {
            refuse(n >= u32::from(function.prelude.n_state), VerifyErrorKind::LocalIndex)?;
            return Ok(n + 1);
        }
        Argument::Child(n) => refuse(n >= u32::from(function.child_count), VerifyErrorKind::ChildIndex)?,
        Argument::Closure { child, cells } => {
            refuse(child >= u32::from(function.child_count), VerifyErrorKind::ChildIndex)?;
            refuse(cells > u32::from(arguments.of(child)?), VerifyErrorKind::CellCount)?;
        }
        Argument::Count(n) if instruction.opcode == Opcode::BuildMap => {
            // Each entry takes code, so a larger number can only be there to exhaust memory.
            refuse(n as usize > function.code_bytes().len(), VerifyErrorKind::BadOperand)?;
        }
        _ => (),
    }
    let yields = matches!(instruction.opcode, Opcode::YieldValue | Opcode::YieldFrom);
    refuse(yields && function.prelude.scope_flags & scope::GENERATOR == 0, VerifyErrorKind::Yield)?;
    Ok(0)
}
