//! Encodings: UTF-8, ASCII and Latin-1, with the error handlers `strict`, `ignore`, `replace` and
//! `backslashreplace`.

use super::character;
use super::sink::Sink;
use crate::class_id;
use crate::heap::Heap;
use crate::value::*;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Ascii,
    Latin1,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Handler {
    Strict,
    Ignore,
    Replace,
    Backslash,
}

impl Heap {
    fn encoding(&self, name: Option<Val<'_>>) -> Result<Encoding, Raised> {
        let Some(name) = name else { return Ok(Encoding::Utf8) };
        // Names are compared without case and punctuation.
        let mut plain = [0; 12];
        let mut length = 0;
        for byte in self.expect_str(name)?.iter().filter(|byte| !matches!(byte, b'-' | b'_' | b' ')) {
            if let Some(place) = plain.get_mut(length) {
                *place = byte.to_ascii_lowercase();
            }
            length += 1;
        }
        match plain.get(..length).unwrap_or(b"") {
            b"utf8" | b"u8" => Ok(Encoding::Utf8),
            b"ascii" | b"usascii" | b"646" => Ok(Encoding::Ascii),
            b"latin1" | b"latin" | b"l1" | b"iso88591" | b"8859" | b"cp819" => Ok(Encoding::Latin1),
            _ => Err(self.error_about(class_id::LOOKUP_ERROR, "unknown encoding: {}", name, Val::NONE)),
        }
    }

    fn handler(&self, name: Option<Val<'_>>) -> Result<Handler, Raised> {
        let Some(name) = name else { return Ok(Handler::Strict) };
        match self.expect_str(name)? {
            b"strict" => Ok(Handler::Strict),
            b"ignore" => Ok(Handler::Ignore),
            b"replace" => Ok(Handler::Replace),
            b"backslashreplace" => Ok(Handler::Backslash),
            _ => Err(self.error_about(class_id::LOOKUP_ERROR, "unknown error handler name '{}'", name, Val::NONE)),
        }
    }

    /// `bytes.decode`: a str.
    pub(crate) fn decode_bytes<'h>(
        &'h self,
        bytes: &[u8],
        encoding: Option<Val<'h>>,
        errors: Option<Val<'h>>,
    ) -> Result<Val<'h>, Raised> {
        let (encoding, handler) = (self.encoding(encoding)?, self.handler(errors)?);
        if bytes.is_ascii() {
            return self.new_str(bytes);
        }
        let mut sink = Sink::new(self);
        match encoding {
            Encoding::Utf8 => self.decode_utf8(&mut sink, bytes, handler)?,
            Encoding::Latin1 => {
                for byte in bytes {
                    sink.push_char(*byte as char)?;
                }
            }
            Encoding::Ascii => {
                for byte in bytes {
                    if byte.is_ascii() {
                        sink.push(&[*byte])?;
                    } else {
                        self.bad_bytes(&mut sink, &[*byte], handler)?;
                    }
                }
            }
        }
        sink.finish()
    }

    fn decode_utf8(&self, sink: &mut Sink<'_>, bytes: &[u8], handler: Handler) -> Result<(), Raised> {
        let mut rest = bytes;
        while let Err(error) = core::str::from_utf8(rest) {
            let (valid, tail) = rest.split_at(error.valid_up_to());
            let (bad, tail) = tail.split_at(error.error_len().unwrap_or(tail.len()));
            sink.push(valid)?;
            self.bad_bytes(sink, bad, handler)?;
            rest = tail;
        }
        sink.push(rest)
    }

    fn bad_bytes(&self, sink: &mut Sink<'_>, bad: &[u8], handler: Handler) -> Result<(), Raised> {
        match handler {
            Handler::Strict => {
                let first = Val::int(bad.first().copied().unwrap_or(0) as i32);
                let text = "can't decode byte {} of the input";
                Err(self.error_about(class_id::UNICODE_ERROR, text, first, Val::NONE))
            }
            Handler::Ignore => Ok(()),
            Handler::Replace => sink.push("\u{fffd}".as_bytes()),
            Handler::Backslash => {
                for byte in bad {
                    sink.push(b"\\x")?;
                    sink.push_hex(*byte as u32, 2)?;
                }
                Ok(())
            }
        }
    }

    /// `str.encode`: appends the bytes of a text.
    pub(crate) fn encode_str(
        &self,
        sink: &mut Sink<'_>,
        text: &[u8],
        encoding: Option<Val<'_>>,
        errors: Option<Val<'_>>,
    ) -> Result<(), Raised> {
        let (encoding, handler) = (self.encoding(encoding)?, self.handler(errors)?);
        if encoding == Encoding::Utf8 || text.is_ascii() {
            return sink.push(text);
        }
        let limit = if encoding == Encoding::Ascii { 0x80 } else { 0x100 };
        for code in character::code_points(text) {
            if code < limit {
                sink.push(&[code as u8])?;
                continue;
            }
            match handler {
                Handler::Strict => {
                    let text = "can't encode character {}: ordinal not in range({})";
                    let (code, limit) = (Val::int(code as i32), Val::int(limit as i32));
                    return Err(self.error_about(class_id::UNICODE_ERROR, text, code, limit));
                }
                Handler::Ignore => {}
                Handler::Replace => sink.push(b"?")?,
                Handler::Backslash => {
                    let (letter, width): (&[u8], u32) = match code {
                        0..0x100 => (b"\\x", 2),
                        0x100..0x1_0000 => (b"\\u", 4),
                        _ => (b"\\U", 8),
                    };
                    sink.push(letter)?;
                    sink.push_hex(code, width)?;
                }
            }
        }
        Ok(())
    }
}
