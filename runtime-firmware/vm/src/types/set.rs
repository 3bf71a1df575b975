//! `set` and `frozenset`: methods, constructors and operations.

use super::protocol;
use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;
use mpy::BinaryOperator;

macro_rules! with_shared {
    ($($own:expr,)*) => {
        &[
            $($own,)*
            protocol::CONTAINS,
            protocol::ITER,
            protocol::LEN,
            Row("copy", Member::Leaf(copy, 1, 1)),
            Row("difference", Member::General(|vm, args| combine(vm, args, SetOperation::Difference), 1, 255)),
            Row("intersection", Member::General(|vm, args| combine(vm, args, SetOperation::Intersection), 1, 255)),
            Row("isdisjoint", Member::General(is_disjoint, 2, 2)),
            Row("issubset", Member::General(is_subset, 2, 2)),
            Row("issuperset", Member::General(is_superset, 2, 2)),
            Row("symmetric_difference", Member::General(|vm, args| combine(vm, args, SetOperation::Symmetric), 2, 2)),
            Row("union", Member::General(|vm, args| combine(vm, args, SetOperation::Union), 1, 255)),
        ]
    };
}

pub(crate) const METHODS: &[Row] = with_shared!(
    Row("__new__", Member::Keywords(new_set)),
    Row("__init__", Member::Keywords(init)),
    Row("add", Member::General(add, 2, 2)),
    Row("clear", Member::Leaf(clear, 1, 1)),
    Row("difference_update", Member::General(|vm, args| change(vm, args, SetOperation::Difference), 1, 255)),
    Row("discard", Member::General(discard, 2, 2)),
    Row("intersection_update", Member::General(|vm, args| change(vm, args, SetOperation::Intersection), 1, 255)),
    Row("pop", Member::Leaf(pop, 1, 1)),
    Row("remove", Member::General(remove, 2, 2)),
    Row("symmetric_difference_update", Member::General(|vm, args| change(vm, args, SetOperation::Symmetric), 2, 2)),
    Row("update", Member::General(|vm, args| change(vm, args, SetOperation::Union), 1, 255)),
);

pub(crate) const FROZEN_METHODS: &[Row] = with_shared!(Row("__new__", Member::Keywords(new_frozen)),);

/// What two sets make together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SetOperation {
    /// `|`
    Union,
    /// `&`
    Intersection,
    /// `-`
    Difference,
    /// `^`
    Symmetric,
}

impl Heap {
    /// A set or frozenset argument (`changing`: a set only).
    fn expect_set<'h>(&'h self, value: Val<'h>, changing: bool) -> Result<Val<'h>, Raised> {
        let value = self.native_part(value);
        if self.is_set(value) && !(changing && self.is(value, Tag::FrozenSet)) {
            return Ok(value);
        }
        Err(self.error_about(class_id::TYPE_ERROR, "expected set, not {t}", value, Val::NONE))
    }
}

