//! The commands: one file each, with one function that takes its arguments.

mod build;
mod completions;
mod deploy;
mod devices;
mod inspect;
mod new;
mod repl;
mod run;
mod sim;

use crate::build::Settings;
use crate::cli::{Arguments, Command, Compiling, Target};
use crate::error::{Error, Status};
use crate::project::Project;
use crate::ui::Ui;

/// Small integers of 32-bit boards.
const SMALL_INT_BITS: u8 = 31;

/// Runs the command.
pub(crate) fn run(arguments: Arguments, ui: &Ui) -> Result<Status, Error> {
    match arguments.command {
        Command::New(arguments) => new::run(&arguments, ui),
        Command::Build(arguments) => build::run(&arguments, ui),
        Command::Run(arguments) => run::run(&arguments, ui),
        Command::Inspect(arguments) => inspect::run(&arguments, ui),
        Command::Devices(arguments) => devices::run(&arguments, ui),
        Command::Deploy(arguments) => deploy::run(&arguments, ui),
        Command::Repl(arguments) => repl::run(&arguments, ui),
        Command::Sim(arguments) => sim::run(&arguments, ui),
        Command::Completions(arguments) => completions::run(&arguments, ui),
    }
}

/// The command line over the project, the project over the defaults.
fn settings(compiling: &Compiling, project: Option<&Project>, target: Target) -> Settings {
    Settings {
        target,
        optimisation: compiling.optimisation.or(project.map(|project| project.optimisation)).unwrap_or(0),
        strip: compiling.strip,
        small_int_bits: SMALL_INT_BITS,
    }
}

/// A program without a project names a data file that is too large to ride along by itself.
fn warn_of_data_left_out(name: &str, ui: &Ui) {
    ui.warning(format_args!("the data file `{name}` was left out: the program's folder has too much data"));
    ui.hint("make the folder a project: an `upy.toml` with `include` chooses the files");
}
