//! Whether a REPL entry is complete.

use crate::ast;
use crate::error::Findings;
use crate::limits;

/// Words that start a statement with a body.
const COMPOUND: [&str; 10] = ["if", "while", "for", "try", "with", "def", "class", "async", "match", "@"];

/// True when more lines must follow before the text can be compiled: a bracket or a triple-quoted string is open, the
/// last line ends with a backslash, or a compound statement was not ended by an empty line.
pub fn is_incomplete(source: &str) -> bool {
    let scan = limits::scan(source);
    let mut findings = Findings::default();
    limits::check(source, &mut findings);
    if findings.has_errors() {
        return false;
    }
    let ending = scan.ending;
    if ending.in_triple_quotes || ending.after_backslash {
        return true;
    }
    if ending.in_bracket {
        // An error in the text so far does not become better with more of it.
        return true;
    }
    let last_line = source.rsplit('\n').next().unwrap_or("");
    let lacks_body = source.trim_end().ends_with(':') && !source.ends_with("\n\n");
    let ended = source.contains('\n') && last_line.trim().is_empty() && !lacks_body;
    if ended {
        return false;
    }
    // The last statement at the left margin decides.
    let head = source
        .lines()
        .rfind(|line| line.starts_with(|first: char| !first.is_whitespace() && !matches!(first, '#' | ')' | ']' | '}')))
        .unwrap_or("");
    if !starts_compound(head) {
        return false;
    }
    if head.starts_with("match") {
        // `match` is a name as well.
        return head.trim_end().ends_with(':') || source.lines().count() > 1;
    }
    ast::ends_early(source) || source.trim_end().lines().count() >= 1
}

fn starts_compound(line: &str) -> bool {
    COMPOUND.iter().chain(&["elif", "else", "except", "finally", "case"]).any(|word| {
        line.strip_prefix(word)
            .is_some_and(|rest| *word == "@" || !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    })
}
