//! JSON text to values.

use super::MAX_DEPTH;
use crate::class_id::JSON_DECODE_ERROR;
use vm::{Args, Heap, Raised, Sink, Val, class_id};

/// `loads(text)`.
pub(super) fn loads(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    parse(heap, heap.arg(args, 0))
}

/// A container that is being filled, and the key that waits for its value.
#[derive(Clone, Copy)]
struct Level<'h> {
    container: Val<'h>,
    key: Option<Val<'h>>,
}

struct Reader<'h> {
    heap: &'h Heap,
    text: &'h [u8],
    at: usize,
}

/// The value that a str or bytes-like object describes.
pub(super) fn parse<'h>(heap: &'h Heap, source: Val<'h>) -> Result<Val<'h>, Raised> {
    let source = heap.builtin_part(source);
    let text = match heap.str_bytes(source) {
        Some(text) => text,
        None => match heap.buffer(source)? {
            Some(bytes) if core::str::from_utf8(bytes).is_ok() => bytes,
            Some(_) => return Err(heap.error(class_id::UNICODE_ERROR, "JSON text is not UTF-8")),
            None => {
                let text = "the JSON object must be str, bytes or bytearray, not {t}";
                return Err(heap.error_about(class_id::TYPE_ERROR, text, source, Val::NONE));
            }
        },
    };
    let mut reader = Reader { heap, text, at: 0 };
    let value = reader.document()?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.error("Extra data", reader.at));
    }
    Ok(value)
}

