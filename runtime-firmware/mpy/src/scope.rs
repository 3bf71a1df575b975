//! Bits of a function's `scope_flags`, with MicroPython's values.

/// Calling the function makes a generator.
pub const GENERATOR: u8 = 1;
/// The function takes `**keywords`.
pub const VAR_KEYWORDS: u8 = 2;
/// The function takes `*arguments`.
pub const VAR_ARGUMENTS: u8 = 4;
/// The function has defaults for keyword-only arguments.
pub const DEFAULT_KEYWORDS: u8 = 8;
/// All bits that a bytecode function may have.
pub const ALL: u8 = 15;
