//! A machine that runs bytecode blindly, as the head of `verify.rs` says an interpreter does: branches, results and
//! exceptions are drawn at random, and every promise of the verifier is checked as it is used. It shares nothing with
//! the verifier but the opcode table.

use std::collections::HashMap;

use mpy::reader::FunctionView;
use mpy::{Argument, Facts, Instruction, Opcode};

/// A small generator of pseudo-random numbers (xorshift), so that runs can be repeated.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// A word of the operand stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Value,
    Null,
    /// Word `part` of iterator number `of`.
    Iterator {
        of: usize,
        part: usize,
    },
    /// Overwritten by something that was called: must never be seen.
    Clobbered,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Except,
    Finally,
    With,
}

/// What happens when a block's handler ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pending {
    Nothing,
    Exception,
    Return,
    Jump { target: u32, blocks: u32, pop_iterator: bool },
}

#[derive(Clone, Copy, Debug)]
struct Block {
    kind: Kind,
    handler: u32,
    depth: usize,
    pending: Pending,
}

/// What was seen of an instruction: operands, and kind, handler and depth of each block.
type Shape = (usize, Vec<(Kind, u32, usize)>);

pub(crate) struct Model<'c> {
    code: &'c [u8],
    facts: Facts,
    stack: Vec<Word>,
    blocks: Vec<Block>,
    iterators: usize,
    seen: HashMap<u32, Shape>,
    /// How often unwinding entered a handler, dropped a running one, and came to its target; and swaps.
    pub(crate) unwound: [usize; 4],
}

/// What the verifier promised and did not hold.
type Broken = String;

macro_rules! promise {
    ($holds:expr, $($text:tt)*) => {
        if !$holds { return Err(format!($($text)*)); }
    };
}

impl<'c> Model<'c> {
    pub(crate) fn new(function: &FunctionView<'c>, facts: Facts) -> Self {
        Model {
            code: function.code_bytes(),
            facts,
            stack: Vec::new(),
            blocks: Vec::new(),
            iterators: 0,
            seen: HashMap::new(),
            unwound: [0; 4],
        }
    }

    /// Runs once from the start, for at most so many instructions.
    pub(crate) fn run(&mut self, random: &mut Random, steps: usize) -> Result<(), Broken> {
        self.stack.clear();
        self.blocks.clear();
        let mut at = 0;
        for _ in 0..steps {
            match self.step(at, random) {
                Ok(Some(next)) => at = next,
                Ok(None) => return Ok(()),
                Err(broken) => {
                    return Err(format!("at {at}: {broken}; stack {:?} blocks {:?}", self.stack, self.blocks));
                }
            }
        }
        Ok(())
    }

    fn step(&mut self, at: u32, random: &mut Random) -> Result<Option<u32>, Broken> {
        let instruction = Instruction::decode(self.code, at).map_err(|error| format!("{error:?}"))?;
        self.check_shape(at)?;
        let (pops, _) = instruction.effect();
        let moves = matches!(
            instruction.opcode,
            Opcode::DupTop | Opcode::DupTopTwo | Opcode::RotTwo | Opcode::RotThree | Opcode::ForIter
        );
        if random.chance(12) {
            // It raises, having used the place of its operands for something else.
            if !moves {
                let left = self.stack.len().checked_sub(pops as usize).ok_or("underflow")?;
                self.stack[left..].fill(Word::Clobbered);
            }
            return self.raise(at);
        }
        self.obey(&instruction, random)
    }

    fn check_shape(&mut self, at: u32) -> Result<(), Broken> {
        promise!(self.stack.len() <= usize::from(self.facts.max_depth), "deeper than max_depth");
        promise!(self.blocks.len() <= usize::from(self.facts.max_blocks), "more blocks than max_blocks");
        for block in &self.blocks {
            promise!(at >= block.handler || self.stack.len() >= block.depth, "below a waiting block");
        }
        let shape: Shape =
            (self.stack.len(), self.blocks.iter().map(|block| (block.kind, block.handler, block.depth)).collect());
        let old = self.seen.entry(at).or_insert_with(|| shape.clone());
        promise!(*old == shape, "was met with {old:?} before");
        Ok(())
    }

    fn pop(&mut self) -> Result<Word, Broken> {
        match self.stack.pop() {
            Some(Word::Clobbered) => Err("a clobbered word was used".into()),
            Some(word) => Ok(word),
            None => Err("underflow".into()),
        }
    }

    fn value(&mut self) -> Result<(), Broken> {
        let word = self.pop()?;
        promise!(word == Word::Value, "{word:?} where a value is needed");
        Ok(())
    }

    fn values(&mut self, count: u32) -> Result<(), Broken> {
        (0..count).try_for_each(|_| self.value())
    }

