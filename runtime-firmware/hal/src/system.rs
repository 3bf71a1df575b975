//! What a running program may ask of the machine: implemented by the executor, called by the Python modules.

use crate::{Clock, Description, Error, Pins, ResetKind};

/// What [`System::poll`] found; the interpreter acts on it between two bytecodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Events {
    /// Ctrl-C arrived: raise KeyboardInterrupt.
    pub interrupt: bool,
    /// Pins have events: run their handlers.
    pub pins: bool,
    /// The host asks that the program end now (deploy, reset, power-down): unwind without running more Python.
    pub stop: bool,
}

/// What [`System::stdin`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// So many bytes were written to the buffer (at least one).
    Bytes(usize),
    /// Nothing yet.
    Empty,
    /// There will be no more.
    End,
}

/// How a file is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OpenMode {
    /// May be read.
    pub read: bool,
    /// May be written.
    pub write: bool,
    /// Emptied or made first (`w`).
    pub truncate: bool,
    /// Made if absent (`w`, `a`, `x`).
    pub create: bool,
    /// Fails if present (`x`).
    pub exclusive: bool,
    /// Every write goes to the end (`a`).
    pub append: bool,
}

/// An open file, by its place in the open-file table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileId(pub u8);

/// File or directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A file.
    File,
    /// A directory.
    Directory,
}

/// Facts of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// File or directory.
    pub kind: EntryKind,
    /// Size in bytes, 0 for directories.
    pub size: u32,
}

/// One name of a directory; the name was written to the caller's buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Bytes of the name in the caller's buffer.
    pub name_length: usize,
    /// Facts of the entry.
    pub stat: Stat,
}

/// Room of the file storage, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FsUsage {
    /// Unit of allocation.
    pub block: u32,
    /// All of it.
    pub total: u32,
    /// What is free.
    pub free: u32,
}

/// Files as Python sees them: absolute UTF-8 paths with `/`, the read-write storage at `/` and the app
/// image (read-only) beneath `/app`.
pub trait Files {
    /// Opens a file.
    fn open(&mut self, path: &str, mode: OpenMode) -> Result<FileId, Error>;
    /// Reads at the file's position; 0 is the end.
    fn read(&mut self, file: FileId, buffer: &mut [u8]) -> Result<usize, Error>;
    /// Writes all bytes at the file's position.
    fn write(&mut self, file: FileId, bytes: &[u8]) -> Result<(), Error>;
    /// Moves the position (`whence` as in Python: 0 start, 1 current, 2 end); returns it.
    fn seek(&mut self, file: FileId, offset: i32, whence: u8) -> Result<u32, Error>;
    /// Makes what was written durable.
    fn flush(&mut self, file: FileId) -> Result<(), Error>;
    /// Flushes and closes; the id is free even when an error is returned.
    fn close(&mut self, file: FileId) -> Result<(), Error>;
    /// Closes every open file (a soft reset).
    fn close_all(&mut self);
    /// Facts of a path.
    fn stat(&mut self, path: &str) -> Result<Stat, Error>;
    /// Removes a file.
    fn remove(&mut self, path: &str) -> Result<(), Error>;
    /// Renames a file or directory; an existing file at `to` is replaced in one step.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), Error>;
    /// Makes a directory.
    fn make_directory(&mut self, path: &str) -> Result<(), Error>;
    /// Removes an empty directory.
    fn remove_directory(&mut self, path: &str) -> Result<(), Error>;
    /// The `index`-th entry of a directory, its name in `name`; `None` past the last.
    fn entry(&mut self, path: &str, index: u32, name: &mut [u8]) -> Result<Option<Entry>, Error>;
    /// Room on the storage that holds `path`.
    fn usage(&mut self, path: &str) -> Result<FsUsage, Error>;
    /// The whole content in place, for files of a memory-mapped app image; `None` for all others.
    fn map(&mut self, path: &str) -> Option<&'static [u8]>;
}

/// What kind of source text to compile, as in Python's `compile`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompileMode {
    /// A module or suite.
    Exec,
    /// One expression.
    Eval,
    /// One interactive statement: expression values are shown.
    Single,
}

/// The attached host's answer to [`System::compile`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompileReply {
    /// So many bytes of .mpy were written to the buffer.
    Compiled(usize),
    /// The source is wrong: line (from 1), and so many bytes of message in the buffer.
    SyntaxError {
        /// Line of the error, from 1.
        line: u32,
        /// Bytes of the message in the buffer.
        message_length: usize,
    },
    /// The buffer is too small; so many bytes are needed.
    BufferTooSmall(usize),
}

/// The machine, as a running program sees it.
pub trait System {
    /// Fixed facts of the board.
    fn description(&self) -> &'static Description;
    /// Does what is due (link, console) and says what the interpreter must act on. Called at backward jumps
    /// and calls every few hundred bytecodes, while waiting, and before input; must be quick.
    fn poll(&mut self) -> Events;
    /// Writes to the program's standard output, all of it.
    fn stdout(&mut self, bytes: &[u8]);
    /// Writes to the program's standard error: tracebacks and messages about the program.
    fn stderr(&mut self, bytes: &[u8]);
    /// Takes standard input that has arrived.
    fn stdin(&mut self, buffer: &mut [u8]) -> Input;
    /// Sleeps until `deadline_us` (of [`Clock::now_us`]) or until something may have happened.
    fn wait_until(&mut self, deadline_us: u64);
    /// Time.
    fn clock(&mut self) -> &mut dyn Clock;
    /// Pins.
    fn pins(&mut self) -> &mut dyn Pins;
    /// Files.
    fn files(&mut self) -> &mut dyn Files;
    /// Asks the attached host to compile; [`Error::NotSupported`] when no host is attached.
    fn compile(&mut self, source: &str, name: &str, mode: CompileMode, reply: &mut [u8])
    -> Result<CompileReply, Error>;
    /// Bytes that differ on every call.
    fn entropy(&mut self, buffer: &mut [u8]);
    /// The chip's serial number.
    fn unique_id(&mut self) -> &[u8];
    /// Restarts the chip once the program has ended; [`Events::stop`] follows where it cannot be at once.
    fn reset(&mut self, kind: ResetKind);
}
