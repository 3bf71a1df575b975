//! Which variable each name means: CPython's rules, in two steps. `collect` walks the tree and notes for each scope
//! what happens to each name; `resolve` decides where each variable lives.

mod collect;
mod resolve;

use std::collections::HashMap;

use crate::ast::{TextRange, TextSize, Tree};
use crate::code::{Name, Names};
use crate::error::Findings;

/// What a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Module,
    Class,
    Function,
    Lambda,
    /// A list, set or dict comprehension.
    Comprehension,
    /// A generator expression.
    Generator,
}

impl Kind {
    /// True for scopes whose variables are locals of a function.
    pub(crate) fn is_function(self) -> bool {
        !matches!(self, Kind::Module | Kind::Class)
    }

    /// True for comprehensions of all sorts.
    pub(crate) fn is_comprehension(self) -> bool {
        matches!(self, Kind::Comprehension | Kind::Generator)
    }
}

/// Where a variable lives, seen from one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A local of this number.
    Fast(u32),
    /// The cell in the local of this number.
    Deref(u32),
    /// A global.
    Global,
    /// The scope's own dictionary, then globals.
    Name,
}

/// What is known of one name in one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbol {
    pub(crate) is_parameter: bool,
    /// Assigned, imported, deleted, or otherwise made here.
    pub(crate) is_bound: bool,
    pub(crate) is_used: bool,
    /// Target of a comprehension's `for`.
    pub(crate) is_iteration_variable: bool,
    pub(crate) global: Option<TextRange>,
    pub(crate) nonlocal: Option<TextRange>,
    /// How many places bind it.
    pub(crate) bindings: u32,
    /// How many of them assign to it, as opposed to `def`, `class` and `import`.
    pub(crate) assignments: u32,
    /// Where it is read or deleted.
    pub(crate) reads: Vec<TextSize>,
    /// Exception handlers that bind it (`except ... as name`).
    pub(crate) handlers: Vec<TextRange>,
    pub(crate) place: Option<Place>,
}

/// One scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) kind: Kind,
    pub(crate) parent: Option<usize>,
    pub(crate) range: TextRange,
    /// In order of first appearance; parameters first.
    pub(crate) order: Vec<Name>,
    pub(crate) symbols: HashMap<Name, Symbol>,
    /// Parameters in the order of their locals: positional, keyword-only, `*`, `**`.
    pub(crate) parameters: Vec<Name>,
    /// First positional parameter, which zero-argument `super()` takes.
    pub(crate) first_parameter: Option<Name>,
    /// Declared `async`.
    pub(crate) is_async: bool,
    /// Has a `yield`.
    pub(crate) has_yield: bool,
    /// Has an `await` (which MicroPython lets stand outside `async def`), or an asynchronous comprehension.
    pub(crate) has_await: bool,
    /// Variables of outer functions that it needs, in the order in which closures get them.
    pub(crate) free: Vec<Name>,
    /// Its own variables that inner functions need.
    pub(crate) cells: Vec<Name>,
    /// Locals that hold a cell (own or an outer function's), by name.
    pub(crate) slots: HashMap<Name, u32>,
    /// Locals, cells included, that names take; temporaries come after them.
    pub(crate) n_locals: u32,
}

impl Scope {
    fn new(kind: Kind, parent: Option<usize>, range: TextRange) -> Scope {
        Scope {
            kind,
            parent,
            range,
            order: Vec::new(),
            symbols: HashMap::new(),
            parameters: Vec::new(),
            first_parameter: None,
            is_async: false,
            has_yield: false,
            has_await: false,
            free: Vec::new(),
            cells: Vec::new(),
            slots: HashMap::new(),
            n_locals: 0,
        }
    }

    fn symbol(&mut self, name: Name) -> &mut Symbol {
        let order = &mut self.order;
        self.symbols.entry(name).or_insert_with(|| {
            order.push(name);
            Symbol::default()
        })
    }
}

/// All scopes of a source; the first is the module's. A scope's number is marked on the tree node it belongs to.
#[derive(Debug)]
pub(crate) struct Scopes {
    pub(crate) list: Vec<Scope>,
    /// Where each name is first read, anywhere.
    pub(crate) first_use: HashMap<Name, TextSize>,
    /// Names that some function binds after declaring them global.
    pub(crate) assigned_globals: HashMap<Name, u32>,
    /// Names may have meanings that the source does not show: it has a `from ... import *`, or is only a line of many.
    pub(crate) is_open: bool,
}

impl Scopes {
    /// Finds all scopes of a tree and where their variables live.
    pub(crate) fn new(tree: &Tree, names: &mut Names, findings: &mut Findings) -> Scopes {
        let mut scopes = collect::collect(tree, names, findings);
        resolve::resolve(&mut scopes, names, findings);
        scopes
    }

    /// Where a name's variable lives, seen from a scope.
    pub(crate) fn place(&self, scope: usize, name: Name) -> Place {
        let Some(scope) = self.list.get(scope) else { return Place::Global };
        let default = if scope.kind.is_function() { Place::Global } else { Place::Name };
        scope.symbols.get(&name).and_then(|symbol| symbol.place).unwrap_or(default)
    }

    /// True for a local that is read only in exception handlers which bind it: nothing can tell whether it is unbound
    /// after them.
    pub(crate) fn is_read_in_handlers_only(&self, scope: usize, name: Name) -> bool {
        let symbol = self.list.get(scope).and_then(|scope| scope.symbols.get(&name));
        symbol.is_some_and(|symbol| {
            let is_inside = |at: &TextSize| symbol.handlers.iter().any(|handler| handler.contains(*at));
            // After a handler inside another one of the same name, the outer one's body finds the name unbound.
            let nested =
                |inner: &TextRange| symbol.handlers.iter().any(|outer| outer != inner && outer.contains_range(*inner));
            matches!(symbol.place, Some(Place::Fast(_)))
                && symbol.reads.iter().all(is_inside)
                && !symbol.handlers.iter().any(nested)
        })
    }

    /// How many statements bind a global.
    pub(crate) fn global_bindings(&self, name: Name) -> u32 {
        let module = self.list.first().and_then(|module| module.symbols.get(&name)).map_or(0, |symbol| symbol.bindings);
        module + self.assigned_globals.get(&name).copied().unwrap_or(0)
    }

    /// How many places assign to a name outside functions, or in functions that declared it global.
    pub(crate) fn open_assignments(&self, name: Name) -> u32 {
        let outside = self.list.iter().filter(|scope| !scope.kind.is_function());
        let assignments =
            outside.filter_map(|scope| scope.symbols.get(&name)).map(|symbol| symbol.assignments).sum::<u32>();
        assignments + self.assigned_globals.get(&name).copied().unwrap_or(0)
    }

    /// True when the module nowhere gives a builtin's name another meaning, as far as the source tells.
    pub(crate) fn is_builtin(&self, scope: usize, name: Name) -> bool {
        matches!(self.place(scope, name), Place::Global | Place::Name)
            && self.global_bindings(name) == 0
            && !self.is_open
            && !self.list.get(scope).is_some_and(|scope| scope.symbols.get(&name).is_some_and(|symbol| symbol.is_bound))
    }
}
