//! The wall around the parser: the only file that names the parser's crates.
//!
//! Everything else uses the tree through the names re-exported here, so that another parser means changing this file.

pub(crate) use rustpython_ast::visitor::{Visitor, walk_expr, walk_pattern, walk_stmt};
pub(crate) use rustpython_ast::{
    Alias, Arguments, AtomicNodeIndex, BoolOp, CmpOp, Comprehension, ConversionFlag, Decorator, ExceptHandler, Expr,
    ExprAttribute, ExprCall, ExprContext, ExprDict, ExprFString, ExprLambda, ExprSlice, ExprTString, FStringPart,
    InterpolatedElement, InterpolatedStringElement, NodeIndex, Number, Operator, Parameters, Pattern,
    PatternMatchClass, PatternMatchMapping, PythonVersion, Singleton, Stmt, StmtAnnAssign, StmtAssign, StmtAugAssign,
    StmtClassDef, StmtFor, StmtFunctionDef, StmtIf, StmtImport, StmtImportFrom, StmtMatch, StmtTry, StmtWhile,
    StmtWith, StringLiteral, StringLiteralValue, UnaryOp, WithItem,
};
pub(crate) use rustpython_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError, SemanticSyntaxErrorKind,
};
pub(crate) use rustpython_text_size::{Ranged, TextRange, TextSize};

use rustpython_parser::{LexicalErrorType, ParseErrorType, ParseOptions};

use crate::error::Findings;

/// The Python that the parser accepts: the newest it knows.
const VERSION: PythonVersion = PythonVersion::PY314;

/// A parsed source.
#[derive(Debug)]
pub(crate) enum Tree {
    /// Statements.
    Module(Vec<Stmt>),
    /// One expression.
    Expression(Box<Expr>),
}

/// Parses a module, or one expression; all syntax errors of the file are reported.
pub(crate) fn parse(text: &str, expression: bool, findings: &mut Findings) -> Tree {
    let mode = if expression { rustpython_parser::Mode::Expression } else { rustpython_parser::Mode::Module };
    let parsed = rustpython_parser::parse_unchecked(text, ParseOptions::from(mode).with_target_version(VERSION));
    // The parser goes on behind an error, and stumbles: what else is wrong on the same line, or at the very end, is
    // most likely only a consequence.
    let mut last_line = None;
    for error in parsed.errors() {
        let at = usize::from(error.location.start());
        let line = text.get(..at).map_or(0, |before| before.bytes().filter(|byte| *byte == b'\n').count());
        let at_end = text.get(at..).is_none_or(|rest| rest.trim().is_empty());
        if last_line.is_some_and(|last| last == line || at_end) {
            continue;
        }
        last_line = Some(line);
        findings.error(code_of(&error.error), error.location, sentence(&error.error.to_string()));
    }
    for error in parsed.unsupported_syntax_errors() {
        findings.error("unsupported-syntax", error.range, sentence(&error.to_string()));
    }
    match parsed.into_syntax() {
        rustpython_ast::Mod::Module(module) => Tree::Module(module.body),
        rustpython_ast::Mod::Expression(expression) => Tree::Expression(expression.body),
    }
}

/// The parser's message as ours begin: with a small letter.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if !message.starts_with("IPython") => first.to_lowercase().chain(chars).collect(),
        _ => message.to_owned(),
    }
}

/// The stable code of a syntax error.
fn code_of(error: &ParseErrorType) -> &'static str {
    use ParseErrorType as E;
    match error {
        E::InvalidAssignmentTarget
        | E::InvalidNamedAssignmentTarget
        | E::InvalidAnnotatedAssignmentTarget
        | E::InvalidAugmentedAssignmentTarget => "invalid-assignment-target",
        E::InvalidDeleteTarget => "invalid-delete-target",
        E::DuplicateKeywordArgumentError(_) => "duplicate-keyword-argument",
        E::PositionalAfterKeywordArgument | E::PositionalAfterKeywordUnpacking | E::InvalidArgumentUnpackingOrder => {
            "argument-order"
        }
        E::ParamAfterVarKeywordParam
        | E::NonDefaultParamAfterDefaultParam
        | E::VarParameterWithDefault
        | E::ExpectedKeywordParam => "parameter-order",
        E::UnexpectedIndentation | E::Lexical(LexicalErrorType::IndentationError) => "indentation",
        E::FStringError(_) | E::Lexical(LexicalErrorType::FStringError(_)) => "f-string",
        E::TStringError(_) | E::Lexical(LexicalErrorType::TStringError(_)) => "t-string",
        E::Lexical(LexicalErrorType::UnclosedStringError | LexicalErrorType::StringError) => "unterminated-string",
        E::Lexical(LexicalErrorType::Eof) => "unexpected-end",
        E::Lexical(_) => "invalid-token",
        _ => "invalid-syntax",
    }
}

/// True for an error that says the text ended too early.
pub(crate) fn ends_early(text: &str) -> bool {
    let parsed = rustpython_parser::parse_unchecked(
        text,
        ParseOptions::from(rustpython_parser::Mode::Module).with_target_version(VERSION),
    );
    let end = text.trim_end().len();
    parsed.errors().iter().all(|error| usize::from(error.location.start()) >= end)
}

/// Notes a number on a tree node, to find what belongs to the node again.
pub(crate) fn set_mark(index: &AtomicNodeIndex, mark: usize) {
    if let Ok(mark) = u32::try_from(mark) {
        index.set(NodeIndex::from(mark));
    }
}

/// The number noted by [`set_mark`].
pub(crate) fn mark(index: &AtomicNodeIndex) -> Option<usize> {
    index.load().as_u32().map(|mark| mark as usize)
}
