//! `upy sim`.
use crate::cli::Sim;
use crate::error::{Error, Status};
use crate::ui::Ui;

pub(super) fn run(_arguments: &Sim, _ui: &Ui) -> Result<Status, Error> {
    Err(Error::Usage { message: "the simulator is not there yet".to_owned(), hint: None })
}