impl Vm<'_> {
    /// Calls `work` with a slot that holds each item of a walkable container in turn, until it says false.
    fn for_each(
        &mut self,
        container: Slot,
        mut work: impl FnMut(&mut Self, Slot) -> Result<bool, Raised>,
    ) -> Result<(), Raised> {
        let item = self.temp()?;
        let mut position = 0;
        loop {
            let start = position;
            let next = self.retry(|heap| {
                let mut position = start;
                match heap.walk_next(heap.get(container), &mut position)? {
                    Some(found) => heap.set(item, found),
                    None => return Ok(None),
                }
                Ok(Some(position))
            })?;
            let Some(next) = next else { break };
            position = next;
            if !work(self, item)? {
                break;
            }
        }
        self.pop_temp(item);
        Ok(())
    }

    /// Adds the items of a walkable container to a set.
    pub(crate) fn set_update(&mut self, set: Slot, items: Slot) -> Result<(), Raised> {
        if self.heap.get(set) == self.heap.get(items) {
            return Ok(());
        }
        self.for_each(items, |vm, item| vm.table_set(set, item, item).map(|()| true))
    }

    /// A new set of the items of a walkable container.
    fn set_of(&mut self, items: Slot, tag: Tag, out: Slot) -> Result<(), Raised> {
        if self.heap.is_set(self.heap.get(items)) {
            return self.make(out, |heap| heap.table_copy(heap.get(items), tag));
        }
        let set = self.temp()?;
        self.make(set, |heap| heap.new_table(tag, 0))?;
        self.set_update(set, items)?;
        self.heap.set(out, self.heap.get(set));
        self.pop_temp(set);
        Ok(())
    }

    /// Changes a set by the items of a walkable container.
    pub(crate) fn set_change(&mut self, set: Slot, items: Slot, operation: SetOperation) -> Result<(), Raised> {
        match operation {
            SetOperation::Union => self.set_update(set, items),
            SetOperation::Difference => {
                if self.heap.get(set) == self.heap.get(items) {
                    self.heap.table_clear(self.heap.get(set));
                    return Ok(());
                }
                self.for_each(items, |vm, item| {
                    if let Some(at) = vm.table_find(set, item)? {
                        vm.heap.table_remove_at(vm.heap.get(set), at);
                    }
                    Ok(true)
                })
            }
            SetOperation::Intersection | SetOperation::Symmetric => {
                let (other, out) = (self.temp_of(items)?, self.temp()?);
                if !self.heap.is_set(self.heap.get(items)) {
                    self.set_of(items, Tag::Set, other)?;
                }
                self.set_operation(set, other, operation, out)?;
                // The result's items become the set's own.
                let (heap, new) = (&*self.heap, self.heap.get(out));
                let target = heap.get(set);
                heap.set_word(target, 0, heap.word(new, 0));
                heap.set_word(target, 1, heap.word(new, 1));
                heap.set_flags(target, heap.flags(new));
                self.pop_temp(other);
                Ok(())
            }
        }
    }

    /// `a | b` and its kin of two sets: a new set of the kind of `a`. `b` may be any walkable container for unions and
    /// differences.
    pub(crate) fn set_operation(&mut self, a: Slot, b: Slot, operation: SetOperation, out: Slot) -> Result<(), Raised> {
        let tag = if self.heap.is(self.heap.get(a), Tag::FrozenSet) { Tag::FrozenSet } else { Tag::Set };
        let result = self.temp()?;
        match operation {
            SetOperation::Union | SetOperation::Difference => {
                self.set_of(a, tag, result)?;
                self.set_change(result, b, operation)?;
            }
            SetOperation::Intersection => {
                self.make(result, |heap| heap.new_table(tag, 0))?;
                self.for_each(a, |vm, item| {
                    if vm.table_find(b, item)?.is_some() {
                        vm.table_set(result, item, item)?;
                    }
                    Ok(true)
                })?;
            }
            SetOperation::Symmetric => {
                self.make(result, |heap| heap.new_table(tag, 0))?;
                for (from, other) in [(a, b), (b, a)] {
                    self.for_each(from, |vm, item| {
                        if vm.table_find(other, item)?.is_none() {
                            vm.table_set(result, item, item)?;
                        }
                        Ok(true)
                    })?;
                }
            }
        }
        self.heap.set(out, self.heap.get(result));
        self.pop_temp(result);
        Ok(())
    }

    /// True if all items of a walkable container are in a set or dict.
    pub(crate) fn set_contains_all(&mut self, table: Slot, items: Slot) -> Result<bool, Raised> {
        let mut all = true;
        self.for_each(items, |vm, item| {
            all = vm.table_find(table, item)?.is_some();
            Ok(all)
        })?;
        Ok(all)
    }
}

