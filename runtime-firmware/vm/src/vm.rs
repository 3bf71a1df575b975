//! The virtual machine: a heap with a program running on it. What may collect or run Python takes `&mut Vm`, and
//! takes and leaves its values in slots.

use crate::heap::{Cause, Heap, Root};
use crate::layout::Tag;
use crate::value::*;
use crate::{Args, class_id};

/// Levels of native recursion: nested `repr`, `==`, `hash`, and calls from native code into Python. One number
/// for host and device, so that both fail at the same depth.
pub const MAX_NATIVE_DEPTH: u8 = 40;

/// Words of stack that every native function can count on for its temporaries.
const TEMP_RESERVE: u32 = 64;

/// A heap with a program running on it, for as long as one run lasts.
pub struct Vm<'a> {
    /// The heap: state that outlives the run.
    pub heap: &'a mut Heap,
    /// The machine, as the program may use it.
    pub system: &'a mut dyn hal::System,
    /// Levels of native recursion in use.
    pub(crate) depth: u8,
    /// Bytecodes until the next poll of the system.
    pub(crate) countdown: u32,
    /// Arguments of a tail call, see [`Vm::tail_call`].
    pub(crate) tail: (u16, u16),
    /// A pin handler is running: others wait.
    pub(crate) in_handler: bool,
    /// How a generator is to be resumed, see [`Ret::RESUME`].
    pub(crate) resume: crate::generator::Resume,
    /// Bytecodes after which the run ends with an error; for fuzzing. 0: no limit.
    pub(crate) step_limit: u64,
}

