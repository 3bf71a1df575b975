//! Calls: from a callee and arguments on the stack to a new frame, or to a native function's result.

use crate::class::field;
use crate::frame::{Frame, Kind, Link};
use crate::heap::{Cause, Heap, Root};
use crate::layout::Tag;
use crate::load::Descriptor;
use crate::rom::Member;
use crate::unwind::Unwound;
use crate::value::*;
use crate::vm::Vm;
use crate::{Args, class_id, names};
use mpy::scope;

/// Words that stay free below a new frame, for natives' temporaries and errors.
pub(crate) const STACK_RESERVE: u32 = 64;

/// Words that an instruction may push beyond the depth that the verifier counts, without asking for room.
pub(crate) const SLACK: u32 = 8;

/// A call that was begun.
pub(crate) enum Begun {
    /// A native function has finished.
    Value(Ret),
    /// A frame was pushed; the interpreter goes on in it.
    Frame,
}

impl Vm<'_> {
    /// Calls what lies on the stack at `base`, to its end; for native code.
    pub(crate) fn call_stacked(&mut self, base: Slot, positional: u16, keywords: u16) -> Result<Ret, Raised> {
        let outer = self.heap.fp.get();
        self.heap.fp.set(0);
        let begun = self.begin_call(base.0, positional, keywords, Kind::Value, false);
        let result = self.run_begun(begun);
        self.heap.set_frame(outer);
        result
    }

    /// Runs a call that native code began to its end.
    pub(crate) fn run_begun(&mut self, begun: Result<Begun, Raised>) -> Result<Ret, Raised> {
        match begun {
            Ok(Begun::Value(value)) => Ok(value),
            Ok(Begun::Frame) => self.nested(|vm| vm.run()),
            // An exception thrown into a generator is under way in the frame that was pushed.
            Err(_) if self.heap.fp.get() != 0 => self.nested(|vm| match vm.unwind()? {
                Unwound::Resume => vm.run(),
                Unwound::Native(value) => Ok(value),
            }),
            Err(raised) => Err(raised),
        }
    }

    /// Begins the call of what lies at `base`. The frame's caller is the running frame.
    pub(crate) fn begin_call(
        &mut self,
        base: u32,
        positional: u16,
        keywords: u16,
        kind: Kind,
        extra: bool,
    ) -> Result<Begun, Raised> {
        let (mut base, mut positional, mut keywords, mut kind) = (base, positional, keywords, kind);
        loop {
            let heap = &*self.heap;
            let callee = heap.get(Slot(base));
            match heap.tag(callee) {
                Some(Tag::Function) => {
                    return self.call_function(base, positional, keywords, kind, extra);
                }
                Some(Tag::BoundMethod) => {
                    let (function, receiver) = (heap.value(callee, 0), heap.value(callee, 1));
                    heap.set(Slot(base), function);
                    let word = receiver.word();
                    self.heap.set_root(Root::ScratchA, Val::from_word(word));
                    self.insert_argument(base, positional, keywords, Root::ScratchA)?;
                    positional += 1;
                }
                Some(Tag::Class) => {
                    let meta = heap.metaclass_of(callee);
                    if meta != class_id::TYPE
                        && let Some(call) = heap.find_class_attribute(meta, names::CALL).filter(|call| call.is_heap())
                    {
                        heap.set(Slot(base), call);
                        heap.set_root(Root::ScratchA, Some(callee));
                        self.insert_argument(base, positional, keywords, Root::ScratchA)?;
                        positional += 1;
                        continue;
                    }
                    match self.instantiate(base, positional, keywords)? {
                        Instantiated::Done(value) => return Ok(Begun::Value(value)),
                        Instantiated::CallInit => {
                            if kind != Kind::Value {
                                // The instance itself must go through `kind`: finish it first.
                                let init = Slot(base - 1);
                                self.call_stacked_init(init, positional + 1, keywords)?;
                                return Ok(Begun::Value(self.heap.get(Slot(base)).ret()));
                            }
                            (base, positional, kind) = (base - 1, positional + 1, Kind::Init);
                        }
                        Instantiated::Prelude => positional += 1,
                    }
                }
                Some(Tag::Instance | Tag::Native) => {
                    let Some(call) = heap.find_class_attribute(heap.class_of(callee), names::CALL) else {
                        return Err(self.not_callable(Slot(base)));
                    };
                    heap.set_root(Root::ScratchA, Some(heap.native_part(callee)));
                    if heap.is(call, Tag::Function) {
                        heap.set_root(Root::ScratchA, Some(callee));
                    }
                    heap.set(Slot(base), call);
                    self.insert_argument(base, positional, keywords, Root::ScratchA)?;
                    positional += 1;
                }
                _ => match rom_of(callee.word()) {
                    Some((RomKind::Function, row)) => {
                        let args = Args { base, positional, keywords };
                        let value = self.call_native(row, args)?;
                        match value.0.get() {
                            TAIL_CALL => (positional, keywords) = self.tail,
                            RESUME => return self.resume_generator(base, kind, extra),
                            BUILD_CLASS => return self.enter_class_body(base, positional, keywords, kind, extra),
                            _ => {
                                if kind == Kind::Init && value.0.get() != NONE {
                                    return Err(self.heap.type_error("__init__() should return None"));
                                }
                                if kind == Kind::Init {
                                    return Ok(Begun::Value(self.heap.get(Slot(base + 1)).ret()));
                                }
                                return self.wrap_new(row, args, value).map(Begun::Value);
                            }
                        }
                    }
                    Some((RomKind::Type, id)) => {
                        let Some(new) = heap.find_class_attribute(id, names::NEW) else {
                            return Err(heap.error_about(
                                class_id::TYPE_ERROR,
                                "cannot create '{}' instances",
                                heap.new_str(heap.class_name(id)).unwrap_or(Val::NONE),
                                Val::NONE,
                            ));
                        };
                        let Some((RomKind::Function, row)) = rom_of(new.word()) else {
                            return Err(self.not_callable(Slot(base)));
                        };
                        let args = Args { base, positional, keywords };
                        let value = self.call_native(row, args)?;
                        match value.0.get() {
                            TAIL_CALL => (positional, keywords) = self.tail,
                            _ => return Ok(Begun::Value(value)),
                        }
                    }
                    _ => return Err(self.not_callable(Slot(base))),
                },
            }
        }
    }

    /// `tuple.__new__(cls, …)` and its like make the builtin value; where `cls` is a program's class, its instance
    /// with that value inside is what was asked for.
    fn wrap_new(&mut self, row: u16, args: Args, value: Ret) -> Result<Ret, Raised> {
        let heap = &*self.heap;
        if args.positional == 0 || heap.member(row).is_none_or(|member| member.name != names::NEW) {
            return Ok(value);
        }
        let class = heap.arg(args, 0);
        if !heap.is(class, Tag::Class) {
            return Ok(value);
        }
        let native = heap.native_base(heap.class_id(class));
        if matches!(native, class_id::OBJECT | class_id::TYPE) || heap_is_exception(heap, native) {
            return Ok(value);
        }
        let word = value.0.get();
        let part = self.temp()?;
        self.heap.arena.stack_store(part.0, word);
        self.make_ret(|heap| {
            let instance = heap.new_instance(heap.arg(args, 0))?;
            heap.instance_set(instance, names::EMPTY, heap.get(part))?;
            Ok(instance)
        })
    }

    #[cold]
    fn not_callable(&mut self, callee: Slot) -> Raised {
        let callee = self.heap.get(callee);
        self.heap.error_about(class_id::TYPE_ERROR, "'{t}' object is not callable", callee, Val::NONE)
    }

    fn call_stacked_init(&mut self, init: Slot, positional: u16, keywords: u16) -> Result<(), Raised> {
        let result = self.call_stacked(init, positional, keywords)?;
        if result.0.get() != NONE {
            return Err(self.heap.type_error("__init__() should return None"));
        }
        Ok(())
    }

    /// Runs a native function; leaf functions once more after a collection if memory ran out.
    fn call_native(&mut self, row: u16, args: Args) -> Result<Ret, Raised> {
        let Some(member) = self.heap.member(row) else { return Err(self.heap.type_error("no such function")) };
        let (least, most) = match member.member {
            Member::Leaf(_, least, most) | Member::General(_, least, most) => (least, most),
            Member::Static(_, least, most) | Member::Class(_, least, most) => (least, most),
            Member::Getter(_) => (1, 1),
            Member::Keywords(_) | Member::Computed(_) => (0, u8::MAX),
            _ => return Err(self.not_callable(args.callee())),
        };
        if args.positional < u16::from(least) || (args.positional > u16::from(most) && most != u8::MAX) {
            return Err(self.wrong_count(Val::name(member.name).word(), args.positional, least, most));
        }
        if args.keywords != 0 && !matches!(member.member, Member::Keywords(_)) {
            return Err(self.heap.type_error("function doesn't take keyword arguments"));
        }
        self.reserve_stack(0)?;
        match member.member {
            Member::Leaf(leaf, ..) | Member::Getter(leaf) => self.call_leaf(leaf, args),
            Member::General(general, ..)
            | Member::Static(general, ..)
            | Member::Class(general, ..)
            | Member::Keywords(general)
            | Member::Computed(general) => general(self, args),
            _ => Err(self.not_callable(args.callee())),
        }
    }

    fn call_leaf(&mut self, leaf: crate::rom::Leaf, args: Args) -> Result<Ret, Raised> {
        self.retry(|heap| Ok(leaf(heap, args)?.ret()))
    }

    #[cold]
    fn wrong_count(&mut self, name: u32, given: u16, least: u8, most: u8) -> Raised {
        let mut text = crate::message::Message::new();
        if let Some(name) = Val::from_word(name).and_then(|name| self.heap.str_bytes(name)) {
            text.push(name);
        }
        text.push(b"() takes ");
        text.push(if least == most {
            b"exactly "
        } else if given < u16::from(least) {
            b"at least "
        } else {
            b"at most "
        });
        let wanted = if given < u16::from(least) { least } else { most };
        text.number(u32::from(wanted));
        text.push(if wanted == 1 { b" argument (" } else { b" arguments (" });
        text.number(u32::from(given));
        text.push(b" given)");
        self.error_with_text(class_id::TYPE_ERROR, text.bytes())
    }

    /// Raises `class` with a text that is not constant.
    #[cold]
    pub(crate) fn error_with_text(&mut self, class: u16, text: &[u8]) -> Raised {
        let made = self.retry(|heap| {
            let text = heap.new_str(text)?;
            Ok(heap.error_value(class, text))
        });
        match made {
            Ok(raised) | Err(raised) => raised,
        }
    }

    /// Moves the arguments down one word and puts the value of `root` before them.
    fn insert_argument(&mut self, base: u32, positional: u16, keywords: u16, root: Root) -> Result<(), Raised> {
        let end = base - u32::from(positional) - 2 * u32::from(keywords);
        self.reserve_stack(1)?;
        self.heap.arena.set_sp(end - 1);
        for index in end..base {
            self.heap.arena.stack_store(index - 1, self.heap.arena.stack_load(index));
        }
        let word = self.heap.root(root).map_or(NULL, Val::word);
        self.heap.arena.stack_store(base - 1, word);
        self.heap.set_root(root, None);
        Ok(())
    }

    // ---- Python functions

    fn call_function(
        &mut self,
        base: u32,
        positional: u16,
        keywords: u16,
        kind: Kind,
        extra: bool,
    ) -> Result<Begun, Raised> {
        let function = self.heap.get(Slot(base));
        let descriptor = self.heap.function_descriptor(function);
        let plain = descriptor.flags & (scope::VAR_ARGUMENTS | scope::VAR_KEYWORDS) as u32 == 0
            && descriptor.keyword_only == 0
            && keywords == 0
            && u32::from(positional) == descriptor.positional
            && self.heap.field_count(function) == 2;
        if !plain {
            self.bind_arguments(base, positional, keywords, &descriptor)?;
        }
        if descriptor.flags & scope::GENERATOR as u32 != 0 {
            let generator = self.new_generator(base, &descriptor)?;
            return Ok(Begun::Value(generator));
        }
        self.enter(base, &descriptor, kind, extra)?;
        Ok(Begun::Frame)
    }

    /// Pushes a frame for the function at `base`, whose arguments are in place.
    pub(crate) fn enter(&mut self, base: u32, descriptor: &Descriptor, kind: Kind, extra: bool) -> Result<(), Raised> {
        let words = descriptor.frame_words();
        let room = |heap: &Heap| base.checked_sub(words + STACK_RESERVE).is_some_and(|floor| floor > heap.arena.top());
        if !room(self.heap) {
            self.collect();
            if !room(self.heap) {
                return Err(self.exhausted());
            }
        }
        let frame = Frame { fp: base, descriptor: *descriptor };
        let heap = &*self.heap;
        let arguments = base - heap.arena.sp();
        heap.arena.set_sp(frame.operands());
        for index in arguments..descriptor.locals {
            heap.arena.stack_store(base - 1 - index, NULL);
        }
        for index in frame.operands()..base - descriptor.locals {
            heap.arena.stack_store(index, int_word(0));
        }
        heap.set_link(&frame, Link { caller: heap.fp.get(), kind, extra, blocks: 0 });
        heap.save_ip(&frame, descriptor.code);
        heap.set_frame(base);
        self.make_cells(&frame)
    }

    /// Puts the locals that closures share into cells.
    fn make_cells(&mut self, frame: &Frame) -> Result<(), Raised> {
        let descriptor = &frame.descriptor;
        for number in 0..descriptor.cells {
            let heap = &*self.heap;
            let unit = heap.value(heap.callee(frame), 0);
            let code = heap.code_bytes(heap.value(unit, crate::load::field::LOCATION));
            let place = (descriptor.code - descriptor.cells + number) as usize;
            let Some(local) = code.get(place).copied() else { continue };
            let slot = Slot(frame.fp - 1 - u32::from(local));
            self.retry(|heap| {
                let cell = heap.new_cell(heap.get_optional(slot).map_or(NULL, Val::word))?;
                heap.set(slot, cell);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Arranges any arguments as the locals of a function: cells of its closure, positional, keyword-only, `*args`,
    /// `**kwargs`. The stack below the arguments is used to build them.
    fn bind_arguments(&mut self, base: u32, given: u16, keywords: u16, descriptor: &Descriptor) -> Result<(), Raised> {
        let function = Slot(base);
        let flags = descriptor.flags as u8;
        let (varargs, varkeywords) = (flags & scope::VAR_ARGUMENTS != 0, flags & scope::VAR_KEYWORDS != 0);
        let named = descriptor.positional + descriptor.keyword_only;
        let total = named + u32::from(varargs) + u32::from(varkeywords);
        let args = Args { base, positional: given, keywords };
        let first = args.end() - 1;
        self.reserve_stack(total + 4)?;
        self.heap.arena.set_sp(args.end() - total);
        for index in 0..total {
            self.heap.arena.stack_store(first - index, NULL);
        }
        let place = |index: u32| Slot(first - index);
        let heap = &*self.heap;
        let object = heap.get(function);
        let (defaults_at, closed_at) = if heap.flags(object) & 1 != 0 { (Some(2), 4) } else { (None, 2) };
        let closed = heap.field_count(object) - closed_at;
        for index in 0..closed.min(descriptor.positional) {
            heap.set(place(index), heap.value(object, closed_at + index));
        }
        // Positional arguments.
        let room = descriptor.positional.saturating_sub(closed);
        let given = u32::from(given);
        for index in 0..given.min(room) {
            heap.set(place(closed + index), heap.get(args.slot(index)));
        }
        if varargs {
            let extra = given.saturating_sub(room);
            self.make(place(named), |heap| {
                let tuple = heap.new_tuple(extra)?;
                for index in 0..extra {
                    heap.tuple_set(tuple, index, heap.get(args.slot(room + index)));
                }
                Ok(tuple)
            })?;
        } else if given > room {
            return Err(self.too_many(function, room, given));
        }
        if varkeywords {
            self.make(place(total - 1), |heap| heap.new_dict(0))?;
        }
        // Keyword arguments.
        for number in 0..u32::from(keywords) {
            let heap = &*self.heap;
            let unit = heap.value(heap.get(function), 0);
            let name = heap.get(args.keyword_slot(number));
            let found = (closed..named).find(|index| {
                let parameter = heap.argument_name(unit, descriptor, *index);
                name.word() == name_word(parameter)
            });
            match found {
                Some(index) if heap.get_optional(place(index)).is_some() => {
                    return Err(heap.error_about(
                        class_id::TYPE_ERROR,
                        "{}() got multiple values for argument '{}'",
                        Val::name(heap.function_name(heap.get(function))),
                        name,
                    ));
                }
                Some(index) => heap.set(place(index), heap.get(args.keyword_value_slot(number))),
                None if varkeywords => {
                    self.table_set(place(total - 1), args.keyword_slot(number), args.keyword_value_slot(number))?;
                }
                None => {
                    return Err(heap.error_about(
                        class_id::TYPE_ERROR,
                        "{}() got an unexpected keyword argument '{}'",
                        Val::name(heap.function_name(heap.get(function))),
                        name,
                    ));
                }
            }
        }
        // Defaults.
        let heap = &*self.heap;
        let object = heap.get(function);
        let defaults = defaults_at.and_then(|at| heap.field(object, at));
        let keyword_defaults = defaults_at.and_then(|at| heap.field(object, at + 1));
        let default_count = defaults.map_or(0, |tuple| heap.tuple_len(tuple));
        let unit = heap.value(object, 0);
        for index in closed..named {
            if heap.get_optional(place(index)).is_some() {
                continue;
            }
            let default = if index < descriptor.positional {
                let from_end = descriptor.positional - index;
                let position = default_count.checked_sub(from_end);
                position.zip(defaults).map(|(position, tuple)| heap.tuple_get(tuple, position))
            } else {
                let name = heap.argument_name(unit, descriptor, index);
                keyword_defaults.and_then(|dict| heap.dict_get_name(dict, name))
            };
            match default {
                Some(value) => heap.set(place(index), value),
                None => {
                    let name = heap.argument_name(unit, descriptor, index);
                    let template = if index < descriptor.positional {
                        "{}() missing required positional argument: '{}'"
                    } else {
                        "{}() missing required keyword-only argument: '{}'"
                    };
                    let function = Val::name(heap.function_name(object));
                    return Err(heap.error_about(class_id::TYPE_ERROR, template, function, Val::name(name)));
                }
            }
        }
        // Into place: the built words lie lower than where they go, the first one highest.
        for index in 0..total {
            let word = heap.arena.stack_load(place(index).0);
            heap.arena.stack_store(base - 1 - index, word);
        }
        heap.arena.set_sp(base - total);
        Ok(())
    }

    #[cold]
    fn too_many(&mut self, function: Slot, room: u32, given: u32) -> Raised {
        let mut text = crate::message::Message::new();
        text.push(self.heap.name_bytes(self.heap.function_name(self.heap.get(function))));
        text.push(b"() takes ");
        text.number(room);
        text.push(if room == 1 { b" positional argument but " } else { b" positional arguments but " });
        text.number(given);
        text.push(if given == 1 { b" was given" } else { b" were given" });
        self.error_with_text(class_id::TYPE_ERROR, text.bytes())
    }

    // ---- instances

    /// Makes the instance that calling the class at `base` asks for.
    fn instantiate(&mut self, base: u32, positional: u16, keywords: u16) -> Result<Instantiated, Raised> {
        let heap = &*self.heap;
        let class = heap.get(Slot(base));
        let id = heap.class_id(class);
        let native = heap.native_base(id);
        let new = heap.find_class_attribute(id, names::NEW);
        if new.is_some_and(|new| new.is_heap()) {
            // A class's own `__new__` decides what `__init__` is called on: in Python.
            heap.set_root(Root::ScratchA, Some(class));
            self.insert_argument(base, positional, keywords, Root::ScratchA)?;
            self.load_prelude(names::INSTANTIATE, Slot(base))?;
            return Ok(Instantiated::Prelude);
        }
        let init = heap.find_class_attribute(id, names::INIT).filter(|init| init.is_heap());
        let has_init = init.is_some();
        let arguments = Args { base, positional, keywords };
        let instance = self.temp()?;
        if heap_is_exception(self.heap, native) {
            self.make(instance, |heap| {
                let tuple = heap.new_tuple(arguments.count())?;
                for index in 0..arguments.count() {
                    heap.tuple_set(tuple, index, heap.arg(arguments, index));
                }
                heap.new_exception_of(id, tuple)
            })?;
        } else {
            self.make(instance, |heap| heap.new_instance(heap.get(Slot(base))))?;
            if native != class_id::OBJECT && native != class_id::TYPE {
                let part = self.temp()?;
                let builtin = self.temp()?;
                self.heap.set(builtin, Val::builtin_type(native));
                // With an `__init__` of its own, a mutable builtin part starts empty.
                let mutable = matches!(
                    native,
                    class_id::LIST | class_id::DICT | class_id::SET | class_id::BYTEARRAY | class_id::OBJECT
                );
                let mut count = 0;
                if !(has_init && mutable) {
                    for index in 0..arguments.count() {
                        self.temp_of(arguments.slot(index))?;
                        count += 1;
                    }
                }
                // Keywords are for an `__init__`, if there is one.
                let keywords = if has_init { 0 } else { arguments.keyword_count() };
                for index in 0..keywords {
                    self.temp_of(arguments.keyword_slot(index))?;
                    self.temp_of(arguments.keyword_value_slot(index))?;
                }
                let value = self.call_stacked(builtin, count, keywords as u16)?;
                self.heap.arena.stack_store(part.0, value.0.get());
                self.retry(|heap| heap.instance_set(heap.get(instance), names::EMPTY, heap.get(part)))?;
                self.pop_temp(part);
            }
        }
        if !has_init {
            let plain = native == class_id::OBJECT;
            if plain && (positional != 0 || keywords != 0) {
                let heap = &*self.heap;
                let name = heap.value(heap.get(Slot(base)), field::NAME);
                return Err(heap.error_about(class_id::TYPE_ERROR, "{}() takes no arguments", name, Val::NONE));
            }
            return Ok(Instantiated::Done(self.heap.get(instance).ret()));
        }
        // [class][args] becomes [instance][__init__][instance][args].
        let word = self.heap.get(instance).word();
        self.heap.set_root(Root::ScratchB, Val::from_word(word));
        self.pop_temp(instance);
        let end = arguments.end();
        self.reserve_stack(2)?;
        self.heap.arena.set_sp(end - 2);
        for index in end..base {
            self.heap.arena.stack_store(index - 2, self.heap.arena.stack_load(index));
        }
        let heap = &*self.heap;
        let instance = heap.root(Root::ScratchB).unwrap_or(Val::NONE);
        let init = heap.find_class_attribute(id, names::INIT).unwrap_or(Val::NONE);
        heap.set(Slot(base), instance);
        heap.set(Slot(base - 2), instance);
        heap.set(Slot(base - 1), init);
        heap.set_root(Root::ScratchB, None);
        Ok(Instantiated::CallInit)
    }

    // ---- methods

    /// Finds a special method on the class of `object` (never on the object itself): function and receiver, which
    /// stays unbound if there is none to pass. False if the class has no such method.
    pub(crate) fn load_special_method(
        &mut self,
        object: Slot,
        name: u16,
        function: Slot,
        receiver: Slot,
    ) -> Result<bool, Raised> {
        use crate::attribute::Found;
        let heap = &*self.heap;
        let value = heap.get(object);
        let class = heap.class_of(value);
        let Some(found) = heap.find_class_attribute(class, name) else { return Ok(false) };
        if found.is_none() {
            return Ok(false);
        }
        match heap.bind(found, value, class) {
            Found::Method(method, this) => {
                heap.set(function, method);
                heap.set(receiver, this);
            }
            Found::Value(callable) => {
                heap.set(function, callable);
                heap.arena.stack_store(receiver.0, NULL);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// What [`Vm::instantiate`] did.
enum Instantiated {
    /// This is the instance; there is no `__init__` to call.
    Done(Ret),
    /// The stack holds instance, `__init__`, instance, arguments.
    CallInit,
    /// The class was replaced by a prelude function with the class as its first argument.
    Prelude,
}

fn heap_is_exception(heap: &Heap, class: u16) -> bool {
    heap.is_subclass(class, class_id::BASE_EXCEPTION)
}

impl Heap {
    /// Makes `fp` the running frame.
    pub(crate) fn set_frame(&self, fp: u32) {
        self.fp.set(fp);
        self.arena.set_floor(self.frame().map_or(self.arena.len(), |frame| frame.floor()));
    }

    /// As [`Heap::set_frame`], for a frame whose descriptor is at hand.
    #[inline(always)]
    pub(crate) fn set_known_frame(&self, frame: &Frame) {
        self.fp.set(frame.fp);
        self.arena.set_floor(frame.floor());
    }

    /// True if an error is under way that `cause` describes.
    pub(crate) fn is_cause(&self, cause: Cause) -> bool {
        self.cause.get() == cause
    }
}
