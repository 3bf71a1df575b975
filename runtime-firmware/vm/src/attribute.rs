//! Attributes: what `a.name` finds, and what must be called to get, set or delete it.
//!
//! The search is leaf code and answers with a plan ([`Found`], [`Store`]); the interpreter carries the plan out,
//! so that properties and descriptors run without native recursion.

use crate::class::field;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::names;
use crate::rom::Member;
use crate::value::*;

/// What an attribute search found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found<'h> {
    /// The value itself.
    Value(Val<'h>),
    /// A function to bind to this receiver (or to call with it as the first argument).
    Method(Val<'h>, Val<'h>),
    /// A function to call now with the receiver: its result is the value.
    Getter(Val<'h>, Val<'h>),
    /// A descriptor object whose `__get__(object, class)` gives the value; the object may be `None`.
    Descriptor(Val<'h>, Val<'h>, Val<'h>),
    /// Nothing.
    Absent,
}

/// What storing (or deleting) an attribute takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Store<'h> {
    /// It was done.
    Done,
    /// Call the function with (receiver, value), or (receiver) to delete.
    Setter(Val<'h>, Val<'h>),
    /// Call the function with (receiver, name, value), or (receiver, name) to delete.
    Named(Val<'h>, Val<'h>),
    /// There is no such attribute, or it cannot be stored.
    Refused,
}

impl Heap {
    /// What `object.name` finds, without asking `__getattr__`.
    pub(crate) fn find_attribute<'h>(&'h self, object: Val<'h>, name: u16) -> Result<Found<'h>, Raised> {
        match self.tag(object) {
            Some(Tag::Instance | Tag::Exception) => self.instance_attribute(object, name),
            Some(Tag::Native) if self.class_of(object) == class_id::SUPER => self.super_attribute(object, name),
            Some(Tag::Class) => self.class_attribute(object, name),
            Some(Tag::Module) => {
                let dict = self.value(object, 1);
                if let Some(found) = self.dict_get_name(dict, name) {
                    return Ok(Found::Value(found));
                }
                Ok(match name {
                    names::DICT => Found::Value(dict),
                    names::CLASS => Found::Value(Val::builtin_type(class_id::MODULE)),
                    _ => Found::Absent,
                })
            }
            Some(Tag::Function) => self.function_attribute(object, name),
            Some(Tag::BoundMethod) if name != names::CLASS => self.function_attribute_of(self.value(object, 0), name),
            _ => match rom_of(object.word()) {
                Some((RomKind::Type, _)) => self.class_attribute(object, name),
                Some((RomKind::Module, module)) => self.module_attribute(object, module, name),
                Some((RomKind::Function, row)) if name == names::NAME => {
                    Ok(Found::Value(Val::name(self.member(row).map_or(names::EMPTY, |row| row.name))))
                }
                _ => self.builtin_attribute(object, name),
            },
        }
    }

    fn module_attribute<'h>(&'h self, object: Val<'h>, module: u16, name: u16) -> Result<Found<'h>, Raised> {
        if name == names::NAME {
            let own = self.rom.modules.get(module as usize).map_or(names::EMPTY, |row| row.name);
            return Ok(Found::Value(Val::name(own)));
        }
        let Some(row) = self.rom.module_member(module, name) else { return Ok(Found::Absent) };
        match self.member(row).map(|row| row.member) {
            Some(Member::Computed(_)) => {
                let function = Val::from_word(rom_word(RomKind::Function, row)).unwrap_or(Val::NONE);
                Ok(Found::Getter(function, object))
            }
            _ => Ok(Found::Value(self.member_value(row)?)),
        }
    }

    fn builtin_attribute<'h>(&'h self, object: Val<'h>, name: u16) -> Result<Found<'h>, Raised> {
        let class = self.class_of(object);
        if name == names::CLASS {
            return Ok(Found::Value(self.class_value(class)));
        }
        Ok(match self.find_class_attribute(class, name) {
            Some(found) => self.bind(found, object, class),
            None => Found::Absent,
        })
    }

