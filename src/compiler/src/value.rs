//! Values that are known while compiling, and how the .mpy file spells them.

use std::fmt::Write;
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::Zero;

/// A constant. Floats are compared by their bits, so that `0.0` and `-0.0` stay two constants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    None,
    True,
    False,
    Ellipsis,
    Int(BigInt),
    Float(u64),
    /// An imaginary number.
    Imaginary(u64),
    /// UTF-8, or for lone surrogates what UTF-8 would be.
    Str(Rc<[u8]>),
    Bytes(Rc<[u8]>),
    Tuple(Rc<[Value]>),
}

impl Value {
    pub(crate) fn int(value: i64) -> Value {
        Value::Int(BigInt::from(value))
    }

    pub(crate) fn float(value: f64) -> Value {
        Value::Float(value.to_bits())
    }

    pub(crate) fn bool(value: bool) -> Value {
        if value { Value::True } else { Value::False }
    }

    pub(crate) fn str(text: &str) -> Value {
        Value::Str(Rc::from(text.as_bytes()))
    }

    /// What `bool()` of the value is.
    pub(crate) fn truth(&self) -> bool {
        match self {
            Value::None | Value::False => false,
            Value::True | Value::Ellipsis => true,
            Value::Int(value) => !value.is_zero(),
            Value::Float(bits) | Value::Imaginary(bits) => f64::from_bits(*bits) != 0.0,
            Value::Str(bytes) | Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Tuple(items) => !items.is_empty(),
        }
    }

    /// Tuples inside each other.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Value::Tuple(items) => 1 + items.iter().map(Value::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The value as an object of the constant table.
    pub(crate) fn to_constant(&self) -> mpy::Constant {
        match self {
            Value::None => mpy::Constant::None,
            Value::True => mpy::Constant::True,
            Value::False => mpy::Constant::False,
            Value::Ellipsis => mpy::Constant::Ellipsis,
            Value::Int(value) => mpy::Constant::Integer(value.to_string().into()),
            Value::Float(bits) => mpy::Constant::Float(float_text(f64::from_bits(*bits)).into()),
            Value::Imaginary(bits) => mpy::Constant::Complex(format!("{}j", float_text(f64::from_bits(*bits))).into()),
            Value::Str(bytes) => mpy::Constant::Str(bytes.to_vec()),
            Value::Bytes(bytes) => mpy::Constant::Bytes(bytes.to_vec()),
            Value::Tuple(items) => mpy::Constant::Tuple(items.iter().map(Value::to_constant).collect()),
        }
    }
}

/// The shortest text that reads back as the same float, as Python's `repr` gives it.
pub(crate) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return String::from("nan");
    }
    if value.is_infinite() {
        return String::from(if value < 0.0 { "-inf" } else { "inf" });
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let mut text = String::from(mantissa);
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(text, "e{sign}{:02}", exponent.unsigned_abs());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_python_spells_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(float_text(value), text);
        }
    }
}
