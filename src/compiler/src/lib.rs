//! Compiles Python source text to .mpy v6 code objects.
//!
//! Source text in, code object and diagnostics out: no files, no printing, no command line. The crate stands alone so
//! that the host tool, the frozen modules' build and the simulator can all use it.
//!
//! The way of a program: `limits` bounds its nesting, `ast` parses it, `check` and `scope` find what is wrong with it
//! and what its names mean, `lower` turns it into `code`, `optimise` improves that, and `emit` encodes it.
#![forbid(unsafe_code)]

mod ast;
mod check;
mod code;
mod compile;
mod emit;
mod error;
mod imports;
mod limits;
mod lower;
mod optimise;
mod repl;
mod scope;
mod source;
mod value;

pub use compile::compile;
pub use error::{Diagnostic, Severity};
pub use imports::{Import, imports};
pub use repl::is_incomplete;

/// What the compiled module will be run by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Stock MicroPython, 1.19 and later.
    #[default]
    Stock,
    /// Our own executor, which follows CPython in more places.
    Upy,
}

/// What kind of text is compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A module: statements.
    #[default]
    Exec,
    /// One expression; the code object returns its value.
    Eval,
    /// A REPL entry: statements, where the value of each expression statement is given to `__repl_print__`.
    Single,
}

/// How to compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The name that tracebacks show, recorded in the file.
    pub source_name: String,
    /// 0: assertions run and `__debug__` is true. 1, 2: assertions removed. 3: line numbers removed as well.
    pub optimisation: u8,
    /// What runs the result.
    pub target: Target,
    /// What kind of text the source is.
    pub mode: Mode,
    /// Width of the target's small integers, in bits, sign included (31 on 32-bit boards).
    pub small_int_bits: u8,
    /// Leave line numbers out, whatever the optimisation level.
    pub strip: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            source_name: String::from("<stdin>"),
            optimisation: 0,
            target: Target::Stock,
            mode: Mode::Exec,
            small_int_bits: 31,
            strip: false,
        }
    }
}

/// What came of a compilation.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The code object; absent when any diagnostic is an error.
    pub module: Option<mpy::Module>,
    /// Errors and warnings, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Output {
    /// True when the compilation failed.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}
