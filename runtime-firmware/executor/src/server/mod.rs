//! The server side of the link: takes messages from the host and does what they ask.
//!
//! Small things are done at once; long ones go on a little at each poll (a read) or wait for the idle loop (a
//! run, a restart), so that a running program is not held up and an interrupt is always heard.

mod app;
mod compile;
mod reads;
mod uploads;

use hal::{CompileMode, CompileReply, EntryKind, Error, FileId, Files, FsUsage, OpenMode, ResetKind};
use link::message::{Activity, AppStatus, Hello, Reset, Slot, SlotState, Stat};
use link::{ErrorCode, ToDevice, ToHost};

use crate::machine::{Machine, Restart};
use crate::program::{Finish, Runner};
use crate::storage::{CommitError, Sha256, hash};
use crate::{REPORT, VERSION};

/// Room that must be there before a message is handled: for the longest reply that is not cut to fit.
const REPLY_BYTES: usize = 200;
/// Longest module name of a run.
pub(crate) const NAME_BYTES: usize = 96;

/// What the host has under way.
#[derive(Default)]
pub(crate) struct Server {
    session: Option<u32>,
    upload: Upload,
    reading: Option<Reading>,
    /// The program waits for room for its output: a read must not take it.
    pub(crate) paused: bool,
    compiling: Compiling,
    /// A run that the idle loop must begin.
    pub(crate) job: Option<Job>,
    /// The host waits to hear that the program has stopped.
    pub(crate) stop_reply: bool,
    /// Why the app is not running, for [`Hello`].
    pub(crate) resting: Resting,
}

/// What the idle loop shows as the device's activity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Resting {
    /// Nothing special.
    #[default]
    Idle,
    /// The app crashed too often.
    SafeMode,
    /// The app's main is source text.
    NeedsCompiler,
}

/// A run to begin.
pub(crate) struct Job {
    pub(crate) name: [u8; NAME_BYTES],
    pub(crate) name_length: usize,
    pub(crate) interactive: bool,
}

#[derive(Clone, Copy, Default)]
enum Upload {
    #[default]
    None,
    Preload {
        length: u32,
        received: u32,
    },
    App,
    File(FileUpload),
}

#[derive(Clone, Copy)]
struct FileUpload {
    file: FileId,
    length: u32,
    sha256: [u8; 32],
    received: u32,
    /// Recognises the same upload again.
    path_crc: u32,
}

struct Reading {
    source: ReadSource,
    offset: u32,
    end: u32,
}

#[derive(Clone, Copy)]
enum ReadSource {
    File(FileId),
    /// Flash, from this offset.
    Flash(u32),
}

#[derive(Default)]
struct Compiling {
    active: bool,
    /// Announced length of the .mpy, and how much has arrived.
    expected: Option<(u32, u32)>,
    answer: Option<Result<CompileReply, Error>>,
}

impl Server {
    /// The files that the host has open: they outlive a program.
    pub(crate) fn open_files(&self) -> [Option<FileId>; 2] {
        let upload = match self.upload {
            Upload::File(upload) => Some(upload.file),
            _ => None,
        };
        let reading = match self.reading {
            Some(Reading { source: ReadSource::File(file), .. }) => Some(file),
            _ => None,
        };
        [upload, reading]
    }

    pub(crate) fn begin_compile(&mut self, _source: &str, _name: &str, _mode: CompileMode, _room: usize) {
        self.compiling = Compiling { active: true, expected: None, answer: None };
    }

    pub(crate) fn take_compiled(&mut self) -> Option<Result<CompileReply, Error>> {
        let answer = self.compiling.answer.take();
        if answer.is_some() {
            self.end_compile();
        }
        answer
    }

    pub(crate) fn end_compile(&mut self) {
        self.compiling = Compiling::default();
    }
}

