//! Ints, floats and complex numbers against what CPython computes, and bigger ints against 128-bit ones.

use crate::heap::{Cause, Heap, Root};
use crate::testing::{Random, heap, heap_of};
use crate::value::*;
use crate::{INT_MAX, INT_MIN, class_id};
use core::cmp::Ordering;
use hal::FloatWidth;
use mpy::BinaryOperator;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A float from C's hexadecimal notation.
pub(crate) fn hex_float(text: &str) -> f64 {
    let (sign, rest) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let Some(rest) = rest.strip_prefix("0x") else { return sign * rest.parse::<f64>().unwrap() };
    let (mantissa, exponent) = rest.split_once('p').unwrap();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).unwrap();
    sign * libm::scalbn(digits as f64, exponent.parse::<i32>().unwrap() - 4 * fraction.len() as i32)
}

pub(crate) fn operand<'h>(heap: &'h Heap, text: &str) -> Val<'h> {
    match text {
        "True" => Val::TRUE,
        "False" => Val::FALSE,
        _ if text.starts_with('f') => heap.new_float(hex_float(&text[1..])).unwrap(),
        _ if text.starts_with('c') => {
            let (re, im) = text[1..].split_once(' ').unwrap();
            heap.new_complex(hex_float(re), hex_float(im)).unwrap()
        }
        _ => heap.parse_int(text.as_bytes(), 10).unwrap(),
    }
}

fn int_text(heap: &Heap, value: Val<'_>, radix: u32) -> String {
    let mut text = Vec::new();
    match heap.int_text(value, radix, &mut |part| text.extend_from_slice(part)) {
        Ok(()) => String::from_utf8(text).unwrap(),
        Err(Raised) => "no memory".to_string(),
    }
}

/// The form of the data files; floats by their bits, so that zeros have signs and NaN equals itself.
fn show(heap: &Heap, value: Val<'_>) -> String {
    let float = |x: f64| if x.is_nan() { "nan".to_string() } else { format!("{:x}", x.to_bits()) };
    match (value.word(), heap.as_float(value), heap.complex_parts(value)) {
        (TRUE, ..) => "True".to_string(),
        (FALSE, ..) => "False".to_string(),
        (_, Some(x), _) => format!("f{}", float(x)),
        (_, _, Some((re, im))) => format!("c{} {}", float(re), float(im)),
        _ => int_text(heap, value, 10),
    }
}

pub(crate) fn shown_error(heap: &Heap) -> String {
    let name = |class| match class {
        class_id::ZERO_DIVISION_ERROR => "ZeroDivisionError",
        class_id::OVERFLOW_ERROR => "OverflowError",
        class_id::VALUE_ERROR => "ValueError",
        _ => "another error",
    };
    match heap.cause.get() {
        Cause::Error => {
            let mut text = heap.error.get().template.to_string();
            for root in [Root::ErrorA, Root::ErrorB] {
                let Some(value) = heap.root(root) else { continue };
                let (start, filled) = match text.find("{") {
                    Some(start) if text[start..].starts_with("{t}") => {
                        let class = match heap.class_of(value) {
                            class_id::FLOAT => "float",
                            class_id::COMPLEX => "complex",
                            class_id::BOOL => "bool",
                            _ => "int",
                        };
                        (start, format!("{}{class}{}", &text[..start], &text[start + 3..]))
                    }
                    Some(start) => {
                        let shown = match heap.str_bytes(value) {
                            Some(bytes) => std::str::from_utf8(bytes).unwrap().to_string(),
                            None => int_text(heap, value, 10),
                        };
                        (start, format!("{}{shown}{}", &text[..start], &text[start + 2..]))
                    }
                    None => continue,
                };
                assert!(start < filled.len());
                text = filled;
            }
            format!("!{}: {text}", name(heap.error.get().class))
        }
        Cause::Exception => {
            let exception = heap.root(Root::Exception).unwrap();
            format!("!{}: Numerical result out of range", name(heap.class_of(exception)))
        }
        cause => format!("{cause:?}"),
    }
}

