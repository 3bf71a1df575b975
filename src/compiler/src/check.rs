//! Syntax errors that need no scopes but more than the grammar: the parser crate's checker, told what is around each
//! node.

use std::cell::RefCell;

use crate::ast::{
    Expr, LazyImportContext, PythonVersion, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError,
    SemanticSyntaxErrorKind, Stmt, TextRange, Tree, Visitor, walk_expr, walk_stmt,
};
use crate::error::Findings;

/// Reports what the checker finds. Names and where statements may stand are checked where scopes are known.
pub(crate) fn check(tree: &Tree, source: &str, findings: &mut Findings) {
    let mut walker =
        Walker { checker: SemanticSyntaxChecker::new(), context: Context { source, errors: RefCell::default() } };
    match tree {
        Tree::Module(body) => walker.visit_body(body),
        Tree::Expression(expression) => walker.visit_expr(expression),
    }
    for error in walker.context.errors.into_inner() {
        if let Some(code) = code_of(&error.kind) {
            findings.error(code, error.range, error.to_string());
        }
    }
}

/// The stable code of a finding; `None` for those that are decided elsewhere.
fn code_of(kind: &SemanticSyntaxErrorKind) -> Option<&'static str> {
    use SemanticSyntaxErrorKind as K;
    Some(match kind {
        K::LateFutureImport => "late-future-import",
        K::FutureFeatureNotDefined(_) => "unknown-future-feature",
        K::DuplicateTypeParameter => "duplicate-type-parameter",
        K::TypeParameterDefaultOrder(_) => "type-parameter-order",
        K::MultipleCaseAssignment(_) => "multiple-pattern-captures",
        K::IrrefutableCasePattern(_) => "unreachable-patterns",
        K::SingleStarredAssignment => "starred-target",
        K::WriteToDebug(_) => "assign-to-debug",
        K::DuplicateMatchKey(_) => "duplicate-pattern-key",
        K::DuplicateMatchClassAttribute(_) => "duplicate-pattern-attribute",
        K::InvalidStarExpression => "starred-expression",
        K::MultipleStarredExpressions => "multiple-starred-targets",
        K::DifferentMatchPatternBindings => "different-pattern-captures",
        _ => return None,
    })
}

struct Walker<'a> {
    checker: SemanticSyntaxChecker,
    context: Context<'a>,
}

impl<'a> Visitor<'a> for Walker<'_> {
    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.checker.visit_stmt(statement, &self.context);
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.checker.visit_expr(expression, &self.context);
        walk_expr(self, expression);
    }
}

/// Answers that keep the checker from reporting what scopes decide.
struct Context<'a> {
    source: &'a str,
    errors: RefCell<Vec<SemanticSyntaxError>>,
}

impl SemanticSyntaxContext for Context<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        false
    }

    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        None
    }

    fn python_version(&self) -> PythonVersion {
        PythonVersion::PY314
    }

    fn source(&self) -> &str {
        self.source
    }

    fn global(&self, _: &str) -> Option<TextRange> {
        None
    }

    fn has_nonlocal_binding(&self, _: &str) -> bool {
        true
    }

    fn in_async_context(&self) -> bool {
        true
    }

    fn in_await_allowed_context(&self) -> bool {
        true
    }

    fn in_yield_allowed_context(&self) -> bool {
        true
    }

    fn in_sync_comprehension(&self) -> bool {
        false
    }

    fn in_module_scope(&self) -> bool {
        true
    }

    fn in_function_scope(&self) -> bool {
        true
    }

    fn in_generator_context(&self) -> bool {
        false
    }

    fn in_notebook(&self) -> bool {
        false
    }

    fn in_loop_context(&self) -> bool {
        true
    }

    fn is_bound_parameter(&self, _: &str) -> bool {
        false
    }

    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        self.errors.borrow_mut().push(error);
    }
}
