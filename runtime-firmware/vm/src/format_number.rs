//! Format specifications (`format(x, spec)`, `f"{x:spec}"`), and numbers by them. The `%` operator fills in a
//! [`FormatSpec`] of its own.

use crate::class_id;
use crate::float_text::{DEFAULT_PRECISION, Notation, Style, write_repr_part, write_unsigned};
use crate::heap::Heap;
use crate::number::{Int, Number};
use crate::value::*;

/// Largest width and precision: as many characters as the largest arena has bytes.
pub(crate) const MAX_WIDTH: u32 = 1 << 22;

/// A format specification taken apart: `[[fill]align][sign][z][#][0][width][grouping][.precision][kind]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormatSpec<'t> {
    /// One character in UTF-8.
    pub(crate) fill: &'t [u8],
    /// `<`, `>`, `^`, `=`.
    pub(crate) align: u8,
    /// An alignment was given, or follows from `0`.
    pub(crate) align_given: bool,
    /// `+`, `-` or space.
    pub(crate) sign: Option<u8>,
    /// `z`: a negative zero loses its sign.
    pub(crate) coerce_zero: bool,
    /// `#`
    pub(crate) alternate: bool,
    /// `0` before the width.
    pub(crate) zero: bool,
    /// Characters at least.
    pub(crate) width: u32,
    /// `,` or `_`.
    pub(crate) grouping: Option<u8>,
    pub(crate) precision: Option<u32>,
    /// The character that names the presentation; 0 if there is none.
    pub(crate) kind: u8,
    /// Digits of an int at least: what a precision means to the `%` operator. Not part of the text.
    pub(crate) minimum_digits: u32,
}

impl Default for FormatSpec<'_> {
    fn default() -> Self {
        FormatSpec {
            fill: b" ",
            align: b'>',
            align_given: false,
            sign: None,
            coerce_zero: false,
            alternate: false,
            zero: false,
            width: 0,
            grouping: None,
            precision: None,
            kind: 0,
            minimum_digits: 0,
        }
    }
}

fn is_align(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b'^' | b'=')
}

/// Bytes of the character at the start.
fn char_length(text: &[u8]) -> usize {
    let length = match text.first() {
        Some(0..0xc0) | None => 1,
        Some(0xc0..0xe0) => 2,
        Some(0xe0..0xf0) => 3,
        Some(0xf0..) => 4,
    };
    length.min(text.len())
}

/// Takes a decimal number off the start; `None` if it is too large.
fn take_number(text: &mut &[u8]) -> Option<Option<u32>> {
    let mut number = None;
    while let Some((digit @ b'0'..=b'9', rest)) = text.split_first() {
        let n: u32 = number.unwrap_or(0) * 10 + (digit - b'0') as u32;
        if n > MAX_WIDTH {
            return None;
        }
        (number, *text) = (Some(n), rest);
    }
    Some(number)
}

