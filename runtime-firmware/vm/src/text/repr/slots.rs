//! The walk with every value in a slot, for classes with a `__repr__` or `__str__` of their own.

use super::*;
use crate::heap::Cause;
use crate::text::TextBuffer;
use crate::vm::Vm;

impl Vm<'_> {
    /// `repr(value)`.
    pub fn repr(&mut self, value: Slot, out: Slot) -> Result<(), Raised> {
        match self.make(out, |heap| heap.repr_of(heap.get(value))) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        let mut text = self.text_buffer()?;
        self.append_repr(&mut text, value)?;
        self.finish_text(text, out)
    }

    /// `str(value)`.
    pub fn str(&mut self, value: Slot, out: Slot) -> Result<(), Raised> {
        match self.make(out, |heap| heap.str_of(heap.get(value))) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        let mut text = self.text_buffer()?;
        self.append_str(&mut text, value)?;
        self.finish_text(text, out)
    }

    /// `object.__repr__`: without the class's own method, if `value` has one.
    pub(crate) fn plain_repr(&mut self, value: Slot, out: Slot) -> Result<(), Raised> {
        let mut text = self.text_buffer()?;
        self.append_default(&mut text, value, None)?;
        self.finish_text(text, out)
    }

    /// `object.__str__` and `BaseException.__str__`: without the class's own `__str__`.
    pub(crate) fn plain_str(&mut self, value: Slot, out: Slot) -> Result<(), Raised> {
        if self.heap.is(self.heap.get(value), Tag::Exception) {
            let mut text = self.text_buffer()?;
            self.append_exception(&mut text, value)?;
            return self.finish_text(text, out);
        }
        self.repr(value, out)
    }

    /// Appends `repr(value)`.
    pub(crate) fn append_repr(&mut self, text: &mut TextBuffer, value: Slot) -> Result<(), Raised> {
        self.append_repr_in(text, value, None)
    }

    /// Appends `str(value)`.
    pub(crate) fn append_str(&mut self, text: &mut TextBuffer, value: Slot) -> Result<(), Raised> {
        match self.append(text, |sink| {
            let heap = sink.heap;
            heap.write_str(sink, heap.get(value))
        }) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        if let Some(method) = self.heap.own_text_method(self.heap.get(value), Kind::Str) {
            return self.append_call(text, value, method);
        }
        let native = self.temp_of(value)?;
        self.heap.set(native, self.heap.native_part(self.heap.get(value)));
        let result = if self.heap.is(self.heap.get(native), Tag::Exception) {
            self.append_exception(text, native)
        } else {
            self.append_default(text, native, None)
        };
        self.pop_temp(native);
        result
    }

    fn append_exception(&mut self, text: &mut TextBuffer, value: Slot) -> Result<(), Raised> {
        match self.append(text, |sink| {
            let heap = sink.heap;
            heap.exception_str(sink, heap.get(value))
        }) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        let part = self.temp()?;
        let arguments = self.heap.value(self.heap.get(value), 1);
        let form = self.heap.exception_form(self.heap.get(value));
        self.heap.set(part, self.heap.tuple_get(arguments, 0));
        self.nested(|vm| match form {
            Form::Empty => Ok(()),
            Form::One => vm.append_str(text, part),
            Form::OneRepr => vm.append_repr(text, part),
            Form::All | Form::Errno => {
                vm.heap.set(part, vm.heap.value(vm.heap.get(value), 1));
                vm.append_repr(text, part)
            }
        })?;
        self.pop_temp(part);
        Ok(())
    }

    /// Appends what the value's own `__repr__` or `__str__` returns.
    fn append_call(&mut self, text: &mut TextBuffer, value: Slot, method: u16) -> Result<(), Raised> {
        let out = self.temp()?;
        self.nested(|vm| vm.call_method(value, method, &[], out))?;
        if !self.heap.is_str(self.heap.native_part(self.heap.get(out))) {
            let template = if method == names::STR {
                "__str__ returned non-string (type {t})"
            } else {
                "__repr__ returned non-string (type {t})"
            };
            return Err(self.heap.error_about(class_id::TYPE_ERROR, template, self.heap.get(out), Val::NONE));
        }
        self.append(text, |sink| {
            let heap = sink.heap;
            sink.push(heap.str_bytes(heap.native_part(heap.get(out))).unwrap_or(b""))
        })?;
        self.pop_temp(out);
        Ok(())
    }

    fn append_repr_in(&mut self, text: &mut TextBuffer, value: Slot, outer: Option<&Outer<'_>>) -> Result<(), Raised> {
        match self.append(text, |sink| {
            let heap = sink.heap;
            heap.repr_nested(sink, heap.get(value), outer)
        }) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        if self.heap.own_text_method(self.heap.get(value), Kind::Repr).is_some() {
            return self.append_call(text, value, names::REPR);
        }
        self.append_default(text, value, outer)
    }

    /// The walk with values in slots.
    fn append_default(&mut self, text: &mut TextBuffer, value: Slot, outer: Option<&Outer<'_>>) -> Result<(), Raised> {
        match self.append(text, |sink| {
            let heap = sink.heap;
            heap.default_repr(sink, heap.get(value), outer)
        }) {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        // Only containers are left: everything else was written, or has its own method.
        let container = self.temp_of(value)?;
        let prefix = self.open_container(container);
        let item = self.temp()?;
        let depth = outer.map_or(0, |outer| outer.depth + 1);
        let inner = Outer { value: Place::Slot(value), next: outer, depth };
        self.append(text, |sink| {
            if prefix.named {
                let heap = sink.heap;
                sink.push(heap.class_name(heap.class_of(heap.get(value))))?;
            }
            sink.push(prefix.brackets.open)
        })?;
        self.nested(|vm| {
            let mut position = 0;
            while let Some((at, key, _)) = vm.heap.part(vm.heap.get(container), prefix.tag, position) {
                if let Some(key) = key.filter(|_| prefix.keys) {
                    vm.heap.set(item, key);
                    vm.append_bytes(text, separator(position))?;
                    vm.append_bytes(text, if prefix.pairs { b"(" } else { b"" })?;
                    vm.append_repr_in(text, item, Some(&inner))?;
                }
                // The key's method may have changed the dict: look again.
                if prefix.values
                    && let Some((_, _, found)) = vm.heap.part(vm.heap.get(container), prefix.tag, at)
                {
                    vm.heap.set(item, found);
                    vm.append_bytes(
                        text,
                        match (prefix.pairs, prefix.keys) {
                            (true, _) => b", ",
                            (_, true) => b": ",
                            _ => separator(position),
                        },
                    )?;
                    vm.append_repr_in(text, item, Some(&inner))?;
                    vm.append_bytes(text, if prefix.pairs { b")" } else { b"" })?;
                }
                position = at + 1;
            }
            Ok(())
        })?;
        let length = self.heap.tuple_like_len(self.heap.get(container), prefix.tag);
        self.append_bytes(text, closing(&prefix.brackets, prefix.tag, if prefix.named { 0 } else { length }))?;
        self.pop_temp(container);
        Ok(())
    }

    /// How to write the container in `slot`. Exceptions are replaced by their arguments, views by their dict.
    fn open_container(&self, slot: Slot) -> Opened {
        let heap = &*self.heap;
        let value = heap.native_part(heap.get(slot));
        heap.set(slot, value);
        let tag = heap.tag(value).unwrap_or(Tag::Tuple);
        let plain = |tag: Tag| Opened {
            tag,
            brackets: brackets(tag).unwrap_or(Brackets { open: b"(", close: b")", nested: b"..." }),
            named: false,
            keys: tag == Tag::Dict,
            values: true,
            pairs: false,
        };
        match tag {
            Tag::Exception => {
                heap.set(slot, heap.value(value, 1));
                Opened { named: true, ..plain(Tag::Tuple) }
            }
            Tag::Native => {
                let class = heap.class_of(value);
                heap.set(slot, heap.native_field(value, 0));
                Opened {
                    tag: Tag::Dict,
                    brackets: Brackets { open: b"([", close: b"])", nested: b"..." },
                    named: true,
                    keys: class != class_id::DICT_VALUES,
                    values: class != class_id::DICT_KEYS,
                    pairs: class == class_id::DICT_ITEMS,
                }
            }
            tag => plain(tag),
        }
    }
}

/// A container whose parts are written one by one.
struct Opened {
    tag: Tag,
    brackets: Brackets,
    /// The class's name comes first.
    named: bool,
    keys: bool,
    values: bool,
    /// Entries look like `(key, value)`.
    pairs: bool,
}

fn separator(position: u32) -> &'static [u8] {
    if position == 0 { b"" } else { b", " }
}
