//! Text of floats against CPython's, and against the language library's own conversions.

use super::*;
use crate::number::tests::hex_float;
use crate::testing::Random;
use std::format;
use std::string::String;
use std::vec::Vec;

fn text(write: impl FnOnce(&mut dyn FnMut(&[u8]))) -> String {
    let mut text = Vec::new();
    write(&mut |part| text.extend_from_slice(part));
    String::from_utf8(text).unwrap()
}

fn parse_float(text: &[u8]) -> Option<f64> {
    let text = strip(text);
    let (x, length) = parse_prefix(text, false)?;
    (length == text.len()).then_some(x)
}

fn write_as(notation: Notation, x: f64, precision: u32) -> String {
    text(|out| write(x, false, &Style { notation, precision, point_zero: false, ..Style::REPR }, out))
}

#[test]
fn agrees_with_cpython() {
    let mut wrong = Vec::new();
    for line in include_str!("../number/data/float_text.txt").lines() {
        let mut columns = line.split('\t');
        let x = hex_float(columns.next().unwrap());
        let repr = columns.next().unwrap();
        let mut check = |kind: &str, result: String, expected: &str| {
            if result != expected {
                wrong.push(format!("{x:?} {kind}: {result}, not {expected}"));
            }
        };
        check("repr", text(|out| write_repr(x, false, out)), repr);
        for column in columns {
            let (spec, expected) = column.split_once('=').unwrap();
            let digits = spec.trim_start_matches(['#', '.']).trim_end_matches(['e', 'f', 'g']);
            let precision = digits.parse().unwrap();
            let result = match spec.chars().last().unwrap() {
                'e' => write_as(Notation::Exponent, x, precision),
                'f' => write_as(Notation::Fixed, x, precision),
                _ => text(|out| {
                    let style = Style {
                        notation: Notation::General,
                        precision,
                        alternate: spec.starts_with('#'),
                        upper: false,
                        point_zero: !spec.ends_with('g'),
                    };
                    write(x, false, &style, out)
                }),
            };
            check(spec, result, expected);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn shortest_texts_read_back() {
    let mut random = Random::new(6);
    for round in 0..12_000u64 {
        let bits = random.next();
        let x = f64::from_bits(if round % 4 == 0 { bits & (0xfff << 52) | (round % 3) } else { bits });
        if x.is_finite() {
            let repr = text(|out| write_repr(x, false, out));
            assert_eq!(parse_float(repr.as_bytes()).map(f64::to_bits), Some(x.to_bits()), "{repr}");
            assert!(is_shortest(&repr, &format!("{x:e}"), |precision| format!("{x:.precision$e}")), "{x:e}: {repr}");
        }
        let x =
            f32::from_bits(if round % 4 == 0 { bits as u32 & (0x1ff << 23) | (round % 3) as u32 } else { bits as u32 });
        if x.is_finite() {
            let repr = text(|out| write_repr(x as f64, true, out));
            let back = parse_prefix(repr.as_bytes(), true).map(|(back, _)| back.to_bits());
            assert_eq!(back, Some((x as f64).to_bits()), "{repr}");
            assert!(is_shortest(&repr, &format!("{x:e}"), |precision| format!("{x:.precision$e}")), "{x:e}: {repr}");
        }
    }
}

/// The language library's shortest digits; or as many digits rounded to even where two are as near.
fn is_shortest(repr: &str, shortest: &str, rounded: impl Fn(usize) -> String) -> bool {
    let (ours, theirs) = (digits_of(repr), digits_of(shortest));
    ours == theirs || (ours.len() == theirs.len() && ours == digits_of(&rounded(ours.len() - 1)))
}

/// The significant digits of a text.
fn digits_of(text: &str) -> String {
    let mantissa = text.split('e').next().unwrap();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    String::from(digits.trim_matches('0'))
}

#[test]
fn exact_digits_agree_with_the_language_library() {
    let mut random = Random::new(7);
    for round in 0..6_000u64 {
        let bits = random.next();
        let precision = (random.next() % 51) as u32;
        let x = if round % 2 == 0 { f64::from_bits(bits) } else { (bits as i64 >> (bits & 63)) as f64 / 64.0 };
        if !x.is_finite() {
            continue;
        }
        assert_eq!(write_as(Notation::Fixed, x, precision), format!("{x:.*}", precision as usize));
        let (mantissa, exponent) = write_as(Notation::Exponent, x, precision)
            .split_once('e')
            .map(|(m, e)| (String::from(m), e.parse::<i32>().unwrap()))
            .unwrap();
        assert_eq!(format!("{mantissa}e{exponent}"), format!("{x:.*e}", precision as usize));
    }
}

#[test]
fn decimals_read_as_the_language_library_reads_them() {
    let mut random = Random::new(8);
    for round in 0..10_000 {
        let count = 1 + random.next() % if round % 10 == 0 { 60 } else { 20 };
        let digits: String = (0..count).map(|_| (b'0' + (random.next() % 10) as u8) as char).collect();
        let point = random.next() % count;
        let exponent = random.next() as i64 % if round % 3 == 0 { 340 } else { 30 };
        let decimal = format!("{}.{}e{exponent}", &digits[..point as usize], &digits[point as usize..]);
        assert_eq!(parse_float(decimal.as_bytes()), decimal.parse().ok(), "{decimal}");
        let single = parse_prefix(decimal.as_bytes(), true).map(|(x, _)| x as f32);
        assert_eq!(single, decimal.parse().ok(), "{decimal}");
    }
    // Half-way between two floats, and a little beside it.
    for _ in 0..600 {
        let x = f64::from_bits(random.next() & !(1 << 63) & !(1 << 62));
        let next = f64::from_bits(x.to_bits() + 1);
        let exact = format!("{x:.1100}");
        let above = format!("{next:.1100}");
        let half = half_way(&exact, &above);
        for end in ["", "0000000000000000000000000000000001"] {
            let decimal = format!("{half}{end}");
            assert_eq!(parse_float(decimal.as_bytes()), decimal.parse().ok(), "{x:e} {end}");
        }
    }
}

/// Half the sum of two decimals with as many digits behind the point.
fn half_way(a: &str, b: &str) -> String {
    let width = a.len().max(b.len());
    let (a, b) = (format!("{a:0>width$}"), format!("{b:0>width$}"));
    let (mut sum, mut carry) = (Vec::new(), 0);
    for (x, y) in a.bytes().rev().zip(b.bytes().rev()) {
        if x == b'.' {
            sum.push(b'.');
            continue;
        }
        let digit = x - b'0' + y - b'0' + carry;
        sum.push(digit % 10);
        carry = digit / 10;
    }
    let (mut half, mut rest) = (String::new(), carry);
    for digit in sum.into_iter().rev() {
        if digit == b'.' {
            half.push('.');
            continue;
        }
        let n = rest * 10 + digit;
        half.push((b'0' + n / 2) as char);
        rest = n % 2;
    }
    if rest == 1 { half + "5" } else { half }
}

#[test]
fn float_literals() {
    for (literal, expected) in [
        (" 1.5\n", Some(1.5)),
        ("1_0.2_5", Some(10.25)),
        ("-.5e-1", Some(-0.05)),
        ("1.", Some(1.0)),
        ("1e400", Some(f64::INFINITY)),
        ("1e-400", Some(0.0)),
        ("0e999999999999999999999", Some(0.0)),
        ("1e99999999999999999999", Some(f64::INFINITY)),
        ("-INF", Some(f64::NEG_INFINITY)),
        ("Infinity", Some(f64::INFINITY)),
        ("1_", None),
        ("_1", None),
        ("1__0", None),
        ("1e", None),
        ("1e5_", None),
        (".", None),
        ("", None),
        ("1 2", None),
        ("infin", None),
        ("1_.5", None),
        ("1._5", None),
        ("--1", None),
    ] {
        assert_eq!(parse_float(literal.as_bytes()), expected, "{literal}");
    }
    assert!(parse_float(b"nan").is_some_and(f64::is_nan));
    assert_eq!(parse_float(b"-0.0").map(f64::to_bits), Some((-0.0f64).to_bits()));
    // A long tail of zeros, and one digit behind it.
    let long = format!("9007199254740993{}", "0".repeat(900));
    assert_eq!(parse_float(format!("{long}e-900").as_bytes()), Some(9007199254740992.0));
    assert_eq!(parse_float(format!("{long}1e-901").as_bytes()), Some(9007199254740994.0));
    assert_eq!(parse_float(format!("0.{}25", "0".repeat(2000)).as_bytes()), Some(0.0));
    assert_eq!(parse_float(format!("0.{}25e2001", "0".repeat(2000)).as_bytes()), Some(2.5));
}
