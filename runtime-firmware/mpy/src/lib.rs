//! The `.mpy` v6 format, where compiler and executor meet: defined here once, and read by encoder, disassembler,
//! verifier and interpreter.
//!
//! | file | what |
//! |---|---|
//! | [`opcode`] | one table of all opcodes: meaning, operand, stack effect, flow |
//! | [`instruction`] | decoding one instruction |
//! | [`varint`] | the integer and jump-offset encodings |
//! | [`mod@line`] | the line-number table |
//! | [`operator`], [`scope`] | numbers of operators, bits of a function's flags |
//! | [`qstr`] | the static strings that every `.mpy` may name by number |
//! | [`text`] | what a string may be |
//! | [`reader`] | a checked view over the bytes of a file, without copying (no heap) |
//! | [`verify`] | proof that a function's bytecode can be run without further checks (no heap) |
//! | [`module`] | the owned tree: what the compiler makes (feature `alloc`) |
//! | [`mod@decode`], [`mod@write`] | bytes to tree and back, byte for byte (feature `alloc`) |
//! | [`mod@disassemble`] | tree to text (feature `alloc`) |
//!
//! Absent on purpose: values, objects and anything that runs. This crate knows bytes only.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(feature = "alloc")]
pub mod decode;
#[cfg(feature = "alloc")]
pub mod disassemble;
pub mod instruction;
pub mod line;
#[cfg(feature = "alloc")]
pub mod module;
pub mod opcode;
pub mod operator;
pub mod qstr;
pub mod reader;
pub mod scope;
pub mod text;
pub mod varint;
pub mod verify;
#[cfg(feature = "alloc")]
pub mod write;

#[cfg(feature = "alloc")]
pub use decode::{DecodeError, decode};
#[cfg(feature = "alloc")]
pub use disassemble::disassemble;
pub use instruction::{Argument, Instruction, InstructionError};
#[cfg(feature = "alloc")]
pub use module::{Constant, Function, Module};
pub use opcode::{Effect, Flow, Opcode, OpcodeInfo, Operand};
pub use operator::{BinaryOperator, UnaryOperator};
pub use qstr::STATIC_QSTRS;
pub use verify::{Facts, Limits, VerifyError, VerifyErrorKind, verify_function};
#[cfg(feature = "alloc")]
pub use write::{EncodeError, encode};
