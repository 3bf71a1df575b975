//! Classes: their objects, their order of bases (C3), and the search for an attribute along it.

use crate::class_id;
use crate::heap::{Heap, Root};
use crate::layout::Tag;
use crate::rom::Member;
use crate::value::*;

/// Fields of a Class object.
pub(crate) mod field {
    /// Class id.
    pub(crate) const ID: u32 = 0;
    /// `__name__`, a str.
    pub(crate) const NAME: u32 = 1;
    /// `__bases__`, a tuple of classes.
    pub(crate) const BASES: u32 = 2;
    /// `__mro__`, a tuple that starts with the class itself.
    pub(crate) const MRO: u32 = 3;
    /// The namespace.
    pub(crate) const DICT: u32 = 4;
    /// List of the attribute names that instances have had, in order; slot n of an instance is names[n].
    pub(crate) const SLOT_NAMES: u32 = 5;
    /// Class id of the metaclass.
    pub(crate) const METACLASS: u32 = 6;
    /// Class id of the builtin type that instances extend (`object`, an exception, `list` …).
    pub(crate) const NATIVE_BASE: u32 = 7;
    /// Number of fields.
    pub(crate) const COUNT: u32 = 8;
}

/// Attributes that an instance keeps in place; further ones go to its dict.
pub(crate) const MAX_SLOTS: u32 = 32;
/// Longest chain of bases.
const MAX_BASES: usize = 16;

impl Heap {
    /// True for a class, builtin or not.
    pub fn is_class(&self, value: Val<'_>) -> bool {
        matches!(rom_of(value.word()), Some((RomKind::Type, _))) || self.is(value, Tag::Class)
    }

    /// The id of a class.
    pub fn class_id(&self, class: Val<'_>) -> u16 {
        match rom_of(class.word()) {
            Some((_, id)) => id,
            None => self.int_field(class, field::ID) as u16,
        }
    }

