//! List, tuple, set and dict displays, with `*` and `**` anywhere in them.

use mpy::Opcode;

use crate::Target;
use crate::ast::{Expr, ExprDict};
use crate::lower::Lower;
use crate::value::Value;

/// Operand of STORE_COMP: append the top to the list right below it.
const APPEND_TO_LIST: u32 = 1 << 2;

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
        if !items.iter().any(Expr::is_starred_expr) {
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

    /// Builds the items in front of the first starred one at once, and adds the others one by one.
    fn display(&mut self, items: &[Expr], build: Opcode, add_all: &str, add_one: u32) {
        let first_starred = items.iter().position(Expr::is_starred_expr).unwrap_or(items.len());
        let (plain, rest) = items.split_at(first_starred);
        for item in plain {
            self.expression(item);
        }
        self.code.counted(build, count(plain.len()));
        for item in rest {
            match item {
                Expr::Starred(starred) => {
                    self.code.plain(Opcode::DupTop);
                    let method = self.name(add_all);
                    self.code.named(Opcode::LoadMethod, method);
                    self.expression(&starred.value);
                    self.code.counted(Opcode::CallMethod, 1);
                    self.code.plain(Opcode::PopTop);
                }
                other => {
                    self.expression(other);
                    self.code.counted(Opcode::StoreComp, add_one);
                }
            }
        }
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
                None => {
                    self.code.plain(Opcode::DupTop);
                    let method = self.name("update");
                    self.code.named(Opcode::LoadMethod, method);
                    self.expression(&item.value);
                    self.code.counted(Opcode::CallMethod, 1);
                    self.code.plain(Opcode::PopTop);
                }
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
