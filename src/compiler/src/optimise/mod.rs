//! Makes intermediate code smaller and faster without changing what it does. Each pass is one file; a new pass is one
//! more file and one more line in [`PASSES`].

mod branches;
mod dead_code;
pub(crate) mod fold;
mod jumps;
mod peephole;

use crate::code::{Code, Instruction};

/// A pass rewrites a function's instructions and says whether it changed any.
type Pass = fn(&mut Vec<Instruction>) -> bool;

/// All passes, in the order in which they run.
const PASSES: &[Pass] = &[fold::run, branches::run, dead_code::run, jumps::run, peephole::run];

/// Passes enable each other; after so many rounds the rest is not worth the time.
const ROUNDS_MAXIMUM: usize = 8;

/// Optimises a function and all that it contains.
pub(crate) fn optimise(code: &mut Code) {
    for _ in 0..ROUNDS_MAXIMUM {
        let mut changed = false;
        for pass in PASSES {
            changed |= pass(&mut code.body);
        }
        if !changed {
            break;
        }
    }
    for child in &mut code.children {
        optimise(child);
    }
}
