//! Formatted numbers against CPython's.

use super::*;
use crate::number::tests::{operand, shown_error};
use crate::testing::heap;
use std::format;
use std::string::String;
use std::vec::Vec;

fn formatted(heap: &Heap, value: Val<'_>, spec: &str) -> String {
    let mut text = Vec::new();
    let result = FormatSpec::parse(heap, spec.as_bytes(), b'>', value)
        .and_then(|spec| heap.format_number(value, &spec, &mut |part| text.extend_from_slice(part)));
    match result {
        Ok(()) => String::from_utf8(text).unwrap(),
        Err(Raised) => shown_error(heap),
    }
}

#[test]
fn agrees_with_cpython() {
    let mut heap = heap();
    let mut wrong = Vec::new();
    for line in include_str!("../number/data/format.txt").lines() {
        let [value, spec, expected] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let result = formatted(&heap, operand(&heap, value), spec);
        if result != expected {
            wrong.push(format!("{line}: {result}"));
        }
        heap.check().unwrap();
        heap.reset();
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn digits_that_the_percent_operator_asks_for() {
    let heap = heap();
    let spec = FormatSpec { minimum_digits: 5, width: 8, kind: b'd', ..FormatSpec::default() };
    let mut text = Vec::new();
    heap.format_number(Val::int(-42), &spec, &mut |part| text.extend_from_slice(part)).unwrap();
    assert_eq!(text, b"  -00042");
}

#[test]
fn sizes_that_no_heap_holds_are_refused() {
    let heap = heap();
    for spec in ["99999999", ".99999999f", "99999999999999999999999d"] {
        assert_eq!(formatted(&heap, Val::int(1), spec), "!ValueError: Too many decimal digits in format string");
    }
}
