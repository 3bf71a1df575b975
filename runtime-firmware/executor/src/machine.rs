//! The machine as a program sees it: the board, the storage and the link in one object.
//!
//! Nothing here waits for a host. What a host sends is looked at whenever the program or the idle loop polls;
//! only a program's own output waits, until the line has carried enough of it.

use hal::{
    Board, Clock, CompileMode, CompileReply, Description, Entry, EntryKind, Error, Events, FileId, Files, FsUsage,
    Input, OpenMode, Pins, ResetKind, Stat, System,
};
use link::{Buffers, Endpoint, ToHost};

use crate::queue::Stdin;
use crate::server::Server;
use crate::storage::Storage;

/// How long a program waits for the host to compile something.
const COMPILE_US: u64 = 60_000_000;

/// Small parts of output are put together to this length.
const HELD_BYTES: usize = 120;

/// Memory of the executor besides the Python heap. Its sizes are the board's choice.
pub struct Memory<'m> {
    /// One arriving frame: [`link::frame::encoded_bytes`] of the largest payload.
    pub frame: &'m mut [u8],
    /// Messages that arrived: the credit of the host, at least 256 bytes.
    pub incoming: &'m mut [u8],
    /// Messages on their way to the host, at least 256 bytes.
    pub outgoing: &'m mut [u8],
    /// One frame to send: [`link::frame::encoded_bytes`] of the largest payload.
    pub line: &'m mut [u8],
    /// One message: as large as `incoming`.
    pub message: &'m mut [u8],
    /// Standard input that was not read yet.
    pub stdin: &'m mut [u8],
    /// One piece of each file that can be written at a time.
    pub files: &'m mut [u8],
    /// Bytes of a piece: 128 to 1024.
    pub piece: usize,
    /// The end of the last program's standard error, to be kept should it crash.
    pub report: &'m mut [u8],
}

/// The end of what a program wrote to standard error.
pub(crate) struct Report<'m> {
    pub(crate) buffer: &'m mut [u8],
    pub(crate) filled: usize,
}

impl Report<'_> {
    fn add(&mut self, bytes: &[u8]) {
        let capacity = self.buffer.len();
        let bytes = &bytes[bytes.len().saturating_sub(capacity)..];
        let keep = self.filled.min(capacity - bytes.len());
        self.buffer.copy_within(self.filled - keep..self.filled, 0);
        self.buffer[keep..keep + bytes.len()].copy_from_slice(bytes);
        self.filled = keep + bytes.len();
    }
}

/// What is asked for and must wait until the program has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Restart {
    /// Empty the heap, run boot and main.
    Soft,
    /// Empty the heap.
    Idle,
    /// Restart the chip.
    Chip(ResetKind),
}

/// The machine. See the head of this file.
pub struct Machine<'m> {
    pub(crate) board: &'m mut dyn Board,
    pub(crate) storage: Storage<'m>,
    pub(crate) link: Endpoint<&'m mut [u8]>,
    pub(crate) line: &'m mut [u8],
    /// The message being handled is copied here, so that handling it may use everything else.
    pub(crate) message: Option<&'m mut [u8]>,
    pub(crate) stdin: Stdin<'m>,
    pub(crate) report: Report<'m>,
    /// Standard output that was written in small parts, to be sent together: at the next poll at the latest.
    held: [u8; HELD_BYTES],
    held_length: usize,
    pub(crate) server: Server,
    pub(crate) running: bool,
    pub(crate) stop: bool,
    pub(crate) restart: Option<Restart>,
}

