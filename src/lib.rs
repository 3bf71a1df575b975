//! The host tool as a library: `main.rs` only calls [`main`], so that tests and tools can use the same parts.
//!
//! Direction: `commands` use `project`, `build`, `device` and `ui`; none of those knows a command. Only `ui`
//! writes to the terminal. The compiler is a crate of its own and touches no file.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod build;
pub mod cli;
mod commands;
pub mod device;
pub mod error;
pub mod project;
pub mod simulation;
pub mod ui;

/// Parses the arguments, runs one command, reports at most one error; returns the process's exit status.
pub fn main() -> i32 {
    let arguments = match cli::Arguments::parse_process() {
        Ok(arguments) => arguments,
        Err(error) => return ui::usage(&error),
    };
    let ui = ui::Ui::new(&arguments.global);
    let status = match commands::run(arguments, &ui) {
        Ok(status) => status,
        Err(error) => {
            ui.error(&error);
            error::Explain::status(&error)
        }
    };
    status.code()
}
