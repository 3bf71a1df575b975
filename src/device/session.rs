//! A session with a device: commands and their replies in step, events on the way, and the device's requests to
//! compile. What is done with programs is in `program.rs`, with apps in `deploy.rs`.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use link::message::{Activity, Hello};
use link::{ToDevice, ToHost};

use super::compile_request::CompileRequest;
use super::connection::{Connection, Next};
use super::error::LinkError;
use super::program::Finished;
use super::user::{Demand, InterruptGuard, UserEvent};
use crate::error::Error;
use crate::ui::Ui;

/// A device that lives answers a command within this; erasing flash is the slowest thing it does.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);
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
    /// It keeps the report of a crash.
    pub has_report: bool,
    #[serde(skip)]
    pub(super) running: bool,
    #[serde(skip)]
    message_bytes: usize,
    #[serde(skip)]
    stdin_bytes: usize,
}

/// A session with a device.
pub struct Session<'a> {
    pub(super) connection: Connection,
    pub(super) ui: &'a Ui,
    pub(super) facts: DeviceFacts,
    /// Bytes of standard input that the device takes now.
    pub(super) credit: usize,
    pub(super) demand: Option<Arc<Demand>>,
    compiling: Option<CompileRequest>,
    pub(super) finished: Option<Finished>,
    /// What the device started on its own account.
    pub(super) started: Option<String>,
    /// Output of the device is shown: that of the program that was asked for, not of what ran before it.
    pub(super) shown: bool,
    /// Why our own standard output takes no more: nobody reads it, or its disk is full.
    pub(super) output_error: Option<io::Error>,
    /// Replies that nobody waits for: a `Stop` is answered after the program's end, which is what was waited for.
    pub(super) unclaimed: usize,
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
                has_report: false,
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
            output_error: None,
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
    pub(super) fn chunk_bytes(&self) -> usize {
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
    pub(super) fn event(&mut self, encoded: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
        match link::decode::<ToHost<'_>>(&encoded) {
            // A message of a newer device that this host does not know can only be an event: replies are to what
            // this host asked.
            None => {}
            Some(ToHost::Stdout(_) | ToHost::Stderr(_)) if !self.shown => {}
            // Once closed, a standard output is not written to again.
            Some(ToHost::Stdout(_)) if self.output_error.is_some() => {}
            Some(ToHost::Stdout(bytes)) => self.output_error = self.ui.device_output(bytes).err(),
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
            // A long upload must be possible to give up; what has arrived is there when it is tried again.
            if self.connection.take_interrupt() {
                return Err(Error::Interrupted);
            }
            self.send(&ToDevice::Data { offset: offset as u32, bytes: chunk }, during)?;
            offset += chunk.len();
            progress(offset);
        }
        Ok(())
    }

    /// Shows the report of a crash that the device keeps, once, and says so when it has given up on its app.
    pub fn show_crash(&mut self) -> Result<(), Error> {
        const DURING: &str = "asking for the report of its crash";
        if self.facts.has_report {
            let mut report = Vec::new();
            self.send(&ToDevice::Report, DURING)?;
            while self.reply(DURING, |reply| match reply {
                ToHost::Data { bytes, .. } => {
                    report.extend_from_slice(bytes);
                    Some(true)
                }
                ToHost::Done => Some(false),
                _ => None,
            })? {}
            self.command(&ToDevice::ClearReport, DURING)?;
            let text = String::from_utf8_lossy(&report);
            let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
            self.ui.warning(format_args!("the app on {} crashed:\n{}", self.port(), lines.join("\n")));
        }
        if self.facts.safe_mode {
            self.ui.warning(format_args!("{} does not start its app any more: it crashed too often", self.port()));
            self.ui.hint("deploy a mended one; `upy repl` and `upy run -d` work meanwhile");
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
            has_report: hello.has_report,
            running: hello.activity == Activity::Running,
            message_bytes: hello.message_bytes as usize,
            stdin_bytes: hello.stdin_bytes as usize,
        }
    }
}