fn operator(text: &str) -> Option<BinaryOperator> {
    use BinaryOperator::*;
    Some(match text {
        "+" => Add,
        "-" => Subtract,
        "*" => Multiply,
        "//" => FloorDivide,
        "/" => TrueDivide,
        "%" => Modulo,
        "**" => Power,
        "<<" => Lshift,
        ">>" => Rshift,
        "&" => And,
        "|" => Or,
        "^" => Xor,
        _ => return None,
    })
}

fn compute(heap: &Heap, op: &str, a: Val<'_>, b: Val<'_>) -> String {
    let (a, b) = (Val::from_word(a.word()).unwrap(), Val::from_word(b.word()).unwrap());
    let result = match op {
        "<" => return show(heap, Val::bool(heap.compare_numbers(a, b).unwrap() == Some(Ordering::Less))),
        "==" => return show(heap, Val::bool(heap.compare_numbers(a, b).unwrap() == Some(Ordering::Equal))),
        "divmod" => heap
            .divide_modulo(a, b)
            .map(|pair| pair.map_or("-".to_string(), |(q, r)| format!("{};{}", show(heap, q), show(heap, r)))),
        _ => heap
            .arithmetic(operator(op).unwrap(), a, b)
            .map(|value| value.map_or("-".to_string(), |value| show(heap, value))),
    };
    result.unwrap_or_else(|Raised| shown_error(heap))
}

