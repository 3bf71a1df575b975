//! `float`: constructor and attributes.

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::number::decompose;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    Row("as_integer_ratio", Member::Leaf(as_integer_ratio, 1, 1)),
    Row("conjugate", Member::Leaf(itself, 1, 1)),
    Row("hex", Member::Leaf(hex, 1, 1)),
    Row("imag", Member::Getter(imaginary)),
    Row("is_integer", Member::Leaf(is_integer, 1, 1)),
    Row("real", Member::Getter(itself)),
];

/// `float(x=0.0)`
fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    let [value] = vm.heap.bind_slots(args, &[""], 0)?;
    let Some(value) = value else { return vm.make_ret(|heap| heap.new_float(0.0)) };
    if vm.heap.as_float(vm.heap.get(value)).is_some() {
        return Ok(vm.heap.get(value).ret());
    }
    let x = vm.to_float(value)?;
    vm.make_ret(|heap| heap.new_float(x))
}

fn number(heap: &Heap, args: Args) -> Result<f64, Raised> {
    heap.as_float(heap.arg(args, 0)).ok_or_else(|| heap.type_error("descriptor requires a float"))
}

fn itself(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    number(heap, args).map(|_| heap.arg(args, 0))
}

fn imaginary(heap: &Heap, _: Args) -> Result<Val<'_>, Raised> {
    heap.new_float(0.0)
}

fn is_integer(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    number(heap, args).map(|x| Val::bool(x.is_finite() && x == libm::trunc(x)))
}

fn as_integer_ratio(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args)?;
    if x.is_nan() {
        return Err(heap.value_error("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(heap.error(class_id::OVERFLOW_ERROR, "cannot convert Infinity to integer ratio"));
    }
    let (mut mantissa, mut exponent) = decompose(x);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let even = mantissa.trailing_zeros();
        (mantissa, exponent) = (mantissa >> even, exponent + even as i32);
    }
    let numerator = heap.new_scaled_int(mantissa, exponent.max(0).unsigned_abs(), x < 0.0)?;
    let denominator = heap.new_scaled_int(1, exponent.min(0).unsigned_abs(), false)?;
    heap.new_tuple_of(&[numerator, denominator])
}

fn hex(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args)?;
    if !x.is_finite() {
        let name: &[u8] = if x.is_nan() { b"nan" } else { b"inf" };
        return heap.new_str_of(&[if x < 0.0 { b"-" } else { b"" }, name]);
    }
    let (mantissa, exponent) = decompose(x);
    let sign: &[u8] = if x.is_sign_negative() { b"-" } else { b"" };
    if mantissa == 0 {
        return heap.new_str_of(&[sign, b"0x0.0p+0"]);
    }
    let mut digits = [0; 13];
    for (index, place) in digits.iter_mut().rev().enumerate() {
        *place = b"0123456789abcdef"[(mantissa >> (4 * index)) as usize & 15];
    }
    let lead: &[u8] = if mantissa >> 52 != 0 { b"0x1." } else { b"0x0." };
    let exponent = exponent + 52;
    let mut buffer = [0; crate::number::LONGEST_WORD_TEXT];
    let size = crate::number::word_text(exponent.unsigned_abs() as u64, 10, 1, &mut buffer);
    heap.new_str_of(&[sign, lead, &digits, if exponent < 0 { b"p-" } else { b"p+" }, size])
}
