//! Diagnostics as plain data: the compiler reports, the host decides how to show it.

use crate::ast::TextRange;
use crate::source::Source;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// No code object was made.
    Error,
    /// Compiled, but probably not what was meant.
    Warning,
    /// Compiled; something worth knowing.
    Note,
}

/// One finding about the source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name of the kind of finding, such as `return-outside-function`.
    pub code: &'static str,
    /// What is wrong, one sentence without a final stop.
    pub message: String,
    /// What to write instead, when that is known.
    pub help: Option<String>,
    /// Byte offsets of the first byte and of the one after the last, in the source as given.
    pub span: (usize, usize),
    /// Line of the span's start, from 1.
    pub line: u32,
    /// Column of the span's start in characters, from 1.
    pub column: u32,
}

/// A finding before its position is worked out.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) range: TextRange,
}

/// Collects findings while a source is compiled.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
}

/// More than this many findings help nobody, and hostile input could ask for millions.
const FINDINGS_MAXIMUM: usize = 200;

impl Findings {
    /// Records an error.
    pub(crate) fn error(&mut self, code: &'static str, range: TextRange, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Error, code, range, message.into())
    }

    /// Records a warning.
    pub(crate) fn warning(&mut self, code: &'static str, range: TextRange, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Warning, code, range, message.into())
    }

    /// Records something worth knowing.
    pub(crate) fn note(&mut self, code: &'static str, range: TextRange, message: impl Into<String>) -> &mut Self {
        self.push(Severity::Note, code, range, message.into())
    }

    /// Adds to the latest finding what to write instead.
    pub(crate) fn help(&mut self, help: impl Into<String>) {
        if let Some(last) = self.list.last_mut() {
            last.help = Some(help.into());
        }
    }

    /// Takes over what was found elsewhere.
    pub(crate) fn append(&mut self, other: Findings) {
        self.list.extend(other.list);
    }

    /// True when an error was recorded.
    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn push(&mut self, severity: Severity, code: &'static str, range: TextRange, message: String) -> &mut Self {
        let again = self.list.iter().any(|old| old.range == range && old.code == code);
        if !again && self.list.len() < FINDINGS_MAXIMUM {
            self.list.push(Finding { severity, code, message, help: None, range });
        }
        self
    }

    /// The findings with their positions, in source order.
    pub(crate) fn into_diagnostics(mut self, source: &Source) -> Vec<Diagnostic> {
        self.list.sort_by_key(|finding| (finding.range.start(), finding.range.end()));
        self.list
            .into_iter()
            .map(|finding| {
                let (line, column) = source.position(finding.range.start());
                Diagnostic {
                    severity: finding.severity,
                    code: finding.code,
                    message: finding.message,
                    help: finding.help.or_else(|| usual_help(finding.code).map(String::from)),
                    span: source.span(finding.range),
                    line,
                    column,
                }
            })
            .collect()
    }
}

/// What helps with most findings of a kind.
fn usual_help(code: &str) -> Option<&'static str> {
    Some(match code {
        "annotated-global" => "annotate the variable where the module or the outer function assigns it",
        "argument-order" => "put positional arguments first, then keywords, then `**`",
        "assert-on-tuple" => "write `assert condition, message` without parentheses",
        "assign-to-debug" => "`__debug__` is fixed by the optimisation level",
        "async-outside-function" | "await-outside-function" => "put it into an `async def` function",
        "break-outside-loop" | "continue-outside-loop" => {
            "it belongs inside a `for` or `while` loop of the same function"
        }
        "chain-too-long" | "too-many-operators" => "split the expression and name its parts",
        "declared-after-use" => "move the declaration to the start of the function",
        "declared-parameter" => "rename the parameter",
        "default-except-not-last" => "move the bare `except:` behind the others",
        "different-pattern-captures" => "capture the same names in all alternatives",
        "duplicate-argument" => "rename one of the parameters",
        "duplicate-keyword-argument" => "pass each keyword once",
        "f-string" | "t-string" => "write `{{` and `}}` for braces that are meant as text",
        "functions-too-deep" | "too-many-indents" => "move the inner functions or blocks out",
        "import-star-not-at-module-level" => "import the names that are needed one by one",
        "indentation" => "indent all lines of a block by the same blanks",
        "invalid-assignment-target" => "assign to a name, an attribute, an item, or a tuple or list of these",
        "invalid-delete-target" => "delete names, attributes or items",
        "late-future-import" => "move it to the top of the file",
        "multiple-starred-targets" => "star one target only",
        "name-too-long" => "shorten the name",
        "native-as-bytecode" => "the program does the same, only slower than native code would",
        "nonlocal-and-global" => "keep one of the declarations",
        "nonlocal-at-module-level" => "use `global`, or remove the declaration",
        "nonlocal-without-binding" => "assign the variable in an enclosing function first",
        "nul-byte" => "the file is damaged, or no text",
        "parameter-order" => "order parameters as: plain, with defaults, `*args`, keyword-only, `**kwargs`",
        "return-outside-function" => "put the code into a function; `sys.exit()` ends a program",
        "starred-expression" => "put it into a list, tuple or set, or into the arguments of a call",
        "starred-target" => "write `*name, = value`",
        "super-without-self" => "give the method a first parameter, or write `super(Class, self)`",
        "too-many-blocks" | "too-many-brackets" => "split it into steps",
        "too-many-cells" | "too-many-locals" => "keep some of the variables in an object or a list",
        "type-alias-at-run-time" => "assign the type to the name with `=`",
        "unexpected-end" => "close the bracket, string or block that is still open",
        "unknown-decorator" => "there are `bytecode` and `native` (and `viper` and `asm_...`, which need mpy-cross)",
        "unknown-future-feature" => "remove the import",
        "unreachable-patterns" => "move this case to the end",
        "unterminated-string" => "add the closing quote, or use triple quotes for text of several lines",
        "walrus-in-class-comprehension" | "walrus-in-iterable" => "assign before the comprehension",
        "walrus-rebinds-iteration-variable" => "choose another name",
        "yield-outside-function" => "`yield` belongs into a function or lambda of its own",
        _ => return None,
    })
}
