//! What runs programs on the simulated board.

use executor::{Finish, Runner};
use hal::System;
use simulator::RunnerFactory;

/// Makes a runner for each start of a board.
pub(super) fn factory() -> RunnerFactory {
    std::sync::Arc::new(|_| Box::new(NoMachine))
}

/// Stands where the virtual machine will be, and says so.
struct NoMachine;

const WHY: Finish = Finish::Refused("this build has no virtual machine yet");

impl Runner for NoMachine {
    fn reset(&mut self) {}

    fn preload(&mut self, _system: &mut dyn System, _name: &str, _length: usize) -> Result<(), Finish> {
        Ok(())
    }

    fn preload_write(&mut self, _system: &mut dyn System, _offset: usize, _bytes: &[u8]) {}

    fn set_arguments(&mut self, _system: &mut dyn System, _arguments: &[u8]) {}

    fn run_preloaded(&mut self, _system: &mut dyn System, _name: &str) -> Finish {
        WHY
    }

    fn run_in_place(&mut self, _system: &mut dyn System, _name: &str, _mpy: &'static [u8]) -> Finish {
        WHY
    }
}
