//! Dicts and sets: one insertion-ordered table, with or without values.
//!
//! Object: live entries, Items (or NULL). Up to [`SMALL`] entries are searched one by one. Above that the Items
//! object (flag bit 0 set) starts with a reference to an index: a raw Table of the number of used entries and a
//! power of two of 1-, 2- or 4-byte cells holding entry number plus one. Removed entries keep their place, with
//! the key DELETED, until the table is rebuilt.
//!
//! Keys that are instances with their own `__eq__` cannot be compared here: such searches end with
//! `Cause::NeedVm`, and `Vm` walks the entries instead (`compare.rs`).

use crate::heap::{Cause, Heap};
use crate::layout::Tag;
use crate::value::*;

/// Entries up to which no index is kept.
const SMALL: u32 = 8;
/// Flag of a dict or set: it may hold other keys than names, so that words alone do not decide.
const OTHER_KEYS: u32 = 1;
/// Flag of a dict or set: it holds keys with their own `__eq__`.
const OWN_EQUALITY: u32 = 2;
/// Flag of Items: the first field is the index.
const INDEXED: u32 = 1;

impl Heap {
    /// An empty dict with room for `capacity` entries.
    pub fn new_dict(&self, capacity: u32) -> Result<Val<'_>, Raised> {
        self.new_table(Tag::Dict, capacity)
    }

    /// An empty set with room for `capacity` items.
    pub fn new_set(&self, capacity: u32) -> Result<Val<'_>, Raised> {
        self.new_table(Tag::Set, capacity)
    }

    pub(crate) fn new_table(&self, tag: Tag, capacity: u32) -> Result<Val<'_>, Raised> {
        let items = if capacity == 0 { None } else { Some(self.new_items(stride_of(tag), capacity)?) };
        let table = self.alloc(tag, 2)?;
        self.set_int_field(table, 0, 0);
        if let Some(items) = items {
            self.set_field(table, 1, items);
        }
        Ok(table)
    }

    /// True for a dict.
    pub fn is_dict(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::Dict)
    }

    /// True for a set or frozenset.
    pub fn is_set(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::Set) || self.is(value, Tag::FrozenSet)
    }

    /// Number of entries.
    pub fn table_len(&self, table: Val<'_>) -> u32 {
        self.int_field(table, 0) as u32
    }

    fn stride(&self, table: Val<'_>) -> u32 {
        if self.is(table, Tag::Dict) { 2 } else { 1 }
    }

    fn new_items(&self, stride: u32, capacity: u32) -> Result<Val<'_>, Raised> {
        if capacity <= SMALL {
            return self.alloc(Tag::Items, stride * capacity);
        }
        let width = cell_width(capacity);
        let cells = (capacity + capacity / 3 + 1).next_power_of_two();
        let index = self.alloc(Tag::Table, 1 + (cells * width).div_ceil(4))?;
        let items = self.alloc(Tag::Items, capacity.saturating_mul(stride).saturating_add(1))?;
        self.set_flags(items, INDEXED);
        self.set_field(items, 0, index);
        Ok(items)
    }

    fn index_of(&self, items: Val<'_>) -> Option<Val<'_>> {
        if self.flags(items) & INDEXED != 0 { self.field(items, 0) } else { None }
    }

    /// Entries that fit.
    fn capacity(&self, items: Val<'_>, stride: u32) -> u32 {
        (self.field_count(items) - (self.flags(items) & INDEXED)) / stride
    }

    fn key_place(&self, items: Val<'_>, stride: u32, position: u32) -> u32 {
        (self.flags(items) & INDEXED) + position * stride
    }

    /// Entries in use, removed ones included.
    fn used(&self, items: Val<'_>, stride: u32) -> u32 {
        if let Some(index) = self.index_of(items) {
            return self.word(index, 0);
        }
        let capacity = self.capacity(items, stride);
        (0..capacity).find(|position| self.word(items, position * stride) == NULL).unwrap_or(capacity)
    }

    /// Entries in use, removed ones included: positions for [`Heap::table_entry`] lie below it.
    pub fn table_positions(&self, table: Val<'_>) -> u32 {
        self.field(table, 1).map_or(0, |items| self.used(items, self.stride(table)))
    }

    /// Key and value (for sets: the key again) at a position; `None` for removed entries and past the end.
    pub fn table_entry(&self, table: Val<'_>, position: u32) -> Option<(Val<'_>, Val<'_>)> {
        let stride = self.stride(table);
        let items = self.field(table, 1)?;
        if position >= self.capacity(items, stride) {
            return None;
        }
        let place = self.key_place(items, stride, position);
        let key = self.field(items, place)?;
        if key.word() == DELETED {
            return None;
        }
        Some((key, self.value(items, place + stride - 1)))
    }

    /// The first entry at or behind `position`: its position, key and value.
    pub fn table_next(&self, table: Val<'_>, position: u32) -> Option<(u32, Val<'_>, Val<'_>)> {
        let end = self.table_positions(table);
        (position..end).find_map(|at| self.table_entry(table, at).map(|(key, value)| (at, key, value)))
    }

    /// Position of `key`. TypeError if it cannot be hashed; `Cause::NeedVm` if Python must decide.
    pub(crate) fn table_find(&self, table: Val<'_>, key: Val<'_>) -> Result<Option<u32>, Raised> {
        let Some(items) = self.field(table, 1) else {
            self.hash(key)?;
            return Ok(None);
        };
        let stride = self.stride(table);
        let flags = self.flags(table);
        if is_name(key.word()) && flags & OTHER_KEYS == 0 {
            return Ok(self.find_name_key(items, stride, key.word()));
        }
        if flags & OWN_EQUALITY != 0 || self.is_python_key(key) {
            self.hash(key)?;
            return Err(self.need_vm());
        }
        let hash = self.hash(key)?;
        if self.index_of(items).is_none() {
            for position in 0..self.capacity(items, stride) {
                let Some(entry) = self.field(items, position * stride) else { break };
                if entry == key || self.equal(entry, key)? {
                    return Ok(Some(position));
                }
            }
            return Ok(None);
        }
        self.probe(items, stride, hash, |entry| Ok(entry == key || self.equal(entry, key)?))
    }

    /// As [`Heap::table_find`] for a name, which needs no hash errors and no calls.
    fn find_name_key(&self, items: Val<'_>, stride: u32, key: u32) -> Option<u32> {
        if self.index_of(items).is_none() {
            for position in 0..self.capacity(items, stride) {
                let word = self.word(items, position * stride);
                if word == key {
                    return Some(position);
                }
                if word == NULL {
                    break;
                }
            }
            return None;
        }
        let hash = Val::from_word(key).map_or(0, |key| self.str_hash(key) as u32);
        self.probe(items, stride, hash, |entry| Ok(entry.word() == key)).unwrap_or(None)
    }

    fn probe<'h>(
        &'h self,
        items: Val<'h>,
        stride: u32,
        hash: u32,
        matches: impl Fn(Val<'h>) -> Result<bool, Raised>,
    ) -> Result<Option<u32>, Raised> {
        let Some(index) = self.index_of(items) else { return Ok(None) };
        let cells = Cells::of(self, index, self.capacity(items, stride));
        let mut cell = hash & cells.mask;
        for _ in 0..=cells.mask {
            let number = cells.get(self, index, cell);
            if number == 0 {
                return Ok(None);
            }
            if let Some(entry) = self.field(items, self.key_place(items, stride, number - 1))
                && entry.word() != DELETED
                && matches(entry)?
            {
                return Ok(Some(number - 1));
            }
            cell = (cell + 1) & cells.mask;
        }
        Ok(None)
    }

    /// The value of `key` in a dict. TypeError if it cannot be hashed; `Cause::NeedVm` if Python must decide.
    pub fn dict_get<'h>(&'h self, dict: Val<'h>, key: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        let found = self.table_find(dict, key)?;
        Ok(found.and_then(|position| self.table_entry(dict, position)).map(|(_, value)| value))
    }

    /// The value of a name in a dict whose keys are names (a namespace).
    #[inline]
    pub fn dict_get_name<'h>(&'h self, dict: Val<'h>, name: u16) -> Option<Val<'h>> {
        let items = self.field(dict, 1)?;
        if self.flags(dict) & OTHER_KEYS != 0 {
            return self.dict_get(dict, Val::name(name)).unwrap_or(None);
        }
        let position = self.find_name_key(items, 2, name_word(name))?;
        Some(self.value(items, self.key_place(items, 2, position) + 1))
    }

    /// Sets `key` to `value` in a dict (for sets: adds `key`).
    pub fn table_set(&self, table: Val<'_>, key: Val<'_>, value: Val<'_>) -> Result<(), Raised> {
        let key = self.canonical_key(key);
        match self.table_find(table, key)? {
            Some(position) => {
                self.table_set_at(table, position, value);
                Ok(())
            }
            None => self.table_append(table, key, value),
        }
    }

    /// Sets a name in a namespace.
    pub fn dict_set_name(&self, dict: Val<'_>, name: u16, value: Val<'_>) -> Result<(), Raised> {
        self.table_set(dict, Val::name(name), value)
    }

    /// A str key that is a known name becomes that name, so that namespaces keep comparing words only.
    fn canonical_key<'h>(&'h self, key: Val<'h>) -> Val<'h> {
        if self.is(key, Tag::Str)
            && let Some(name) = self.find_name(self.raw_bytes(key))
        {
            return Val::name(name);
        }
        key
    }

    /// Replaces the value at a position of a dict; nothing for sets.
    pub(crate) fn table_set_at(&self, table: Val<'_>, position: u32, value: Val<'_>) {
        if self.is(table, Tag::Dict)
            && let Some(items) = self.field(table, 1)
        {
            self.set_field(items, self.key_place(items, 2, position) + 1, value);
        }
    }

    /// Adds an entry whose key is known to be absent.
    pub(crate) fn table_append(&self, table: Val<'_>, key: Val<'_>, value: Val<'_>) -> Result<(), Raised> {
        let stride = self.stride(table);
        let (hash, own) = self.index_hash(key)?;
        let mut items = match self.field(table, 1) {
            Some(items) => items,
            None => {
                let items = self.new_items(stride, if stride == 1 { 4 } else { 2 })?;
                self.set_field(table, 1, items);
                items
            }
        };
        let mut position = self.used(items, stride);
        if position >= self.capacity(items, stride) {
            let live = self.table_len(table);
            items = self.rebuilt(table, items, live + (live / 2).max(if live < 4 { 1 } else { 2 }))?;
            self.set_field(table, 1, items);
            position = live;
        }
        if !is_name(key.word()) {
            let own = if own { OWN_EQUALITY } else { 0 };
            self.set_flags(table, self.flags(table) | OTHER_KEYS | own);
        }
        let place = self.key_place(items, stride, position);
        self.set_field(items, place, key);
        if stride == 2 {
            self.set_field(items, place + 1, value);
        }
        if let Some(index) = self.index_of(items) {
            Cells::of(self, index, self.capacity(items, stride)).insert(self, index, hash, position);
            self.set_word(index, 0, position + 1);
        }
        self.set_int_field(table, 0, self.table_len(table) as i32 + 1);
        Ok(())
    }

    /// A copy of the live entries with room for `capacity`.
    fn rebuilt<'h>(&'h self, table: Val<'h>, old: Val<'h>, capacity: u32) -> Result<Val<'h>, Raised> {
        let stride = self.stride(table);
        let items = self.new_items(stride, capacity)?;
        let index = self.index_of(items);
        let mut next = 0;
        for position in 0..self.used(old, stride) {
            let place = self.key_place(old, stride, position);
            let Some(key) = self.field(old, place) else { continue };
            if key.word() == DELETED {
                continue;
            }
            let target = self.key_place(items, stride, next);
            self.set_field(items, target, key);
            self.set_word(items, target + stride - 1, self.word(old, place + stride - 1));
            if let Some(index) = index {
                let (hash, _) = self.index_hash(key)?;
                Cells::of(self, index, capacity).insert(self, index, hash, next);
            }
            next += 1;
        }
        if let Some(index) = index {
            self.set_word(index, 0, next);
        }
        Ok(items)
    }

    /// The hash under which a key is indexed. Keys with their own equality are never searched by it.
    /// True besides if only Python can compare it.
    fn index_hash(&self, key: Val<'_>) -> Result<(u32, bool), Raised> {
        if self.is_python_key(key) {
            return Ok((0, true));
        }
        match self.hash(key) {
            Ok(hash) => Ok((hash, false)),
            Err(_) if self.is_cause(Cause::NeedVm) => {
                self.cause.set(Cause::None);
                Ok((0, true))
            }
            Err(raised) => Err(raised),
        }
    }

    /// Removes the entry at a position.
    pub(crate) fn table_remove_at(&self, table: Val<'_>, position: u32) {
        let stride = self.stride(table);
        let Some(items) = self.field(table, 1) else { return };
        if self.index_of(items).is_some() {
            let place = self.key_place(items, stride, position);
            self.set_word(items, place, DELETED);
            if stride == 2 {
                self.set_word(items, place + 1, NONE);
            }
        } else {
            // Small tables close the gap.
            let fields = self.field_count(items);
            for place in position * stride..fields {
                let next = if place + stride < fields { self.word(items, place + stride) } else { NULL };
                self.set_word(items, place, next);
            }
        }
        self.set_int_field(table, 0, self.table_len(table) as i32 - 1);
    }

    /// Removes `key`; its value (for sets: the key) if it was there.
    pub fn table_remove<'h>(&'h self, table: Val<'h>, key: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        let Some(position) = self.table_find(table, key)? else { return Ok(None) };
        let entry = self.table_entry(table, position);
        self.table_remove_at(table, position);
        Ok(entry.map(|(_, value)| value))
    }

    /// Removes all entries.
    pub fn table_clear(&self, table: Val<'_>) {
        self.set_word(table, 1, NULL);
        self.set_int_field(table, 0, 0);
        self.set_flags(table, 0);
    }

    /// A new dict or set (as `tag` says) of a table's keys, and values where both have them.
    pub(crate) fn table_copy(&self, table: Val<'_>, tag: Tag) -> Result<Val<'_>, Raised> {
        let live = self.table_len(table);
        let copy = self.new_table(tag, live)?;
        let mut position = 0;
        while let Some((at, key, value)) = self.table_next(table, position) {
            self.table_append(copy, key, value)?;
            position = at + 1;
        }
        Ok(copy)
    }
}