    /// The class with an id.
    pub fn class_value(&self, id: u16) -> Val<'_> {
        if id < class_id::FIRST_USER {
            return Val::builtin_type(id);
        }
        let classes = self.root(Root::Classes);
        let found = classes.and_then(|list| self.list_get(list, (id - class_id::FIRST_USER) as u32));
        found.unwrap_or(Val::builtin_type(class_id::OBJECT))
    }

    /// `__name__` of a class.
    pub fn class_name(&self, id: u16) -> &[u8] {
        if let Some(row) = self.rom.types.get(id as usize)
            && id < class_id::FIRST_USER
        {
            return self.name_bytes(row.name);
        }
        self.str_bytes(self.value(self.class_value(id), field::NAME)).unwrap_or(b"object")
    }

    pub(crate) fn metaclass_of(&self, class: Val<'_>) -> u16 {
        self.int_field(class, field::METACLASS) as u16
    }

    /// The builtin class that instances of `id` extend: itself for builtin ones.
    pub(crate) fn native_base(&self, id: u16) -> u16 {
        if id < class_id::FIRST_USER {
            return id;
        }
        self.int_field(self.class_value(id), field::NATIVE_BASE) as u16
    }

    /// True if class `id` is `ancestor` or derives from it.
    pub fn is_subclass(&self, id: u16, ancestor: u16) -> bool {
        if id == ancestor || ancestor == class_id::OBJECT {
            return true;
        }
        if id < class_id::FIRST_USER {
            let base = self.base_of(id);
            return base != id && self.is_subclass(base, ancestor);
        }
        let mro = self.value(self.class_value(id), field::MRO);
        (1..self.tuple_len(mro)).any(|index| self.class_id(self.tuple_get(mro, index)) == ancestor)
    }

    /// True if `value` is an instance of class `id` or of a class that derives from it.
    pub fn is_instance(&self, value: Val<'_>, id: u16) -> bool {
        self.is_subclass(self.class_of(value), id)
    }

    /// Base of a builtin class.
    pub(crate) fn base_of(&self, id: u16) -> u16 {
        self.rom.types.get(id as usize).map_or(class_id::OBJECT, |row| row.base)
    }

    /// An attribute found on a class or its bases, unbound. Native rows come as ROM function words.
    pub(crate) fn find_class_attribute(&self, class: u16, name: u16) -> Option<Val<'_>> {
        if let Some(word) = self.cached(class, name) {
            return if word == DELETED { None } else { Val::from_word(word) };
        }
        let found = self.search_class(class, name, 0);
        self.cache(class, name, found.map_or(DELETED, Val::word));
        found
    }

    /// The search itself, from position `skip` of the method resolution order on (`super`).
    pub(crate) fn search_class(&self, class: u16, name: u16, skip: u32) -> Option<Val<'_>> {
        if class < class_id::FIRST_USER {
            let (mut id, mut position) = (class, 0);
            loop {
                if position >= skip
                    && let Some(row) = self.rom.type_member(id, name)
                {
                    return Some(self.type_member_value(row));
                }
                let base = self.base_of(id);
                if base == id {
                    return None;
                }
                (id, position) = (base, position + 1);
            }
        }
        let mro = self.value(self.class_value(class), field::MRO);
        for position in skip..self.tuple_len(mro) {
            let ancestor = self.tuple_get(mro, position);
            let found = match rom_of(ancestor.word()) {
                Some((_, id)) => self.rom.type_member(id, name).map(|row| self.type_member_value(row)),
                None => self.dict_get_name(self.value(ancestor, field::DICT), name),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn type_member_value(&self, row: u16) -> Val<'_> {
        let plain = match self.member(row).map(|row| (row.member, row.text)) {
            Some((Member::Int(n), _)) => Some(Val::int(n)),
            Some((Member::Str(_), text)) => Some(Val::name(text)),
            Some((Member::Type(id), _)) => Some(Val::builtin_type(id)),
            Some((Member::Value(value), _)) => Some(value),
            _ => None,
        };
        plain.or(Val::from_word(rom_word(RomKind::Function, row))).unwrap_or(Val::NONE)
    }

    /// Position of class `ancestor` in the resolution order of `class`.
    pub(crate) fn mro_position(&self, class: u16, ancestor: u16) -> Option<u32> {
        if class < class_id::FIRST_USER {
            let (mut id, mut position) = (class, 0);
            while id != ancestor {
                let base = self.base_of(id);
                if base == id {
                    return None;
                }
                (id, position) = (base, position + 1);
            }
            return Some(position);
        }
        let mro = self.value(self.class_value(class), field::MRO);
        (0..self.tuple_len(mro)).find(|index| self.class_id(self.tuple_get(mro, *index)) == ancestor)
    }

    /// A new class. `bases` is a tuple of classes (empty: `object`), `namespace` a dict that becomes its own.
    ///
    /// TypeError if the bases have no consistent order or two of them extend different builtin types.
    pub(crate) fn new_class<'h>(
        &'h self,
        name: Val<'h>,
        bases: Val<'h>,
        namespace: Val<'h>,
        metaclass: u16,
    ) -> Result<Val<'h>, Raised> {
        let mut native_base = class_id::OBJECT;
        for index in 0..self.tuple_len(bases) {
            let base = self.tuple_get(bases, index);
            if !self.is_class(base) {
                return Err(self.type_error("bases must be types"));
            }
            let native = self.native_base(self.class_id(base));
            if native == class_id::OBJECT || self.is_subclass(native_base, native) {
                continue;
            }
            if !self.is_subclass(native, native_base) {
                return Err(self.type_error("multiple bases have instance lay-out conflict"));
            }
            native_base = native;
        }
        if matches!(
            native_base,
            class_id::BOOL | class_id::NONE_TYPE | class_id::RANGE | class_id::SLICE | class_id::FUNCTION
        ) {
            return Err(self.error_about(
                class_id::TYPE_ERROR,
                "type '{}' isn't an acceptable base type",
                self.new_str(self.class_name(native_base))?,
                Val::NONE,
            ));
        }
        let classes = match self.root(Root::Classes) {
            Some(classes) => classes,
            None => {
                let classes = self.new_list(4)?;
                self.set_root(Root::Classes, Some(classes));
                classes
            }
        };
        let id = class_id::FIRST_USER as u32 + self.list_len(classes);
        if id >= 1 << 14 {
            return Err(self.error(class_id::MEMORY_ERROR, "too many classes"));
        }
        let bases =
            if self.tuple_len(bases) == 0 { self.new_tuple_of(&[Val::builtin_type(class_id::OBJECT)])? } else { bases };
        // `__new__` is a static method without being told so.
        if let Some(new) = self.dict_get_name(namespace, crate::names::NEW)
            && self.is(new, Tag::Function)
        {
            let wrapped = self.new_native(class_id::STATICMETHOD, 1)?;
            self.set_native_field(wrapped, 0, new);
            self.dict_set_name(namespace, crate::names::NEW, wrapped)?;
        }
        let class = self.alloc(Tag::Class, field::COUNT)?;
        self.set_int_field(class, field::ID, id as i32);
        self.set_field(class, field::NAME, name);
        self.set_field(class, field::BASES, bases);
        self.set_field(class, field::DICT, namespace);
        self.set_int_field(class, field::METACLASS, metaclass as i32);
        self.set_int_field(class, field::NATIVE_BASE, native_base as i32);
        let mro = self.merge_bases(class, bases)?;
        self.set_field(class, field::MRO, mro);
        self.list_push(classes, class)?;
        self.flush_cache();
        Ok(class)
    }

    /// C3: the order that respects every base's own order and the order in which they are listed.
    fn merge_bases<'h>(&'h self, class: Val<'h>, bases: Val<'h>) -> Result<Val<'h>, Raised> {
        let count = self.tuple_len(bases) as usize;
        if count > MAX_BASES {
            return Err(self.type_error("too many bases"));
        }
        // heads[n] is how much of base n's order has been taken; heads[count] of the list of bases itself.
        let mut heads = [0u32; MAX_BASES + 1];
        let order = self.new_list(4)?;
        self.list_push(order, class)?;
        loop {
            let mut candidate = None;
            let mut left = false;
            for (list, head) in heads.iter().enumerate().take(count + 1) {
                let Some(first) = self.mro_item(bases, count, list, *head) else { continue };
                left = true;
                let blocked = (0..=count).any(|other| {
                    let mut index = heads[other] + 1;
                    loop {
                        match self.mro_item(bases, count, other, index) {
                            Some(item) if item == first => return true,
                            Some(_) => index += 1,
                            None => return false,
                        }
                    }
                });
                if !blocked {
                    candidate = Some(first);
                    break;
                }
            }
            match candidate {
                Some(chosen) => {
                    self.list_push(order, chosen)?;
                    for (list, head) in heads.iter_mut().enumerate().take(count + 1) {
                        if self.mro_item(bases, count, list, *head) == Some(chosen) {
                            *head += 1;
                        }
                    }
                }
                None if left => return Err(self.type_error("Cannot create a consistent method resolution order")),
                None => break,
            }
        }
        let length = self.list_len(order);
        let mro = self.new_tuple(length)?;
        for index in 0..length {
            self.tuple_set(mro, index, self.list_get(order, index).unwrap_or(Val::NONE));
        }
        Ok(mro)
    }

    fn mro_item<'h>(&'h self, bases: Val<'h>, count: usize, list: usize, index: u32) -> Option<Val<'h>> {
        if list == count {
            return if index < count as u32 { Some(self.tuple_get(bases, index)) } else { None };
        }
        let base = self.tuple_get(bases, list as u32);
        if self.is(base, Tag::Class) {
            let mro = self.value(base, field::MRO);
            return if index < self.tuple_len(mro) { Some(self.tuple_get(mro, index)) } else { None };
        }
        let mut id = self.class_id(base);
        for _ in 0..index {
            let next = self.base_of(id);
            if next == id {
                return None;
            }
            id = next;
        }
        Some(Val::builtin_type(id))
    }

    // ---- instances

    /// A new instance of a program's class, with room for the attributes that earlier instances had.
    pub(crate) fn new_instance(&self, class: Val<'_>) -> Result<Val<'_>, Raised> {
        let slots = self.field(class, field::SLOT_NAMES).map_or(0, |names| self.list_len(names));
        let instance = self.alloc(Tag::Instance, 2 + slots)?;
        let serial = self.serial.get();
        self.serial.set(serial.wrapping_add(1));
        let id = self.int_field(class, field::ID) as u32;
        self.set_word(instance, 0, (id << 16 | serial as u32) << 1 | 1);
        Ok(instance)
    }

    /// Slot number of an attribute of instances of a class, if any instance had it.
    fn slot_of(&self, class: Val<'_>, name: u16) -> Option<u32> {
        let names = self.field(class, field::SLOT_NAMES)?;
        let items = self.field(names, 1)?;
        let wanted = name_word(name);
        (0..self.list_len(names)).find(|index| self.word(items, *index) == wanted)
    }

    /// An attribute that the instance itself has.
    pub(crate) fn instance_get<'h>(&'h self, instance: Val<'h>, name: u16) -> Option<Val<'h>> {
        if self.is(instance, Tag::Exception) {
            return self.field(instance, 4).and_then(|dict| self.dict_get_name(dict, name));
        }
        let class = self.class_value(self.class_of(instance));
        if let Some(slot) = self.slot_of(class, name)
            && slot + 2 < self.field_count(instance)
        {
            return self.field(instance, slot + 2);
        }
        self.field(instance, 1).and_then(|dict| self.dict_get_name(dict, name))
    }

    /// Sets an attribute of the instance itself.
    pub(crate) fn instance_set(&self, instance: Val<'_>, name: u16, value: Val<'_>) -> Result<(), Raised> {
        let dict_field = if self.is(instance, Tag::Exception) {
            4
        } else {
            let class = self.class_value(self.class_of(instance));
            match self.slot_of(class, name) {
                Some(slot) if slot + 2 < self.field_count(instance) => {
                    self.set_field(instance, slot + 2, value);
                    return Ok(());
                }
                Some(_) => {}
                None => self.add_slot_name(class, name)?,
            }
            1
        };
        let dict = match self.field(instance, dict_field) {
            Some(dict) => dict,
            None => {
                let dict = self.new_dict(2)?;
                self.set_field(instance, dict_field, dict);
                dict
            }
        };
        self.dict_set_name(dict, name, value)
    }

    /// Lets later instances keep `name` in place.
    fn add_slot_name(&self, class: Val<'_>, name: u16) -> Result<(), Raised> {
        let names = match self.field(class, field::SLOT_NAMES) {
            Some(names) => names,
            None => {
                let names = self.new_list(4)?;
                self.set_field(class, field::SLOT_NAMES, names);
                names
            }
        };
        if self.list_len(names) < MAX_SLOTS { self.list_push(names, Val::name(name)) } else { Ok(()) }
    }

    /// Deletes an attribute of the instance itself; false if it has none of that name.
    pub(crate) fn instance_delete(&self, instance: Val<'_>, name: u16) -> bool {
        let dict_field = if self.is(instance, Tag::Exception) {
            4
        } else {
            let class = self.class_value(self.class_of(instance));
            if let Some(slot) = self.slot_of(class, name)
                && slot + 2 < self.field_count(instance)
            {
                let present = self.word(instance, slot + 2) != NULL;
                self.set_word(instance, slot + 2, NULL);
                return present;
            }
            1
        };
        let Some(dict) = self.field(instance, dict_field) else { return false };
        matches!(self.table_remove(dict, Val::name(name)), Ok(Some(_)))
    }

    /// The attributes of an instance as a new dict.
    pub(crate) fn instance_dict<'h>(&'h self, instance: Val<'h>) -> Result<Val<'h>, Raised> {
        let dict = self.new_dict(0)?;
        let own = if self.is(instance, Tag::Exception) { self.field(instance, 4) } else { self.field(instance, 1) };
        if self.is(instance, Tag::Instance) {
            let class = self.class_value(self.class_of(instance));
            if let Some(names) = self.field(class, field::SLOT_NAMES) {
                for slot in 0..self.list_len(names) {
                    let name = self.list_get(names, slot).unwrap_or(Val::NONE);
                    let value = if slot + 2 < self.field_count(instance) {
                        self.field(instance, slot + 2)
                    } else {
                        own.and_then(|own| self.dict_get_name(own, name_of(name.word())))
                    };
                    if let Some(value) = value {
                        self.table_set(dict, name, value)?;
                    }
                }
            }
        }
        if let Some(own) = own {
            let mut position = 0;
            while let Some((at, key, value)) = self.table_next(own, position) {
                self.table_set(dict, key, value)?;
                position = at + 1;
            }
        }
        Ok(dict)
    }
}
