//! The verifier: proof, before any of a function's bytecode runs, that it can be run with unchecked cursors. It is the
//! security boundary: a hostile function must be refused here or be harmless.
//!
//! # What the interpreter may rely on
//!
//! For a function that [`verify_function`] accepts, with the [`Facts`] it gives, on every path that execution can take:
//!
//! 1. *Instructions.* Execution starts at byte 0 of the code and only ever reaches starts of instructions that decode;
//!    it never runs off the end. Unsigned varints have at most 5 bytes and fit in 32 bits; a small int fits in the
//!    file's [`File::small_int_bits`]; `BUILD_SLICE`'s count is one byte, 2 or 3. `BUILD_MAP`'s count is at most the
//!    length of the code. The code has fewer than 2^18 bytes.
//! 2. *Tables.* Every qstr, constant, child and local number is in range: locals below [`Facts::n_locals`]. The names
//!    of the function and of its arguments are in range, and so are its cells. A closure's cells are at most as many as
//!    its child has positional arguments.
//! 3. *Depth.* The number of operands before each instruction is a constant of that instruction, at most
//!    [`Facts::max_depth`], and every instruction finds what it pops. `n_locals + max_depth <= n_state <= 2047`.
//!    `max_depth` counts whole instructions: what the interpreter pushes *within* one (to call `__exit__`, say) it must
//!    account for itself.
//! 4. *Kinds.* An operand is a value, a NULL, or a word of an iterator. NULL reaches only: `POP_TOP`, `DUP_TOP[_TWO]`,
//!    `ROT_TWO|THREE`; the self of `CALL_METHOD[_VAR_KW]` and `WITH_CLEANUP`; a keyword of `CALL_…_VAR_KW`; both
//!    defaults of `MAKE_…_DEFARGS`; the value of `STORE_ATTR` and `STORE_SUBSCR`. So no local, result, yielded or
//!    raised object is ever NULL because of an operand.
//! 5. *Iterators.* The four words under `FOR_ITER` (and under an `UNWIND_JUMP` that pops an iterator) are those of one
//!    `GET_ITER_STACK`, untouched, or were put there as `NULL, value, NULL, NULL` and not touched since; the value is
//!    anything. Nothing but `FOR_ITER`, `POP_TOP` and unwinding sees an iterator's words.
//! 6. *Blocks.* The stack of open blocks before each instruction (kind, handler, depth) is a constant of that
//!    instruction, at most [`Facts::max_blocks`] (63) high. A block is *active* at the instruction that starts at `at`
//!    when `at >= handler` (with only the next instruction's address at hand: when `next > handler`), else it is
//!    waiting. While a block waits, there are at least as many operands as its depth, and those below it are never
//!    popped (but `ROT_TWO|THREE` may move them).
//! 7. *Closing.* `POP_EXCEPT_JUMP` finds an `except` block on top. `END_FINALLY` finds an active block on top and one
//!    operand above what it leaves, which is: the block's depth (`except`, `finally`), the block's depth less 1
//!    (`finally` of an `async with`, whose handler consumes the manager), or less 2 (`with`, after `WITH_CLEANUP`).
//!    `WITH_CLEANUP` finds an active `with` block on top, and exactly three operands, `exit self|NULL state`, above the
//!    depth that `SETUP_WITH` left below them (in hostile code they can be other values).
//! 8. *Unwinding.* `UNWIND_JUMP` leaves at least 1 and at most as many blocks as are open. Going through them from the
//!    top, with the depth at hand: a waiting `finally` or `with` block has exactly that depth, and unwinding goes on
//!    from its `END_FINALLY` (each handler has one) with the depth that this leaves; an active `finally` block has one
//!    operand less, which is dropped; an active `with` block is not left in this way; `except` blocks are just closed.
//!    After the last, the depth and blocks at hand (less the iterator, if it is popped) are those of the target.
//! 9. Only functions with [`crate::scope::GENERATOR`] yield.
//!
//! # What the interpreter owes
//!
//! The proof is about this machine, and holds only for an interpreter that does the same:
//!
//! - *Exactly one* operand is pushed on entering a handler, by whatever way: the exception, or a marker that stands for
//!   a pending return or jump. What is pending (the value, or target and count) is kept with the block, not among the
//!   operands; `SETUP_…` resets it to "nothing". `END_FINALLY` closes the block and then does one of three things, and
//!   the proof holds for each of them whatever the operand is: go on to the next instruction (the operand is None: also
//!   when an `async with` put it there to swallow an exception); raise (an exception); or, for a marker, resume what is
//!   kept with the block, and go on when nothing is. Hostile code can fall into the handler of any block.
//! - An exception at `at`: close active blocks from the top; enter the first waiting one with the operands cut to its
//!   depth, plus one. A return: close active and `except` blocks, enter a waiting `finally` or `with` in the same way.
//! - An instruction that calls or raises leaves its operands in place until it is done, at least below the depth of
//!   every waiting block (the proof: none pops below it).
//! - *The swap.* Handlers of `async with` move the manager over the operand with two `ROT_THREE`, made for two words.
//!   So: a `ROT_THREE` whose next instruction is `ROT_THREE`, in an active `finally` block on top, with a depth of the
//!   block's plus 1, means: swap the top two, and skip the second. This is decided by these conditions alone, never by
//!   what the operands are. (No compiler makes such a pair otherwise: a handler's own expressions start at that depth.)
//! - Types are not proved. A `LOAD_DEREF` may meet a local that is no cell, a call something not callable, `FOR_ITER` a
//!   value that is no iterator, a collecting `STORE_COMP` something that is no list, default arguments no tuple or too
//!   short a one. A marker can be copied and stored like any value.
//!
//! # How
//!
//! Code that cannot be reached must decode, and its numbers must be in range, but it is not run. For the rest, a
//! worklist over the places that jumps lead to ("leaders"): each has a record of the state it is entered with (kinds of
//! operands, open blocks); straight code between is run with one state in hand, which is merged into the record of the
//! leader it meets. Every instruction also merges its state into the handlers of its waiting blocks. `UNWIND_JUMP` is
//! run when all else is settled, since it goes on from `END_FINALLY`s; that may bring new work.

