//! What host and device say to each other, one line of meaning beside each message.
//!
//! A message is encoded with postcard; the order of the variants is their number on the wire, so both
//! enums and their fields are append only. Every *command* gets exactly one final reply, in order;
//! *events* come at any time. Names and paths are UTF-8, paths absolute with `/`.

use serde::{Deserialize, Serialize};

use crate::ErrorCode;

/// From the host. Unless it says otherwise a message is a command and its reply is [`ToHost::Done`], or
/// [`ToHost::Error`].
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub enum ToDevice<'a> {
    /// 0: who are you? Reply: [`ToHost::Hello`].
    Identify,
    /// 1: standard input of the program, no reply. Never more than the credit: [`Hello::stdin_bytes`] at the
    /// start of a session, then what [`ToHost::StdinCredit`] adds.
    Stdin(#[serde(borrow)] &'a [u8]),
    /// 2: end of standard input, no reply. A new run begins with standard input open again.
    StdinEnd,
    /// 3: raise KeyboardInterrupt in the running program, no reply.
    Interrupt,
    /// 4: end the running program without running more of it. Its [`ToHost::Finished`] comes before the reply.
    Stop,
    /// 5: give up the operation under way (a read, a list, an upload), no reply of its own.
    Cancel,
    /// 6: restart. A running program ends first; the reply comes before the restart.
    Reset(Reset),
    /// 7: empty the heap: forget all modules and variables. Refused while a program runs.
    Fresh,
    /// 8: announce a compiled module to load into memory under this name; its bytes follow as [`ToDevice::Data`],
    /// and the last of them brings the reply.
    Preload {
        /// Module name with dots; `__main__` is the program itself.
        name: &'a str,
        /// Length of its .mpy in bytes.
        length: u32,
    },
    /// 9: bytes of the upload that the last `Preload`, `AppBegin`, `WriteBegin` or `CompileReply` announced, in
    /// order from its offset on. Of an upload, only a `Preload`'s last `Data` has a reply, and the first to fail.
    Data {
        /// Where these bytes go, from the start of the upload.
        offset: u32,
        /// At most what one message carries ([`Hello::message_bytes`]).
        bytes: &'a [u8],
    },
    /// 10: run a preloaded module. The reply comes when it starts, [`ToHost::Finished`] when it ends.
    RunPreloaded {
        /// Module name as preloaded.
        name: &'a str,
        /// A REPL line: errors do not end anything, standard input stays open.
        interactive: bool,
        /// `sys.argv`, each argument followed by a zero byte.
        arguments: &'a [u8],
    },
    /// 11: what is in the app slots? Reply: [`ToHost::AppStatus`].
    AppStatus,
    /// 12: begin, or resume, to write a new app image. Reply: [`ToHost::UploadReady`] with the offset to go on from.
    AppBegin {
        /// Length of the image in bytes.
        length: u32,
        /// SHA-256 of the image.
        sha256: [u8; 32],
    },
    /// 13: take the next `length` bytes of the upload from the active app image. No reply unless it fails.
    AppCopy {
        /// Where the bytes go in the new image.
        offset: u32,
        /// Where they come from in the active image.
        from: u32,
        /// How many.
        length: u32,
    },
    /// 14: verify the image and make it the active one.
    AppCommit,
    /// 15: make the other slot's app the active one again.
    AppRollback,
    /// 16: facts of a path. Reply: [`ToHost::Stat`].
    Stat {
        /// The path.
        path: &'a str,
    },
    /// 17: names in a directory. Reply: [`ToHost::Entries`], one page.
    List {
        /// The directory.
        path: &'a str,
        /// Number of entries to skip.
        start: u32,
    },
    /// 18: content of a file. [`ToHost::Data`] follow, then the reply.
    Read {
        /// The file.
        path: &'a str,
        /// First byte wanted.
        offset: u32,
        /// Number of bytes wanted, at most; the end of the file ends it sooner.
        length: u32,
    },
    /// 19: begin, or resume, to write a file; until `WriteCommit` the file of this name stays as it was.
    /// Reply: [`ToHost::UploadReady`].
    WriteBegin {
        /// The file.
        path: &'a str,
        /// Its new length in bytes.
        length: u32,
        /// SHA-256 of its new content.
        sha256: [u8; 32],
    },
    /// 20: verify what was written and give it the name, in one step.
    WriteCommit,
    /// 21: remove a file or an empty directory.
    Remove {
        /// The path.
        path: &'a str,
    },
    /// 22: rename a file or directory; a file of the new name is replaced in one step.
    Rename {
        /// The path now.
        from: &'a str,
        /// The new path.
        to: &'a str,
    },
    /// 23: make a directory.
    MakeDirectory {
        /// The path.
        path: &'a str,
    },
    /// 24: room on the storage. Reply: [`ToHost::Usage`].
    Usage {
        /// A path on that storage.
        path: &'a str,
    },
    /// 25: SHA-256 of a file. Reply: [`ToHost::Hash`].
    Hash {
        /// The file.
        path: &'a str,
    },
    /// 26: answer to [`ToHost::CompileBegin`]: the .mpy has this length and follows as `Data`. No reply.
    CompileReply {
        /// Length in bytes.
        length: u32,
    },
    /// 27: answer to [`ToHost::CompileBegin`]: it does not compile. No reply.
    CompileError {
        /// Line of the error, from 1.
        line: u32,
        /// What is wrong.
        message: &'a str,
    },
    /// 28: the report of the last crash, kept over restarts. [`ToHost::Data`] follow, then the reply.
    Report,
    /// 29: forget the report of the last crash.
    ClearReport,
    /// 30: SHA-256 of a part of the active app image. Reply: [`ToHost::Hash`].
    AppHash {
        /// First byte.
        offset: u32,
        /// Number of bytes.
        length: u32,
    },
    /// 31: bytes of the active app image. [`ToHost::Data`] follow, then the reply.
    AppRead {
        /// First byte.
        offset: u32,
        /// Number of bytes.
        length: u32,
    },
}

