//! Running: the loop of hot and cold halves, polling, and how a run of a whole module ends.

use crate::attribute::{Found, Store};
use crate::call::Begun;
use crate::class_id;
use crate::frame::Kind;
use crate::heap::{Cause, Root};
use crate::layout::Tag;
use crate::names;
use crate::unwind::Unwound;
use crate::value::*;
use crate::vm::Vm;

/// Backward jumps and calls between two polls of the system.
const POLL_INTERVAL: u32 = 256;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finish {
    /// The code ran to its end.
    Done,
    /// SystemExit, with its status: 0 for None, 1 for a text (which was printed to stderr).
    Exit(i32),
    /// An exception nobody caught; its traceback went to stderr.
    Error,
    /// KeyboardInterrupt nobody caught; its traceback went to stderr.
    Interrupted,
    /// The host asked the program to stop.
    Stopped,
    /// The .mpy was refused; why.
    Refused(&'static str),
    /// There is not enough memory for the file.
    NoMemory,
}

impl Vm<'_> {
    /// Runs from the running frame on until it returns to the native code that called it.
    pub(crate) fn run(&mut self) -> Result<Ret, Raised> {
        loop {
            let at = crate::interpret::hot(self);
            let unwound = match self.execute(at) {
                Ok(unwound) => unwound,
                Err(_) => Some(self.unwind()?),
            };
            if let Some(Unwound::Native(value)) = unwound {
                return Ok(value);
            }
        }
    }

    /// Ends the run (as the host's stop does) after so many backward jumps and calls; for fuzzing.
    pub fn set_step_limit(&mut self, steps: u64) {
        self.step_limit = steps;
    }

    /// Looks whether something wants attention; every [`POLL_INTERVAL`]th time.
    #[inline]
    pub(crate) fn poll(&mut self) -> Result<(), Raised> {
        if self.step_limit != 0 {
            self.step_limit -= 1;
            if self.step_limit == 0 {
                self.heap.cause.set(Cause::Stop);
                return Err(Raised);
            }
        }
        if self.countdown > 0 {
            self.countdown -= 1;
            return Ok(());
        }
        self.countdown = POLL_INTERVAL;
        self.attend()
    }

    /// Polls the system: raises KeyboardInterrupt, ends the run, calls pin handlers.
    pub fn attend(&mut self) -> Result<(), Raised> {
        let events = self.system.poll();
        if events.stop {
            self.heap.cause.set(Cause::Stop);
            return Err(Raised);
        }
        if events.interrupt {
            return Err(self.heap.error(class_id::KEYBOARD_INTERRUPT, ""));
        }
        if events.pins && !self.in_handler {
            self.in_handler = true;
            let result = self.run_pin_handlers();
            self.in_handler = false;
            return result;
        }
        Ok(())
    }

    /// Calls the handlers of pins that have events: `State["pin_irq"]` is a dict of pin number to (pin, handler).
    fn run_pin_handlers(&mut self) -> Result<(), Raised> {
        while let Some(event) = self.system.pins().take_event() {
            let (pin, handler, nothing) = (self.temp()?, self.temp()?, self.temp()?);
            let heap = &*self.heap;
            let handlers = heap.root(Root::State).and_then(|state| heap.dict_get_name(state, names::PIN_IRQ));
            let entry = match handlers {
                Some(handlers) => heap.dict_get(handlers, Val::int(event.pin.into()))?,
                None => None,
            };
            let found = match entry {
                Some(entry) if heap.is_tuple(entry) => {
                    heap.set(pin, heap.tuple_get(entry, 0));
                    heap.set(handler, heap.tuple_get(entry, 1));
                    !heap.get(handler).is_none()
                }
                _ => false,
            };
            let result = if found { self.call(handler, &[pin], nothing) } else { Ok(()) };
            self.pop_temp(pin);
            result?;
        }
        Ok(())
    }

    /// Sleeps until `deadline_us` on the system's clock, attending to events meanwhile.
    pub fn wait_until(&mut self, deadline_us: u64) -> Result<(), Raised> {
        loop {
            self.attend()?;
            if self.system.clock().now_us() >= deadline_us {
                return Ok(());
            }
            self.system.wait_until(deadline_us);
        }
    }

    // ---- attributes, for native code

    /// Gets `object.name` into `out`; false if it has no such attribute. Runs Python for properties.
    pub fn get_attribute(&mut self, object: Slot, name: u16, out: Slot) -> Result<bool, Raised> {
        let (function, receiver) = (self.temp()?, self.temp()?);
        let plan = self.retry(|heap| {
            Ok(match heap.find_attribute(heap.get(object), name)? {
                Found::Value(value) => {
                    heap.set(out, value);
                    0
                }
                Found::Method(method, this) => {
                    let bound = heap.new_bound_method(method, this)?;
                    heap.set(out, bound);
                    0
                }
                Found::Getter(getter, this) => {
                    heap.set(function, getter);
                    heap.set(receiver, this);
                    1
                }
                Found::Descriptor(descriptor, owner, class) => {
                    heap.set(function, descriptor);
                    heap.set(receiver, owner);
                    heap.set(out, class);
                    2
                }
                Found::Absent => 3,
            })
        })?;
        let found = match plan {
            0 => true,
            1 => {
                self.call(function, &[receiver], out)?;
                true
            }
            2 => {
                let class = self.temp_of(out)?;
                self.call_method(function, names::GET, &[receiver, class], out)?
            }
            _ => self.get_by_fallback(object, name, out)?,
        };
        self.pop_temp(function);
        Ok(found)
    }

    /// Gets `object.name` into `out`; AttributeError if it has none.
    pub fn load_attribute(&mut self, object: Slot, name: u16, out: Slot) -> Result<(), Raised> {
        if self.get_attribute(object, name, out)? { Ok(()) } else { Err(self.no_attribute(object, name)) }
    }

    /// Gets `object[index]` into `out`.
    pub fn load_item(&mut self, object: Slot, index: Slot, out: Slot) -> Result<(), Raised> {
        let found = self.retry(|heap| Ok(heap.subscript(heap.get(object), heap.get(index))?.map(Val::word)));
        match found {
            Err(_) if self.heap.is_cause(Cause::NeedVm) => {
                let position = self.table_find(object, index)?;
                let heap = &*self.heap;
                match position.and_then(|position| heap.table_entry(heap.get(object), position)) {
                    Some((_, value)) => heap.set(out, value),
                    None => return Err(heap.error_value(class_id::KEY_ERROR, heap.get(index))),
                }
                return Ok(());
            }
            Err(raised) => return Err(raised),
            Ok(Some(word)) => {
                self.heap.arena.stack_store(out.0, word);
                return Ok(());
            }
            Ok(None) => {}
        }
        if self.call_method(object, names::GETITEM, &[index], out)? {
            return Ok(());
        }
        let heap = &*self.heap;
        let value = heap.get(object);
        let part = heap.native_part(value);
        if part != value
            && let Some(found) = heap.subscript(part, heap.get(index))?
        {
            heap.set(out, found);
            return Ok(());
        }
        Err(heap.error_about(class_id::TYPE_ERROR, "'{t}' object is not subscriptable", value, Val::NONE))
    }

    fn get_by_fallback(&mut self, object: Slot, name: u16, out: Slot) -> Result<bool, Raised> {
        let text = self.temp()?;
        self.heap.set(text, Val::name(name));
        let heap = &*self.heap;
        let value = heap.get(object);
        let found = if heap.is(value, Tag::Module) {
            match heap.dict_get_name(heap.value(value, 1), names::GETATTR) {
                Some(function) => {
                    heap.set(text, function);
                    let argument = self.temp()?;
                    self.heap.set(argument, Val::name(name));
                    self.call(text, &[argument], out).map(|()| true)
                }
                None => Ok(false),
            }
        } else if heap.is(value, Tag::Instance) || heap.is(value, Tag::Exception) {
            self.call_method(object, names::GETATTR, &[text], out)
        } else {
            Ok(false)
        };
        match found {
            Ok(found) => Ok(found),
            Err(raised) => {
                // `__getattr__` says "absent" with AttributeError.
                if self.heap.is_cause(Cause::Stop) || self.realise_error().is_err() {
                    return Err(raised);
                }
                let absent = self
                    .heap
                    .root(Root::Exception)
                    .is_some_and(|exception| self.heap.is_instance(exception, class_id::ATTRIBUTE_ERROR));
                if absent {
                    self.heap.set_root(Root::Exception, None);
                    self.heap.cause.set(Cause::None);
                    return Ok(false);
                }
                Err(raised)
            }
        }
    }

    /// Sets `object.name`, or deletes it; false if the object refuses.
    pub fn set_attribute(&mut self, object: Slot, name: u16, value: Option<Slot>) -> Result<bool, Raised> {
        let (function, receiver) = (self.temp()?, self.temp()?);
        let plan = self.retry(|heap| {
            let stored = heap.store_attribute(heap.get(object), name, value.map(|value| heap.get(value)))?;
            Ok(match stored {
                Store::Done => 0,
                Store::Refused => 1,
                Store::Setter(setter, this) | Store::Named(setter, this) => {
                    heap.set(function, setter);
                    heap.set(receiver, this);
                    if matches!(stored, Store::Named(..)) { 3 } else { 2 }
                }
            })
        })?;
        let done = match plan {
            0 => true,
            1 => false,
            _ => {
                let (text, nothing) = (self.temp()?, self.temp()?);
                self.heap.set(text, Val::name(name));
                match (plan, value) {
                    (3, Some(value)) => self.call(function, &[receiver, text, value], nothing)?,
                    (3, None) => self.call(function, &[receiver, text], nothing)?,
                    (_, Some(value)) => self.call(function, &[receiver, value], nothing)?,
                    (_, None) => self.call(function, &[receiver], nothing)?,
                }
                true
            }
        };
        self.pop_temp(function);
        Ok(done)
    }

    // ---- the prelude

    /// Puts a function of the prelude (builtins that are written in Python) into `out`.
    pub fn load_prelude(&mut self, name: u16, out: Slot) -> Result<(), Raised> {
        self.need_prelude()?;
        let heap = &*self.heap;
        match heap.root(Root::Prelude).and_then(|prelude| heap.dict_get_name(prelude, name)) {
            Some(function) => {
                heap.set(out, function);
                Ok(())
            }
            None => {
                Err(heap.error_about(class_id::SYSTEM_ERROR, "the prelude has no '{}'", Val::name(name), Val::NONE))
            }
        }
    }

    /// Loads the prelude if that has not happened; true if it was loaded now.
    pub(crate) fn need_prelude(&mut self) -> Result<bool, Raised> {
        if self.heap.root(Root::Prelude).is_some() {
            return Ok(false);
        }
        let rom = self.heap.rom;
        let Some(frozen) = rom.frozen.iter().find(|frozen| frozen.name == "_prelude") else {
            return Err(self.heap.error(class_id::SYSTEM_ERROR, "this executor has no prelude"));
        };
        let (location, globals, unit, function) = (self.temp()?, self.temp()?, self.temp()?, self.temp()?);
        let Some(place) = self.heap.flash_location(frozen.mpy) else {
            return Err(self.heap.error(class_id::MEMORY_ERROR, "too many flash regions"));
        };
        let word = place.word();
        self.heap.arena.stack_store(location.0, word);
        self.make(globals, |heap| {
            let dict = heap.new_dict(4)?;
            heap.dict_set_name(dict, names::NAME, Val::name(names::BUILTINS))?;
            Ok(dict)
        })?;
        self.load_unit(location, frozen.mpy.len(), globals, unit)?;
        self.make(function, |heap| heap.new_function(heap.get(unit), 0))?;
        self.heap.set_root(Root::Prelude, Some(self.heap.get(globals)));
        let nothing = self.temp()?;
        let result = self.call(function, &[], nothing);
        if result.is_err() {
            self.heap.set_root(Root::Prelude, None);
        }
        self.pop_temp(location);
        result.map(|()| true)
    }

    /// Calls a function of the prelude in place of the native one that is running.
    pub fn tail_prelude(&mut self, args: crate::Args, name: u16, arguments: &[Slot]) -> Result<Ret, Raised> {
        let function = self.temp()?;
        self.load_prelude(name, function)?;
        self.tail_call(args, function, arguments)
    }

    /// Makes argument `index` a list and calls the same function again: for natives that take any iterable but walk
    /// only over builtin ones.
    pub fn materialise(&mut self, args: crate::Args, index: u32) -> Result<Ret, Raised> {
        let helper = self.temp()?;
        self.load_prelude(names::RETRY_WITH_LIST, helper)?;
        let count = args.count() + 2 * args.keyword_count();
        let function = self.temp_of(args.callee())?;
        let position = self.temp()?;
        self.heap.set(position, Val::int(index as i32));
        // [helper][function][index][arguments …] in place of [function][arguments …]
        let words = count;
        self.reserve_stack(words + 4)?;
        let start = self.heap.arena.sp();
        for offset in 0..words {
            let word = self.heap.arena.stack_load(args.base - 1 - offset);
            self.heap.push_word(word);
        }
        let (helper, function) = (self.heap.arena.stack_load(helper.0), self.heap.arena.stack_load(function.0));
        for offset in 0..words {
            let word = self.heap.arena.stack_load(start - 1 - offset);
            self.heap.arena.stack_store(args.base - 3 - offset, word);
        }
        self.heap.arena.stack_store(args.base, helper);
        self.heap.arena.stack_store(args.base - 1, function);
        self.heap.arena.stack_store(args.base - 2, int_word(index as i32));
        self.heap.arena.set_sp(args.base - 2 - words);
        self.tail = (args.count() as u16 + 2, args.keyword_count() as u16);
        Ok(Ret::TAIL_CALL)
    }

    // ---- whole modules

    /// Makes room for a loose .mpy of module `name`, to be written with [`Vm::preload_write`].
    pub fn preload(&mut self, name: &str, length: usize) -> Result<(), Finish> {
        let prepared = self.new_code(length).and_then(|()| {
            self.retry(|heap| {
                let preloaded = match heap.root(Root::Preloaded) {
                    Some(preloaded) => preloaded,
                    None => {
                        let dict = heap.new_dict(0)?;
                        heap.set_root(Root::Preloaded, Some(dict));
                        dict
                    }
                };
                let key = heap.new_str(name.as_bytes())?;
                let code = heap.root(Root::Incoming).unwrap_or(Val::NONE);
                heap.table_set(preloaded, key, code)
            })
        });
        prepared.map_err(|_| Finish::NoMemory)
    }

    /// Writes a part of the .mpy that is being preloaded; false if it does not fit.
    pub fn preload_write(&mut self, offset: usize, bytes: &[u8]) -> bool {
        self.write_code(offset, bytes)
    }

    /// Runs a preloaded .mpy as module `name`.
    pub fn run_preloaded(&mut self, name: &str) -> Finish {
        let location = match self.temp() {
            Ok(slot) => slot,
            Err(_) => return Finish::NoMemory,
        };
        let heap = &*self.heap;
        heap.set_root(Root::Incoming, None);
        let mut length = None;
        if let Some(preloaded) = heap.root(Root::Preloaded) {
            let mut position = 0;
            while let Some((at, key, code)) = heap.table_next(preloaded, position) {
                if heap.str_bytes(key) == Some(name.as_bytes()) {
                    length = Some(heap.word(code, 0) as usize);
                    heap.set(location, code);
                    // The program itself is not to be imported a second time.
                    heap.table_remove_at(preloaded, at);
                    break;
                }
                position = at + 1;
            }
        }
        match length {
            Some(length) => self.run_module(name, location, length),
            None => Finish::Refused("nothing was sent under that name"),
        }
    }

    /// Runs a .mpy in flash as module `name`.
    pub fn run_in_place(&mut self, name: &str, mpy: &'static [u8]) -> Finish {
        let Ok(location) = self.temp() else { return Finish::NoMemory };
        let Some(place) = self.heap.flash_location(mpy) else {
            return Finish::Refused("too many flash regions");
        };
        let word = place.word();
        self.heap.arena.stack_store(location.0, word);
        self.run_module(name, location, mpy.len())
    }

    fn run_module(&mut self, name: &str, location: Slot, length: usize) -> Finish {
        let result = self.begin_module(name, location, length);
        let finish = match result {
            Ok(()) => Finish::Done,
            Err(_) => self.finish_with_error(),
        };
        let heap = &*self.heap;
        heap.arena.set_floor(heap.arena.len());
        heap.arena.set_sp(heap.arena.len());
        heap.fp.set(0);
        heap.set_root(Root::Exception, None);
        heap.cause.set(Cause::None);
        self.depth = 0;
        finish
    }

    fn begin_module(&mut self, name: &str, location: Slot, length: usize) -> Result<(), Raised> {
        let (module, unit, function) = (self.temp()?, self.temp()?, self.temp()?);
        let own = self.temp()?;
        let heap = &*self.heap;
        let globals = match heap.imported(name.as_bytes()) {
            Some(found) if heap.is(found, Tag::Module) => {
                heap.set(own, heap.value(found, 1));
                own
            }
            _ => {
                let globals = self.new_module(name.as_bytes(), module, false)?;
                let modules = self.temp()?;
                self.modules(modules)?;
                self.retry(|heap| {
                    let id = heap.intern(name.as_bytes())?;
                    heap.dict_set_name(heap.get(modules), id, heap.get(module))
                })?;
                globals
            }
        };
        self.load_unit(location, length, globals, unit)?;
        self.make(function, |heap| heap.new_function(heap.get(unit), 0))?;
        let base = self.temp_of(function)?;
        match self.begin_call(base.0, 0, 0, Kind::Value, false)? {
            Begun::Frame => {
                let _ = self.run()?;
            }
            Begun::Value(_) => {}
        }
        Ok(())
    }

    fn finish_with_error(&mut self) -> Finish {
        if self.realise_error().is_err() {
            return Finish::Stopped;
        }
        let heap = &*self.heap;
        heap.fp.set(0);
        heap.arena.set_floor(heap.arena.len());
        heap.arena.set_sp(heap.arena.len());
        let Some(exception) = heap.root(Root::Exception) else { return Finish::Error };
        heap.cause.set(Cause::None);
        if heap.is_instance(exception, class_id::SYSTEM_EXIT) {
            let arguments = heap.value(exception, 1);
            let status = if heap.tuple_len(arguments) == 0 { Val::NONE } else { heap.tuple_get(arguments, 0) };
            if status.is_none() {
                return Finish::Exit(0);
            }
            if let Some(n) = heap.as_int(status) {
                return Finish::Exit(n as i32);
            }
            let word = status.word();
            if let Ok(slot) = self.temp() {
                self.heap.arena.stack_store(slot.0, word);
                if self.str(slot, slot).is_ok() {
                    let text = self.heap.str_bytes(self.heap.get(slot)).unwrap_or(b"");
                    self.system.stderr(text);
                    self.system.stderr(b"\n");
                }
            }
            return Finish::Exit(1);
        }
        let interrupted = heap.is_instance(exception, class_id::KEYBOARD_INTERRUPT);
        let word = exception.word();
        if let Ok(slot) = self.temp() {
            self.heap.arena.stack_store(slot.0, word);
            self.print_exception(slot);
        }
        if interrupted { Finish::Interrupted } else { Finish::Error }
    }
}
