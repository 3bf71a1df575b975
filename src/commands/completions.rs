//! `upy completions`: the generated script; `completions/` holds the same files, checked by a test.

use crate::cli::{self, Completions};
use crate::error::{Error, Status};
use crate::ui::Ui;

pub(super) fn run(arguments: &Completions, ui: &Ui) -> Result<Status, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli::command(), "upy", &mut script);
    ui.text(&String::from_utf8_lossy(&script));
    Ok(Status::Success)
}
