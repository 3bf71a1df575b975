//! One closed error for everything below Python; each maps to one `errno`, so it can become an `OSError`.

/// Why an operation of the machine failed. The discriminants are MicroPython's errno numbers (`mperrno.h`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Error {
    /// Operation not permitted.
    NotPermitted = 1,
    /// No such file, directory or record.
    NotFound = 2,
    /// The medium failed or holds damaged data.
    Io = 5,
    /// The file or descriptor is not open, or not open for this.
    BadFile = 9,
    /// Would block: nothing there yet.
    WouldBlock = 11,
    /// Out of memory or of table entries.
    NoMemory = 12,
    /// In use.
    Busy = 16,
    /// It exists already.
    Exists = 17,
    /// No such device or pin.
    NoDevice = 19,
    /// A component of the path is not a directory.
    NotDirectory = 20,
    /// It is a directory.
    IsDirectory = 21,
    /// An argument has no meaning here.
    Invalid = 22,
    /// Too many open files.
    TooManyOpen = 24,
    /// The file would be larger than the storage supports.
    TooLarge = 27,
    /// No room left on the storage.
    NoSpace = 28,
    /// The storage is read-only.
    ReadOnly = 30,
    /// The name is longer than the storage supports.
    NameTooLong = 36,
    /// The directory is not empty.
    NotEmpty = 39,
    /// This board or storage cannot do that.
    NotSupported = 95,
    /// It took too long.
    TimedOut = 110,
}

impl Error {
    /// The errno number.
    pub const fn errno(self) -> u8 {
        self as u8
    }
}
