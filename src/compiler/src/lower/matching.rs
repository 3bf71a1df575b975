//! `match` statements.

use crate::ast::StmtMatch;
use crate::lower::Lower;

impl Lower<'_, '_> {
    pub(super) fn match_statement(&mut self, one: &StmtMatch) {
        self.unsupported(one.range, "`match`");
    }
}
