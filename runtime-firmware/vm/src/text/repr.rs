//! `repr` and `str` of any value.
//!
//! Values of builtin kinds are written by leaf code in one go. Where a class's own `__repr__` must be asked the leaf
//! code gives up with `Cause::NeedVm`, and the same walk is done with every value in a slot.

use super::quote;
mod slots;

use super::errno::errno_name;
use super::sink::Sink;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::MAX_NATIVE_DEPTH;

/// The containers that are being written, innermost first: one that contains itself shows as `[...]`.
struct Outer<'a> {
    value: Place,
    next: Option<&'a Outer<'a>>,
    depth: u8,
}

#[derive(Clone, Copy)]
enum Place {
    /// Leaf code: nothing moves.
    Word(u32),
    Slot(Slot),
}

impl Outer<'_> {
    fn contains(&self, heap: &Heap, value: Val<'_>) -> bool {
        let word = match self.value {
            Place::Word(word) => word,
            Place::Slot(slot) => heap.get(slot).word(),
        };
        word == value.word() || self.next.is_some_and(|next| next.contains(heap, value))
    }
}

/// How a container's text opens, closes, and looks when empty.
struct Brackets {
    open: &'static [u8],
    close: &'static [u8],
    /// What stands for the container inside itself.
    nested: &'static [u8],
}

fn brackets(tag: Tag) -> Option<Brackets> {
    let (open, close, nested): (&[u8], &[u8], &[u8]) = match tag {
        Tag::List => (b"[", b"]", b"[...]"),
        Tag::Tuple => (b"(", b")", b"(...)"),
        Tag::Dict => (b"{", b"}", b"{...}"),
        Tag::Set => (b"{", b"}", b"set(...)"),
        Tag::FrozenSet => (b"frozenset({", b"})", b"frozenset(...)"),
        Tag::Exception => (b"(", b")", b"(...)"),
        Tag::Slice => (b"slice(", b")", b"slice(...)"),
        _ => return None,
    };
    Some(Brackets { open, close, nested })
}

/// Which text of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Repr,
    Str,
}

impl Heap {
    /// The class's own `name` method, if it has one other than those of `object` and `BaseException`.
    pub(crate) fn own_method<'h>(&'h self, value: Val<'h>, name: u16) -> Option<Val<'h>> {
        if !matches!(self.tag(value)?, Tag::Instance | Tag::Exception | Tag::Native | Tag::Class) {
            return None;
        }
        let found = self.find_class_attribute(self.class_of(value), name)?;
        let builtin = |class| self.search_class(class, name, 0) == Some(found);
        (!builtin(class_id::OBJECT) && !builtin(class_id::BASE_EXCEPTION)).then_some(found)
    }

    /// The name of the class's own method that makes this text of its instances.
    fn own_text_method(&self, value: Val<'_>, kind: Kind) -> Option<u16> {
        if kind == Kind::Str && self.own_method(value, names::STR).is_some() {
            return Some(names::STR);
        }
        // `str` of an exception is not its `repr`.
        if kind == Kind::Str && self.is(value, Tag::Exception) {
            return None;
        }
        self.own_method(value, names::REPR).map(|_| names::REPR)
    }

    /// `repr` without running Python. `Cause::NeedVm` where a class has its own `__repr__`.
    pub(crate) fn write_repr(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        self.repr_nested(sink, value, None)
    }

    fn repr_nested(&self, sink: &mut Sink<'_>, value: Val<'_>, outer: Option<&Outer<'_>>) -> Result<(), Raised> {
        if self.own_text_method(value, Kind::Repr).is_some() {
            return Err(self.need_vm());
        }
        self.default_repr(sink, value, outer)
    }

