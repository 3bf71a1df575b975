//! Decides where each variable lives: local, cell, an outer function's cell, or a dictionary; and numbers the locals
//! as MicroPython does: outer functions' cells, parameters, other locals, cells.

use crate::code::{Name, Names};
use crate::error::Findings;
use crate::scope::{Kind, Place, Scope, Scopes};

/// Locals that the prelude can turn into cells have numbers below this.
const CELL_LOCALS_MAXIMUM: u32 = 256;

/// Most cells that one closure can be given.
const CLOSURE_CELLS_MAXIMUM: usize = 255;

/// Where a name used in a scope is bound.
enum Owner {
    /// In this enclosing scope, a function or (for `__class__`) a class.
    Scope(usize),
    Global,
}

/// Decides for all scopes.
pub(super) fn resolve(scopes: &mut Scopes, names: &mut Names, findings: &mut Findings) {
    let class_cell = names.of("__class__");
    for scope in 0..scopes.list.len() {
        for index in 0..scopes.list[scope].order.len() {
            let name = scopes.list[scope].order[index];
            resolve_name(scopes, scope, name, class_cell, names, findings);
        }
    }
    for scope in 0..scopes.list.len() {
        number(scopes, scope, names, findings);
    }
}

fn resolve_name(
    scopes: &mut Scopes,
    scope: usize,
    name: Name,
    class_cell: Name,
    names: &Names,
    findings: &mut Findings,
) {
    let kind = scopes.list[scope].kind;
    let Some(symbol) = scopes.list[scope].symbols.get(&name).cloned() else { return };
    if symbol.global.is_some() {
        set(scopes, scope, name, Place::Global);
        return;
    }
    if let Some(range) = symbol.nonlocal {
        match owner(scopes, scope, name, class_cell) {
            Owner::Scope(owner) => capture(scopes, scope, owner, name),
            Owner::Global if scope != 0 => {
                let message = format!("no binding for nonlocal '{}' found", names.show(name));
                findings.error("nonlocal-without-binding", range, message);
            }
            Owner::Global => {}
        }
        return;
    }
    if symbol.is_bound {
        if !kind.is_function() {
            set(scopes, scope, name, Place::Name);
        }
        // A function's own variable is numbered later, when all its users are known.
        return;
    }
    if kind == Kind::Module {
        set(scopes, scope, name, Place::Name);
        return;
    }
    match owner(scopes, scope, name, class_cell) {
        Owner::Scope(owner) => capture(scopes, scope, owner, name),
        Owner::Global => set(scopes, scope, name, if kind == Kind::Class { Place::Name } else { Place::Global }),
    }
}

fn set(scopes: &mut Scopes, scope: usize, name: Name, place: Place) {
    scopes.list[scope].symbol(name).place = Some(place);
}

/// The enclosing scope whose variable a name means that is not bound in the scope itself.
fn owner(scopes: &Scopes, scope: usize, name: Name, class_cell: Name) -> Owner {
    let mut next = scopes.list[scope].parent;
    while let Some(at) = next {
        let outer = &scopes.list[at];
        next = outer.parent;
        match outer.kind {
            Kind::Module => break,
            Kind::Class if name == class_cell => return Owner::Scope(at),
            Kind::Class => continue,
            _ => {}
        }
        let Some(symbol) = outer.symbols.get(&name) else { continue };
        if symbol.global.is_some() {
            return Owner::Global;
        }
        if symbol.is_bound && symbol.nonlocal.is_none() {
            return Owner::Scope(at);
        }
    }
    Owner::Global
}

/// Makes the owner's variable a cell and hands it down to the scope that uses it.
fn capture(scopes: &mut Scopes, user: usize, owner: usize, name: Name) {
    let cells = &mut scopes.list[owner].cells;
    if !cells.contains(&name) {
        cells.push(name);
    }
    let mut at = user;
    while at != owner {
        let free = &mut scopes.list[at].free;
        if !free.contains(&name) {
            free.push(name);
        }
        match scopes.list[at].parent {
            Some(parent) => at = parent,
            None => break,
        }
    }
}

/// Numbers a scope's locals.
fn number(scopes: &mut Scopes, at: usize, names: &Names, findings: &mut Findings) {
    let scope = &mut scopes.list[at];
    let mut next: u32 = 0;
    for name in scope.free.clone() {
        scope.slots.insert(name, next);
        if let Some(symbol) = scope.symbols.get_mut(&name)
            && (!symbol.is_bound || symbol.nonlocal.is_some())
            && symbol.global.is_none()
        {
            symbol.place = Some(Place::Deref(next));
        }
        next += 1;
    }
    if scope.free.len() > CLOSURE_CELLS_MAXIMUM {
        let message = format!("more than {CLOSURE_CELLS_MAXIMUM} variables of outer functions in one function");
        findings.error("too-many-cells", scope.range, message);
    }
    if scope.kind.is_comprehension() {
        // The iterator that it is called with.
        next += 1;
    }
    let is_own = |scope: &Scope, name: &Name| {
        scope
            .symbols
            .get(name)
            .is_some_and(|symbol| symbol.is_bound && symbol.global.is_none() && symbol.nonlocal.is_none())
    };
    let mut cell_too_high = None;
    if scope.kind.is_function() {
        let parameters = scope.parameters.clone();
        let others: Vec<Name> = scope.order.iter().copied().filter(|name| !parameters.contains(name)).collect();
        for name in parameters {
            let is_cell = scope.cells.contains(&name);
            let place = if is_cell { Place::Deref(next) } else { Place::Fast(next) };
            if is_cell {
                scope.slots.insert(name, next);
                if next >= CELL_LOCALS_MAXIMUM {
                    cell_too_high = Some(name);
                }
            }
            if let Some(symbol) = scope.symbols.get_mut(&name) {
                symbol.place = Some(place);
            }
            next += 1;
        }
        // MicroPython puts cells last. Where that would give them numbers that the prelude cannot hold, they come first.
        let cells_first = next as usize + others.len() > CELL_LOCALS_MAXIMUM as usize;
        if cells_first {
            number_cells(scope, &mut next, &mut cell_too_high);
        }
        for name in &others {
            if is_own(scope, name) && !scope.cells.contains(name) {
                if let Some(symbol) = scope.symbols.get_mut(name) {
                    symbol.place = Some(Place::Fast(next));
                }
                next += 1;
            }
        }
        if !cells_first {
            number_cells(scope, &mut next, &mut cell_too_high);
        }
    } else {
        number_cells(scope, &mut next, &mut cell_too_high);
    }
    scope.n_locals = next;
    if let Some(name) = cell_too_high {
        let message =
            format!("the function has too many locals for '{}' to be shared with an inner one", names.show(name));
        findings
            .error("too-many-locals", scope.range, message)
            .help("make it a parameter, or move some locals into a function of their own");
    }
}

/// Numbers the cells that are no parameters.
fn number_cells(scope: &mut Scope, next: &mut u32, too_high: &mut Option<Name>) {
    for name in scope.cells.clone() {
        if scope.parameters.contains(&name) {
            continue;
        }
        scope.slots.insert(name, *next);
        if *next >= CELL_LOCALS_MAXIMUM {
            *too_high = Some(name);
        }
        if scope.kind.is_function()
            && let Some(symbol) = scope.symbols.get_mut(&name)
        {
            symbol.place = Some(Place::Deref(*next));
        }
        *next += 1;
    }
}
