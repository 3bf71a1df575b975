//! A command on a real terminal: a pseudo-terminal as its standard streams and controlling terminal, so that
//! line editing, Ctrl-C and window size are the system's own.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;

use crate::support::{LIMIT, wait};

/// Ctrl-C, as the terminal's driver sees it.
pub(crate) const CONTROL_C: &str = "\x03";
/// Ctrl-D.
pub(crate) const CONTROL_D: &str = "\x04";

/// A terminal with a command in it.
pub(crate) struct Terminal {
    keyboard: File,
    screen: std::sync::mpsc::Receiver<Vec<u8>>,
    shown: String,
    read_to: usize,
    child: Child,
}

impl Terminal {
    /// Starts the command; `None`, said aloud, where the system cannot.
    pub(crate) fn start(command: &Command) -> Option<Terminal> {
        if Command::new("setsid").arg("--version").output().is_err() {
            eprintln!("SKIPPED: no `setsid`, which gives a command its own terminal");
            return None;
        }
        let master: OwnedFd =
            rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        rustix::pty::grantpt(&master).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let path = rustix::pty::ptsname(&master, Vec::new()).unwrap();
        let slave = rustix::fs::open(path.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&slave, size).unwrap();

        let mut wrapper = Command::new("setsid");
        wrapper.args(["--ctty", "--wait"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapper.env(name, value),
                None => wrapper.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            wrapper.current_dir(folder);
        }
        wrapper.env("TERM", "xterm");
        let stream = || Stdio::from(slave.try_clone().unwrap());
        let child = wrapper.stdin(stream()).stdout(stream()).stderr(stream()).spawn().unwrap();
        let keyboard = File::from(master);
        let mut reader = keyboard.try_clone().unwrap();
        let (sender, screen) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(count) = std::io::Read::read(&mut reader, &mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Some(Terminal { keyboard, screen, shown: String::new(), read_to: 0, child })
    }

    /// Presses keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until this text appears after what was waited for before.
    pub(crate) fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(place) = self.shown[self.read_to..].find(text) {
                self.read_to += place + text.len();
                return;
            }
            let patience = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(patience.min(Duration::from_secs(1))) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) if Instant::now() < deadline => {}
                Err(_) => panic!("`{text}` did not appear; the terminal shows:\n{}", self.shown),
            }
        }
    }

    /// Waits for the command to end.
    pub(crate) fn end(mut self) -> Option<i32> {
        wait(&mut self.child, LIMIT)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
