//! Walks the tree once and notes what each scope does with each name.

use std::collections::HashMap;

use crate::ast::{
    Comprehension, ExceptHandler, Expr, ExprContext, Parameters, Pattern, Ranged, Stmt, TextRange, Tree, Visitor,
    set_mark, walk_expr, walk_pattern, walk_stmt,
};
use crate::code::{Name, Names};
use crate::error::Findings;
use crate::scope::{Kind, Scope, Scopes};

/// Walks the tree.
pub(super) fn collect(tree: &Tree, names: &mut Names, findings: &mut Findings) -> Scopes {
    let module = Scope::new(Kind::Module, None, TextRange::default());
    let class_cell = names.of("__class__");
    let mut collector = Collector {
        scopes: Scopes {
            list: vec![module],
            first_use: HashMap::new(),
            assigned_globals: HashMap::new(),
            is_open: false,
        },
        current: 0,
        iterables: 0,
        names,
        findings,
        class_cell,
    };
    match tree {
        Tree::Module(body) => collector.visit_body(body),
        Tree::Expression(expression) => collector.visit_expr(expression),
    }
    collector.scopes
}

struct Collector<'a> {
    scopes: Scopes,
    current: usize,
    /// How many comprehension iterables are being walked, where `:=` may not stand.
    iterables: u32,
    names: &'a mut Names,
    findings: &'a mut Findings,
    class_cell: Name,
}