    /// `repr` of the value itself, whatever its class's `__repr__` says.
    fn default_repr(&self, sink: &mut Sink<'_>, value: Val<'_>, outer: Option<&Outer<'_>>) -> Result<(), Raised> {
        if let Some(text) = self.str_bytes(value) {
            return quote::write_str(sink, text);
        }
        match self.tag(value) {
            None => self.immediate_repr(sink, value),
            Some(Tag::BigInt) => self.write_int(sink, value),
            Some(Tag::Float) => self.write_float_repr(sink, self.as_float(value).unwrap_or(0.0)),
            Some(Tag::Complex) => self.write_complex(sink, value),
            Some(Tag::Bytes) => quote::write_bytes(sink, self.raw_bytes(value).iter().copied()),
            Some(Tag::ByteArray) => {
                sink.push(b"bytearray(")?;
                let cells = self.bytearray_cells(value).unwrap_or(&[]);
                quote::write_bytes(sink, cells.iter().map(core::cell::Cell::get))?;
                sink.push(b")")
            }
            Some(Tag::Range) => self.range_repr(sink, value),
            Some(Tag::Instance) => {
                let native = self.native_part(value);
                if native == value { self.object_repr(sink, value) } else { self.default_repr(sink, native, outer) }
            }
            Some(Tag::Class) => self.named_repr(sink, b"<class '", self.class_name(self.class_id(value)), b"'>"),
            Some(Tag::Function) => {
                self.named_repr(sink, b"<function ", self.name_bytes(self.function_name(value)), b">")
            }
            Some(Tag::Generator) => {
                // The kept frame starts with its function; one that has ended may be without.
                let function = if self.field_count(value) > 2 { self.value(value, 2) } else { Val::NONE };
                self.named_repr(sink, b"<generator object ", self.callable_name(function), b">")
            }
            Some(Tag::BoundMethod) => self.named_repr(sink, b"<bound_method ", self.callable_name(value), b">"),
            Some(Tag::Module) => {
                let name = self.str_bytes(self.value(value, 0)).unwrap_or(b"?");
                self.named_repr(sink, b"<module '", name, b"'>")
            }
            Some(Tag::Native) => match self.class_of(value) {
                class_id::DICT_KEYS | class_id::DICT_VALUES | class_id::DICT_ITEMS => {
                    self.view_repr(sink, value, outer)
                }
                class_id::SUPER => {
                    let class = self.native_field(value, 0);
                    let name = if self.is_class(class) { self.class_name(self.class_id(class)) } else { b"?" };
                    self.named_repr(sink, b"<super: <class '", name, b"'>")?;
                    let own = self.class_name(self.class_of(self.native_field(value, 1)));
                    self.named_repr(sink, b", <", own, b" object>>")
                }
                class => self.named_repr(sink, b"<", self.class_name(class), b">"),
            },
            Some(tag) => match brackets(tag) {
                Some(brackets) => self.container_repr(sink, value, tag, brackets, outer),
                None => self.named_repr(sink, b"<", self.class_name(self.class_of(value)), b">"),
            },
        }
    }

    fn named_repr(&self, sink: &mut Sink<'_>, open: &[u8], name: &[u8], close: &[u8]) -> Result<(), Raised> {
        sink.push(open)?;
        sink.push(name)?;
        sink.push(close)
    }

    /// The name of a function of any kind.
    fn callable_name<'h>(&'h self, function: Val<'h>) -> &'h [u8] {
        match (self.tag(function), rom_of(function.word())) {
            (Some(Tag::Function), _) => self.name_bytes(self.function_name(function)),
            (Some(Tag::BoundMethod), _) => self.callable_name(self.value(function, 0)),
            (_, Some((RomKind::Function, row))) => self.member(row).map_or(b"?", |member| self.name_bytes(member.name)),
            _ => b"?",
        }
    }

    fn immediate_repr(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        if let Some(n) = value.small_int() {
            return sink.push_decimal(n as i64);
        }
        match (value.word(), rom_of(value.word())) {
            (NONE, _) => sink.push(b"None"),
            (FALSE, _) => sink.push(b"False"),
            (TRUE, _) => sink.push(b"True"),
            (ELLIPSIS, _) => sink.push(b"Ellipsis"),
            (NOT_IMPLEMENTED, _) => sink.push(b"NotImplemented"),
            (_, Some((RomKind::Type, id))) => self.named_repr(sink, b"<class '", self.class_name(id), b"'>"),
            (_, Some((RomKind::Function, _))) => {
                self.named_repr(sink, b"<built-in function ", self.callable_name(value), b">")
            }
            (_, Some((RomKind::Module, index))) => {
                let name = self.rom.modules.get(index as usize).map_or(&b"?"[..], |row| self.name_bytes(row.name));
                self.named_repr(sink, b"<module '", name, b"'>")
            }
            _ => sink.push(b"<internal>"),
        }
    }