mod machine;
mod step;
mod sweep;
mod unwind;

use machine::Machine;

use crate::instruction::InstructionError;
use crate::reader::{File, FunctionView};
use crate::scope;

/// Most words of state (locals and operands) of a function.
pub const STATE_MAX: u16 = 2047;
/// Most exception blocks that a function may have open.
pub const BLOCKS_MAX: u16 = 63;
/// Most positional arguments, and most keyword-only arguments.
pub const ARGUMENTS_MAX: u16 = 255;
/// Longest code of one function, in bytes.
pub const CODE_LENGTH_MAX: usize = (1 << 18) - 1;
/// How often the verifier will look at each byte of code, on average, before it gives up. Compilers' code needs no more
/// than one.
pub const EFFORT_MAX: u32 = 8;

/// What a function's numbers are checked against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Length of the qstr table.
    pub qstrs: u16,
    /// Length of the constant table.
    pub constants: u16,
    /// Bits of a small int.
    pub small_int_bits: u8,
}

impl Limits {
    /// Those of a file.
    pub fn of(file: &File<'_>) -> Limits {
        Limits { qstrs: file.qstr_count(), constants: file.constant_count(), small_int_bits: file.small_int_bits() }
    }
}

/// What is known about a function that passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Words for locals: one more than the highest that is an argument, a cell, or named by an instruction.
    pub n_locals: u16,
    /// Most operands at once.
    pub max_depth: u16,
    /// Most open blocks at once.
    pub max_blocks: u8,
}

/// Why a function is refused, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// What is wrong.
    pub kind: VerifyErrorKind,
    /// Byte offset in the function's code (0 for what is wrong with its prelude).
    pub at: u32,
}