impl Collector<'_> {
    fn scope(&mut self) -> &mut Scope {
        &mut self.scopes.list[self.current]
    }

    fn enter(&mut self, kind: Kind, range: TextRange) -> usize {
        let outer = self.current;
        self.current = self.scopes.list.len();
        self.scopes.list.push(Scope::new(kind, Some(outer), range));
        outer
    }

    fn used(&mut self, name: Name, range: TextRange) {
        self.scopes
            .first_use
            .entry(name)
            .and_modify(|first| *first = (*first).min(range.start()))
            .or_insert(range.start());
        let symbol = self.scope().symbol(name);
        symbol.is_used = true;
        symbol.reads.push(range.start());
    }

    fn bound(&mut self, name: Name) {
        let symbol = self.scope().symbol(name);
        symbol.is_bound = true;
        symbol.bindings += 1;
        let is_global = symbol.global.is_some();
        if is_global && self.current != 0 {
            *self.scopes.assigned_globals.entry(name).or_default() += 1;
        }
    }

    fn bound_text(&mut self, text: &str) {
        let name = self.names.of(text);
        self.bound(name);
    }

    /// Parameters become the first symbols of the current scope.
    fn parameters(&mut self, parameters: &Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args).map(|one| &one.parameter);
        let rest = parameters.kwonlyargs.iter().map(|one| &one.parameter);
        let stars = parameters.vararg.as_deref().into_iter().chain(parameters.kwarg.as_deref());
        for (index, parameter) in positional.clone().chain(rest).chain(stars).enumerate() {
            let name = self.names.of(parameter.name.as_str());
            if self.scope().symbols.contains_key(&name) {
                let message = format!("duplicate argument '{}' in function definition", parameter.name.as_str());
                self.findings.error("duplicate-argument", parameter.name.range, message);
            }
            let scope = self.scope();
            let symbol = scope.symbol(name);
            symbol.is_parameter = true;
            symbol.is_bound = true;
            scope.parameters.push(name);
            if index == 0 && positional.clone().next().is_some() {
                scope.first_parameter = Some(name);
            }
        }
    }

    fn defaults<'a>(&mut self, parameters: &'a Parameters)
    where
        Self: Visitor<'a>,
    {
        for one in parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs) {
            if let Some(default) = &one.default {
                self.visit_expr(default);
            }
        }
    }

    fn comprehension(&mut self, kind: Kind, range: TextRange, items: &[&Expr], generators: &[Comprehension]) -> usize {
        if let Some(first) = generators.first() {
            self.iterables += 1;
            self.visit_expr(&first.iter);
            self.iterables -= 1;
        }
        let outer = self.enter(kind, range);
        let inner = self.current;
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.iterables += 1;
                self.visit_expr(&generator.iter);
                self.iterables -= 1;
            }
            self.visit_expr(&generator.target);
            if generator.is_async {
                self.scope().is_async = true;
            }
        }
        for name in self.scope().order.clone() {
            let symbol = self.scope().symbol(name);
            symbol.is_iteration_variable = symbol.is_bound;
        }
        for condition in generators.iter().flat_map(|generator| &generator.ifs) {
            self.visit_expr(condition);
        }
        for item in items {
            self.visit_expr(item);
        }
        let is_async = self.scope().is_async || self.scope().has_await;
        self.current = outer;
        if is_async && kind == Kind::Comprehension {
            // It is awaited where it stands.
            self.scope().has_await = true;
        }
        inner
    }

    /// `name := value`: binds in the nearest scope that is no comprehension.
    fn walrus(&mut self, text: &str, range: TextRange) {
        let name = self.names.of(text);
        if self.iterables > 0 {
            self.findings.error(
                "walrus-in-iterable",
                range,
                "assignment expression cannot be used in a comprehension iterable expression",
            );
        }
        if !self.scopes.list[self.current].kind.is_comprehension() {
            self.bound(name);
            self.scope().symbol(name).assignments += 1;
            return;
        }
        let mut owner = self.current;
        while self.scopes.list[owner].kind.is_comprehension() {
            if self.scopes.list[owner].symbols.get(&name).is_some_and(|symbol| symbol.is_iteration_variable) {
                let message = format!("assignment expression cannot rebind comprehension iteration variable '{text}'");
                self.findings.error("walrus-rebinds-iteration-variable", range, message);
            }
            self.scopes.list[owner].symbol(name).is_used = true;
            match self.scopes.list[owner].parent {
                Some(parent) => owner = parent,
                None => break,
            }
        }
        if self.scopes.list[owner].kind == Kind::Class {
            self.findings.error(
                "walrus-in-class-comprehension",
                range,
                "assignment expression within a comprehension cannot be used in a class body",
            );
        }
        let inner = std::mem::replace(&mut self.current, owner);
        self.bound(name);
        self.scope().symbol(name).assignments += 1;
        self.current = inner;
    }

    fn declare(&mut self, text: &str, range: TextRange, is_global: bool) {
        let name = self.names.of(text);
        let word = if is_global { "global" } else { "nonlocal" };
        let in_module = self.current == 0;
        let symbol = self.scope().symbol(name);
        let problem = if symbol.is_parameter {
            Some(("declared-parameter", format!("name '{text}' is parameter and {word}")))
        } else if (is_global && symbol.nonlocal.is_some()) || (!is_global && symbol.global.is_some()) {
            Some(("nonlocal-and-global", format!("name '{text}' is nonlocal and global")))
        } else if symbol.is_bound && symbol.global.is_none() && symbol.nonlocal.is_none() {
            Some(("declared-after-use", format!("name '{text}' is assigned to before {word} declaration")))
        } else if symbol.is_used && symbol.global.is_none() && symbol.nonlocal.is_none() {
            Some(("declared-after-use", format!("name '{text}' is used prior to {word} declaration")))
        } else {
            None
        };
        if is_global {
            symbol.global = Some(range);
        } else {
            symbol.nonlocal = Some(range);
        }
        if let Some((code, message)) = problem {
            self.findings.error(code, range, message);
        } else if !is_global && in_module {
            self.findings.error("nonlocal-at-module-level", range, "nonlocal declaration not allowed at module level");
        }
    }

    /// Zero-argument `super()` reads `__class__` and the method's first parameter.
    fn zero_argument_super(&mut self, range: TextRange) {
        let mut method = self.current;
        while self.scopes.list[method].kind.is_comprehension() {
            match self.scopes.list[method].parent {
                Some(parent) => method = parent,
                None => return,
            }
        }
        if !self.scopes.list[method].kind.is_function() {
            return;
        }
        self.used(self.class_cell, range);
        if let Some(first) = self.scopes.list[method].first_parameter {
            self.used(first, range);
        }
    }
}

