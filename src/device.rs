//! Devices: naming and opening ports, carrying the link over them, and what one does with a device.
//!
//! | file | what |
//! |---|---|
//! | [`port`] | names of ports: paths, `a0`, `id:…`, `usb:…`, `sim` |
//! | [`listing`] | the ports there are |
//! | [`transport`] | bytes there and back, whatever carries them |
//! | [`serial`] | serial ports and pseudo-terminals, and why they do not open |
//! | [`connection`] | one open session of the link over a transport |
//! | [`session`] | programs: load, run, input and output |
//! | [`deploy`] | apps: send, verify, start |
//! | [`user`] | what the person at this end does meanwhile |
mod access;
mod compile_request;
pub mod connection;
pub mod deploy;
mod greeting;
pub mod listing;
pub mod port;
pub mod serial;
pub mod session;
pub mod transport;
pub mod user;

mod error;

pub use error::{LinkError, PortError};
