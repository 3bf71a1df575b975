//! Frames on the VM stack.
//!
//! Addresses descend: `[callee][local 0 …][link][ip][block, payload …][operands …]`. The caller pushed the callee
//! and its arguments, so arguments become locals where they lie. `fp` is the index of the callee's word. Every word
//! is tagged, so the collector scans the stack like any object.

use crate::heap::Heap;
use crate::load::Descriptor;
use crate::value::*;

/// What happens with a frame's result when it returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Kind {
    /// It becomes an operand of the caller.
    Value = 0,
    /// It must be None; the new instance (the word above the callee) becomes the operand.
    Init = 1,
    /// Nothing.
    Discard = 2,
    /// Its truth becomes an operand.
    Bool = 3,
    /// Its negated truth becomes an operand.
    NotBool = 4,
    /// It is the next item of a `for` loop; StopIteration ends the loop.
    IterNext = 5,
    /// A generator, resumed by `next`, `send` or `throw`: when it ends, StopIteration is raised.
    GeneratorNext = 6,
    /// A generator, resumed by a `for` loop: when it ends, so does the loop.
    GeneratorFor = 7,
    /// A generator, resumed by `yield from`: what it yields the caller yields too.
    GeneratorDelegate = 8,
    /// A generator, resumed by `close`.
    GeneratorClose = 9,
    /// A class body; its namespace is the word above the callee.
    ClassBody = 10,
    /// A module's code; its name is the word above the callee. When it fails the module is forgotten.
    Import = 11,
    /// It is a method that needs no receiver: NULL follows it.
    Method = 12,
    /// `__exit__`: its truth says whether the exception is swallowed.
    WithExit = 13,
    /// An operator's method: NotImplemented lets the next candidate try. The word above the callee is its number.
    Operator = 14,
    /// It replaces the stack word whose index is in the word above the callee.
    Replace = 15,
    /// It is the iterator of a `for` loop: two NULLs follow it.
    Iterator = 16,
    /// It is `__enter__`'s result: the `with` block is opened below it.
    WithEnter = 17,
}

impl Kind {
    pub(crate) const fn of(bits: u32) -> Kind {
        match bits & 31 {
            0 => Kind::Value,
            1 => Kind::Init,
            2 => Kind::Discard,
            3 => Kind::Bool,
            4 => Kind::NotBool,
            5 => Kind::IterNext,
            6 => Kind::GeneratorNext,
            7 => Kind::GeneratorFor,
            8 => Kind::GeneratorDelegate,
            9 => Kind::GeneratorClose,
            10 => Kind::ClassBody,
            11 => Kind::Import,
            12 => Kind::Method,
            13 => Kind::WithExit,
            14 => Kind::Operator,
            15 => Kind::Replace,
            16 => Kind::Iterator,
            _ => Kind::WithEnter,
        }
    }

    /// True if the frame belongs to a generator, whose object is the word above the callee.
    pub(crate) const fn is_generator(self) -> bool {
        matches!(self, Kind::GeneratorNext | Kind::GeneratorFor | Kind::GeneratorDelegate | Kind::GeneratorClose)
    }
}

/// The link word: caller's frame (20 bits, 0 if native code called), kind (5), extra (1), open blocks (5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Link {
    /// The caller's frame; 0 when native code called.
    pub(crate) caller: u32,
    pub(crate) kind: Kind,
    /// One more word above is to be dropped with the result (the function of a method call without receiver).
    pub(crate) extra: bool,
    /// Open exception blocks.
    pub(crate) blocks: u32,
}

impl Link {
    fn word(self) -> u32 {
        let bits = self.caller << 11 | (self.kind as u32) << 6 | u32::from(self.extra) << 5 | self.blocks & 31;
        bits << 1 | 1
    }

    fn from_word(word: u32) -> Link {
        let bits = word >> 1;
        Link { caller: bits >> 11 & 0xf_ffff, kind: Kind::of(bits >> 6), extra: bits & 32 != 0, blocks: bits & 31 }
    }
}

/// What an exception block protects with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum BlockKind {
    /// `except` clauses.
    Except = 0,
    /// `finally`.
    Finally = 1,
    /// `with`.
    With = 2,
}

/// An open exception block. A block is active, that is: its handler is running, when its instruction lies at or
/// behind the handler's start. Its payload word says what is pending meanwhile: NULL nothing, a place in flash a
/// jump, any other value an exception, or a return value if `returning` is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Block {
    /// Byte offset of the handler from the start of the function's code (17 bits).
    pub(crate) handler: u32,
    /// Operands below it (11 bits).
    pub(crate) depth: u32,
    pub(crate) kind: BlockKind,
    /// The payload is the value of a pending `return`.
    pub(crate) returning: bool,
}

impl Block {
    fn word(self) -> u32 {
        (self.handler << 14 | self.depth << 3 | u32::from(self.returning) << 2 | self.kind as u32) << 1 | 1
    }

    fn from_word(word: u32) -> Block {
        let bits = word >> 1;
        Block {
            handler: bits >> 14,
            depth: bits >> 3 & 0x7ff,
            returning: bits & 4 != 0,
            kind: match bits & 3 {
                0 => BlockKind::Except,
                1 => BlockKind::Finally,
                _ => BlockKind::With,
            },
        }
    }
}

