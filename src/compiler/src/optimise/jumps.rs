//! Jump threading: a jump to a jump goes to where that one goes; a jump to a return returns; a jump to the next
//! instruction is nothing; a branch around a jump becomes the opposite branch.

use mpy::Opcode;

use crate::code::{Instruction, Label};
use crate::value::Value;

/// Chains of jumps longer than this are loops.
const HOPS_MAXIMUM: usize = 16;

/// What lies at each label.
struct Targets {
    positions: Vec<Option<usize>>,
}

impl Targets {
    fn new(body: &[Instruction]) -> Targets {
        let mut positions = Vec::new();
        for (at, instruction) in body.iter().enumerate() {
            if let Instruction::Label(label) = instruction {
                let index = label.0 as usize;
                if positions.len() <= index {
                    positions.resize(index + 1, None);
                }
                positions[index] = Some(at);
            }
        }
        Targets { positions }
    }

    fn position(&self, label: Label) -> Option<usize> {
        self.positions.get(label.0 as usize).copied().flatten()
    }

    /// The first real instruction at or behind a position, and where it is.
    fn instruction<'a>(&self, body: &'a [Instruction], from: usize) -> Option<(usize, &'a Instruction)> {
        body.iter().enumerate().skip(from).find(|(_, one)| !matches!(one, Instruction::Label(_) | Instruction::Line(_)))
    }

    /// Where a jump to a label ends up.
    fn thread(&self, body: &[Instruction], label: Label) -> Label {
        let mut label = label;
        for _ in 0..HOPS_MAXIMUM {
            let next = self.position(label).and_then(|at| self.instruction(body, at));
            match next {
                Some((_, Instruction::Jump(Opcode::Jump, further))) if *further != label => label = *further,
                _ => break,
            }
        }
        label
    }
}

/// Threads all jumps.
pub(super) fn run(body: &mut Vec<Instruction>) -> bool {
    let targets = Targets::new(body);
    let mut changed = false;
    let mut out: Vec<Instruction> = Vec::with_capacity(body.len());
    for at in 0..body.len() {
        let Some(label) = body[at].target() else {
            out.push(body[at].clone());
            continue;
        };
        let end = targets.thread(body, label);
        let is_behind = targets.position(end).is_some_and(|position| position > at);
        let threaded = if body[at].is_forward() && !is_behind { label } else { end };
        match &body[at] {
            Instruction::Jump(Opcode::Jump, _) => {
                if let Some(position) = targets.position(threaded)
                    && let Some((next, _)) = targets.instruction(body, at + 1)
                    && let Some((there, instruction)) = targets.instruction(body, position)
                {
                    if next == there {
                        changed = true;
                        continue;
                    }
                    if matches!(instruction, Instruction::Plain(Opcode::ReturnValue)) {
                        out.push(instruction.clone());
                        changed = true;
                        continue;
                    }
                    if matches!(instruction, Instruction::Constant(Value::None))
                        && let Some((_, second @ Instruction::Plain(Opcode::ReturnValue))) =
                            targets.instruction(body, there + 1)
                    {
                        out.push(instruction.clone());
                        out.push(second.clone());
                        changed = true;
                        continue;
                    }
                }
                changed |= threaded != label;
                out.push(Instruction::Jump(Opcode::Jump, threaded));
            }
            Instruction::Jump(opcode @ (Opcode::PopJumpIfTrue | Opcode::PopJumpIfFalse), _) => {
                // `if not x: goto A; goto B; A:` is `if x: goto B; A:`.
                if let Some(Instruction::Jump(Opcode::Jump, around)) = body.get(at + 1)
                    && let Some((behind, _)) = targets.instruction(body, at + 2)
                    && let Some(position) = targets.position(label)
                    && targets.instruction(body, position).map(|(there, _)| there) == Some(behind)
                {
                    let opposite = match opcode {
                        Opcode::PopJumpIfTrue => Opcode::PopJumpIfFalse,
                        _ => Opcode::PopJumpIfTrue,
                    };
                    out.push(Instruction::Jump(opposite, *around));
                    changed = true;
                    // The jump that was behind it is gone: no real line has the number 0.
                    body[at + 1] = Instruction::Line(0);
                    continue;
                }
                changed |= threaded != label;
                out.push(Instruction::Jump(*opcode, threaded));
            }
            Instruction::Jump(opcode @ (Opcode::JumpIfTrueOrPop | Opcode::JumpIfFalseOrPop), _) => {
                changed |= threaded != label;
                out.push(Instruction::Jump(*opcode, threaded));
            }
            Instruction::Jump(opcode @ Opcode::PopExceptJump, _) => {
                changed |= threaded != label;
                out.push(Instruction::Jump(*opcode, threaded));
            }
            other => out.push(other.clone()),
        }
    }
    out.retain(|instruction| *instruction != Instruction::Line(0));
    *body = out;
    changed
}
