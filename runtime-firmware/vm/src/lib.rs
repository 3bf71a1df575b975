//! Values, heap, collector, types and interpreter: Python's semantics over one arena of 32-bit words.
//!
//! Absent on purpose: hardware, wires and files. The machine is reached through `hal::System`, which this crate
//! only carries for the native modules, polls, and writes tracebacks to.
//!
//! `unsafe` is in `arena.rs` (unchecked reads behind a bound, byte views) and `cursor.rs` (the interpreter's
//! instruction and stack pointers, behind the verifier's proof) only.
#![no_std]
#![deny(unsafe_code)]

#[cfg(test)]
extern crate std;

#[allow(unsafe_code)]
mod arena;
mod args;
mod attribute;
mod bigint;
mod call;
mod class;
pub mod class_id;
mod compare;
#[allow(unsafe_code)]
mod cursor;
mod execute;
pub(crate) mod float_text;
mod flow;
mod format_number;
mod frame;
mod gc;
mod generator;
mod heap;
mod import;
mod interpret;
mod iterate;
mod layout;
mod load;
mod message;
pub mod names;
mod native;
mod number;
mod objects;
mod operate;
mod rom;
mod run;
#[cfg(feature = "stress")]
mod stress;
mod subscript;
mod table;
#[cfg(test)]
mod testing;
mod text;
mod traceback;
pub mod types;
mod unwind;
mod value;
mod vm;

pub use args::Args;
pub use heap::{Heap, HeapFigures, Root};
pub use import::DEFAULT_PATH;
pub use layout::Tag;
pub use number::elementary;
pub use objects::Fill;
pub use rom::{Frozen, General, Leaf, Member, MemberRow, ModuleDef, ModuleRow, Rom, Row, TypeDef, TypeRow, build};
pub use run::Finish;
#[cfg(feature = "stress")]
pub use stress::Stress;
pub use text::Sink;
pub use value::{INT_MAX, INT_MIN, Raised, Ret, Slot, Val};
pub use vm::{MAX_NATIVE_DEPTH, Vm};
