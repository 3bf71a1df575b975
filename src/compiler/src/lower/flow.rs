//! Conditions, branches and loops.

use mpy::{BinaryOperator, Opcode};

use crate::Target;
use crate::ast::{BoolOp, Expr, Ranged, Stmt, StmtFor, StmtIf, StmtWhile, TextRange, UnaryOp};
use crate::code::Label;
use crate::lower::{Loop, Lower};
use crate::value::Value;

impl Lower<'_, '_> {
    /// Jumps when the truth of an expression is `jump_if`, else goes on.
    pub(super) fn condition(&mut self, test: &Expr, jump_if: bool, target: Label) {
        match test {
            Expr::BoolOp(operation) => {
                let is_or = operation.op == BoolOp::Or;
                let Some((last, others)) = operation.values.split_last() else { return };
                if is_or == jump_if {
                    for value in &operation.values {
                        self.condition(value, jump_if, target);
                    }
                } else {
                    let end = self.code.new_label();
                    for value in others {
                        self.condition(value, !jump_if, end);
                    }
                    self.condition(last, jump_if, target);
                    self.code.place(end);
                }
            }
            Expr::UnaryOp(operation) if operation.op == UnaryOp::Not => {
                self.condition(&operation.operand, !jump_if, target);
            }
            _ => {
                self.expression(test);
                let opcode = if jump_if { Opcode::PopJumpIfTrue } else { Opcode::PopJumpIfFalse };
                self.code.jump(opcode, target);
            }
        }
    }

    pub(super) fn if_statement(&mut self, one: &StmtIf) {
        let end = self.code.new_label();
        let mut next = self.code.new_label();
        self.condition(&one.test, false, next);
        self.body(&one.body);
        for clause in &one.elif_else_clauses {
            self.code.jump(Opcode::Jump, end);
            self.code.place(next);
            next = self.code.new_label();
            if let Some(test) = &clause.test {
                self.line_of(test.range());
                self.condition(test, false, next);
            }
            self.body(&clause.body);
        }
        self.code.place(next);
        self.code.place(end);
    }

    fn loop_body(&mut self, body: &[Stmt], frame: Loop) {
        let outer = self.innermost_loop.replace(frame);
        self.body(body);
        self.innermost_loop = outer;
    }

    pub(super) fn while_statement(&mut self, one: &StmtWhile) {
        let [top, next, otherwise, after] = std::array::from_fn(|_| self.code.new_label());
        let depth = self.code.depth();
        let frame =
            Loop { after, next, blocks: self.code.blocks, depth_after: depth, depth_next: depth, has_iterator: false };
        if self.has_lines() {
            // The condition comes first, so that an exception in it can have its own line: line numbers only grow.
            self.code.place(next);
            self.condition(&one.test, false, otherwise);
            self.loop_body(&one.body, frame);
            self.code.jump(Opcode::Jump, next);
            self.code.place(otherwise);
        } else {
            self.code.jump(Opcode::Jump, next);
            self.code.place(top);
            self.code.set_depth(depth);
            self.loop_body(&one.body, frame);
            self.code.place(next);
            self.condition(&one.test, true, top);
        }
        self.body(&one.orelse);
        self.code.place(after);
    }

    pub(super) fn for_statement(&mut self, one: &StmtFor) {
        if one.is_async {
            self.async_for_statement(one);
            return;
        }
        if self.range_loop(one) {
            return;
        }
        let [next, otherwise, after] = std::array::from_fn(|_| self.code.new_label());
        let depth_after = self.code.depth();
        self.expression(&one.iter);
        self.code.plain(Opcode::GetIterStack);
        let frame = Loop {
            after,
            next,
            blocks: self.code.blocks,
            depth_after,
            depth_next: self.code.depth(),
            has_iterator: true,
        };
        self.code.place(next);
        self.code.jump(Opcode::ForIter, otherwise);
        self.store(&one.target);
        self.loop_body(&one.body, frame);
        self.code.jump(Opcode::Jump, next);
        self.code.place(otherwise);
        self.body(&one.orelse);
        self.code.place(after);
    }

