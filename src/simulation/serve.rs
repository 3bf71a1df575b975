//! The life of a simulated board on a pseudo-terminal: bytes both ways, and one loop for commands.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hal::{PinMode, Pull};
use simulator::{Line, Simulator};

use super::control::{Control, HELP, PRESS_TIME};
use super::link_file::LinkFile;
use super::pty::{self, Event, Pty};
use crate::error::Error;

/// Nobody waits longer than this for a thread to notice something.
const PAUSE: Duration = Duration::from_millis(50);
/// A pin is high for at least so long before a button pulls it low.
const SETTLE_TIME: Duration = Duration::from_millis(5);

/// What the loop is asked to do.
#[derive(Debug)]
pub enum Request {
    /// A command, and where to answer.
    Command {
        /// As written.
        line: String,
        /// Takes one answer.
        reply: Sender<String>,
    },
    /// The pseudo-terminal was replaced; it has this path now.
    Moved(PathBuf),
    /// Ctrl-C, or the system asks to end.
    Quit,
}

/// A pseudo-terminal joined to the board's console; ends when dropped.
pub struct Port {
    stop: Arc<AtomicBool>,
    path: PathBuf,
}

impl Port {
    /// Joins them. `link` is the path of a symbolic link that always leads to the pseudo-terminal.
    pub fn open(line: Line, link: Option<&Path>, requests: Sender<Request>) -> Result<Port, Error> {
        let fail = Error::file("open", "a pseudo-terminal");
        let opened = Pty::open().and_then(|pty| pty.sender().map(|sender| (pty, sender)));
        let (pty, sender) = opened.map_err(fail)?;
        let path = pty.path().to_path_buf();
        let link_file = link.map(|link| LinkFile::create(link, &path)).transpose()?;
        let stop = Arc::new(AtomicBool::new(false));
        let sender = Arc::new(Mutex::new(sender));
        std::thread::spawn({
            let (line, sender, stop) = (line.clone(), sender.clone(), stop.clone());
            move || to_visitor(&line, &sender, &stop)
        });
        let visitor = Visitor { pty, sender, link: link_file, requests };
        std::thread::spawn({
            let stop = stop.clone();
            move || visitor.to_board(&line, &stop)
        });
        Ok(Port { stop, path })
    }

    /// The pseudo-terminal's path when it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The thread that owns the link removes it.
        std::thread::sleep(PAUSE * 2);
    }
}

fn to_visitor(line: &Line, sender: &Mutex<pty::Sender>, stop: &AtomicBool) {
    let mut buffer = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        let count = line.read(&mut buffer, PAUSE);
        if count > 0 {
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
            sender.send(buffer.get(..count).unwrap_or_default());
        }
    }
}

struct Visitor {
    pty: Pty,
    sender: Arc<Mutex<pty::Sender>>,
    link: Option<LinkFile>,
    requests: Sender<Request>,
}

impl Visitor {
    fn to_board(mut self, line: &Line, stop: &AtomicBool) {
        let mut buffer = [0; 4096];
        while !stop.load(Ordering::Relaxed) {
            match self.pty.wait(&mut buffer, PAUSE) {
                Ok(Event::Bytes(count)) => line.write(buffer.get(..count).unwrap_or_default()),
                Ok(Event::Nothing | Event::Left) => {}
                Ok(Event::Unusable) | Err(_) => {
                    if self.replace().is_err() {
                        let _ = self.requests.send(Request::Quit);
                        return;
                    }
                }
            }
        }
    }

    /// A new pseudo-terminal under the same link.
    fn replace(&mut self) -> Result<(), Error> {
        let fail = Error::file("open", "a pseudo-terminal");
        let opened = Pty::open().and_then(|pty| pty.sender().map(|sender| (pty, sender)));
        let (pty, sender) = opened.map_err(fail)?;
        if let Some(link) = &self.link {
            // The new one takes the name before the old one is dropped, which then leaves it alone.
            self.link = Some(LinkFile::create(link.path(), pty.path())?);
        }
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = sender;
        let _ = self.requests.send(Request::Moved(pty.path().to_path_buf()));
        self.pty = pty;
        Ok(())
    }
}

/// Does what is asked until somebody asks to quit. `changed` is told about levels of pins, `moved` about a new path.
pub fn run(
    simulator: &mut Simulator,
    requests: &Receiver<Request>,
    mut changed: impl FnMut(u16, bool),
    mut moved: impl FnMut(&Path),
) {
    loop {
        for change in simulator.take_changes() {
            changed(change.pin, change.level);
        }
        match requests.recv_timeout(PAUSE) {
            Ok(Request::Command { line, reply }) => {
                let (answer, quit) = obey(simulator, &line);
                // Whoever asked may have left.
                let _ = reply.send(answer);
                if quit {
                    return;
                }
            }
            Ok(Request::Moved(path)) => moved(&path),
            Ok(Request::Quit) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Does one command; its answer, and whether to quit.
fn obey(simulator: &mut Simulator, line: &str) -> (String, bool) {
    let result = match Control::parse(line) {
        Err(message) => Err(message),
        Ok(None) => Ok(String::new()),
        Ok(Some(Control::Quit)) => return ("ok".to_owned(), true),
        Ok(Some(Control::Help)) => Ok(HELP.to_owned()),
        Ok(Some(Control::Pins)) => Ok(pins(simulator)),
        Ok(Some(Control::Pin { pin, level })) => drive(simulator, pin, level),
        Ok(Some(Control::Press { pin })) => press(simulator, pin),
        Ok(Some(Control::Reset | Control::PowerCycle)) => {
            simulator.power_cycle().map(|()| "ok".to_owned()).map_err(|error| error.to_string())
        }
    };
    (result.unwrap_or_else(|message| format!("error: {message}")), false)
}

fn drive(simulator: &Simulator, pin: u16, level: Option<bool>) -> Result<String, String> {
    simulator.set_input(pin, level).map(|()| "ok".to_owned()).map_err(|_| format!("no such pin: {pin}"))
}

/// A button to ground with a resistor to the supply, as boards have it: where the program switched none on, the
/// button brings its own.
fn press(simulator: &Simulator, pin: u16) -> Result<String, String> {
    let state = simulator.pin(pin).ok_or_else(|| format!("no such pin: {pin}"))?;
    let released = if state.pull == Pull::Up { None } else { Some(true) };
    if !state.level {
        drive(simulator, pin, released)?;
        std::thread::sleep(SETTLE_TIME);
    }
    drive(simulator, pin, Some(false))?;
    std::thread::sleep(PRESS_TIME);
    drive(simulator, pin, released)
}

/// The pins that a program or a hand has touched, one per line.
fn pins(simulator: &Simulator) -> String {
    let mut lines = Vec::new();
    for number in 0..u16::MAX {
        let Some(state) = simulator.pin(number) else { break };
        if state.mode.is_none() && state.external.is_none() {
            continue;
        }
        let mode = match state.mode {
            None => "unused",
            Some(PinMode::Input) => "input",
            Some(PinMode::Output) => "output",
            Some(PinMode::OpenDrain) => "open-drain",
        };
        let pull = match state.pull {
            Pull::None => "",
            Pull::Up => " pull-up",
            Pull::Down => " pull-down",
        };
        let outside = match state.external {
            None => "",
            Some(true) => ", driven high",
            Some(false) => ", driven low",
        };
        let level = if state.level { "high" } else { "low" };
        lines.push(format!("pin {number}: {level} ({mode}{pull}{outside})"));
    }
    if lines.is_empty() { "no pin in use".to_owned() } else { lines.join("\n") }
}
