//! Numbers by a format specification: signs, prefixes, grouping and padding around the digits.

mod spec;

use crate::class_id;
use crate::float_text::{DEFAULT_PRECISION, Notation, Style, write_unsigned};
use crate::heap::Heap;
use crate::number::{Int, Number};
use crate::value::*;

pub(crate) use spec::{FormatSpec, MAX_WIDTH, unknown_code};

/// Where the parts of a number go: `left` fill, sign and prefix, `inner` fill, `digits` digits with zeros in front
/// and separators between them, the rest, `right` fill.
struct Layout {
    left: usize,
    inner: usize,
    digits: usize,
    right: usize,
}

/// Digits that, with a separator between every `group` of them, take at least `width` characters.
fn digits_for(width: usize, group: usize) -> usize {
    if group == 0 {
        return width;
    }
    let mut digits = width - width / (group + 1);
    while digits > 0 && digits + (digits - 1) / group < width {
        digits += 1;
    }
    digits
}

impl Layout {
    /// `before`: characters of sign and prefix; `behind`: those after the digits.
    fn new(spec: &FormatSpec<'_>, before: usize, digits: usize, behind: usize, group: usize) -> Layout {
        let zeros = spec.align == b'=' && spec.fill == b"0";
        let room = if zeros { (spec.width as usize).saturating_sub(before + behind) } else { 0 };
        let digits = digits.max(digits_for(room, if digits == 0 { 0 } else { group }));
        let marks = if group == 0 || digits == 0 { 0 } else { (digits - 1) / group };
        let (mut left, right) = spec.padding(before + digits + marks + behind);
        let inner = if spec.align == b'=' { core::mem::take(&mut left) } else { 0 };
        Layout { left, inner, digits, right }
    }
}

/// Passes text on, with a separator before every full group of the first `left` digits.
struct Grouper<'o> {
    out: &'o mut dyn FnMut(&[u8]),
    left: usize,
    group: usize,
    mark: u8,
    started: bool,
}

impl Grouper<'_> {
    fn push(&mut self, text: &[u8]) {
        if self.group == 0 || self.left == 0 {
            return (self.out)(text);
        }
        for byte in text {
            if self.left > 0 {
                if self.started && self.left.is_multiple_of(self.group) {
                    (self.out)(&[self.mark]);
                }
                (self.left, self.started) = (self.left - 1, true);
            }
            (self.out)(&[*byte]);
        }
    }

    fn zeros(&mut self, count: usize) {
        (0..count).for_each(|_| self.push(b"0"));
    }
}

/// A float's text, measured; kept if it is short, so that most are made once only.
struct Measured {
    kept: [u8; 40],
    length: usize,
    /// Digits before the point.
    digits: usize,
    /// A digit other than zero.
    nonzero: bool,
}

