//! Numbers of the classes that native modules define, from [`vm::class_id::FIRST_MODULE`] on.

use vm::class_id::FIRST_MODULE;

/// `io` files on the storage: text or binary.
pub(crate) const FILE: u16 = FIRST_MODULE;
/// `io.StringIO`.
pub(crate) const STRING_IO: u16 = FIRST_MODULE + 1;
/// `io.BytesIO`.
pub(crate) const BYTES_IO: u16 = FIRST_MODULE + 2;
/// `sys.stdin`, `sys.stdout`, `sys.stderr` and their buffers.
pub(crate) const STANDARD_STREAM: u16 = FIRST_MODULE + 3;
/// `machine.Pin`.
pub(crate) const PIN: u16 = FIRST_MODULE + 4;
/// `json.JSONDecodeError`.
pub(crate) const JSON_DECODE_ERROR: u16 = FIRST_MODULE + 5;
/// `collections.deque`.
pub(crate) const DEQUE: u16 = FIRST_MODULE + 6;
/// The type of `sys.implementation`.
pub(crate) const IMPLEMENTATION: u16 = FIRST_MODULE + 7;
/// `hashlib.sha256` objects.
pub(crate) const SHA256: u16 = FIRST_MODULE + 8;
/// `io.UnsupportedOperation`.
pub(crate) const UNSUPPORTED_OPERATION: u16 = FIRST_MODULE + 10;
/// Code objects made by `compile`.
pub(crate) const CODE: u16 = FIRST_MODULE + 13;
