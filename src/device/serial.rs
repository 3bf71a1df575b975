//! Serial ports and pseudo-terminals through the `serialport` crate, and why one does not open.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use serialport::{ClearBuffer, SerialPort as _};

use super::access;
use super::error::PortError;
use super::transport::{RECEIVE_PATIENCE, Receive, TRANSMIT_TIMEOUT, Transmit, Transport};

#[cfg(unix)]
type Native = serialport::TTYPort;
#[cfg(windows)]
type Native = serialport::COMPort;

/// Opens a port for this process alone. `shown` is how the user named it.
pub fn open(path: &Path, shown: &str, baud: u32) -> Result<Transport, PortError> {
    let text = path.to_string_lossy();
    let builder = serialport::new(text.as_ref(), baud).timeout(RECEIVE_PATIENCE);
    let port = builder.open_native().map_err(|error| access::classify(path, shown, &error))?;
    // What a device said before anyone listened is not ours; a failure only leaves it to be skipped later.
    let _ = port.clear(ClearBuffer::Input);
    let receiver = port.try_clone_native().map_err(|error| access::classify(path, shown, &error))?;
    Ok(Transport {
        name: shown.to_owned(),
        receive: Box::new(SerialReceiver { port: receiver }),
        transmit: Box::new(SerialTransmitter { port }),
    })
}

struct SerialReceiver {
    port: Native,
}

impl Receive for SerialReceiver {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.port.read(buffer) {
            // A readable port without bytes: the other end of a pseudo-terminal is closed.
            Ok(0) => Err(io::ErrorKind::BrokenPipe.into()),
            Ok(count) => Ok(count),
            Err(error) if waits(&error) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

struct SerialTransmitter {
    port: Native,
}

impl Transmit for SerialTransmitter {
    fn transmit(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let mut deadline = Instant::now() + TRANSMIT_TIMEOUT;
        while !bytes.is_empty() {
            match self.port.write(bytes) {
                Ok(count) if count > 0 => {
                    bytes = bytes.get(count..).unwrap_or_default();
                    deadline = Instant::now() + TRANSMIT_TIMEOUT;
                }
                Ok(_) => std::thread::sleep(Duration::from_millis(1)),
                Err(error) if waits(&error) => {
                    if Instant::now() >= deadline {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Drop for SerialTransmitter {
    fn drop(&mut self) {
        // The exclusive mark outlives the last close on a pseudo-terminal whose other side stays open (a
        // simulated board), and would keep the next command out.
        #[cfg(unix)]
        let _ = self.port.set_exclusive(false);
    }
}

fn waits(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
