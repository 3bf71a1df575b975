//! The link between `upy` and a device: one reliable, ordered stream of messages over a serial line.
//!
//! Four layers, one file each: [`greeting`] wakes a device that speaks plain text; [`frame`] packs bytes so
//! that damage is noticed; [`Endpoint`] repeats what was lost and paces the sender; [`message`] says what is
//! meant. Host and device run the same [`Endpoint`], so there is one implementation to get right.
//! `PROTOCOL.md` beside this crate specifies all of it for other implementations.
#![no_std]
#![forbid(unsafe_code)]

mod endpoint;
mod error;
pub mod frame;
pub mod greeting;
pub mod message;
mod splitter;
mod stream;

pub use endpoint::{
    Buffers, ClosedReason, Endpoint, GREETING_US, HOLD_US, KEEPALIVE_US, Role, SILENCE_US, SendError, State,
    Statistics, decode,
};
pub use error::ErrorCode;
pub use message::{ToDevice, ToHost};

/// Version of frames and messages; both sides must have the same.
pub const PROTOCOL_VERSION: u8 = 1;

/// Payload bytes that every host takes in one frame.
pub const HOST_PAYLOAD_BYTES: usize = 1024;

/// Smallest payload that a device may announce.
pub const MINIMUM_PAYLOAD_BYTES: usize = 32;

/// Bytes of one message that a device may always send: a host has room for at least this.
pub const HOST_MESSAGE_BYTES: usize = 4096;
