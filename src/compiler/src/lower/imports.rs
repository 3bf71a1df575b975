//! Imports. Those that only type checkers need are left out.

use mpy::Opcode;

use crate::ast::{Alias, StmtImport, StmtImportFrom};
use crate::code::Instruction;
use crate::lower::Lower;
use crate::scope::Kind;
use crate::value::Value;

/// Modules whose names are for annotations.
const TYPING_MODULES: [&str; 2] = ["typing", "typing_extensions"];

impl Lower<'_, '_> {
    pub(super) fn import_statement(&mut self, import: &StmtImport) {
        for alias in &import.names {
            let full = alias.name.as_str();
            let bound =
                alias.asname.as_ref().map_or_else(|| full.split('.').next().unwrap_or(full), |name| name.as_str());
            if TYPING_MODULES.contains(&full) && self.is_never_read(bound) {
                continue;
            }
            self.code.small_int(0);
            self.code.constant(Value::None);
            let name = self.name(full);
            self.code.named(Opcode::ImportName, name);
            if alias.asname.is_some() {
                // The import gives the top package; the alias means the module named last.
                for part in full.split('.').skip(1) {
                    let part = self.name(part);
                    self.code.named(Opcode::LoadAttr, part);
                }
            }
            self.store_text(bound);
        }
    }

    pub(super) fn import_from_statement(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        if import.level == 0 && module == "__future__" {
            return;
        }
        let is_typing = import.level == 0 && TYPING_MODULES.contains(&module);
        let names: Vec<&Alias> = import.names.iter().filter(|alias| !(is_typing && self.drop_typing(alias))).collect();
        if names.is_empty() {
            return;
        }
        self.code.small_int(i64::from(import.level));
        for alias in &names {
            // Names that are stored anyway: a tuple constant would hold their text a second time.
            let name = self.name(alias.name.as_str());
            self.code.named(Opcode::LoadConstString, name);
        }
        self.code.push(Instruction::Gather(u32::try_from(names.len()).unwrap_or(u32::MAX)));
        let module = self.name(module);
        self.code.named(Opcode::ImportName, module);
        if names.iter().any(|alias| alias.name.as_str() == "*") {
            self.code.plain(Opcode::ImportStar);
            return;
        }
        for alias in names {
            let name = self.name(alias.name.as_str());
            self.code.named(Opcode::ImportFrom, name);
            self.store_text(alias.asname.as_ref().unwrap_or(&alias.name).as_str());
        }
        self.code.plain(Opcode::PopTop);
    }

    /// True when a name of `typing` need not be imported; `TYPE_CHECKING` becomes a constant.
    fn drop_typing(&mut self, alias: &Alias) -> bool {
        let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        if alias.name.as_str() == "TYPE_CHECKING" {
            let name = self.name(bound);
            if self.unit.scopes.global_bindings(name) <= 1 {
                self.unit.constants.insert(name, Value::False);
                return true;
            }
        }
        self.is_never_read(bound)
    }

    /// True when the module binds a name that no code of it reads. (Other modules have no business with it.)
    fn is_never_read(&mut self, text: &str) -> bool {
        let name = self.name(text);
        let exports_all = self.name("__all__");
        self.kind() == Kind::Module
            && !self.unit.scopes.first_use.contains_key(&name)
            && self.unit.scopes.global_bindings(exports_all) == 0
    }
}
