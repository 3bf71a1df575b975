//! What commands do with a device: identify it, load and run programs, forward input and output, answer its
//! requests to compile. One loop handles messages and what the person does; there is no other state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use link::message::{Activity, Finish, Hello, Reset};
use link::{ToDevice, ToHost};

use super::compile_request::CompileRequest;
use super::connection::{Connection, Next};
use super::error::LinkError;
use super::user::{self, Demand, InterruptGuard, UserEvent};
use crate::error::{Error, Status};
use crate::ui::Ui;

/// A device that lives answers a command within this; erasing flash is the slowest thing it does.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);
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
/// Room for the fields around the bytes of a message.
const MESSAGE_OVERHEAD_BYTES: usize = 16;
/// No need for longer messages, even where a device takes them.
const CHUNK_BYTES_MAXIMUM: usize = 4096;

/// The device at the other end, as it described itself.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DeviceFacts {
    /// Version of its executor.
    pub executor: String,
    /// Name of the board.
    pub board: String,
    /// The machine in words.
    pub machine: String,
    /// Width of its small integers, in bits.
    pub small_int_bits: u8,
    /// Width of its floats, in bits.
    pub float_bits: u8,
    /// Python heap, in bytes.
    pub heap_bytes: u32,
    /// Largest app image, in bytes.
    pub app_bytes: u32,
    /// It waits because its app crashed too often.
    pub safe_mode: bool,
    #[serde(skip)]
    running: bool,
    #[serde(skip)]
    message_bytes: usize,
    #[serde(skip)]
    stdin_bytes: usize,
}

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

/// A session with a device.
pub struct Session<'a> {
    connection: Connection,
    ui: &'a Ui,
    facts: DeviceFacts,
    /// Bytes of standard input that the device takes now.
    credit: usize,
    demand: Option<Arc<Demand>>,
    compiling: Option<CompileRequest>,
    finished: Option<Finished>,
    /// What the device started on its own account.
    started: Option<String>,
    /// Output of the device is shown: that of the program that was asked for, not of what ran before it.
    shown: bool,
    /// Our own standard output is closed.
    output_closed: bool,
    /// Replies that nobody waits for: a `Stop` is answered after the program's end, which is what was waited for.
    unclaimed: usize,
    _interrupt: InterruptGuard,
}

impl<'a> Session<'a> {
    /// Asks who is there.
    pub fn start(connection: Connection, ui: &'a Ui) -> Result<Session<'a>, Error> {
        let interrupt = InterruptGuard::new(connection.shared());
        let mut session = Session {
            connection,
            ui,
            facts: DeviceFacts {
                executor: String::new(),
                board: String::new(),
                machine: String::new(),
                small_int_bits: 31,
                float_bits: 32,
                heap_bytes: 0,
                app_bytes: 0,
                safe_mode: false,
                running: false,
                message_bytes: link::MINIMUM_PAYLOAD_BYTES,
                stdin_bytes: 0,
            },
            credit: 0,
            demand: None,
            compiling: None,
            finished: None,
            started: None,
            shown: false,
            output_closed: false,
            unclaimed: 0,
            _interrupt: interrupt,
        };
        let facts = session.request(&ToDevice::Identify, "asking who it is", |reply| match reply {
            ToHost::Hello(hello) => Some(DeviceFacts::from(hello)),
            _ => None,
        })?;
        session.credit = facts.stdin_bytes;
        session.facts = facts;
        ui.detail(
            "Connected",
            format_args!("{} on {}, upy {}", session.facts.machine, session.connection.port(), session.facts.executor),
        );
        Ok(session)
    }

    /// Who is there.
    pub fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    /// The port's name in messages.
    pub fn port(&self) -> &str {
        self.connection.port()
    }

    /// Bytes of an upload that fit one message.
    fn chunk_bytes(&self) -> usize {
        self.facts.message_bytes.saturating_sub(MESSAGE_OVERHEAD_BYTES).clamp(1, CHUNK_BYTES_MAXIMUM)
    }

    /// Sends a command and waits for its reply; events on the way are dealt with.
    pub fn request<R>(
        &mut self,
        message: &ToDevice<'_>,
        during: &'static str,
        take: impl FnOnce(ToHost<'_>) -> Option<R>,
    ) -> Result<R, Error> {
        self.connection.send(message, during)?;
        self.reply(during, take)
    }

    /// A command that is answered with [`ToHost::Done`].
    pub fn command(&mut self, message: &ToDevice<'_>, during: &'static str) -> Result<(), Error> {
        self.request(message, during, done)
    }

    /// Sends something that has no reply of its own.
    pub fn send(&mut self, message: &ToDevice<'_>, during: &'static str) -> Result<(), Error> {
        Ok(self.connection.send(message, during)?)
    }

    /// Waits for the reply to what was sent.
    pub fn reply<R>(&mut self, during: &'static str, take: impl FnOnce(ToHost<'_>) -> Option<R>) -> Result<R, Error> {
        let deadline = Instant::now() + REPLY_TIMEOUT;
        loop {
            match self.connection.next(deadline, during)? {
                Next::Nothing => {
                    return Err(LinkError::TimedOut { port: self.port().to_owned(), during }.into());
                }
                Next::User(UserEvent::Interrupt) => return Err(Error::Interrupted),
                Next::User(_) => {}
                Next::Message(encoded) => {
                    if let Some(reply) = self.event(encoded)? {
                        return match link::decode::<ToHost<'_>>(&reply) {
                            Some(ToHost::Error { code, text }) => {
                                Err(LinkError::Refused { during, code, text: text.to_owned() }.into())
                            }
                            Some(reply) => take(reply).ok_or(Error::Link(LinkError::Unexpected { during })),
                            None => Err(LinkError::Unexpected { during }.into()),
                        };
                    }
                }
            }
        }
    }