impl<'m> Machine<'m> {
    /// Mounts the storage and waits for nobody.
    pub fn new(board: &'m mut dyn Board, memory: Memory<'m>) -> Machine<'m> {
        let description = board.description();
        let storage = Storage::mount(board.flash(), description, memory.files, memory.piece);
        let buffers = Buffers { frame: memory.frame, incoming: memory.incoming, outgoing: memory.outgoing };
        Machine {
            board,
            storage,
            link: Endpoint::device(buffers),
            line: memory.line,
            message: Some(memory.message),
            stdin: Stdin::new(memory.stdin),
            report: Report { buffer: memory.report, filled: 0 },
            held: [0; HELD_BYTES],
            held_length: 0,
            server: Server::default(),
            running: false,
            stop: false,
            restart: None,
        }
    }

    /// Takes bytes from the console into the link and sends what is due. Handles no messages.
    pub(crate) fn exchange(&mut self) {
        let now_us = self.board.clock().now_us();
        let mut bytes = [0; 64];
        let Machine { link, stdin, board, .. } = self;
        // More than the link's credit lets a host have under way, so that nothing is left behind; and no more, so that
        // a flood of noise does not keep a program from running.
        for _ in 0..256 {
            let count = board.console().read(&mut bytes);
            link.feed(&bytes[..count], now_us, &mut |text| stdin.type_text(text));
            if count == 0 {
                break;
            }
        }
        self.flush(now_us);
    }

    pub(crate) fn flush(&mut self, now_us: u64) {
        loop {
            let count = self.link.transmit(now_us, self.line);
            if count == 0 {
                return;
            }
            self.board.console().write(&self.line[..count]);
        }
    }

    /// Sends the output that was held back.
    pub(crate) fn release(&mut self) {
        let length = core::mem::take(&mut self.held_length);
        if length > 0 {
            let held = self.held;
            self.output(&held[..length], false);
        }
    }

    /// Writes program output: as messages in a session, as it is to a terminal.
    fn output(&mut self, bytes: &[u8], error: bool) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if !self.link.is_open() {
                self.board.console().write(rest);
                return;
            }
            let room = self.link.room().saturating_sub(4).min(link::HOST_PAYLOAD_BYTES);
            let count = room.min(rest.len());
            if count > 0 {
                let piece = &rest[..count];
                let message = if error { ToHost::Stderr(piece) } else { ToHost::Stdout(piece) };
                if self.link.send(&message).is_ok() {
                    rest = &rest[count..];
                    continue;
                }
            }
            self.server.paused = true;
            self.service(None, None);
            self.server.paused = false;
            if self.stop || !self.board.powered() {
                return;
            }
            if self.link.is_open() && self.link.room() < 16 {
                self.nap();
            }
        }
    }

    /// Sleeps until the link has something to do, a moment at most.
    fn nap(&mut self) {
        let now_us = self.board.clock().now_us();
        self.sleep(now_us + 20_000);
    }

    pub(crate) fn sleep(&mut self, deadline_us: u64) {
        let due_us = self.link.next_us().unwrap_or(u64::MAX);
        self.board.clock().wait_until(deadline_us.min(due_us));
    }

    /// Sends what waits to be sent, as long as somebody takes it, half a second at most.
    pub(crate) fn drain(&mut self) {
        let start_us = self.board.clock().now_us();
        while self.link.is_open() && !self.link.is_flushed() && self.board.powered() {
            if self.board.clock().now_us().saturating_sub(start_us) > 500_000 {
                return;
            }
            self.exchange();
            self.nap();
        }
        let now_us = self.board.clock().now_us();
        self.flush(now_us);
    }
}

impl System for Machine<'_> {
    fn description(&self) -> &'static Description {
        self.board.description()
    }

    fn poll(&mut self) -> Events {
        self.release();
        self.service(None, None);
        let interrupt = core::mem::take(&mut self.stdin.interrupt);
        let stop = self.stop || !self.board.powered();
        Events { interrupt, pins: self.board.pins().has_event(), stop }
    }

    fn stdout(&mut self, bytes: &[u8]) {
        if bytes.len() > HELD_BYTES - self.held_length {
            self.release();
        }
        if !self.link.is_open() || bytes.len() > HELD_BYTES {
            self.release();
            return self.output(bytes, false);
        }
        self.held[self.held_length..self.held_length + bytes.len()].copy_from_slice(bytes);
        self.held_length += bytes.len();
    }

    fn stderr(&mut self, bytes: &[u8]) {
        self.release();
        self.report.add(bytes);
        self.output(bytes, true);
    }

    fn stdin(&mut self, buffer: &mut [u8]) -> Input {
        self.release();
        self.stdin.read(buffer)
    }

    fn wait_until(&mut self, deadline_us: u64) {
        self.release();
        let ended = self.stdin.is_ended();
        self.service(None, None);
        let awake = self.stop
            || self.stdin.is_ended() != ended
            || self.stdin.interrupt
            || !self.stdin.is_empty()
            || self.board.pins().has_event()
            || !self.board.powered();
        // With input waiting a sleeping program must still sleep: it polls, so a short nap is enough.
        let now_us = self.board.clock().now_us();
        let limit_us = if awake { deadline_us.min(now_us + 1_000) } else { deadline_us };
        if !(self.stop || self.stdin.interrupt || self.board.pins().has_event()) {
            self.sleep(limit_us);
        }
    }

    fn clock(&mut self) -> &mut dyn Clock {
        self.board.clock()
    }

    fn pins(&mut self) -> &mut dyn Pins {
        self.board.pins()
    }

    fn files(&mut self) -> &mut dyn Files {
        self
    }

    fn compile(
        &mut self,
        source: &str,
        name: &str,
        mode: CompileMode,
        reply: &mut [u8],
    ) -> Result<CompileReply, Error> {
        self.release();
        if !self.link.is_open() {
            return Err(Error::NotSupported);
        }
        let session = self.link.nonce();
        self.server.begin_compile(source, name, mode, reply.len());
        let start_us = self.board.clock().now_us();
        let mut sent = None;
        loop {
            sent = self.send_source(source, name, mode, reply.len(), sent);
            self.service(None, Some(reply));
            if let Some(answer) = self.server.take_compiled() {
                return answer;
            }
            if !self.link.is_open() || self.link.nonce() != session {
                self.server.end_compile();
                return Err(Error::NotSupported);
            }
            let late = self.board.clock().now_us().saturating_sub(start_us) > COMPILE_US;
            if late || self.stop || self.stdin.interrupt || !self.board.powered() {
                self.server.end_compile();
                let _ = self.link.send(&ToHost::CompileCancel);
                return Err(Error::TimedOut);
            }
            self.nap();
        }
    }

    fn entropy(&mut self, buffer: &mut [u8]) {
        self.board.entropy(buffer);
    }

    fn unique_id(&mut self) -> &[u8] {
        self.board.unique_id()
    }

    fn reset(&mut self, kind: ResetKind) {
        self.restart = Some(Restart::Chip(kind));
        self.stop = true;
    }
}