impl<'a> Vm<'a> {
    /// Joins a heap and a machine for a run.
    pub fn new(heap: &'a mut Heap, system: &'a mut dyn hal::System) -> Vm<'a> {
        heap.arena.set_floor(heap.arena.len());
        heap.arena.set_sp(heap.arena.len());
        heap.fp.set(0);
        Vm {
            heap,
            system,
            depth: 0,
            countdown: 0,
            tail: (0, 0),
            in_handler: false,
            resume: crate::generator::Resume::Send,
            step_limit: 0,
        }
    }

    // ---- slots

    /// A new slot on the stack, holding `None`. It lives until the native function returns or it is popped.
    pub fn temp(&mut self) -> Result<Slot, Raised> {
        let sp = self.heap.arena.sp().wrapping_sub(1);
        if !self.heap.arena.set_sp(sp) {
            self.collect();
            if !self.heap.arena.set_sp(sp) {
                return Err(self.exhausted());
            }
        }
        self.heap.arena.stack_store(sp, NONE);
        Ok(Slot(sp))
    }

    /// A new slot holding the value of another.
    pub fn temp_of(&mut self, value: Slot) -> Result<Slot, Raised> {
        let slot = self.temp()?;
        self.heap.set(slot, self.heap.get(value));
        Ok(slot)
    }

    /// Frees `slot` and every slot made after it.
    pub fn pop_temp(&mut self, slot: Slot) {
        if slot.0 >= self.heap.arena.sp() {
            self.heap.arena.set_sp(slot.0 + 1);
        }
    }

    /// Makes sure that a native function has room for its temporaries.
    pub(crate) fn reserve_stack(&mut self, words: u32) -> Result<(), Raised> {
        let free = |heap: &Heap| heap.arena.free();
        if free(self.heap) < words + TEMP_RESERVE {
            self.collect();
            if free(self.heap) < words + TEMP_RESERVE {
                return Err(self.exhausted());
            }
        }
        Ok(())
    }

    // ---- memory

    /// Collects.
    pub fn collect(&mut self) {
        crate::gc::collect(self.heap);
        self.heap.collections.set(self.heap.collections.get().wrapping_add(1));
        #[cfg(feature = "stress")]
        self.heap.check_after_collection();
    }

    /// Runs leaf code; when memory runs out, collects and runs it once more. The code must not have changed
    /// anything before it fails, and takes its values from slots.
    pub fn retry<T>(&mut self, work: impl Fn(&Heap) -> Result<T, Raised>) -> Result<T, Raised> {
        match work(self.heap) {
            Err(_) if self.heap.cause.get() == Cause::NeedGc => {}
            done => return done,
        }
        self.collect();
        #[cfg(feature = "stress")]
        self.heap.pause_stress(true);
        let second = work(self.heap);
        #[cfg(feature = "stress")]
        self.heap.pause_stress(false);
        match second {
            Err(_) if self.heap.cause.get() == Cause::NeedGc => Err(self.exhausted()),
            done => done,
        }
    }

    /// As [`Vm::retry`], for code that makes a value: it goes to `out`.
    pub fn make<F>(&mut self, out: Slot, work: F) -> Result<(), Raised>
    where
        F: for<'h> Fn(&'h Heap) -> Result<Val<'h>, Raised>,
    {
        self.retry(|heap| {
            let value = work(heap)?;
            heap.set(out, value);
            Ok(())
        })
    }

    /// As [`Vm::make`], for a function's result.
    pub fn make_ret<F>(&mut self, work: F) -> Result<Ret, Raised>
    where
        F: for<'h> Fn(&'h Heap) -> Result<Val<'h>, Raised>,
    {
        self.retry(|heap| Ok(work(heap)?.ret()))
    }

    /// Memory has run out: MemoryError, or RecursionError where much of it is stack (what each level holds may take
    /// more than the level itself).
    #[cold]
    pub(crate) fn exhausted(&mut self) -> Raised {
        let (length, sp) = (self.heap.arena.len(), self.heap.arena.sp());
        if length - sp > length / 4 {
            return self.heap.error(class_id::RECURSION_ERROR, "maximum recursion depth exceeded");
        }
        self.memory_error()
    }

    /// Raises MemoryError.
    #[cold]
    pub fn memory_error(&mut self) -> Raised {
        let error = self.heap.root(Root::MemoryError);
        self.heap.set_root(Root::Exception, error);
        if let Some(error) = error {
            // It is used again and again: without the traceback of last time.
            self.heap.set_word(error, 2, NULL);
            self.heap.set_word(error, 3, NULL);
        }
        self.heap.cause.set(Cause::Exception);
        Raised
    }

    // ---- calls

    /// Calls `function` with positional arguments; the result goes to `out`. Runs Python if need be, one native
    /// level deeper.
    pub fn call(&mut self, function: Slot, arguments: &[Slot], out: Slot) -> Result<(), Raised> {
        let base = self.temp_of(function)?;
        for argument in arguments {
            self.temp_of(*argument)?;
        }
        let result = self.call_stacked(base, arguments.len() as u16, 0);
        self.finish_call(base, result, out)
    }

    /// Calls a method by name; false if the object has no such method.
    pub fn call_method(&mut self, object: Slot, name: u16, arguments: &[Slot], out: Slot) -> Result<bool, Raised> {
        let base = self.temp()?;
        let receiver = self.temp()?;
        if !self.load_special_method(object, name, base, receiver)? {
            self.pop_temp(base);
            return Ok(false);
        }
        let bound = self.heap.get_optional(receiver).is_some();
        if !bound {
            self.pop_temp(receiver);
        }
        for argument in arguments {
            self.temp_of(*argument)?;
        }
        let result = self.call_stacked(base, arguments.len() as u16 + bound as u16, 0);
        self.finish_call(base, result, out).map(|()| true)
    }

    fn finish_call(&mut self, base: Slot, result: Result<Ret, Raised>, out: Slot) -> Result<(), Raised> {
        // Nothing can collect between the result and its slot.
        let word = result?.0.get();
        self.pop_temp(base);
        self.heap.arena.stack_store(out.0, word);
        Ok(())
    }

    /// Lets the dispatcher call `function` in place of the native function that is running: return its result.
    /// Costs no native stack, so Python may recurse through it without limit.
    pub fn tail_call(&mut self, args: Args, function: Slot, arguments: &[Slot]) -> Result<Ret, Raised> {
        // The arguments may lie in the very words that are overwritten: copy them below all of them first.
        let first = self.temp_of(function)?;
        for argument in arguments {
            self.temp_of(*argument)?;
        }
        for index in 0..=arguments.len() as u32 {
            let word = self.heap.arena.stack_load(first.0 - index);
            let target = args.base - index;
            if target < self.heap.arena.sp() {
                return Err(self.heap.error(class_id::SYSTEM_ERROR, "tail call without room"));
            }
            self.heap.arena.stack_store(target, word);
        }
        self.heap.arena.set_sp(args.base - arguments.len() as u32);
        self.tail = (arguments.len() as u16, 0);
        Ok(Ret::TAIL_CALL)
    }

    /// Counts one level of native recursion for the time of `work`.
    pub(crate) fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Raised>) -> Result<T, Raised> {
        if self.depth >= MAX_NATIVE_DEPTH {
            return Err(self.heap.error(class_id::RECURSION_ERROR, "maximum recursion depth exceeded"));
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// The truth of a value, asking `__bool__` or `__len__` where a class has one.
    pub fn truth(&mut self, value: Slot) -> Result<bool, Raised> {
        if let Some(truth) = self.heap.truth(self.heap.get(value)) {
            return Ok(truth);
        }
        let out = self.temp()?;
        let result = if self.call_method(value, crate::names::BOOL, &[], out)? {
            match self.heap.get(out).word() {
                TRUE => Ok(true),
                FALSE => Ok(false),
                _ => Err(self.heap.type_error("__bool__ should return bool")),
            }
        } else if self.call_method(value, crate::names::LEN, &[], out)? {
            self.heap.expect_int(self.heap.get(out)).map(|n| n != 0)
        } else {
            // A class that extends a number is as true as the number.
            let heap = &*self.heap;
            Ok(heap.truth(heap.native_part(heap.get(value))).unwrap_or(true))
        };
        self.pop_temp(out);
        result
    }
}

impl Heap {
    /// The truth of a value; `None` for instances, whose class must be asked.
    #[inline]
    pub fn truth(&self, value: Val<'_>) -> Option<bool> {
        let word = value.word();
        if is_int(word) {
            return Some(int_of(word) != 0);
        }
        match word {
            TRUE => return Some(true),
            FALSE | NONE => return Some(false),
            _ if is_name(word) => return Some(word != name_word(crate::names::EMPTY)),
            _ => {}
        }
        Some(match self.tag(value) {
            Some(Tag::Float) => self.as_float(value) != Some(0.0),
            Some(Tag::Complex) => self.complex_parts(value) != Some((0.0, 0.0)),
            Some(Tag::BigInt) => true,
            Some(Tag::Str | Tag::Bytes) => !self.raw_bytes(value).is_empty(),
            Some(Tag::Tuple) => self.tuple_len(value) != 0,
            Some(Tag::List | Tag::Dict | Tag::Set | Tag::FrozenSet | Tag::ByteArray) => self.int_field(value, 0) != 0,
            Some(Tag::Range) => self.range_len(value) != 0,
            Some(Tag::Instance | Tag::Native) => return None,
            _ => true,
        })
    }
}
