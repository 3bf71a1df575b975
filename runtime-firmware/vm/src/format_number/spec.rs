//! The format specification (`format(x, spec)`, `f"{x:spec}"`). The `%` operator fills in one of its own.

use crate::class_id;
use crate::heap::Heap;
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

    pub(super) fn sign_of(&self, negative: bool) -> &'static [u8] {
        match (negative, self.sign) {
            (true, _) => b"-",
            (false, Some(b'+')) => b"+",
            (false, Some(b' ')) => b" ",
            _ => b"",
        }
    }

    /// Digits between two separators; 0 without grouping.
    pub(super) fn group(&self) -> usize {
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
