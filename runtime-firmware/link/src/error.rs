//! Why a device refused a command: a closed list with stable numbers, the same on every board.

use serde::{Deserialize, Serialize};

/// The reason of a [`crate::ToHost::Error`]. The order is the number on the wire: append only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ErrorCode {
    /// 0: the device does not know this command.
    Unsupported,
    /// 1: the message could not be decoded, or an argument is out of range.
    Invalid,
    /// 2: a program is running; stop it first.
    Busy,
    /// 3: nothing is there by this name.
    NotFound,
    /// 4: the name is taken.
    Exists,
    /// 5: a directory was needed.
    NotDirectory,
    /// 6: a file was needed.
    IsDirectory,
    /// 7: the directory has entries.
    NotEmpty,
    /// 8: the storage is full.
    NoSpace,
    /// 9: not enough memory.
    NoMemory,
    /// 10: it cannot be written.
    ReadOnly,
    /// 11: the medium failed, or holds damaged data.
    Io,
    /// 12: the name is too long.
    NameTooLong,
    /// 13: the data does not have the hash that was announced.
    HashMismatch,
    /// 14: the app image is not a valid one.
    BadImage,
    /// 15: the command before this one is missing (data without a beginning, commit without data).
    OutOfOrder,
    /// 16: the app is larger than a slot, or the file larger than the storage supports.
    TooLarge,
    /// 17: the host cancelled the operation.
    Cancelled,
    /// 18: there is no older app to go back to.
    NoOlderApp,
    /// 19: an open file or table entry was needed, and all are taken.
    TooManyOpen,
    /// 20: it took too long.
    TimedOut,
    /// 21: not allowed.
    NotPermitted,
    /// 22: no such device.
    NoDevice,
}
