//! Constants as the tree has them, and MicroPython's `const()`.

use num_bigint::BigInt;
use num_traits::Num;

use crate::Mode;
use crate::ast::{Expr, Number, Operator, Ranged, TextRange, UnaryOp};
use crate::lower::Lower;
use crate::optimise::fold;
use crate::value::Value;

/// `const()` may make larger numbers than ordinary folding does, up to this.
const CONST_BITS_MAXIMUM: u64 = 1 << 16;

impl Lower<'_, '_> {
    pub(super) fn number(&mut self, number: &Number, range: TextRange) -> Value {
        match number {
            Number::Int(int) => match int.as_u64() {
                Some(small) => Value::Int(BigInt::from(small)),
                None => {
                    let text = int.to_string().replace('_', "").to_lowercase();
                    let (digits, radix) = match text.get(..2) {
                        Some("0x") => (&text[2..], 16),
                        Some("0o") => (&text[2..], 8),
                        Some("0b") => (&text[2..], 2),
                        _ => (text.as_str(), 10),
                    };
                    match BigInt::from_str_radix(digits, radix) {
                        Ok(value) => Value::Int(value),
                        Err(_) => {
                            self.unit.findings.error("invalid-number", range, "invalid integer literal");
                            Value::None
                        }
                    }
                }
            },
            Number::Float(float) => Value::float(*float),
            Number::Complex { imag, .. } => Value::Imaginary(imag.to_bits()),
        }
    }

    /// The value of an expression that is a literal, a negated literal, or a name of a constant.
    pub(super) fn constant_of(&mut self, expression: &Expr) -> Option<Value> {
        Some(match expression {
            Expr::NumberLiteral(number) => self.number(&number.value, number.range),
            Expr::StringLiteral(string) => self.string_value(&string.value),
            Expr::BytesLiteral(bytes) => Value::Bytes(bytes.value.bytes().collect::<Vec<u8>>().into()),
            Expr::BooleanLiteral(boolean) => Value::bool(boolean.value),
            Expr::NoneLiteral(_) => Value::None,
            Expr::EllipsisLiteral(_) => Value::Ellipsis,
            Expr::Name(name) => {
                let name = self.name(name.id.as_str());
                return self.known_constant(name);
            }
            Expr::UnaryOp(operation)
                if operation.op == UnaryOp::USub && matches!(&*operation.operand, Expr::NumberLiteral(_)) =>
            {
                let value = self.constant_of(&operation.operand)?;
                return fold::unary(mpy::UnaryOperator::Negative, &value);
            }
            _ => return None,
        })
    }

    /// `NAME = const(value)`: remembers the value. True when nothing remains to be done at run time.
    pub(super) fn const_definition(&mut self, target: &Expr, value: &Expr) -> bool {
        let (Expr::Name(target), Expr::Call(call)) = (target, value) else { return false };
        let Expr::Name(function) = &*call.func else { return false };
        let ([argument], true) = (&*call.arguments.args, call.arguments.keywords.is_empty()) else { return false };
        if function.id.as_str() != "const" || argument.is_starred_expr() {
            return false;
        }
        let Some(value) = self.evaluate(argument) else {
            self.unit
                .findings
                .error("not-a-constant", argument.range(), "the argument of const() is not a constant")
                .help("const() is evaluated while compiling: use literals, other constants and operators");
            return true;
        };
        let name = self.name(target.id.as_str());
        // As in MicroPython a function, class or import of the same name hides nothing from those who read the name.
        let rebound = self.unit.scopes.open_assignments(name) > 1;
        let is_global = matches!(self.place(name), crate::scope::Place::Name | crate::scope::Place::Global);
        if is_global && !rebound {
            self.unit.constants.insert(name, value.clone());
            let read_before = self.unit.scopes.first_use.get(&name).is_some_and(|first| *first < target.range.start());
            if target.id.as_str().starts_with('_') && !read_before && self.unit.options.mode != Mode::Single {
                return true;
            }
        }
        self.code.constant(value);
        self.store_name(name);
        true
    }

    /// The value of a constant expression.
    fn evaluate(&mut self, expression: &Expr) -> Option<Value> {
        match expression {
            Expr::BinOp(operation) => {
                let left = self.evaluate(&operation.left)?;
                let right = self.evaluate(&operation.right)?;
                fold::binary(operation_of(operation.op), &left, &right, CONST_BITS_MAXIMUM)
            }
            Expr::UnaryOp(operation) => {
                let operand = self.evaluate(&operation.operand)?;
                fold::unary(
                    match operation.op {
                        UnaryOp::Invert => mpy::UnaryOperator::Invert,
                        UnaryOp::Not => mpy::UnaryOperator::Not,
                        UnaryOp::UAdd => mpy::UnaryOperator::Positive,
                        UnaryOp::USub => mpy::UnaryOperator::Negative,
                    },
                    &operand,
                )
            }
            Expr::BoolOp(operation) => {
                let mut result = None;
                for value in &operation.values {
                    let value = self.evaluate(value)?;
                    let decided = value.truth() == (operation.op == crate::ast::BoolOp::Or);
                    result = Some(value);
                    if decided {
                        break;
                    }
                }
                result
            }
            Expr::Compare(comparison) => {
                let [operator] = *comparison.ops else { return None };
                let left = self.evaluate(&comparison.left)?;
                let right = self.evaluate(comparison.comparators.first()?)?;
                fold::compare(operator, &left, &right)
            }
            Expr::If(choice) => {
                let test = self.evaluate(&choice.test)?;
                self.evaluate(if test.truth() { &choice.body } else { &choice.orelse })
            }
            Expr::Tuple(tuple) => {
                let items: Option<Vec<Value>> = tuple.elts.iter().map(|item| self.evaluate(item)).collect();
                items.map(|items| Value::Tuple(items.into()))
            }
            Expr::Name(name) if name.id.as_str() == "__debug__" => {
                Some(Value::bool(self.unit.options.optimisation == 0))
            }
            other => self.constant_of(other),
        }
    }
}

fn operation_of(operator: Operator) -> mpy::BinaryOperator {
    super::expressions::operator(operator)
}
