//! Characters of UTF-8 text: stepping, counting, classes and case.
//!
//! Texts may hold bytes that are not valid UTF-8 (MicroPython lets constants hold any bytes, and lone surrogates
//! are encoded as three bytes): every function here takes any bytes. Classes and case are exact for ASCII and
//! cover Latin, Greek and Cyrillic beyond it; the full tables of Unicode would cost 30 KB of flash.

/// True for the first byte of a character.
#[inline(always)]
pub(crate) const fn is_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// Number of characters.
pub(crate) fn count(text: &[u8]) -> u32 {
    text.iter().filter(|byte| is_start(**byte)).count() as u32
}

/// Bytes of the character at the start of `text`: 0 for the empty text.
pub(crate) fn width(text: &[u8]) -> usize {
    match text.split_first() {
        None => 0,
        Some((_, rest)) => 1 + rest.iter().take_while(|byte| !is_start(**byte)).count(),
    }
}

/// Byte offset of character `index`; the length of the text for the end and all behind it.
pub(crate) fn offset(text: &[u8], index: u32) -> usize {
    let mut starts = text.iter().enumerate().filter(|(_, byte)| is_start(**byte));
    match starts.nth(index as usize) {
        // Continuation bytes that open the text belong to its first character.
        Some(_) if index == 0 => 0,
        Some((offset, _)) => offset,
        None => text.len(),
    }
}

/// The code point at the start of `text` and its bytes. Stray bytes count as Latin-1.
pub(crate) fn decode(text: &[u8]) -> Option<(u32, usize)> {
    let first = *text.first()? as u32;
    let wanted = match first {
        0..0x80 => return Some((first, 1)),
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => return Some((first, 1)),
    };
    let mut code = first & (0xff >> (wanted + 1));
    let Some(rest) = text.get(1..wanted) else { return Some((first, 1)) };
    for byte in rest {
        if is_start(*byte) {
            return Some((first, 1));
        }
        code = code << 6 | (*byte as u32 & 0x3f);
    }
    Some((code, wanted))
}

/// The code points of a text.
pub(crate) fn code_points(text: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut rest = text;
    core::iter::from_fn(move || {
        let (code, width) = decode(rest)?;
        rest = rest.get(width..)?;
        Some(code)
    })
}

/// The UTF-8 bytes of a code point, lone surrogates included.
pub(crate) fn encode(code: u32, buffer: &mut [u8; 4]) -> &[u8] {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    let length = match code {
        0..0x80 => {
            buffer[0] = code as u8;
            1
        }
        0x80..0x800 => {
            buffer[..2].copy_from_slice(&[0xc0 | (code >> 6) as u8, tail(0)]);
            2
        }
        0x800..0x1_0000 => {
            buffer[..3].copy_from_slice(&[0xe0 | (code >> 12) as u8, tail(6), tail(0)]);
            3
        }
        _ => {
            *buffer = [0xf0 | (code >> 18 & 7) as u8, tail(12), tail(6), tail(0)];
            4
        }
    };
    &buffer[..length]
}

/// White space, as `str.split` and `str.strip` see it.
pub(crate) const fn is_space(code: u32) -> bool {
    matches!(code, 9..=13 | 28..=32 | 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000)
}

/// White space of bytes.
pub(crate) const fn is_byte_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | 32)
}

/// Letters: exact up to U+024F, Greek and Cyrillic, generous above.
pub(crate) const fn is_alpha(code: u32) -> bool {
    match code {
        0..0x80 => (code as u8).is_ascii_alphabetic(),
        0xaa | 0xb5 | 0xba => true,
        0xd7 | 0xf7 => false,
        0xc0..=0x2c1 | 0x370..=0x373 | 0x376..=0x377 | 0x37b..=0x37d | 0x37f | 0x386 | 0x388..=0x481 => true,
        0x48a..=0x559 | 0x560..=0x588 | 0x5d0..=0x5f2 | 0x620..=0x64a | 0x671..=0x6d3 => true,
        0x900..=0x963 | 0x970..=0x1fff => true,
        0x2071 | 0x207f | 0x2102..=0x213f | 0x3005..=0x3006 | 0x3031..=0x3035 | 0x3041..=0xd7ff => true,
        0xf900..=0xfaff | 0xff21..=0xff3a | 0xff41..=0xff5a | 0xff66..=0xffdc => true,
        0x1_0000..=0x1_efff | 0x2_0000..=0x3_ffff => true,
        _ => false,
    }
}

/// Capital letters.
pub(crate) fn is_upper(code: u32) -> bool {
    lower(code) != code
}

/// Small letters.
pub(crate) fn is_lower(code: u32) -> bool {
    upper(code) != code || matches!(code, 0xaa | 0xba | 0xdf | 0x138 | 0x149)
}

/// Decimal digits.
pub(crate) const fn is_digit(code: u32) -> bool {
    matches!(code, 0x30..=0x39 | 0x660..=0x669 | 0x6f0..=0x6f9 | 0x966..=0x96f | 0xff10..=0xff19)
}

/// Digits that `isdigit` accepts beyond the decimal ones.
pub(crate) const fn is_superscript(code: u32) -> bool {
    matches!(code, 0xb2 | 0xb3 | 0xb9 | 0x2070 | 0x2074..=0x2079 | 0x2080..=0x2089)
}