#[test]
fn arithmetic_agrees_with_cpython() {
    let mut heap = heap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for line in include_str!("data/arithmetic.txt").lines() {
        let [op, a, b, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let expected = match expected {
            "-" => "-".to_string(),
            _ if expected.starts_with('!') => expected.to_string(),
            _ => expected.split(';').map(|part| show(&heap, operand(&heap, part))).collect::<Vec<_>>().join(";"),
        };
        let result = compute(&heap, op, operand(&heap, a), operand(&heap, b));
        if result != expected {
            wrong.push(format!("{line}: {result}, not {expected}"));
        }
        heap.check().unwrap();
        heap.reset();
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn powers_modulo_agree_with_cpython() {
    let mut heap = heap();
    for line in include_str!("data/power_modulo.txt").lines() {
        let [a, b, c, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let result = heap.power_modulo(operand(&heap, a), operand(&heap, b), operand(&heap, c));
        let result = match result {
            Ok(Some(value)) => show(&heap, value),
            Ok(None) => "-".to_string(),
            Err(Raised) => shown_error(&heap),
        };
        assert_eq!(result, expected, "{line}");
        heap.check().unwrap();
        heap.reset();
    }
}

fn big<'h>(heap: &'h Heap, n: i128) -> Val<'h> {
    heap.parse_int(n.to_string().as_bytes(), 10).unwrap()
}

#[test]
fn ints_agree_with_128_bits() {
    let mut heap = heap();
    let mut random = Random::new(3);
    let mut number = || {
        let n = (random.pattern() >> (random.next() % 100)) as i128 >> 2;
        if random.next() & 1 == 0 { n } else { -n }
    };
    for round in 0..6_000 {
        let (x, y) = (number(), number());
        let (a, b) = (big(&heap, x), big(&heap, y));
        let mut cases = std::vec![("+", x + y), ("-", x - y), ("&", x & y), ("|", x | y), ("^", x ^ y)];
        if let Some(product) = x.checked_mul(y) {
            cases.push(("*", product));
        }
        if y != 0 {
            let floor = x.div_euclid(y) - (y < 0 && x.rem_euclid(y) != 0) as i128;
            cases.extend([("//", floor), ("%", x - floor * y)]);
        }
        for (op, expected) in cases {
            let result = heap.arithmetic(operator(op).unwrap(), a, b).unwrap().unwrap();
            assert_eq!(show(&heap, result), expected.to_string(), "{x} {op} {y}");
            assert_eq!(result.small_int().is_some(), (INT_MIN as i128..=INT_MAX as i128).contains(&expected));
        }
        assert_eq!(heap.compare_numbers(a, b), Some(Some(x.cmp(&y))));
        assert_eq!(show(&heap, heap.invert(a).unwrap().unwrap()), (!x).to_string());
        assert_eq!(show(&heap, heap.negate(a).unwrap().unwrap()), (-x).to_string());
        assert_eq!(show(&heap, heap.absolute(a).unwrap().unwrap()), x.abs().to_string());
        let count = round % 100;
        let shifted = heap.arithmetic(BinaryOperator::Rshift, a, Val::int(count)).unwrap().unwrap();
        assert_eq!(show(&heap, shifted), (x >> count).to_string(), "{x} >> {count}");
        let back = heap.arithmetic(BinaryOperator::Lshift, shifted, Val::int(count)).unwrap().unwrap();
        assert_eq!(show(&heap, back), (x >> count << count).to_string());
        // Rounding to nearest, also of ints: the conversions of the compiler are right.
        let float = heap.real_to_float(a).unwrap().unwrap();
        assert_eq!(float, x as f64);
        assert_eq!(heap.compare_numbers(a, heap.new_float(float).unwrap()).unwrap(), x.partial_cmp(&(float as i128)));
        assert_eq!(show(&heap, heap.float_to_int(float).unwrap()), (float as i128).to_string());
        heap.reset();
    }
}

#[test]
fn single_precision_rounds_once() {
    let mut heap = heap_of(1 << 16, FloatWidth::Single);
    let mut random = Random::new(4);
    for _ in 0..6_000 {
        let x = (random.pattern() >> 1) as i128;
        let a = big(&heap, x);
        assert_eq!(heap.real_to_float(a).ok().flatten(), Some((x as f32) as f64));
        let y = random.next() as i64 >> (random.next() % 60);
        let z = (random.next() as i64 >> (random.next() % 60)) | 1;
        // The quotient of 64-bit ints by way of 128 bits with a sticky bit.
        let (b, c) = (heap.new_int(y).unwrap(), heap.new_int(z).unwrap());
        let result = heap.arithmetic(BinaryOperator::TrueDivide, b, c).unwrap().unwrap();
        let shift = (y.unsigned_abs() as u128).leading_zeros().min(127);
        let (numerator, divisor) = ((y.unsigned_abs() as u128) << shift, z.unsigned_abs() as u128);
        let quotient = (numerator / divisor) | (numerator % divisor != 0) as u128;
        let size = libm::scalbnf(quotient as f32, -(shift as i32));
        let expected = if (y < 0) != (z < 0) { -size } else { size };
        assert_eq!(heap.as_float(result), Some(expected as f64), "{y} / {z}");
        let (p, q) = (f32::from_bits(random.next() as u32), f32::from_bits(random.next() as u32));
        if p.is_nan() || q.is_nan() || q == 0.0 {
            continue;
        }
        let (l, r) = (heap.new_float(p as f64).unwrap(), heap.new_float(q as f64).unwrap());
        for (op, expected) in [("+", p + q), ("-", p - q), ("*", p * q), ("/", p / q)] {
            let result = heap.arithmetic(operator(op).unwrap(), l, r).unwrap().unwrap();
            let result = heap.as_float(result).unwrap();
            assert!(result == expected as f64 || (result.is_nan() && expected.is_nan()), "{p} {op} {q}");
        }
        heap.reset();
    }
}

#[test]
fn text_of_ints_reads_back_in_every_radix() {
    let mut heap = heap();
    let mut random = Random::new(5);
    for limbs in [1, 2, 3, 4, 7, 30, 300] {
        for radix in 2..=36 {
            let object = heap.new_limbs(limbs).unwrap();
            heap.limbs(object).iter().for_each(|limb| limb.set(random.next() as u32));
            let value = heap.finish_int(object, limbs % 2 == 0);
            let text = int_text(&heap, value, radix);
            let back = heap.parse_int(text.as_bytes(), radix).unwrap();
            assert_eq!(heap.compare_numbers(value, back), Some(Some(Ordering::Equal)), "{text} in base {radix}");
            assert_eq!(
                heap.int_digits(&heap.int_operand(value).unwrap(), radix),
                Ok(text.trim_start_matches('-').len())
            );
            heap.reset();
        }
    }
    // Chunks inside a number keep their zeros.
    for text in ["1000000000000000000000000000000", "-1000000001000000000100000000010", "18446744073709551616"] {
        assert_eq!(int_text(&heap, heap.parse_int(text.as_bytes(), 10).unwrap(), 10), text);
    }
}

#[test]
fn int_literals() {
    let heap = heap();
    for (text, base, expected) in [
        (" 12 ", 10, "12"),
        ("-0", 10, "0"),
        ("+1_000", 10, "1000"),
        ("0x_ff", 0, "255"),
        ("0xff", 16, "255"),
        ("0b11", 16, "2833"),
        ("0B11", 2, "3"),
        ("-0o17", 0, "-15"),
        ("0_0", 0, "0"),
        ("zz", 36, "1295"),
        ("0x10000000000000000", 0, "18446744073709551616"),
        ("-9223372036854775808", 10, "-9223372036854775808"),
        ("00000000000000000000000000000000000000001", 10, "1"),
        ("\t7\r\n", 10, "7"),
    ] {
        assert_eq!(int_text(&heap, heap.parse_int(text.as_bytes(), base).unwrap(), 10), expected, "{text}");
    }
    for (text, base) in [
        ("", 10),
        ("-", 10),
        ("1_", 10),
        ("_1", 10),
        ("1__0", 10),
        ("0x", 16),
        ("010", 0),
        ("12", 2),
        ("1 2", 10),
        ("é", 10),
        ("--1", 10),
        ("0x", 0),
        ("x", 36 - 3),
    ] {
        assert!(heap.parse_int(text.as_bytes(), base).is_err(), "{text}");
        assert_eq!(heap.error.get().template, "invalid literal for int() with base {}: '{}'");
    }
}

#[test]
fn complex_literals() {
    let heap = heap();
    for (text, expected) in [
        ("1+2j", Some((1.0, 2.0))),
        ("-1.5e3-.5J", Some((-1500.0, -0.5))),
        ("j", Some((0.0, 1.0))),
        ("-j", Some((0.0, -1.0))),
        ("3-j", Some((3.0, -1.0))),
        (" ( 4j ) ", Some((0.0, 4.0))),
        ("inf-infj", Some((f64::INFINITY, f64::NEG_INFINITY))),
        ("7", Some((7.0, 0.0))),
        ("5.", Some((5.0, 0.0))),
        ("1+", None),
        ("1 + 2j", None),
        ("1+2", None),
        ("", None),
        ("+", None),
        ("jj", None),
        ("1j2", None),
    ] {
        let value = heap.parse_complex(text.as_bytes()).ok();
        assert_eq!(value.and_then(|value| heap.complex_parts(value)), expected, "{text}");
    }
}

#[test]
fn what_does_not_fit_the_heap_asks_for_memory() {
    let heap = heap_of(2000, FloatWidth::Double);
    let power = heap.arithmetic(BinaryOperator::Power, Val::int(3), Val::int(1 << 20));
    assert_eq!((power, heap.cause.get()), (Err(Raised), Cause::NeedGc));
    let power = heap.arithmetic(BinaryOperator::Power, Val::int(2), Val::int(INT_MAX));
    assert_eq!((power, heap.cause.get()), (Err(Raised), Cause::NeedGc));
    let shift = heap.arithmetic(BinaryOperator::Lshift, Val::int(1), Val::int(1 << 25));
    assert_eq!((shift, heap.cause.get()), (Err(Raised), Cause::NeedGc));
    let shift = heap.arithmetic(BinaryOperator::Lshift, Val::int(1), Val::int(INT_MAX));
    assert_eq!((shift, heap.cause.get()), (Err(Raised), Cause::Error));
    let zero = heap.arithmetic(BinaryOperator::Lshift, Val::int(0), Val::int(INT_MAX));
    assert_eq!(zero, Ok(Some(Val::int(0))));
}

#[test]
fn rounding_agrees_with_cpython() {
    let mut heap = heap();
    for line in include_str!("data/round.txt").lines() {
        let [value, digits, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let value = operand(&heap, value);
        let expected = match expected {
            _ if expected.starts_with('!') => expected.to_string(),
            _ => show(&heap, operand(&heap, expected)),
        };
        let result = match heap.round_number(value, digits.parse().ok()) {
            Ok(rounded) => rounded.map_or("-".to_string(), |rounded| show(&heap, rounded)),
            Err(Raised) => shown_error(&heap),
        };
        assert_eq!(result, expected, "{line}");
        heap.check().unwrap();
        heap.reset();
    }
    assert_eq!(heap.round_number(Val::int(5), Some(i32::MIN)), Ok(Some(Val::int(0))));
}

#[test]
fn equal_numbers_hash_alike() {
    let mut heap = heap();
    let mut random = Random::new(10);
    for _ in 0..3000 {
        let x = (random.pattern() >> (random.next() % 127)) as i128;
        let float = heap.new_float(x as f64).unwrap();
        let int = heap.float_to_int(x as f64).unwrap();
        assert_eq!(heap.hash_number(int), heap.hash_number(float), "{x}");
        let complex = heap.new_complex(x as f64, 0.0).unwrap();
        assert_eq!(heap.hash_number(complex), heap.hash_number(float), "{x}");
        heap.reset();
    }
    assert_eq!(heap.hash_number(Val::TRUE), heap.hash_number(Val::int(1)));
    let hash = |x| heap.hash_number(heap.new_float(x).unwrap());
    assert_eq!(hash(0.0), hash(-0.0));
    assert_ne!(hash(0.5), hash(0.25));
    assert_ne!(hash(f64::INFINITY), hash(f64::NEG_INFINITY));
}

/// Every operation on a heap that is full at any point of it: an answer, or a demand for memory, and a heap that
/// is well formed.
#[test]
fn memory_may_run_out_anywhere() {
    let lines: Vec<_> = include_str!("data/arithmetic.txt").lines().collect();
    for room in 0..40 {
        let mut heap = heap_of(4096, FloatWidth::Double);
        for line in lines.iter().skip(room % 7).step_by(7) {
            let [op, a, b, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let (x, y) = (operand(&heap, a), operand(&heap, b));
            let wanted = compute(&heap, op, x, y);
            let free = 4096 - heap.arena.top();
            // Also the words that objects leave to the stack.
            heap.arena.open_headroom(true);
            // Takes all but `room` words.
            heap.new_limbs(free as usize - 2 - room).unwrap();
            let result = compute(&heap, op, x, y);
            assert!(result == wanted || heap.cause.get() == Cause::NeedGc, "{line}: {result}");
            heap.check().unwrap();
            heap.arena.open_headroom(false);
            heap.reset();
        }
    }
}

#[test]
fn no_text_makes_the_parsers_fail() {
    let mut heap = heap_of(4096, FloatWidth::Double);
    let mut random = Random::new(11);
    let alphabet = b"0019.eE+-_xXobjJnaif()% ,#<>^=dz\xc3\xa9\xff";
    for _ in 0..20_000 {
        let length = random.next() % 12;
        let text: Vec<u8> = (0..length).map(|_| alphabet[(random.next() % alphabet.len() as u64) as usize]).collect();
        let base = [0, 2, 8, 10, 16, 36][(random.next() % 6) as usize];
        heap.parse_int(&text, base).ok();
        heap.parse_complex(&text).ok();
        heap.parse_float(&text);
        let value = [Val::int(-7), heap.new_float(-1.5).unwrap(), heap.new_complex(1.0, -2.0).unwrap()]
            [(random.next() % 3) as usize];
        let mut length = 0;
        crate::format_number::FormatSpec::parse(&heap, &text, b'>', value)
            .and_then(|spec| {
                if spec.width < 10_000 && spec.precision.unwrap_or(0) < 10_000 {
                    heap.format_number(value, &spec, &mut |part| length += part.len())
                } else {
                    Ok(())
                }
            })
            .ok();
        heap.check().unwrap();
        heap.reset();
    }
}