/// The code of an error of the machine.
pub(crate) fn code(error: Error) -> ErrorCode {
    match error {
        Error::NotPermitted => ErrorCode::NotPermitted,
        Error::NotFound => ErrorCode::NotFound,
        Error::Io | Error::WouldBlock => ErrorCode::Io,
        Error::BadFile | Error::Invalid => ErrorCode::Invalid,
        Error::NoMemory => ErrorCode::NoMemory,
        Error::Busy => ErrorCode::Busy,
        Error::Exists => ErrorCode::Exists,
        Error::NoDevice => ErrorCode::NoDevice,
        Error::NotDirectory => ErrorCode::NotDirectory,
        Error::IsDirectory => ErrorCode::IsDirectory,
        Error::TooManyOpen => ErrorCode::TooManyOpen,
        Error::TooLarge => ErrorCode::TooLarge,
        Error::NoSpace => ErrorCode::NoSpace,
        Error::ReadOnly => ErrorCode::ReadOnly,
        Error::NameTooLong => ErrorCode::NameTooLong,
        Error::NotEmpty => ErrorCode::NotEmpty,
        Error::NotSupported => ErrorCode::Unsupported,
        Error::TimedOut => ErrorCode::TimedOut,
    }
}

const fn mode(read: bool, write: bool) -> OpenMode {
    OpenMode { read, write, truncate: write, create: write, exclusive: false, append: false }
}

/// Open for reading.
pub(crate) const READ: OpenMode = mode(true, false);
/// Open to replace; readable, so that what was written can be verified.
pub(crate) const REPLACE: OpenMode = mode(true, true);

