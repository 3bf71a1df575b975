//! The console of the board: two byte pipes, one each way, as a serial line is.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hal::Console;

use crate::clock::{Wake, lock};

/// Bytes that wait on the way to the host before the board has to wait.
const CAPACITY: usize = 64 * 1024;
/// When nobody takes any for so long, nobody listens: the board's output is lost, as on a real line.
const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Default)]
struct Pipe {
    bytes: Mutex<VecDeque<u8>>,
    changed: Condvar,
}

/// Both pipes.
#[derive(Default)]
pub(crate) struct Pipes {
    to_device: Pipe,
    to_host: Pipe,
}

/// The host's end of the console. Clones are the same end.
#[derive(Clone)]
pub struct Line {
    pipes: Arc<Pipes>,
    wake: Arc<Wake>,
}

impl Line {
    pub(crate) fn new(pipes: Arc<Pipes>, wake: Arc<Wake>) -> Line {
        Line { pipes, wake }
    }

    /// Takes bytes that the board sent, waiting for the first of them at most so long; 0 when there are none.
    pub fn read(&self, buffer: &mut [u8], longest: Duration) -> usize {
        let pipe = &self.pipes.to_host;
        let guard = lock(&pipe.bytes);
        let (mut bytes, _) = pipe
            .changed
            .wait_timeout_while(guard, longest, |bytes| bytes.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let count = bytes.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(bytes.drain(..count)) {
            *place = byte;
        }
        drop(bytes);
        pipe.changed.notify_all();
        count
    }

    /// Sends bytes to the board.
    pub fn write(&self, bytes: &[u8]) {
        lock(&self.pipes.to_device.bytes).extend(bytes);
        self.wake.wake();
    }

    /// Bytes sent to the board that it has not taken yet.
    pub fn unread(&self) -> usize {
        lock(&self.pipes.to_device.bytes).len()
    }
}

/// The board's end.
pub(crate) struct SimulatedConsole {
    pipes: Arc<Pipes>,
    /// Nobody has listened for a while: do not wait again until somebody does.
    deaf: bool,
}

impl SimulatedConsole {
    pub(crate) fn new(pipes: Arc<Pipes>) -> Self {
        SimulatedConsole { pipes, deaf: false }
    }
}

impl Console for SimulatedConsole {
    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let mut bytes = lock(&self.pipes.to_device.bytes);
        let count = bytes.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(bytes.drain(..count)) {
            *place = byte;
        }
        count
    }

    fn write(&mut self, bytes: &[u8]) {
        let pipe = &self.pipes.to_host;
        let mut rest = bytes;
        let mut since = Instant::now();
        let mut waiting = lock(&pipe.bytes);
        while !rest.is_empty() {
            let count = rest.len().min(CAPACITY.saturating_sub(waiting.len()));
            waiting.extend(&rest[..count]);
            rest = &rest[count..];
            if count > 0 {
                since = Instant::now();
                self.deaf = false;
                pipe.changed.notify_all();
            } else if self.deaf || since.elapsed() > PATIENCE {
                self.deaf = true;
                return;
            } else {
                (waiting, _) = pipe.changed.wait_timeout(waiting, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}