    fn movable(&mut self) -> Result<Word, Broken> {
        let word = self.pop()?;
        promise!(matches!(word, Word::Value | Word::Null), "{word:?} was moved");
        Ok(word)
    }

    fn push(&mut self, word: Word) {
        self.stack.push(word);
    }

    fn value_or_null(&mut self, random: &mut Random) {
        self.push(if random.chance(2) { Word::Value } else { Word::Null });
    }

    /// The four words of one iterator, or what generator expressions put there.
    fn iterator(&mut self) -> Result<(), Broken> {
        let base = self.stack.len().checked_sub(4).ok_or("underflow")?;
        let words = &self.stack[base..];
        let made = match words[0] {
            Word::Iterator { of, .. } => (0..4).all(|part| words[part] == Word::Iterator { of, part }),
            _ => words == [Word::Null, Word::Value, Word::Null, Word::Null],
        };
        promise!(made, "{words:?} is no iterator");
        Ok(())
    }

    fn new_iterator(&mut self) {
        self.iterators += 1;
        for part in 0..4 {
            self.push(Word::Iterator { of: self.iterators, part });
        }
    }

    fn obey(&mut self, instruction: &Instruction, random: &mut Random) -> Result<Option<u32>, Broken> {
        use Opcode::*;
        let (pops, pushes) = instruction.effect();
        let at = instruction.at;
        let target = instruction.target();
        let jump = |taken: bool| if taken { target } else { Some(instruction.next) };
        match (instruction.opcode, instruction.argument) {
            (LoadNull, _) => self.push(Word::Null),
            (PopTop, _) => {
                self.pop()?;
            }
            (DupTop, _) => {
                let word = self.movable()?;
                self.stack.extend([word, word]);
            }
            (DupTopTwo, _) => {
                let (b, a) = (self.movable()?, self.movable()?);
                self.stack.extend([a, b, a, b]);
            }
            (RotTwo, _) => {
                let (b, a) = (self.movable()?, self.movable()?);
                self.stack.extend([b, a]);
            }
            (RotThree, _) => {
                let pair = self.code.get(at as usize + 1) == Some(&(RotThree as u8));
                if let Some(block) = self.blocks.last()
                    && pair
                    && block.kind == Kind::Finally
                    && at >= block.handler
                    && self.stack.len() == block.depth + 1
                {
                    let (b, a) = (self.movable()?, self.movable()?);
                    self.stack.extend([b, a]);
                    self.unwound[3] += 1;
                    return Ok(Some(at + 2));
                }
                let (c, b, a) = (self.movable()?, self.movable()?, self.movable()?);
                self.stack.extend([c, a, b]);
            }
            (LoadMethod | LoadSuperMethod, _) => {
                self.values(pops)?;
                self.push(Word::Value);
                self.value_or_null(random);
            }
            (
                CallFunction | CallFunctionVarKw | CallMethod | CallMethodVarKw,
                Argument::Call { positional, keywords },
            ) => {
                let starred = matches!(instruction.opcode, CallFunctionVarKw | CallMethodVarKw);
                self.values(u32::from(starred))?;
                for _ in 0..keywords {
                    self.value()?;
                    if starred {
                        self.movable()?;
                    } else {
                        self.value()?;
                    }
                }
                self.values(positional)?;
                if matches!(instruction.opcode, CallMethod | CallMethodVarKw) {
                    self.movable()?;
                }
                self.value()?;
                self.push(Word::Value);
            }
            (MakeFunctionDefargs, _) => {
                self.movable()?;
                self.movable()?;
                self.push(Word::Value);
            }
            (MakeClosureDefargs, Argument::Closure { cells, .. }) => {
                self.values(cells)?;
                self.movable()?;
                self.movable()?;
                self.push(Word::Value);
            }
            (StoreAttr | StoreSubscr, _) => {
                self.values(pops - 1)?;
                self.movable()?;
            }
            (StoreComp, Argument::Collection { index, .. }) => {
                let place = self.stack.len().checked_sub(1 + index as usize).ok_or("no collection")?;
                promise!(self.stack[place] == Word::Value, "no collection");
                self.values(pops)?;
                promise!(place < self.stack.len(), "the item is the collection");
            }
            (GetIterStack, _) => {
                self.value()?;
                self.new_iterator();
            }
            (ForIter, _) => {
                self.iterator()?;
                if random.chance(3) {
                    self.stack.truncate(self.stack.len() - 4);
                    return Ok(target);
                }
                if random.chance(2) {
                    // An interpreter may keep an iterator's words in another form once it has met it.
                    self.stack.truncate(self.stack.len() - 4);
                    self.new_iterator();
                }
                self.push(Word::Value);
            }
            (Jump, _) => return Ok(target),
            (PopJumpIfTrue | PopJumpIfFalse, _) => {
                self.value()?;
                return Ok(jump(random.chance(2)));
            }
            (JumpIfTrueOrPop | JumpIfFalseOrPop, _) => {
                self.value()?;
                let taken = random.chance(2);
                if taken {
                    self.push(Word::Value);
                }
                return Ok(jump(taken));
            }
            (SetupExcept | SetupFinally | SetupWith, Argument::Target(handler)) => {
                let kind = match instruction.opcode {
                    SetupExcept => Kind::Except,
                    SetupFinally => Kind::Finally,
                    _ => Kind::With,
                };
                if kind == Kind::With {
                    self.value()?;
                    self.push(Word::Value);
                    self.value_or_null(random);
                }
                self.blocks.push(Block { kind, handler, depth: self.stack.len(), pending: Pending::Nothing });
                if kind == Kind::With {
                    self.push(Word::Value);
                }
            }
            (PopExceptJump, _) => {
                promise!(self.blocks.pop().is_some_and(|block| block.kind == Kind::Except), "no except block");
                return Ok(target);
            }
            (WithCleanup, _) => {
                let block = self.blocks.last().ok_or("no block")?;
                promise!(block.kind == Kind::With && at >= block.handler, "not in a with handler");
                promise!(self.stack.len() == block.depth + 1, "cleanup at another depth");
                self.value()?;
                self.movable()?;
                self.value()?;
                self.push(Word::Value);
            }
            (EndFinally, _) => {
                let block = self.blocks.pop().ok_or("no block")?;
                promise!(at >= block.handler, "not in the handler");
                self.value()?;
                // The operand decides, and it can be anything: None, an exception, a marker.
                match random.below(4) {
                    0 => return self.raise(at),
                    1 => return Ok(Some(instruction.next)),
                    _ => (),
                }
                match block.pending {
                    Pending::Nothing => (),
                    Pending::Exception => return self.raise(at),
                    Pending::Return => return self.leave(at),
                    Pending::Jump { target, blocks, pop_iterator } => {
                        return self.unwind(at, target, blocks, pop_iterator);
                    }
                }
            }
            (UnwindJump, Argument::Unwind { target, blocks, pop_iterator }) => {
                promise!(blocks > 0, "unwinding nothing");
                return self.unwind(at, target, blocks, pop_iterator);
            }
            (ReturnValue, _) => {
                self.value()?;
                return self.leave(at);
            }
            (RaiseLast | RaiseObj | RaiseFrom, _) => {
                self.values(pops)?;
                return self.raise(at);
            }
            _ => {
                self.values(pops)?;
                (0..pushes).for_each(|_| self.push(Word::Value));
            }
        }
        Ok(Some(instruction.next))
    }

