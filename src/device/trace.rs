//! A record of every byte on a line, with times: what a report of a fault in the link needs.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::transport::{Receive, Transmit, Transport};
use crate::error::Error;

/// Bytes in one line of the record.
const ROW_BYTES: usize = 16;

struct Record {
    file: Mutex<File>,
    started: Instant,
}

impl Record {
    /// One row per 16 bytes: seconds, direction, hexadecimal, text.
    fn note(&self, direction: char, bytes: &[u8]) {
        let seconds = self.started.elapsed().as_secs_f64();
        let mut rows = String::new();
        for row in bytes.chunks(ROW_BYTES) {
            let hexadecimal: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
            let text: String =
                row.iter().map(|&byte| if (b' '..=b'~').contains(&byte) { byte as char } else { '.' }).collect();
            rows.push_str(&format!("{seconds:10.6} {direction} {:47}  {text}\n", hexadecimal.join(" ")));
        }
        // A record that cannot be written must not end what it records.
        let _ = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(rows.as_bytes());
    }
}

struct TracedReceiver {
    inner: Box<dyn Receive>,
    record: Arc<Record>,
}

impl Receive for TracedReceiver {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.receive(buffer)?;
        self.record.note('<', buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

struct TracedTransmitter {
    inner: Box<dyn Transmit>,
    record: Arc<Record>,
}

impl Transmit for TracedTransmitter {
    fn transmit(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.record.note('>', bytes);
        self.inner.transmit(bytes)
    }
}

/// The same line, recorded to a file.
pub(super) fn traced(transport: Transport, path: &Path) -> Result<Transport, Error> {
    let file = File::create(path).map_err(Error::file("create", path))?;
    let record = Arc::new(Record { file: Mutex::new(file), started: Instant::now() });
    Ok(Transport {
        name: transport.name,
        receive: Box::new(TracedReceiver { inner: transport.receive, record: record.clone() }),
        transmit: Box::new(TracedTransmitter { inner: transport.transmit, record }),
    })
}