impl<'h> Reader<'h> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'h [u8] {
        self.text.get(self.at..).unwrap_or(&[])
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// JSONDecodeError with CPython's text; positions are in characters.
    #[cold]
    fn error(&self, message: &'static str, at: usize) -> Raised {
        let before = self.text.get(..at).unwrap_or(self.text);
        let characters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as i64;
        let line = before.iter().filter(|byte| **byte == b'\n').count() as i64 + 1;
        let column = match before.iter().rposition(|byte| *byte == b'\n') {
            Some(newline) => characters(before.get(newline..).unwrap_or(&[])),
            None => characters(before) + 1,
        };
        let made = (|| {
            let mut sink = Sink::new(self.heap);
            sink.push(message.as_bytes())?;
            sink.push(b": line ")?;
            sink.push_decimal(line)?;
            sink.push(b" column ")?;
            sink.push_decimal(column)?;
            sink.push(b" (char ")?;
            sink.push_decimal(characters(before))?;
            sink.push(b")")?;
            sink.finish()
        })();
        match made {
            Ok(text) => self.heap.error_value(JSON_DECODE_ERROR, text),
            Err(raised) => raised,
        }
    }

    fn document(&mut self) -> Result<Val<'h>, Raised> {
        let heap = self.heap;
        let mut stack: [Option<Level<'h>>; MAX_DEPTH] = [None; MAX_DEPTH];
        let mut depth = 0;
        loop {
            // A value begins here.
            self.skip_space();
            let mut value = match self.peek() {
                Some(open @ (b'[' | b'{')) => {
                    let is_dict = open == b'{';
                    self.at += 1;
                    let container = if is_dict { heap.new_dict(0)? } else { heap.new_list(0)? };
                    self.skip_space();
                    if self.peek() == Some(if is_dict { b'}' } else { b']' }) {
                        self.at += 1;
                        container
                    } else {
                        let key = if is_dict {
                            Some(self.key("Expecting property name enclosed in double quotes")?)
                        } else {
                            None
                        };
                        let Some(place) = stack.get_mut(depth) else {
                            return Err(heap.error(class_id::RECURSION_ERROR, "JSON nesting is too deep"));
                        };
                        *place = Some(Level { container, key });
                        depth += 1;
                        continue;
                    }
                }
                _ => self.scalar()?,
            };
            // It belongs to the innermost container, which may end with it, and so on outwards.
            loop {
                let Some(Some(level)) = depth.checked_sub(1).and_then(|top| stack.get_mut(top)) else {
                    return Ok(value);
                };
                match level.key.take() {
                    Some(key) => heap.table_set(level.container, key, value)?,
                    None => heap.list_push(level.container, value)?,
                }
                let is_dict = heap.is_dict(level.container);
                self.skip_space();
                match self.peek() {
                    Some(b',') => {
                        let comma = self.at;
                        self.at += 1;
                        self.skip_space();
                        if is_dict {
                            if self.peek() == Some(b'}') {
                                return Err(self.error("Illegal trailing comma before end of object", comma));
                            }
                            level.key = Some(self.key("Expecting property name enclosed in double quotes")?);
                        } else if self.peek() == Some(b']') {
                            return Err(self.error("Illegal trailing comma before end of array", comma));
                        }
                        break;
                    }
                    Some(close) if close == if is_dict { b'}' } else { b']' } => {
                        self.at += 1;
                        value = level.container;
                        depth -= 1;
                    }
                    _ => return Err(self.error("Expecting ',' delimiter", self.at)),
                }
            }
        }
    }

    /// A key and the colon behind it.
    fn key(&mut self, expected: &'static str) -> Result<Val<'h>, Raised> {
        if self.peek() != Some(b'"') {
            return Err(self.error(expected, self.at));
        }
        let key = self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.error("Expecting ':' delimiter", self.at));
        }
        self.at += 1;
        Ok(key)
    }

    fn scalar(&mut self) -> Result<Val<'h>, Raised> {
        let words: [(&[u8], Val<'static>); 3] = [(b"null", Val::NONE), (b"true", Val::TRUE), (b"false", Val::FALSE)];
        for (word, value) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        let numbers: [(&[u8], f64); 3] =
            [(b"NaN", f64::NAN), (b"Infinity", f64::INFINITY), (b"-Infinity", f64::NEG_INFINITY)];
        for (word, value) in numbers {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return self.heap.new_float(value);
            }
        }
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.error("Expecting value", self.at)),
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Val<'h>, Raised> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return Err(self.error("Expecting value", start));
        }
        let mut end = self.at;
        // A fraction or exponent without digits is not part of the number.
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() > 0 {
                end = self.at;
            }
            self.at = end;
        }
        let whole = end;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() > 0 {
                end = self.at;
            }
            self.at = end;
        }
        let text = self.text.get(start..end).unwrap_or(&[]);
        let is_float = end != whole || text.contains(&b'.');
        if is_float { self.heap.float_from_text(text) } else { self.heap.integer_from_text(text) }
    }

    fn string(&mut self) -> Result<Val<'h>, Raised> {
        let begin = self.at;
        self.at += 1;
        let plain = self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return self.heap.new_str(plain);
        }
        let mut sink = Sink::new(self.heap);
        sink.push(plain)?;
        loop {
            match self.peek() {
                None => return Err(self.error("Unterminated string starting at", begin)),
                Some(b'"') => {
                    self.at += 1;
                    return sink.finish();
                }
                Some(b'\\') => self.escape(&mut sink, begin)?,
                Some(0..0x20) => return Err(self.error("Invalid control character at", self.at)),
                Some(_) => sink.push(self.plain())?,
            }
        }
    }

    /// Takes what stands for itself.
    fn plain(&mut self) -> &'h [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or(rest)
    }

    fn escape(&mut self, sink: &mut Sink<'h>, begin: usize) -> Result<(), Raised> {
        let start = self.at;
        self.at += 1;
        let Some(kind) = self.peek() else {
            return Err(self.error("Unterminated string starting at", begin));
        };
        self.at += 1;
        let byte = match kind {
            b'"' | b'\\' | b'/' => kind,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut code = self.hex(start + 1)?;
                if (0xd800..0xdc00).contains(&code) && self.rest().starts_with(b"\\u") {
                    let second = self.at;
                    self.at += 2;
                    let low = self.hex(second + 1)?;
                    if (0xdc00..0xe000).contains(&low) {
                        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    } else {
                        self.at = second;
                    }
                }
                return match char::from_u32(code) {
                    Some(c) => sink.push_char(c),
                    // A lone surrogate keeps its three bytes.
                    None => {
                        sink.push(&[0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 63) as u8, 0x80 | (code & 63) as u8])
                    }
                };
            }
            _ => return Err(self.error("Invalid \\escape", start)),
        };
        sink.push(&[byte])
    }

    /// Four digits; `at` is where the error would be.
    fn hex(&mut self, at: usize) -> Result<u32, Raised> {
        let mut code = 0;
        for index in 0..4 {
            let digit = self.text.get(self.at + index).and_then(|byte| char::from(*byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.error("Invalid \\uXXXX escape", at)) };
            code = code << 4 | digit;
        }
        self.at += 4;
        Ok(code)
    }
}
