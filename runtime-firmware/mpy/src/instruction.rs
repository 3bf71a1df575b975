//! Decoding one instruction, checked. The verifier and the disassembler share it; the interpreter, behind the verifier,
//! decodes by itself.

use crate::opcode::{Effect, ITERATOR_WORDS, Opcode, Operand, SMALL_INT_MULTI_EXCESS};
use crate::operator::{BinaryOperator, UnaryOperator};
use crate::varint::{self, VarintError};

/// The decoded operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Argument {
    /// None.
    None,
    /// Index into the qstr table.
    Qstr(u32),
    /// A small int.
    Int(i64),
    /// Number of a local.
    Local(u32),
    /// Index into the constant table.
    Constant(u32),
    /// How many items.
    Count(u32),
    /// Collection of a comprehension.
    Collection {
        /// Its place, counted from the top of the stack with the items still there.
        index: u32,
        /// What it is.
        kind: Collection,
    },
    /// Targets on each side of a starred one.
    Unpack {
        /// Before it.
        left: u32,
        /// Behind it.
        right: u32,
    },
    /// Arguments of a call.
    Call {
        /// Positional ones.
        positional: u32,
        /// Keyword ones (two stack words each).
        keywords: u32,
    },
    /// Number of a child function.
    Child(u32),
    /// Number of a child function, and how many cells it closes over.
    Closure {
        /// The child.
        child: u32,
        /// The cells.
        cells: u32,
    },
    /// Where to jump, from the start of the code.
    Target(u32),
    /// Where to jump and what to leave.
    Unwind {
        /// From the start of the code.
        target: u32,
        /// Blocks to leave.
        blocks: u32,
        /// Whether to pop a loop's iterator as well.
        pop_iterator: bool,
    },
    /// A unary operator.
    Unary(UnaryOperator),
    /// A binary operator.
    Binary(BinaryOperator),
}

/// What a comprehension collects into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Collection {
    /// `[…]`
    List,
    /// `{…: …}`
    Dict,
    /// `{…}`
    Set,
}

/// One instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// What it does.
    pub opcode: Opcode,
    /// With what.
    pub argument: Argument,
    /// Where it starts, in bytes from the start of the code.
    pub at: u32,
    /// Where the next one starts.
    pub next: u32,
}

/// Why bytes are no instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstructionError {
    /// The byte is no v6 opcode.
    UnknownOpcode,
    /// The code ends inside the instruction (or before it).
    Truncated,
    /// The operand is larger than any that the format's writers make, or is none of its few legal values.
    BadOperand,
    /// A jump leaves the code.
    JumpOutside,
}

impl From<VarintError> for InstructionError {
    fn from(error: VarintError) -> Self {
        match error {
            VarintError::Truncated => InstructionError::Truncated,
            VarintError::TooLarge => InstructionError::BadOperand,
        }
    }
}

impl Instruction {
    /// Decodes the instruction that starts at byte `at` of `code`.
    ///
    /// # Errors
    /// When the bytes there are no instruction, or it jumps out of the code.
    pub fn decode(code: &[u8], at: u32) -> Result<Instruction, InstructionError> {
        let start = at as usize;
        let byte = *code.get(start).ok_or(InstructionError::Truncated)?;
        let opcode = Opcode::decode(byte).ok_or(InstructionError::UnknownOpcode)?;
        let start = start + 1;
        let target = |from: usize, distance: i64| -> Result<u32, InstructionError> {
            let target = (from as i64).saturating_add(distance);
            match u32::try_from(target) {
                Ok(target) if (target as usize) < code.len() => Ok(target),
                _ => Err(InstructionError::JumpOutside),
            }
        };
        let extra = |at: usize| code.get(at).copied().ok_or(InstructionError::Truncated);

        let (argument, next) = match opcode.info().operand {
            Operand::None => (Argument::None, start),
            Operand::Embedded => (embedded(opcode, byte - opcode as u8)?, start),
            Operand::Int => {
                let (value, next) = varint::read_int(code, start)?;
                (Argument::Int(value), next)
            }
            Operand::Forward => {
                let (distance, next) = varint::read_forward(code, start)?;
                (Argument::Target(target(next, i64::from(distance))?), next)
            }
            Operand::Signed => {
                let (distance, next) = varint::read_signed(code, start)?;
                (Argument::Target(target(next, i64::from(distance))?), next)
            }
            Operand::Unwind => {
                let (distance, next) = varint::read_signed(code, start)?;
                let leave = extra(next)?;
                let argument = Argument::Unwind {
                    target: target(next, i64::from(distance))?,
                    blocks: u32::from(leave & 0x7f),
                    pop_iterator: leave & 0x80 != 0,
                };
                (argument, next + 1)
            }
            Operand::Closure => {
                let (child, next) = varint::read_uint(code, start)?;
                (Argument::Closure { child, cells: u32::from(extra(next)?) }, next + 1)
            }
            kind => {
                let (n, next) = varint::read_uint(code, start)?;
                (unsigned(kind, n)?, next)
            }
        };
        // `BUILD_SLICE`'s count is read as a single byte by interpreters.
        if opcode == Opcode::BuildSlice && (!matches!(argument, Argument::Count(2 | 3)) || next != start + 1) {
            return Err(InstructionError::BadOperand);
        }
        Ok(Instruction { opcode, argument, at, next: u32::try_from(next).map_err(|_| InstructionError::Truncated)? })
    }

