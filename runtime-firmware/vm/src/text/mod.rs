//! Text: building it, `repr` and `str` of any value, formatting, codecs, and the arguments of text methods.

pub(crate) mod arguments;
pub(crate) mod character;
mod codec;
mod error_text;
mod format;
pub(crate) mod methods;
mod number;
pub(crate) mod quote;
mod percent;
mod repr;
pub(crate) mod sink;

pub(crate) use format::Fields;
pub use sink::Sink;
pub(crate) use repr::{ERRNO, errno_name};
pub(crate) use sink::TextBuffer;

#[cfg(test)]
pub(crate) mod tests;
