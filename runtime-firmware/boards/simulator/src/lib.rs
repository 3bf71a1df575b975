//! The simulated board: the executor on a thread of the desktop, with flash in memory or in a file, pins that
//! are pressed from outside, and a console that is a pair of byte pipes.
//!
//! [`Simulator::spawn`] switches it on. What a person would do with a real board is done through the handle:
//! press a pin, look at an output, pull the plug, switch it on again.
#![forbid(unsafe_code)]

mod board;
mod clock;
mod console;
mod flash;
mod pins;
mod profile;
mod simulator;

pub use board::{BareBoard, bare_board};
pub use clock::Time;
pub use console::Line;
pub use flash::{Cut, Moment, SimulatedFlash};
pub use pins::{Change, PinState};
pub use profile::{Buffers, Profile, Sizes};
pub use simulator::{Config, RunnerFactory, Simulator, virtual_machine};