impl Files for Machine<'_> {
    fn open(&mut self, path: &str, mode: OpenMode) -> Result<FileId, Error> {
        self.storage.open(self.board.flash(), path, mode)
    }

    fn read(&mut self, file: FileId, buffer: &mut [u8]) -> Result<usize, Error> {
        self.storage.read(self.board.flash(), file, buffer)
    }

    fn write(&mut self, file: FileId, bytes: &[u8]) -> Result<(), Error> {
        self.storage.write(self.board.flash(), file, bytes)
    }

    fn seek(&mut self, file: FileId, offset: i32, whence: u8) -> Result<u32, Error> {
        self.storage.seek(file, offset, whence)
    }

    fn flush(&mut self, file: FileId) -> Result<(), Error> {
        self.storage.flush(self.board.flash(), file)
    }

    fn close(&mut self, file: FileId) -> Result<(), Error> {
        self.storage.close(self.board.flash(), file)
    }

    fn close_all(&mut self) {
        let kept = self.server.open_files();
        self.storage.close_all(self.board.flash(), &kept);
    }

    fn stat(&mut self, path: &str) -> Result<Stat, Error> {
        self.storage.stat(self.board.flash(), path)
    }

    fn remove(&mut self, path: &str) -> Result<(), Error> {
        self.storage.remove(self.board.flash(), path, EntryKind::File)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Error> {
        self.storage.rename(self.board.flash(), from, to)
    }

    fn make_directory(&mut self, path: &str) -> Result<(), Error> {
        self.storage.make_directory(self.board.flash(), path)
    }

    fn remove_directory(&mut self, path: &str) -> Result<(), Error> {
        self.storage.remove(self.board.flash(), path, EntryKind::Directory)
    }

    fn entry(&mut self, path: &str, index: u32, name: &mut [u8]) -> Result<Option<Entry>, Error> {
        self.storage.entry(self.board.flash(), path, index, name)
    }

    fn usage(&mut self, path: &str) -> Result<FsUsage, Error> {
        self.storage.usage(self.board.flash(), path)
    }

    fn map(&mut self, path: &str) -> Option<&'static [u8]> {
        let flash = self.board.flash();
        if self.storage.is_stored(flash, path) {
            return None;
        }
        let range = self.storage.app_range(flash, path)?;
        self.board.flash().map(range.start, range.length())
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn a_report_keeps_the_end() {
        let mut buffer = [0; 5];
        let mut report = Report { buffer: &mut buffer, filled: 0 };
        report.add(b"ab");
        report.add(b"cd");
        assert_eq!(&report.buffer[..report.filled], b"abcd");
        report.add(b"efg");
        assert_eq!(&report.buffer[..report.filled], b"cdefg");
        report.add(b"0123456789");
        assert_eq!(&report.buffer[..report.filled], b"56789");
        report.add(b"");
        assert_eq!(&report.buffer[..report.filled], b"56789");
    }
}
