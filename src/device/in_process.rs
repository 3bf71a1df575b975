//! The simulator in this process: the same link, over a pipe in memory.

use super::Simulated;
use super::transport::Transport;
use crate::error::Error;

/// Starts a simulated board on a thread of its own.
pub(super) fn start(_simulated: &Simulated) -> Result<Transport, Error> {
    Err(Error::Usage { message: "the simulator is not there yet".to_owned(), hint: None })
}