    fn instance_attribute<'h>(&'h self, object: Val<'h>, name: u16) -> Result<Found<'h>, Raised> {
        let class = self.class_of(object);
        let shared = self.find_class_attribute(class, name);
        if let Some(found) = shared
            && self.takes_precedence(found)
        {
            return Ok(self.bind(found, object, class));
        }
        if let Some(own) = self.instance_get(object, name) {
            return Ok(Found::Value(own));
        }
        if let Some(found) = shared {
            return Ok(self.bind(found, object, class));
        }
        match name {
            names::CLASS => Ok(Found::Value(self.class_value(class))),
            names::DICT => Ok(Found::Value(self.instance_dict(object)?)),
            _ => Ok(Found::Absent),
        }
    }

    /// True for class attributes that win over the instance's own: properties and other data descriptors.
    fn takes_precedence(&self, found: Val<'_>) -> bool {
        match self.tag(found) {
            Some(Tag::Native) => self.class_of(found) == class_id::PROPERTY,
            Some(Tag::Instance) => {
                let class = self.class_of(found);
                self.find_class_attribute(class, names::SET).is_some()
                    || self.find_class_attribute(class, names::DELETE).is_some()
            }
            _ => match rom_of(found.word()) {
                Some((RomKind::Function, row)) => {
                    matches!(self.member(row).map(|row| row.member), Some(Member::Getter(_)))
                }
                _ => false,
            },
        }
    }

