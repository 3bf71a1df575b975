//! Text of floats: reading by Python's rules, and writing as `repr`, `%e`, `%f` and `%g` do. The digits come from
//! `number/decimal.rs`; here are the rules of notation.

use crate::number::decimal::{Limit, exact, read, shortest};

/// Precision of `%e`, `%f` and `%g` where none is given.
pub(crate) const DEFAULT_PRECISION: u32 = 6;
/// `repr` writes exponents from this power of ten on, and below 10^-4.
const REPR_POINT: i32 = 16;

/// The text without spaces around it.
pub(crate) fn strip(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r' | 0x1c..=0x1f);
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or(&[])
}

/// The float at the start of the text, and its length in bytes.
pub(crate) fn parse_prefix(text: &[u8], single: bool) -> Option<(f64, usize)> {
    let signed = matches!(text.first(), Some(b'+' | b'-'));
    let rest = text.get(signed as usize..)?;
    let (x, length) = match special(rest) {
        Some(found) => found,
        None => decimal(rest, single)?,
    };
    Some((if text.first() == Some(&b'-') { -x } else { x }, length + signed as usize))
}

fn special(text: &[u8]) -> Option<(f64, usize)> {
    [("infinity", f64::INFINITY), ("inf", f64::INFINITY), ("nan", f64::NAN)]
        .into_iter()
        .find_map(|(name, x)| text.get(..name.len())?.eq_ignore_ascii_case(name.as_bytes()).then_some((x, name.len())))
}

/// Length of the digits at the start, with single underscores between them.
fn digits_length(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(byte) = text.get(length) {
        let more = match byte {
            b'0'..=b'9' => true,
            b'_' => length > 0 && text.get(length + 1).is_some_and(u8::is_ascii_digit),
            _ => false,
        };
        if !more {
            break;
        }
        length += 1;
    }
    length
}

fn digits(text: &[u8]) -> impl Iterator<Item = u8> + Clone + '_ {
    text.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0')
}

fn decimal(text: &[u8], single: bool) -> Option<(f64, usize)> {
    let whole = text.get(..digits_length(text))?;
    let mut length = whole.len();
    let mut fraction: &[u8] = &[];
    if text.get(length) == Some(&b'.') {
        let behind = text.get(length + 1..)?;
        fraction = behind.get(..digits_length(behind))?;
        length += 1 + fraction.len();
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut exponent: i64 = 0;
    if let Some([b'e' | b'E', behind @ ..]) = text.get(length..) {
        let signed = matches!(behind.first(), Some(b'+' | b'-'));
        let behind = behind.get(signed as usize..)?;
        let count = digits_length(behind);
        if count > 0 {
            exponent = digits(behind.get(..count)?).fold(0, |n: i64, digit| (n * 10 + digit as i64).min(1 << 40));
            if text.get(length + 1) == Some(&b'-') {
                exponent = -exponent;
            }
            length += 1 + signed as usize + count;
        }
    }
    // Leading zeros only move the point.
    let all = digits(whole).chain(digits(fraction));
    let zeros = all.clone().take_while(|digit| *digit == 0).count();
    let point = digits(whole).count() as i64 - zeros as i64;
    let mut all = all.skip(zeros).peekable();
    let x = if all.peek().is_some() { read(all, exponent + point, single) } else { 0.0 };
    Some((x, length))
}

/// How a float is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Notation {
    /// The fewest digits that read back as the same number.
    Repr,
    /// `%e`
    Exponent,
    /// `%f`
    Fixed,
    /// `%g`
    General,
}

/// All there is to know on how a float is written, but for signs, grouping and padding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) notation: Notation,
    /// Digits behind the point; significant ones for `General`. Unused for `Repr`.
    pub(crate) precision: u32,
    /// `#`: always a point, and `General` keeps its zeros.
    pub(crate) alternate: bool,
    /// `INF`, `NAN`, `E`.
    pub(crate) upper: bool,
    /// Whole numbers without exponent end in `.0`.
    pub(crate) point_zero: bool,
}

impl Style {
    const REPR: Style =
        Style { notation: Notation::Repr, precision: 0, alternate: false, upper: false, point_zero: true };
}

/// The rules of notation, fed with digits one by one.
struct Writer<'o> {
    out: &'o mut dyn FnMut(&[u8]),
    upper: bool,
    alternate: bool,
    point_zero: bool,
    /// Zeros at the end are left out.
    strip: bool,
    /// Power of ten of the first digit; the exponent that is written, if one is.
    first: i32,
    scientific: bool,
    /// Power of ten behind which the point is.
    point: i32,
    /// Power of the next digit.
    next: i32,
    /// Zeros behind the point that wait for another digit.
    zeros: u32,
    /// The point was written.
    pointed: bool,
}

