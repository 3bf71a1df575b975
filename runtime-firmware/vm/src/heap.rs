//! The heap and all state that outlives a run: allocation, typed reads and writes, errors under way.
//!
//! Everything here works on `&Heap`: it reads, writes and bump-allocates, but never collects and never runs
//! Python. So values (`Val`) stay valid for as long as the borrow lives, and only `&mut Vm` can end it.

use crate::arena::Arena;
use crate::layout::{FIRST_TRACED, MAX_SIZE, Tag, flags_of, has_tag, header, is_raw, size_of};
use crate::names;
use crate::rom::{Member, MemberRow, Rom};
use crate::value::*;
use crate::{Args, class_id};
use core::cell::{Cell, RefCell};
use hal::FloatWidth;

/// Root words: what the VM itself keeps alive. They lie at the arena's start, behind word 0.
pub(crate) const ROOT_WORDS: u32 = 16;

/// The root words by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Root {
    /// The exception that is being raised.
    Exception = 1,
    /// First operand of the error under way.
    ErrorA = 2,
    /// Second operand of the error under way.
    ErrorB = 3,
    /// `sys.modules`: dict of modules by name, made at first use.
    Modules = 4,
    /// List of the RAM names' strings.
    Names = 5,
    /// List of the classes that programs made.
    Classes = 6,
    /// Dict of loose .mpy files by module name that wait to be imported.
    Preloaded = 7,
    /// The loose .mpy that is being received.
    Incoming = 8,
    /// State of native modules: dict by name.
    State = 9,
    /// A MemoryError, made in advance.
    MemoryError = 10,
    /// Dict of the prelude, the builtins that are written in Python.
    Prelude = 11,
    /// The exception whose handler ran last, for `sys.exc_info` and chaining.
    Handled = 12,
    /// Scratch of the interpreter's cold half.
    ScratchA = 13,
    /// The same.
    ScratchB = 14,
    /// The same.
    ScratchC = 15,
    /// `builtins` names that programs added or replaced: dict or NULL.
    Builtins = 16,
}

/// Why `Raised` was returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cause {
    /// Nothing is under way.
    None,
    /// Memory ran out: collect and try again.
    NeedGc,
    /// A Python function must be called to go on (`__eq__`, `__hash__`), which this function cannot.
    NeedVm,
    /// An error described by class, template and the roots ErrorA and ErrorB.
    Error,
    /// The exception object in Root::Exception.
    Exception,
    /// The program must end now, without running more Python.
    Stop,
}

/// The description of an error, until somebody makes the exception object.
#[derive(Clone, Copy)]
pub(crate) struct ErrorText {
    pub(crate) class: u16,
    /// `{}` stands for the operands' `str`, `{t}` for their types' names, in order A, B. Without text the
    /// exception's argument is operand A itself, if there is one.
    pub(crate) template: &'static str,
}

/// Statistics of a heap.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct HeapFigures {
    /// Bytes of the arena.
    pub size_bytes: u32,
    /// Bytes of objects.
    pub used_bytes: u32,
    /// Bytes of the stack.
    pub stack_bytes: u32,
    /// Collections so far.
    pub collections: u32,
}

/// Entries of the attribute cache.
const CACHE_SIZE: usize = 64;

