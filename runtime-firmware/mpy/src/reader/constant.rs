//! The constant table, in place.

use super::{Cursor, ReadError, ReadErrorKind};

/// Deepest nesting of constant tuples: a reader may recurse so far.
pub const CONSTANT_DEPTH_MAX: usize = 32;

/// Kind bytes of constants, as the format numbers them.
pub(crate) mod kind {
    pub(crate) const FUN_TABLE: u8 = 0;
    pub(crate) const NONE: u8 = 1;
    pub(crate) const FALSE: u8 = 2;
    pub(crate) const TRUE: u8 = 3;
    pub(crate) const ELLIPSIS: u8 = 4;
    pub(crate) const STR: u8 = 5;
    pub(crate) const BYTES: u8 = 6;
    pub(crate) const INTEGER: u8 = 7;
    pub(crate) const FLOAT: u8 = 8;
    pub(crate) const COMPLEX: u8 = 9;
    pub(crate) const TUPLE: u8 = 10;
}

/// A constant, in place. Offsets are in bytes from the start of the file.
#[derive(Clone, Debug)]
pub enum ConstantView<'a> {
    /// `None`
    None,
    /// `False`
    False,
    /// `True`
    True,
    /// `...`
    Ellipsis,
    /// A string; a zero byte follows it.
    Str {
        /// Where it starts.
        at: u32,
        /// The string ([`crate::text`]).
        bytes: &'a [u8],
    },
    /// A bytes object; a zero byte follows it.
    Bytes {
        /// Where it starts.
        at: u32,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// An int: an optional minus sign and at least one digit.
    Integer(&'a str),
    /// A float, as Python prints it (`inf` and `nan` included).
    Float(&'a str),
    /// An imaginary number, ending in `j`.
    Complex(&'a str),
    /// A tuple: its items.
    Tuple(Constants<'a>),
}

/// Constants that follow each other: the table, or the items of a tuple.
#[derive(Clone, Debug)]
pub struct Constants<'a> {
    cursor: Cursor<'a>,
    left: u32,
}

impl<'a> Constants<'a> {
    pub(super) fn new(cursor: Cursor<'a>, count: u32) -> Self {
        Constants { cursor, left: count }
    }
}

impl<'a> Iterator for Constants<'a> {
    type Item = ConstantView<'a>;

    fn next(&mut self) -> Option<ConstantView<'a>> {
        self.left = self.left.checked_sub(1)?;
        let constant = read(&mut self.cursor).ok()?;
        if let ConstantView::Tuple(items) = &constant {
            // Step over the items: each tuple among them adds its own.
            self.cursor = items.cursor;
            let mut left = u64::from(items.left);
            while left > 0 {
                left -= 1;
                if let ConstantView::Tuple(inner) = read(&mut self.cursor).ok()? {
                    left += u64::from(inner.left);
                }
            }
        }
        Some(constant)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Constants<'_> {}

/// Reads one constant; of a tuple only the head.
fn read<'a>(cursor: &mut Cursor<'a>) -> Result<ConstantView<'a>, ReadError> {
    let start = *cursor;
    let kind = cursor.byte()?;
    match kind {
        kind::FUN_TABLE => return Err(start.error(ReadErrorKind::NativeCode)),
        kind::NONE => return Ok(ConstantView::None),
        kind::FALSE => return Ok(ConstantView::False),
        kind::TRUE => return Ok(ConstantView::True),
        kind::ELLIPSIS => return Ok(ConstantView::Ellipsis),
        _ => (),
    }
    let length = cursor.uint()?;
    let at = cursor.position();
    let here = *cursor;
    match kind {
        kind::STR => Ok(ConstantView::Str { at, bytes: cursor.text(length as usize)? }),
        kind::BYTES => Ok(ConstantView::Bytes { at, bytes: cursor.terminated(length as usize)? }),
        kind::INTEGER => number(cursor, length, is_integer).map(ConstantView::Integer),
        kind::FLOAT => number(cursor, length, is_float).map(ConstantView::Float),
        kind::COMPLEX => number(cursor, length, is_imaginary).map(ConstantView::Complex),
        kind::TUPLE if length as usize <= cursor.rest() => Ok(ConstantView::Tuple(Constants::new(here, length))),
        kind::TUPLE => Err(here.error(ReadErrorKind::Truncated)),
        _ => Err(start.error(ReadErrorKind::ConstantKind)),
    }
}

/// Checks one constant, with all that it holds.
pub(super) fn check(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    // Items left at each level; the constant itself is level 0.
    let mut left = [0_u32; CONSTANT_DEPTH_MAX + 1];
    let mut depth = 0_usize;
    left[0] = 1;
    loop {
        while let Some(0) = left.get(depth) {
            if depth == 0 {
                return Ok(());
            }
            depth -= 1;
        }
        let start = *cursor;
        if let Some(count) = left.get_mut(depth) {
            *count -= 1;
        }
        if let ConstantView::Tuple(items) = read(cursor)? {
            depth += 1;
            *left.get_mut(depth).ok_or(start.error(ReadErrorKind::TooDeep))? = items.left;
        }
    }
}

fn number<'a>(cursor: &mut Cursor<'a>, length: u32, is_legal: fn(&[u8]) -> bool) -> Result<&'a str, ReadError> {
    let start = *cursor;
    let bytes = cursor.take(length as usize)?;
    match core::str::from_utf8(bytes) {
        Ok(text) if is_legal(bytes) => Ok(text),
        _ => Err(start.error(ReadErrorKind::Number)),
    }
}

