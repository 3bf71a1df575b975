//! Boot and the idle loop: boot, then main, then whatever a host asks for.

use core::fmt::Write as _;

use hal::{Board, EntryKind, Files, OpenMode, ResetKind, System};
use link::ToHost;

use crate::REPORT;
use crate::machine::{Machine, Memory, Restart};
use crate::program::{Finish, Runner};
use crate::server::{READ, REPLACE, Resting};

/// After so many crashes in a row the app is not started any more.
const CRASHES: u8 = 3;
/// The heap name of the program.
const MAIN: &str = "__main__";

/// Why [`Executor::run`] returned. On hardware it never does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// The board was switched off.
    PowerOff,
    /// The chip was asked to restart.
    Reset(ResetKind),
}

/// The executor on a board.
pub struct Executor<'m, R> {
    machine: Machine<'m>,
    runner: R,
}

/// What became of boot or main.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Started {
    Ran(Finish),
    Absent,
    /// There is only source text.
    Source,
}

impl<'m, R: Runner> Executor<'m, R> {
    /// Mounts the storage; nothing runs yet.
    pub fn new(board: &'m mut dyn Board, memory: Memory<'m>, runner: R) -> Self {
        Executor { machine: Machine::new(board, memory), runner }
    }

    /// Boots and serves for ever, or until the board is switched off or restarts.
    pub fn run(&mut self) -> Exit {
        self.keep_fault();
        let mut boot = true;
        loop {
            if boot {
                self.boot();
            }
            match self.idle() {
                Some(Restart::Chip(kind)) => {
                    self.machine.drain();
                    self.machine.board.reset(kind);
                    return Exit::Reset(kind);
                }
                Some(restart) => {
                    self.runner.reset();
                    self.machine.close_all();
                    let Machine { storage, board, .. } = &mut self.machine;
                    storage.choose_app(board.flash());
                    boot = restart == Restart::Soft;
                }
                None => return Exit::PowerOff,
            }
        }
    }

    // ---- boot ----

    fn boot(&mut self) {
        self.machine.server.resting = Resting::Idle;
        // A host that is already waiting, or a person holding Ctrl-C, is heard before anything runs.
        self.machine.exchange();
        let crashes = self.machine.storage.slots.as_ref().map_or(0, |slots| slots.journal().crashes);
        if crashes >= CRASHES || self.machine.stdin.interrupt {
            self.machine.stdin.interrupt = false;
            self.machine.server.resting = Resting::SafeMode;
            return;
        }
        match self.start("boot") {
            Started::Absent | Started::Ran(Finish::Done | Finish::Exit(0)) => {}
            Started::Source => return self.machine.server.resting = Resting::NeedsCompiler,
            Started::Ran(finish) => return self.judge(finish, crashes),
        }
        if self.machine.restart.is_some() {
            return;
        }
        match self.start("main") {
            Started::Absent => {}
            Started::Source => self.machine.server.resting = Resting::NeedsCompiler,
            Started::Ran(finish) => self.judge(finish, crashes),
        }
    }

    /// Counts crashes of what runs by itself.
    fn judge(&mut self, finish: Finish, crashes: u8) {
        match finish {
            Finish::Error | Finish::Refused(_) | Finish::NoMemory => {
                self.machine.set_crashes(crashes.saturating_add(1));
                self.machine.keep_report();
            }
            Finish::Done | Finish::Exit(0) => self.machine.set_crashes(0),
            Finish::Exit(_) | Finish::Interrupted | Finish::Stopped => {}
        }
    }

    /// A panic or hard fault ended the last run: that is a crash, and its report is kept.
    fn keep_fault(&mut self) {
        let machine = &mut self.machine;
        let mut buffer = [0; 256];
        let length = machine.board.take_fault(&mut buffer).min(buffer.len());
        if length == 0 {
            return;
        }
        let kept = length.min(machine.report.buffer.len());
        machine.report.buffer[..kept].copy_from_slice(&buffer[..kept]);
        machine.report.filled = kept;
        let crashes = machine.storage.slots.as_ref().map_or(0, |slots| slots.journal().crashes);
        machine.set_crashes(crashes.saturating_add(1));
        machine.keep_report();
    }

    /// Runs boot or main: from the storage, else in place from the app image.
    fn start(&mut self, name: &'static str) -> Started {
        let mut path = Path::default();
        let _ = write!(path, "/{name}.mpy");
        let is_file =
            |machine: &mut Machine<'_>, path: &str| machine.stat(path).is_ok_and(|stat| stat.kind == EntryKind::File);
        if !is_file(&mut self.machine, path.text()) {
            path.clear();
            let _ = write!(path, "/{name}.py");
            return if is_file(&mut self.machine, path.text()) { Started::Source } else { Started::Absent };
        }
        self.machine.send(&ToHost::Started { name });
        self.machine.begin_run(false);
        let finish = match self.machine.map(path.text()) {
            Some(mpy) => self.runner.run_in_place(&mut self.machine, MAIN, mpy),
            None => match self.load(path.text()) {
                Ok(()) => self.runner.run_preloaded(&mut self.machine, MAIN),
                Err(finish) => finish,
            },
        };
        self.machine.end_run(finish, false);
        Started::Ran(finish)
    }