impl Vm<'_> {
    /// An operator on dicts, sets and views that hold keys with their own equality; `None` where it does not apply.
    pub(crate) fn operate_on_tables(
        &mut self,
        operator: BinaryOperator,
        a: Slot,
        b: Slot,
    ) -> Result<Option<u32>, Raised> {
        use BinaryOperator::*;
        let (left, right, out) = (self.temp_of(a)?, self.temp_of(b)?, self.temp()?);
        if self.heap.is_dict(self.heap.get(a)) && self.heap.is_dict(self.heap.get(b)) {
            match operator {
                InplaceOr => self.dict_update(a, b)?,
                Or => {
                    self.make(left, |heap| heap.table_copy(heap.get(a), Tag::Dict))?;
                    self.dict_update(left, b)?;
                }
                _ => return Ok(None),
            }
            return Ok(Some(self.heap.get(left).word()));
        }
        for slot in [left, right] {
            let value = self.heap.get(slot);
            if self.heap.is_set(value) {
                continue;
            }
            if !self.heap.is_dict_view(value) || self.heap.class_of(value) == class_id::DICT_VALUES {
                return Ok(None);
            }
            self.set_of(slot, Tag::Set, slot)?;
        }
        let combination = match crate::operate::plain(operator).unwrap_or(operator) {
            Or => Some(SetOperation::Union),
            And => Some(SetOperation::Intersection),
            Subtract => Some(SetOperation::Difference),
            Xor => Some(SetOperation::Symmetric),
            _ => None,
        };
        if let Some(combination) = combination {
            if crate::operate::plain(operator).is_some() && self.heap.is(self.heap.get(a), Tag::Set) {
                self.set_change(a, right, combination)?;
                return Ok(Some(self.heap.get(a).word()));
            }
            self.set_operation(left, right, combination, out)?;
            return Ok(Some(self.heap.get(out).word()));
        }
        let lengths = self.heap.table_len(self.heap.get(left)).cmp(&self.heap.table_len(self.heap.get(right)));
        // Equal sets have one length and all items in common; so have subsets, with fewer items.
        let (possible, small, large) = match operator {
            Equal | NotEqual => (lengths.is_eq(), left, right),
            Less => (lengths.is_lt(), left, right),
            LessEqual => (lengths.is_le(), left, right),
            More => (lengths.is_gt(), right, left),
            MoreEqual => (lengths.is_ge(), right, left),
            _ => return Ok(None),
        };
        let holds = possible && self.set_contains_all(large, small)?;
        Ok(Some(bool_word(holds != (operator == NotEqual))))
    }
}

/// Puts the set of the first argument into its slot.
fn receiver(vm: &mut Vm<'_>, args: Args, changing: bool) -> Result<Slot, Raised> {
    let set = vm.heap.expect_set(vm.heap.arg(args, 0), changing)?;
    vm.heap.set(args.slot(0), set);
    Ok(args.slot(0))
}

