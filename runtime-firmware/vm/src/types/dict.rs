//! `dict` and its views: methods and constructors.
//!
//! Lookups go through [`Vm::table_find`], so that keys with their own `__eq__` work everywhere.

use super::protocol;
use crate::Args;
use crate::class_id;
use crate::heap::{Cause, Heap};
use crate::layout::Tag;
use crate::names;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    Row("__init__", Member::Keywords(init)),
    protocol::CONTAINS,
    protocol::GET,
    protocol::ITER,
    protocol::LEN,
    protocol::SET,
    protocol::DELETE,
    Row("clear", Member::Leaf(clear, 1, 1)),
    Row("copy", Member::Leaf(copy, 1, 1)),
    Row("fromkeys", Member::Class(from_keys, 2, 3)),
    Row("get", Member::General(get, 2, 3)),
    Row("items", Member::Leaf(|heap, args| view(heap, args, class_id::DICT_ITEMS), 1, 1)),
    Row("keys", Member::Leaf(|heap, args| view(heap, args, class_id::DICT_KEYS), 1, 1)),
    Row("pop", Member::General(pop, 2, 3)),
    Row("popitem", Member::Leaf(pop_item, 1, 1)),
    Row("setdefault", Member::General(set_default, 2, 3)),
    Row("update", Member::Keywords(update)),
    Row("values", Member::Leaf(|heap, args| view(heap, args, class_id::DICT_VALUES), 1, 1)),
];

/// Of keys and items, which compare as sets.
pub(crate) const VIEW_METHODS: &[Row] = &[
    protocol::CONTAINS,
    protocol::ITER,
    protocol::LEN,
    Row("isdisjoint", Member::General(super::set::is_disjoint, 2, 2)),
];

/// Of values.
pub(crate) const VALUES_METHODS: &[Row] = &[protocol::ITER, protocol::LEN];

impl Heap {
    /// A dict argument; of an instance of a class that extends dict, the dict.
    pub(crate) fn expect_dict<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        let value = self.native_part(value);
        if self.is_dict(value) {
            return Ok(value);
        }
        Err(self.error_about(class_id::TYPE_ERROR, "expected dict, not {t}", value, Val::NONE))
    }

    /// Sets all entries of one dict in another. Can be repeated. `Cause::NeedVm` for keys with their own equality.
    pub(crate) fn dict_merge(&self, target: Val<'_>, source: Val<'_>) -> Result<(), Raised> {
        if target == source {
            return Ok(());
        }
        let mut position = 0;
        while let Some((at, key, value)) = self.table_next(source, position) {
            self.table_set(target, key, value)?;
            position = at + 1;
        }
        Ok(())
    }

    /// `a | b` of two dicts. `Cause::NeedVm` for keys with their own equality.
    pub(crate) fn dict_union<'h>(&'h self, a: Val<'h>, b: Val<'h>) -> Result<Val<'h>, Raised> {
        let new = self.table_copy(a, Tag::Dict)?;
        self.dict_merge(new, b)?;
        Ok(new)
    }

    /// A view of a dict.
    pub(crate) fn new_view<'h>(&'h self, dict: Val<'h>, class: u16) -> Result<Val<'h>, Raised> {
        let view = self.new_native(class, 1)?;
        self.set_native_field(view, 0, dict);
        Ok(view)
    }
}