/// The capital of a small letter; any other code point itself.
pub(crate) fn upper(code: u32) -> u32 {
    match code {
        0x61..=0x7a => code - 32,
        0..0xb5 => code,
        0xb5 => 0x39c,
        0xf7 => code,
        0xe0..=0xfe => code - 32,
        0xff => 0x178,
        0x131 => 0x49,
        0x17f => 0x53,
        _ if is_pair(code) && is_second(code) => code - 1,
        0x3ac => 0x386,
        0x3ad..=0x3af => code - 37,
        0x3c2 => 0x3a3,
        0x3b1..=0x3cb => code - 32,
        0x3cc => 0x38c,
        0x3cd | 0x3ce => code - 63,
        0x430..=0x44f => code - 32,
        0x450..=0x45f => code - 80,
        0x4cf => 0x4c0,
        0x561..=0x586 => code - 48,
        0xff41..=0xff5a => code - 32,
        _ => code,
    }
}

/// The small letter of a capital; any other code point itself.
pub(crate) fn lower(code: u32) -> u32 {
    match code {
        0x41..=0x5a => code + 32,
        0..0xc0 | 0xd7 => code,
        0xc0..=0xde => code + 32,
        0x130 => 0x69,
        0x178 => 0xff,
        _ if is_pair(code) && !is_second(code) => code + 1,
        0x386 => 0x3ac,
        0x388..=0x38a => code + 37,
        0x391..=0x3a1 | 0x3a3..=0x3ab => code + 32,
        0x38c => 0x3cc,
        0x38e | 0x38f => code + 63,
        0x400..=0x40f => code + 80,
        0x410..=0x42f => code + 32,
        0x4c0 => 0x4cf,
        0x531..=0x556 => code + 48,
        0xff21..=0xff3a => code + 32,
        _ => code,
    }
}

/// Ranges in which capital and small letter follow one another.
const fn is_pair(code: u32) -> bool {
    matches!(
        code,
        0x100..=0x12f | 0x132..=0x137 | 0x139..=0x148 | 0x14a..=0x177 | 0x179..=0x17e | 0x1cd..=0x1dc
            | 0x1de..=0x1ef | 0x1f8..=0x21f | 0x222..=0x233 | 0x246..=0x24f | 0x3d8..=0x3ef | 0x460..=0x481
            | 0x48a..=0x4bf | 0x4c1..=0x4ce | 0x4d0..=0x52f | 0x1e00..=0x1e95 | 0x1ea0..=0x1eff
    )
}

/// True for the small letter of such a pair.
const fn is_second(code: u32) -> bool {
    // In these ranges the capitals have odd numbers.
    let odd_capitals = matches!(code, 0x139..=0x148 | 0x179..=0x17e | 0x1cd..=0x1dc | 0x4c1..=0x4ce);
    (code & 1 == 1) != odd_capitals
}

/// True for what `repr` shows as it is.
pub(crate) const fn is_printable(code: u32) -> bool {
    !matches!(
        code,
        0..0x20
            | 0x7f..=0xa0
            | 0xad
            | 0x600..=0x605
            | 0x61c
            | 0x6dd
            | 0x70f
            | 0x1680
            | 0x180e
            | 0x2000..=0x200f
            | 0x2028..=0x202f
            | 0x205f..=0x206f
            | 0x3000
            | 0xd800..=0xf8ff
            | 0xfeff
            | 0xfff0..=0xfffb
            | 0xfffe
            | 0xffff
            | 0xe_0000..
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_found_in_any_bytes() {
        let text = "aé€😀z".as_bytes();
        assert_eq!(count(text), 5);
        assert_eq!([0, 1, 2, 3, 4, 5, 9].map(|index| offset(text, index)), [0, 1, 3, 6, 10, 11, 11]);
        assert_eq!(code_points(text).collect::<std::vec::Vec<_>>(), [0x61, 0xe9, 0x20ac, 0x1f600, 0x7a]);
        assert_eq!(code_points(&[0xff, 0x80, 0xe2, 0x41]).collect::<std::vec::Vec<_>>(), [0xff, 0x80, 0xe2, 0x41]);
        for code in [0x41, 0xe9, 0x20ac, 0xd800, 0x1f600] {
            let mut buffer = [0; 4];
            assert_eq!(decode(encode(code, &mut buffer)).map(|(code, _)| code), Some(code));
        }
    }

    #[test]
    fn case_agrees_with_the_tables_of_core_in_the_alphabets_covered() {
        let ranges = [0..0x180, 0x1cd..0x1dd, 0x391..0x3cf, 0x400..0x530];
        for code in ranges.into_iter().flatten() {
            let Some(c) = char::from_u32(code) else { continue };
            let (mut up, mut low) = (c.to_uppercase(), c.to_lowercase());
            if up.len() == 1 {
                assert_eq!(upper(code), up.next().map_or(0, u32::from), "upper {code:x}");
            }
            if low.len() == 1 {
                assert_eq!(lower(code), low.next().map_or(0, u32::from), "lower {code:x}");
            }
            if code < 0x250 {
                assert_eq!(is_alpha(code), c.is_alphabetic(), "alpha {code:x}");
            }
            assert_eq!(is_space(code), c.is_whitespace() || (28..32).contains(&code), "space {code:x}");
        }
    }
}
