//! Devices: naming and opening ports, carrying the link over them, and what one does with a device.
//!
//! | file | what |
//! |---|---|
//! | [`port`] | names of ports: paths, `a0`, `id:…`, `usb:…`, `sim` |
//! | [`listing`] | the ports there are |
//! | [`transport`] | bytes there and back, whatever carries them |
//! | [`serial`] | serial ports and pseudo-terminals, and why they do not open |
//! | [`connection`] | one open session of the link over a transport |
//! | [`session`] | commands and replies, and what a device asks for |
//! | [`program`] | programs: load, run, input and output |
//! | [`deploy`] | apps: send what changed, verify |
//! | [`recipe`] | what of a new app lies in the old one |
//! | [`user`] | what the person at this end does meanwhile |
mod access;
mod compile_request;
pub mod connection;
pub mod deploy;
mod greeting;
mod image_cache;
mod in_process;
pub mod listing;
pub mod port;
pub mod program;
pub mod recipe;
pub mod serial;
pub mod session;
mod trace;
pub mod transport;
pub mod user;

mod error;

use crate::cli::Line;
use crate::error::Error;
use crate::ui::Ui;
use connection::Connection;
use port::Destination;
use session::Session;

pub use error::{LinkError, PortError};
pub use session::DeviceFacts;

/// The port name of the simulator in this process.
pub const SIMULATOR: &str = "sim";

/// What the simulator in this process is, when it is the device.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    /// Its board profile.
    pub board: Option<String>,
}

/// Opens the port of this name (the only board there is, without one) and greets the device there.
pub fn connect<'a>(port: Option<&str>, line: &Line, simulated: Simulated, ui: &'a Ui) -> Result<Session<'a>, Error> {
    let mut transport = match port::resolve(port)? {
        Destination::Simulator => in_process::start(&simulated)?,
        Destination::Serial(path) => {
            let shown = port.map_or_else(|| path.display().to_string(), str::to_owned);
            serial::open(&path, &shown, line.baud)?
        }
    };
    if let Some(path) = &line.trace_wire {
        transport = trace::traced(transport, path)?;
    }
    let connection = Connection::open(transport, connection::GREETING_TIMEOUT)?;
    let mut session = Session::start(connection, ui)?;
    session.show_crash()?;
    Ok(session)
}
