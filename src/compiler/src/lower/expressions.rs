//! Expressions, but for calls, displays, comprehensions and strings.

use mpy::{BinaryOperator, Opcode, UnaryOperator};

use crate::Target;
use crate::ast::{BoolOp, CmpOp, Expr, ExprSlice, Operator, UnaryOp};
use crate::lower::Lower;
use crate::scope::{Kind, Place};
use crate::value::Value;

/// Classes that CPython lets one subscript.
const SUBSCRIPTED_CLASSES: [&str; 6] = ["dict", "frozenset", "list", "set", "tuple", "type"];

impl Lower<'_, '_> {
    /// Pushes an expression's value.
    pub(super) fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::BoolOp(operation) => {
                let opcode = match operation.op {
                    BoolOp::And => Opcode::JumpIfFalseOrPop,
                    BoolOp::Or => Opcode::JumpIfTrueOrPop,
                };
                let end = self.code.new_label();
                let last = operation.values.len().saturating_sub(1);
                for (index, value) in operation.values.iter().enumerate() {
                    self.expression(value);
                    if index < last {
                        self.code.jump(opcode, end);
                    }
                }
                self.code.place(end);
            }
            Expr::Named(named) => {
                self.expression(&named.value);
                self.code.plain(Opcode::DupTop);
                self.store(&named.target);
            }
            Expr::BinOp(_) => self.binary_operation(expression),
            Expr::UnaryOp(operation) => {
                self.expression(&operation.operand);
                self.code.unary(match operation.op {
                    UnaryOp::Invert => UnaryOperator::Invert,
                    UnaryOp::Not => UnaryOperator::Not,
                    UnaryOp::UAdd => UnaryOperator::Positive,
                    UnaryOp::USub => UnaryOperator::Negative,
                });
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::If(choice) => {
                let [otherwise, end] = std::array::from_fn(|_| self.code.new_label());
                self.condition(&choice.test, false, otherwise);
                self.expression(&choice.body);
                self.code.jump(Opcode::Jump, end);
                self.code.place(otherwise);
                self.expression(&choice.orelse);
                self.code.place(end);
            }
            Expr::Dict(dict) => self.dict_display(dict),
            Expr::Set(set) => self.set_display(&set.elts),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(expression);
            }
            Expr::Await(wait) => self.await_expression(&wait.value, wait.range),
            Expr::Yield(one) => {
                self.check_yield(one.range, "yield");
                match &one.value {
                    Some(value) => self.expression(value),
                    None => self.code.constant(Value::None),
                }
                self.code.plain(Opcode::YieldValue);
            }
            Expr::YieldFrom(one) => {
                self.check_yield(one.range, "yield from");
                self.expression(&one.value);
                self.yield_from();
            }
            Expr::Compare(comparison) => {
                self.comparison(&comparison.left, &comparison.ops, &comparison.comparators);
            }
            Expr::Call(call) => self.call(call),
            Expr::FString(string) => self.f_string(string),
            Expr::TString(string) => self.template_string(string),
            Expr::StringLiteral(string) => {
                let value = self.string_value(&string.value);
                self.code.constant(value);
            }
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().collect();
                self.code.constant(Value::Bytes(bytes.into()));
            }
            Expr::NumberLiteral(number) => {
                let value = self.number(&number.value, number.range);
                self.code.constant(value);
            }
            Expr::BooleanLiteral(boolean) => self.code.constant(Value::bool(boolean.value)),
            Expr::NoneLiteral(_) => self.code.constant(Value::None),
            Expr::EllipsisLiteral(_) => self.code.constant(Value::Ellipsis),
            Expr::Attribute(attribute) => {
                if attribute.attr.as_str() == "TYPE_CHECKING"
                    && matches!(&*attribute.value, Expr::Name(module) if module.id.as_str() == "typing")
                {
                    self.code.constant(Value::False);
                    return;
                }
                self.expression(&attribute.value);
                let name = self.name(attribute.attr.as_str());
                self.code.named(Opcode::LoadAttr, name);
            }
            Expr::Subscript(subscript) => {
                self.warn_of_subscripted_class(&subscript.value);
                self.expression(&subscript.value);
                self.expression(&subscript.slice);
                self.code.plain(Opcode::LoadSubscr);
            }
            Expr::Starred(starred) => {
                self.unit.findings.error("starred-expression", starred.range, "can't use starred expression here");
                self.code.constant(Value::None);
            }
            Expr::Name(name) => self.read_name(name.id.as_str()),
            Expr::List(list) => self.list_display(&list.elts),
            Expr::Tuple(tuple) => self.tuple_display(&tuple.elts),
            Expr::Slice(slice) => self.slice(slice),
            Expr::IpyEscapeCommand(one) => {
                self.unsupported(one.range, "an IPython command");
                self.code.constant(Value::None);
            }
        }
    }

    fn read_name(&mut self, text: &str) {
        if text == "__debug__" {
            self.code.constant(Value::bool(self.unit.options.optimisation == 0));
            return;
        }
        let name = self.name(text);
        match self.known_constant(name) {
            Some(value) => self.code.constant(value),
            None => self.load_name(name),
        }
    }

    /// The value of a name that `const()` defined, where the name means that global.
    pub(super) fn known_constant(&self, name: crate::code::Name) -> Option<Value> {
        matches!(self.place(name), Place::Global | Place::Name)
            .then(|| self.unit.constants.get(&name).cloned())
            .flatten()
    }

    /// `list[int]` and its like exist for annotations; MicroPython's classes have no subscripts.
    fn warn_of_subscripted_class(&mut self, value: &Expr) {
        let Expr::Name(name) = value else { return };
        let text = name.id.as_str();
        let symbol = self.name(text);
        if SUBSCRIPTED_CLASSES.contains(&text)
            && self.unit.options.target == Target::Stock
            && self.unit.scopes.is_builtin(self.scope, symbol)
        {
            let message = format!("'{text}[...]' fails at run time on stock MicroPython");
            self.unit
                .findings
                .warning("subscripted-class", name.range, message)
                .help("subscript classes in annotations only, which are not evaluated");
        }
    }

    /// A chain of operators is as deep as it is long: walk down its left side, then come back.
    fn binary_operation(&mut self, expression: &Expr) {
        let mut chain = Vec::new();
        let mut left = expression;
        while let Expr::BinOp(operation) = left {
            chain.push(operation);
            left = &operation.left;
        }
        self.expression(left);
        for operation in chain.into_iter().rev() {
            self.expression(&operation.right);
            self.code.binary(operator(operation.op));
        }
    }

    fn comparison(&mut self, left: &Expr, operators: &[CmpOp], comparators: &[Expr]) {
        self.expression(left);
        let last = operators.len().saturating_sub(1);
        let fail = self.code.new_label();
        for (index, (operator, right)) in operators.iter().zip(comparators).enumerate() {
            self.expression(right);
            if index < last {
                self.code.plain(Opcode::DupTop);
                self.code.plain(Opcode::RotThree);
            }
            self.compare(*operator);
            if index < last {
                self.code.jump(Opcode::JumpIfFalseOrPop, fail);
            }
        }
        if last > 0 {
            let end = self.code.new_label();
            self.code.jump(Opcode::Jump, end);
            self.code.place(fail);
            self.code.plain(Opcode::RotTwo);
            self.code.plain(Opcode::PopTop);
            self.code.place(end);
        }
    }

    pub(super) fn compare(&mut self, operator: CmpOp) {
        let (operator, inverted) = match operator {
            CmpOp::Eq => (BinaryOperator::Equal, false),
            CmpOp::NotEq => (BinaryOperator::NotEqual, false),
            CmpOp::Lt => (BinaryOperator::Less, false),
            CmpOp::LtE => (BinaryOperator::LessEqual, false),
            CmpOp::Gt => (BinaryOperator::More, false),
            CmpOp::GtE => (BinaryOperator::MoreEqual, false),
            CmpOp::Is => (BinaryOperator::Is, false),
            CmpOp::IsNot => (BinaryOperator::Is, true),
            CmpOp::In => (BinaryOperator::In, false),
            CmpOp::NotIn => (BinaryOperator::In, true),
        };
        self.code.binary(operator);
        if inverted {
            self.code.unary(UnaryOperator::Not);
        }
    }

    fn slice(&mut self, slice: &ExprSlice) {
        for bound in [&slice.lower, &slice.upper] {
            match bound {
                Some(bound) => self.expression(bound),
                None => self.code.constant(Value::None),
            }
        }
        match &slice.step {
            Some(step) => {
                self.expression(step);
                self.code.counted(Opcode::BuildSlice, 3);
            }
            None => self.code.counted(Opcode::BuildSlice, 2),
        }
    }

    /// Reports a `yield` where none may stand.
    fn check_yield(&mut self, range: crate::ast::TextRange, what: &str) {
        let message = match self.kind() {
            Kind::Function | Kind::Lambda => return,
            Kind::Module | Kind::Class => format!("'{what}' outside function"),
            Kind::Comprehension => format!("'{what}' inside a comprehension"),
            Kind::Generator => format!("'{what}' inside generator expression"),
        };
        self.unit.findings.error("yield-outside-function", range, message);
    }

    /// Replaces an iterable by what `yield from` of it gives.
    pub(super) fn yield_from(&mut self) {
        self.code.plain(Opcode::GetIter);
        self.code.constant(Value::None);
        self.code.plain(Opcode::YieldFrom);
    }

    /// True for an expression whose evaluation runs no code and cannot be told from evaluating it a little later.
    pub(super) fn is_plain(&mut self, expression: &Expr) -> bool {
        match expression {
            Expr::Name(name) => self.is_plain_local(name.id.as_str()),
            other => self.constant_of(other).is_some(),
        }
    }
}

pub(super) fn operator(operator: Operator) -> BinaryOperator {
    match operator {
        Operator::Add => BinaryOperator::Add,
        Operator::Sub => BinaryOperator::Subtract,
        Operator::Mult => BinaryOperator::Multiply,
        Operator::MatMult => BinaryOperator::MatMultiply,
        Operator::Div => BinaryOperator::TrueDivide,
        Operator::Mod => BinaryOperator::Modulo,
        Operator::Pow => BinaryOperator::Power,
        Operator::LShift => BinaryOperator::Lshift,
        Operator::RShift => BinaryOperator::Rshift,
        Operator::BitOr => BinaryOperator::Or,
        Operator::BitXor => BinaryOperator::Xor,
        Operator::BitAnd => BinaryOperator::And,
        Operator::FloorDiv => BinaryOperator::FloorDivide,
    }
}
