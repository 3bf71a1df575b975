//! `upy inspect`: what is in a .mpy file.

use crate::cli::Inspect;
use crate::error::{Error, Status};
use crate::ui::Ui;

pub(super) fn run(arguments: &Inspect, ui: &Ui) -> Result<Status, Error> {
    let bytes = std::fs::read(&arguments.file).map_err(Error::file("read", &arguments.file))?;
    let module = mpy::decode(&bytes).map_err(|error| Error::Content {
        message: format!("`{}` is not a .mpy file that upy can read: {error}", arguments.file.display()),
        hint: Some(
            "upy reads version 6 with bytecode, as `upy build` and mpy-cross 1.19 and later write it".to_owned(),
        ),
    })?;
    ui.line(format!("{module:#?}"));
    Ok(Status::Success)
}
