//! Removes what no path reaches, and labels that no jump names.

use std::collections::HashSet;

use crate::code::{Instruction, Label};

/// Follows all paths from the start.
pub(super) fn run(body: &mut Vec<Instruction>) -> bool {
    let highest = body.iter().filter_map(|one| if let Instruction::Label(label) = one { Some(label.0) } else { None });
    let mut positions: Vec<Option<usize>> = vec![None; highest.max().map_or(0, |most| most as usize + 1)];
    for (at, instruction) in body.iter().enumerate() {
        if let Instruction::Label(label) = instruction {
            positions[label.0 as usize] = Some(at);
        }
    }
    let mut reached = vec![false; body.len()];
    let mut work = vec![0];
    while let Some(start) = work.pop() {
        for at in start..body.len() {
            if std::mem::replace(&mut reached[at], true) {
                break;
            }
            if let Some(target) = body[at].target()
                && let Some(Some(position)) = positions.get(target.0 as usize)
                && !reached[*position]
            {
                work.push(*position);
            }
            if body[at].ends() {
                break;
            }
        }
    }
    let named: HashSet<Label> =
        body.iter().zip(&reached).filter(|(_, reached)| **reached).filter_map(|(one, _)| one.target()).collect();
    let before = body.len();
    let mut at = 0;
    body.retain(|instruction| {
        at += 1;
        match instruction {
            Instruction::Label(label) => named.contains(label),
            // Lines stay: the code behind them may be reached from elsewhere.
            Instruction::Line(_) => true,
            _ => reached[at - 1],
        }
    });
    // Of several line marks in a row only the last counts.
    let mut kept: Vec<Instruction> = Vec::with_capacity(body.len());
    for instruction in body.drain(..) {
        if let (Instruction::Line(_), Some(Instruction::Line(_))) = (&instruction, kept.last()) {
            kept.pop();
        }
        kept.push(instruction);
    }
    *body = kept;
    body.len() != before
}
