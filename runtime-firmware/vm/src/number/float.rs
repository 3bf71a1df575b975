//! Floats. The four basic operations of two single-precision floats are computed at that width, which is what its
//! boards are fast at; all else in double precision, rounded at the end, or by functions of the right width.

use super::elementary;
use crate::class_id;
use crate::heap::{Cause, Heap, Root};
use crate::layout::Tag;
use crate::value::*;
use mpy::BinaryOperator;

/// True if floats have this operator.
pub(super) fn has(op: BinaryOperator) -> bool {
    use BinaryOperator::*;
    matches!(op, Add | Subtract | Multiply | FloorDivide | TrueDivide | Modulo | Power)
}

/// `x op y`, where one operation of the processor (or its replacement) does it and nothing can go wrong.
pub(super) fn in_single(op: BinaryOperator, x: f32, y: f32) -> Option<f32> {
    match op {
        BinaryOperator::Add => Some(x + y),
        BinaryOperator::Subtract => Some(x - y),
        BinaryOperator::Multiply => Some(x * y),
        BinaryOperator::TrueDivide if y != 0.0 => Some(x / y),
        _ => None,
    }
}

impl Heap {
    /// The value of a Float object of single precision.
    #[inline]
    pub(super) fn single(&self, float: Val<'_>) -> f32 {
        f32::from_bits(self.word(float, 0))
    }

    /// A float of single precision. NaN has one representation.
    #[inline]
    pub(super) fn new_single(&self, x: f32) -> Result<Val<'_>, Raised> {
        let object = self.alloc(Tag::Float, 1)?;
        self.set_word(object, 0, if x.is_nan() { f32::NAN } else { x }.to_bits());
        Ok(object)
    }

    /// `x op y`; `None` if floats do not have the operator.
    pub(super) fn float_arithmetic(&self, op: BinaryOperator, x: f64, y: f64) -> Result<Option<Val<'_>>, Raised> {
        let result = match op {
            BinaryOperator::Add => x + y,
            BinaryOperator::Subtract => x - y,
            BinaryOperator::Multiply => x * y,
            BinaryOperator::TrueDivide if y == 0.0 => return Err(self.float_zero_division("float division by zero")),
            BinaryOperator::TrueDivide => x / y,
            BinaryOperator::FloorDivide if y == 0.0 => {
                return Err(self.float_zero_division("float floor division by zero"));
            }
            BinaryOperator::FloorDivide => divide_modulo(self.single_precision(), x, y).0,
            BinaryOperator::Modulo if y == 0.0 => return Err(self.float_zero_division("float modulo by zero")),
            BinaryOperator::Modulo => divide_modulo(self.single_precision(), x, y).1,
            BinaryOperator::Power => return self.float_power(x, y).map(Some),
            _ => return Ok(None),
        };
        self.new_float(result).map(Some)
    }

    pub(super) fn float_zero_division(&self, text: &'static str) -> Raised {
        self.error(class_id::ZERO_DIVISION_ERROR, text)
    }

    pub(super) fn float_divide_modulo(&self, x: f64, y: f64) -> Result<(Val<'_>, Val<'_>), Raised> {
        if y == 0.0 {
            return Err(self.float_zero_division("float divmod()"));
        }
        let (quotient, rest) = divide_modulo(self.single_precision(), x, y);
        Ok((self.new_float(quotient)?, self.new_float(rest)?))
    }

    /// `x ** y`. A negative number to a fractional power is complex.
    pub(super) fn float_power(&self, x: f64, y: f64) -> Result<Val<'_>, Raised> {
        if x == 0.0 && y < 0.0 && y.is_finite() {
            return Err(self.float_zero_division("0.0 cannot be raised to a negative power"));
        }
        if x < 0.0 && x.is_finite() && y.is_finite() && y != libm::floor(y) {
            return self.complex_power((x, 0.0), (y, 0.0));
        }
        let result = elementary::power(self.single_precision(), x, y);
        if result.is_infinite() && x.is_finite() && y.is_finite() {
            return Err(self.range_error());
        }
        self.new_float(result)
    }

    /// OverflowError as C's mathematical functions report it.
    #[cold]
    pub fn range_error(&self) -> Raised {
        let exception = (|| {
            let text = self.new_str(b"Numerical result out of range")?;
            let arguments = self.new_tuple_of(&[Val::int(34), text])?;
            self.new_exception_of(class_id::OVERFLOW_ERROR, arguments)
        })();
        match exception {
            Ok(exception) => {
                self.set_root(Root::Exception, Some(exception));
                self.cause.set(Cause::Exception);
                Raised
            }
            Err(raised) => raised,
        }
    }
}

/// Floor quotient and remainder with the divisor's sign, as Python has them. `y` is not zero.
pub(crate) fn divide_modulo(single: bool, x: f64, y: f64) -> (f64, f64) {
    let mut rest = elementary::remainder(single, x, y);
    let mut quotient = (x - rest) / y;
    if rest == 0.0 {
        rest = libm::copysign(0.0, y);
    } else if (y < 0.0) != (rest < 0.0) {
        rest += y;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (libm::copysign(0.0, x / y), rest);
    }
    let mut floor = libm::floor(quotient);
    if quotient - floor > 0.5 {
        floor += 1.0;
    }
    (floor, rest)
}
