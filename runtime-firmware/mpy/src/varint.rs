//! The integer encodings of v6: varints with the high groups first, and jump offsets of one or two bytes.

/// Why an integer could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarintError {
    /// The bytes end inside the integer.
    Truncated,
    /// It is longer or larger than any that the format's writers make.
    TooLarge,
}

/// Longest unsigned varint that is read: 32 bits in groups of 7.
pub const UINT_LENGTH_MAX: usize = 5;
/// Longest signed varint that is read: 64 bits in groups of 7.
pub const INT_LENGTH_MAX: usize = 10;

/// Smallest and largest distance of a signed jump in one byte.
pub const SIGNED_SHORT: core::ops::RangeInclusive<i32> = -0x40..=0x3f;
/// Smallest and largest distance of a signed jump in two bytes.
pub const SIGNED_LONG: core::ops::RangeInclusive<i32> = -0x4000..=0x3fff;
/// Largest distance of a forward jump in one byte.
pub const FORWARD_SHORT_MAX: u32 = 0x7f;
/// Largest distance of a forward jump in two bytes.
pub const FORWARD_LONG_MAX: u32 = 0x7fff;

/// Reads the unsigned varint at `at`: its value and the position after it.
///
/// # Errors
/// When the bytes end inside it, or it has more than 32 bits or [`UINT_LENGTH_MAX`] bytes.
#[inline]
pub fn read_uint(bytes: &[u8], at: usize) -> Result<(u32, usize), VarintError> {
    let mut value = 0_u32;
    for next in at..at.saturating_add(UINT_LENGTH_MAX) {
        let byte = *bytes.get(next).ok_or(VarintError::Truncated)?;
        if value >> 25 != 0 {
            return Err(VarintError::TooLarge);
        }
        value = value << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, next + 1));
        }
    }
    Err(VarintError::TooLarge)
}

/// Reads the signed varint at `at`: its value and the position after it.
///
/// # Errors
/// When the bytes end inside it, or it has more than 64 bits or [`INT_LENGTH_MAX`] bytes.
pub fn read_int(bytes: &[u8], at: usize) -> Result<(i64, usize), VarintError> {
    // Bit 6 of the first byte is the sign.
    let first = *bytes.get(at).ok_or(VarintError::Truncated)?;
    let mut value = if first & 0x40 != 0 { -1_i64 } else { 0 };
    for next in at..at.saturating_add(INT_LENGTH_MAX) {
        let byte = *bytes.get(next).ok_or(VarintError::Truncated)?;
        if !(i64::MIN >> 7..=i64::MAX >> 7).contains(&value) {
            return Err(VarintError::TooLarge);
        }
        value = value << 7 | i64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((value, next + 1));
        }
    }
    Err(VarintError::TooLarge)
}

/// Reads the distance of a forward jump at `at`, and the position after it.
///
/// # Errors
/// When the bytes end inside it.
#[inline]
pub fn read_forward(bytes: &[u8], at: usize) -> Result<(u32, usize), VarintError> {
    let low = *bytes.get(at).ok_or(VarintError::Truncated)?;
    if low & 0x80 == 0 {
        return Ok((u32::from(low), at + 1));
    }
    let high = *bytes.get(at + 1).ok_or(VarintError::Truncated)?;
    Ok((u32::from(low & 0x7f) | u32::from(high) << 7, at + 2))
}

/// Reads the distance of a signed jump at `at`, and the position after it.
///
/// # Errors
/// When the bytes end inside it.
#[inline]
pub fn read_signed(bytes: &[u8], at: usize) -> Result<(i32, usize), VarintError> {
    let (raw, next) = read_forward(bytes, at)?;
    let bias = if next == at + 1 { 0x40 } else { 0x4000 };
    // `raw` has 15 bits.
    Ok((raw.cast_signed() - bias, next))
}

/// A few encoded bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Encoded {
    bytes: [u8; INT_LENGTH_MAX],
    start: u8,
    end: u8,
}

impl Encoded {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// How many they are.
    pub fn length(&self) -> usize {
        self.as_slice().len()
    }
}

/// Encodes an unsigned varint.
pub fn uint(value: u64) -> Encoded {
    let mut bytes = [0; INT_LENGTH_MAX];
    let mut rest = value;
    let mut start = INT_LENGTH_MAX;
    let mut more = 0;
    for byte in bytes.iter_mut().rev() {
        *byte = (rest & 0x7f) as u8 | more;
        more = 0x80;
        start -= 1;
        rest >>= 7;
        if rest == 0 {
            break;
        }
    }
    Encoded { bytes, start: start as u8, end: INT_LENGTH_MAX as u8 }
}

