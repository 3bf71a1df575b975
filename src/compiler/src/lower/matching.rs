//! `match` statements. The subject and its parts are kept in locals of the compiler's own, so that the operand stack
//! is the same wherever a pattern fails; captured names are bound when the whole pattern has matched.

use mpy::{BinaryOperator, Opcode};

use crate::ast::{Expr, Pattern, PatternMatchClass, PatternMatchMapping, Singleton, StmtMatch, TextRange};
use crate::code::{Label, Name};
use crate::lower::Lower;
use crate::value::Value;

/// Most items on one side of a starred pattern.
const UNPACK_SIDE_MAXIMUM: usize = 255;

/// Builtin classes whose single positional pattern is matched against the subject itself.
const SELF_MATCHING: [&str; 11] =
    ["bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"];

/// Names that a pattern captures, with the locals their values wait in.
type Captures = Vec<(Name, u32)>;

impl Lower<'_, '_> {
    pub(super) fn match_statement(&mut self, one: &StmtMatch) {
        let base = self.next_local;
        self.expression(&one.subject);
        let subject = self.new_local();
        self.code.counted(Opcode::StoreFastN, subject);
        let missing = one.cases.iter().any(|case| reads_attributes(&case.pattern)).then(|| {
            // What stands for an attribute that is not there: an object that nothing else can be.
            let local = self.new_local();
            self.code.counted(Opcode::BuildList, 0);
            self.code.counted(Opcode::StoreFastN, local);
            local
        });
        let kept = self.next_local;
        let end = self.code.new_label();
        for case in &one.cases {
            let next = self.code.new_label();
            self.line_of(case.range);
            let mut captures = Captures::new();
            let frame = Frame { fail: next, missing };
            self.pattern(&case.pattern, subject, frame, &mut captures);
            for (name, local) in captures {
                self.code.counted(Opcode::LoadFastN, local);
                self.store_name(name);
            }
            self.next_local = kept;
            if let Some(guard) = &case.guard {
                self.condition(guard, false, next);
            }
            self.body(&case.body);
            self.code.jump(Opcode::Jump, end);
            self.code.place(next);
        }
        self.code.place(end);
        self.next_local = base;
    }

    /// Goes on when the pattern matches what is in the local, else jumps to the frame's label.
    fn pattern(&mut self, pattern: &Pattern, subject: u32, frame: Frame, captures: &mut Captures) {
        match pattern {
            Pattern::MatchValue(value) => {
                self.code.counted(Opcode::LoadFastN, subject);
                self.expression(&value.value);
                self.code.binary(BinaryOperator::Equal);
                self.code.jump(Opcode::PopJumpIfFalse, frame.fail);
            }
            Pattern::MatchSingleton(one) => {
                self.code.counted(Opcode::LoadFastN, subject);
                self.code.constant(match one.value {
                    Singleton::None => Value::None,
                    Singleton::True => Value::True,
                    Singleton::False => Value::False,
                });
                self.code.binary(BinaryOperator::Is);
                self.code.jump(Opcode::PopJumpIfFalse, frame.fail);
            }
            Pattern::MatchSequence(sequence) => {
                self.sequence_pattern(&sequence.patterns, sequence.range, subject, frame, captures);
            }
            Pattern::MatchMapping(mapping) => self.mapping_pattern(mapping, subject, frame, captures),
            Pattern::MatchClass(class) => self.class_pattern(class, subject, frame, captures),
            Pattern::MatchStar(star) => {
                self.unit.findings.error("star-pattern", star.range, "star pattern outside a sequence pattern");
            }
            Pattern::MatchAs(capture) => {
                if let Some(inner) = &capture.pattern {
                    self.pattern(inner, subject, frame, captures);
                }
                if let Some(name) = &capture.name {
                    let name = self.name(name.as_str());
                    captures.push((name, subject));
                }
            }
            Pattern::MatchOr(alternatives) => self.or_pattern(&alternatives.patterns, subject, frame, captures),
        }
    }

    fn or_pattern(&mut self, alternatives: &[Pattern], subject: u32, frame: Frame, captures: &mut Captures) {
        let matched = self.code.new_label();
        let last = alternatives.len().saturating_sub(1);
        // Each alternative finds the same names in other places: give each name one place.
        let mut places: Captures = Vec::new();
        for (index, alternative) in alternatives.iter().enumerate() {
            let next = if index == last { frame.fail } else { self.code.new_label() };
            let mut own = Captures::new();
            self.pattern(alternative, subject, Frame { fail: next, ..frame }, &mut own);
            for (name, local) in own {
                let place = match places.iter().find(|(known, _)| *known == name) {
                    Some((_, place)) => *place,
                    None => {
                        let place = self.new_local();
                        places.push((name, place));
                        place
                    }
                };
                self.code.counted(Opcode::LoadFastN, local);
                self.code.counted(Opcode::StoreFastN, place);
            }
            if index < last {
                self.code.jump(Opcode::Jump, matched);
                self.code.place(next);
            }
        }
        self.code.place(matched);
        captures.extend(places);
    }