/// The first argument behind the receiver that is no walkable container.
fn unwalkable(vm: &mut Vm<'_>, args: Args) -> Result<Option<u32>, Raised> {
    for index in 1..args.count() {
        if !vm.make_walkable(args.slot(index))? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn combine(vm: &mut Vm<'_>, args: Args, operation: SetOperation) -> Result<Ret, Raised> {
    if let Some(index) = unwalkable(vm, args)? {
        return vm.walk_later(args, index);
    }
    let set = receiver(vm, args, false)?;
    let (result, other) = (vm.temp()?, vm.temp()?);
    let tag = if vm.heap.is(vm.heap.get(set), Tag::FrozenSet) { Tag::FrozenSet } else { Tag::Set };
    vm.set_of(set, tag, result)?;
    for index in 1..args.count() {
        vm.heap.set(other, vm.heap.arg(args, index));
        vm.set_change(result, other, operation)?;
    }
    Ok(vm.heap.get(result).ret())
}

fn change(vm: &mut Vm<'_>, args: Args, operation: SetOperation) -> Result<Ret, Raised> {
    if let Some(index) = unwalkable(vm, args)? {
        return vm.walk_later(args, index);
    }
    let set = receiver(vm, args, true)?;
    for index in 1..args.count() {
        vm.set_change(set, args.slot(index), operation)?;
    }
    Ok(Ret::NONE)
}

fn construct(vm: &mut Vm<'_>, args: Args, tag: Tag) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    vm.heap.bind_slots(args, &[""], 0)?;
    if args.count() == 0 {
        return vm.make_ret(|heap| heap.new_table(tag, 0));
    }
    if !vm.make_walkable(args.slot(0))? {
        return vm.walk_later(args, 0);
    }
    if tag == Tag::FrozenSet && vm.heap.is(vm.heap.arg(args, 0), Tag::FrozenSet) {
        return Ok(vm.heap.arg(args, 0).ret());
    }
    let out = vm.temp()?;
    vm.set_of(args.slot(0), tag, out)?;
    Ok(vm.heap.get(out).ret())
}

fn new_set(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    construct(vm, args, Tag::Set)
}

fn new_frozen(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    construct(vm, args, Tag::FrozenSet)
}

fn init(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.heap.bind_slots(args, &["", ""], 1)?;
    if let Some(index) = unwalkable(vm, args)? {
        return vm.walk_later(args, index);
    }
    let set = receiver(vm, args, true)?;
    if args.count() > 1 {
        vm.set_update(set, args.slot(1))?;
    }
    Ok(Ret::NONE)
}

fn add(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let set = receiver(vm, args, true)?;
    vm.table_set(set, args.slot(1), args.slot(1))?;
    Ok(Ret::NONE)
}

fn discard(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let set = receiver(vm, args, true)?;
    if let Some(at) = vm.table_find(set, args.slot(1))? {
        vm.heap.table_remove_at(vm.heap.get(set), at);
    }
    Ok(Ret::NONE)
}

fn remove(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let set = receiver(vm, args, true)?;
    match vm.table_find(set, args.slot(1))? {
        Some(at) => vm.heap.table_remove_at(vm.heap.get(set), at),
        None => return Err(vm.heap.error_value(class_id::KEY_ERROR, vm.heap.arg(args, 1))),
    }
    Ok(Ret::NONE)
}

fn pop(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let set = heap.expect_set(heap.arg(args, 0), true)?;
    match heap.table_next(set, 0) {
        Some((at, key, _)) => {
            heap.table_remove_at(set, at);
            Ok(key)
        }
        None => {
            let text = heap.new_str(b"pop from an empty set")?;
            Err(heap.error_value(class_id::KEY_ERROR, text))
        }
    }
}

fn clear(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.table_clear(heap.expect_set(heap.arg(args, 0), true)?);
    Ok(Val::NONE)
}

fn copy(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let set = heap.expect_set(heap.arg(args, 0), false)?;
    if heap.is(set, Tag::FrozenSet) { Ok(set) } else { heap.table_copy(set, Tag::Set) }
}

/// Makes argument `index` a table to search: sets and dicts are, views of keys have one, all else becomes a set.
fn as_table(vm: &mut Vm<'_>, args: Args, index: u32) -> Result<Slot, Raised> {
    let slot = args.slot(index);
    let value = vm.heap.native_part(vm.heap.get(slot));
    if vm.heap.is_set(value) || vm.heap.is_dict(value) {
        vm.heap.set(slot, value);
        return Ok(slot);
    }
    let table = vm.temp()?;
    vm.set_of(slot, Tag::Set, table)?;
    Ok(table)
}

pub(super) fn is_disjoint(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if let Some(index) = unwalkable(vm, args)? {
        return vm.walk_later(args, index);
    }
    let table = as_table(vm, args, 0)?;
    let mut apart = true;
    vm.for_each(args.slot(1), |vm, item| {
        apart = vm.table_find(table, item)?.is_none();
        Ok(apart)
    })?;
    Ok(Val::bool(apart).ret())
}

fn is_subset(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if let Some(index) = unwalkable(vm, args)? {
        return vm.walk_later(args, index);
    }
    let set = receiver(vm, args, false)?;
    let table = as_table(vm, args, 1)?;
    Ok(Val::bool(vm.set_contains_all(table, set)?).ret())
}

fn is_superset(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if let Some(index) = unwalkable(vm, args)? {
        return vm.walk_later(args, index);
    }
    let set = receiver(vm, args, false)?;
    Ok(Val::bool(vm.set_contains_all(set, args.slot(1))?).ret())
}
