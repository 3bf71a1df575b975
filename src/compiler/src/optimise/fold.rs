//! Constant folding: operators whose operands are constants, and tuples of constants.

use std::rc::Rc;

use mpy::{BinaryOperator, Opcode, UnaryOperator};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::ast::CmpOp;
use crate::code::Instruction;
use crate::value::Value;

/// Ordinary folding makes no larger integers: their decimal text would outgrow the code.
const INT_BITS_MAXIMUM: u64 = 128;

/// Nor longer strings.
const TEXT_BYTES_MAXIMUM: usize = 1024;

/// Nor tuples inside each other deeper than a reader goes.
const TUPLE_DEPTH_MAXIMUM: usize = mpy::reader::CONSTANT_DEPTH_MAX / 2;

/// Folds wherever constants meet.
pub(super) fn run(body: &mut Vec<Instruction>) -> bool {
    let mut changed = false;
    let mut folded: Vec<Instruction> = Vec::with_capacity(body.len());
    for instruction in body.drain(..) {
        let result = match (&instruction, folded.as_slice()) {
            (Instruction::Unary(operator), [.., Instruction::Constant(operand)]) => {
                unary(*operator, operand).map(|value| (1, value))
            }
            (Instruction::Binary(operator), [.., Instruction::Constant(left), Instruction::Constant(right)]) => {
                binary(*operator, left, right, INT_BITS_MAXIMUM).map(|value| (2, value))
            }
            (Instruction::Counted(Opcode::BuildTuple, count), before) => {
                tuple(*count as usize, before).map(|value| (*count as usize, value))
            }
            _ => None,
        };
        match result {
            Some((operands, value)) => {
                folded.truncate(folded.len() - operands);
                folded.push(Instruction::Constant(value));
                changed = true;
            }
            None => folded.push(instruction),
        }
    }
    *body = folded;
    changed
}

fn tuple(count: usize, before: &[Instruction]) -> Option<Value> {
    let items = before.get(before.len().checked_sub(count)?..)?;
    let values: Option<Vec<Value>> = items
        .iter()
        .map(|item| match item {
            Instruction::Constant(value) => Some(value.clone()),
            _ => None,
        })
        .collect();
    let values = values?;
    values.iter().all(|value| value.depth() < TUPLE_DEPTH_MAXIMUM).then(|| Value::Tuple(values.into()))
}

/// The result of a unary operator, when it can be known.
pub(crate) fn unary(operator: UnaryOperator, operand: &Value) -> Option<Value> {
    match (operator, operand) {
        (UnaryOperator::Not, value) => Some(Value::bool(!value.truth())),
        (UnaryOperator::Positive, Value::Int(_) | Value::Float(_)) => Some(operand.clone()),
        (UnaryOperator::Negative, Value::Int(value)) => Some(Value::Int(-value)),
        (UnaryOperator::Negative, Value::Float(bits)) => Some(Value::float(-f64::from_bits(*bits))),
        (UnaryOperator::Invert, Value::Int(value)) => Some(Value::Int(!value.clone())),
        _ => None,
    }
}

/// The result of a binary operator, when it can be known and is no larger than the given number of bits.
pub(crate) fn binary(operator: BinaryOperator, left: &Value, right: &Value, bits: u64) -> Option<Value> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => integers(operator, left, right, bits),
        (Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_)) => {
            floats(operator, as_float(left)?, as_float(right)?)
        }
        (Value::Str(left), Value::Str(right)) if operator == BinaryOperator::Add => joined(left, right).map(Value::Str),
        (Value::Bytes(left), Value::Bytes(right)) if operator == BinaryOperator::Add => {
            joined(left, right).map(Value::Bytes)
        }
        _ => None,
    }
}

fn joined(left: &[u8], right: &[u8]) -> Option<Rc<[u8]>> {
    (left.len() + right.len() <= TEXT_BYTES_MAXIMUM).then(|| [left, right].concat().into())
}

fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(bits) => Some(f64::from_bits(*bits)),
        // Exact only up to here.
        Value::Int(value) if value.bits() <= 53 => value.to_f64(),
        _ => None,
    }
}

fn integers(operator: BinaryOperator, left: &BigInt, right: &BigInt, bits: u64) -> Option<Value> {
    use BinaryOperator as Op;
    // What is no longer than its operands is no loss.
    let bits = bits.max(left.bits() + 1).max(right.bits() + 1);
    let value = match operator {
        Op::Add => left + right,
        Op::Subtract => left - right,
        Op::Multiply if left.bits() + right.bits() <= bits + 1 => left * right,
        Op::FloorDivide if !right.is_zero() => left.div_floor(right),
        Op::Modulo if !right.is_zero() => left.mod_floor(right),
        Op::Power if right.is_negative() => {
            return floats(operator, as_float(&Value::Int(left.clone()))?, right.to_f64()?);
        }
        Op::Power => {
            let exponent = right.to_u32()?;
            if u64::from(exponent).saturating_mul(left.bits()) > bits + 1 {
                return None;
            }
            left.pow(exponent)
        }
        Op::Lshift => {
            let places = right.to_u32()?;
            if left.bits() + u64::from(places) > bits {
                return None;
            }
            left << places
        }
        Op::Rshift if !right.is_negative() => left >> right.to_u32()?,
        Op::And => left & right,
        Op::Or => left | right,
        Op::Xor => left ^ right,
        Op::TrueDivide => return floats(operator, as_float(&Value::Int(left.clone()))?, right.to_f64()?),
        Op::Less => return Some(Value::bool(left < right)),
        Op::More => return Some(Value::bool(left > right)),
        Op::LessEqual => return Some(Value::bool(left <= right)),
        Op::MoreEqual => return Some(Value::bool(left >= right)),
        Op::Equal => return Some(Value::bool(left == right)),
        Op::NotEqual => return Some(Value::bool(left != right)),
        _ => return None,
    };
    (value.bits() <= bits).then_some(Value::Int(value))
}

fn floats(operator: BinaryOperator, left: f64, right: f64) -> Option<Value> {
    let value = match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply => left * right,
        BinaryOperator::TrueDivide if right != 0.0 => left / right,
        BinaryOperator::Power if left > 0.0 => left.powf(right),
        _ => return None,
    };
    value.is_finite().then(|| Value::float(value))
}

/// The result of a comparison, when it can be known.
pub(crate) fn compare(operator: CmpOp, left: &Value, right: &Value) -> Option<Value> {
    let operator = match operator {
        CmpOp::Eq => BinaryOperator::Equal,
        CmpOp::NotEq => BinaryOperator::NotEqual,
        CmpOp::Lt => BinaryOperator::Less,
        CmpOp::LtE => BinaryOperator::LessEqual,
        CmpOp::Gt => BinaryOperator::More,
        CmpOp::GtE => BinaryOperator::MoreEqual,
        CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => return None,
    };
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => integers(operator, left, right, INT_BITS_MAXIMUM),
        _ => None,
    }
}