    /// `<Name object at 0x…>`, with the instance's serial number: objects move, and runs repeat.
    fn object_repr(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        sink.push(b"<")?;
        sink.push(self.class_name(self.class_of(value)))?;
        sink.push(b" object at 0x")?;
        sink.push_hex(self.int_field(value, 0) as u32 & 0xffff, 8)?;
        sink.push(b">")
    }

    fn range_repr(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        let number = |index| self.value(value, index).small_int().unwrap_or(0) as i64;
        sink.push(b"range(")?;
        sink.push_decimal(number(0))?;
        sink.push(b", ")?;
        sink.push_decimal(number(1))?;
        if number(2) != 1 {
            sink.push(b", ")?;
            sink.push_decimal(number(2))?;
        }
        sink.push(b")")
    }

    fn container_repr(
        &self,
        sink: &mut Sink<'_>,
        value: Val<'_>,
        tag: Tag,
        brackets: Brackets,
        outer: Option<&Outer<'_>>,
    ) -> Result<(), Raised> {
        let Some(inner) = self.enter(sink, value, &brackets, outer)? else { return Ok(()) };
        if self.write_empty(sink, value, tag)? {
            return Ok(());
        }
        if tag == Tag::Exception {
            sink.push(self.class_name(self.class_of(value)))?;
        }
        sink.push(brackets.open)?;
        let mut position = 0;
        while let Some((at, key, item)) = self.part(value, tag, position) {
            if position != 0 {
                sink.push(b", ")?;
            }
            if let Some(key) = key {
                self.repr_nested(sink, key, Some(&inner))?;
                sink.push(b": ")?;
            }
            self.repr_nested(sink, item, Some(&inner))?;
            position = at + 1;
        }
        sink.push(closing(&brackets, tag, self.tuple_like_len(value, tag)))
    }