impl Machine<'_> {
    /// Does what is due on the link. `runner` is there when no program runs; `reply` when one waits for the host
    /// to compile something.
    pub(crate) fn service(&mut self, mut runner: Option<&mut (dyn Runner + '_)>, mut reply: Option<&mut [u8]>) {
        self.exchange();
        self.notice_session();
        let Some(message) = self.message.take() else { return };
        while self.link.is_open() && self.server.job.is_none() && self.restart.is_none() {
            if self.server.reading.is_some() {
                if !self.server.paused {
                    self.go_on_reading();
                }
                if self.server.reading.is_some() && !self.is_urgent() {
                    break;
                }
            }
            if self.server.reading.is_none() && self.link.room() < REPLY_BYTES && !self.link.is_flushed() {
                break;
            }
            let Some(received) = self.link.receive() else { break };
            let count = received.len();
            let fits = count <= message.len();
            if fits {
                message[..count].copy_from_slice(received);
            }
            self.link.consume();
            match link::decode::<ToDevice<'_>>(&message[..count.min(message.len())]).filter(|_| fits) {
                Some(request) => self.handle(request, runner.as_deref_mut(), reply.as_deref_mut()),
                None => self.refuse(ErrorCode::Unsupported, "unknown message"),
            }
        }
        self.message = Some(message);
        self.give_credit();
        // Sends, but takes nothing in: a message that came now would lie unhandled through the sleep that may follow,
        // while bytes that are still on the console end that sleep at once.
        let now_us = self.board.clock().now_us();
        self.flush(now_us);
    }

    /// The next message has no reply, so that it may overtake a read that is under way.
    fn is_urgent(&mut self) -> bool {
        let message = self.link.receive().and_then(link::decode::<ToDevice<'_>>);
        matches!(message, Some(ToDevice::Interrupt | ToDevice::Stdin(_) | ToDevice::StdinEnd))
    }

    /// Another host came, or this one left: what it had under way, and what it typed, is void.
    fn notice_session(&mut self) {
        let session = self.link.is_open().then(|| self.link.nonce());
        if session == self.server.session {
            return;
        }
        self.server.session = session;
        if let Some(Reading { source: ReadSource::File(file), .. }) = self.server.reading.take() {
            let _ = self.close(file);
        }
        if matches!(self.server.upload, Upload::Preload { .. }) {
            self.server.upload = Upload::None;
        }
        self.server.stop_reply = false;
        self.stdin.clear();
        self.stdin.owed = 0;
        self.stdin.interrupt = false;
    }

    fn give_credit(&mut self) {
        let owed = self.stdin.owed;
        let due = owed as usize >= self.stdin.capacity() / 4 || (owed > 0 && self.stdin.is_empty());
        if due && self.link.is_open() && self.link.send(&ToHost::StdinCredit(owed)).is_ok() {
            self.stdin.owed = 0;
        }
    }

    /// Sends a message, waiting for room as long as the session lasts.
    pub(crate) fn send(&mut self, message: &ToHost<'_>) {
        while self.link.is_open() && self.link.send(message).is_err() && self.board.powered() {
            if self.link.is_flushed() {
                return; // it will never fit
            }
            self.exchange();
            let now_us = self.board.clock().now_us();
            self.sleep(now_us + 20_000);
        }
    }

    fn refuse(&mut self, code: ErrorCode, text: &str) {
        self.send(&ToHost::Error { code, text });
    }

    fn answer(&mut self, result: Result<(), Error>) {
        match result {
            Ok(()) => self.send(&ToHost::Done),
            Err(error) => self.refuse(code(error), ""),
        }
    }

    fn handle(&mut self, request: ToDevice<'_>, runner: Option<&mut (dyn Runner + '_)>, reply: Option<&mut [u8]>) {
        match request {
            ToDevice::Identify => self.identify(),
            ToDevice::Stdin(bytes) => {
                self.stdin.push(bytes);
            }
            ToDevice::StdinEnd => self.stdin.end(),
            ToDevice::Interrupt => self.stdin.interrupt = self.running,
            ToDevice::Stop if self.running => {
                self.stop = true;
                self.server.stop_reply = true;
            }
            ToDevice::Stop => self.send(&ToHost::Done),
            ToDevice::Cancel => self.cancel_upload(),
            ToDevice::Reset(kind) => self.request_restart(kind),
            ToDevice::Fresh => match runner {
                Some(runner) => {
                    runner.reset();
                    self.send(&ToHost::Done);
                }
                None => self.refuse(ErrorCode::Busy, "a program is running"),
            },
            ToDevice::Preload { name, length } => self.preload(runner, name, length),
            ToDevice::Data { offset, bytes } => self.data(runner, reply, offset, bytes),
            ToDevice::RunPreloaded { name, interactive, arguments } => self.run(runner, name, interactive, arguments),
            ToDevice::AppStatus => self.app_status(),
            ToDevice::AppBegin { length, sha256 } => self.app_begin(length, sha256),
            ToDevice::AppCopy { offset, from, length } => self.app_copy(offset, from, length),
            ToDevice::AppCommit => self.app_commit(),
            ToDevice::AppRollback => self.app_rollback(),
            ToDevice::AppHash { offset, length } => self.app_hash(offset, length),
            ToDevice::AppRead { offset, length } => self.app_read(offset, length),
            ToDevice::Stat { path } => match Files::stat(self, path) {
                Ok(stat) => {
                    self.send(&ToHost::Stat(Stat { directory: stat.kind == EntryKind::Directory, size: stat.size }))
                }
                Err(error) => self.refuse(code(error), ""),
            },
            ToDevice::List { path, start } => self.list(path, start),
            ToDevice::Read { path, offset, length } => self.begin_reading(path, offset, length),
            ToDevice::WriteBegin { path, length, sha256 } => self.write_begin(path, length, sha256),
            ToDevice::WriteCommit => self.write_commit(),
            ToDevice::Remove { path } => {
                let removed = match Files::stat(self, path) {
                    Ok(stat) if stat.kind == EntryKind::Directory => self.remove_directory(path),
                    Ok(_) => Files::remove(self, path),
                    Err(error) => Err(error),
                };
                self.answer(removed);
            }
            ToDevice::Rename { from, to } => {
                let renamed = Files::rename(self, from, to);
                self.answer(renamed);
            }
            ToDevice::MakeDirectory { path } => {
                let made = Files::make_directory(self, path);
                self.answer(made);
            }
            ToDevice::Usage { path } => match Files::usage(self, path) {
                Ok(FsUsage { block, total, free }) => self.send(&ToHost::Usage { block, total, free }),
                Err(error) => self.refuse(code(error), ""),
            },
            ToDevice::Hash { path } => self.hash(path),
            ToDevice::CompileReply { length } => self.compile_reply(reply, length),
            ToDevice::CompileError { line, message } => self.compile_error(reply, line, message),
            ToDevice::Report => match self.storage.open_system(self.board.flash(), REPORT, READ) {
                Ok(file) => {
                    self.server.reading = Some(Reading { source: ReadSource::File(file), offset: 0, end: u32::MAX })
                }
                Err(Error::NotFound) => self.send(&ToHost::Done),
                Err(error) => self.refuse(code(error), ""),
            },
            ToDevice::ClearReport => {
                let removed = self.storage.remove_system(self.board.flash(), REPORT);
                self.answer(removed);
            }
        }
    }

    fn has_report(&mut self) -> bool {
        match self.storage.open_system(self.board.flash(), REPORT, READ) {
            Ok(file) => {
                self.storage.abandon(file);
                true
            }
            Err(_) => false,
        }
    }

    fn identify(&mut self) {
        let has_report = self.has_report();
        let description = self.board.description();
        let mut unique_id = [0; 16];
        let id = self.board.unique_id();
        let id_length = id.len().min(16);
        unique_id[..id_length].copy_from_slice(&id[..id_length]);
        let activity = match self.server.resting {
            _ if self.running => Activity::Running,
            Resting::Idle => Activity::Idle,
            Resting::SafeMode => Activity::SafeMode,
            Resting::NeedsCompiler => Activity::NeedsCompiler,
        };
        let hello = Hello {
            executor: VERSION,
            board: description.name,
            machine: description.machine,
            unique_id: &unique_id[..id_length],
            mpy_version: 6,
            small_int_bits: 31,
            float_bits: if description.float_width == hal::FloatWidth::Single { 32 } else { 64 },
            heap_bytes: description.heap_bytes,
            message_bytes: self.link.message_bytes() as u32,
            stdin_bytes: self.stdin.capacity() as u32,
            app_bytes: self.storage.slots.as_ref().map_or(0, |slots| slots.room()),
            activity,
            has_report,
        };
        self.send(&ToHost::Hello(hello));
    }

    fn request_restart(&mut self, kind: Reset) {
        self.restart = Some(match kind {
            Reset::Soft => Restart::Soft,
            Reset::Idle => Restart::Idle,
            Reset::Hard => Restart::Chip(ResetKind::Hard),
            Reset::Bootloader => Restart::Chip(ResetKind::Bootloader),
        });
        self.stop = true;
        if kind != Reset::Idle {
            // A person asks for another try.
            self.set_crashes(0);
        }
        self.send(&ToHost::Done);
    }

    pub(crate) fn set_crashes(&mut self, crashes: u8) {
        if let Some(slots) = self.storage.slots.as_mut() {
            // A journal that cannot be written must not keep anything from running.
            let _ = slots.set_crashes(self.board.flash(), crashes);
        }
    }

    // ---- runs ----

    fn preload(&mut self, runner: Option<&mut (dyn Runner + '_)>, name: &str, length: u32) {
        self.cancel_upload();
        let Some(runner) = runner else { return self.refuse(ErrorCode::Busy, "a program is running") };
        match runner.preload(self, name, length as usize) {
            Ok(()) if length == 0 => self.send(&ToHost::Done),
            Ok(()) => self.server.upload = Upload::Preload { length, received: 0 },
            Err(Finish::NoMemory) => self.refuse(ErrorCode::NoMemory, "the module does not fit in memory"),
            Err(Finish::Refused(why)) => self.refuse(ErrorCode::Invalid, why),
            Err(_) => self.refuse(ErrorCode::Invalid, ""),
        }
    }

    fn run(&mut self, runner: Option<&mut (dyn Runner + '_)>, name: &str, interactive: bool, arguments: &[u8]) {
        let Some(runner) = runner else { return self.refuse(ErrorCode::Busy, "a program is running") };
        let mut kept = [0; NAME_BYTES];
        let Some(place) = kept.get_mut(..name.len()) else { return self.refuse(ErrorCode::NameTooLong, "") };
        place.copy_from_slice(name.as_bytes());
        if !arguments.is_empty() {
            runner.set_arguments(self, arguments);
        }
        if !interactive {
            self.stdin.clear();
        }
        self.server.job = Some(Job { name: kept, name_length: name.len(), interactive });
        self.send(&ToHost::Done);
    }
}