pub(crate) fn is_integer(bytes: &[u8]) -> bool {
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// `[-]digits[.digits][e[+-]digits]`, `[-]inf` or `[-]nan`: what Python prints.
pub(crate) fn is_float(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"-").unwrap_or(bytes);
    if bytes == b"inf" || bytes == b"nan" {
        return true;
    }
    let (mantissa, exponent) = match bytes.iter().position(|&byte| byte == b'e') {
        Some(at) => (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..)),
        None => (bytes, None),
    };
    let exponent_is_legal = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    });
    let points = mantissa.iter().filter(|&&byte| byte == b'.').count();
    let digits = mantissa.iter().filter(|byte| byte.is_ascii_digit()).count();
    exponent_is_legal && points <= 1 && digits > 0 && points + digits == mantissa.len()
}

pub(crate) fn is_imaginary(bytes: &[u8]) -> bool {
    bytes.strip_suffix(b"j").is_some_and(is_float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_of_numbers() {
        for legal in ["0", "-12", "123456789012345678901234567890"] {
            assert!(is_integer(legal.as_bytes()), "{legal}");
        }
        for illegal in ["", "-", "1 ", "0x1", "--1"] {
            assert!(!is_integer(illegal.as_bytes()), "{illegal}");
        }
        for legal in ["0.0", "1e+100", "-1.5e-07", "inf", "-inf", "nan", "1e16", "12."] {
            assert!(is_float(legal.as_bytes()), "{legal}");
        }
        for illegal in ["", "-", ".", "e5", "1e", "1e+", "1.2.3", "infinity", "0x1p3", "1_0"] {
            assert!(!is_float(illegal.as_bytes()), "{illegal}");
        }
        assert!(is_imaginary(b"2j"));
        assert!(!is_imaginary(b"2"));
        assert!(!is_imaginary(b"j"));
    }

    #[test]
    fn nesting_is_limited() {
        let nest = |depth: usize| {
            let mut bytes = std::vec::Vec::new();
            for _ in 0..depth {
                bytes.extend([kind::TUPLE, 1]);
            }
            bytes.push(kind::NONE);
            check(&mut Cursor { bytes: &bytes, at: 0 }).map_err(|error| error.kind)
        };
        assert_eq!(nest(CONSTANT_DEPTH_MAX), Ok(()));
        assert_eq!(nest(CONSTANT_DEPTH_MAX + 1), Err(ReadErrorKind::TooDeep));
    }

    #[test]
    fn iteration_steps_over_tuples() {
        // (None, (True, ())), then False
        let bytes = [kind::TUPLE, 2, kind::NONE, kind::TUPLE, 2, kind::TRUE, kind::TUPLE, 0, kind::FALSE];
        let mut constants = Constants::new(Cursor { bytes: &bytes, at: 0 }, 2);
        let Some(ConstantView::Tuple(items)) = constants.next() else { panic!("a tuple comes first") };
        assert_eq!(items.len(), 2);
        assert!(matches!(items.last(), Some(ConstantView::Tuple(inner)) if inner.len() == 2));
        assert!(matches!(constants.next(), Some(ConstantView::False)));
        assert!(constants.next().is_none());
    }
}