/// See the file's head.
pub struct Heap {
    pub(crate) arena: Arena,
    pub(crate) rom: &'static Rom,
    pub(crate) float_width: FloatWidth,
    pub(crate) cause: Cell<Cause>,
    pub(crate) error: Cell<ErrorText>,
    pub(crate) fp: Cell<u32>,
    /// Serial number of the next instance, for `id` and `hash`.
    pub(crate) serial: Cell<u16>,
    /// Bytecode regions in flash, by number.
    pub(crate) regions: RefCell<[&'static [u8]; 8]>,
    /// (class << 16 | name, found word); cleared by collections and by changes of classes.
    cache: RefCell<[(u32, u32); CACHE_SIZE]>,
    pub(crate) collections: Cell<u32>,
    /// Stress modes, see [`Heap::set_stress`].
    #[cfg(feature = "stress")]
    pub(crate) stress: Cell<crate::stress::Stress>,
}

impl Heap {
    /// A heap in `memory` with the tables of `rom`.
    pub fn new(memory: &'static mut [u32], rom: &'static Rom, float_width: FloatWidth) -> Heap {
        let mut heap = Heap {
            arena: Arena::new(memory),
            rom,
            float_width,
            cause: Cell::new(Cause::None),
            error: Cell::new(ErrorText { class: class_id::RUNTIME_ERROR, template: "" }),
            fp: Cell::new(0),
            serial: Cell::new(0),
            regions: RefCell::new([&[]; 8]),
            cache: RefCell::new([(0, 0); CACHE_SIZE]),
            collections: Cell::new(0),
            #[cfg(feature = "stress")]
            stress: Cell::new(crate::stress::Stress::default()),
        };
        heap.reset();
        heap
    }

    /// Forgets everything: a soft reset.
    pub fn reset(&mut self) {
        self.arena.set_top(1);
        self.arena.set_floor(self.arena.len());
        self.arena.set_sp(self.arena.len());
        self.arena.set_top(1 + ROOT_WORDS);
        for index in 1..=ROOT_WORDS {
            self.arena.store(index, NULL);
        }
        *self.regions.borrow_mut() = [&[]; 8];
        for (slot, frozen) in self.regions.borrow_mut().iter_mut().zip(self.rom.frozen.iter().take(1)) {
            *slot = frozen.mpy;
        }
        self.flush_cache();
        self.cause.set(Cause::None);
        self.serial.set(0);
        self.fp.set(0);
        // The error of last resort must not need memory when it is needed.
        if let Ok(error) = self.new_exception(class_id::MEMORY_ERROR, Val::NONE) {
            self.set_root(Root::MemoryError, Some(error));
        }
    }

    /// Sizes now.
    pub fn figures(&self) -> HeapFigures {
        HeapFigures {
            size_bytes: self.arena.len() * 4,
            used_bytes: (self.arena.top() - 1 - ROOT_WORDS) * 4,
            stack_bytes: (self.arena.len() - self.arena.sp()) * 4,
            collections: self.collections.get(),
        }
    }

    // ---- roots and slots

    pub(crate) fn root(&self, root: Root) -> Option<Val<'_>> {
        Val::from_word(self.arena.load(root as u32))
    }

    pub(crate) fn set_root(&self, root: Root, value: Option<Val<'_>>) {
        self.arena.store(root as u32, value.map_or(NULL, Val::word));
    }

