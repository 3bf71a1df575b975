//! `template % values`, of str and bytes.

use super::methods::TextKind;
use super::sink::TextBuffer;
use crate::class_id;
use crate::format_number::{FormatSpec, MAX_WIDTH};
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;

/// A conversion, without its value.
#[derive(Clone, Copy, Default)]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: u32,
    precision: Option<u32>,
    code: u8,
}

impl Conversion {
    /// The same for `format()`.
    fn spec(&self) -> FormatSpec<'static> {
        let is_int = matches!(self.code, b'd' | b'i' | b'u' | b'o' | b'x' | b'X');
        let zero = self.zero && !self.left && (is_int || self.is_float());
        FormatSpec {
            fill: if zero { b"0" } else { b" " },
            align: match (self.left, zero) {
                (true, _) => b'<',
                (_, true) => b'=',
                _ => b'>',
            },
            align_given: true,
            sign: match (self.plus, self.space) {
                (true, _) => Some(b'+'),
                (_, true) => Some(b' '),
                _ => None,
            },
            alternate: self.alternate,
            zero,
            width: self.width,
            precision: self.precision.filter(|_| !is_int),
            kind: if matches!(self.code, b'i' | b'u') { b'd' } else { self.code },
            minimum_digits: self.precision.filter(|_| is_int).unwrap_or(0),
            ..FormatSpec::default()
        }
    }

    fn is_float(&self) -> bool {
        matches!(self.code, b'e' | b'E' | b'f' | b'F' | b'g' | b'G')
    }
}

/// Where the values come from.
struct Values {
    slot: Slot,
    next: u32,
    tuple: bool,
}

impl Values {
    /// Puts the next value into `out`.
    fn take(&mut self, vm: &mut Vm<'_>, out: Slot) -> Result<(), Raised> {
        let heap = &*vm.heap;
        let value = heap.get(self.slot);
        let count = if self.tuple { heap.tuple_len(value) } else { 1 };
        if self.next >= count {
            return Err(heap.type_error("not enough arguments for format string"));
        }
        heap.set(out, if self.tuple { heap.tuple_get(value, self.next) } else { value });
        self.next += 1;
        Ok(())
    }
}

