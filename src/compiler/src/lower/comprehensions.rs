//! List, set and dict comprehensions and generator expressions: functions of one argument, the first iterator.

use mpy::{Opcode, scope as flags};

use crate::ast::{Comprehension, Expr, Ranged, mark};
use crate::lower::{Lower, Signature};
use crate::scope::Kind;
use crate::value::Value;

/// Words of an iterator between the value to collect and the collection.
const ITERATOR_WORDS: u32 = mpy::opcode::ITERATOR_WORDS;

/// What a comprehension makes.
#[derive(Clone, Copy)]
enum Item<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    Dict(&'a Expr, &'a Expr),
    Generator(&'a Expr),
}

impl Lower<'_, '_> {
    pub(super) fn comprehension(&mut self, expression: &Expr) {
        let (item, generators, index, name) = match expression {
            Expr::ListComp(list) => (Item::List(&list.elt), &list.generators, &list.node_index, "<listcomp>"),
            Expr::SetComp(set) => (Item::Set(&set.elt), &set.generators, &set.node_index, "<setcomp>"),
            Expr::DictComp(dict) => {
                (Item::Dict(&dict.key, &dict.value), &dict.generators, &dict.node_index, "<dictcomp>")
            }
            Expr::Generator(generator) => {
                (Item::Generator(&generator.elt), &generator.generators, &generator.node_index, "<genexpr>")
            }
            _ => return,
        };
        let Some(scope) = mark(index) else { return };
        let Some(first) = generators.first() else { return };
        let is_async = self.unit.scopes.list.get(scope).is_some_and(|inner| inner.is_async || inner.has_await);
        let is_generator = matches!(item, Item::Generator(_));
        if is_async && is_generator {
            self.unsupported(expression.range(), "an asynchronous generator expression");
        }
        if is_async && matches!(self.kind(), Kind::Module | Kind::Class) {
            let message = "asynchronous comprehension outside of an asynchronous function";
            self.unit.findings.error("await-outside-function", expression.range(), message);
        }
        let name = self.name(name);
        let star = self.name("*");
        let mut inner = Lower::new(self.unit, scope);
        inner.line_of(expression.range());
        inner.comprehension_body(item, generators);
        let mut signature = Signature { n_pos_args: 1, arg_names: vec![star], ..Signature::default() };
        if is_async || is_generator {
            signature.scope_flags |= flags::GENERATOR;
        }
        let code = inner.finish_closure(name, expression.range(), signature);
        self.make(code, scope, false);
        self.expression(&first.iter);
        if first.is_async {
            self.async_iterator();
        } else if is_generator {
            self.code.plain(Opcode::GetIter);
        }
        self.code.counted(Opcode::CallFunction, 1);
        if is_async && !is_generator {
            // A coroutine, which gives the collection when it is awaited.
            self.yield_from();
        }
    }

    fn comprehension_body(&mut self, item: Item<'_>, generators: &[Comprehension]) {
        let argument =
            self.unit.scopes.list.get(self.scope).map_or(0, |scope| u32::try_from(scope.free.len()).unwrap_or(0));
        match item {
            Item::List(_) => self.code.counted(Opcode::BuildList, 0),
            Item::Set(_) => self.code.counted(Opcode::BuildSet, 0),
            Item::Dict(..) => self.code.counted(Opcode::BuildMap, 0),
            Item::Generator(_) => {}
        }
        if matches!(item, Item::Generator(_)) {
            // The iterator was made outside; this is how one that needs no stack words stands in its four.
            self.code.plain(Opcode::LoadNull);
            self.code.counted(Opcode::LoadFastN, argument);
            self.code.plain(Opcode::LoadNull);
            self.code.plain(Opcode::LoadNull);
        } else {
            self.code.counted(Opcode::LoadFastN, argument);
            if generators.first().is_some_and(|first| !first.is_async) {
                self.code.plain(Opcode::GetIterStack);
            }
        }
        self.comprehension_loop(item, generators, 0);
        if matches!(item, Item::Generator(_)) {
            self.code.constant(Value::None);
        }
        self.code.plain(Opcode::ReturnValue);
    }

    /// Loops over the iterator on top of the stack; `words` are those between it and the collection.
    fn comprehension_loop(&mut self, item: Item<'_>, generators: &[Comprehension], words: u32) {
        let Some((generator, rest)) = generators.split_first() else { return };
        let [top, end] = std::array::from_fn(|_| self.code.new_label());
        self.code.place(top);
        let words = if generator.is_async {
            self.async_next(&generator.target, end);
            words + 1
        } else {
            self.code.jump(Opcode::ForIter, end);
            self.store(&generator.target);
            words + ITERATOR_WORDS
        };
        for condition in &generator.ifs {
            self.condition(condition, false, top);
        }
        if let Some(next) = rest.first() {
            self.expression(&next.iter);
            if next.is_async {
                self.async_iterator();
            } else {
                self.code.plain(Opcode::GetIterStack);
            }
            self.comprehension_loop(item, rest, words);
        } else {
            self.collect(item, words);
        }
        self.code.jump(Opcode::Jump, top);
        self.code.place(end);
        if generator.is_async {
            self.code.plain(Opcode::PopTop);
        }
    }

    fn collect(&mut self, item: Item<'_>, words: u32) {
        match item {
            Item::List(element) => {
                self.expression(element);
                self.code.counted(Opcode::StoreComp, (words + 1) << 2);
            }
            Item::Set(element) => {
                self.expression(element);
                self.code.counted(Opcode::StoreComp, (words + 1) << 2 | 2);
            }
            Item::Dict(key, value) => {
                self.key_and_value(key, value);
                self.code.counted(Opcode::StoreComp, (words + 2) << 2 | 1);
            }
            Item::Generator(element) => {
                self.expression(element);
                self.code.plain(Opcode::YieldValue);
                self.code.plain(Opcode::PopTop);
            }
        }
    }
}
