//! Bytes to a device and back. Nothing here or above knows a file descriptor, so that a serial port, a
//! pseudo-terminal, the simulator in this process and later a socket are the same to every command.

use std::io;
use std::time::Duration;

/// A receiver returns at least this often, so that its thread can end.
pub const RECEIVE_PATIENCE: Duration = Duration::from_millis(50);
/// A line that takes no bytes for this long is given up.
pub const TRANSMIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The receiving half.
pub trait Receive: Send {
    /// Takes what has arrived; waits [`RECEIVE_PATIENCE`] at most. `Ok(0)`: nothing came.
    ///
    /// # Errors
    /// The other side is gone ([`io::ErrorKind::BrokenPipe`] and its like), or the system refused.
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
}

/// The sending half.
pub trait Transmit: Send {
    /// Sends all bytes.
    ///
    /// # Errors
    /// The other side is gone, or takes nothing for [`TRANSMIT_TIMEOUT`] ([`io::ErrorKind::TimedOut`]).
    fn transmit(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Both halves of an open line; they are used from two threads.
pub struct Transport {
    /// What to call it in messages: the port as the user named it.
    pub name: String,
    /// From the device.
    pub receive: Box<dyn Receive>,
    /// To the device.
    pub transmit: Box<dyn Transmit>,
}
