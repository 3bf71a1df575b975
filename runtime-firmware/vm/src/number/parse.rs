//! Reading ints and complex numbers, by the rules of Python's `int()` and `complex()`.

use crate::bigint;
use crate::class_id;
use crate::float_text::{parse_prefix, strip};
use crate::heap::Heap;
use crate::value::*;

/// An int literal taken apart.
struct Literal<'t> {
    negative: bool,
    base: u32,
    /// Digits and single underscores between them.
    digits: &'t [u8],
    /// How many are digits.
    count: usize,
}

fn digit_of(byte: u8) -> Option<u32> {
    (byte as char).to_digit(36)
}

/// Checks the whole text.
fn scan(text: &[u8], base: u32) -> Option<Literal<'_>> {
    let text = strip(text);
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let prefix = match rest {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let (base, mut digits) = match (prefix, base) {
        (0, 0) => {
            // Decimal numbers do not start with zeros, unless they are zero.
            let zeros = rest.starts_with(b"0") && rest.iter().any(|byte| !matches!(byte, b'0' | b'_'));
            (if zeros { return None } else { 10 }, rest)
        }
        (prefix, base) if prefix != 0 && (base == 0 || base == prefix) => {
            let digits = rest.get(2..)?;
            (prefix, digits.strip_prefix(b"_").unwrap_or(digits))
        }
        (_, base) => (base, rest),
    };
    let (mut count, mut between) = (0, false);
    for byte in digits {
        match byte {
            b'_' if between => between = false,
            _ if digit_of(*byte)? < base => (count, between) = (count + 1, true),
            _ => return None,
        }
    }
    if !between {
        return None;
    }
    while let [b'0' | b'_', rest @ ..] = digits {
        count -= digits.starts_with(b"0") as usize;
        digits = rest;
    }
    Some(Literal { negative, base, digits, count })
}

impl Heap {
    /// An int from its text, as `int(text, base)` reads it: spaces around, sign, underscores, prefixes for base 0
    /// and their own base. ValueError if it is none.
    pub fn parse_int(&self, text: &[u8], base: u32) -> Result<Val<'_>, Raised> {
        let Some(literal) = scan(text, base) else {
            let shown = self.new_str(text)?;
            return Err(self.error_about(
                class_id::VALUE_ERROR,
                "invalid literal for int() with base {}: '{}'",
                Val::int(base as i32),
                shown,
            ));
        };
        let (base, bits) = (literal.base, 32 - (literal.base - 1).leading_zeros());
        let digits = literal.digits.iter().filter_map(|byte| digit_of(*byte));
        if literal.count * bits as usize <= 63 {
            let n = digits.fold(0, |n, digit| n * base as i64 + digit as i64);
            return self.new_int(if literal.negative { -n } else { n });
        }
        let object = self.new_limbs(literal.count.saturating_mul(bits as usize).div_ceil(32))?;
        let limbs = self.limbs(object);
        let (mut used, mut chunk, mut factor) = (0, 0, 1u32);
        let flush = |used: &mut usize, factor: u32, chunk: u32| {
            let carry = bigint::multiply_small(limbs.get(..*used).unwrap_or(limbs), factor, chunk);
            if carry != 0
                && let Some(place) = limbs.get(*used)
            {
                place.set(carry);
                *used += 1;
            }
        };
        for digit in digits {
            // As many digits at once as fit a limb.
            match factor.checked_mul(base) {
                Some(next) => (factor, chunk) = (next, chunk * base + digit),
                None => {
                    flush(&mut used, factor, chunk);
                    (factor, chunk) = (base, digit);
                }
            }
        }
        flush(&mut used, factor, chunk);
        Ok(self.finish_int(object, literal.negative))
    }

    /// A float from its text, rounded once to the board's width; `None` if it is none.
    pub fn parse_float(&self, text: &[u8]) -> Option<f64> {
        let text = strip(text);
        let (x, length) = parse_prefix(text, self.single_precision())?;
        (length == text.len()).then_some(x)
    }

    /// A complex number from its text, as `complex(text)` reads it. ValueError if it is none.
    pub fn parse_complex(&self, text: &[u8]) -> Result<Val<'_>, Raised> {
        let mut text = strip(text);
        if let [b'(', inner @ .., b')'] = text {
            text = strip(inner);
        }
        match complex_parts(text, self.single_precision()) {
            Some((re, im)) => self.new_complex(re, im),
            None => Err(self.value_error("complex() arg is a malformed string")),
        }
    }
}

/// `re`, `im j` or `re ± im j`, where an imaginary part may be a sign only.
fn complex_parts(text: &[u8], single: bool) -> Option<(f64, f64)> {
    let (first, rest) = signed_part(text, single)?;
    match rest {
        [b'j' | b'J'] => Some((0.0, first)),
        _ if text.len() == rest.len() => None,
        [] if text.last()?.is_ascii_alphanumeric() || text.ends_with(b".") => Some((first, 0.0)),
        [b'+' | b'-', ..] if !matches!(text, [b'+' | b'-', b'+' | b'-', ..]) => {
            let (second, end) = signed_part(rest, single)?;
            matches!(end, [b'j' | b'J']).then_some((first, second))
        }
        _ => None,
    }
}

/// A number, or a mere sign in front of `j`, or nothing in front of `j`.
fn signed_part(text: &[u8], single: bool) -> Option<(f64, &[u8])> {
    if let Some((x, length)) = parse_prefix(text, single) {
        return Some((x, text.get(length..)?));
    }
    match text {
        [b'-', b'j' | b'J', ..] => Some((-1.0, text.get(1..)?)),
        [b'+', b'j' | b'J', ..] => Some((1.0, text.get(1..)?)),
        [b'j' | b'J', ..] => Some((1.0, text)),
        _ => None,
    }
}
