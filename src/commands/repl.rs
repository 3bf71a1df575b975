//! `upy repl`: entries are compiled here and run in the device's `__main__`.

use super::settings;
use crate::build::{Batch, Unit, closure};
use crate::cli::{Compiling, Repl, Target};
use crate::device::session::Session;
use crate::device::{self, LinkError, Simulated, user};
use crate::error::{Error, Status};
use crate::ui::{Editor, Entry, Ui};
use link::message::Finish;

/// The file name in tracebacks, as CPython's.
const SOURCE_NAME: &str = "<stdin>";

pub(super) fn run(arguments: &Repl, ui: &Ui) -> Result<Status, Error> {
    let simulated = Simulated { board: arguments.board.clone() };
    let mut session = device::connect(arguments.port.port.as_deref(), &arguments.port.line, simulated, ui)?;
    session.stop()?;
    let history = crate::project::user_state_folder().map(|folder| folder.join("repl-history"));
    let mut editor = Editor::new(history.as_deref());
    if editor.is_interactive() {
        let facts = session.facts();
        ui.status("Connected", format_args!("{} on {} (executor {})", facts.machine, session.port(), facts.executor));
        ui.status("", "Ctrl-C interrupts, Ctrl-D on an empty line leaves");
    }
    let mut status = Status::Success;
    loop {
        match user::undirected(|| editor.read(compiler::is_incomplete)) {
            Entry::End => return Ok(status),
            Entry::Cancelled => {}
            Entry::Source(source) => match evaluate(&mut session, &source, editor.is_interactive(), ui)? {
                Evaluated::Fine => {}
                // A person has seen it; a script wants to know at the end.
                Evaluated::Failed if editor.is_interactive() => {}
                Evaluated::Failed => status = Status::Failure,
                Evaluated::Exit(code) => return Ok(Status::Program(code)),
            },
        }
    }
}

enum Evaluated {
    Fine,
    Failed,
    Exit(i32),
}

fn evaluate(session: &mut Session<'_>, source: &str, interactive: bool, ui: &Ui) -> Result<Evaluated, Error> {
    let mut batch = Batch::new(settings(&Compiling::default(), None, Target::Upy));
    let unit =
        Unit { shown: SOURCE_NAME.to_owned(), source_name: SOURCE_NAME.to_owned(), text: source.as_bytes().to_vec() };
    let compiled = batch.compile(&unit, compiler::Mode::Single);
    let Some(mpy) = compiled else {
        if let Err(error) = batch.finish(ui) {
            for report in crate::error::Explain::reports(&error) {
                ui.report(report);
            }
        }
        return Ok(Evaluated::Failed);
    };
    // Warnings only: what has errors was not compiled.
    let _ = batch.finish(ui);
    match session.preload(closure::MAIN, &mpy) {
        Ok(()) => {}
        Err(error @ Error::Link(LinkError::Refused { .. })) => {
            ui.error(&error);
            session.resynchronise()?;
            return Ok(Evaluated::Failed);
        }
        Err(error) => return Err(error),
    }
    let finished = session.run_entry(interactive)?;
    match finished.finish {
        Finish::Done => Ok(Evaluated::Fine),
        Finish::Exit => Ok(Evaluated::Exit(finished.status)),
        Finish::Error | Finish::Interrupted | Finish::Stopped => Ok(Evaluated::Failed),
        Finish::Refused | Finish::NoMemory => {
            if let Err(error) = finished.into_status() {
                ui.error(&error);
            }
            Ok(Evaluated::Failed)
        }
    }
}