impl Writer<'_> {
    /// Zeros before a number below one.
    fn start(&mut self, first: i32) {
        (self.first, self.next) = (first, first);
        self.point = if self.scientific { first } else { 0 };
        if !self.scientific && first < 0 {
            self.next = 0;
            (first..0).for_each(|_| self.digit(0));
        }
    }

    fn digit(&mut self, digit: u8) {
        if self.next < self.point {
            if self.strip && digit == 0 {
                self.zeros += 1;
                self.next -= 1;
                return;
            }
            if !self.pointed {
                (self.out)(b".");
                self.pointed = true;
            }
            for _ in 0..core::mem::take(&mut self.zeros) {
                (self.out)(b"0");
            }
        }
        (self.out)(&[b'0' + digit]);
        self.next -= 1;
    }

    fn finish(&mut self) {
        // Digits before the point that were not among the significant ones.
        while self.next >= self.point {
            self.digit(0);
        }
        if !self.pointed {
            if self.point_zero && !self.scientific {
                (self.out)(b".0");
            } else if self.alternate {
                (self.out)(b".");
            }
        }
        if self.scientific {
            (self.out)(if self.upper { b"E" } else { b"e" });
            (self.out)(if self.first < 0 { b"-" } else { b"+" });
            let size = self.first.unsigned_abs();
            if size >= 100 {
                (self.out)(&[b'0' + (size / 100) as u8]);
            }
            (self.out)(&[b'0' + (size / 10 % 10) as u8, b'0' + (size % 10) as u8]);
        }
    }
}

/// Writes `|x|`. `single` matters for `Notation::Repr` only.
pub(crate) fn write_unsigned(x: f64, single: bool, style: &Style, out: &mut dyn FnMut(&[u8])) {
    if !x.is_finite() {
        return out(match (x.is_nan(), style.upper) {
            (true, false) => b"nan",
            (true, true) => b"NAN",
            (false, false) => b"inf",
            (false, true) => b"INF",
        });
    }
    let x = libm::fabs(x);
    let general = style.notation == Notation::General;
    let mut writer = Writer {
        out,
        upper: style.upper,
        alternate: style.alternate,
        point_zero: style.point_zero,
        strip: general && !style.alternate,
        first: 0,
        scientific: style.notation == Notation::Exponent,
        point: 0,
        next: 0,
        zeros: 0,
        pointed: false,
    };
    let precision = style.precision;
    let significant = if general { precision.max(1) } else { precision.saturating_add(1) };
    match style.notation {
        Notation::Repr => {
            let (digits, count, first) = if x == 0.0 { ([0; _], 1, 0) } else { shortest(x, single) };
            writer.scientific = !(-4..REPR_POINT).contains(&first);
            writer.start(first);
            digits.iter().take(count).for_each(|digit| writer.digit(*digit));
        }
        Notation::Fixed => {
            let mut started = false;
            if x != 0.0 {
                exact(x, Limit::Down(0i32.saturating_sub_unsigned(precision)), &mut |power, digit| {
                    if !core::mem::replace(&mut started, true) {
                        writer.start(power);
                    }
                    writer.digit(digit);
                });
            }
            if !started {
                writer.start(0);
                (0..=precision).for_each(|_| writer.digit(0));
            }
        }
        Notation::Exponent | Notation::General => {
            let most = significant.min(i32::MAX as u32) as i32 - style.point_zero as i32;
            let mut started = false;
            let mut put = |power: i32, digit| {
                if !core::mem::replace(&mut started, true) {
                    writer.scientific |= general && !(-4..most).contains(&power);
                    writer.start(power);
                }
                writer.digit(digit);
            };
            if x == 0.0 {
                (0..significant).for_each(|_| put(0, 0));
            } else {
                exact(x, Limit::Significant(significant), &mut put);
            }
        }
    }
    writer.finish();
}

fn write(x: f64, single: bool, style: &Style, out: &mut dyn FnMut(&[u8])) {
    if x.is_sign_negative() && !x.is_nan() {
        out(b"-");
    }
    write_unsigned(x, single, style, out);
}

/// Writes `x` as `repr(x)`: the shortest text that reads back as the same float of its width.
pub(crate) fn write_repr(x: f64, single: bool, out: &mut dyn FnMut(&[u8])) {
    write(x, single, &Style::REPR, out);
}

/// As [`write_repr`], without the `.0` of whole numbers: a part of a complex number.
pub(crate) fn write_repr_part(x: f64, single: bool, out: &mut dyn FnMut(&[u8])) {
    write(x, single, &Style { point_zero: false, ..Style::REPR }, out);
}

#[cfg(test)]
mod tests;
