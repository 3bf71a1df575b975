//! Programs on a device: load, run, forward input and signals, follow an app.

use std::io;
use std::time::{Duration, Instant};

use link::ToDevice;
use link::message::{Finish, Reset};

use super::connection::Next;
use super::error::LinkError;
use super::session::{Session, done};
use super::user::{self, UserEvent};
use crate::error::{Error, Status};

/// A program that was told to stop has ended by then, or hangs where nothing can reach it.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// What is typed within this time after an entry is probably meant for the next prompt.
const TYPE_AHEAD: Duration = Duration::from_millis(300);
/// How often the terminal is looked at while an entry runs.
const TERMINAL_PAUSE: Duration = Duration::from_millis(40);
/// The device runs boot first, which may take its time.
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// The name of the app's program in [`ToHost::Started`].
const MAIN: &str = "main";

/// How a program ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// How.
    pub finish: Finish,
    /// Its exit status.
    pub status: i32,
    /// More about it, such as why the .mpy was refused.
    pub text: String,
}

impl Finished {
    /// The exit status of this process for it, or the error that explains it.
    pub fn into_status(self) -> Result<Status, Error> {
        match self.finish {
            Finish::Done => Ok(Status::Success),
            Finish::Exit => Ok(Status::Program(self.status)),
            // The traceback has been shown.
            Finish::Error => Ok(Status::Failure),
            Finish::Interrupted | Finish::Stopped => Ok(Status::Interrupted),
            Finish::Refused => Err(Error::Content {
                message: format!("the device refused the program: {}", self.text),
                hint: Some("build it again with this upy; `upy inspect FILE.mpy` shows what is in it".to_owned()),
            }),
            Finish::NoMemory => Err(Error::Content {
                message: "the program does not fit the device's memory".to_owned(),
                hint: Some("`upy deploy` runs it from flash, where code takes no memory".to_owned()),
            }),
        }
    }
}

/// Whether standard input goes to the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// It does, to its end.
    Forward,
    /// Lines of a terminal do while the program runs; what comes later is for the prompt.
    Terminal,
    /// It does not.
    Ignore,
}

