//! Appends instructions to a function's code and keeps count of its operand stack and exception blocks.

use mpy::{BinaryOperator, Opcode, UnaryOperator};

use crate::code::{Instruction, Label, Name};
use crate::value::Value;

/// Code under construction.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    pub(crate) body: Vec<Instruction>,
    /// Depth that each label is entered with, once a jump to it was seen.
    labels: Vec<Option<u32>>,
    /// Operands on the stack here.
    depth: u32,
    /// Words that an unwinding may add below the operands here: one for each open `finally` handler.
    hidden: u32,
    /// Most words needed anywhere.
    pub(crate) stack_words: u32,
    /// Exception blocks open here.
    pub(crate) blocks: u32,
    /// Most exception blocks open anywhere.
    pub(crate) blocks_most: u32,
    /// False behind a jump, until a label.
    reachable: bool,
    line: u32,
    /// Two ways to a label disagree about the stack: a mistake of ours, or the end of a statement with an error in it.
    pub(crate) inconsistent: bool,
}

impl Builder {
    pub(crate) fn new() -> Builder {
        Builder { reachable: true, ..Builder::default() }
    }

    /// How many labels were made.
    pub(crate) fn label_count(&self) -> u32 {
        u32::try_from(self.labels.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn new_label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.label_count() - 1)
    }

    /// Operands on the stack here.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// What follows belongs to this line.
    pub(crate) fn set_line(&mut self, line: u32) {
        if self.line != line {
            self.line = line;
            self.body.push(Instruction::Line(line));
        }
    }

    /// Asks for so many words above the present operands.
    pub(crate) fn reserve(&mut self, words: u32) {
        self.stack_words = self.stack_words.max(self.depth + self.hidden + words);
    }

    pub(crate) fn push(&mut self, instruction: Instruction) {
        let (pops, pushes) = instruction.effect();
        // Turning operands round may reach words below that only an unwinding puts there.
        self.depth = (self.depth + pushes).saturating_sub(pops);
        self.reserve(0);
        if instruction.ends() {
            self.reachable = false;
        }
        self.body.push(instruction);
    }

    pub(crate) fn plain(&mut self, opcode: Opcode) {
        self.push(Instruction::Plain(opcode));
    }

    pub(crate) fn named(&mut self, opcode: Opcode, name: Name) {
        self.push(Instruction::Named(opcode, name));
    }

    pub(crate) fn counted(&mut self, opcode: Opcode, operand: u32) {
        self.push(Instruction::Counted(opcode, operand));
    }

    pub(crate) fn constant(&mut self, value: Value) {
        self.push(Instruction::Constant(value));
    }

    pub(crate) fn small_int(&mut self, value: i64) {
        self.constant(Value::int(value));
    }

    pub(crate) fn unary(&mut self, operator: UnaryOperator) {
        self.push(Instruction::Unary(operator));
    }

    pub(crate) fn binary(&mut self, operator: BinaryOperator) {
        self.push(Instruction::Binary(operator));
    }

    fn note_depth(&mut self, label: Label, depth: u32) {
        if let Some(slot) = self.labels.get_mut(label.0 as usize) {
            self.inconsistent |= slot.is_some_and(|known| known != depth);
            slot.get_or_insert(depth);
        }
    }

    /// A jump of any kind but [`Builder::unwind`] and the ones that open blocks.
    pub(crate) fn jump(&mut self, opcode: Opcode, target: Label) {
        let before = self.depth;
        self.push(Instruction::Jump(opcode, target));
        let there = match opcode {
            Opcode::JumpIfTrueOrPop | Opcode::JumpIfFalseOrPop => before,
            Opcode::ForIter => before.saturating_sub(mpy::opcode::ITERATOR_WORDS),
            _ => self.depth,
        };
        self.note_depth(target, there);
    }

    /// Leaves blocks, and the iterator of a `for` loop, for a target of the given depth.
    pub(crate) fn unwind(&mut self, target: Label, blocks: u32, iterator: bool, depth: u32) {
        self.note_depth(target, depth);
        if blocks == 0 {
            let words = if iterator { mpy::opcode::ITERATOR_WORDS } else { 0 };
            let before = self.depth;
            for _ in 0..words {
                self.plain(Opcode::PopTop);
            }
            self.push(Instruction::Jump(Opcode::Jump, target));
            self.depth = before;
            return;
        }
        self.reserve(3);
        let blocks = u8::try_from(blocks).unwrap_or(u8::MAX);
        self.push(Instruction::Unwind { target, blocks, iterator });
    }

    /// Places a label; behind a jump the stack is as the label's jumps left it.
    pub(crate) fn place(&mut self, label: Label) {
        let known = self.labels.get(label.0 as usize).copied().flatten();
        if self.reachable {
            self.note_depth(label, self.depth);
        } else if let Some(depth) = known {
            self.depth = depth;
            self.reachable = true;
        }
        self.body.push(Instruction::Label(label));
    }

    /// Opens an exception block with this opcode.
    pub(crate) fn open_block(&mut self, opcode: Opcode, handler: Label) {
        self.push(Instruction::Jump(opcode, handler));
        self.blocks += 1;
        self.blocks_most = self.blocks_most.max(self.blocks);
    }

    /// Starts an exception block's handler, entered with so many operands.
    pub(crate) fn start_handler(&mut self, handler: Label, depth: u32, is_finally: bool) {
        self.body.push(Instruction::Label(handler));
        self.depth = depth;
        self.reachable = true;
        if is_finally {
            self.hidden += 1;
        }
        self.reserve(0);
    }

    /// Ends the innermost block.
    pub(crate) fn end_block(&mut self, is_finally: bool) {
        self.plain(Opcode::EndFinally);
        self.close_block(is_finally);
    }

    /// Ends the innermost block without code.
    pub(crate) fn close_block(&mut self, is_finally: bool) {
        self.blocks = self.blocks.saturating_sub(1);
        if is_finally {
            self.hidden = self.hidden.saturating_sub(1);
        }
    }

    /// Says how many operands there are, where control flow cannot tell.
    pub(crate) fn set_depth(&mut self, depth: u32) {
        self.depth = depth;
        self.reachable = true;
        self.reserve(0);
    }
}
