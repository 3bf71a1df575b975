//! What the person (or program) at this end does while a device runs something: types, ends input, presses
//! Ctrl-C. Each is one event in the connection's queue, so that one loop sees everything in order.

use std::io::Read as _;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::connection::Shared;

/// Read from standard input at once; the device's credit decides how much goes over the line.
const CHUNK_BYTES: usize = 2048;

/// How often a job in the background looks whether it is in front again.
const BACKGROUND_PAUSE: std::time::Duration = std::time::Duration::from_millis(300);

/// Something that came from this end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserEvent {
    /// Bytes of standard input.
    Input(Vec<u8>),
    /// Standard input ended.
    InputEnd,
    /// Ctrl-C, or the request of the system to end.
    Interrupt,
}

/// Whom a Ctrl-C is for now. The handler is one for the process; commands come and go.
static LISTENER: Mutex<Option<Arc<Shared>>> = Mutex::new(None);

/// Ctrl-C reaches the connection as [`UserEvent::Interrupt`] as long as the guard lives, and ends the process
/// (with status 130) when there is none.
pub struct InterruptGuard(());

impl InterruptGuard {
    /// Directs Ctrl-C to a connection.
    pub fn new(shared: Arc<Shared>) -> InterruptGuard {
        *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(shared);
        static INSTALL: std::sync::Once = std::sync::Once::new();
        INSTALL.call_once(|| {
            // Without a handler Ctrl-C ends the process, which is what is left to do if there can be none.
            let _ = ctrlc::set_handler(|| {
                let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner).clone();
                match listener {
                    Some(shared) => shared.post(UserEvent::Interrupt),
                    None => std::process::exit(130),
                }
            });
        });
        InterruptGuard(())
    }
}

impl Drop for InterruptGuard {
    fn drop(&mut self) {
        *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Does something during which Ctrl-C and the system's requests to end mean this process, not the device's program:
/// waiting for the next entry of a REPL.
pub fn undirected<T>(work: impl FnOnce() -> T) -> T {
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner).take();
    let result = work();
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    result
}

/// Lets the reading thread read one more chunk: so no more is read than the program takes, and what it does
/// not take stays for whoever comes next.
pub struct Demand {
    wanted: Mutex<bool>,
    changed: Condvar,
}

impl Demand {
    /// Asks for one more chunk.
    pub fn ask(&self) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        while !*wanted {
            wanted = self.changed.wait(wanted).unwrap_or_else(PoisonError::into_inner);
        }
        *wanted = false;
    }
}

/// Starts the thread that forwards standard input, a chunk for each [`Demand::ask`]. It cannot be woken from a
/// read, so it is left alone when the command ends.
pub fn forward_input(shared: Arc<Shared>) -> Arc<Demand> {
    let demand = Arc::new(Demand { wanted: Mutex::new(false), changed: Condvar::new() });
    let asked = demand.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; CHUNK_BYTES];
        loop {
            asked.wait();
            // A job in the background would be stopped as a whole for reading from its terminal.
            while in_background() {
                std::thread::sleep(BACKGROUND_PAUSE);
            }
            match std::io::stdin().lock().read(&mut buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => asked.ask(),
                Ok(0) | Err(_) => {
                    shared.post(UserEvent::InputEnd);
                    return;
                }
                Ok(count) => shared.post(UserEvent::Input(buffer.get(..count).unwrap_or_default().to_vec())),
            }
        }
    });
    demand
}

/// Whether standard input is a terminal that belongs to another job now.
#[cfg(unix)]
fn in_background() -> bool {
    let stdin = std::io::stdin();
    rustix::termios::isatty(&stdin)
        && rustix::termios::tcgetpgrp(&stdin).is_ok_and(|front| front != rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn in_background() -> bool {
    false
}

/// A line that was typed on the terminal, without waiting for one.
#[cfg(unix)]
pub fn typed_line() -> Vec<u8> {
    use rustix::event::{PollFd, PollFlags, Timespec};

    let stdin = std::io::stdin();
    let mut files = [PollFd::new(&stdin, PollFlags::IN)];
    let ready = rustix::event::poll(&mut files, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap_or(0);
    if ready == 0 || in_background() {
        return Vec::new();
    }
    let mut buffer = [0; CHUNK_BYTES];
    // Past the buffer of `std::io::Stdin`, which would keep what follows the line.
    let count = rustix::io::read(&stdin, &mut buffer).unwrap_or(0);
    buffer.get(..count).unwrap_or_default().to_vec()
}

/// Not known how to look without waiting.
#[cfg(not(unix))]
pub fn typed_line() -> Vec<u8> {
    Vec::new()
}

/// Lines of standard input for a job that may be sent to the background at any time, where it waits.
#[cfg(unix)]
#[derive(Default)]
pub struct Lines {
    /// Read and not given out yet.
    waiting: Vec<u8>,
}

#[cfg(unix)]
impl Iterator for Lines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        use rustix::event::{PollFd, PollFlags, Timespec};

        let stdin = std::io::stdin();
        loop {
            if let Some(end) = self.waiting.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.waiting.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line).into_owned());
            }
            // In turns, since only a job in front may read, and only when there is something.
            if in_background() {
                std::thread::sleep(BACKGROUND_PAUSE);
                continue;
            }
            let mut files = [PollFd::new(&stdin, PollFlags::IN)];
            let pause = Timespec { tv_sec: 0, tv_nsec: i64::from(BACKGROUND_PAUSE.subsec_nanos()) };
            if rustix::event::poll(&mut files, Some(&pause)).unwrap_or(0) == 0 {
                continue;
            }
            let mut buffer = [0; CHUNK_BYTES];
            match rustix::io::read(&stdin, &mut buffer) {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.waiting.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            }
        }
    }
}
