//! Attributes as operands: LOAD_ATTR, LOAD_METHOD, LOAD_SUPER_METHOD, STORE_ATTR.

use crate::attribute::{Found, Store};
use crate::call::Begun;
use crate::class_id;
use crate::frame::Kind;
use crate::heap::{Heap, Root};
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::Vm;

impl Vm<'_> {
    /// Replaces the top operand by its attribute.
    pub(super) fn load_attribute_operand(&mut self, name: u16) -> Result<(), Raised> {
        let object = self.heap.top_slot(0);
        let call = self.retry(|heap| {
            Ok(match heap.find_attribute(heap.get(object), name)? {
                Found::Value(value) => {
                    heap.set(object, value);
                    None
                }
                Found::Method(function, receiver) => {
                    let method = heap.new_bound_method(function, receiver)?;
                    heap.set(object, method);
                    None
                }
                found => Some(self_plan(heap, found)),
            })
        })?;
        let Some(plan) = call else { return Ok(()) };
        self.carry_out(plan, name, Kind::Value)
    }

    /// Calls what gives an attribute; the object is the top operand and is replaced.
    fn carry_out(&mut self, plan: Plan, name: u16, kind: Kind) -> Result<(), Raised> {
        let object = self.heap.top_slot(0);
        let sp = object.0;
        self.reserve_stack(8)?;
        let count = match plan {
            Plan::Getter => {
                let (function, receiver) = self.planned();
                self.heap.poke_word(0, function);
                self.heap.push_word(receiver);
                1
            }
            Plan::Descriptor => {
                let (descriptor, owner) = self.planned();
                let class = self.heap.root(Root::ScratchC).map_or(NONE, Val::word);
                let slot = self.temp()?;
                self.heap.arena.stack_store(slot.0, descriptor);
                let (function, receiver) = (self.temp()?, self.temp()?);
                if !self.load_special_method(slot, names::GET, function, receiver)? {
                    return Err(self.heap.type_error("descriptor without __get__"));
                }
                let function = self.heap.arena.stack_load(function.0);
                self.heap.arena.set_sp(sp);
                self.heap.poke_word(0, function);
                self.heap.push_word(descriptor);
                self.heap.push_word(owner);
                self.heap.push_word(class);
                3
            }
            Plan::Absent => match self.fallback(object, name)? {
                Some(count) => count,
                None => return Err(self.no_attribute(object, name)),
            },
        };
        match self.begin_call(sp, count, 0, kind, false)? {
            Begun::Frame => Ok(()),
            Begun::Value(value) => {
                let word = value.0.get();
                self.heap.arena.set_sp(sp);
                self.heap.poke_word(0, word);
                if kind == Kind::Method {
                    self.heap.push_word(NULL);
                }
                Ok(())
            }
        }
    }

    pub(super) fn planned(&self) -> (u32, u32) {
        let word = |root| self.heap.root(root).map_or(NONE, Val::word);
        (word(Root::ScratchA), word(Root::ScratchB))
    }

    /// Arranges the call of `__getattr__`: of the object's class, or of the module. The number of its arguments.
    pub(super) fn fallback(&mut self, object: Slot, name: u16) -> Result<Option<u16>, Raised> {
        let heap = &*self.heap;
        let value = heap.get(object);
        if heap.is(value, Tag::Module) {
            let Some(function) = heap.dict_get_name(heap.value(value, 1), names::GETATTR) else { return Ok(None) };
            heap.set(object, function);
            heap.push_word(name_word(name));
            return Ok(Some(1));
        }
        let class = heap.class_of(value);
        if !matches!(heap.tag(value), Some(Tag::Instance | Tag::Exception | Tag::Class)) {
            return Ok(None);
        }
        let Some(function) = heap.find_class_attribute(class, names::GETATTR) else { return Ok(None) };
        heap.set(object, function);
        heap.push_word(value.word());
        heap.push_word(name_word(name));
        Ok(Some(2))
    }

    #[cold]
    pub(crate) fn no_attribute(&mut self, object: Slot, name: u16) -> Raised {
        let heap = &*self.heap;
        let value = heap.get(object);
        if heap.is_class(value) {
            let class = heap.find_attribute(value, names::NAME);
            let own = if let Ok(Found::Value(text)) = class { text } else { Val::NONE };
            let template = "type object '{}' has no attribute '{}'";
            return heap.error_about(class_id::ATTRIBUTE_ERROR, template, own, Val::name(name));
        }
        let template = if heap.class_of(value) == class_id::MODULE {
            let own = heap.find_attribute(value, names::NAME);
            let own = if let Ok(Found::Value(text)) = own { text } else { Val::NONE };
            let template = "module '{}' has no attribute '{}'";
            return heap.error_about(class_id::ATTRIBUTE_ERROR, template, own, Val::name(name));
        } else {
            "'{t}' object has no attribute '{}'"
        };
        heap.error_about(class_id::ATTRIBUTE_ERROR, template, value, Val::name(name))
    }

    /// Replaces the top operand by a method: function and receiver, or value and NULL.
    pub(super) fn load_method(&mut self, name: u16) -> Result<(), Raised> {
        let object = self.heap.top_slot(0);
        let plan = self.retry(|heap| {
            Ok(match heap.find_attribute(heap.get(object), name)? {
                Found::Value(value) => {
                    heap.set(object, value);
                    heap.push_word(NULL);
                    None
                }
                Found::Method(function, receiver) => {
                    heap.set(object, function);
                    heap.push_word(receiver.word());
                    None
                }
                found => Some(self_plan(heap, found)),
            })
        })?;
        match plan {
            Some(plan) => self.carry_out(plan, name, Kind::Method),
            None => Ok(()),
        }
    }

    /// `super().name(…)`: [super, class, self] become method and receiver.
    pub(super) fn load_super_method(&mut self, name: u16) -> Result<(), Raised> {
        let out = self.heap.top_slot(2);
        self.make(out, |heap| {
            let object = heap.new_native(class_id::SUPER, 2)?;
            heap.set_native_field(object, 0, heap.peek(1));
            heap.set_native_field(object, 1, heap.peek(0));
            Ok(object)
        })?;
        self.heap.drop_operands(2);
        self.load_method(name)
    }

    /// STORE_ATTR: [value, object]; NULL deletes.
    pub(super) fn store_attribute(&mut self, name: u16) -> Result<(), Raised> {
        let (value, object) = (self.heap.top_slot(1), self.heap.top_slot(0));
        let (named, refused) = self.retry(|heap| {
            let stored = heap.store_attribute(heap.get(object), name, heap.get_optional(value))?;
            Ok(match stored {
                Store::Done => (None, false),
                Store::Refused => (None, true),
                Store::Setter(function, receiver) | Store::Named(function, receiver) => {
                    heap.set_root(Root::ScratchA, Some(function));
                    heap.set_root(Root::ScratchB, Some(receiver));
                    (Some(matches!(stored, Store::Named(..))), false)
                }
            })
        })?;
        if refused {
            let heap = &*self.heap;
            let value = heap.get(object);
            let template = "'{t}' object has no attribute '{}'";
            return Err(heap.error_about(class_id::ATTRIBUTE_ERROR, template, value, Val::name(name)));
        }
        let stored = self.heap.get_optional(value).map(Val::word);
        let Some(named) = named else {
            self.heap.drop_operands(2);
            return Ok(());
        };
        self.reserve_stack(8)?;
        let (function, receiver) = self.planned();
        self.heap.poke_word(1, function);
        self.heap.poke_word(0, receiver);
        let base = self.heap.arena.sp() + 1;
        let mut count = 1;
        if named {
            self.heap.push_word(name_word(name));
            count += 1;
        }
        if let Some(word) = stored {
            self.heap.push_word(word);
            count += 1;
        }
        if let Begun::Value(_) = self.begin_call(base, count, 0, Kind::Discard, false)? {
            self.heap.arena.set_sp(base + 1);
        }
        Ok(())
    }
}

/// What [`Vm::carry_out`] has to do; the values are in the scratch roots.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    Getter,
    Descriptor,
    Absent,
}

fn self_plan(heap: &Heap, found: Found<'_>) -> Plan {
    match found {
        Found::Getter(function, receiver) => {
            heap.set_root(Root::ScratchA, Some(function));
            heap.set_root(Root::ScratchB, Some(receiver));
            Plan::Getter
        }
        Found::Descriptor(descriptor, owner, class) => {
            heap.set_root(Root::ScratchA, Some(descriptor));
            heap.set_root(Root::ScratchB, Some(owner));
            heap.set_root(Root::ScratchC, Some(class));
            Plan::Descriptor
        }
        _ => Plan::Absent,
    }
}
