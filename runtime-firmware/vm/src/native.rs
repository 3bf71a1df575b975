//! What native modules outside this crate may use of the virtual machine's inside, each a thin door to it.

use crate::Args;
use crate::attribute::Found;
use crate::class::field;
use crate::class_id;
use crate::float_text;
use crate::heap::{Cause, Heap, Root};
use crate::layout::Tag;
use crate::message::Message;
use crate::names;
use crate::text::Sink;
use crate::value::*;
use crate::vm::Vm;
use core::cmp::Ordering;

/// Name of the list of objects whose `id` was asked, in the modules' state.
const IDENTITIES: &[u8] = b"id";

impl Heap {
    // ---- state of modules

    /// What a native module keeps under `key`, which is one of its names.
    pub fn module_state(&self, key: &[u8]) -> Option<Val<'_>> {
        let state = self.root(Root::State)?;
        self.dict_get_name(state, self.find_name(key)?)
    }

    /// Keeps a value for a native module until the next reset.
    pub fn set_module_state(&self, key: &[u8], value: Val<'_>) -> Result<(), Raised> {
        let name = self.intern(key)?;
        let state = match self.root(Root::State) {
            Some(state) => state,
            None => {
                let state = self.new_dict(2)?;
                self.set_root(Root::State, Some(state));
                state
            }
        };
        self.dict_set_name(state, name, value)
    }

    /// Adds or replaces a name of the builtins.
    pub fn set_builtin(&self, text: &[u8], value: Val<'_>) -> Result<(), Raised> {
        let name = self.intern(text)?;
        let added = match self.root(Root::Builtins) {
            Some(added) => added,
            None => {
                let added = self.new_dict(1)?;
                self.set_root(Root::Builtins, Some(added));
                added
            }
        };
        self.dict_set_name(added, name, value)
    }

    // ---- functions and classes

    /// The name of a builtin function's row.
    pub fn native_function_name(&self, function: Val<'_>) -> u16 {
        match rom_of(function.word()) {
            Some((RomKind::Function, row)) => self.member(row).map_or(names::EMPTY, |row| row.name),
            _ => names::EMPTY,
        }
    }

    /// The builtin value inside an instance of a class that extends a builtin type; any other value itself.
    pub fn builtin_part<'h>(&'h self, value: Val<'h>) -> Val<'h> {
        self.native_part(value)
    }

    /// The arguments of a constructor without the class: see `constructor_args`.
    pub fn without_class(&self, args: Args) -> Args {
        self.constructor_args(args)
    }

    /// True if the value can be called.
    pub fn is_callable(&self, value: Val<'_>) -> bool {
        match self.tag(value) {
            Some(Tag::Function | Tag::BoundMethod | Tag::Class) => true,
            Some(Tag::Instance | Tag::Native) => self.find_class_attribute(self.class_of(value), names::CALL).is_some(),
            _ => matches!(rom_of(value.word()), Some((RomKind::Function | RomKind::Type, _))),
        }
    }

    /// True if the value's class, or one it derives from, has the method.
    pub fn has_method(&self, value: Val<'_>, name: u16) -> bool {
        self.find_class_attribute(self.class_of(value), name).is_some_and(|found| !found.is_none())
    }

    /// As [`Heap::has_method`], for methods written in Python.
    pub fn has_own_method(&self, value: Val<'_>, name: u16) -> bool {
        self.find_class_attribute(self.class_of(value), name).is_some_and(Val::is_heap)
    }

    /// The globals of the Python function that runs.
    pub fn running_globals(&self) -> Option<Val<'_>> {
        self.frame().map(|frame| self.function_globals(self.callee(&frame)))
    }

    /// Appends the names of an object's attributes to a list, some perhaps twice.
    pub fn attribute_names(&self, object: Val<'_>, names: Val<'_>) -> Result<(), Raised> {
        if let Some((RomKind::Module, number)) = rom_of(object.word()) {
            let Some(row) = self.rom.modules.get(number as usize) else { return Ok(()) };
            self.push_name(names, names::NAME)?;
            return self.member_names(row.first, row.count, names);
        }
        if self.is(object, Tag::Module) {
            return self.key_names(self.value(object, 1), names);
        }
        if self.is_class(object) {
            return self.class_names(self.class_id(object), names);
        }
        if matches!(self.tag(object), Some(Tag::Instance | Tag::Exception)) {
            self.key_names(self.instance_dict(object)?, names)?;
        }
        self.push_name(names, names::CLASS)?;
        self.class_names(self.class_of(object), names)
    }

    fn push_name(&self, names: Val<'_>, name: u16) -> Result<(), Raised> {
        self.list_push(names, Val::name(name))
    }

    fn member_names(&self, first: u16, count: u16, names: Val<'_>) -> Result<(), Raised> {
        for row in first..first + count {
            if let Some(member) = self.member(row) {
                self.push_name(names, member.name)?;
            }
        }
        Ok(())
    }

    fn key_names(&self, dict: Val<'_>, names: Val<'_>) -> Result<(), Raised> {
        let mut position = 0;
        while let Some((at, key, _)) = self.table_next(dict, position) {
            // Builtin parts of instances have the empty name.
            if self.is_str(key) && key != Val::name(names::EMPTY) {
                self.list_push(names, key)?;
            }
            position = at + 1;
        }
        Ok(())
    }

    fn class_names(&self, id: u16, names: Val<'_>) -> Result<(), Raised> {
        let class = self.class_value(id);
        if self.is(class, Tag::Class) {
            let order = self.value(class, field::MRO);
            for index in 0..self.tuple_len(order) {
                let ancestor = self.tuple_get(order, index);
                if self.is(ancestor, Tag::Class) {
                    self.key_names(self.value(ancestor, field::DICT), names)?;
                } else {
                    self.own_names(self.class_id(ancestor), names)?;
                }
            }
            return Ok(());
        }
        let mut id = id;
        loop {
            self.own_names(id, names)?;
            let base = self.base_of(id);
            if base == id {
                return Ok(());
            }
            id = base;
        }
    }

    fn own_names(&self, id: u16, names: Val<'_>) -> Result<(), Raised> {
        match self.rom.types.get(id as usize) {
            Some(row) => self.member_names(row.first, row.count, names),
            None => Ok(()),
        }
    }

    // ---- identity and order

    /// A number that no other living object has, and that stays. Objects move, so those that have no number of
    /// their own are kept in a list from the first time on: the number is the place.
    pub fn identity(&self, value: Val<'_>) -> Result<u32, Raised> {
        let own = match self.tag(value) {
            None => true,
            Some(Tag::Float | Tag::BigInt | Tag::Str | Tag::Bytes | Tag::Complex) => {
                // Their identity means nothing to a program: equal ones may share a number.
                return Ok(self.hash(value)? << 3 | 0x8000_0004);
            }
            Some(Tag::Instance) => return Ok(self.word(value, 0) << 1 | 1),
            Some(_) => false,
        };
        if own {
            return Ok(value.word());
        }
        let list = match self.module_state(IDENTITIES) {
            Some(list) => list,
            None => {
                let list = self.new_list(4)?;
                self.set_module_state(IDENTITIES, list)?;
                list
            }
        };
        let known = (0..self.list_len(list)).find(|index| self.list_get(list, *index) == Some(value));
        let place = match known {
            Some(place) => place,
            None => {
                self.list_push(list, value)?;
                self.list_len(list) - 1
            }
        };
        Ok(place << 4 | 0x4000_0000)
    }

    /// The order of two values of builtin kinds; `None` if Python must compare them or they cannot be compared.
    pub fn native_order(&self, a: Val<'_>, b: Val<'_>) -> Result<Option<Option<Ordering>>, Raised> {
        match self.order(a, b) {
            Err(_) if self.cause.get() == Cause::NeedVm => {
                self.cause.set(Cause::None);
                Ok(None)
            }
            done => done,
        }
    }

    /// Sorts a list by a list of keys of the same length, or by itself; false if Python must compare: both lists
    /// are then in some other order.
    pub fn sort_by_keys(&self, list: Val<'_>, keys: Val<'_>, reverse: bool) -> Result<bool, Raised> {
        let sorted = self.sort_list(list, (keys != list).then_some(keys), reverse);
        if sorted == Ok(false) {
            self.cause.set(Cause::None);
        }
        sorted
    }

    // ---- containers

    /// `len` of a builtin container.
    pub fn length(&self, value: Val<'_>) -> Option<u32> {
        if self.is_str(value) {
            return Some(self.str_len(value));
        }
        Some(match self.tag(value)? {
            Tag::List => self.list_len(value),
            Tag::Tuple => self.tuple_len(value),
            Tag::Dict | Tag::Set | Tag::FrozenSet => self.table_len(value),
            Tag::Bytes | Tag::ByteArray => self.buffer_len(value),
            Tag::Range => self.range_len(value),
            Tag::Native if self.is_dict_view(value) => self.table_len(self.native_field(value, 0)),
            Tag::Instance if !self.has_own_method(value, names::LEN) => {
                let part = self.native_part(value);
                return if part == value { None } else { self.length(part) };
            }
            _ => return None,
        })
    }

    /// The bytes of a bytes or bytearray object (of the latter a copy); `None` for all else.
    pub fn buffer<'h>(&'h self, value: Val<'h>) -> Result<Option<&'h [u8]>, Raised> {
        self.bytes_like(value)
    }

    /// The bytes of the items of an `array.array`; `None` for all else.
    pub(crate) fn array_cells(&self, value: Val<'_>) -> Option<&[core::cell::Cell<u8>]> {
        if !self.is(value, Tag::Native) || self.class_of(value) != class_id::ARRAY {
            return None;
        }
        let size = match self.native_field(value, 0).small_int()? as u8 {
            b'b' | b'B' => 1,
            b'h' | b'H' => 2,
            b'q' | b'Q' | b'd' => 8,
            _ => 4,
        };
        let count = self.native_field(value, 2).small_int()? as usize;
        self.bytearray_cells(self.native_field(value, 1))?.get(..count * size)
    }

    /// The bytes of a bytearray, of a memoryview of one, or of an array, readable and writable; `None` for all else.
    pub fn writable_cells(&self, value: Val<'_>) -> Option<&[core::cell::Cell<u8>]> {
        let value = self.native_part(value);
        self.writable_bytes(value).or_else(|| self.array_cells(value))
    }

    /// True for iterators over builtin containers.
    pub fn is_native_iterator(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::Iterator)
    }

    /// An iterator over a builtin container; iterators and generators themselves; `None` for all else.
    pub fn native_iterator<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        if matches!(self.tag(value), Some(Tag::Iterator | Tag::Generator)) {
            return Ok(Some(value));
        }
        self.new_iterator(value)
    }

    /// The next item of an iterator over a builtin container; `None` at its end.
    pub fn native_iterator_next<'h>(&'h self, iterator: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        self.iterator_next(iterator)
    }

    // ---- numbers

    /// `abs(value)`; `None` if it is no number.
    pub fn absolute_value<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        self.absolute(self.native_part(value))
    }

    /// `divmod(a, b)`; `None` if one is no real number.
    pub fn quotient_and_rest<'h>(&'h self, a: Val<'h>, b: Val<'h>) -> Result<Option<(Val<'h>, Val<'h>)>, Raised> {
        self.divide_modulo(self.native_part(a), self.native_part(b))
    }

    /// `pow(base, exponent, modulus)`; `None` if one is no int.
    pub fn power_of<'h>(
        &'h self,
        base: Val<'h>,
        exponent: Val<'h>,
        modulus: Val<'h>,
    ) -> Result<Option<Val<'h>>, Raised> {
        self.power_modulo(self.native_part(base), self.native_part(exponent), self.native_part(modulus))
    }

    /// `round(value, digits)`; `None` if it is no real number.
    pub fn rounded<'h>(&'h self, value: Val<'h>, digits: Option<i32>) -> Result<Option<Val<'h>>, Raised> {
        self.round_number(self.native_part(value), digits)
    }

    /// A float without its fraction as an int.
    pub fn integer_of_float(&self, x: f64) -> Result<Val<'_>, Raised> {
        self.float_to_int(x)
    }

    /// An int, bool or float as a float; `None` for all else.
    pub fn real_number(&self, value: Val<'_>) -> Result<Option<f64>, Raised> {
        self.real_to_float(self.native_part(value))
    }

    /// A float from its text; ValueError if it is none.
    pub fn float_from_text(&self, text: &[u8]) -> Result<Val<'_>, Raised> {
        match self.parse_float(text) {
            Some(x) => self.new_float(x),
            None => Err(self.value_error("could not convert string to float")),
        }
    }

    /// An int from its decimal text; ValueError if it is none.
    pub fn integer_from_text(&self, text: &[u8]) -> Result<Val<'_>, Raised> {
        self.parse_int(text, 10)
    }

    /// The low 64 bits of an int of any size, in two's complement; `None` for all else.
    pub fn integer_bits(&self, value: Val<'_>) -> Option<u64> {
        let value = self.native_part(value);
        if let Some(n) = self.as_int(value) {
            return Some(n as u64);
        }
        if !self.is(value, Tag::BigInt) {
            return None;
        }
        let high = if self.field_count(value) > 1 { self.word(value, 1) } else { 0 };
        let magnitude = u64::from(high) << 32 | u64::from(self.word(value, 0));
        Some(if self.flags(value) & 1 != 0 { magnitude.wrapping_neg() } else { magnitude })
    }

    /// A non-negative int of so many bits, from 32 bits at a time.
    pub fn integer_from_words(&self, bits: u32, mut next: impl FnMut() -> u32) -> Result<Val<'_>, Raised> {
        let count = bits.div_ceil(32);
        let object = self.new_limbs(count as usize)?;
        for index in 0..count {
            let excess = if index + 1 == count { count * 32 - bits } else { 0 };
            self.set_word(object, index, next() >> excess);
        }
        Ok(self.finish_int(object, false))
    }

    /// Appends an int in a base, `prefix` behind its sign.
    pub fn push_integer(&self, sink: &mut Sink<'_>, value: Val<'_>, radix: u32, prefix: &[u8]) -> Result<(), Raised> {
        if self.number_is_negative(value) {
            sink.push(b"-")?;
        }
        sink.push(prefix)?;
        let mut failed = Ok(());
        let mut first = true;
        self.int_text(value, radix, &mut |text| {
            let text = if core::mem::take(&mut first) { text.strip_prefix(b"-").unwrap_or(text) } else { text };
            if failed.is_ok() {
                failed = sink.push(text);
            }
        })?;
        failed
    }

    /// Appends a float as `repr` writes it.
    pub fn push_float(&self, sink: &mut Sink<'_>, x: f64) -> Result<(), Raised> {
        let mut failed = Ok(());
        float_text::write_repr(x, self.single_precision(), &mut |text| {
            if failed.is_ok() {
                failed = sink.push(text);
            }
        });
        failed
    }
}