impl Session<'_> {
    /// Ends a program that runs, such as the deployed app, and empties the heap.
    pub fn make_idle(&mut self) -> Result<(), Error> {
        if self.facts.running {
            self.ui.status("Stopping", format_args!("the program that runs on {}", self.port()));
        }
        self.command(&ToDevice::Reset(Reset::Idle), "stopping what runs")?;
        self.facts.running = false;
        self.finished = None;
        Ok(())
    }

    /// Ends a program that runs and keeps its variables.
    pub fn stop(&mut self) -> Result<(), Error> {
        if self.facts.running {
            self.ui.status("Stopped", format_args!("the program that ran on {}", self.port()));
            self.command(&ToDevice::Stop, "stopping what runs")?;
            self.facts.running = false;
            self.finished = None;
        }
        Ok(())
    }

    /// Loads a compiled module into the device's memory, found by `import` under this name.
    pub fn preload(&mut self, name: &str, mpy: &[u8]) -> Result<(), Error> {
        const DURING: &str = "loading the program";
        self.send(&ToDevice::Preload { name, length: mpy.len() as u32 }, DURING)?;
        self.upload(mpy, 0, DURING, |_| {})?;
        self.reply(DURING, done)
    }

    /// Runs a preloaded module to its end.
    pub fn run(&mut self, name: &str, arguments: &[String], input: Input) -> Result<Finished, Error> {
        let mut joined = Vec::new();
        for argument in arguments {
            joined.extend_from_slice(argument.as_bytes());
            joined.push(0);
        }
        self.finished = None;
        self.shown = true;
        self.command(&ToDevice::RunPreloaded { name, interactive: false, arguments: &joined }, "starting the program")?;
        self.follow(input)
    }

    /// Runs one REPL entry, preloaded as `__main__`, to its end. When a person types, what is typed while it runs
    /// goes to it; else its standard input is empty.
    pub fn run_entry(&mut self, person: bool) -> Result<Finished, Error> {
        self.finished = None;
        self.connection.forget_user_events();
        self.shown = true;
        self.command(
            &ToDevice::RunPreloaded { name: "__main__", interactive: true, arguments: &[] },
            "running the line",
        )?;
        if !person {
            self.send(&ToDevice::StdinEnd, "running the line")?;
        }
        self.follow(if person { Input::Terminal } else { Input::Ignore })
    }

    /// Shows a program's output and forwards input until the program ends. Ctrl-C interrupts it, the second stops
    /// it, the third leaves.
    pub fn follow(&mut self, input: Input) -> Result<Finished, Error> {
        const DURING: &str = "running the program";
        if input == Input::Forward && self.demand.is_none() {
            self.demand = Some(user::forward_input(self.connection.shared()));
        }
        let mut typed = Typed::default();
        let mut interrupts = 0;
        let mut stop_by: Option<Instant> = None;
        let started = Instant::now();
        loop {
            if let Some(finished) = self.finished.take() {
                self.check_output()?;
                return Ok(finished);
            }
            let mut patience = Duration::from_secs(3600);
            match input {
                Input::Ignore => {}
                Input::Forward => self.forward(&mut typed)?,
                Input::Terminal => {
                    if started.elapsed() >= TYPE_AHEAD {
                        typed.waiting.extend(user::typed_line());
                        self.forward(&mut typed)?;
                    }
                    patience = TERMINAL_PAUSE;
                }
            }
            if self.output_error.is_some() && stop_by.is_none() {
                // Nobody reads the output any more (`upy run x.py | head`): the program ends, as others do.
                stop_by = Some(Instant::now() + STOP_TIMEOUT);
                self.send_stop()?;
            }
            let pause = Instant::now() + patience;
            match self.connection.next(stop_by.map_or(pause, |stop_by| stop_by.min(pause)), DURING)? {
                Next::Nothing => {
                    if stop_by.is_some_and(|stop_by| Instant::now() >= stop_by) {
                        return Err(LinkError::TimedOut {
                            port: self.port().to_owned(),
                            during: "stopping the program",
                        }
                        .into());
                    }
                }
                Next::User(UserEvent::Interrupt) => {
                    interrupts += 1;
                    match interrupts {
                        1 => self.send(&ToDevice::Interrupt, DURING)?,
                        2 => {
                            self.send_stop()?;
                            stop_by = Some(Instant::now() + STOP_TIMEOUT);
                        }
                        _ => return Err(Error::Interrupted),
                    }
                }
                Next::User(UserEvent::Input(bytes)) => typed.waiting.extend(bytes),
                Next::User(UserEvent::InputEnd) => typed.ended = true,
                Next::Message(encoded) => {
                    // No reply is due here, so one that comes means nothing.
                    let _ = self.event(encoded)?;
                }
            }
        }
    }

    /// Output that could not be written is an error, unless nobody wanted it.
    fn check_output(&mut self) -> Result<(), Error> {
        match self.output_error.take_if(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            Some(source) => Err(Error::Output { source }),
            None => Ok(()),
        }
    }

    fn send_stop(&mut self) -> Result<(), Error> {
        self.unclaimed += 1;
        self.send(&ToDevice::Stop, "stopping the program")
    }

    /// Restarts the device's own programs, with their output shown or not; returns when its main runs, `None` when
    /// it does not start in time.
    pub fn start_app(&mut self, shown: bool) -> Result<Option<()>, Error> {
        const DURING: &str = "starting the app";
        self.started = None;
        self.finished = None;
        self.shown = shown;
        self.command(&ToDevice::Reset(Reset::Soft), DURING)?;
        let deadline = Instant::now() + START_TIMEOUT;
        while self.started.as_deref() != Some(MAIN) {
            match self.connection.next(deadline, DURING)? {
                Next::Nothing => return Ok(None),
                Next::User(UserEvent::Interrupt) => return Err(Error::Interrupted),
                Next::User(_) => {}
                Next::Message(encoded) => {
                    let _ = self.event(encoded)?;
                }
            }
        }
        Ok(Some(()))
    }

    /// Shows the output of the app that runs until it ends; `None` when Ctrl-C left it running.
    pub fn watch_app(&mut self) -> Result<Option<Finished>, Error> {
        const DURING: &str = "showing the app's output";
        loop {
            if let Some(finished) = self.finished.take() {
                self.check_output()?;
                return Ok(Some(finished));
            }
            if self.output_error.is_some() {
                self.check_output()?;
                return Ok(None);
            }
            match self.connection.next(Instant::now() + Duration::from_secs(3600), DURING)? {
                Next::User(UserEvent::Interrupt) => return Ok(None),
                Next::Nothing | Next::User(_) => {}
                Next::Message(encoded) => {
                    let _ = self.event(encoded)?;
                }
            }
        }
    }

    /// Sends what was typed as far as the device's credit reaches, then asks for more.
    fn forward(&mut self, typed: &mut Typed) -> Result<(), Error> {
        const DURING: &str = "sending it standard input";
        while !typed.waiting.is_empty() && self.credit > 0 {
            let length = typed.waiting.len().min(self.credit).min(self.chunk_bytes());
            let chunk: Vec<u8> = typed.waiting.drain(..length).collect();
            self.send(&ToDevice::Stdin(&chunk), DURING)?;
            self.credit -= length;
            typed.asked = false;
        }
        if !typed.waiting.is_empty() {
            return Ok(());
        }
        if typed.ended {
            if !typed.end_sent {
                typed.end_sent = true;
                self.send(&ToDevice::StdinEnd, DURING)?;
            }
        } else if self.credit > 0
            && !typed.asked
            && let Some(demand) = &self.demand
        {
            typed.asked = true;
            demand.ask();
        }
        Ok(())
    }
}

/// Standard input on its way.
#[derive(Default)]
struct Typed {
    waiting: std::collections::VecDeque<u8>,
    ended: bool,
    end_sent: bool,
    asked: bool,
}
