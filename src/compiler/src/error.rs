//! Diagnostics as plain data: the compiler reports, the host decides how to show it.

use crate::ast::TextRange;
use crate::source::Source;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// No code object was made.
    Error,
    /// Compiled, but probably not what was meant.
    Warning,
    /// Compiled; something worth knowing.
    Note,
}

/// One finding about the source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name of the kind of finding, such as `return-outside-function`.
    pub code: &'static str,
    /// What is wrong, one sentence without a final stop.
    pub message: String,
    /// What to write instead, when that is known.
    pub help: Option<String>,
    /// Byte offsets of the first byte and of the one after the last, in the source as given.
    pub span: (usize, usize),
    /// Line of the span's start, from 1.
    pub line: u32,
    /// Column of the span's start in characters, from 1.
    pub column: u32,
}

/// A finding before its position is worked out.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) range: TextRange,
}

/// Collects findings while a source is compiled.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
}

/// More than this many findings help nobody, and hostile input could ask for millions.
const FINDINGS_MAXIMUM: usize = 200;

impl Findings {
    /// Records an error.
    pub(crate) fn error(&mut self, code: &'static str, range: TextRange, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Error, code, range, message.into())
    }

    /// Records a warning.
    pub(crate) fn warning(&mut self, code: &'static str, range: TextRange, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Warning, code, range, message.into())
    }

    /// Records something worth knowing.
    pub(crate) fn note(&mut self, code: &'static str, range: TextRange, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Note, code, range, message.into())
    }

    /// Adds to the latest finding what to write instead.
    pub(crate) fn help(&mut self, help: impl Into<String>) {
        if let Some(last) = self.list.last_mut() {
            last.help = Some(help.into());
        }
    }

    /// Takes over what was found elsewhere.
    pub(crate) fn append(&mut self, other: Findings) {
        self.list.extend(other.list);
    }

    /// True when an error was recorded.
    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn push(&mut self, severity: Severity, code: &'static str, range: TextRange, message: String) -> &mut Self {
        let again = self.list.iter().any(|old| old.range == range && old.code == code);
        if !again && self.list.len() < FINDINGS_MAXIMUM {
            self.list.push(Finding { severity, code, message, help: None, range });
        }
        self
    }

    /// The findings with their positions, in source order.
    pub(crate) fn into_diagnostics(mut self, source: &Source) -> Vec<Diagnostic> {
        self.list.sort_by_key(|finding| (finding.range.start(), finding.range.end()));
        self.list
            .into_iter()
            .map(|finding| {
                let (line, column) = source.position(finding.range.start());
                Diagnostic {
                    severity: finding.severity,
                    code: finding.code,
                    message: finding.message,
                    help: finding.help,
                    span: source.span(finding.range),
                    line,
                    column,
                }
            })
            .collect()
    }
}