impl Vm<'_> {
    /// Calls a function of the prelude with the same arguments in place of the native one that is running.
    pub fn forward_to_prelude(&mut self, args: Args, name: u16) -> Result<Ret, Raised> {
        self.load_prelude(name, args.callee())?;
        self.heap.arena.set_sp(args.end());
        self.tail = (args.count() as u16, args.keyword_count() as u16);
        Ok(Ret::TAIL_CALL)
    }

    /// As [`Vm::forward_to_prelude`], under another name than its own.
    pub fn forward_to_prelude_as(&mut self, args: Args, text: &[u8]) -> Result<Ret, Raised> {
        let name = self.retry(|heap| heap.intern(text))?;
        self.forward_to_prelude(args, name)
    }

    /// Calls a method by name in place of the native function that is running; TypeError with `refusal` if the
    /// object has none.
    pub fn tail_method(
        &mut self,
        args: Args,
        object: Slot,
        name: u16,
        arguments: &[Slot],
        refusal: &'static str,
    ) -> Result<Ret, Raised> {
        let (function, receiver) = (self.temp()?, self.temp()?);
        if !self.load_special_method(object, name, function, receiver)? {
            return Err(self.heap.error_about(class_id::TYPE_ERROR, refusal, self.heap.get(object), Val::NONE));
        }
        let mut all = [receiver; 4];
        let mut count = usize::from(self.heap.get_optional(receiver).is_some());
        for argument in arguments {
            if let Some(place) = all.get_mut(count) {
                *place = *argument;
                count += 1;
            }
        }
        self.tail_call(args, function, all.get(..count).unwrap_or_default())
    }

    /// Lets the attached host compile the str in `source`. The bytecode, for [`Vm::load_bytecode`], goes to `out`.
    ///
    /// SyntaxError if the source is wrong; NotImplementedError if no host is attached.
    pub fn compile(&mut self, source: Slot, name: &str, mode: hal::CompileMode, out: Slot) -> Result<(), Raised> {
        // The text as an object of its own, whose bytes can be read while the free memory is written.
        let text = self.temp()?;
        self.make(text, |heap| heap.new_raw_str(Tag::Str, heap.expect_str(heap.get(source))?))?;
        let mut collected = false;
        loop {
            let heap = &mut *self.heap;
            let (index, length) = (heap.get(text).index(), heap.raw_bytes(heap.get(text)).len() as u32);
            let system = &mut *self.system;
            let mut message = Message::new();
            // Two words stay free in front: the header and the length.
            let reply = heap.arena.with_bytes_and_room(index + 2, length, |bytes, room| {
                let Ok(source) = core::str::from_utf8(bytes) else { return Err(hal::Error::Invalid) };
                let room = room.get_mut(8..).unwrap_or_default();
                let reply = system.compile(source, name, mode, room);
                if let Ok(hal::CompileReply::SyntaxError { line, message_length }) = reply {
                    message.push(room.get(..message_length).unwrap_or_default());
                    message.push(b" (");
                    message.push(name.as_bytes());
                    message.push(b", line ");
                    message.number(line);
                    message.push(b")");
                }
                reply
            });
            match reply {
                Ok(hal::CompileReply::Compiled(length)) => {
                    let words = 1 + length.div_ceil(4) as u32;
                    let code = self.heap.claim_gap(Tag::Code, words)?;
                    self.heap.set_word(code, 0, length as u32);
                    self.heap.set(out, code);
                    self.pop_temp(text);
                    return Ok(());
                }
                Ok(hal::CompileReply::SyntaxError { .. }) => {
                    return Err(self.error_with_text(class_id::SYNTAX_ERROR, message.bytes()));
                }
                Ok(hal::CompileReply::BufferTooSmall(_)) if collected => return Err(self.memory_error()),
                Ok(hal::CompileReply::BufferTooSmall(_)) => {
                    self.collect();
                    collected = true;
                }
                Err(hal::Error::NotSupported) => {
                    let text = "eval, exec and compile need a host that compiles, and none is attached";
                    return Err(self.heap.error(class_id::NOT_IMPLEMENTED_ERROR, text));
                }
                Err(error) => return Err(self.heap.os_error(error)),
            }
        }
    }

    /// The function that runs the bytecode in `code` in the namespace `globals` goes to `out`.
    pub fn load_bytecode(&mut self, code: Slot, globals: Slot, out: Slot) -> Result<(), Raised> {
        let heap = &*self.heap;
        if !heap.is(heap.get(code), Tag::Code) {
            return Err(heap.type_error("expected a code object"));
        }
        let length = heap.word(heap.get(code), 0) as usize;
        let unit = self.temp()?;
        self.load_unit(code, length, globals, unit)?;
        self.make(out, |heap| heap.new_function(heap.get(unit), 0))?;
        self.pop_temp(unit);
        Ok(())
    }

    /// `a ** b`
    pub fn power(&mut self, a: Slot, b: Slot, out: Slot) -> Result<(), Raised> {
        self.binary(mpy::BinaryOperator::Power, a, b, out)
    }

    /// `a * b`
    pub fn multiply(&mut self, a: Slot, b: Slot, out: Slot) -> Result<(), Raised> {
        self.binary(mpy::BinaryOperator::Multiply, a, b, out)
    }

    /// Takes the exception under way if it is of builtin class `class`: it is then as if it had not been raised.
    pub fn take_exception(&mut self, class: u16) -> bool {
        if self.heap.is_cause(Cause::Stop) || self.realise_error().is_err() {
            return false;
        }
        let found = self.heap.root(Root::Exception).is_some_and(|error| self.heap.is_instance(error, class));
        if found {
            self.heap.set_root(Root::Exception, None);
            self.heap.cause.set(Cause::None);
        }
        found
    }

    /// AttributeError for `object.name`, as the interpreter raises it.
    pub fn attribute_error(&mut self, object: Slot, name: u16) -> Raised {
        self.no_attribute(object, name)
    }

    /// An attribute of the class of `object`, unbound, in `out`; false if there is none.
    pub fn class_attribute(&mut self, object: Slot, name: u16, out: Slot) -> Result<bool, Raised> {
        let heap = &*self.heap;
        match heap.find_attribute(heap.class_value(heap.class_of(heap.get(object))), name)? {
            Found::Value(value) => {
                heap.set(out, value);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
