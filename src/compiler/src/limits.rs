//! Bounds a source's nesting before the parser sees it: a cheap scan over its tokens, so that no text can make the
//! parser (or what comes after it) overflow the stack.

use crate::ast::{TextRange, TextSize};
use crate::error::Findings;

/// Brackets, and replacement fields of f-strings, inside each other. CPython's limit.
const BRACKETS_MAXIMUM: usize = 200;

/// Indentation levels inside each other. CPython's limit.
const INDENTS_MAXIMUM: usize = 100;

/// Operators before one operand: `not not x`, `- - x`, `lambda: lambda: x`, `x ** y ** z`, `a if b else c if d else e`.
const PREFIXES_MAXIMUM: usize = 1000;

/// Operators, calls, indexings and attributes in one chain.
const CHAIN_MAXIMUM: usize = 30_000;

/// What the scan is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Bracket {
        prefixes: usize,
        chain: usize,
        parameters: usize,
    },
    Text {
        quote: u8,
        triple: bool,
        raw: bool,
    },
    /// A replacement field's expression.
    Field {
        prefixes: usize,
        chain: usize,
        parameters: usize,
    },
    /// A replacement field's format specification.
    Specification,
}

/// How a source ends, for the REPL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) in_bracket: bool,
    pub(crate) in_triple_quotes: bool,
    pub(crate) after_backslash: bool,
}

/// What the scan found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// First problem: where, code, message.
    problem: Option<(usize, &'static str, String)>,
    /// Longest chain.
    chain: usize,
    pub(crate) ending: Ending,
}

/// Reports nesting beyond the limits; the length of the longest chain.
pub(crate) fn check(text: &str, findings: &mut Findings) -> usize {
    let scan = scan(text);
    if let Some((at, code, message)) = scan.problem {
        let at = TextSize::try_from(at).unwrap_or_default();
        findings.error(code, TextRange::empty(at), message);
    }
    scan.chain
}

/// Scans a source.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
        frames: Vec::new(),
        top: Counters::default(),
        operand: false,
        scan: Scan::default(),
    };
    scanner.run();
    scanner.scan
}

#[derive(Clone, Copy, Debug, Default)]
struct Counters {
    prefixes: usize,
    chain: usize,
    /// Lambdas whose parameters are being read: commas there separate no items.
    parameters: usize,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    frames: Vec<Frame>,
    top: Counters,
    /// The previous token ended an operand.
    operand: bool,
    scan: Scan,
}

