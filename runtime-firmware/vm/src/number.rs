//! The operators of the numbers: what kind each operand is, and which rules apply to the pair.
//!
//! Absent on purpose: instances with `__add__` and the like (the interpreter asks those), and text of numbers
//! (`float_text.rs`, `format_number.rs`, `number/text.rs`).

mod complex;
mod convert;
pub(crate) mod decimal;
pub mod elementary;
mod float;
mod hash;
mod integer;
mod modular;
mod parse;
mod power;
mod protocol;
mod round;
mod text;

use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;
use core::cmp::Ordering;
use mpy::BinaryOperator;

pub(crate) use convert::decompose;
pub(crate) use integer::Int;
pub(crate) use text::{LONGEST_WORD_TEXT, word_text};

/// A number of any kind.
pub(crate) enum Number<'h> {
    /// An int or bool.
    Int(Int<'h>),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
}

impl Heap {
    /// The number that a value is; `None` for all else.
    pub(crate) fn number(&self, value: Val<'_>) -> Option<Number<'_>> {
        if let Some(int) = self.int_operand(value) {
            return Some(Number::Int(int));
        }
        match self.tag(value)? {
            Tag::Float => self.as_float(value).map(Number::Float),
            Tag::Complex => self.complex_parts(value).map(|(re, im)| Number::Complex(re, im)),
            _ => None,
        }
    }

    /// `a op b` for two numbers of any kinds; `None` if one is no number, or the operator does not apply to them.
    pub fn arithmetic<'h>(&'h self, op: BinaryOperator, a: Val<'h>, b: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        if self.is(a, Tag::Float) || self.is(b, Tag::Float) {
            if self.single_precision()
                && let (Some(x), Some(y)) = (self.quick_single(a), self.quick_single(b))
                && let Some(result) = float::in_single(op, x, y)
            {
                return self.new_single(result).map(Some);
            }
            if !self.single_precision()
                && let (Some(x), Some(y)) = (self.quick_double(a), self.quick_double(b))
            {
                return self.float_arithmetic(op, x, y);
            }
        }
        let (Some(x), Some(y)) = (self.number(a), self.number(b)) else { return Ok(None) };
        match (x, y) {
            (Number::Int(x), Number::Int(y)) => {
                let both_bool = matches!(a.word(), TRUE | FALSE) && matches!(b.word(), TRUE | FALSE);
                let result = self.int_arithmetic(op, &x, &y)?;
                if both_bool && matches!(op, BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor) {
                    return Ok(result.map(|value| Val::bool(value.small_int() != Some(0))));
                }
                Ok(result)
            }
            (Number::Complex(..), _) | (_, Number::Complex(..)) => {
                let (Some(x), Some(y)) = (self.complex_operand(a)?, self.complex_operand(b)?) else { return Ok(None) };
                self.complex_arithmetic(op, x, y)
            }
            (x, y) => {
                if !float::has(op) {
                    return Ok(None);
                }
                let (x, y) = (self.float_of(&x)?, self.float_of(&y)?);
                self.float_arithmetic(op, x, y)
            }
        }
    }

    /// The value of a float, or of an int of one word, which double precision holds exactly.
    #[inline]
    fn quick_double(&self, value: Val<'_>) -> Option<f64> {
        value.small_int().map(f64::from).or_else(|| self.as_float(value))
    }

    /// As [`Heap::quick_double`] for boards of single precision, to which longer ints are rounded.
    #[inline]
    fn quick_single(&self, value: Val<'_>) -> Option<f32> {
        match value.small_int() {
            Some(n) => Some(n as f32),
            None => self.is(value, Tag::Float).then(|| self.single(value)),
        }
    }

    /// The real number as a float; complex numbers give their real part.
    fn float_of(&self, number: &Number<'_>) -> Result<f64, Raised> {
        match number {
            Number::Int(int) => self.int_to_float(int),
            Number::Float(x) | Number::Complex(x, _) => Ok(*x),
        }
    }

    /// Order of two numbers: `None` if one is none, `Some(None)` if they have no order. Exact for ints and floats
    /// of any size. Complex numbers are equal or have no order.
    pub fn compare_numbers(&self, a: Val<'_>, b: Val<'_>) -> Option<Option<Ordering>> {
        if self.is(a, Tag::Float) && self.is(b, Tag::Float) && self.single_precision() {
            return Some(self.single(a).partial_cmp(&self.single(b)));
        }
        if let (Some(x), Some(y)) = (self.quick_double(a), self.quick_double(b)) {
            return Some(x.partial_cmp(&y));
        }
        Some(match (self.number(a)?, self.number(b)?) {
            (Number::Int(x), Number::Int(y)) => Some(x.compare(&y)),
            (Number::Float(x), Number::Float(y)) => x.partial_cmp(&y),
            (Number::Int(x), Number::Float(y)) => convert::compare_with_float(&x, y),
            (Number::Float(x), Number::Int(y)) => convert::compare_with_float(&y, x).map(Ordering::reverse),
            (Number::Complex(re, im), Number::Complex(real, imaginary)) => equal_or_none(re == real && im == imaginary),
            (Number::Complex(re, im), Number::Float(x)) | (Number::Float(x), Number::Complex(re, im)) => {
                equal_or_none(re == x && im == 0.0)
            }
            (Number::Complex(re, im), Number::Int(n)) | (Number::Int(n), Number::Complex(re, im)) => {
                equal_or_none(im == 0.0 && convert::compare_with_float(&n, re) == Some(Ordering::Equal))
            }
        })
    }

    /// True for a negative int of any size.
    pub(crate) fn number_is_negative(&self, value: Val<'_>) -> bool {
        self.int_operand(value).is_some_and(|int| int.negative)
    }

    /// `-v`; `None` if it is no number.
    pub fn negate<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        self.number(value)
            .map(|number| match number {
                Number::Int(int) => self.int_with_sign(&int, !int.negative),
                Number::Float(x) => self.new_float(-x),
                Number::Complex(re, im) => self.new_complex(-re, -im),
            })
            .transpose()
    }

    /// `+v`; `None` if it is no number.
    pub fn positive<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        match value.word() {
            TRUE => Ok(Some(Val::int(1))),
            FALSE => Ok(Some(Val::int(0))),
            _ => Ok(self.number(value).map(|_| value)),
        }
    }

    /// `~v`; `None` if it is no int.
    pub fn invert<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        match self.number(value) {
            Some(Number::Int(int)) => self.int_invert(&int).map(Some),
            _ => Ok(None),
        }
    }

    /// `abs(v)`; `None` if it is no number.
    pub fn absolute<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        self.number(value)
            .map(|number| match number {
                Number::Int(int) if int.negative || matches!(value.word(), TRUE | FALSE) => {
                    self.int_with_sign(&int, false)
                }
                Number::Int(_) => Ok(value),
                Number::Float(x) => self.new_float(libm::fabs(x)),
                Number::Complex(re, im) => self.complex_absolute(re, im),
            })
            .transpose()
    }

    /// `divmod(a, b)`; `None` if one is no number, or complex.
    pub fn divide_modulo<'h>(&'h self, a: Val<'h>, b: Val<'h>) -> Result<Option<(Val<'h>, Val<'h>)>, Raised> {
        match (self.number(a), self.number(b)) {
            (Some(Number::Int(x)), Some(Number::Int(y))) => self.int_divide_modulo(&x, &y).map(Some),
            (Some(Number::Complex(..)), _) | (_, Some(Number::Complex(..))) => Ok(None),
            (Some(x), Some(y)) => {
                let (x, y) = (self.float_of(&x)?, self.float_of(&y)?);
                self.float_divide_modulo(x, y).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn equal_or_none(equal: bool) -> Option<Ordering> {
    if equal { Some(Ordering::Equal) } else { None }
}

#[cfg(test)]
pub(crate) mod tests;
