//! Assignment in all its forms, and deletion.

use mpy::{BinaryOperator, Opcode};

use crate::ast::{Expr, Operator, Ranged, TextRange};
use crate::lower::Lower;

/// Most targets on one side of a starred one that the format can number.
const UNPACK_SIDE_MAXIMUM: usize = 255;

impl Lower<'_, '_> {
    pub(super) fn assignment(&mut self, assignment: &crate::ast::StmtAssign) {
        if let [target] = assignment.targets.as_slice() {
            if self.const_definition(target, &assignment.value) {
                return;
            }
            if self.parallel_assignment(target, &assignment.value) {
                return;
            }
        }
        self.expression(&assignment.value);
        let last = assignment.targets.len().saturating_sub(1);
        for (index, target) in assignment.targets.iter().enumerate() {
            if index < last {
                self.code.plain(Opcode::DupTop);
            }
            self.store(target);
        }
    }

    /// `a, b = x, y` without making a tuple; true when it was one.
    fn parallel_assignment(&mut self, target: &Expr, value: &Expr) -> bool {
        let (Expr::Tuple(targets), Expr::Tuple(values)) = (target, value) else { return false };
        let count = targets.elts.len();
        let any_starred = targets.elts.iter().chain(&values.elts).any(Expr::is_starred_expr);
        if count != values.elts.len() || !(2..=3).contains(&count) || any_starred {
            return false;
        }
        for value in &values.elts {
            self.expression(value);
        }
        if count == 3 {
            self.code.plain(Opcode::RotThree);
        }
        self.code.plain(Opcode::RotTwo);
        for target in &targets.elts {
            self.store(target);
        }
        true
    }

    pub(super) fn annotated_assignment(&mut self, assignment: &crate::ast::StmtAnnAssign) {
        let Some(value) = &assignment.value else { return };
        if self.const_definition(&assignment.target, value) {
            return;
        }
        self.expression(value);
        self.store(&assignment.target);
    }

    /// Stores the top of the stack.
    pub(super) fn store(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => self.store_text(name.id.as_str()),
            Expr::Attribute(attribute) => {
                self.expression(&attribute.value);
                let name = self.name(attribute.attr.as_str());
                self.code.named(Opcode::StoreAttr, name);
            }
            Expr::Subscript(subscript) => {
                self.expression(&subscript.value);
                self.expression(&subscript.slice);
                self.code.plain(Opcode::StoreSubscr);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, tuple.range),
            Expr::List(list) => self.unpack(&list.elts, list.range),
            Expr::Starred(starred) => {
                let message = "starred assignment target must be in a list or tuple";
                self.unit.findings.error("starred-target", starred.range, message);
                self.code.plain(Opcode::PopTop);
            }
            other => {
                self.unit.findings.error("invalid-assignment-target", other.range(), "cannot assign to expression");
                self.code.plain(Opcode::PopTop);
            }
        }
    }

    fn unpack(&mut self, targets: &[Expr], range: TextRange) {
        let mut starred = targets.iter().enumerate().filter(|(_, target)| target.is_starred_expr());
        let first = starred.next().map(|(index, _)| index);
        if starred.next().is_some() {
            let message = "multiple starred expressions in assignment";
            self.unit.findings.error("multiple-starred-targets", range, message);
        }
        match first {
            Some(left) => {
                let right = targets.len() - left - 1;
                if left > UNPACK_SIDE_MAXIMUM || right > UNPACK_SIDE_MAXIMUM {
                    let message = format!("more than {UNPACK_SIDE_MAXIMUM} targets on one side of a starred target");
                    self.unit
                        .findings
                        .error("too-many-targets", range, message)
                        .help("unpack in two steps: take the starred part as a list first");
                    return;
                }
                let sides = u32::try_from(left | right << 8).unwrap_or(0);
                self.code.counted(Opcode::UnpackEx, sides);
            }
            None => self.code.counted(Opcode::UnpackSequence, u32::try_from(targets.len()).unwrap_or(u32::MAX)),
        }
        for target in targets {
            match target {
                Expr::Starred(starred) => self.store(&starred.value),
                other => self.store(other),
            }
        }
    }

    pub(super) fn augmented_assignment(&mut self, assignment: &crate::ast::StmtAugAssign) {
        let operator = inplace(assignment.op);
        match &*assignment.target {
            Expr::Name(name) => {
                let name = self.name(name.id.as_str());
                self.load_name(name);
                self.expression(&assignment.value);
                self.code.binary(operator);
                self.store_name(name);
            }
            Expr::Attribute(attribute) => {
                self.expression(&attribute.value);
                self.code.plain(Opcode::DupTop);
                let name = self.name(attribute.attr.as_str());
                self.code.named(Opcode::LoadAttr, name);
                self.expression(&assignment.value);
                self.code.binary(operator);
                self.code.plain(Opcode::RotTwo);
                self.code.named(Opcode::StoreAttr, name);
            }
            Expr::Subscript(subscript) => {
                self.expression(&subscript.value);
                self.expression(&subscript.slice);
                self.code.plain(Opcode::DupTopTwo);
                self.code.plain(Opcode::LoadSubscr);
                self.expression(&assignment.value);
                self.code.binary(operator);
                self.code.plain(Opcode::RotThree);
                self.code.plain(Opcode::StoreSubscr);
            }
            other => {
                let message = "illegal target for augmented assignment";
                self.unit.findings.error("invalid-assignment-target", other.range(), message);
            }
        }
    }

    pub(super) fn delete_target(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => {
                let name = self.name(name.id.as_str());
                self.delete_name(name);
            }
            // Deleting is storing NULL; putting it below the object saves turning them round.
            Expr::Attribute(attribute) => {
                self.code.plain(Opcode::LoadNull);
                self.expression(&attribute.value);
                let name = self.name(attribute.attr.as_str());
                self.code.named(Opcode::StoreAttr, name);
            }
            Expr::Subscript(subscript) => {
                self.code.plain(Opcode::LoadNull);
                self.expression(&subscript.value);
                self.expression(&subscript.slice);
                self.code.plain(Opcode::StoreSubscr);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| self.delete_target(target)),
            Expr::List(list) => list.elts.iter().for_each(|target| self.delete_target(target)),
            other => {
                self.unit.findings.error("invalid-delete-target", other.range(), "cannot delete expression");
            }
        }
    }
}

fn inplace(operator: Operator) -> BinaryOperator {
    match operator {
        Operator::Add => BinaryOperator::InplaceAdd,
        Operator::Sub => BinaryOperator::InplaceSubtract,
        Operator::Mult => BinaryOperator::InplaceMultiply,
        Operator::MatMult => BinaryOperator::InplaceMatMultiply,
        Operator::Div => BinaryOperator::InplaceTrueDivide,
        Operator::Mod => BinaryOperator::InplaceModulo,
        Operator::Pow => BinaryOperator::InplacePower,
        Operator::LShift => BinaryOperator::InplaceLshift,
        Operator::RShift => BinaryOperator::InplaceRshift,
        Operator::BitOr => BinaryOperator::InplaceOr,
        Operator::BitXor => BinaryOperator::InplaceXor,
        Operator::BitAnd => BinaryOperator::InplaceAnd,
        Operator::FloorDiv => BinaryOperator::InplaceFloorDivide,
    }
}
