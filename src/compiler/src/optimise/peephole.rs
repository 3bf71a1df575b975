//! Short sequences that have a shorter equal.

use mpy::Opcode;

use crate::code::Instruction;

/// Rewrites one window after the other.
pub(super) fn run(body: &mut Vec<Instruction>) -> bool {
    let mut changed = false;
    let mut out: Vec<Instruction> = Vec::with_capacity(body.len());
    for instruction in body.drain(..) {
        match (&instruction, out.as_slice()) {
            // `(x := value)` as a statement.
            (Instruction::Plain(Opcode::PopTop), [.., Instruction::Plain(Opcode::DupTop), store])
                if is_store(store) =>
            {
                let last = out.len() - 1;
                out.swap_remove(last - 1);
                changed = true;
            }
            (Instruction::Plain(Opcode::RotTwo), [.., Instruction::Plain(Opcode::RotTwo)]) => {
                out.pop();
                changed = true;
            }
            _ => out.push(instruction),
        }
    }
    *body = out;
    changed
}

fn is_store(instruction: &Instruction) -> bool {
    matches!(
        instruction,
        Instruction::Counted(Opcode::StoreFastN | Opcode::StoreDeref, _)
            | Instruction::Named(Opcode::StoreName | Opcode::StoreGlobal, _)
    )
}
