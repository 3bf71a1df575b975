//! Helpers for what the virtual machines lack: small functions, written in Python, that go into the file which needs
//! them.

use crate::ast::{self, TextRange};
use crate::code::Instruction;
use crate::error::Findings;
use crate::lower::{Lower, Unit, lower};
use crate::scope::Scopes;
use crate::source::Source;

/// `ascii(value)`: what `repr` gives, with other characters than ASCII escaped.
pub(super) const ASCII: &str = r#"lambda value: "".join([
    c if ord(c) < 128 else ("\\x%02x" if ord(c) < 256 else "\\u%04x" if ord(c) < 65536 else "\\U%08x") % ord(c)
    for c in repr(value)])"#;

/// Builtins that [`ASCII`] uses.
pub(super) const ASCII_USES: [&str; 2] = ["ord", "repr"];

impl Lower<'_, '_> {
    /// Pushes the function that a helper's source evaluates to; false (which is reported) when the program has given
    /// one of the builtins that it uses another meaning.
    pub(super) fn helper(&mut self, text: &str, uses: &[&str], range: TextRange) -> bool {
        for used in uses {
            let name = self.name(used);
            if !self.unit.scopes.is_builtin(0, name) && self.unit.scopes.global_bindings(name) > 0 {
                let message = format!("this needs the builtin '{used}', which the module redefines");
                self.unit.findings.error("builtin-redefined", range, message).help("rename the module's own");
                return false;
            }
        }
        let mut findings = Findings::default();
        let source = Source::new(text.as_bytes(), &mut findings);
        let tree = ast::parse(&source.text, true, &mut findings);
        let scopes = Scopes::new(&tree, self.unit.names, &mut findings);
        let mut unit = Unit {
            source: &source,
            options: self.unit.options,
            names: self.unit.names,
            scopes: &scopes,
            findings: &mut findings,
            constants: std::collections::HashMap::new(),
        };
        let mut code = lower(&tree, &mut unit);
        let function = code.children.pop();
        let (false, Some(mut function)) = (findings.has_errors(), function) else {
            self.unit.findings.error("internal", range, "a helper does not compile: please report it");
            return false;
        };
        // Its lines are not the program's.
        function.remove_lines();
        let child = u32::try_from(self.children.len()).unwrap_or(u32::MAX);
        self.children.push(function);
        self.code.push(Instruction::Make { child, defaults: false, cells: 0 });
        true
    }
}
