//! Class definitions.

use mpy::Opcode;

use crate::Target;
use crate::ast::{Arguments, Expr, Ranged, StmtClassDef, mark};
use crate::lower::{Lower, Signature};
use crate::scope::Place;
use crate::value::Value;

impl Lower<'_, '_> {
    pub(super) fn class_definition(&mut self, class: &StmtClassDef) {
        let Some(decorators) = self.decorators(&class.decorator_list) else { return };
        let Some(scope) = mark(&class.node_index) else { return };
        if let Some(keyword) = class.arguments.as_ref().and_then(|arguments| arguments.keywords.first())
            && self.unit.options.target == Target::Stock
        {
            self.unit
                .findings
                .error("class-keyword", keyword.range(), "stock MicroPython takes no keyword arguments in a class")
                .help("compile with `--target upy`, or set what the keyword would set after the class");
        }
        let name = self.name(class.name.as_str());
        self.line_of(class.name.range());
        self.code.plain(Opcode::LoadBuildClass);
        let mut inner = Lower::new(self.unit, scope);
        inner.class_body(class);
        let code = inner.finish_closure(name, class.range, Signature::default());
        self.make(code, scope, false);
        self.code.constant(Value::str(class.name.as_str()));
        match &class.arguments {
            Some(arguments) if class.type_params.is_some() => {
                self.call_with(&without_type_arguments(arguments), false, 2)
            }
            Some(arguments) => self.call_with(arguments, false, 2),
            None => self.code.counted(Opcode::CallFunction, 2),
        }
        self.apply_decorators(decorators);
        self.store_name(name);
    }

    /// The code that fills a class's dictionary and returns its `__class__` cell, if methods need one.
    fn class_body(&mut self, class: &StmtClassDef) {
        let [module_name, module, qualified] = ["__name__", "__module__", "__qualname__"].map(|text| self.name(text));
        self.code.named(Opcode::LoadName, module_name);
        self.code.named(Opcode::StoreName, module);
        self.code.constant(Value::str(class.name.as_str()));
        self.code.named(Opcode::StoreName, qualified);
        self.body(&class.body);
        let cell = self.name("__class__");
        match self
            .unit
            .scopes
            .list
            .get(self.scope)
            .and_then(|scope| scope.cells.contains(&cell).then(|| scope.slots.get(&cell).copied()).flatten())
        {
            Some(slot) => self.code.counted(Opcode::LoadFastN, slot),
            None => self.code.constant(Value::None),
        }
        self.code.plain(Opcode::ReturnValue);
    }

    /// True when a name is read straight from a local, so that reading it runs no code.
    pub(super) fn is_plain_local(&mut self, text: &str) -> bool {
        let name = self.name(text);
        matches!(self.place(name), Place::Fast(_))
    }
}

/// The bases of a generic class as they are at run time: what stands in their brackets is for type checkers, and so are
/// the bases `Generic[...]` and `Protocol[...]`.
fn without_type_arguments(arguments: &Arguments) -> Arguments {
    let is_for_checkers =
        |base: &Expr| matches!(base, Expr::Name(name) if matches!(name.id.as_str(), "Generic" | "Protocol"));
    let bases = arguments.args.iter().filter_map(|base| match base {
        Expr::Subscript(subscript) if is_for_checkers(&subscript.value) => None,
        Expr::Subscript(subscript) => Some((*subscript.value).clone()),
        other => Some(other.clone()),
    });
    Arguments { args: bases.collect(), ..arguments.clone() }
}