    /// Enters the handler of the block on top, with one operand.
    fn enter(&mut self, pending: Pending) -> Result<Option<u32>, Broken> {
        let block = self.blocks.last_mut().ok_or("no block")?;
        promise!(self.stack.len() >= block.depth, "the handler's operands are gone");
        block.pending = pending;
        let (handler, depth) = (block.handler, block.depth);
        self.stack.truncate(depth);
        promise!(!self.stack.contains(&Word::Clobbered), "the handler's operands are overwritten");
        self.push(Word::Value);
        Ok(Some(handler))
    }

    fn raise(&mut self, at: u32) -> Result<Option<u32>, Broken> {
        while let Some(block) = self.blocks.last() {
            if at < block.handler {
                return self.enter(Pending::Exception);
            }
            self.blocks.pop();
        }
        Ok(None)
    }

    fn leave(&mut self, at: u32) -> Result<Option<u32>, Broken> {
        while let Some(block) = self.blocks.last() {
            if at < block.handler && block.kind != Kind::Except {
                return self.enter(Pending::Return);
            }
            self.blocks.pop();
        }
        Ok(None)
    }

    fn unwind(&mut self, at: u32, target: u32, blocks: u32, pop_iterator: bool) -> Result<Option<u32>, Broken> {
        for left in (0..blocks).rev() {
            let block = *self.blocks.last().ok_or("no block to leave")?;
            match block.kind {
                Kind::Except => (),
                Kind::Finally if at >= block.handler => {
                    promise!(self.stack.len() == block.depth + 1, "unwinding at another depth");
                    self.value()?;
                    self.unwound[1] += 1;
                }
                Kind::With if at >= block.handler => return Err("unwinding out of a with handler".into()),
                Kind::Finally | Kind::With => {
                    promise!(self.stack.len() == block.depth, "unwinding at another depth");
                    self.unwound[0] += 1;
                    return self.enter(Pending::Jump { target, blocks: left, pop_iterator });
                }
            }
            self.blocks.pop();
        }
        if pop_iterator {
            self.iterator()?;
            self.stack.truncate(self.stack.len() - 4);
        }
        self.unwound[2] += 1;
        Ok(Some(target))
    }
}
