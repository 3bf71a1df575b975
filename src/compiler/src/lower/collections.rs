//! List, tuple, set and dict displays, with `*` and `**` anywhere in them.

use mpy::Opcode;

use crate::Target;
use crate::ast::{Expr, ExprDict};
use crate::lower::Lower;
use crate::value::Value;

/// Operand of STORE_COMP: append the top to the list right below it.
const APPEND_TO_LIST: u32 = 1 << 2;

/// So many items are added one by one in less code than as a collection of their own.
const FEW_ITEMS: usize = 4;

/// Longer displays are built in parts: each item takes a word of the operand stack.
const PART_ITEMS_MAXIMUM: usize = 256;

/// The same for a set.
const ADD_TO_SET: u32 = 1 << 2 | 2;

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

impl Lower<'_, '_> {
    pub(super) fn list_display(&mut self, items: &[Expr]) {
        self.display(items, Opcode::BuildList, "extend", APPEND_TO_LIST);
    }

    pub(super) fn set_display(&mut self, items: &[Expr]) {
        self.display(items, Opcode::BuildSet, "update", ADD_TO_SET);
    }

    pub(super) fn tuple_display(&mut self, items: &[Expr]) {
        let constants: Option<Vec<Value>> = items.iter().map(|item| self.constant_of(item)).collect();
        if let Some(values) = constants {
            self.code.constant(Value::Tuple(values.into()));
            return;
        }
        if items.len() <= PART_ITEMS_MAXIMUM && !items.iter().any(Expr::is_starred_expr) {
            for item in items {
                self.expression(item);
            }
            self.code.counted(Opcode::BuildTuple, count(items.len()));
            return;
        }
        // A tuple cannot grow: collect a list, then convert it. The class comes from `()`, should `tuple` be renamed.
        let tuple = self.name("tuple");
        if self.unit.scopes.is_builtin(self.scope, tuple) {
            self.code.named(Opcode::LoadGlobal, tuple);
        } else {
            let class = self.name("__class__");
            self.code.constant(Value::Tuple(Vec::new().into()));
            self.code.named(Opcode::LoadAttr, class);
        }
        self.list_display(items);
        self.code.counted(Opcode::CallFunction, 1);
    }

    /// Builds the items in front of the first starred one at once, then adds the others.
    fn display(&mut self, items: &[Expr], build: Opcode, add_all: &str, add_one: u32) {
        let first_starred = items.iter().position(Expr::is_starred_expr).unwrap_or(items.len());
        let first_starred = first_starred.min(PART_ITEMS_MAXIMUM);
        let (plain, rest) = items.split_at(first_starred);
        for item in plain {
            self.expression(item);
        }
        self.code.counted(build, count(plain.len()));
        let mut rest = rest;
        while let Some(item) = rest.first() {
            if let Expr::Starred(starred) = item {
                self.add_all(add_all, |own| own.expression(&starred.value));
                rest = &rest[1..];
                continue;
            }
            let run = rest.iter().position(Expr::is_starred_expr).unwrap_or(rest.len()).min(PART_ITEMS_MAXIMUM);
            let (part, others) = rest.split_at(run);
            if run <= FEW_ITEMS {
                for item in part {
                    self.expression(item);
                    self.code.counted(Opcode::StoreComp, add_one);
                }
            } else {
                self.add_all(add_all, |own| {
                    for item in part {
                        own.expression(item);
                    }
                    own.code.counted(build, count(run));
                });
            }
            rest = others;
        }
    }

    /// Calls a method of the collection on top of the stack with what `push` pushes.
    fn add_all(&mut self, method: &str, push: impl FnOnce(&mut Self)) {
        self.code.plain(Opcode::DupTop);
        let method = self.name(method);
        self.code.named(Opcode::LoadMethod, method);
        push(self);
        self.code.counted(Opcode::CallMethod, 1);
        self.code.plain(Opcode::PopTop);
    }

    pub(super) fn dict_display(&mut self, dict: &ExprDict) {
        let pairs = dict.items.iter().filter(|item| item.key.is_some()).count();
        self.code.counted(Opcode::BuildMap, count(pairs));
        for item in &dict.items {
            match &item.key {
                Some(key) => {
                    self.key_and_value(key, &item.value);
                    self.code.plain(Opcode::StoreMap);
                }
                None => self.add_all("update", |own| own.expression(&item.value)),
            }
        }
    }

    /// Pushes a value and, above it, its key. The key is evaluated first where that makes a difference.
    pub(super) fn key_and_value(&mut self, key: &Expr, value: &Expr) {
        // Stock MicroPython evaluates the value first, and its tests say so.
        let interchangeable = self.unit.options.target == Target::Stock
            || self.constant_of(key).is_some()
            || self.constant_of(value).is_some()
            || (self.is_plain(key) && self.is_plain(value));
        if interchangeable {
            self.expression(value);
            self.expression(key);
        } else {
            self.expression(key);
            self.expression(value);
            self.code.plain(Opcode::RotTwo);
        }
    }
}
