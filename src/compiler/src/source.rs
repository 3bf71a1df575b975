//! The source text as given: its encoding, its lines, and how offsets in it map to what the caller sees.

use crate::ast::{TextRange, TextSize};
use crate::error::Findings;

/// Longest source that is accepted: the parser counts offsets in 32 bits.
const LENGTH_MAXIMUM_BYTES: usize = 1 << 30;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decoded source text with an index of its lines.
#[derive(Debug)]
pub(crate) struct Source {
    /// The text that is parsed, without a byte order mark.
    pub(crate) text: String,
    /// Bytes that were cut off in front.
    skipped: usize,
    /// Offsets in the text before which a carriage return was left out.
    returns: Vec<u32>,
    /// Offset of the first byte of each line.
    line_starts: Vec<u32>,
    /// Blanks that were cut off the first line.
    first_column: u32,
}

impl Source {
    /// Decodes source bytes; what cannot be decoded is reported and yields an empty text.
    pub(crate) fn new(bytes: &[u8], findings: &mut Findings) -> Source {
        let skipped = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let body = &bytes[skipped..];
        if body.len() > LENGTH_MAXIMUM_BYTES {
            findings.error("source-too-long", TextRange::default(), "the source is longer than 1 GiB");
            return Source::from_text(String::new(), skipped);
        }
        let text = match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(error) => {
                let source = Source::from_text(String::from_utf8_lossy(&body[..error.valid_up_to()]).into(), skipped);
                let at = TextSize::try_from(error.valid_up_to()).unwrap_or_default();
                findings
                    .error("invalid-utf8", TextRange::empty(at), "the source is not valid UTF-8")
                    .help("save the file as UTF-8");
                return source;
            }
        };
        if let Some(at) = text.find('\0') {
            let at = TextSize::try_from(at).unwrap_or_default();
            findings.error("nul-byte", TextRange::empty(at), "source code cannot contain null bytes");
        }
        let mut source = Source::from_text(String::new(), skipped);
        let (text, returns) = with_unix_newlines(text);
        source.line_starts = line_starts(&text);
        source.text = text;
        source.returns = returns;
        source
    }

    fn from_text(text: String, skipped: usize) -> Source {
        let line_starts = line_starts(&text);
        Source { text, skipped, returns: Vec::new(), line_starts, first_column: 0 }
    }

    /// Leaves out blanks in front, which an expression may have but the parser takes for indentation.
    pub(crate) fn trim_start(self) -> Source {
        let blanks = self.text.len() - self.text.trim_start_matches([' ', '\t', '\x0c']).len();
        if blanks == 0 {
            return self;
        }
        let width = u32::try_from(blanks).unwrap_or(u32::MAX);
        let returns = self.returns.iter().map(|at| at.saturating_sub(width)).collect();
        Source {
            returns,
            first_column: width,
            ..Source::from_text(self.text[blanks..].to_owned(), self.skipped + blanks)
        }
    }

    /// Line of an offset, from 1.
    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        let before = self.line_starts.partition_point(|start| *start <= u32::from(offset));
        u32::try_from(before).unwrap_or(u32::MAX)
    }

    /// Line and column of an offset, both from 1, the column in characters.
    pub(crate) fn position(&self, offset: TextSize) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.line_starts.get(line as usize - 1).copied().unwrap_or(0) as usize;
        let end = usize::from(offset).min(self.text.len());
        let column = self.text.get(start..end).map_or(0, |text| text.chars().count());
        let column = u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1);
        (line, if line == 1 { column.saturating_add(self.first_column) } else { column })
    }

    /// A range as byte offsets in the source as given.
    pub(crate) fn span(&self, range: TextRange) -> (usize, usize) {
        (self.given(range.start()), self.given(range.end()))
    }

    /// An offset in the text as one in the source as given.
    fn given(&self, offset: TextSize) -> usize {
        usize::from(offset) + self.skipped + self.returns.partition_point(|at| *at < u32::from(offset))
    }
}

/// All line ends as one newline, as Python reads them, even inside strings; and where that left out a byte.
fn with_unix_newlines(text: String) -> (String, Vec<u32>) {
    if !text.contains('\r') {
        return (text, Vec::new());
    }
    let mut unix = String::with_capacity(text.len());
    let mut returns = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\r' {
            unix.push(character);
        } else if characters.peek() == Some(&'\n') {
            returns.push(u32::try_from(unix.len()).unwrap_or(u32::MAX));
        } else {
            unix.push('\n');
        }
    }
    (unix, returns)
}

/// Offset of the first byte of each line.
fn line_starts(text: &str) -> Vec<u32> {
    let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(0).chain(ends.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX))).collect()
}