    /// The value in a slot. An unbound slot reads as `None`; see [`Heap::get_optional`].
    #[inline(always)]
    pub fn get(&self, slot: Slot) -> Val<'_> {
        self.get_optional(slot).unwrap_or(Val::NONE)
    }

    /// The value in a slot, if there is one.
    #[inline(always)]
    pub fn get_optional(&self, slot: Slot) -> Option<Val<'_>> {
        Val::from_word(self.arena.stack_load(slot.0))
    }

    /// Puts a value into a slot.
    #[inline(always)]
    pub fn set(&self, slot: Slot, value: Val<'_>) {
        self.arena.stack_store(slot.0, value.word());
    }

    /// The `index`-th positional argument. The dispatcher has checked how many there are.
    #[inline(always)]
    pub fn arg(&self, args: Args, index: u32) -> Val<'_> {
        self.get(args.slot(index))
    }

    /// The `index`-th positional argument, if it was given.
    #[inline(always)]
    pub fn optional_arg(&self, args: Args, index: u32) -> Option<Val<'_>> {
        if index < args.count() { Some(self.arg(args, index)) } else { None }
    }

    /// The value of keyword argument `name`, if it was given.
    pub fn keyword(&self, args: Args, name: u16) -> Option<Val<'_>> {
        (0..args.keyword_count())
            .find(|index| self.get(args.keyword_slot(*index)).word() == name_word(name))
            .map(|index| self.get(args.keyword_value_slot(index)))
    }

    // ---- allocation

    /// Allocates an object of `fields` words behind the header. Fields of traced objects are NULL, those of raw
    /// objects zero.
    #[inline]
    pub(crate) fn alloc(&self, tag: Tag, fields: u32) -> Result<Val<'_>, Raised> {
        let top = self.arena.top();
        let size = fields.saturating_add(1);
        #[cfg(feature = "stress")]
        if self.stress_refuses() {
            return Err(self.need_gc());
        }
        if size > MAX_SIZE || !self.arena.set_top(top.saturating_add(size)) {
            return Err(self.need_gc());
        }
        self.arena.store(top, header(tag, size));
        for index in top + 1..top + size {
            self.arena.store(index, 0);
        }
        Val::from_word(top << 2).ok_or(Raised)
    }

    /// Makes a raw object of what was written to the gap: its fields are the words behind the first.
    pub(crate) fn claim_gap(&self, tag: Tag, fields: u32) -> Result<Val<'_>, Raised> {
        let top = self.arena.top();
        if !self.arena.set_top(top + 1 + fields) {
            return Err(self.need_gc());
        }
        self.arena.store(top, header(tag, fields + 1));
        Val::from_word(top << 2).ok_or(Raised)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn need_gc(&self) -> Raised {
        self.cause.set(Cause::NeedGc);
        Raised
    }

    pub(crate) fn need_vm(&self) -> Raised {
        self.cause.set(Cause::NeedVm);
        Raised
    }

    // ---- headers and fields

    /// The header of a heap object, `None` for immediates.
    #[inline(always)]
    pub(crate) fn head(&self, value: Val<'_>) -> Option<u32> {
        if value.is_heap() { Some(self.arena.load(value.index())) } else { None }
    }

    /// The tag of a heap object.
    #[inline]
    pub(crate) fn tag(&self, value: Val<'_>) -> Option<Tag> {
        self.head(value).map(Tag::of)
    }

    /// True if the value is a heap object with this tag.
    #[inline(always)]
    pub(crate) fn is(&self, value: Val<'_>, tag: Tag) -> bool {
        match self.head(value) {
            Some(head) => has_tag(head, tag),
            None => false,
        }
    }

    /// Number of words behind the header.
    #[inline(always)]
    pub(crate) fn field_count(&self, object: Val<'_>) -> u32 {
        self.head(object).map_or(0, |head| size_of(head) as u32 - 1)
    }

    pub(crate) fn flags(&self, object: Val<'_>) -> u32 {
        self.head(object).map_or(0, flags_of)
    }

    pub(crate) fn set_flags(&self, object: Val<'_>, flags: u32) {
        if let Some(head) = self.head(object) {
            self.arena.store(object.index(), head & !(7 << 9) | (flags & 7) << 9);
        }
    }

    /// Field `index` (from 0) as a word.
    #[inline(always)]
    pub(crate) fn word(&self, object: Val<'_>, index: u32) -> u32 {
        self.arena.load(object.index() + 1 + index)
    }

    /// Field `index`, if it is not NULL.
    #[inline(always)]
    pub(crate) fn field(&self, object: Val<'_>, index: u32) -> Option<Val<'_>> {
        Val::from_word(self.word(object, index))
    }

    /// Field `index`, where the layout says that it always holds a value.
    #[inline(always)]
    pub(crate) fn value(&self, object: Val<'_>, index: u32) -> Val<'_> {
        self.field(object, index).unwrap_or(Val::NONE)
    }

    #[inline(always)]
    pub(crate) fn set_word(&self, object: Val<'_>, index: u32, word: u32) {
        self.arena.store(object.index() + 1 + index, word);
    }

    /// Writes field `index` of a traced object.
    #[inline(always)]
    pub(crate) fn set_field(&self, object: Val<'_>, index: u32, value: Val<'_>) {
        debug_assert!(!self.head(object).is_some_and(is_raw));
        self.set_word(object, index, value.word());
    }

    /// Field `index` as the small integer it holds.
    #[inline(always)]
    pub(crate) fn int_field(&self, object: Val<'_>, index: u32) -> i32 {
        int_of(self.word(object, index))
    }

    #[inline(always)]
    pub(crate) fn set_int_field(&self, object: Val<'_>, index: u32, n: i32) {
        self.set_word(object, index, int_word(n));
    }

    /// Ends an object earlier than it was allocated, if it is the last one; else leaves the rest dead.
    pub(crate) fn truncate(&self, object: Val<'_>, fields: u32) {
        let Some(head) = self.head(object) else { return };
        let (old, new) = (size_of(head) as u32, fields + 1);
        if new >= old {
            return;
        }
        let index = object.index();
        self.arena.store(index, head & 0xfff | new << 12);
        if index + old == self.arena.top() {
            self.arena.set_top(index + new);
        } else {
            self.arena.store(index + new, header(Tag::Free, old - new));
        }
    }

    // ---- classes of values

    /// The class of a value, as an id.
    pub fn class_of(&self, value: Val<'_>) -> u16 {
        let word = value.word();
        if is_int(word) {
            return class_id::INT;
        }
        if let Some(head) = self.head(value) {
            return self.class_of_object(value, head);
        }
        match word {
            NONE => class_id::NONE_TYPE,
            TRUE | FALSE => class_id::BOOL,
            ELLIPSIS => class_id::ELLIPSIS,
            NOT_IMPLEMENTED => class_id::NOT_IMPLEMENTED,
            _ if is_name(word) => class_id::STR,
            _ => match rom_of(word) {
                Some((RomKind::Function, _)) => class_id::BUILTIN_FUNCTION,
                Some((RomKind::Type, _)) => class_id::TYPE,
                Some((RomKind::Module, _)) => class_id::MODULE,
                None => class_id::OBJECT,
            },
        }
    }

    fn class_of_object(&self, value: Val<'_>, head: u32) -> u16 {
        match Tag::of(head) {
            Tag::Float => class_id::FLOAT,
            Tag::BigInt => class_id::INT,
            Tag::Str => class_id::STR,
            Tag::Bytes => class_id::BYTES,
            Tag::Complex => class_id::COMPLEX,
            Tag::Tuple => class_id::TUPLE,
            Tag::List => class_id::LIST,
            Tag::Dict => class_id::DICT,
            Tag::Set => class_id::SET,
            Tag::FrozenSet => class_id::FROZENSET,
            Tag::Instance => (self.int_field(value, 0) >> 16) as u16 & 0x3fff,
            Tag::Exception | Tag::Native => self.int_field(value, 0) as u16,
            Tag::Class => self.metaclass_of(value),
            Tag::Function => class_id::FUNCTION,
            Tag::BoundMethod => class_id::BOUND_METHOD,
            Tag::Generator => class_id::GENERATOR,
            Tag::Cell => class_id::CELL,
            Tag::Range => class_id::RANGE,
            Tag::Slice => class_id::SLICE,
            Tag::Module => class_id::MODULE,
            Tag::ByteArray => class_id::BYTEARRAY,
            Tag::Iterator => class_id::ITERATOR,
            Tag::Items | Tag::Unit | Tag::Free | Tag::Buffer | Tag::Code | Tag::Table => class_id::OBJECT,
        }
    }

    // ---- errors

    /// Raises `class` with a text. In the text `{}` stands for nothing: use [`Heap::error_about`] for operands.
    #[cold]
    #[inline(never)]
    pub fn error(&self, class: u16, text: &'static str) -> Raised {
        self.set_root(Root::ErrorA, None);
        self.set_root(Root::ErrorB, None);
        self.error.set(ErrorText { class, template: text });
        self.cause.set(Cause::Error);
        Raised
    }

    /// Raises `class` with a text in which `{}` is operand's `str` and `{t}` its type's name; `b` answers the
    /// second placeholder.
    #[cold]
    #[inline(never)]
    pub fn error_about(&self, class: u16, template: &'static str, a: Val<'_>, b: Val<'_>) -> Raised {
        self.set_root(Root::ErrorA, Some(a));
        self.set_root(Root::ErrorB, Some(b));
        self.error.set(ErrorText { class, template });
        self.cause.set(Cause::Error);
        Raised
    }

    /// Raises `class(value)`, such as `KeyError(key)` or `StopIteration(value)`.
    #[cold]
    #[inline(never)]
    pub fn error_value(&self, class: u16, value: Val<'_>) -> Raised {
        self.error_about(class, "", value, Val::NONE)
    }

    /// `TypeError` with a text.
    #[cold]
    pub fn type_error(&self, text: &'static str) -> Raised {
        self.error(class_id::TYPE_ERROR, text)
    }

    /// `ValueError` with a text.
    #[cold]
    pub fn value_error(&self, text: &'static str) -> Raised {
        self.error(class_id::VALUE_ERROR, text)
    }

    /// `OSError(errno)`, as the subclass that CPython has for this number.
    #[cold]
    pub fn os_error(&self, error: hal::Error) -> Raised {
        let class = match error {
            hal::Error::NotFound => class_id::FILE_NOT_FOUND_ERROR,
            hal::Error::Exists => class_id::FILE_EXISTS_ERROR,
            hal::Error::IsDirectory => class_id::IS_A_DIRECTORY_ERROR,
            hal::Error::NotDirectory => class_id::NOT_A_DIRECTORY_ERROR,
            hal::Error::NotPermitted => class_id::PERMISSION_ERROR,
            hal::Error::TimedOut => class_id::TIMEOUT_ERROR,
            hal::Error::WouldBlock => class_id::BLOCKING_IO_ERROR,
            _ => class_id::OS_ERROR,
        };
        self.error_value(class, Val::int(error.errno() as i32))
    }

    // ---- names

    /// The bytes of a name.
    pub fn name_bytes(&self, id: u16) -> &[u8] {
        if let Some(text) = self.rom.text(id) {
            return text;
        }
        let index = (id - self.rom.name_end()) as u32;
        match self.root(Root::Names).and_then(|names| self.list_get(names, index)) {
            Some(string) => self.raw_bytes(string),
            None => b"",
        }
    }

    /// The number of the name with these bytes, if there is one.
    pub fn find_name(&self, text: &[u8]) -> Option<u16> {
        if let Some(id) = self.rom.find(text) {
            return Some(id);
        }
        let names = self.root(Root::Names)?;
        let hash = names::hash_bytes(text);
        (0..self.list_len(names)).find_map(|index| {
            let string = self.list_get(names, index)?;
            let same = self.raw_hash(string) == hash && self.raw_bytes(string) == text;
            same.then(|| self.rom.name_end() + index as u16)
        })
    }

    /// The number of the name with these bytes, made if need be. Names stay until the next reset.
    pub fn intern(&self, text: &[u8]) -> Result<u16, Raised> {
        if let Some(id) = self.find_name(text) {
            return Ok(id);
        }
        let string = self.new_raw_str(Tag::Str, text)?;
        let names = match self.root(Root::Names) {
            Some(names) => names,
            None => {
                let names = self.new_list(8)?;
                self.set_root(Root::Names, Some(names));
                names
            }
        };
        let index = self.list_len(names);
        if self.rom.name_end() as u32 + index >= u16::MAX as u32 {
            return Err(self.error(class_id::MEMORY_ERROR, "too many names"));
        }
        self.list_push(names, string)?;
        Ok(self.rom.name_end() + index as u16)
    }

    /// The name of a string value, made if need be.
    pub fn name_of_str(&self, string: Val<'_>) -> Result<u16, Raised> {
        if is_name(string.word()) {
            return Ok(name_of(string.word()));
        }
        match self.str_bytes(string) {
            Some(bytes) => self.intern(bytes),
            None => Err(self.type_error("attribute name must be string")),
        }
    }

    // ---- members in ROM

    pub(crate) fn member(&self, row: u16) -> Option<&'static MemberRow> {
        self.rom.members.get(row as usize)
    }

    /// The value that a member row stands for when it is read as an attribute, without binding.
    pub(crate) fn member_value(&self, row: u16) -> Result<Val<'_>, Raised> {
        let Some(member) = self.member(row) else { return Err(self.type_error("no such member")) };
        Ok(match member.member {
            Member::Int(n) => Val::int(n),
            Member::Float(x) => self.new_float(x)?,
            Member::Str(_) => Val::name(member.text),
            Member::Type(id) => Val::builtin_type(id),
            Member::Value(value) => value,
            _ => Val::from_word(rom_word(RomKind::Function, row)).unwrap_or(Val::NONE),
        })
    }

    // ---- attribute cache

    pub(crate) fn flush_cache(&self) {
        *self.cache.borrow_mut() = [(0, 0); CACHE_SIZE];
    }

    #[inline]
    pub(crate) fn cached(&self, class: u16, name: u16) -> Option<u32> {
        let key = (class as u32) << 16 | name as u32;
        let entry = self.cache.borrow()[((class as usize * 7) ^ name as usize) % CACHE_SIZE];
        if entry.0 == key && entry.1 != 0 { Some(entry.1) } else { None }
    }

    #[inline]
    pub(crate) fn cache(&self, class: u16, name: u16, word: u32) {
        let key = (class as u32) << 16 | name as u32;
        self.cache.borrow_mut()[((class as usize * 7) ^ name as usize) % CACHE_SIZE] = (key, word);
    }

    /// Forgets what refers to dead objects; called between mark and compaction, when addresses are the old ones.
    pub(crate) fn sweep_weak(&mut self) {
        self.flush_cache();
    }

    // ---- walking

    /// Calls `visit(tag, bytes)` for every object, in address order.
    pub fn walk(&self, mut visit: impl FnMut(Tag, u32)) {
        let mut index = 1 + ROOT_WORDS;
        while index < self.arena.top() {
            let head = self.arena.load(index);
            visit(Tag::of(head), size_of(head) as u32 * 4);
            index += (size_of(head) as u32).max(1);
        }
    }

    /// Checks that the heap is well formed: objects lie end to end, every reference hits an object, no mark is
    /// left. For tests; returns what is wrong and where.
    pub fn check(&self) -> Result<(), (&'static str, u32)> {
        let is_start = |wanted: u32| {
            let mut index = 1 + ROOT_WORDS;
            while index < wanted {
                index += (size_of(self.arena.load(index)) as u32).max(1);
            }
            index == wanted && wanted < self.arena.top()
        };
        let words = self.arena.words();
        let check_word = |place: u32| {
            let word = words[place as usize].get();
            if is_ref(word) && word != 0 && !is_start(word >> 2) {
                Err(("reference to no object", place))
            } else {
                Ok(())
            }
        };
        let mut index = 1 + ROOT_WORDS;
        while index < self.arena.top() {
            let head = self.arena.load(index);
            if head & 3 != 2 || head & crate::layout::MARK != 0 || size_of(head) == 0 {
                return Err(("bad header", index));
            }
            if head >> 3 & 63 >= FIRST_TRACED {
                for place in index + 1..index + size_of(head) as u32 {
                    check_word(place)?;
                }
            }
            index += size_of(head) as u32;
        }
        if index != self.arena.top() {
            return Err(("last object reaches past the top", index));
        }
        for place in (1..=ROOT_WORDS).chain(self.arena.sp()..self.arena.len()) {
            check_word(place)?;
        }
        Ok(())
    }
}