    /// How many words the instruction takes from the stack and how many it leaves there, on the way to the next
    /// instruction.
    pub fn effect(&self) -> (u32, u32) {
        match (self.opcode.info().effect, self.argument) {
            (Effect::Fixed(pops, pushes), _) => (u32::from(pops), u32::from(pushes)),
            (Effect::PopCount, Argument::Count(n)) => (n, 1),
            (Effect::PushCount, Argument::Count(n)) => (1, n),
            (Effect::Unpack, Argument::Unpack { left, right }) => (1, left + right + 1),
            (Effect::Collection, Argument::Collection { kind, .. }) => {
                (if kind == Collection::Dict { 2 } else { 1 }, 0)
            }
            (Effect::Closure(extra), Argument::Closure { cells, .. }) => (cells + u32::from(extra), 1),
            (Effect::Call(extra), Argument::Call { positional, keywords }) => {
                (positional + 2 * keywords + u32::from(extra), 1)
            }
            // `decode` pairs each effect with its argument.
            _ => (0, 0),
        }
    }

    /// The same on the way to the jump's target (for [`crate::Flow::Jump`] and [`crate::Flow::Branch`]).
    pub fn jump_effect(&self) -> (u32, u32) {
        match self.opcode {
            Opcode::JumpIfTrueOrPop | Opcode::JumpIfFalseOrPop => (1, 1),
            Opcode::ForIter => (ITERATOR_WORDS, 0),
            _ => self.effect(),
        }
    }

    /// Where the instruction may jump, from the start of the code.
    pub fn target(&self) -> Option<u32> {
        match self.argument {
            Argument::Target(target) | Argument::Unwind { target, .. } => Some(target),
            _ => None,
        }
    }
}

fn embedded(opcode: Opcode, n: u8) -> Result<Argument, InstructionError> {
    match opcode {
        Opcode::LoadConstSmallIntMulti => Ok(Argument::Int(i64::from(n) - SMALL_INT_MULTI_EXCESS)),
        Opcode::UnaryOpMulti => UnaryOperator::decode(n).map(Argument::Unary).ok_or(InstructionError::UnknownOpcode),
        Opcode::BinaryOpMulti => BinaryOperator::decode(n).map(Argument::Binary).ok_or(InstructionError::UnknownOpcode),
        _ => Ok(Argument::Local(u32::from(n))),
    }
}

fn unsigned(kind: Operand, n: u32) -> Result<Argument, InstructionError> {
    Ok(match kind {
        Operand::Qstr => Argument::Qstr(n),
        Operand::Local => Argument::Local(n),
        Operand::Constant => Argument::Constant(n),
        Operand::Child => Argument::Child(n),
        Operand::Collection => {
            let kind = match n & 3 {
                0 => Collection::List,
                1 => Collection::Dict,
                2 => Collection::Set,
                _ => return Err(InstructionError::BadOperand),
            };
            Argument::Collection { index: n >> 2, kind }
        }
        Operand::Unpack | Operand::Call if n > 0xffff => return Err(InstructionError::BadOperand),
        Operand::Unpack => Argument::Unpack { left: n & 0xff, right: n >> 8 },
        Operand::Call => Argument::Call { positional: n & 0xff, keywords: n >> 8 },
        _ => Argument::Count(n),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_operands() {
        let decode = |code: &[u8]| Instruction::decode(code, 0).map(|i| (i.opcode, i.argument, i.next));
        assert_eq!(decode(&[0x70]), Ok((Opcode::LoadConstSmallIntMulti, Argument::Int(-16), 1)));
        assert_eq!(decode(&[0xb3]), Ok((Opcode::LoadFastMulti, Argument::Local(3), 1)));
        assert_eq!(decode(&[0xdf]), Ok((Opcode::BinaryOpMulti, Argument::Binary(BinaryOperator::ExceptionMatch), 1)));
        assert_eq!(decode(&[0x34, 0x82, 0x03]), {
            Ok((Opcode::CallFunction, Argument::Call { positional: 3, keywords: 1 }, 3))
        });
        assert_eq!(decode(&[0x42, 0x3e]), Ok((Opcode::Jump, Argument::Target(0), 2)));
        assert_eq!(decode(&[0x40, 0x3e, 0x81]), {
            Ok((Opcode::UnwindJump, Argument::Unwind { target: 0, blocks: 1, pop_iterator: true }, 3))
        });
        assert_eq!(decode(&[0x42, 0x40]), Err(InstructionError::JumpOutside));
        assert_eq!(decode(&[0x42, 0x00]), Err(InstructionError::JumpOutside));
        assert_eq!(decode(&[0x42]), Err(InstructionError::Truncated));
        assert_eq!(decode(&[0x00]), Err(InstructionError::UnknownOpcode));
        assert_eq!(decode(&[0x2e, 0x04]), Err(InstructionError::BadOperand));
        assert_eq!(decode(&[0x2f, 0x03]), Err(InstructionError::BadOperand));
    }

    #[test]
    fn effects() {
        let effect = |code: &[u8]| Instruction::decode(code, 0).map(|i| i.effect());
        assert_eq!(effect(&[0x2a, 0x05]), Ok((5, 1)));
        assert_eq!(effect(&[0x37, 0x82, 0x03]), Ok((8, 1)));
        assert_eq!(effect(&[0x21, 0x00, 0x03]), Ok((5, 1)));
        assert_eq!(effect(&[0x31, 0x82, 0x03]), Ok((1, 5)));
    }
}
