//! The builtin types: their names, bases and attributes.

pub(crate) mod bytearray;
pub(crate) mod bytes;
pub(crate) mod list;
pub(crate) mod range;
pub(crate) mod slice;
mod sort;
pub(crate) mod str;
pub(crate) mod tuple;
mod walk;
