//! The two walls of the executor: what a board offers below, what a running program may ask for above.
//!
//! [`Board`] is implemented once per board, over registers. [`System`] is implemented once, by the
//! executor, on top of a `Board`, its storage and its link to a host; the Python modules see nothing else.
//! Both are object safe, so that no type parameter runs through the virtual machine.
#![no_std]
#![forbid(unsafe_code)]

mod board;
mod error;
mod system;

pub use board::{
    Board, Clock, Console, Description, Edges, Flash, FloatWidth, Geometry, PinEvent, PinMode, Pins, Pull, ResetKind,
};
pub use error::Error;
pub use system::{
    CompileMode, CompileReply, Entry, EntryKind, Events, FileId, Files, FsUsage, Input, OpenMode, Stat, System,
};