/// Encodes a signed varint.
pub fn int(value: i64) -> Encoded {
    let mut bytes = [0; INT_LENGTH_MAX];
    let mut rest = value;
    let mut start = INT_LENGTH_MAX;
    let mut more = 0;
    for byte in bytes.iter_mut().rev() {
        let group = (rest & 0x7f) as u8;
        *byte = group | more;
        more = 0x80;
        start -= 1;
        rest >>= 7;
        // The first byte's bit 6 must agree with the sign.
        if (rest == 0 && group & 0x40 == 0) || (rest == -1 && group & 0x40 != 0) {
            break;
        }
    }
    Encoded { bytes, start: start as u8, end: INT_LENGTH_MAX as u8 }
}

/// Encodes the distance of a forward jump in two bytes when `long`, else in one; `None` when it does not fit.
pub fn forward(distance: u32, long: bool) -> Option<Encoded> {
    if distance > if long { FORWARD_LONG_MAX } else { FORWARD_SHORT_MAX } {
        return None;
    }
    Some(offset(distance, long))
}

/// Encodes the distance of a signed jump in two bytes when `long`, else in one; `None` when it does not fit.
pub fn signed(distance: i32, long: bool) -> Option<Encoded> {
    if !if long { SIGNED_LONG } else { SIGNED_SHORT }.contains(&distance) {
        return None;
    }
    let bias = if long { 0x4000 } else { 0x40 };
    Some(offset((distance + bias).cast_unsigned(), long))
}

fn offset(raw: u32, long: bool) -> Encoded {
    let mut bytes = [0; INT_LENGTH_MAX];
    let [low, high, ..] = &mut bytes;
    if long {
        *low = 0x80 | (raw & 0x7f) as u8;
        *high = (raw >> 7) as u8;
    } else {
        *low = raw as u8;
    }
    Encoded { bytes, start: 0, end: if long { 2 } else { 1 } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uints_round_trip() {
        for value in [0, 1, 127, 128, 16383, 16384, 0xffff_ffff_u32] {
            let encoded = uint(u64::from(value));
            assert_eq!(read_uint(encoded.as_slice(), 0), Ok((value, encoded.length())));
        }
        assert_eq!(uint(300).as_slice(), [0x82, 0x2c]);
        assert_eq!(read_uint(uint(1 << 32).as_slice(), 0), Err(VarintError::TooLarge));
        assert_eq!(read_uint(&[0x80; 9], 0), Err(VarintError::TooLarge));
        assert_eq!(read_uint(&[0x80], 0), Err(VarintError::Truncated));
        assert_eq!(read_uint(&[], 7), Err(VarintError::Truncated));
    }

    #[test]
    fn ints_round_trip() {
        for value in [0, -1, 63, 64, -64, -65, 8191, 8192, -8192, -8193, i64::MAX, i64::MIN, 1 << 29, -(1 << 30)] {
            let encoded = int(value);
            assert_eq!(read_int(encoded.as_slice(), 0), Ok((value, encoded.length())), "{value}");
        }
        assert_eq!(int(64).as_slice(), [0x80, 0x40]);
        assert_eq!(int(-65).as_slice(), [0xff, 0x3f]);
        let beyond = [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(read_int(&beyond, 0), Err(VarintError::TooLarge));
        assert_eq!(read_int(&[0x80; 20], 0), Err(VarintError::TooLarge));
    }

    #[test]
    fn offsets_round_trip() {
        for distance in [0, 1, 127, 128, 0x7fff] {
            for long in [false, true] {
                if let Some(encoded) = forward(distance, long) {
                    assert_eq!(read_forward(encoded.as_slice(), 0), Ok((distance, encoded.length())));
                }
            }
        }
        for distance in [0, 1, -1, 63, 64, -64, -65, 0x3fff, -0x4000] {
            for long in [false, true] {
                if let Some(encoded) = signed(distance, long) {
                    assert_eq!(read_signed(encoded.as_slice(), 0), Ok((distance, encoded.length())));
                }
            }
        }
        assert_eq!(forward(128, false), None);
        assert_eq!(forward(0x8000, true), None);
        assert_eq!(signed(64, false), None);
        assert_eq!(signed(0x4000, true), None);
    }
}
