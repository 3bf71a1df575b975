//! `try`, `with` and their handlers. A block's handler stands behind its body: both virtual machines tell by the
//! address whether a `finally` part is running.

use mpy::{BinaryOperator, Opcode};

use crate::ast::{ExceptHandler, Expr, Ranged, Stmt, StmtTry, StmtWith, TextRange, WithItem};
use crate::lower::Lower;
use crate::value::Value;

impl Lower<'_, '_> {
    pub(super) fn try_statement(&mut self, one: &StmtTry) {
        if one.is_star {
            self.unit
                .findings
                .error("except-star", one.range, "exception groups (`except*`) cannot be expressed for this target")
                .help("catch the exception with `except` and look at its parts there");
            return;
        }
        if one.finalbody.is_empty() {
            self.try_except(one);
            return;
        }
        let depth = self.code.depth();
        let handler = self.code.new_label();
        self.open_block(Opcode::SetupFinally, handler, one.range);
        if one.handlers.is_empty() {
            self.body(&one.body);
        } else {
            self.try_except(one);
        }
        // None tells END_FINALLY that there is nothing to go on with.
        self.code.constant(Value::None);
        self.code.start_handler(handler, depth + 1, true);
        self.body(&one.finalbody);
        self.code.end_block(true);
    }

    fn try_except(&mut self, one: &StmtTry) {
        let depth = self.code.depth();
        let [handler, success, end] = std::array::from_fn(|_| self.code.new_label());
        self.open_block(Opcode::SetupExcept, handler, one.range);
        self.body(&one.body);
        self.code.jump(Opcode::PopExceptJump, success);
        self.code.start_handler(handler, depth + 1, false);
        let last = one.handlers.len().saturating_sub(1);
        for (index, one) in one.handlers.iter().enumerate() {
            let ExceptHandler::ExceptHandler(clause) = one;
            let next = self.code.new_label();
            if clause.type_.as_deref().is_some_and(|class| !self.is_builtin_name(class)) {
                self.line_of(clause.range);
            }
            match &clause.type_ {
                Some(class) => {
                    self.code.plain(Opcode::DupTop);
                    self.expression(class);
                    self.code.binary(BinaryOperator::ExceptionMatch);
                    self.code.jump(Opcode::PopJumpIfFalse, next);
                }
                None if index < last => {
                    let message = "default 'except:' must be last";
                    self.unit.findings.error("default-except-not-last", clause.range, message);
                }
                None => {}
            }
            match &clause.name {
                Some(name) => self.named_handler(name.as_str(), &clause.body, clause.range),
                None => {
                    self.code.plain(Opcode::PopTop);
                    self.body(&clause.body);
                }
            }
            self.code.jump(Opcode::PopExceptJump, end);
            self.code.place(next);
            if clause.type_.is_none() {
                self.code.set_depth(depth + 1);
            }
        }
        let catches_all = one.handlers.last().is_some_and(|ExceptHandler::ExceptHandler(last)| last.type_.is_none());
        if catches_all {
            self.code.close_block(false);
            self.code.set_depth(depth);
        } else {
            self.code.end_block(false);
        }
        self.code.place(success);
        self.body(&one.orelse);
        self.code.place(end);
    }

    /// True for a name of a builtin: reading it cannot fail, so no traceback will want its line.
    fn is_builtin_name(&mut self, expression: &Expr) -> bool {
        let Expr::Name(name) = expression else { return false };
        let text = name.id.as_str();
        let name = self.name(text);
        text.ends_with("Error") && self.unit.scopes.is_builtin(self.scope, name)
    }

    /// `except ... as name`: the name is unbound after the handler, however that ends, unless nothing can tell.
    fn named_handler(&mut self, name: &str, body: &[Stmt], range: TextRange) {
        let name = self.name(name);
        self.store_name(name);
        if self.unit.scopes.is_read_in_handlers_only(self.scope, name) {
            self.body(body);
            return;
        }
        let depth = self.code.depth();
        let cleanup = self.code.new_label();
        self.open_block(Opcode::SetupFinally, cleanup, range);
        self.body(body);
        self.code.constant(Value::None);
        self.code.start_handler(cleanup, depth + 1, true);
        self.code.constant(Value::None);
        self.store_name(name);
        self.delete_name(name);
        self.code.end_block(true);
    }

    pub(super) fn with_statement(&mut self, with: &StmtWith) {
        if with.is_async {
            self.async_with_items(&with.items, &with.body);
        } else {
            self.with_items(&with.items, &with.body);
        }
    }

    fn with_items(&mut self, items: &[WithItem], body: &[Stmt]) {
        let Some((item, rest)) = items.split_first() else {
            self.body(body);
            return;
        };
        let end = self.code.new_label();
        let depth = self.code.depth();
        self.line_of(item.context_expr.range());
        self.expression(&item.context_expr);
        self.open_block(Opcode::SetupWith, end, item.range);
        match &item.optional_vars {
            Some(target) => self.store(target),
            None => self.code.plain(Opcode::PopTop),
        }
        self.with_items(rest, body);
        self.code.constant(Value::None);
        self.code.start_handler(end, depth + 3, true);
        // The three arguments of `__exit__` lie above what an unwinding left.
        self.code.reserve(2);
        self.code.plain(Opcode::WithCleanup);
        self.code.end_block(true);
    }
}
