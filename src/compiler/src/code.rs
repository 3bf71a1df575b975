//! The intermediate code: MicroPython's instructions with labels for jump targets, names and constants by value, and
//! marks for source lines. Lowering makes it, the optimiser rewrites it, `emit` turns it into bytes.

use std::collections::HashMap;
use std::rc::Rc;

use mpy::{BinaryOperator, Effect, Opcode, Operand, UnaryOperator};

use crate::value::Value;

/// A name, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(u32);

/// All names of a compilation.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<Rc<[u8]>, Name>,
    texts: Vec<Rc<[u8]>>,
}

impl Names {
    /// The name with this text.
    pub(crate) fn intern(&mut self, text: &[u8]) -> Name {
        if let Some(name) = self.numbers.get(text) {
            return *name;
        }
        let name = Name(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Rc<[u8]> = Rc::from(text);
        self.texts.push(Rc::clone(&text));
        self.numbers.insert(text, name);
        name
    }

    /// The name with this text.
    pub(crate) fn of(&mut self, text: &str) -> Name {
        self.intern(text.as_bytes())
    }

    /// A name's text.
    pub(crate) fn text(&self, name: Name) -> &[u8] {
        self.texts.get(name.0 as usize).map_or(&[], |text| text)
    }

    /// A name's text, to show.
    pub(crate) fn show(&self, name: Name) -> String {
        String::from_utf8_lossy(self.text(name)).into_owned()
    }
}

/// A jump target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Label(pub(crate) u32);

/// One instruction, or a mark between instructions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Instruction {
    /// Jumps to this label arrive here.
    Label(Label),
    /// What follows belongs to this source line.
    Line(u32),
    /// Push a constant.
    Constant(Value),
    /// An opcode without operand.
    Plain(Opcode),
    /// An opcode with a name.
    Named(Opcode, Name),
    /// An opcode with an unsigned operand.
    Counted(Opcode, u32),
    /// Replace the top by the operator's result.
    Unary(UnaryOperator),
    /// Replace the top two by the operator's result.
    Binary(BinaryOperator),
    /// Make a tuple that is needed once, for which a constant would only be larger.
    Gather(u32),
    /// An opcode with a jump target.
    Jump(Opcode, Label),
    /// Leave exception blocks, optionally pop a loop's iterator, and jump.
    Unwind { target: Label, blocks: u8, iterator: bool },
    /// Make a function of a child.
    Make { child: u32, defaults: bool, cells: u8 },
}

impl Instruction {
    /// The opcode behind it; `None` for marks.
    pub(crate) fn opcode(&self) -> Option<Opcode> {
        Some(match self {
            Instruction::Label(_) | Instruction::Line(_) => return None,
            Instruction::Constant(_) => Opcode::LoadConstObj,
            Instruction::Gather(_) => Opcode::BuildTuple,
            Instruction::Plain(opcode)
            | Instruction::Named(opcode, _)
            | Instruction::Counted(opcode, _)
            | Instruction::Jump(opcode, _) => *opcode,
            Instruction::Unary(_) => Opcode::UnaryOpMulti,
            Instruction::Binary(_) => Opcode::BinaryOpMulti,
            Instruction::Unwind { .. } => Opcode::UnwindJump,
            Instruction::Make { defaults, cells, .. } => match (defaults, cells) {
                (false, 0) => Opcode::MakeFunction,
                (true, 0) => Opcode::MakeFunctionDefargs,
                (false, _) => Opcode::MakeClosure,
                (true, _) => Opcode::MakeClosureDefargs,
            },
        })
    }

    /// How many operands it pops and pushes on the way to the next instruction.
    pub(crate) fn effect(&self) -> (u32, u32) {
        let Some(opcode) = self.opcode() else { return (0, 0) };
        let operand = match self {
            Instruction::Counted(_, operand) | Instruction::Gather(operand) => *operand,
            Instruction::Make { cells, .. } => u32::from(*cells),
            _ => 0,
        };
        match opcode.info().effect {
            Effect::Fixed(pops, pushes) => (u32::from(pops), u32::from(pushes)),
            Effect::PopCount => (operand, 1),
            Effect::PushCount => (1, operand),
            Effect::Unpack => (1, (operand & 0xff) + (operand >> 8) + 1),
            Effect::Collection => (1 + u32::from(operand & 3 == 1), 0),
            Effect::Closure(more) => (operand + u32::from(more), 1),
            Effect::Call(more) => ((operand & 0xff) + 2 * (operand >> 8) + u32::from(more), 1),
        }
    }

    /// The label it may jump to.
    pub(crate) fn target(&self) -> Option<Label> {
        match self {
            Instruction::Jump(_, target) | Instruction::Unwind { target, .. } => Some(*target),
            _ => None,
        }
    }

    /// True when the next instruction is not reached from this one.
    pub(crate) fn ends(&self) -> bool {
        self.opcode()
            .is_some_and(|opcode| matches!(opcode.info().flow, mpy::Flow::Jump | mpy::Flow::Unwind | mpy::Flow::End))
    }

    /// True when its jump can only go forward.
    pub(crate) fn is_forward(&self) -> bool {
        self.opcode().is_some_and(|opcode| opcode.info().operand == Operand::Forward)
    }
}

/// A function, class body, lambda, comprehension or module in intermediate code.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) name: Name,
    pub(crate) scope_flags: u8,
    pub(crate) n_pos_args: u32,
    pub(crate) n_kwonly_args: u32,
    pub(crate) n_def_pos_args: u32,
    pub(crate) arg_names: Vec<Name>,
    pub(crate) cells: Vec<u16>,
    pub(crate) n_locals: u32,
    pub(crate) stack_words: u32,
    pub(crate) n_exc_stack: u32,
    pub(crate) body: Vec<Instruction>,
    pub(crate) labels: u32,
    pub(crate) children: Vec<Code>,
    /// Where it stands in the source, for errors about its size.
    pub(crate) range: crate::ast::TextRange,
}

impl Code {
    /// Forgets the source lines of the function and of those inside it.
    pub(crate) fn remove_lines(&mut self) {
        self.body.retain(|instruction| !matches!(instruction, Instruction::Line(_)));
        for child in &mut self.children {
            child.remove_lines();
        }
    }
}