    /// Reads a compiled file into the heap as the program.
    fn load(&mut self, path: &str) -> Result<(), Finish> {
        let machine = &mut self.machine;
        let unreadable = |_| Finish::Refused("the file cannot be read");
        let size = machine.stat(path).map_err(unreadable)?.size as usize;
        let file = machine.open(path, READ).map_err(unreadable)?;
        let loaded = (|| {
            self.runner.preload(machine, MAIN, size)?;
            let mut buffer = [0; 128];
            let mut done = 0;
            while done < size {
                let count = machine.read(file, &mut buffer).map_err(unreadable)?.min(size - done);
                if count == 0 {
                    return Err(Finish::Refused("the file is cut short"));
                }
                self.runner.preload_write(machine, done, &buffer[..count]);
                done += count;
            }
            Ok(())
        })();
        let _ = machine.close(file);
        loaded
    }

    // ---- idle ----

    /// Serves until a restart is due; `None` when the board was switched off.
    fn idle(&mut self) -> Option<Restart> {
        self.hint();
        let mut in_session = self.machine.link.is_open();
        loop {
            if !self.machine.board.powered() {
                return None;
            }
            self.machine.service(Some(&mut self.runner), None);
            if let Some(restart) = self.machine.restart.take() {
                self.machine.stop = false;
                return Some(restart);
            }
            if let Some(job) = self.machine.server.job.take() {
                let name = core::str::from_utf8(&job.name[..job.name_length]).unwrap_or(MAIN);
                self.machine.begin_run(job.interactive);
                let finish = self.runner.run_preloaded(&mut self.machine, name);
                self.machine.end_run(finish, job.interactive);
                continue;
            }
            let now_open = self.machine.link.is_open();
            if core::mem::take(&mut self.machine.stdin.typed) || (in_session && !now_open) {
                self.machine.stdin.clear();
                self.machine.stdin.interrupt = false;
                self.hint();
            }
            in_session = now_open;
            let now_us = self.machine.board.clock().now_us();
            self.machine.sleep(now_us + 1_000_000);
        }
    }

    /// One line for people with a terminal.
    fn hint(&mut self) {
        let machine = &mut self.machine;
        if machine.link.is_open() {
            return;
        }
        let description = machine.board.description();
        let state = match machine.server.resting {
            Resting::Idle => "waiting",
            Resting::SafeMode => "safe mode: the app was not started",
            Resting::NeedsCompiler => "main.py is source text and needs a host to compile it",
        };
        for part in ["\r\nupy ", crate::VERSION, " on ", description.machine, ", ", state, "; try: upy repl PORT\r\n"] {
            machine.board.console().write(part.as_bytes());
        }
    }
}

impl Machine<'_> {
    fn begin_run(&mut self, interactive: bool) {
        self.running = true;
        self.stop = false;
        self.stdin.interrupt = false;
        if !interactive {
            self.report.filled = 0;
        }
    }

    /// Tells the host how a run ended.
    fn end_run(&mut self, finish: Finish, interactive: bool) {
        self.release();
        self.running = false;
        if !interactive {
            self.close_all();
            self.stdin.clear();
        }
        let (kind, status, text) = match finish {
            Finish::Done => (link::message::Finish::Done, 0, ""),
            Finish::Exit(status) => (link::message::Finish::Exit, status, ""),
            Finish::Error => (link::message::Finish::Error, 1, ""),
            Finish::Interrupted => (link::message::Finish::Interrupted, 130, ""),
            Finish::Stopped => (link::message::Finish::Stopped, 1, ""),
            Finish::Refused(why) => (link::message::Finish::Refused, 1, why),
            Finish::NoMemory => (link::message::Finish::NoMemory, 1, "not enough memory"),
        };
        if !self.link.is_open()
            && let Finish::Refused(why) = finish
        {
            self.stderr(why.as_bytes());
            self.stderr(b"\r\n");
        }
        self.send(&ToHost::Finished { finish: kind, status, text });
        if core::mem::take(&mut self.server.stop_reply) {
            self.send(&ToHost::Done);
        }
        if self.restart.is_none() {
            self.stop = false;
        }
        self.stdin.interrupt = false;
    }

    /// Keeps the end of standard error as the report of a crash.
    fn keep_report(&mut self) {
        let Machine { storage, board, report, .. } = self;
        let mode = OpenMode { read: false, ..REPLACE };
        // A full storage loses the report, not the device.
        if let Ok(file) = storage.open_system(board.flash(), REPORT, mode) {
            let _ = storage.write(board.flash(), file, &report.buffer[..report.filled]);
            let _ = storage.close(board.flash(), file);
        }
    }
}

/// A short path, built without an allocator.
#[derive(Default)]
struct Path {
    bytes: [u8; 16],
    length: usize,
}

impl Path {
    fn clear(&mut self) {
        self.length = 0;
    }

    fn text(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or("")
    }
}

impl core::fmt::Write for Path {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(core::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