    /// `for name in range(...)` counts without an iterator on stock MicroPython, where programs rely on such a loop
    /// not allocating (in interrupt handlers). True when it was one.
    fn range_loop(&mut self, one: &StmtFor) -> bool {
        if self.unit.options.target != Target::Stock {
            return false;
        }
        let (Expr::Name(_), Expr::Call(call)) = (&*one.target, &*one.iter) else { return false };
        let Expr::Name(function) = &*call.func else { return false };
        let name = self.name("range");
        let arguments = &call.arguments;
        if function.id.as_str() != "range"
            || !arguments.keywords.is_empty()
            || arguments.args.iter().any(Expr::is_starred_expr)
            || !self.unit.scopes.is_builtin(self.scope, name)
        {
            return false;
        }
        let zero = Value::int(0);
        let (start, end, step) = match &*arguments.args {
            [end] => (None, end, None),
            [start, end] => (Some(start), end, None),
            [start, end, step] => (Some(start), end, Some(step)),
            _ => return false,
        };
        let step = match step.map(|step| self.constant_of(step)) {
            None => Value::int(1),
            Some(Some(Value::Int(step))) if Value::Int(step.clone()) != zero => Value::Int(step),
            Some(_) => return false,
        };
        let Value::Int(step_number) = &step else { return false };
        let is_upward = step_number.sign() == num_bigint::Sign::Plus;
        let constant_start = start.is_none_or(|start| self.constant_of(start).is_some());
        let constant_end = self.constant_of(end).filter(|end| matches!(end, Value::Int(_)));

        let [top, next, entry, after, end_of_loop] = std::array::from_fn(|_| self.code.new_label());
        let depth = self.code.depth();
        if constant_end.is_none() && constant_start {
            self.expression(end);
        }
        match start {
            Some(start) => self.expression(start),
            None => self.code.constant(zero),
        }
        if constant_end.is_none() && !constant_start {
            self.expression(end);
            self.code.plain(Opcode::RotTwo);
        }
        let depth_inside = self.code.depth();
        self.code.jump(Opcode::Jump, entry);
        self.code.place(top);
        // Reached from the jump below; the stack is as at the jump above.
        self.code.set_depth(depth_inside);
        self.code.plain(Opcode::DupTop);
        self.store(&one.target);
        let frame = Loop {
            after,
            next,
            blocks: self.code.blocks,
            depth_after: depth_inside,
            depth_next: depth_inside,
            has_iterator: false,
        };
        self.loop_body(&one.body, frame);
        self.code.place(next);
        self.code.constant(step);
        self.code.binary(BinaryOperator::InplaceAdd);
        self.code.place(entry);
        match constant_end {
            Some(end) => {
                self.code.plain(Opcode::DupTop);
                self.code.constant(end);
            }
            None => {
                self.code.plain(Opcode::DupTopTwo);
                self.code.plain(Opcode::RotTwo);
            }
        }
        self.code.binary(if is_upward { BinaryOperator::Less } else { BinaryOperator::More });
        self.code.jump(Opcode::PopJumpIfTrue, top);
        let operands = depth_inside - depth;
        if !one.orelse.is_empty() {
            for _ in 0..operands {
                self.code.plain(Opcode::PopTop);
            }
            self.body(&one.orelse);
            self.code.jump(Opcode::Jump, end_of_loop);
        }
        self.code.place(after);
        self.code.set_depth(depth_inside);
        for _ in 0..operands {
            self.code.plain(Opcode::PopTop);
        }
        self.code.place(end_of_loop);
        true
    }

    pub(super) fn break_statement(&mut self, range: TextRange) {
        let Some(frame) = self.innermost_loop else {
            self.unit.findings.error("break-outside-loop", range, "'break' outside loop");
            return;
        };
        let blocks = self.code.blocks.saturating_sub(frame.blocks);
        self.code.unwind(frame.after, blocks, frame.has_iterator, frame.depth_after);
    }

    pub(super) fn continue_statement(&mut self, range: TextRange) {
        let Some(frame) = self.innermost_loop else {
            self.unit.findings.error("continue-outside-loop", range, "'continue' not properly in loop");
            return;
        };
        let blocks = self.code.blocks.saturating_sub(frame.blocks);
        self.code.unwind(frame.next, blocks, false, frame.depth_next);
    }
}
