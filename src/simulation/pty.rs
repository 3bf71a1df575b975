//! The simulated board's serial port: the master side of a pseudo-terminal that outlives its visitors.
//!
//! While nobody has the other side open the board's output is dropped, as a USB port drops it; a visitor may
//! come, go or be killed at any time.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::OpenptFlags;
use rustix::termios::{self, OptionalActions, QueueSelector};

/// A visitor that takes nothing for this long loses what it does not take, as on a line without flow control.
const WRITE_PATIENCE: Duration = Duration::from_millis(500);

/// The board's side of the pseudo-terminal.
#[derive(Debug)]
pub struct Pty {
    master: OwnedFd,
    path: PathBuf,
    connected: bool,
}

/// What [`Pty::wait`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// So many bytes arrived.
    Bytes(usize),
    /// Nothing in the given time.
    Nothing,
    /// The visitor left.
    Left,
    /// The visitor left and keeps others out even now: only a new pseudo-terminal helps.
    Unusable,
}

impl Pty {
    /// A new one, in raw mode.
    pub fn open() -> io::Result<Pty> {
        let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&master)?;
        rustix::pty::unlockpt(&master)?;
        let name = rustix::pty::ptsname(&master, Vec::new())?;
        let path = PathBuf::from(name.to_string_lossy().into_owned());
        rustix::io::ioctl_fionbio(&master, true)?;
        let pty = Pty { master, path, connected: false };
        // Closing the other side again makes its absence visible from here.
        pty.make_ready()?;
        Ok(pty)
    }

    /// The path that others open.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Raw mode, nothing left of the last visitor, open to the next one.
    fn make_ready(&self) -> io::Result<()> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let other_side = rustix::fs::open(&self.path, flags, Mode::empty())?;
        // A visitor that was killed could not take back its exclusive mark.
        let _ = termios::ioctl_tiocnxcl(&other_side);
        let mut settings = termios::tcgetattr(&other_side)?;
        settings.make_raw();
        termios::tcsetattr(&other_side, OptionalActions::Now, &settings)?;
        termios::tcflush(&other_side, QueueSelector::IOFlush)?;
        Ok(())
    }

    /// Waits for bytes or for a visitor to leave.
    pub fn wait(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<Event> {
        let ready = poll(&self.master, PollFlags::IN, timeout)?;
        if ready.contains(PollFlags::IN) {
            self.connected = true;
            return match rustix::io::read(&self.master, buffer) {
                Ok(count) if count > 0 => Ok(Event::Bytes(count)),
                Ok(_) | Err(Errno::IO) => self.left(),
                Err(Errno::AGAIN | Errno::INTR) => Ok(Event::Nothing),
                Err(error) => Err(error.into()),
            };
        }
        if ready.contains(PollFlags::HUP) {
            let event = self.left()?;
            if event == Event::Nothing {
                // Without a visitor this side is always ready to say so.
                std::thread::sleep(timeout.min(Duration::from_millis(20)));
            }
            return Ok(event);
        }
        self.connected = true;
        Ok(Event::Nothing)
    }

    fn left(&mut self) -> io::Result<Event> {
        if !std::mem::take(&mut self.connected) {
            return Ok(Event::Nothing);
        }
        match self.make_ready() {
            Ok(()) => Ok(Event::Left),
            // Exclusive for a visitor that is gone, and we may not override it.
            Err(_) => Ok(Event::Unusable),
        }
    }
}

/// A second handle for the thread that sends.
pub struct Sender(OwnedFd);

impl Pty {
    /// For the sending thread.
    pub fn sender(&self) -> io::Result<Sender> {
        Ok(Sender(self.master.try_clone()?))
    }
}

impl Sender {
    /// Sends what a visitor takes; drops the rest.
    pub fn send(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match poll(&self.0, PollFlags::OUT, WRITE_PATIENCE) {
                Ok(ready) if ready.contains(PollFlags::HUP) || !ready.contains(PollFlags::OUT) => return,
                Ok(_) => {}
                Err(_) => return,
            }
            match rustix::io::write(&self.0, bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }
}

fn poll(file: &impl AsFd, flags: PollFlags, timeout: Duration) -> io::Result<PollFlags> {
    let timeout = Timespec { tv_sec: timeout.as_secs() as i64, tv_nsec: i64::from(timeout.subsec_nanos()) };
    let mut files = [PollFd::new(file, flags)];
    match rustix::event::poll(&mut files, Some(&timeout)) {
        Ok(_) => Ok(files[0].revents()),
        Err(Errno::INTR) => Ok(PollFlags::empty()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    fn visit(path: &Path) -> std::fs::File {
        std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap()
    }

    fn next(pty: &mut Pty, buffer: &mut [u8]) -> Event {
        for _ in 0..200 {
            match pty.wait(buffer, Duration::from_millis(20)).unwrap() {
                Event::Nothing => {}
                event => return event,
            }
        }
        Event::Nothing
    }

    #[test]
    fn visitors_come_and_go() {
        let mut pty = Pty::open().unwrap();
        let mut buffer = [0; 64];
        let sender = pty.sender().unwrap();
        sender.send(b"nobody hears this");
        for _ in 0..3 {
            let mut visitor = visit(pty.path());
            let every_byte: Vec<u8> = (0..=255).collect();
            visitor.write_all(&every_byte[..64]).unwrap();
            assert_eq!(next(&mut pty, &mut buffer), Event::Bytes(64));
            assert_eq!(buffer[..], every_byte[..64], "raw: no byte means anything to the terminal");
            sender.send(&every_byte);
            let mut back = vec![0; 256];
            visitor.read_exact(&mut back).unwrap();
            assert_eq!(back, every_byte);
            sender.send(b"left unread");
            rustix::termios::ioctl_tiocexcl(&visitor).unwrap();
            drop(visitor);
            assert_eq!(next(&mut pty, &mut buffer), Event::Left);
        }
    }
}