macro_rules! kinds {
    ($( $(#[doc = $doc:literal])* $name:ident $text:literal )*) => {
        /// What is wrong with a function.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum VerifyErrorKind {
            $( $(#[doc = $doc])* $name, )*
            /// The scratch memory is too small; so many words are enough.
            ScratchTooSmall(u32),
        }

        impl VerifyErrorKind {
            /// One line for people.
            pub const fn text(self) -> &'static str {
                match self {
                    $( VerifyErrorKind::$name => $text, )*
                    VerifyErrorKind::ScratchTooSmall(_) => "not enough memory to verify bytecode",
                }
            }
        }
    };
}

kinds! {
    /// More words of state than [`STATE_MAX`].
    StateTooLarge "bytecode: too many locals"
    /// More blocks than [`BLOCKS_MAX`].
    TooManyBlocks "bytecode: blocks nest too deeply"
    /// More arguments than [`ARGUMENTS_MAX`], or than there is state for, or more defaults than arguments.
    Arguments "bytecode: bad arguments"
    /// The name of the function or of an argument is not in the qstr table.
    NameIndex "bytecode: bad name"
    /// A cell is no local.
    CellIndex "bytecode: bad cell"
    /// More code than [`CODE_LENGTH_MAX`].
    CodeTooLong "bytecode: function too long"
    /// A byte is no opcode.
    UnknownOpcode "bytecode: unknown opcode"
    /// The code ends inside an instruction.
    Truncated "bytecode: instruction cut off"
    /// An operand has no legal value.
    BadOperand "bytecode: bad operand"
    /// A jump leaves the code.
    JumpOutside "bytecode: jump out of the function"
    /// A jump leads into the middle of an instruction.
    JumpInside "bytecode: jump into an instruction"
    /// A local's number is beyond the function's state.
    LocalIndex "bytecode: bad local"
    /// A qstr's number is beyond the table.
    QstrIndex "bytecode: bad qstr"
    /// A constant's number is beyond the table.
    ConstantIndex "bytecode: bad constant"
    /// A child's number is beyond the function's children.
    ChildIndex "bytecode: bad child function"
    /// A closure has more cells than its function has arguments.
    CellCount "bytecode: bad closure"
    /// A small int has more bits than the file's small ints.
    SmallInt "bytecode: bad small int"
    /// A function that is no generator yields.
    Yield "bytecode: yield outside a generator"
    /// Execution can run off the end of the code.
    RunsOff "bytecode: runs off the end"
    /// An instruction pops more operands than there are.
    StackUnderflow "bytecode: stack underflow"
    /// Locals and operands together need more words than the function's state has.
    StackOverflow "bytecode: stack overflow"
    /// A NULL or a word of an iterator where a value is needed.
    OperandKind "bytecode: bad kind of operand"
    /// The operands of `FOR_ITER`, or of a jump that pops an iterator, are no iterator.
    Iterator "bytecode: bad iterator"
    /// Paths with different depths meet.
    DepthMismatch "bytecode: stack depths differ"
    /// Paths with different kinds of operands meet.
    KindMismatch "bytecode: kinds of operands differ"
    /// Paths with different open blocks meet.
    BlockMismatch "bytecode: blocks differ"
    /// More open blocks than the prelude says.
    BlockOverflow "bytecode: too many blocks"
    /// An instruction takes operands that a waiting handler needs.
    BelowBlock "bytecode: operands of a handler taken"
    /// There is no block to close, or it is of the wrong kind.
    NoBlock "bytecode: no block to close"
    /// A block's end outside its handler.
    NotInHandler "bytecode: end of a handler outside it"
    /// The depth at a block's end is not one that the block can have.
    HandlerDepth "bytecode: bad depth at the end of a handler"
    /// A `finally` or `with` handler has two ends.
    TwoEnds "bytecode: handler with two ends"
    /// `UNWIND_JUMP` leaves no block, or more than are open.
    UnwindCount "bytecode: bad unwind count"
    /// The depth at `UNWIND_JUMP` is not that of a block that it leaves.
    UnwindDepth "bytecode: bad depth at an unwind"
    /// `UNWIND_JUMP` leaves a `with` handler that is running.
    UnwindCleanup "bytecode: unwind out of a with handler"
    /// The code is too tangled ([`EFFORT_MAX`]).
    TooComplex "bytecode: too complex to verify"
}

impl core::fmt::Display for VerifyError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{} (at byte {} of the code)", self.kind.text(), self.at)
    }
}