const fn stride_of(tag: Tag) -> u32 {
    if matches!(tag, Tag::Dict) { 2 } else { 1 }
}

/// Bytes of an index cell for a table of so many entries.
const fn cell_width(capacity: u32) -> u32 {
    if capacity < 0xff {
        1
    } else if capacity < 0xffff {
        2
    } else {
        4
    }
}

/// The cells of an index.
struct Cells {
    width: u32,
    mask: u32,
}

impl Cells {
    fn of(heap: &Heap, index: Val<'_>, capacity: u32) -> Cells {
        let width = cell_width(capacity);
        let cells = ((heap.field_count(index) - 1) * 4 / width).max(1);
        // Allocation rounds up to words; the count is a power of two that was chosen before.
        let cells = if cells.is_power_of_two() { cells } else { cells.next_power_of_two() / 2 };
        Cells { width, mask: cells - 1 }
    }

    fn get(&self, heap: &Heap, index: Val<'_>, cell: u32) -> u32 {
        let word = heap.word(index, 1 + cell * self.width / 4);
        let shift = cell * self.width % 4 * 8;
        match self.width {
            1 => word >> shift & 0xff,
            2 => word >> shift & 0xffff,
            _ => word,
        }
    }

    /// Puts `position` into the first free cell from `hash` on.
    fn insert(&self, heap: &Heap, index: Val<'_>, hash: u32, position: u32) {
        let mut cell = hash & self.mask;
        for _ in 0..=self.mask {
            if self.get(heap, index, cell) == 0 {
                break;
            }
            cell = (cell + 1) & self.mask;
        }
        let place = 1 + cell * self.width / 4;
        let shift = cell * self.width % 4 * 8;
        let number = position + 1;
        let word = match self.width {
            1 => heap.word(index, place) & !(0xff << shift) | number << shift,
            2 => heap.word(index, place) & !(0xffff << shift) | number << shift,
            _ => number,
        };
        heap.set_word(index, place, word);
    }
}