    /// `isinstance(subject, classes)`, or on to the next case.
    fn expect_instance(&mut self, subject: u32, classes: &[&str], frame: Frame) {
        self.load_builtin("isinstance");
        self.code.counted(Opcode::LoadFastN, subject);
        for class in classes {
            self.load_builtin(class);
        }
        if classes.len() > 1 {
            self.code.counted(Opcode::BuildTuple, u32::try_from(classes.len()).unwrap_or(0));
        }
        self.code.counted(Opcode::CallFunction, 2);
        self.code.jump(Opcode::PopJumpIfFalse, frame.fail);
    }

    fn expect_length(&mut self, subject: u32, length: usize, operator: BinaryOperator, frame: Frame) {
        self.load_builtin("len");
        self.code.counted(Opcode::LoadFastN, subject);
        self.code.counted(Opcode::CallFunction, 1);
        self.code.small_int(i64::try_from(length).unwrap_or(i64::MAX));
        self.code.binary(operator);
        self.code.jump(Opcode::PopJumpIfFalse, frame.fail);
    }

    fn sequence_pattern(
        &mut self,
        patterns: &[Pattern],
        range: TextRange,
        subject: u32,
        frame: Frame,
        captures: &mut Captures,
    ) {
        self.expect_instance(subject, &["list", "tuple", "range"], frame);
        let star = patterns.iter().position(|pattern| matches!(pattern, Pattern::MatchStar(_)));
        let others = patterns.len() - usize::from(star.is_some());
        match star {
            Some(_) if others == 0 => {}
            Some(_) => self.expect_length(subject, others, BinaryOperator::MoreEqual, frame),
            None => self.expect_length(subject, others, BinaryOperator::Equal, frame),
        }
        if patterns.iter().all(is_wildcard) {
            return;
        }
        self.code.counted(Opcode::LoadFastN, subject);
        match star {
            Some(left) => {
                let right = patterns.len() - left - 1;
                if left > UNPACK_SIDE_MAXIMUM || right > UNPACK_SIDE_MAXIMUM {
                    let message = format!("more than {UNPACK_SIDE_MAXIMUM} patterns on one side of a starred one");
                    self.unit.findings.error("too-many-targets", range, message);
                    return;
                }
                self.code.counted(Opcode::UnpackEx, u32::try_from(left | right << 8).unwrap_or(0));
            }
            None => self.code.counted(Opcode::UnpackSequence, u32::try_from(patterns.len()).unwrap_or(u32::MAX)),
        }
        // First take all parts off the stack: then the patterns may fail.
        let mut parts = Vec::new();
        for pattern in patterns {
            if is_wildcard(pattern) {
                self.code.plain(Opcode::PopTop);
                continue;
            }
            let part = self.new_local();
            self.code.counted(Opcode::StoreFastN, part);
            parts.push((pattern, part));
        }
        for (pattern, part) in parts {
            match pattern {
                Pattern::MatchStar(star) => {
                    if let Some(name) = &star.name {
                        let name = self.name(name.as_str());
                        captures.push((name, part));
                    }
                }
                other => self.pattern(other, part, frame, captures),
            }
        }
    }

    fn mapping_pattern(&mut self, mapping: &PatternMatchMapping, subject: u32, frame: Frame, captures: &mut Captures) {
        self.expect_instance(subject, &["dict"], frame);
        let mut keys = Vec::new();
        let mut parts = Vec::new();
        for key in &mapping.keys {
            // A key is evaluated once, in order; constants cost nothing to repeat.
            let local = if self.constant_of(key).is_some() {
                None
            } else {
                self.expression(key);
                let local = self.new_local();
                self.code.counted(Opcode::StoreFastN, local);
                Some(local)
            };
            keys.push((key, local));
        }
        for (key, local) in &keys {
            self.load_key(key, *local);
            self.code.counted(Opcode::LoadFastN, subject);
            self.code.binary(BinaryOperator::In);
            self.code.jump(Opcode::PopJumpIfFalse, frame.fail);
        }
        for ((key, local), pattern) in keys.iter().zip(&mapping.patterns) {
            if is_wildcard(pattern) {
                continue;
            }
            self.code.counted(Opcode::LoadFastN, subject);
            self.load_key(key, *local);
            self.code.plain(Opcode::LoadSubscr);
            let part = self.new_local();
            self.code.counted(Opcode::StoreFastN, part);
            parts.push((pattern, part));
        }
        for (pattern, part) in parts {
            self.pattern(pattern, part, frame, captures);
        }
        if let Some(rest) = &mapping.rest {
            self.load_builtin("dict");
            self.code.counted(Opcode::LoadFastN, subject);
            self.code.counted(Opcode::CallFunction, 1);
            let local = self.new_local();
            self.code.counted(Opcode::StoreFastN, local);
            for (key, key_local) in &keys {
                self.code.plain(Opcode::LoadNull);
                self.code.counted(Opcode::LoadFastN, local);
                self.load_key(key, *key_local);
                self.code.plain(Opcode::StoreSubscr);
            }
            let name = self.name(rest.as_str());
            captures.push((name, local));
        }
    }