    /// Deals with an event; gives a reply back.
    fn event(&mut self, encoded: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
        match link::decode::<ToHost<'_>>(&encoded) {
            // A message of a newer device that this host does not know can only be an event: replies are to what
            // this host asked.
            None => {}
            Some(ToHost::Stdout(_) | ToHost::Stderr(_)) if !self.shown => {}
            Some(ToHost::Stdout(bytes)) => {
                // Once closed, a standard output is not written to again.
                self.output_closed = self.output_closed || self.ui.device_output(bytes).is_err();
            }
            Some(ToHost::Stderr(bytes)) => self.ui.device_error(bytes),
            Some(ToHost::StdinCredit(bytes)) => self.credit = self.credit.saturating_add(bytes as usize),
            Some(ToHost::Started { name }) => {
                self.ui.detail("Started", name);
                self.started = Some(name.to_owned());
                self.finished = None;
            }
            Some(ToHost::Finished { finish, status, text }) => {
                self.finished = Some(Finished { finish, status, text: text.to_owned() });
            }
            Some(ToHost::CompileBegin { name, mode, length, reply_bytes }) => {
                self.compiling = Some(CompileRequest::new(name, mode, length, reply_bytes));
                self.answer_compile()?;
            }
            Some(ToHost::CompileData { offset, bytes }) => {
                if let Some(request) = &mut self.compiling {
                    request.add(offset, bytes);
                }
                self.answer_compile()?;
            }
            Some(ToHost::CompileCancel) => self.compiling = None,
            Some(_) if self.unclaimed > 0 => self.unclaimed -= 1,
            Some(_) => return Ok(Some(encoded)),
        }
        Ok(None)
    }

    fn answer_compile(&mut self) -> Result<(), Error> {
        const DURING: &str = "sending it compiled code";
        let Some(request) = self.compiling.take_if(|request| request.is_complete()) else { return Ok(()) };
        self.ui.detail("Compiling", format_args!("{} for the device", request.name()));
        match request.compile(self.facts.small_int_bits) {
            Ok(mpy) => {
                self.send(&ToDevice::CompileReply { length: mpy.len() as u32 }, DURING)?;
                if mpy.len() <= request.reply_bytes() {
                    self.upload(&mpy, 0, DURING, |_| {})?;
                }
            }
            Err((line, message)) => self.send(&ToDevice::CompileError { line, message: &message }, DURING)?,
        }
        Ok(())
    }

    /// Sends bytes of an upload that was announced, which belong at `start` and after; `progress` is told the end
    /// of what was sent.
    pub(super) fn upload(
        &mut self,
        bytes: &[u8],
        start: u32,
        during: &'static str,
        mut progress: impl FnMut(usize),
    ) -> Result<(), Error> {
        let mut offset = start as usize;
        for chunk in bytes.chunks(self.chunk_bytes()) {
            self.send(&ToDevice::Data { offset: offset as u32, bytes: chunk }, during)?;
            offset += chunk.len();
            progress(offset);
        }
        Ok(())
    }

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
            if self.output_closed && stop_by.is_none() {
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
                return Ok(Some(finished));
            }
            if self.output_closed {
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

    /// Brings replies back in step after an upload failed half-way: the device may still answer to parts of it.
    pub fn resynchronise(&mut self) -> Result<(), Error> {
        const DURING: &str = "recovering";
        self.send(&ToDevice::Identify, DURING)?;
        for _ in 0..64 {
            match self.reply(DURING, |reply| Some(matches!(reply, ToHost::Hello(_)))) {
                Ok(true) => return Ok(()),
                Ok(false) | Err(Error::Link(LinkError::Refused { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Err(LinkError::Unexpected { during: DURING }.into())
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

/// For replies that say no more than that it is done.
pub(super) fn done(reply: ToHost<'_>) -> Option<()> {
    matches!(reply, ToHost::Done).then_some(())
}

impl From<Hello<'_>> for DeviceFacts {
    fn from(hello: Hello<'_>) -> DeviceFacts {
        DeviceFacts {
            executor: hello.executor.to_owned(),
            board: hello.board.to_owned(),
            machine: hello.machine.to_owned(),
            small_int_bits: hello.small_int_bits,
            float_bits: hello.float_bits,
            heap_bytes: hello.heap_bytes,
            app_bytes: hello.app_bytes,
            safe_mode: hello.activity == Activity::SafeMode,
            running: hello.activity == Activity::Running,
            message_bytes: hello.message_bytes as usize,
            stdin_bytes: hello.stdin_bytes as usize,
        }
    }
}
