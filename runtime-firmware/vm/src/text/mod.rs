//! Text: building it, `repr` and `str` of any value, formatting, codecs, and the arguments of text methods.

pub(crate) mod arguments;
pub(crate) mod character;
mod codec;
mod errno;
mod error_text;
mod format;
pub(crate) mod methods;
mod number;
mod percent;
pub(crate) mod quote;
mod repr;
pub(crate) mod sink;

pub(crate) use errno::errno_name;
pub(crate) use format::Fields;
pub(crate) use methods::search::find;
pub use sink::Sink;
pub(crate) use sink::TextBuffer;

#[cfg(test)]
pub(crate) mod tests;