impl Vm<'_> {
    /// `template % values`.
    pub(crate) fn percent(&mut self, template: Slot, values: Slot, out: Slot) -> Result<(), Raised> {
        let kind = match self.heap.tag(self.heap.get(template)) {
            Some(Tag::Bytes) => TextKind::Bytes,
            Some(Tag::ByteArray) => TextKind::ByteArray,
            _ => TextKind::Str,
        };
        let source = self.temp_of(template)?;
        if kind == TextKind::ByteArray {
            self.make(source, |heap| {
                let bytes = heap.bytes_like(heap.get(template))?.unwrap_or(b"");
                heap.new_bytes(bytes)
            })?;
        }
        let tuple = self.heap.is_tuple(self.heap.get(values));
        let mut values = Values { slot: values, next: 0, tuple };
        let mut text = self.text_buffer()?;
        let mut at = 0;
        let mut mapped = false;
        while let Some(rest) = self.percent_template(source).get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.iter().take_while(|byte| **byte != b'%').count();
            if plain > 0 {
                self.append(&mut text, |sink| {
                    let heap = sink.heap;
                    let bytes = template_bytes(heap, source).get(at..at + plain).unwrap_or(b"");
                    sink.push(bytes)
                })?;
                at += plain;
            } else if rest.get(1) == Some(&b'%') {
                self.append_bytes(&mut text, b"%")?;
                at += 2;
            } else {
                at = self.percent_field(&mut text, source, at + 1, &mut values, &mut mapped, kind)?;
            }
        }
        let value = self.heap.get(values.slot);
        let left = if tuple {
            values.next < self.heap.tuple_len(value)
        } else {
            // A value that is no tuple must be used, unless it could have been a mapping.
            values.next == 0 && !mapped && !self.is_percent_mapping(values.slot)
        };
        if left {
            let text = "not all arguments converted during string formatting";
            return Err(self.heap.type_error(text));
        }
        match kind {
            TextKind::Str => self.finish_text(text, out)?,
            _ => self.finish_text_bytes(text, out)?,
        }
        if kind == TextKind::ByteArray {
            self.make(out, |heap| heap.new_bytearray_of(heap.bytes_bytes(heap.get(out)).unwrap_or(b"")))?;
        }
        self.pop_temp(source);
        Ok(())
    }

    fn percent_template(&self, source: Slot) -> &[u8] {
        template_bytes(self.heap, source)
    }

    fn is_percent_mapping(&self, slot: Slot) -> bool {
        let value = self.heap.get(slot);
        self.heap.is_dict(self.heap.native_part(value))
            || self.heap.is_list(value)
            || (self.heap.is(value, Tag::Instance)
                && self.heap.find_class_attribute(self.heap.class_of(value), crate::names::GETITEM).is_some())
    }

    /// Appends the conversion that starts behind the `%`; returns where it ends.
    fn percent_field(
        &mut self,
        text: &mut TextBuffer,
        source: Slot,
        start: usize,
        values: &mut Values,
        mapped: &mut bool,
        kind: TextKind,
    ) -> Result<usize, Raised> {
        let value = self.temp()?;
        let mut at = start;
        let mut taken = false;
        if self.percent_template(source).get(at) == Some(&b'(') {
            let rest = self.percent_template(source).get(at + 1..).unwrap_or(b"");
            let Some(length) = key_length(rest) else {
                return Err(self.heap.value_error("incomplete format key"));
            };
            if !self.is_percent_mapping(values.slot) {
                return Err(self.heap.type_error("format requires a mapping"));
            }
            let key = self.temp()?;
            let from = at + 1;
            self.make(key, |heap| {
                let bytes = template_bytes(heap, source).get(from..from + length).unwrap_or(b"");
                heap.new_text(kind, bytes)
            })?;
            self.load_item(values.slot, key, value)?;
            self.pop_temp(key);
            at = from + length + 1;
            (taken, *mapped) = (true, true);
            // The mapping itself is no longer a value of its own.
            values.next = 1;
        }
        let mut conversion = Conversion::default();
        while let Some(byte) = self.percent_template(source).get(at) {
            match byte {
                b'-' => conversion.left = true,
                b'+' => conversion.plus = true,
                b' ' => conversion.space = true,
                b'#' => conversion.alternate = true,
                b'0' => conversion.zero = true,
                _ => break,
            }
            at += 1;
        }
        if let Some(width) = self.percent_number(source, &mut at, values)? {
            conversion.left |= width < 0;
            conversion.width = width.unsigned_abs();
        }
        if self.percent_template(source).get(at) == Some(&b'.') {
            at += 1;
            conversion.precision = Some(self.percent_number(source, &mut at, values)?.unwrap_or(0).max(0) as u32);
        }
        while matches!(self.percent_template(source).get(at), Some(b'h' | b'l' | b'L')) {
            at += 1;
        }
        match self.percent_template(source).get(at) {
            Some(code) => conversion.code = *code,
            None => return Err(self.heap.value_error("incomplete format")),
        }
        if !taken {
            values.take(self, value)?;
        }
        if conversion.code == b'c' {
            conversion.precision = None;
        }
        self.percent_value(text, value, conversion, kind)?;
        self.pop_temp(value);
        Ok(at + 1)
    }

    /// A width or precision: digits, or `*` for the next value.
    fn percent_number(&mut self, source: Slot, at: &mut usize, values: &mut Values) -> Result<Option<i32>, Raised> {
        if self.percent_template(source).get(*at) == Some(&b'*') {
            *at += 1;
            let value = self.temp()?;
            values.take(self, value)?;
            let Some(n) = self.heap.as_int(self.heap.get(value)) else {
                return Err(self.heap.type_error("* wants int"));
            };
            self.pop_temp(value);
            return match i32::try_from(n) {
                Ok(n) if n.unsigned_abs() <= MAX_WIDTH => Ok(Some(n)),
                _ => Err(self.heap.error(class_id::OVERFLOW_ERROR, "width too large")),
            };
        }
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = self.percent_template(source).get(*at) {
            let n = number.unwrap_or(0) * 10 + (digit - b'0') as i32;
            if n > MAX_WIDTH as i32 {
                return Err(self.heap.value_error("width too big"));
            }
            number = Some(n);
            *at += 1;
        }
        Ok(number)
    }

    fn percent_value(
        &mut self,
        text: &mut TextBuffer,
        value: Slot,
        conversion: Conversion,
        kind: TextKind,
    ) -> Result<(), Raised> {
        match conversion.code {
            b'd' | b'i' | b'u' | b'x' | b'X' | b'o' => self.percent_int(text, value, conversion),
            _ if conversion.is_float() => {
                if self.heap.is(self.heap.native_part(self.heap.get(value)), Tag::Instance) {
                    let x = self.to_float(value)?;
                    self.make(value, |heap| heap.new_float(x))?;
                }
                if self.heap.number(self.heap.native_part(self.heap.get(value))).is_none() {
                    let text = "must be real number, not {t}";
                    return Err(self.heap.error_about(class_id::TYPE_ERROR, text, self.heap.get(value), Val::NONE));
                }
                self.append_number(text, value, conversion)
            }
            b'c' => self.percent_character(text, value, conversion, kind),
            b's' | b'r' | b'a' | b'b' => self.percent_text(text, value, conversion, kind),
            code => {
                let code = Val::name((code & 0x7f) as u16);
                let text = "unsupported format character '{}'";
                Err(self.heap.error_about(class_id::VALUE_ERROR, text, code, Val::NONE))
            }
        }
    }

    fn percent_int(&mut self, text: &mut TextBuffer, value: Slot, conversion: Conversion) -> Result<(), Raised> {
        let number = self.temp_of(value)?;
        self.heap.set(number, self.heap.native_part(self.heap.get(value)));
        if self.heap.is(self.heap.get(number), Tag::Instance) {
            let decimal = matches!(conversion.code, b'd' | b'i' | b'u');
            let name = if decimal { crate::names::INT } else { crate::names::INDEX };
            if self.heap.find_class_attribute(self.heap.class_of(self.heap.get(number)), name).is_some() {
                if decimal { self.to_int(number, number)? } else { self.to_index(number, number)? }
            }
        }
        if !self.heap.is_integer(self.heap.get(number)) {
            let decimal = matches!(conversion.code, b'd' | b'i' | b'u');
            if decimal && self.heap.as_float(self.heap.get(number)).is_some() {
                self.make(number, |heap| heap.float_to_int(heap.as_float(heap.get(number)).unwrap_or(0.0)))?;
            } else {
                let text = if decimal {
                    "%d format: a real number is required, not {t}"
                } else {
                    "%x format: an integer is required, not {t}"
                };
                return Err(self.heap.error_about(class_id::TYPE_ERROR, text, self.heap.get(value), Val::NONE));
            }
        }
        self.append_number(text, number, conversion)?;
        self.pop_temp(number);
        Ok(())
    }

    fn append_number(&mut self, text: &mut TextBuffer, value: Slot, conversion: Conversion) -> Result<(), Raised> {
        let spec = conversion.spec();
        self.append(text, |sink| {
            let heap = sink.heap;
            heap.write_number(sink, heap.native_part(heap.get(value)), &spec)
        })
    }

    /// Appends the str or bytes in `piece`, cut and padded.
    fn append_piece(&mut self, text: &mut TextBuffer, piece: Slot, conversion: Conversion) -> Result<(), Raised> {
        let spec = conversion.spec();
        self.append(text, |sink| {
            let heap = sink.heap;
            let value = heap.get(piece);
            if let Some(text) = heap.str_bytes(value) {
                return heap.write_padded(sink, text, &spec);
            }
            let bytes = heap.bytes_bytes(value).unwrap_or(b"");
            let part = spec.precision.and_then(|precision| bytes.get(..precision as usize)).unwrap_or(bytes);
            let (before, behind) = spec.padding(part.len());
            sink.fill(b' ', before as u32)?;
            sink.push(part)?;
            sink.fill(b' ', behind as u32)
        })
    }

    fn percent_text(
        &mut self,
        text: &mut TextBuffer,
        value: Slot,
        conversion: Conversion,
        kind: TextKind,
    ) -> Result<(), Raised> {
        let piece = self.temp()?;
        match (conversion.code, kind) {
            (b's', TextKind::Str) => self.str(value, piece)?,
            (b'r', TextKind::Str) => self.repr(value, piece)?,
            (b'a', _) | (b'r', _) => self.ascii(value, piece)?,
            (b's' | b'b', TextKind::Bytes | TextKind::ByteArray) => self.make(piece, |heap| {
                let bytes = heap.bytes_like(heap.get(value))?;
                let text = "%b requires a bytes-like object, or an object that implements __bytes__, not '{t}'";
                let bytes =
                    bytes.ok_or_else(|| heap.error_about(class_id::TYPE_ERROR, text, heap.get(value), Val::NONE))?;
                heap.new_bytes(bytes)
            })?,
            _ => return Err(self.heap.value_error("unsupported format character 'b'")),
        }
        self.append_piece(text, piece, conversion)?;
        self.pop_temp(piece);
        Ok(())
    }

    fn percent_character(
        &mut self,
        text: &mut TextBuffer,
        value: Slot,
        conversion: Conversion,
        kind: TextKind,
    ) -> Result<(), Raised> {
        let piece = self.temp()?;
        self.make(piece, |heap| {
            let value = heap.native_part(heap.get(value));
            if kind != TextKind::Str {
                return match (heap.as_int(value), heap.bytes_like(value)?) {
                    (Some(byte @ 0..256), _) => heap.new_bytes(&[byte as u8]),
                    (None, Some([byte])) => heap.new_bytes(&[*byte]),
                    (Some(_), _) => Err(heap.error(class_id::OVERFLOW_ERROR, "%c arg not in range(256)")),
                    _ => Err(heap.type_error("%c requires an integer in range(256) or a single byte")),
                };
            }
            match heap.as_int(value) {
                Some(code @ 0..0x11_0000) => heap.new_str(super::character::encode(code as u32, &mut [0; 4])),
                Some(_) => Err(heap.error(class_id::OVERFLOW_ERROR, "%c arg not in range(0x110000)")),
                None if heap.is_str(value) && heap.str_len(value) == 1 => Ok(value),
                None => Err(heap.type_error("%c requires int or char")),
            }
        })?;
        self.append_piece(text, piece, conversion)?;
        self.pop_temp(piece);
        Ok(())
    }
}

/// The bytes of a template, whichever kind it is.
fn template_bytes(heap: &crate::Heap, source: Slot) -> &[u8] {
    let value = heap.native_part(heap.get(source));
    heap.str_bytes(value).or(heap.bytes_bytes(value)).unwrap_or(b"")
}

/// Length of the key up to its closing parenthesis; parentheses nest.
fn key_length(rest: &[u8]) -> Option<usize> {
    let mut depth = 1;
    rest.iter().position(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}
