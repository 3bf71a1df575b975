//! Branches on constants become jumps or nothing; an inverted condition becomes the opposite branch.

use mpy::{Opcode, UnaryOperator};

use crate::code::Instruction;

/// Decides what can be decided.
pub(super) fn run(body: &mut Vec<Instruction>) -> bool {
    let mut changed = false;
    let mut out: Vec<Instruction> = Vec::with_capacity(body.len());
    for instruction in body.drain(..) {
        let rewritten = match (&instruction, out.last()) {
            (Instruction::Jump(opcode, target), Some(Instruction::Constant(value))) => {
                let truth = value.truth();
                let (jumps, keeps) = match opcode {
                    Opcode::PopJumpIfTrue => (truth, false),
                    Opcode::PopJumpIfFalse => (!truth, false),
                    Opcode::JumpIfTrueOrPop => (truth, truth),
                    Opcode::JumpIfFalseOrPop => (!truth, !truth),
                    _ => {
                        out.push(instruction);
                        continue;
                    }
                };
                if !keeps {
                    out.pop();
                }
                if jumps {
                    out.push(Instruction::Jump(Opcode::Jump, *target));
                }
                true
            }
            (Instruction::Jump(opcode, target), Some(Instruction::Unary(UnaryOperator::Not))) => {
                let opposite = match opcode {
                    Opcode::PopJumpIfTrue => Opcode::PopJumpIfFalse,
                    Opcode::PopJumpIfFalse => Opcode::PopJumpIfTrue,
                    _ => {
                        out.push(instruction);
                        continue;
                    }
                };
                out.pop();
                out.push(Instruction::Jump(opposite, *target));
                true
            }
            (Instruction::Plain(Opcode::PopTop), Some(Instruction::Constant(_))) => {
                out.pop();
                true
            }
            _ => false,
        };
        if rewritten {
            changed = true;
        } else {
            out.push(instruction);
        }
    }
    *body = out;
    changed
}