impl Measured {
    fn new(write: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Measured {
        let mut text = Measured { kept: [0; 40], length: 0, digits: 0, nonzero: false };
        let (mut whole, mut mantissa) = (true, true);
        write(&mut |part| {
            for byte in part {
                if let Some(place) = text.kept.get_mut(text.length) {
                    *place = *byte;
                }
                whole &= byte.is_ascii_digit();
                mantissa &= !byte.is_ascii_alphabetic();
                text.digits += whole as usize;
                text.nonzero |= mantissa && matches!(byte, b'1'..=b'9');
                text.length += 1;
            }
        });
        text
    }

    fn kept(&self) -> Option<&[u8]> {
        self.kept.get(..self.length)
    }
}

impl Heap {
    /// Writes a number by a specification. Other values write nothing; bools are ints here. ValueError for what
    /// the specification asks and the number cannot do.
    pub(crate) fn format_number(
        &self,
        value: Val<'_>,
        spec: &FormatSpec<'_>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Raised> {
        let is_float_kind = matches!(spec.kind, b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%');
        match self.number(value) {
            Some(Number::Int(int)) if is_float_kind => self.format_float(value, self.int_to_float(&int)?, spec, out),
            Some(Number::Int(int)) => self.format_int(value, &int, spec, out),
            Some(Number::Float(x)) => self.format_float(value, x, spec, out),
            Some(Number::Complex(re, im)) => self.format_complex(value, (re, im), spec, out),
            None => Ok(()),
        }
    }

    fn format_int(
        &self,
        value: Val<'_>,
        int: &Int<'_>,
        spec: &FormatSpec<'_>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Raised> {
        if spec.precision.is_some() {
            return Err(self.value_error("Precision not allowed in integer format specifier"));
        }
        if spec.coerce_zero {
            return Err(self.value_error("Negative zero coercion (z) not allowed in integer format specifier"));
        }
        let (radix, prefix): (u32, &[u8]) = match spec.kind {
            0 | b'd' | b'n' => (10, b""),
            b'b' => (2, b"0b"),
            b'o' => (8, b"0o"),
            b'x' => (16, b"0x"),
            b'X' => (16, b"0X"),
            b'c' => return self.format_char(int, spec, out),
            kind => return Err(unknown_code(self, &[kind], value)),
        };
        let prefix = if spec.alternate { prefix } else { b"" };
        let sign = spec.sign_of(int.negative);
        let group = spec.group();
        let count = if spec.width == 0 && group == 0 && spec.minimum_digits == 0 && int.word.is_some() {
            0
        } else {
            self.int_digits(int, radix)?
        };
        let least = count.max(spec.minimum_digits as usize);
        let layout = Layout::new(spec, sign.len() + prefix.len(), least, 0, group);
        spec.write_fill(layout.left, out);
        out(sign);
        out(prefix);
        spec.write_fill(layout.inner, out);
        let mark = spec.grouping.unwrap_or(b',');
        let mut grouper = Grouper { out, left: layout.digits, group, mark, started: false };
        grouper.zeros(layout.digits.saturating_sub(count) * (count != 0) as usize);
        let upper = spec.kind == b'X';
        self.magnitude_text(int, radix, &mut |text| match upper {
            true => text.iter().for_each(|byte| grouper.push(&[byte.to_ascii_uppercase()])),
            false => grouper.push(text),
        })?;
        spec.write_fill(layout.right, out);
        Ok(())
    }

    fn format_char(&self, int: &Int<'_>, spec: &FormatSpec<'_>, out: &mut dyn FnMut(&[u8])) -> Result<(), Raised> {
        if spec.sign.is_some() {
            return Err(self.value_error("Sign not allowed with integer format specifier 'c'"));
        }
        if spec.alternate {
            return Err(self.value_error("Alternate form (#) not allowed with integer format specifier 'c'"));
        }
        let code = int.word.and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
        let Some(code) = code else {
            return Err(self.error(class_id::OVERFLOW_ERROR, "%c arg not in range(0x110000)"));
        };
        let (left, right) = spec.padding(1);
        spec.write_fill(left, out);
        out(code.encode_utf8(&mut [0; 4]).as_bytes());
        spec.write_fill(right, out);
        Ok(())
    }

    /// How the specification's presentation writes floats. `complex` numbers have no `%` and no `.0`.
    fn float_style(&self, value: Val<'_>, spec: &FormatSpec<'_>, complex: bool) -> Result<Style, Raised> {
        let (notation, plain) = match spec.kind {
            0 if spec.precision.is_none() => (Notation::Repr, true),
            0 => (Notation::General, true),
            b'e' | b'E' => (Notation::Exponent, false),
            b'f' | b'F' => (Notation::Fixed, false),
            b'%' if !complex => (Notation::Fixed, false),
            b'g' | b'G' | b'n' => (Notation::General, false),
            kind => return Err(unknown_code(self, &[kind], value)),
        };
        Ok(Style {
            notation,
            precision: spec.precision.unwrap_or(DEFAULT_PRECISION),
            alternate: spec.alternate,
            upper: matches!(spec.kind, b'E' | b'F' | b'G'),
            point_zero: plain && !complex,
        })
    }

    fn format_float(
        &self,
        value: Val<'_>,
        x: f64,
        spec: &FormatSpec<'_>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Raised> {
        let style = self.float_style(value, spec, false)?;
        let percent = spec.kind == b'%';
        let x = if percent { x * 100.0 } else { x };
        self.write_float_spec(x, spec, &style, if percent { b"%" } else { b"" }, out);
        Ok(())
    }

    fn write_float_spec(&self, x: f64, spec: &FormatSpec<'_>, style: &Style, end: &[u8], out: &mut dyn FnMut(&[u8])) {
        let single = self.single_precision();
        let text = Measured::new(|out| write_unsigned(x, single, style, out));
        let negative = x.is_sign_negative() && !x.is_nan() && (text.nonzero || !spec.coerce_zero || !x.is_finite());
        let sign = spec.sign_of(negative);
        let behind = text.length - text.digits + end.len();
        let group = spec.group();
        let layout = Layout::new(spec, sign.len(), text.digits, behind, group);
        spec.write_fill(layout.left, out);
        out(sign);
        spec.write_fill(layout.inner, out);
        let mark = spec.grouping.unwrap_or(b',');
        let mut grouper = Grouper { out, left: layout.digits, group, mark, started: false };
        grouper.zeros(layout.digits - text.digits);
        match text.kept() {
            Some(kept) => grouper.push(kept),
            None => write_unsigned(x, single, style, &mut |part| grouper.push(part)),
        }
        out(end);
        spec.write_fill(layout.right, out);
    }

    fn format_complex(
        &self,
        value: Val<'_>,
        (re, im): (f64, f64),
        spec: &FormatSpec<'_>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Raised> {
        let style = self.float_style(value, spec, true)?;
        if spec.fill == b"0" && spec.zero {
            return Err(self.value_error("Zero padding is not allowed in complex format specifier"));
        }
        if spec.align == b'=' {
            return Err(self.value_error("'=' alignment flag is not allowed in complex format specifier"));
        }
        let imaginary_only = spec.kind == 0 && re == 0.0 && re.is_sign_positive();
        let brackets = spec.kind == 0 && !imaginary_only;
        let part = FormatSpec { width: 0, ..*spec };
        let signed = FormatSpec { sign: if imaginary_only { spec.sign } else { Some(b'+') }, ..part };
        let write = |out: &mut dyn FnMut(&[u8])| {
            if brackets {
                out(b"(");
            }
            if !imaginary_only {
                self.write_float_spec(re, &part, &style, b"", out);
            }
            self.write_float_spec(im, &signed, &style, b"j", out);
            if brackets {
                out(b")");
            }
        };
        let mut length = 0;
        if spec.width > 0 {
            write(&mut |text| length += text.len());
        }
        let (left, right) = spec.padding(length);
        spec.write_fill(left, out);
        write(out);
        spec.write_fill(right, out);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