/// How to restart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Reset {
    /// 0: end the program, empty the heap, run boot and main again; the session goes on.
    Soft,
    /// 1: end the program and empty the heap; run nothing. The session goes on.
    Idle,
    /// 2: the whole chip; the session ends.
    Hard,
    /// 3: into the chip's boot loader; the session ends.
    Bootloader,
}

/// From the device.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub enum ToHost<'a> {
    /// 0: reply: it is done.
    Done,
    /// 1: reply: it was refused, or failed.
    Error {
        /// Why.
        code: ErrorCode,
        /// More about it for people; may be empty.
        #[serde(borrow)]
        text: &'a str,
    },
    /// 2: reply to `Identify`.
    Hello(Hello<'a>),
    /// 3: event: the program wrote to its standard output.
    Stdout(&'a [u8]),
    /// 4: event: the program wrote to its standard error, or its traceback.
    Stderr(&'a [u8]),
    /// 5: event: so many more bytes of standard input may be sent.
    StdinCredit(u32),
    /// 6: event: a program starts on the device's own account (boot or main, after a restart).
    Started {
        /// Which: `boot` or `main`.
        name: &'a str,
    },
    /// 7: event: the program ended, on whoever's account it was started.
    Finished {
        /// How.
        finish: Finish,
        /// Its exit status: what `sys.exit` was given, 1 for an uncaught exception, 130 for an interrupt.
        status: i32,
        /// More about it, such as why the .mpy was refused; may be empty.
        text: &'a str,
    },
    /// 8: reply to `AppStatus`.
    AppStatus(AppStatus),
    /// 9: reply to `AppBegin` and `WriteBegin`.
    UploadReady {
        /// Where to go on; 0 for a new upload.
        offset: u32,
    },
    /// 10: reply to `Stat`.
    Stat(Stat),
    /// 11: reply to `List`: for each entry, kind (one byte, 0 file, 1 directory), size (4 bytes, low byte
    /// first), length of the name (one byte), the name.
    Entries {
        /// The entries.
        entries: &'a [u8],
        /// There are more after these.
        more: bool,
    },
    /// 12: part of what `Read`, `Report` or `AppRead` asked for.
    Data {
        /// Where the bytes lie in the file.
        offset: u32,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// 13: reply to `Usage`, in bytes.
    Usage {
        /// Unit of allocation.
        block: u32,
        /// All of it.
        total: u32,
        /// What is free.
        free: u32,
    },
    /// 14: reply to `Hash` and `AppHash`.
    Hash {
        /// SHA-256.
        sha256: [u8; 32],
        /// Number of bytes hashed.
        length: u32,
    },
    /// 15: event: the program asks to compile this source; its text follows as `CompileData`.
    CompileBegin {
        /// Name to show in tracebacks, or the path of the file that is imported.
        name: &'a str,
        /// What kind of source.
        mode: CompileMode,
        /// Length of the text in bytes.
        length: u32,
        /// Longest .mpy that the device can take.
        reply_bytes: u32,
    },
    /// 16: event: part of the source text.
    CompileData {
        /// Where it lies.
        offset: u32,
        /// The text.
        bytes: &'a [u8],
    },
    /// 17: event: the answer to the compile request is no longer wanted.
    CompileCancel,
}

/// Who the device is and what it can take.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hello<'a> {
    /// Version of the executor.
    pub executor: &'a str,
    /// Name of the board, as in `upy.toml`.
    pub board: &'a str,
    /// The machine in words.
    pub machine: &'a str,
    /// Serial number of the chip.
    pub unique_id: &'a [u8],
    /// Version of .mpy that it runs.
    pub mpy_version: u8,
    /// Bits of a small int.
    pub small_int_bits: u8,
    /// Bits of a float: 32 or 64.
    pub float_bits: u8,
    /// Size of the Python heap in bytes.
    pub heap_bytes: u32,
    /// Longest encoded message that it takes in bytes.
    pub message_bytes: u32,
    /// Size of its queue for standard input in bytes: the first credit.
    pub stdin_bytes: u32,
    /// Largest app image in bytes.
    pub app_bytes: u32,
    /// What it is doing.
    pub activity: Activity,
    /// A report of a crash is kept.
    pub has_report: bool,
}

/// What a device is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Activity {
    /// 0: waiting for commands.
    Idle,
    /// 1: running a program.
    Running,
    /// 2: waiting, and it did not start the app because that had crashed too often, or on request.
    SafeMode,
    /// 3: waiting, and the app's main is source text, which needs a host to compile it.
    NeedsCompiler,
}

/// How a program ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Finish {
    /// 0: it ran to its end.
    Done,
    /// 1: it called `sys.exit`.
    Exit,
    /// 2: an uncaught exception; its traceback went to standard error.
    Error,
    /// 3: KeyboardInterrupt.
    Interrupted,
    /// 4: it was stopped.
    Stopped,
    /// 5: its .mpy was refused; nothing ran.
    Refused,
    /// 6: not enough memory to run anything.
    NoMemory,
}

/// What the app slots hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AppStatus {
    /// The slot that runs at the next restart.
    pub active: Option<u8>,
    /// Room for an image in each slot in bytes.
    pub slot_bytes: u32,
    /// Both slots.
    pub slots: [Slot; 2],
}

/// One app slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// What is in it.
    pub state: SlotState,
    /// Counts deploys; the higher the newer.
    pub sequence: u32,
    /// Length of the image in bytes.
    pub length: u32,
    /// SHA-256 of the image.
    pub sha256: [u8; 32],
}

/// What is in a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SlotState {
    /// 0: nothing that can run.
    Empty,
    /// 1: an upload that is not committed.
    Writing,
    /// 2: a whole, verified image.
    Valid,
}

/// Facts of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stat {
    /// It is a directory.
    pub directory: bool,
    /// Size in bytes, 0 for directories.
    pub size: u32,
}

/// What kind of source to compile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CompileMode {
    /// 0: a module or suite.
    Exec,
    /// 1: one expression.
    Eval,
    /// 2: one interactive statement.
    Single,
}
