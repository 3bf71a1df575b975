//! Turns the tree into intermediate code, one file per kind of construct. What cannot be lowered is reported, never
//! approximated.

mod arguments;
mod assignments;
mod asynchronous;
mod build;
mod classes;
mod collections;
mod comprehensions;
mod constants;
mod exceptions;
mod expressions;
mod flow;
mod functions;
mod helpers;
mod imports;
mod matching;
mod statements;
mod strings;
mod templates;

use std::collections::HashMap;

use mpy::Opcode;

use crate::Options;
use crate::ast::{Ranged, TextRange, Tree};
use crate::code::{Code, Label, Name, Names};
use crate::error::Findings;
use crate::lower::build::Builder;
use crate::scope::{Kind, Place, Scopes};
use crate::source::Source;
use crate::value::Value;

/// More exception blocks inside each other than this the executor refuses (and an unwind's operand counts to 127).
const BLOCKS_MAXIMUM: u32 = mpy::verify::BLOCKS_MAX as u32;

/// What all functions of a source share.
pub(crate) struct Unit<'a> {
    pub(crate) source: &'a Source,
    pub(crate) options: &'a Options,
    pub(crate) names: &'a mut Names,
    pub(crate) scopes: &'a Scopes,
    pub(crate) findings: &'a mut Findings,
    /// Values of names that `const()` defined so far.
    pub(crate) constants: HashMap<Name, Value>,
}

/// The loop that `break` and `continue` belong to.
#[derive(Clone, Copy, Debug)]
struct Loop {
    after: Label,
    next: Label,
    /// Exception blocks open around the loop.
    blocks: u32,
    /// Operands on the stack where `after` and `next` are.
    depth_after: u32,
    depth_next: u32,
    /// `break` pops a `for` loop's iterator.
    has_iterator: bool,
}

/// Lowers one function (or class body, or module).
struct Lower<'u, 'a> {
    unit: &'u mut Unit<'a>,
    scope: usize,
    code: Builder,
    children: Vec<Code>,
    innermost_loop: Option<Loop>,
    /// Number of the next local for the compiler's own use.
    next_local: u32,
    /// Most locals needed anywhere.
    n_locals: u32,
}

/// Lowers a whole source.
pub(crate) fn lower(tree: &Tree, unit: &mut Unit<'_>) -> Code {
    let name = unit.names.of("<module>");
    let mut module = Lower::new(unit, 0);
    match tree {
        Tree::Module(body) => {
            module.body(body);
            module.code.constant(Value::None);
        }
        Tree::Expression(expression) => {
            module.line_of(expression.range());
            module.expression(expression);
        }
    }
    module.code.plain(Opcode::ReturnValue);
    module.finish(name, TextRange::default(), Signature::default())
}

/// The part of a function's prelude that comes from its parameters.
#[derive(Default)]
struct Signature {
    scope_flags: u8,
    n_pos_args: u32,
    n_kwonly_args: u32,
    n_def_pos_args: u32,
    arg_names: Vec<Name>,
}

impl<'u, 'a> Lower<'u, 'a> {
    fn new(unit: &'u mut Unit<'a>, scope: usize) -> Lower<'u, 'a> {
        let n_locals = unit.scopes.list.get(scope).map_or(0, |scope| scope.n_locals);
        Lower {
            unit,
            scope,
            code: Builder::new(),
            children: Vec::new(),
            innermost_loop: None,
            next_local: n_locals,
            n_locals,
        }
    }

    fn kind(&self) -> Kind {
        self.unit.scopes.list.get(self.scope).map_or(Kind::Module, |scope| scope.kind)
    }

    fn finish(self, name: Name, range: TextRange, signature: Signature) -> Code {
        let scope = self.unit.scopes.list.get(self.scope);
        let slots = scope.map(|scope| {
            let mut cells: Vec<u16> = scope
                .cells
                .iter()
                .filter_map(|name| scope.slots.get(name).and_then(|slot| u16::try_from(*slot).ok()))
                .collect();
            cells.sort_unstable();
            cells
        });
        if self.code.inconsistent && !self.unit.findings.has_errors() {
            let message = "the operand stack of this function is inconsistent: please report it";
            self.unit.findings.error("internal", range, message);
        }
        let labels = self.code.label_count();
        Code {
            name,
            scope_flags: signature.scope_flags,
            n_pos_args: signature.n_pos_args,
            n_kwonly_args: signature.n_kwonly_args,
            n_def_pos_args: signature.n_def_pos_args,
            arg_names: signature.arg_names,
            cells: slots.unwrap_or_default(),
            n_locals: self.n_locals,
            stack_words: self.code.stack_words,
            n_exc_stack: self.code.blocks_most,
            body: self.code.body,
            labels,
            children: self.children,
            range,
        }
    }

    /// A local of its own for the compiler's use.
    fn new_local(&mut self) -> u32 {
        self.next_local += 1;
        self.n_locals = self.n_locals.max(self.next_local);
        self.next_local - 1
    }

    fn name(&mut self, text: &str) -> Name {
        self.unit.names.of(text)
    }

    /// What follows belongs to the line on which the range starts.
    fn line_of(&mut self, range: TextRange) {
        let line = self.unit.source.line(range.start());
        self.code.set_line(line);
    }

    /// True when line numbers are kept.
    fn has_lines(&self) -> bool {
        !self.unit.options.strip && self.unit.options.optimisation < 3
    }

    fn unsupported(&mut self, range: TextRange, what: &str) {
        self.unit.findings.error("not-supported-yet", range, format!("{what} is not supported yet"));
    }

    fn place(&self, name: Name) -> Place {
        self.unit.scopes.place(self.scope, name)
    }

    fn load_name(&mut self, name: Name) {
        match self.place(name) {
            Place::Fast(local) => self.code.counted(Opcode::LoadFastN, local),
            Place::Deref(local) => self.code.counted(Opcode::LoadDeref, local),
            Place::Global => self.code.named(Opcode::LoadGlobal, name),
            Place::Name => self.code.named(Opcode::LoadName, name),
        }
    }

    fn store_name(&mut self, name: Name) {
        match self.place(name) {
            Place::Fast(local) => self.code.counted(Opcode::StoreFastN, local),
            Place::Deref(local) => self.code.counted(Opcode::StoreDeref, local),
            Place::Global => self.code.named(Opcode::StoreGlobal, name),
            Place::Name => self.code.named(Opcode::StoreName, name),
        }
    }

    fn delete_name(&mut self, name: Name) {
        match self.place(name) {
            Place::Fast(local) => self.code.counted(Opcode::DeleteFast, local),
            Place::Deref(local) => self.code.counted(Opcode::DeleteDeref, local),
            Place::Global => self.code.named(Opcode::DeleteGlobal, name),
            Place::Name => self.code.named(Opcode::DeleteName, name),
        }
    }

    fn store_text(&mut self, text: &str) {
        let name = self.name(text);
        self.store_name(name);
    }

    /// Opens an exception block, unless too many are open.
    fn open_block(&mut self, opcode: Opcode, handler: Label, range: TextRange) {
        self.code.open_block(opcode, handler);
        if self.code.blocks == BLOCKS_MAXIMUM + 1 {
            let message = format!("more than {BLOCKS_MAXIMUM} try and with blocks inside each other");
            self.unit.findings.error("too-many-blocks", range, message);
        }
    }
}
