//! A device asks its host to compile: `eval`, `exec`, `compile` and imports of source text.

use link::message::CompileMode;

use crate::build;

/// Longer sources are refused: they would not fit a device anyway.
const SOURCE_BYTES_MAXIMUM: usize = 1024 * 1024;

/// A request whose text is arriving.
#[derive(Debug)]
pub(super) struct CompileRequest {
    name: String,
    mode: compiler::Mode,
    source: Vec<u8>,
    length: usize,
    reply_bytes: usize,
    damaged: bool,
}

impl CompileRequest {
    /// From the announcement.
    pub(super) fn new(name: &str, mode: CompileMode, length: u32, reply_bytes: u32) -> CompileRequest {
        CompileRequest {
            name: name.to_owned(),
            mode: match mode {
                CompileMode::Exec => compiler::Mode::Exec,
                CompileMode::Eval => compiler::Mode::Eval,
                CompileMode::Single => compiler::Mode::Single,
            },
            source: Vec::new(),
            length: length as usize,
            reply_bytes: reply_bytes as usize,
            damaged: length as usize > SOURCE_BYTES_MAXIMUM,
        }
    }

    /// The name for tracebacks.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Longest .mpy that the device takes, in bytes.
    pub(super) fn reply_bytes(&self) -> usize {
        self.reply_bytes
    }

    /// Takes the next part of the text; parts come in order.
    pub(super) fn add(&mut self, offset: u32, bytes: &[u8]) {
        if offset as usize == self.source.len() && self.source.len() + bytes.len() <= self.length && !self.damaged {
            self.source.extend_from_slice(bytes);
        } else {
            self.damaged = true;
        }
    }

    /// All of the text is there, or will never be.
    pub(super) fn is_complete(&self) -> bool {
        self.damaged || self.source.len() == self.length
    }

    /// The .mpy, or line and message of the first error.
    pub(super) fn compile(&self, small_int_bits: u8) -> Result<Vec<u8>, (u32, String)> {
        if self.damaged {
            return Err((1, "the source text is too long or arrived damaged".to_owned()));
        }
        let options = compiler::Options {
            source_name: self.name.clone(),
            target: compiler::Target::Upy,
            mode: self.mode,
            small_int_bits,
            ..compiler::Options::default()
        };
        build::compile_bytes(&self.source, &options)
    }
}