impl Vm<'_> {
    /// The value of a key of a dict goes to `out`; false if there is none.
    pub(crate) fn dict_get(&mut self, dict: Slot, key: Slot, out: Slot) -> Result<bool, Raised> {
        let Some(position) = self.table_find(dict, key)? else { return Ok(false) };
        match self.heap.table_entry(self.heap.get(dict), position) {
            Some((_, value)) => {
                self.heap.set(out, value);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// As [`Heap::dict_merge`], for all keys.
    pub(crate) fn dict_update(&mut self, target: Slot, source: Slot) -> Result<(), Raised> {
        match self.retry(|heap| heap.dict_merge(heap.get(target), heap.get(source))) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        let (key, value) = (self.temp()?, self.temp()?);
        let mut position = 0;
        while let Some((at, found, item)) = self.heap.table_next(self.heap.get(source), position) {
            self.heap.set(key, found);
            self.heap.set(value, item);
            self.table_set(target, key, value)?;
            position = at + 1;
        }
        self.pop_temp(key);
        Ok(())
    }

    /// Puts a dict, or pairs, into a dict. False if `source` must be made a list first.
    fn fill_dict(&mut self, target: Slot, source: Slot) -> Result<bool, Raised> {
        let native = self.heap.native_part(self.heap.get(source));
        if self.heap.is_dict(native) {
            self.heap.set(source, native);
            return self.dict_update(target, source).map(|()| true);
        }
        if !self.make_walkable(source)? {
            return Ok(false);
        }
        let (pair, key, value) = (self.temp()?, self.temp()?, self.temp()?);
        let mut position = 0;
        loop {
            let start = position;
            let next = self.retry(|heap| {
                let mut position = start;
                match heap.walk_next(heap.get(source), &mut position)? {
                    Some(item) => heap.set(pair, item),
                    None => return Ok(None),
                }
                Ok(Some(position))
            })?;
            let Some(next) = next else { break };
            position = next;
            self.retry(|heap| {
                let items = heap.native_part(heap.get(pair));
                if !heap.is_walkable(items) {
                    let text = "cannot convert dictionary update sequence element to a sequence, got '{t}'";
                    return Err(heap.error_about(class_id::TYPE_ERROR, text, items, Val::NONE));
                }
                let mut position = 0;
                let first = heap.walk_next(items, &mut position)?;
                let second = heap.walk_next(items, &mut position)?;
                let third = heap.walk_next(items, &mut position)?;
                match (first, second, third) {
                    (Some(first), Some(second), None) => {
                        heap.set(key, first);
                        heap.set(value, second);
                        Ok(())
                    }
                    _ => Err(heap.value_error("dictionary update sequence element has wrong length; 2 is required")),
                }
            })?;
            self.table_set(target, key, value)?;
        }
        self.pop_temp(pair);
        Ok(true)
    }

    /// Sets the keyword arguments in a dict.
    fn fill_keywords(&mut self, target: Slot, args: Args) -> Result<(), Raised> {
        for index in 0..args.keyword_count() {
            self.table_set(target, args.keyword_slot(index), args.keyword_value_slot(index))?;
        }
        Ok(())
    }
}

/// Puts the dict of the first argument into its slot, where a class of the program extends dict.
fn receiver(vm: &mut Vm<'_>, args: Args) -> Result<Slot, Raised> {
    let dict = vm.heap.expect_dict(vm.heap.arg(args, 0))?;
    vm.heap.set(args.slot(0), dict);
    Ok(args.slot(0))
}

/// `update(source, **keywords)` on `target`; `index` is the argument that is the source.
fn update_from(vm: &mut Vm<'_>, args: Args, target: Slot, index: u32) -> Result<Option<Ret>, Raised> {
    if args.count() > index + 1 {
        return Err(vm.heap.type_error("dict expected at most 1 positional argument"));
    }
    if args.count() == index + 1 {
        let source = args.slot(index);
        if vm.heap.is(vm.heap.get(source), Tag::Instance)
            && !vm.heap.is_dict(vm.heap.native_part(vm.heap.get(source)))
            && vm.heap.find_class_attribute(vm.heap.class_of(vm.heap.get(source)), names::KEYS).is_some()
        {
            return update_from_mapping(vm, target, source).map(|()| fill_rest(vm, target, args)).and_then(|done| done);
        }
        if !vm.fill_dict(target, source)? {
            return vm.walk_later(args, index).map(Some);
        }
    }
    fill_rest(vm, target, args)
}

fn fill_rest(vm: &mut Vm<'_>, target: Slot, args: Args) -> Result<Option<Ret>, Raised> {
    vm.fill_keywords(target, args).map(|()| None)
}

/// From an object with `keys` and `__getitem__`.
fn update_from_mapping(vm: &mut Vm<'_>, target: Slot, source: Slot) -> Result<(), Raised> {
    let (keys, key, value) = (vm.temp()?, vm.temp()?, vm.temp()?);
    vm.nested(|vm| {
        vm.call_method(source, names::KEYS, &[], keys)?;
        if !vm.heap.is_walkable(vm.heap.get(keys)) {
            return Err(vm.heap.type_error("keys() must return a builtin container"));
        }
        vm.make(keys, |heap| heap.list_of(heap.get(keys)))?;
        let mut index = 0;
        while let Some(found) = vm.heap.list_get(vm.heap.get(keys), index) {
            vm.heap.set(key, found);
            vm.call_method(source, names::GETITEM, &[key], value)?;
            vm.table_set(target, key, value)?;
            index += 1;
        }
        Ok(())
    })?;
    vm.pop_temp(keys);
    Ok(())
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    let target = vm.temp()?;
    vm.make(target, |heap| heap.new_dict(0))?;
    match update_from(vm, args, target, 0)? {
        Some(tail) => Ok(tail),
        None => Ok(vm.heap.get(target).ret()),
    }
}

fn init(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    update(vm, args)
}

fn update(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let target = receiver(vm, args)?;
    Ok(update_from(vm, args, target, 1)?.unwrap_or(Ret::NONE))
}

fn key_error(vm: &Vm<'_>, key: Slot) -> Raised {
    vm.heap.error_value(class_id::KEY_ERROR, vm.heap.get(key))
}

fn clear(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.table_clear(heap.expect_dict(heap.arg(args, 0))?);
    Ok(Val::NONE)
}

fn copy(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.table_copy(heap.expect_dict(heap.arg(args, 0))?, Tag::Dict)
}

/// `dict.fromkeys(keys, value=None)`; the class comes first.
fn from_keys(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let source = args.slot(1);
    if !vm.make_walkable(source)? {
        return vm.walk_later(args, 1);
    }
    let (target, list, key, value) = (vm.temp()?, vm.temp()?, vm.temp()?, vm.temp()?);
    if args.count() > 2 {
        vm.heap.set(value, vm.heap.arg(args, 2));
    }
    vm.make(list, |heap| heap.list_of(heap.get(source)))?;
    vm.make(target, |heap| heap.new_dict(0))?;
    let mut index = 0;
    while let Some(found) = vm.heap.list_get(vm.heap.get(list), index) {
        vm.heap.set(key, found);
        vm.table_set(target, key, value)?;
        index += 1;
    }
    Ok(vm.heap.get(target).ret())
}

fn get(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (dict, out) = (receiver(vm, args)?, vm.temp()?);
    if !vm.dict_get(dict, args.slot(1), out)? {
        return Ok(vm.heap.optional_arg(args, 2).unwrap_or(Val::NONE).ret());
    }
    Ok(vm.heap.get(out).ret())
}

fn pop(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let dict = receiver(vm, args)?;
    let Some(position) = vm.table_find(dict, args.slot(1))? else {
        return match vm.heap.optional_arg(args, 2) {
            Some(default) => Ok(default.ret()),
            None => Err(key_error(vm, args.slot(1))),
        };
    };
    let dict = vm.heap.get(dict);
    let value = vm.heap.table_entry(dict, position).map_or(Val::NONE, |(_, value)| value);
    vm.heap.table_remove_at(dict, position);
    Ok(value.ret())
}

/// The last entry, as a pair.
fn pop_item(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let dict = heap.expect_dict(heap.arg(args, 0))?;
    let last = (0..heap.table_positions(dict)).rev().find_map(|at| heap.table_entry(dict, at).map(|found| (at, found)));
    let Some((at, (key, value))) = last else {
        let text = heap.new_str(b"popitem(): dictionary is empty")?;
        return Err(heap.error_value(class_id::KEY_ERROR, text));
    };
    let pair = heap.new_tuple_of(&[key, value])?;
    heap.table_remove_at(dict, at);
    Ok(pair)
}

fn set_default(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (dict, out) = (receiver(vm, args)?, vm.temp()?);
    if vm.dict_get(dict, args.slot(1), out)? {
        return Ok(vm.heap.get(out).ret());
    }
    if args.count() > 2 {
        vm.heap.set(out, vm.heap.arg(args, 2));
    }
    vm.table_set(dict, args.slot(1), out)?;
    Ok(vm.heap.get(out).ret())
}

fn view<'h>(heap: &'h Heap, args: Args, class: u16) -> Result<Val<'h>, Raised> {
    heap.new_view(heap.expect_dict(heap.arg(args, 0))?, class)
}
