//! A simulated board offered to other programs: a pseudo-terminal to talk to, a control to press its buttons.
//!
//! The board itself (executor, flash, pins, clock) is the crate `simulator`; here is what surrounds it.

pub mod control;
pub mod link_file;
#[cfg(unix)]
pub mod pty;