impl<'t> FormatSpec<'t> {
    /// Reads a specification for `value`, whose kind aligns to `default_align` (`<` or `>`). ValueError as Python's.
    pub(crate) fn parse(
        heap: &Heap,
        text: &'t [u8],
        default_align: u8,
        value: Val<'_>,
    ) -> Result<FormatSpec<'t>, Raised> {
        let mut spec = FormatSpec { align: default_align, ..FormatSpec::default() };
        let mut rest = text;
        let skip = |rest: &mut &'t [u8], wanted: u8| match rest.split_first() {
            Some((byte, behind)) if *byte == wanted => {
                *rest = behind;
                true
            }
            _ => false,
        };
        let (fill, behind) = text.split_at(char_length(text));
        let mut fill_given = false;
        match (behind.first(), text.first()) {
            (Some(align), _) if is_align(*align) => {
                (spec.fill, spec.align, spec.align_given, fill_given) = (fill, *align, true, true);
                rest = behind.get(1..).unwrap_or(&[]);
            }
            (_, Some(align)) if is_align(*align) => {
                (spec.align, spec.align_given) = (*align, true);
                rest = behind;
            }
            _ => {}
        }
        spec.sign = [b'+', b'-', b' '].into_iter().find(|sign| skip(&mut rest, *sign));
        spec.coerce_zero = skip(&mut rest, b'z');
        spec.alternate = skip(&mut rest, b'#');
        if !fill_given && skip(&mut rest, b'0') {
            (spec.fill, spec.zero) = (b"0", true);
            if !spec.align_given && default_align == b'>' {
                (spec.align, spec.align_given) = (b'=', true);
            }
        }
        let too_many = || heap.value_error("Too many decimal digits in format string");
        spec.width = take_number(&mut rest).ok_or_else(too_many)?.unwrap_or(0);
        spec.grouping = [b',', b'_'].into_iter().find(|mark| skip(&mut rest, *mark));
        if matches!((spec.grouping, rest.first()), (Some(b','), Some(b'_')) | (Some(b'_'), Some(b','))) {
            return Err(heap.value_error("Cannot specify both ',' and '_'."));
        }
        if skip(&mut rest, b'.') {
            spec.precision = take_number(&mut rest).ok_or_else(too_many)?;
            if spec.precision.is_none() {
                return Err(heap.value_error("Format specifier missing precision"));
            }
        }
        if rest.len() > char_length(rest) {
            let shown = heap.new_str(text)?;
            let template = "Invalid format specifier '{}' for object of type '{t}'";
            return Err(heap.error_about(class_id::VALUE_ERROR, template, shown, value));
        }
        spec.kind = match rest {
            [] => 0,
            [kind] => *kind,
            _ => return Err(unknown_code(heap, rest, value)),
        };
        if let Some(mark) = spec.grouping {
            let fits = match spec.kind {
                0 | b'd' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%' => true,
                b'b' | b'o' | b'x' | b'X' => mark == b'_',
                _ => false,
            };
            if !fits {
                let template =
                    if mark == b',' { "Cannot specify ',' with '{}'." } else { "Cannot specify '_' with '{}'." };
                let kind = Val::name(spec.kind as u16);
                return Err(heap.error_about(class_id::VALUE_ERROR, template, kind, Val::NONE));
            }
        }
        Ok(spec)
    }

    /// Characters of fill before and behind a text of `length` characters. `=` counts as `>`.
    pub(crate) fn padding(&self, length: usize) -> (usize, usize) {
        let missing = (self.width as usize).saturating_sub(length);
        match self.align {
            b'<' => (0, missing),
            b'^' => (missing / 2, missing - missing / 2),
            _ => (missing, 0),
        }
    }

    /// Writes the fill so many times.
    pub(crate) fn write_fill(&self, count: usize, out: &mut dyn FnMut(&[u8])) {
        (0..count).for_each(|_| out(self.fill));
    }

    fn sign_of(&self, negative: bool) -> &'static [u8] {
        match (negative, self.sign) {
            (true, _) => b"-",
            (false, Some(b'+')) => b"+",
            (false, Some(b' ')) => b" ",
            _ => b"",
        }
    }

    /// Digits between two separators; 0 without grouping.
    fn group(&self) -> usize {
        match (self.grouping, self.kind) {
            (None, _) => 0,
            (_, b'b' | b'o' | b'x' | b'X') => 4,
            _ => 3,
        }
    }
}

/// ValueError: the presentation does not exist for the value's type.
#[cold]
pub(crate) fn unknown_code(heap: &Heap, kind: &[u8], value: Val<'_>) -> Raised {
    match heap.new_str(kind) {
        Ok(shown) => {
            let template = "Unknown format code '{}' for object of type '{t}'";
            heap.error_about(class_id::VALUE_ERROR, template, shown, value)
        }
        Err(raised) => raised,
    }
}

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

    /// Writes a number as `repr` and `str` do: ints in decimal, floats by their shortest digits. Bools are ints
    /// here; other values write nothing.
    pub fn number_text(&self, value: Val<'_>, out: &mut dyn FnMut(&[u8])) -> Result<(), Raised> {
        let single = self.single_precision();
        match self.number(value) {
            Some(Number::Int(_)) => self.int_text(value, 10, out)?,
            Some(Number::Float(x)) => crate::float_text::write_repr(x, single, out),
            Some(Number::Complex(re, im)) => {
                let imaginary_only = re == 0.0 && re.is_sign_positive();
                if !imaginary_only {
                    out(b"(");
                    write_repr_part(re, single, out);
                    if im.is_nan() || im.is_sign_positive() {
                        out(b"+");
                    }
                }
                write_repr_part(im, single, out);
                out(if imaginary_only { b"j" } else { b"j)" });
            }
            None => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