impl core::error::Error for VerifyError {}

impl From<InstructionError> for VerifyErrorKind {
    fn from(error: InstructionError) -> Self {
        match error {
            InstructionError::UnknownOpcode => VerifyErrorKind::UnknownOpcode,
            InstructionError::Truncated => VerifyErrorKind::Truncated,
            InstructionError::BadOperand => VerifyErrorKind::BadOperand,
            InstructionError::JumpOutside => VerifyErrorKind::JumpOutside,
        }
    }
}

/// A check inside the verifier: the place is added where it is known.
type Check<T = ()> = Result<T, VerifyErrorKind>;

/// Words of scratch memory that are enough for this function.
pub fn scratch_words(function: &FunctionView<'_>) -> usize {
    sweep::Layout::enough(function).words()
}

/// Verifies one function (its children are functions of their own). The scratch memory's content does not matter.
///
/// # Errors
/// When the function breaks a rule at the head of this file, or the scratch memory is too small.
pub fn verify_function(limits: Limits, function: &FunctionView<'_>, scratch: &mut [u32]) -> Result<Facts, VerifyError> {
    let n_locals = prelude(limits, function).map_err(|kind| VerifyError { kind, at: 0 })?;
    let sweep = sweep::Sweep::run(limits, function, n_locals, scratch)?;
    let mut machine = Machine::new(function, sweep, scratch);
    machine.run()?;
    Ok(machine.facts())
}

/// Verifies every function of a file, with scratch memory from the heap. Gives the number of functions.
///
/// # Errors
/// The first function that is refused, by its number, and why.
#[cfg(feature = "alloc")]
pub fn verify_file(file: &File<'_>) -> Result<u16, (u16, VerifyError)> {
    let limits = Limits::of(file);
    let mut scratch = alloc::vec::Vec::new();
    for node in file.functions() {
        let words = scratch_words(&node.function);
        if scratch.len() < words {
            scratch.resize(words, 0);
        }
        verify_function(limits, &node.function, &mut scratch).map_err(|error| (node.index, error))?;
    }
    Ok(file.function_count())
}

/// Checks the prelude and the names; gives how many locals these need.
fn prelude(limits: Limits, function: &FunctionView<'_>) -> Check<u32> {
    let prelude = &function.prelude;
    let refuse = |wrong: bool, kind| if wrong { Err(kind) } else { Ok(()) };
    refuse(prelude.n_state > STATE_MAX, VerifyErrorKind::StateTooLarge)?;
    refuse(prelude.n_exc_stack > BLOCKS_MAX, VerifyErrorKind::TooManyBlocks)?;
    refuse(prelude.n_pos_args > ARGUMENTS_MAX, VerifyErrorKind::Arguments)?;
    refuse(prelude.n_kwonly_args > ARGUMENTS_MAX, VerifyErrorKind::Arguments)?;
    refuse(prelude.n_def_pos_args > prelude.n_pos_args, VerifyErrorKind::Arguments)?;
    refuse(function.code_bytes().len() > CODE_LENGTH_MAX, VerifyErrorKind::CodeTooLong)?;

    let starred = (prelude.scope_flags & scope::VAR_ARGUMENTS != 0) as u32
        + (prelude.scope_flags & scope::VAR_KEYWORDS != 0) as u32;
    let mut n_locals = u32::from(prelude.n_pos_args) + u32::from(prelude.n_kwonly_args) + starred;
    refuse(n_locals > u32::from(prelude.n_state), VerifyErrorKind::Arguments)?;
    for name in core::iter::once(function.name).chain(function.arg_names()) {
        refuse(name >= u32::from(limits.qstrs), VerifyErrorKind::NameIndex)?;
    }
    for &cell in function.cell_bytes() {
        refuse(u16::from(cell) >= prelude.n_state, VerifyErrorKind::CellIndex)?;
        n_locals = n_locals.max(u32::from(cell) + 1);
    }
    Ok(n_locals)
}