/// Most bytes of one function's code, most operands: what a block word can say.
pub(crate) const MAX_CODE: u32 = 1 << 17;
pub(crate) const MAX_DEPTH: u32 = 1 << 11;
/// Most exception blocks of one function.
pub(crate) const MAX_BLOCKS: u32 = 31;

/// What the cold half knows of the running frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) fp: u32,
    pub(crate) descriptor: Descriptor,
}

impl Frame {
    fn link_place(&self) -> u32 {
        self.fp - 1 - self.descriptor.locals
    }

    /// Index of the word above the first operand.
    pub(crate) fn operands(&self) -> u32 {
        self.fp - 2 - self.descriptor.locals - 2 * self.descriptor.blocks
    }
}

impl Frame {
    /// Lowest word that its instructions may push to: they push a few words more than they leave.
    #[inline(always)]
    pub(crate) fn floor(&self) -> u32 {
        (self.operands() - self.descriptor.depth).saturating_sub(crate::call::SLACK)
    }
}

impl Heap {
    /// The running frame; `None` outside Python code.
    pub(crate) fn frame(&self) -> Option<Frame> {
        let fp = self.fp.get();
        if fp == 0 { None } else { Some(self.frame_at(fp)) }
    }

    pub(crate) fn frame_at(&self, fp: u32) -> Frame {
        let callee = Val::from_word(self.arena.stack_load(fp)).unwrap_or(Val::NONE);
        Frame { fp, descriptor: self.function_descriptor(callee) }
    }

    pub(crate) fn callee(&self, frame: &Frame) -> Val<'_> {
        Val::from_word(self.arena.stack_load(frame.fp)).unwrap_or(Val::NONE)
    }

    pub(crate) fn link(&self, frame: &Frame) -> Link {
        Link::from_word(self.arena.stack_load(frame.link_place()))
    }

    pub(crate) fn set_link(&self, frame: &Frame, link: Link) {
        self.arena.stack_store(frame.link_place(), link.word());
    }

    /// Byte offset in the file of the next instruction, for frames that do not run.
    pub(crate) fn saved_ip(&self, frame: &Frame) -> u32 {
        self.arena.stack_load(frame.link_place() - 1) >> 1
    }

    pub(crate) fn save_ip(&self, frame: &Frame, ip: u32) {
        self.arena.stack_store(frame.link_place() - 1, ip << 1 | 1);
    }

    fn block_place(&self, frame: &Frame, number: u32) -> u32 {
        frame.link_place() - 2 - 2 * number
    }

    /// Opens a block.
    pub(crate) fn push_block(&self, frame: &Frame, block: Block) {
        let mut link = self.link(frame);
        let place = self.block_place(frame, link.blocks);
        self.arena.stack_store(place, block.word());
        self.arena.stack_store(place - 1, NULL);
        link.blocks += 1;
        self.set_link(frame, link);
    }

    /// The innermost open block, and its number.
    pub(crate) fn top_block(&self, frame: &Frame) -> Option<(u32, Block)> {
        let number = self.link(frame).blocks.checked_sub(1)?;
        Some((number, self.block(frame, number)))
    }

    pub(crate) fn block(&self, frame: &Frame, number: u32) -> Block {
        Block::from_word(self.arena.stack_load(self.block_place(frame, number)))
    }

    pub(crate) fn pop_block(&self, frame: &Frame) {
        let mut link = self.link(frame);
        link.blocks = link.blocks.saturating_sub(1);
        self.set_link(frame, link);
        self.arena.stack_store(self.block_place(frame, link.blocks) - 1, NULL);
    }

    pub(crate) fn set_block(&self, frame: &Frame, number: u32, block: Block, payload: u32) {
        let place = self.block_place(frame, number);
        self.arena.stack_store(place, block.word());
        self.arena.stack_store(place - 1, payload);
    }

    pub(crate) fn payload(&self, frame: &Frame, number: u32) -> u32 {
        self.arena.stack_load(self.block_place(frame, number) - 1)
    }

    /// Operand `n` from the top (0 is the last pushed).
    pub(crate) fn peek(&self, n: u32) -> Val<'_> {
        self.get(Slot(self.arena.sp() + n))
    }

    pub(crate) fn peek_word(&self, n: u32) -> u32 {
        self.arena.stack_load(self.arena.sp() + n)
    }

    pub(crate) fn poke_word(&self, n: u32, word: u32) {
        self.arena.stack_store(self.arena.sp() + n, word);
    }

    pub(crate) fn top_slot(&self, n: u32) -> Slot {
        Slot(self.arena.sp() + n)
    }

    pub(crate) fn drop_operands(&self, count: u32) {
        self.arena.set_sp(self.arena.sp() + count);
    }

    /// Pushes a word; the verifier has proved that the frame has room for it.
    pub(crate) fn push_word(&self, word: u32) {
        let sp = self.arena.sp() - 1;
        if self.arena.set_sp(sp) {
            self.arena.stack_store(sp, word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_and_block_words_keep_their_parts() {
        for kind in 0..18 {
            let link = Link { caller: 0xf_fffe, kind: Kind::of(kind), extra: kind & 1 == 0, blocks: 31 };
            assert_eq!(Link::from_word(link.word()), link);
            assert_eq!(link.kind as u32, kind);
        }
        let block = Block { handler: MAX_CODE - 1, depth: MAX_DEPTH - 1, kind: BlockKind::With, returning: true };
        assert_eq!(Block::from_word(block.word()), block);
        assert!(is_int(block.word()));
    }
}
