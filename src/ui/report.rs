//! A finding in source text: plain data, rendered with its lines by miette, or as JSON.

use std::fmt::{self, Display};
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is made.
    Error,
    /// It is made, but look at this.
    Warning,
    /// It is made; something worth knowing.
    Note,
}

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name, such as `upy::syntax`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The file.
    pub file: Option<String>,
    /// Byte range in the file, where known.
    pub span: Option<(usize, usize)>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    #[serde(skip)]
    source: Option<NamedSource<String>>,
}

impl Report {
    /// An error without a place.
    pub fn error(code: impl Into<String>, message: impl Into<String>) -> Report {
        Report::new(Severity::Error, code, message)
    }

    /// A finding without a place.
    pub fn new(severity: Severity, code: impl Into<String>, message: impl Into<String>) -> Report {
        Report {
            severity,
            code: code.into(),
            message: message.into(),
            help: None,
            file: None,
            span: None,
            line: None,
            column: None,
            source: None,
        }
    }

    /// Adds what to do.
    pub fn help(mut self, help: impl Into<String>) -> Report {
        self.help = Some(help.into());
        self
    }

    /// Adds the place: a byte range of `text`, which is the content of the file `name`.
    pub fn at(mut self, name: &str, text: &str, span: Option<Range<usize>>) -> Report {
        self.file = Some(name.to_owned());
        if let Some(span) = span {
            let start = floor_boundary(text, span.start);
            let end = floor_boundary(text, span.end.max(span.start)).max(start);
            let before = &text[..start];
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            self.line = Some(before.matches('\n').count() + 1);
            self.column = Some(text[line_start..start].chars().count() + 1);
            self.span = Some((start, end));
        }
        self.source = Some(NamedSource::new(name, text.to_owned()));
        self
    }

    /// As text with the source lines.
    pub fn render(&self, colours: bool) -> String {
        let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
        // Writing to a String does not fail.
        let _ = handler.render_report(&mut text, self);
        text
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

impl Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (start, end) = self.span?;
        Some(Box::new(std::iter::once(LabeledSpan::new(None, start, end - start))))
    }
}