    /// One level deeper; `None` if the value is being written already (and its mark was written).
    fn enter<'a>(
        &self,
        sink: &mut Sink<'_>,
        value: Val<'_>,
        brackets: &Brackets,
        outer: Option<&'a Outer<'a>>,
    ) -> Result<Option<Outer<'a>>, Raised> {
        if outer.is_some_and(|outer| outer.contains(self, value)) {
            sink.push(brackets.nested)?;
            return Ok(None);
        }
        let depth = outer.map_or(0, |outer| outer.depth + 1);
        if depth >= MAX_NATIVE_DEPTH {
            return Err(
                self.error(class_id::RECURSION_ERROR, "maximum recursion depth exceeded while getting the repr")
            );
        }
        Ok(Some(Outer { value: Place::Word(value.word()), next: outer, depth }))
    }

    /// Writes sets without items, which are not written as brackets.
    fn write_empty(&self, sink: &mut Sink<'_>, value: Val<'_>, tag: Tag) -> Result<bool, Raised> {
        match tag {
            Tag::Set if self.table_len(value) == 0 => sink.push(b"set()").map(|()| true),
            Tag::FrozenSet if self.table_len(value) == 0 => sink.push(b"frozenset()").map(|()| true),
            _ => Ok(false),
        }
    }

    /// The first part of a container at or behind `position`: where it is, its key (of dicts), its value.
    fn part<'h>(&'h self, value: Val<'h>, tag: Tag, position: u32) -> Option<(u32, Option<Val<'h>>, Val<'h>)> {
        match tag {
            Tag::List => Some((position, None, self.list_get(value, position)?)),
            Tag::Tuple => (position < self.tuple_len(value)).then(|| (position, None, self.tuple_get(value, position))),
            Tag::Dict => self.table_next(value, position).map(|(at, key, item)| (at, Some(key), item)),
            Tag::Set | Tag::FrozenSet => self.table_next(value, position).map(|(at, key, _)| (at, None, key)),
            Tag::Exception => self.part(self.value(value, 1), Tag::Tuple, position),
            Tag::Slice => (position < 3).then(|| (position, None, self.value(value, position))),
            _ => None,
        }
    }

    fn tuple_like_len(&self, value: Val<'_>, tag: Tag) -> u32 {
        if tag == Tag::Tuple { self.tuple_len(value) } else { 0 }
    }

    fn view_repr(&self, sink: &mut Sink<'_>, view: Val<'_>, outer: Option<&Outer<'_>>) -> Result<(), Raised> {
        let (class, dict) = (self.class_of(view), self.native_field(view, 0));
        let brackets = Brackets { open: b"([", close: b"])", nested: b"..." };
        let Some(inner) = self.enter(sink, view, &brackets, outer)? else { return Ok(()) };
        sink.push(self.class_name(class))?;
        sink.push(brackets.open)?;
        let mut position = 0;
        while let Some((at, key, value)) = self.table_next(dict, position) {
            if position != 0 {
                sink.push(b", ")?;
            }
            match class {
                class_id::DICT_KEYS => self.repr_nested(sink, key, Some(&inner))?,
                class_id::DICT_VALUES => self.repr_nested(sink, value, Some(&inner))?,
                _ => {
                    sink.push(b"(")?;
                    self.repr_nested(sink, key, Some(&inner))?;
                    sink.push(b", ")?;
                    self.repr_nested(sink, value, Some(&inner))?;
                    sink.push(b")")?;
                }
            }
            position = at + 1;
        }
        sink.push(brackets.close)
    }

    /// `str` without running Python. `Cause::NeedVm` where a class has its own `__str__` or `__repr__`.
    pub(crate) fn write_str(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        if let Some(text) = self.str_bytes(value) {
            return sink.push(text);
        }
        if self.own_text_method(value, Kind::Str).is_some() {
            return Err(self.need_vm());
        }
        self.default_str(sink, value)
    }

    fn default_str(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        match self.tag(value) {
            Some(Tag::Exception) => self.exception_str(sink, value),
            Some(Tag::Instance) => match self.native_part(value) {
                native if native == value => self.object_repr(sink, value),
                native => self.write_str(sink, native),
            },
            _ => match self.str_bytes(value) {
                Some(text) => sink.push(text),
                None => self.default_repr(sink, value, None),
            },
        }
    }

    fn exception_str(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        let arguments = self.value(value, 1);
        let first = self.tuple_get(arguments, 0);
        match self.exception_form(value) {
            Form::Empty => Ok(()),
            Form::One => self.write_str(sink, first),
            Form::OneRepr => self.write_repr(sink, first),
            Form::All => self.write_repr(sink, arguments),
            Form::Errno => {
                sink.push(b"[Errno ")?;
                self.write_repr(sink, first)?;
                sink.push(b"]")?;
                if self.tuple_len(arguments) > 1 {
                    sink.push(b" ")?;
                    return self.write_str(sink, self.tuple_get(arguments, 1));
                }
                match self.as_int(first).and_then(errno_name) {
                    Some(name) => {
                        sink.push(b" ")?;
                        sink.push(name.as_bytes())
                    }
                    None => Ok(()),
                }
            }
        }
    }

    fn exception_form(&self, value: Val<'_>) -> Form {
        let class = self.class_of(value);
        let arguments = self.value(value, 1);
        let length = self.tuple_len(arguments);
        let first_is_int = length > 0 && self.is_integer(self.tuple_get(arguments, 0));
        match length {
            0 => Form::Empty,
            1 | 2 if self.is_subclass(class, class_id::OS_ERROR) && first_is_int => Form::Errno,
            1 if self.is_subclass(class, class_id::KEY_ERROR) => Form::OneRepr,
            1 => Form::One,
            _ => Form::All,
        }
    }

    /// The value's `str`, if that needs no Python.
    pub(crate) fn str_of<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        if self.is_str(value) {
            return Ok(value);
        }
        let mut sink = Sink::new(self);
        self.write_str(&mut sink, value)?;
        sink.finish()
    }

    /// The value's `repr`, if that needs no Python.
    pub(crate) fn repr_of<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        let mut sink = Sink::new(self);
        self.write_repr(&mut sink, value)?;
        sink.finish()
    }
}

/// What the text of an exception shows.
enum Form {
    Empty,
    One,
    OneRepr,
    All,
    Errno,
}

/// A tuple of one item ends with a comma.
fn closing(brackets: &Brackets, tag: Tag, length: u32) -> &'static [u8] {
    if tag == Tag::Tuple && length == 1 { b",)" } else { brackets.close }
}
