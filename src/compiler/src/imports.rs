//! Which modules a source imports, without compiling it: for collecting what a program needs.

use crate::ast::{self, Stmt, Tree, Visitor, walk_stmt};
use crate::compile::on_large_stack;
use crate::error::Findings;
use crate::limits;
use crate::source::Source;

/// One imported module.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Import {
    /// Dots in front: 0 for an absolute import, 1 for one from the same package.
    pub level: u32,
    /// Dotted name; empty in `from . import name`.
    pub module: String,
    /// Names taken from it by `from module import ...`, each possibly a submodule; empty for `import module`.
    pub names: Vec<String>,
}

/// Lists the modules that a source imports anywhere, in source order. A source with syntax errors has the imports that
/// can still be told.
pub fn imports(source: impl AsRef<[u8]>) -> Vec<Import> {
    let mut findings = Findings::default();
    let source = Source::new(source.as_ref(), &mut findings);
    let chain = limits::check(&source.text, &mut findings);
    if findings.has_errors() {
        return Vec::new();
    }
    let found = on_large_stack(chain, &mut findings, |findings| {
        let mut collector = Collector { list: Vec::new() };
        if let Tree::Module(body) = ast::parse(&source.text, false, findings) {
            collector.visit_body(&body);
        }
        Some(collector.list)
    });
    found.unwrap_or_default()
}

struct Collector {
    list: Vec<Import>,
}

impl<'a> Visitor<'a> for Collector {
    fn visit_expr(&mut self, _: &'a ast::Expr) {
        // No expression imports.
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.list.push(Import { level: 0, module: alias.name.to_string(), names: Vec::new() });
                }
            }
            Stmt::ImportFrom(import) => self.list.push(Import {
                level: import.level,
                module: import.module.as_ref().map(ToString::to_string).unwrap_or_default(),
                names: import.names.iter().map(|alias| alias.name.to_string()).filter(|name| name != "*").collect(),
            }),
            _ => walk_stmt(self, statement),
        }
    }
}