    /// What a class attribute gives when it is read through an instance of class `class`.
    pub(crate) fn bind<'h>(&'h self, found: Val<'h>, object: Val<'h>, class: u16) -> Found<'h> {
        match self.tag(found) {
            Some(Tag::Function) => Found::Method(found, object),
            Some(Tag::Native) => match self.class_of(found) {
                class_id::PROPERTY => {
                    let getter = self.native_field(found, 0);
                    if getter.is_none() { Found::Absent } else { Found::Getter(getter, object) }
                }
                class_id::STATICMETHOD => Found::Value(self.native_field(found, 0)),
                class_id::CLASSMETHOD => Found::Method(self.native_field(found, 0), self.class_value(class)),
                _ => Found::Value(found),
            },
            Some(Tag::Instance) if self.find_class_attribute(self.class_of(found), names::GET).is_some() => {
                Found::Descriptor(found, object, self.class_value(class))
            }
            _ => match rom_of(found.word()) {
                Some((RomKind::Function, row)) if self.rom.is_module_row(row) => Found::Value(found),
                Some((RomKind::Function, row)) => match self.member(row).map(|row| row.member) {
                    Some(Member::Static(..)) => Found::Value(found),
                    Some(Member::Class(..)) => Found::Method(found, self.class_value(class)),
                    Some(Member::Getter(_)) => Found::Getter(found, self.native_part(object)),
                    _ => Found::Method(found, self.native_part(object)),
                },
                _ => Found::Value(found),
            },
        }
    }

    /// The builtin value inside an instance of a class that extends a builtin type (`class A(list)`); any other
    /// value itself. It lives in the attribute named by the empty string.
    pub(crate) fn native_part<'h>(&'h self, object: Val<'h>) -> Val<'h> {
        if self.is(object, Tag::Instance) && self.native_base(self.class_of(object)) != class_id::OBJECT {
            return self.instance_get(object, names::EMPTY).unwrap_or(object);
        }
        object
    }

    fn class_attribute<'h>(&'h self, object: Val<'h>, name: u16) -> Result<Found<'h>, Raised> {
        let id = self.class_id(object);
        // A property or data descriptor of the metaclass wins; other attributes of it come last.
        let meta = self.class_of(object);
        if meta != class_id::TYPE
            && let Some(found) = self.find_class_attribute(meta, name)
            && self.takes_precedence(found)
        {
            return Ok(self.bind(found, object, meta));
        }
        match name {
            names::NAME | names::QUALNAME => {
                let own = self.is(object, Tag::Class);
                let text = if own { self.value(object, field::NAME) } else { self.new_str(self.class_name(id))? };
                return Ok(Found::Value(text));
            }
            names::CLASS => return Ok(Found::Value(self.class_value(meta))),
            names::BASES => return Ok(Found::Value(self.class_bases(object)?)),
            names::MRO => return Ok(Found::Value(self.class_order(object)?)),
            names::DICT if self.is(object, Tag::Class) => {
                return Ok(Found::Value(self.table_copy(self.value(object, field::DICT), Tag::Dict)?));
            }
            _ => {}
        }
        if let Some(found) = self.find_class_attribute(id, name) {
            return Ok(self.bind_to_class(found, object));
        }
        if let Some(found) = self.find_class_attribute(meta, name) {
            return Ok(self.bind(found, object, meta));
        }
        Ok(Found::Absent)
    }

    /// What a class attribute gives when it is read from the class itself.
    fn bind_to_class<'h>(&'h self, found: Val<'h>, class: Val<'h>) -> Found<'h> {
        match self.tag(found) {
            Some(Tag::Native) => match self.class_of(found) {
                class_id::STATICMETHOD => Found::Value(self.native_field(found, 0)),
                class_id::CLASSMETHOD => Found::Method(self.native_field(found, 0), class),
                _ => Found::Value(found),
            },
            Some(Tag::Function) => match self.function_name(found) {
                // These are class methods without being told so.
                names::INIT_SUBCLASS | names::CLASS_GETITEM => Found::Method(found, class),
                _ => Found::Value(found),
            },
            Some(Tag::Instance) if self.find_class_attribute(self.class_of(found), names::GET).is_some() => {
                Found::Descriptor(found, Val::NONE, class)
            }
            _ => match rom_of(found.word()) {
                Some((RomKind::Function, row))
                    if matches!(self.member(row).map(|row| row.member), Some(Member::Class(..))) =>
                {
                    Found::Method(found, class)
                }
                _ => Found::Value(found),
            },
        }
    }

    fn class_bases<'h>(&'h self, class: Val<'h>) -> Result<Val<'h>, Raised> {
        if self.is(class, Tag::Class) {
            return Ok(self.value(class, field::BASES));
        }
        let id = self.class_id(class);
        if id == class_id::OBJECT {
            self.new_tuple(0)
        } else {
            self.new_tuple_of(&[self.class_value(self.base_of(id))])
        }
    }

    fn class_order<'h>(&'h self, class: Val<'h>) -> Result<Val<'h>, Raised> {
        if self.is(class, Tag::Class) {
            return Ok(self.value(class, field::MRO));
        }
        let list = self.new_list(4)?;
        let mut id = self.class_id(class);
        loop {
            self.list_push(list, Val::builtin_type(id))?;
            let base = self.base_of(id);
            if base == id {
                break;
            }
            id = base;
        }
        let tuple = self.new_tuple(self.list_len(list))?;
        for index in 0..self.list_len(list) {
            self.tuple_set(tuple, index, self.list_get(list, index).unwrap_or(Val::NONE));
        }
        Ok(tuple)
    }

    /// `super()` objects: fields class (whose successors are searched), object, class of the object.
    fn super_attribute<'h>(&'h self, object: Val<'h>, name: u16) -> Result<Found<'h>, Raised> {
        let (start, receiver) = (self.native_field(object, 0), self.native_field(object, 1));
        if name == names::CLASS {
            return Ok(Found::Value(Val::builtin_type(class_id::SUPER)));
        }
        let own = if self.is_class(receiver) && !self.is_instance_of_class(receiver, start) {
            self.class_id(receiver)
        } else {
            self.class_of(receiver)
        };
        let Some(position) = self.mro_position(own, self.class_id(start)) else { return Ok(Found::Absent) };
        let Some(found) = self.search_class(own, name, position + 1) else { return Ok(Found::Absent) };
        if own != self.class_of(receiver) {
            return Ok(self.bind_to_class(found, receiver));
        }
        Ok(self.bind(found, receiver, own))
    }

    fn is_instance_of_class(&self, value: Val<'_>, class: Val<'_>) -> bool {
        self.is_instance(value, self.class_id(class))
    }

    fn function_attribute<'h>(&'h self, function: Val<'h>, name: u16) -> Result<Found<'h>, Raised> {
        match name {
            names::NAME | names::QUALNAME => Ok(Found::Value(Val::name(self.function_name(function)))),
            names::GLOBALS => Ok(Found::Value(self.function_globals(function))),
            names::MODULE => {
                let globals = self.function_globals(function);
                Ok(Found::Value(self.dict_get_name(globals, names::NAME).unwrap_or(Val::NONE)))
            }
            names::CLASS => Ok(Found::Value(Val::builtin_type(class_id::FUNCTION))),
            names::DOC => Ok(Found::Value(Val::NONE)),
            _ => self.builtin_attribute(function, name),
        }
    }

    fn function_attribute_of<'h>(&'h self, function: Val<'h>, name: u16) -> Result<Found<'h>, Raised> {
        self.find_attribute(function, name)
    }

    /// Stores an attribute where that needs no call; otherwise tells which.
    pub(crate) fn store_attribute<'h>(
        &'h self,
        object: Val<'h>,
        name: u16,
        value: Option<Val<'h>>,
    ) -> Result<Store<'h>, Raised> {
        match self.tag(object) {
            Some(Tag::Instance | Tag::Exception) => {
                let class = self.class_of(object);
                let hook = if value.is_some() { names::SETATTR } else { names::DELATTR };
                if let Some(function) = self.find_class_attribute(class, hook)
                    && self.is(function, Tag::Function)
                {
                    return Ok(Store::Named(function, object));
                }
                self.store_plain(object, name, value)
            }
            Some(Tag::Class) => {
                let dict = self.value(object, field::DICT);
                let done = match value {
                    Some(value) => self.dict_set_name(dict, name, value).map(|()| true)?,
                    None => self.table_remove(dict, Val::name(name))?.is_some(),
                };
                self.flush_cache();
                Ok(if done { Store::Done } else { Store::Refused })
            }
            Some(Tag::Module) => {
                let dict = self.value(object, 1);
                let done = match value {
                    Some(value) => self.dict_set_name(dict, name, value).map(|()| true)?,
                    None => self.table_remove(dict, Val::name(name))?.is_some(),
                };
                Ok(if done { Store::Done } else { Store::Refused })
            }
            Some(Tag::Native) => {
                let hook = if value.is_some() { names::SETATTR } else { names::DELATTR };
                Ok(match self.find_class_attribute(self.class_of(object), hook) {
                    Some(function) => Store::Named(function, object),
                    None => Store::Refused,
                })
            }
            _ => Ok(Store::Refused),
        }
    }

    /// `object.__setattr__`: what happens without a class's own hook.
    pub(crate) fn store_plain<'h>(
        &'h self,
        object: Val<'h>,
        name: u16,
        value: Option<Val<'h>>,
    ) -> Result<Store<'h>, Raised> {
        if let Some(found) = self.find_class_attribute(self.class_of(object), name) {
            match self.tag(found) {
                Some(Tag::Native) if self.class_of(found) == class_id::PROPERTY => {
                    let setter = self.native_field(found, if value.is_some() { 1 } else { 2 });
                    return Ok(if setter.is_none() { Store::Refused } else { Store::Setter(setter, object) });
                }
                Some(Tag::Instance) => {
                    let hook = if value.is_some() { names::SET } else { names::DELETE };
                    if let Some(function) = self.find_class_attribute(self.class_of(found), hook) {
                        return Ok(Store::Setter(self.new_bound_method(function, found)?, object));
                    }
                }
                _ => {}
            }
        }
        if self.is(object, Tag::Exception) && self.set_exception_field(object, name, value) {
            return Ok(Store::Done);
        }
        match value {
            Some(value) => self.instance_set(object, name, value).map(|()| Store::Done),
            None => Ok(if self.instance_delete(object, name) { Store::Done } else { Store::Refused }),
        }
    }

    /// The attributes of exceptions that have a place of their own.
    fn set_exception_field(&self, object: Val<'_>, name: u16, value: Option<Val<'_>>) -> bool {
        let index = match name {
            names::ARGS => 1,
            names::TRACEBACK => 2,
            names::CAUSE => 3,
            _ => return false,
        };
        self.set_word(object, index, value.filter(|value| index == 1 || !value.is_none()).map_or(NULL, Val::word));
        true
    }
}
