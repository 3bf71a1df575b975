//! The simulator in this process: the same link as to any board, over a pipe in memory.

use std::io;
use std::sync::Arc;

use simulator::{Line, Simulator};

use super::transport::{RECEIVE_PATIENCE, Receive, Transmit, Transport};
use super::{SIMULATOR, Simulated};
use crate::error::Error;
use crate::simulation::board;

/// Switches a simulated board on; it goes off when both halves of its line are dropped.
pub(super) fn start(simulated: &Simulated) -> Result<Transport, Error> {
    let profile = board::profile(simulated.board.as_deref())?;
    let simulator = Arc::new(board::switch_on(profile, None)?);
    let line = simulator.line();
    Ok(Transport {
        name: SIMULATOR.to_owned(),
        receive: Box::new(Half { line: line.clone(), simulator: simulator.clone() }),
        transmit: Box::new(Half { line, simulator }),
    })
}

struct Half {
    line: Line,
    simulator: Arc<Simulator>,
}

impl Receive for Half {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.line.read(buffer, RECEIVE_PATIENCE) {
            0 if !self.simulator.is_on() => Err(io::ErrorKind::BrokenPipe.into()),
            count => Ok(count),
        }
    }
}

impl Transmit for Half {
    fn transmit(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.line.write(bytes);
        Ok(())
    }
}