impl Scanner<'_> {
    fn problem(&mut self, code: &'static str, message: String) {
        let at = self.at;
        self.scan.problem.get_or_insert((at, code, message));
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, frame: Frame) {
        if self.frames.len() >= BRACKETS_MAXIMUM {
            self.problem("too-many-brackets", format!("more than {BRACKETS_MAXIMUM} brackets inside each other"));
        }
        self.frames.push(frame);
    }

    fn counters(&mut self, change: impl FnOnce(&mut Counters)) {
        let mut now = match self.frames.last() {
            Some(Frame::Bracket { prefixes, chain, parameters } | Frame::Field { prefixes, chain, parameters }) => {
                Counters { prefixes: *prefixes, chain: *chain, parameters: *parameters }
            }
            _ => self.top,
        };
        change(&mut now);
        if now.prefixes > PREFIXES_MAXIMUM {
            self.problem("too-many-operators", format!("more than {PREFIXES_MAXIMUM} operators before one operand"));
        }
        if now.chain > CHAIN_MAXIMUM {
            self.problem("chain-too-long", format!("more than {CHAIN_MAXIMUM} operators in one expression"));
        }
        self.scan.chain = self.scan.chain.max(now.chain);
        match self.frames.last_mut() {
            Some(Frame::Bracket { prefixes, chain, parameters } | Frame::Field { prefixes, chain, parameters }) => {
                (*prefixes, *chain, *parameters) = (now.prefixes, now.chain, now.parameters);
            }
            _ => self.top = now,
        }
    }

    fn run(&mut self) {
        let mut indents: Vec<usize> = Vec::new();
        let mut line_start = true;
        while self.at < self.bytes.len() {
            match self.frames.last().copied() {
                Some(Frame::Text { quote, triple, raw }) => {
                    self.text(quote, triple, raw);
                    continue;
                }
                Some(Frame::Specification) => {
                    self.specification();
                    continue;
                }
                _ => {}
            }
            if line_start && self.frames.is_empty() {
                line_start = false;
                self.indent(&mut indents);
                continue;
            }
            let byte = self.peek(0);
            match byte {
                b'\n' | b'\r' => {
                    self.at += 1;
                    if self.frames.is_empty() {
                        line_start = true;
                        self.top = Counters::default();
                        self.operand = false;
                    }
                }
                b'#' => {
                    while self.at < self.bytes.len() && !matches!(self.peek(0), b'\n' | b'\r') {
                        self.at += 1;
                    }
                }
                b'\\' => {
                    self.at += if self.peek(1) == b'\r' && self.peek(2) == b'\n' { 3 } else { 2 };
                    self.scan.ending.after_backslash = self.at >= self.bytes.len();
                }
                b' ' | b'\t' | 0x0c => self.at += 1,
                b'\'' | b'"' => self.start_string(false, false),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
                b'0'..=b'9' => self.number(),
                _ => self.symbol(byte),
            }
        }
        self.scan.ending.in_bracket =
            self.frames.iter().any(|frame| matches!(frame, Frame::Bracket { .. } | Frame::Field { .. }));
        self.scan.ending.in_triple_quotes |=
            self.frames.iter().any(|frame| matches!(frame, Frame::Text { triple: true, .. }));
    }

    /// The start of a logical line.
    fn indent(&mut self, indents: &mut Vec<usize>) {
        let start = self.at;
        while matches!(self.peek(0), b' ' | b'\t' | 0x0c) {
            self.at += 1;
        }
        let width = self.at - start;
        if matches!(self.peek(0), b'#' | b'\n' | b'\r' | 0) {
            return;
        }
        while indents.last().is_some_and(|last| *last > width) {
            indents.pop();
        }
        if width > indents.last().copied().unwrap_or(0) {
            indents.push(width);
            if indents.len() > INDENTS_MAXIMUM {
                self.problem("too-many-indents", format!("more than {INDENTS_MAXIMUM} levels of indentation"));
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80..) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        if matches!(self.peek(0), b'\'' | b'"') && word.len() <= 2 {
            let lower = word.to_ascii_lowercase();
            if lower.iter().all(|byte| b"rbfut".contains(byte)) {
                self.start_string(lower.contains(&b'f') || lower.contains(&b't'), lower.contains(&b'r'));
                return;
            }
        }
        match word {
            b"not" | b"await" | b"else" => {
                self.counters(|counters| counters.prefixes += 1);
                self.operand = false;
            }
            b"lambda" => {
                self.counters(|counters| {
                    counters.prefixes += 1;
                    counters.parameters += 1;
                });
                self.operand = false;
            }
            b"and" | b"or" | b"in" | b"is" | b"if" | b"for" | b"yield" | b"from" | b"return" => {
                self.counters(|counters| counters.chain += 1);
                self.operand = false;
            }
            _ => self.operand = true,
        }
    }

    fn number(&mut self) {
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.') {
            self.at += 1;
        }
        self.operand = true;
    }

    fn symbol(&mut self, byte: u8) {
        let was_operand = self.operand;
        match byte {
            b'(' | b'[' | b'{' => {
                if was_operand {
                    self.counters(|counters| counters.chain += 1);
                }
                self.at += 1;
                self.push(Frame::Bracket { prefixes: 0, chain: 0, parameters: 0 });
                self.operand = false;
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                let closes_field = byte == b'}' && matches!(self.frames.last(), Some(Frame::Field { .. }));
                if closes_field || matches!(self.frames.last(), Some(Frame::Bracket { .. })) {
                    self.frames.pop();
                }
                self.operand = true;
            }
            b',' => {
                self.at += 1;
                self.counters(|counters| {
                    if counters.parameters == 0 {
                        *counters = Counters::default();
                    }
                });
                self.operand = false;
            }
            b';' => {
                self.at += 1;
                self.counters(|counters| *counters = Counters::default());
                self.operand = false;
            }
            b':' => {
                let is_field = matches!(self.frames.last(), Some(Frame::Field { parameters: 0, .. }));
                self.at += 1;
                if is_field {
                    self.frames.pop();
                    self.push(Frame::Specification);
                } else {
                    self.counters(|counters| counters.parameters = counters.parameters.saturating_sub(1));
                }
                self.operand = false;
            }
            b'+' | b'-' | b'~' if !was_operand => {
                self.at += 1;
                self.counters(|counters| counters.prefixes += 1);
            }
            b'*' if self.peek(1) == b'*' => {
                self.at += 2;
                // Binds to the right: each one is a level of its own.
                self.counters(|counters| counters.prefixes += usize::from(was_operand));
                self.operand = false;
            }
            _ => {
                self.at += 1;
                self.counters(|counters| counters.chain += 1);
                self.operand = false;
            }
        }
    }

    fn start_string(&mut self, formatted: bool, raw: bool) {
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if triple { 3 } else { 1 };
        self.operand = true;
        if formatted {
            self.push(Frame::Text { quote, triple, raw });
            return;
        }
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            if byte == b'\\' {
                self.at += 2;
            } else if byte == quote && (!triple || (self.peek(1) == quote && self.peek(2) == quote)) {
                self.at += if triple { 3 } else { 1 };
                return;
            } else if matches!(byte, b'\n' | b'\r') && !triple {
                return;
            } else {
                self.at += 1;
            }
        }
        self.scan.ending.in_triple_quotes |= triple;
    }

    /// The literal text of an f-string.
    fn text(&mut self, quote: u8, triple: bool, raw: bool) {
        let byte = self.peek(0);
        if byte == quote && (!triple || (self.peek(1) == quote && self.peek(2) == quote)) {
            self.at += if triple { 3 } else { 1 };
            self.frames.pop();
            self.operand = true;
        } else if byte == b'{' && self.peek(1) == b'{' {
            self.at += 2;
        } else if byte == b'{' {
            self.at += 1;
            self.push(Frame::Field { prefixes: 0, chain: 0, parameters: 0 });
            self.operand = false;
        } else if byte == b'\\' && !raw && self.peek(1) == b'N' && self.peek(2) == b'{' {
            while self.at < self.bytes.len() && !matches!(self.peek(0), b'}' | b'\n') {
                self.at += 1;
            }
            self.at += 1;
        } else if byte == b'\\' {
            self.at += if matches!(self.peek(1), b'{' | b'}') { 1 } else { 2 };
        } else if matches!(byte, b'\n' | b'\r') && !triple {
            // Not closed: the parser will say so.
            self.frames.clear();
        } else {
            self.at += 1;
        }
    }

    /// A format specification, which ends with its field.
    fn specification(&mut self) {
        match self.peek(0) {
            b'{' => {
                self.at += 1;
                self.push(Frame::Field { prefixes: 0, chain: 0, parameters: 0 });
                self.operand = false;
            }
            b'}' => {
                self.at += 1;
                self.frames.pop();
            }
            b'\n' | b'\r' if !self.frames.iter().any(|frame| matches!(frame, Frame::Text { triple: true, .. })) => {
                self.frames.clear();
            }
            quote @ (b'\'' | b'"') => {
                // The quote that closes the string ends an unclosed field as well.
                let closes = self.frames.iter().rev().find_map(|frame| match frame {
                    Frame::Text { quote: own, triple, .. } => Some(*own == quote && !triple),
                    _ => None,
                });
                if closes == Some(true) {
                    self.frames.pop();
                } else {
                    self.at += 1;
                }
            }
            _ => self.at += 1,
        }
    }
}
