//! The executor: boot, storage, the server side of the link, and program runs on a device.
//!
//! A board crate makes a [`hal::Board`], some [`Memory`] and a [`Runner`], and calls [`Executor::run`].
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod executor;
mod machine;
mod program;
mod queue;
mod server;
pub mod storage;

pub use executor::{Executor, Exit};
pub use machine::{Machine, Memory};
pub use program::{Finish, Runner, VmRunner};

/// Version of the executor, as hosts see it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The file of the executor's own that holds the report of the last crash.
const REPORT: &str = "report";
