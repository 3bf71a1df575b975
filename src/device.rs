//! Devices: naming and opening ports, carrying the link over them, and what one does with a device.
//!
//! | file | what |
//! |---|---|
//! | [`port`] | names of ports: paths, `a0`, `id:…`, `usb:…`, `sim` |
//! | [`listing`] | the ports there are |
//! | [`transport`] | bytes there and back, whatever carries them |
//! | [`serial`] | serial ports and pseudo-terminals, and why they do not open |
mod access;
pub mod listing;
pub mod port;
pub mod serial;
pub mod transport;

mod error;

pub use error::{LinkError, PortError};