    fn load_key(&mut self, key: &Expr, local: Option<u32>) {
        match local {
            Some(local) => self.code.counted(Opcode::LoadFastN, local),
            None => self.expression(key),
        }
    }

    fn class_pattern(&mut self, pattern: &PatternMatchClass, subject: u32, frame: Frame, captures: &mut Captures) {
        self.expression(&pattern.cls);
        let class = self.new_local();
        self.code.counted(Opcode::StoreFastN, class);
        self.load_builtin("isinstance");
        self.code.counted(Opcode::LoadFastN, subject);
        self.code.counted(Opcode::LoadFastN, class);
        self.code.counted(Opcode::CallFunction, 2);
        self.code.jump(Opcode::PopJumpIfFalse, frame.fail);
        let mut parts = Vec::new();
        match pattern.arguments.patterns.as_slice() {
            [] => {}
            [only] if self.matches_itself(&pattern.cls) => parts.push((only, subject)),
            patterns => {
                for (index, inner) in patterns.iter().enumerate() {
                    self.load_builtin("getattr");
                    self.code.counted(Opcode::LoadFastN, subject);
                    self.code.counted(Opcode::LoadFastN, class);
                    let match_args = self.name("__match_args__");
                    self.code.named(Opcode::LoadAttr, match_args);
                    self.code.small_int(i64::try_from(index).unwrap_or(i64::MAX));
                    self.code.plain(Opcode::LoadSubscr);
                    parts.push((inner, self.attribute_or_fail(frame)));
                }
            }
        }
        for keyword in &pattern.arguments.keywords {
            self.load_builtin("getattr");
            self.code.counted(Opcode::LoadFastN, subject);
            self.code.constant(Value::str(keyword.attr.as_str()));
            parts.push((&keyword.pattern, self.attribute_or_fail(frame)));
        }
        for (pattern, part) in parts {
            self.pattern(pattern, part, frame, captures);
        }
    }

    /// Finishes a call of `getattr`: its result goes to a new local, or matching fails when there is no attribute.
    fn attribute_or_fail(&mut self, frame: Frame) -> u32 {
        let missing = frame.missing.unwrap_or(0);
        self.code.counted(Opcode::LoadFastN, missing);
        self.code.counted(Opcode::CallFunction, 3);
        let part = self.new_local();
        self.code.plain(Opcode::DupTop);
        self.code.counted(Opcode::StoreFastN, part);
        self.code.counted(Opcode::LoadFastN, missing);
        self.code.binary(BinaryOperator::Is);
        self.code.jump(Opcode::PopJumpIfTrue, frame.fail);
        part
    }

    fn matches_itself(&mut self, class: &Expr) -> bool {
        let Expr::Name(name) = class else { return false };
        let text = name.id.as_str();
        let name = self.name(text);
        SELF_MATCHING.contains(&text) && self.unit.scopes.is_builtin(self.scope, name)
    }

    /// Pushes a builtin, whatever the program uses its name for.
    pub(super) fn load_builtin(&mut self, text: &str) {
        let name = self.name(text);
        if self.unit.scopes.is_builtin(self.scope, name) {
            self.code.named(Opcode::LoadGlobal, name);
            return;
        }
        let builtins = self.name("builtins");
        self.code.small_int(0);
        self.code.constant(Value::None);
        self.code.named(Opcode::ImportName, builtins);
        self.code.named(Opcode::LoadAttr, name);
    }
}

/// Where a pattern goes when it fails, and what stands for missing attributes.
#[derive(Clone, Copy)]
struct Frame {
    fail: Label,
    missing: Option<u32>,
}

/// True for `_` and `*_`.
fn is_wildcard(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(capture) => capture.pattern.is_none() && capture.name.is_none(),
        Pattern::MatchStar(star) => star.name.is_none(),
        _ => false,
    }
}

/// True when a pattern reads attributes.
fn reads_attributes(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) | Pattern::MatchStar(_) => false,
        Pattern::MatchSequence(sequence) => sequence.patterns.iter().any(reads_attributes),
        Pattern::MatchMapping(mapping) => mapping.patterns.iter().any(reads_attributes),
        Pattern::MatchClass(class) => !class.arguments.patterns.is_empty() || !class.arguments.keywords.is_empty(),
        Pattern::MatchAs(capture) => capture.pattern.as_deref().is_some_and(reads_attributes),
        Pattern::MatchOr(or) => or.patterns.iter().any(reads_attributes),
    }
}