impl<'a> Visitor<'a> for Collector<'_> {
    fn visit_annotation(&mut self, _: &'a Expr) {
        // Annotations are never evaluated.
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                for decorator in &function.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.defaults(&function.parameters);
                self.bound_text(function.name.as_str());
                let outer = self.enter(Kind::Function, function.range);
                set_mark(&function.node_index, self.current);
                self.scope().is_async = function.is_async;
                self.parameters(&function.parameters);
                let iterables = std::mem::take(&mut self.iterables);
                self.visit_body(&function.body);
                self.iterables = iterables;
                self.current = outer;
            }
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                self.bound_text(class.name.as_str());
                let outer = self.enter(Kind::Class, class.range);
                set_mark(&class.node_index, self.current);
                self.visit_body(&class.body);
                self.current = outer;
            }
            Stmt::TypeAlias(_) => {}
            Stmt::Global(global) => {
                for name in &global.names {
                    self.declare(name.as_str(), name.range, true);
                }
            }
            Stmt::Nonlocal(nonlocal) => {
                for name in &nonlocal.names {
                    self.declare(name.as_str(), name.range, false);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let text = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    let base = if alias.asname.is_some() { text } else { text.split('.').next().unwrap_or(text) };
                    self.bound_text(base);
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let text = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    if text != "*" {
                        self.bound_text(text);
                        continue;
                    }
                    self.scopes.is_open = true;
                    if self.current != 0 {
                        let message = "import * only allowed at module level";
                        self.findings.error("import-star-not-at-module-level", import.range, message);
                    }
                }
            }
            Stmt::AnnAssign(assignment) => {
                if let Expr::Name(target) = &*assignment.target {
                    let name = self.names.of(target.id.as_str());
                    let in_module = self.current == 0;
                    let symbol = self.scope().symbol(name);
                    if symbol.global.is_some() && !in_module || symbol.nonlocal.is_some() {
                        let word = if symbol.global.is_some() { "global" } else { "nonlocal" };
                        let message = format!("annotated name '{}' can't be {word}", target.id.as_str());
                        self.findings.error("annotated-global", target.range, message);
                    }
                }
                walk_stmt(self, statement);
            }
            Stmt::AugAssign(assignment) => {
                if let Expr::Name(target) = &*assignment.target {
                    let name = self.names.of(target.id.as_str());
                    self.used(name, target.range);
                }
                walk_stmt(self, statement);
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => {
                let symbol = self.names.of(name.id.as_str());
                match name.ctx {
                    ExprContext::Load => self.used(symbol, name.range),
                    _ => {
                        self.bound(symbol);
                        let known = self.scope().symbol(symbol);
                        known.assignments += 1;
                        if name.ctx == ExprContext::Del {
                            known.reads.push(name.range.start());
                        }
                    }
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                let outer = self.enter(Kind::Lambda, lambda.range);
                set_mark(&lambda.node_index, self.current);
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                let iterables = std::mem::take(&mut self.iterables);
                self.visit_expr(&lambda.body);
                self.iterables = iterables;
                self.current = outer;
            }
            Expr::ListComp(list) => {
                let scope = self.comprehension(Kind::Comprehension, list.range, &[&list.elt], &list.generators);
                set_mark(&list.node_index, scope);
            }
            Expr::SetComp(set) => {
                let scope = self.comprehension(Kind::Comprehension, set.range, &[&set.elt], &set.generators);
                set_mark(&set.node_index, scope);
            }
            Expr::DictComp(dict) => {
                let items: [&Expr; 2] = [&dict.key, &dict.value];
                let scope = self.comprehension(Kind::Comprehension, dict.range, &items, &dict.generators);
                set_mark(&dict.node_index, scope);
            }
            Expr::Generator(generator) => {
                let elements: [&Expr; 1] = [&generator.elt];
                let scope = self.comprehension(Kind::Generator, generator.range, &elements, &generator.generators);
                set_mark(&generator.node_index, scope);
            }
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(target) = &*named.target {
                    self.walrus(target.id.as_str(), target.range);
                }
            }
            Expr::Await(_) => {
                self.scope().has_await = true;
                walk_expr(self, expression);
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.scope().has_yield = true;
                walk_expr(self, expression);
            }
            Expr::Call(call) => {
                if let Expr::Name(name) = &*call.func
                    && name.id.as_str() == "super"
                    && call.arguments.is_empty()
                {
                    self.zero_argument_super(call.range());
                }
                walk_expr(self, expression);
            }
            _ => walk_expr(self, expression),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(kind) = &handler.type_ {
            self.visit_expr(kind);
        }
        if let Some(name) = &handler.name {
            // Behind the name: the class before it is evaluated while the name still has its old meaning.
            let body = TextRange::new(name.range.end(), handler.range.end());
            let name = self.names.of(name.as_str());
            self.bound(name);
            self.scope().symbol(name).handlers.push(body);
        }
        self.visit_body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let captured = match pattern {
            Pattern::MatchStar(star) => star.name.as_ref(),
            Pattern::MatchAs(capture) => capture.name.as_ref(),
            Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = captured {
            self.bound_text(name.as_str());
        }
        walk_pattern(self, pattern);
    }
}
