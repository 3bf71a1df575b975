//! A simulated board offered to other programs: a pseudo-terminal to talk to, a control to press its buttons.
//!
//! The board itself (executor, flash, pins, clock) is the crate `simulator`; here is what surrounds it.

pub mod board;
pub mod control;
#[cfg(unix)]
pub mod control_socket;
#[cfg(unix)]
pub mod link_file;
#[cfg(unix)]
pub mod pty;
mod runner;
#[cfg(unix)]
pub mod serve;
