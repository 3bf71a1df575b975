//! Statements: which file lowers which, and the small ones.

use mpy::Opcode;

use crate::Mode;
use crate::ast::{Expr, Ranged, Stmt, TextRange};
use crate::lower::Lower;
use crate::scope::Kind;
use crate::value::Value;

impl Lower<'_, '_> {
    pub(super) fn body(&mut self, body: &[Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        self.line_of(statement.range());
        match statement {
            Stmt::FunctionDef(function) => self.function_definition(function),
            Stmt::ClassDef(class) => self.class_definition(class),
            Stmt::Return(one) => self.return_statement(one.value.as_deref(), one.range),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.delete_target(target);
                }
            }
            Stmt::TypeAlias(alias) => self.type_alias(&alias.name),
            Stmt::Assign(assignment) => self.assignment(assignment),
            Stmt::AugAssign(assignment) => self.augmented_assignment(assignment),
            Stmt::AnnAssign(assignment) => self.annotated_assignment(assignment),
            Stmt::For(one) => self.for_statement(one),
            Stmt::While(one) => self.while_statement(one),
            Stmt::If(one) => self.if_statement(one),
            Stmt::With(with) => self.with_statement(with),
            Stmt::Match(one) => self.match_statement(one),
            Stmt::Raise(raise) => self.raise_statement(raise.exc.as_deref(), raise.cause.as_deref()),
            Stmt::Try(one) => self.try_statement(one),
            Stmt::Assert(assert) => self.assert_statement(&assert.test, assert.msg.as_deref()),
            Stmt::Import(import) => self.import_statement(import),
            Stmt::ImportFrom(import) => self.import_from_statement(import),
            // Scopes were settled before.
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) => {}
            Stmt::Expr(one) => self.expression_statement(&one.value),
            Stmt::Break(one) => self.break_statement(one.range),
            Stmt::Continue(one) => self.continue_statement(one.range),
            Stmt::IpyEscapeCommand(one) => self.unsupported(one.range, "an IPython command"),
        }
    }

    /// A type alias exists for type checkers only: no code.
    fn type_alias(&mut self, alias: &Expr) {
        let Expr::Name(alias) = alias else { return };
        let name = self.name(alias.id.as_str());
        if self.unit.scopes.first_use.contains_key(&name) {
            let message = format!("the type alias '{}' does not exist at run time, but is read", alias.id.as_str());
            self.unit.findings.warning("type-alias-at-run-time", alias.range, message);
        }
    }

    fn expression_statement(&mut self, value: &Expr) {
        if self.unit.options.mode == Mode::Single && self.kind() == Kind::Module {
            let print = self.name("__repl_print__");
            self.load_name(print);
            self.expression(value);
            self.code.counted(Opcode::CallFunction, 1);
            self.code.plain(Opcode::PopTop);
            return;
        }
        // A docstring, or `...`: nothing can see it.
        if self.constant_of(value).is_some() {
            return;
        }
        self.expression(value);
        self.code.plain(Opcode::PopTop);
    }

    fn return_statement(&mut self, value: Option<&Expr>, range: TextRange) {
        let kind = self.kind();
        if !kind.is_function() {
            self.unit.findings.error("return-outside-function", range, "'return' outside function");
            return;
        }
        match value {
            Some(value) => self.expression(value),
            None => self.code.constant(Value::None),
        }
        self.code.plain(Opcode::ReturnValue);
    }

    fn raise_statement(&mut self, exception: Option<&Expr>, cause: Option<&Expr>) {
        match (exception, cause) {
            (Some(exception), Some(cause)) => {
                self.expression(exception);
                self.expression(cause);
                self.code.plain(Opcode::RaiseFrom);
            }
            (Some(exception), None) => {
                self.expression(exception);
                self.code.plain(Opcode::RaiseObj);
            }
            _ => self.code.plain(Opcode::RaiseLast),
        }
    }

    fn assert_statement(&mut self, test: &Expr, message: Option<&Expr>) {
        if self.unit.options.optimisation > 0 {
            return;
        }
        if let Expr::Tuple(tuple) = test
            && !tuple.elts.is_empty()
        {
            self.unit.findings.warning(
                "assert-on-tuple",
                tuple.range,
                "assertion is always true, perhaps remove parentheses?",
            );
        }
        let end = self.code.new_label();
        self.condition(test, true, end);
        let class = self.name("AssertionError");
        self.code.named(Opcode::LoadGlobal, class);
        if let Some(message) = message {
            self.expression(message);
            self.code.counted(Opcode::CallFunction, 1);
        }
        self.code.plain(Opcode::RaiseObj);
        self.code.place(end);
    }
}
