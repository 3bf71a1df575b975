//! The console of the board: two byte pipes, one each way, as a serial line is.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
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
    wake: Arc<Wake>,
    /// Nobody has listened for a while: do not wait again until somebody does.
    deaf: bool,
    /// How long one byte takes; zero for a line that takes no time.
    byte_time: Duration,
    /// When the next byte can have arrived, and when the last byte sent will have left.
    arrives: Instant,
    leaves: Instant,
}

impl SimulatedConsole {
    /// A console on a line of so many baud, or one that takes no time.
    pub(crate) fn new(pipes: Arc<Pipes>, wake: Arc<Wake>, baud: Option<u32>) -> Self {
        // Eight bits, a start and a stop bit.
        let byte_time = baud.map_or(Duration::ZERO, |baud| Duration::from_secs(10) / baud.max(1));
        let now = Instant::now();
        SimulatedConsole { pipes, wake, deaf: false, byte_time, arrives: now, leaves: now }
    }

    /// How many of the waiting bytes have had the time to arrive.
    fn arrived(&mut self, waiting: usize) -> usize {
        if self.byte_time.is_zero() {
            return waiting;
        }
        let now = Instant::now();
        if waiting == 0 {
            self.arrives = self.arrives.max(now);
            self.wake.arriving.store(false, Ordering::Relaxed);
            return 0;
        }
        let since = now.saturating_duration_since(self.arrives);
        let count = (since.as_nanos() / self.byte_time.as_nanos()).min(waiting as u128) as usize;
        self.wake.arriving.store(count < waiting, Ordering::Relaxed);
        count
    }
}

impl Console for SimulatedConsole {
    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let pipes = Arc::clone(&self.pipes);
        let mut bytes = lock(&pipes.to_device.bytes);
        let count = self.arrived(bytes.len()).min(buffer.len());
        self.arrives += self.byte_time * count as u32;
        for (place, byte) in buffer.iter_mut().zip(bytes.drain(..count)) {
            *place = byte;
        }
        count
    }

    fn write(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        if self.leaves > now {
            std::thread::sleep(self.leaves - now);
        }
        self.leaves = self.leaves.max(now) + self.byte_time * bytes.len() as u32;
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
