//! `format(value, spec)` and `str.format`.

use super::character;
use super::sink::{Sink, TextBuffer};
use crate::Args;
use crate::class_id;
use crate::format_number::{FormatSpec, unknown_code};
use crate::heap::{Cause, Heap};
use crate::names;
use crate::value::*;
use crate::vm::Vm;

/// Levels of replacement fields within format specifications.
const MAX_NESTING: u8 = 2;

impl Heap {
    /// Appends a str by a format specification. ValueError for what only numbers have.
    fn format_str(&self, sink: &mut Sink<'_>, value: Val<'_>, text: &[u8], spec: &[u8]) -> Result<(), Raised> {
        let spec = FormatSpec::parse(self, spec, b'<', value)?;
        if spec.sign.is_some() {
            return Err(self.value_error("Sign not allowed in string format specifier"));
        }
        if spec.alternate {
            return Err(self.value_error("Alternate form (#) not allowed in string format specifier"));
        }
        if spec.align == b'=' {
            return Err(self.value_error("'=' alignment not allowed in string format specifier"));
        }
        if let Some(mark) = spec.grouping {
            let text = if mark == b',' { "Cannot specify ',' with 's'." } else { "Cannot specify '_' with 's'." };
            return Err(self.value_error(text));
        }
        if !matches!(spec.kind, 0 | b's') {
            return Err(unknown_code(self, &[spec.kind], value));
        }
        self.write_padded(sink, text, &spec)
    }

    /// Appends a text cut to the specification's precision and padded to its width.
    pub(crate) fn write_padded(&self, sink: &mut Sink<'_>, text: &[u8], spec: &FormatSpec<'_>) -> Result<(), Raised> {
        let text = match spec.precision {
            Some(precision) => text.get(..character::offset(text, precision)).unwrap_or(text),
            None => text,
        };
        let length = if spec.width == 0 { 0 } else { character::count(text) };
        let (before, behind) = spec.padding(length as usize);
        sink.repeat(spec.fill, before as u32)?;
        sink.push(text)?;
        sink.repeat(spec.fill, behind as u32)
    }

    /// `format` without running Python. `Cause::NeedVm` where a class has a say.
    pub(crate) fn write_formatted(&self, sink: &mut Sink<'_>, value: Val<'_>, spec: &[u8]) -> Result<(), Raised> {
        if self.own_method(value, names::FORMAT).is_some() {
            return Err(self.need_vm());
        }
        if spec.is_empty() {
            return self.write_str(sink, value);
        }
        let native = self.native_part(value);
        if let Some(text) = self.str_bytes(native) {
            return self.format_str(sink, native, text, spec);
        }
        if self.number(native).is_some() {
            let spec = FormatSpec::parse(self, spec, b'>', native)?;
            return self.write_number(sink, native, &spec);
        }
        let text = "unsupported format string passed to {t}.__format__";
        Err(self.error_about(class_id::TYPE_ERROR, text, value, Val::NONE))
    }
}

impl Vm<'_> {
    /// `format(value, spec)`; `spec` holds a str.
    pub fn format(&mut self, value: Slot, spec: Slot, out: Slot) -> Result<(), Raised> {
        let mut text = self.text_buffer()?;
        self.append_formatted(&mut text, value, spec)?;
        self.finish_text(text, out)
    }

    /// `object.__format__`: without the class's own method.
    pub(crate) fn plain_format(&mut self, value: Slot, spec: Slot, out: Slot) -> Result<(), Raised> {
        if self.heap.str_bytes(self.heap.get(spec)).is_none_or(<[u8]>::is_empty) {
            return self.str(value, out);
        }
        let native = self.temp_of(value)?;
        self.heap.set(native, self.heap.native_part(self.heap.get(value)));
        if self.heap.own_method(self.heap.get(native), names::FORMAT).is_some() {
            let text = "unsupported format string passed to {t}.__format__";
            return Err(self.heap.error_about(class_id::TYPE_ERROR, text, self.heap.get(value), Val::NONE));
        }
        self.format(native, spec, out)?;
        self.pop_temp(native);
        Ok(())
    }

    /// Appends `format(value, spec)`.
    pub(crate) fn append_formatted(&mut self, text: &mut TextBuffer, value: Slot, spec: Slot) -> Result<(), Raised> {
        let done = self.append(text, |sink| {
            let heap = sink.heap;
            heap.write_formatted(sink, heap.get(value), heap.str_bytes(heap.get(spec)).unwrap_or(b""))
        });
        match done {
            Err(_) if self.heap.cause.get() == Cause::NeedVm => {}
            done => return done,
        }
        if self.heap.own_method(self.heap.get(value), names::FORMAT).is_none() {
            return self.append_str(text, value);
        }
        let out = self.temp()?;
        self.nested(|vm| vm.call_method(value, names::FORMAT, &[spec], out))?;
        if !self.heap.is_str(self.heap.native_part(self.heap.get(out))) {
            let text = "__format__ must return a str, not {t}";
            return Err(self.heap.error_about(class_id::TYPE_ERROR, text, self.heap.get(out), Val::NONE));
        }
        self.append_str(text, out)?;
        self.pop_temp(out);
        Ok(())
    }

    /// `ascii(value)`: its `repr` with all beyond ASCII escaped.
    pub fn ascii(&mut self, value: Slot, out: Slot) -> Result<(), Raised> {
        let plain = self.temp()?;
        self.repr(value, plain)?;
        self.make(out, |heap| {
            let text = heap.get(plain);
            if heap.is_ascii(text) {
                return Ok(text);
            }
            let mut sink = Sink::new(heap);
            super::quote::write_ascii(&mut sink, heap.str_bytes(text).unwrap_or(b""))?;
            sink.finish()
        })?;
        self.pop_temp(plain);
        Ok(())
    }
}

/// Where the values of replacement fields come from.
#[derive(Clone, Copy)]
pub(crate) enum Fields {
    /// The arguments behind the first.
    Arguments(Args),
    /// A mapping, asked by name.
    Mapping(Slot),
}

/// How fields without a number find their arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Unknown,
    Automatic(u32),
    Manual,
}

/// A replacement field, as byte ranges of the template.
struct Field {
    name: (usize, usize),
    conversion: u8,
    spec: (usize, usize),
    /// Behind the closing brace.
    end: usize,
}

impl Heap {
    /// The field whose opening brace lies before `start`.
    fn parse_field(&self, template: &[u8], start: usize, end: usize) -> Result<Field, Raised> {
        let text = template.get(..end).unwrap_or(template);
        let unclosed = || self.value_error("expected '}' before end of string");
        let mut at = start;
        let mut bracket = false;
        loop {
            match text.get(at) {
                None => return Err(unclosed()),
                Some(b'[') => bracket = true,
                Some(b']') => bracket = false,
                Some(b'{') if !bracket => return Err(self.value_error("unexpected '{' in field name")),
                Some(b'}' | b':' | b'!') if !bracket => break,
                Some(_) => {}
            }
            at += 1;
        }
        let name = (start, at);
        let mut conversion = 0;
        if text.get(at) == Some(&b'!') {
            conversion = *text.get(at + 1).ok_or_else(unclosed)?;
            if !matches!(conversion, b'r' | b's' | b'a') {
                let found = self.new_str(&[conversion & 0x7f])?;
                let message = "Unknown conversion specifier {}";
                return Err(self.error_about(class_id::VALUE_ERROR, message, found, Val::NONE));
            }
            at += 2;
            match text.get(at) {
                Some(b':' | b'}') => {}
                None => return Err(unclosed()),
                Some(_) => return Err(self.value_error("expected ':' after conversion specifier")),
            }
        }
        if text.get(at) == Some(&b'}') {
            return Ok(Field { name, conversion, spec: (at, at), end: at + 1 });
        }
        let spec = at + 1;
        let mut depth = 1;
        for (index, byte) in text.iter().enumerate().skip(spec) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(Field { name, conversion, spec: (spec, index), end: index + 1 });
            }
        }
        Err(unclosed())
    }
}

impl Vm<'_> {
    /// `template.format(...)`, or `format_map`.
    pub(crate) fn format_template(&mut self, template: Slot, fields: Fields, out: Slot) -> Result<(), Raised> {
        let mut text = self.text_buffer()?;
        let length = self.template(template).len();
        let mut formatter = Formatter { template, fields, numbering: Numbering::Unknown };
        formatter.run(self, &mut text, 0, length, MAX_NESTING)?;
        self.finish_text(text, out)
    }

    fn template(&self, slot: Slot) -> &[u8] {
        self.heap.str_bytes(self.heap.get(slot)).unwrap_or(b"")
    }
}

struct Formatter {
    template: Slot,
    fields: Fields,
    numbering: Numbering,
}

impl Formatter {
    /// Appends the text of the template from `start` to `end`.
    fn run(
        &mut self,
        vm: &mut Vm<'_>,
        text: &mut TextBuffer,
        start: usize,
        end: usize,
        nesting: u8,
    ) -> Result<(), Raised> {
        let mut at = start;
        while at < end {
            let rest = vm.template(self.template).get(at..end).unwrap_or(b"");
            let plain = rest.iter().take_while(|byte| !matches!(byte, b'{' | b'}')).count();
            if plain > 0 {
                self.append_range(vm, text, at, at + plain)?;
                at += plain;
                continue;
            }
            match (rest.first(), rest.get(1)) {
                (Some(b'{'), Some(b'{')) | (Some(b'}'), Some(b'}')) => {
                    self.append_range(vm, text, at, at + 1)?;
                    at += 2;
                }
                (Some(b'{'), None) => return Err(vm.heap.value_error("Single '{' encountered in format string")),
                (Some(b'}'), _) => return Err(vm.heap.value_error("Single '}' encountered in format string")),
                _ => at = self.field(vm, text, at + 1, end, nesting)?,
            }
        }
        Ok(())
    }

    fn append_range(&self, vm: &mut Vm<'_>, text: &mut TextBuffer, start: usize, end: usize) -> Result<(), Raised> {
        let template = self.template;
        vm.append(text, |sink| {
            let heap = sink.heap;
            sink.push(heap.str_bytes(heap.get(template)).and_then(|bytes| bytes.get(start..end)).unwrap_or(b""))
        })
    }

    /// Appends a replacement field; returns where it ends.
    fn field(
        &mut self,
        vm: &mut Vm<'_>,
        text: &mut TextBuffer,
        start: usize,
        end: usize,
        nesting: u8,
    ) -> Result<usize, Raised> {
        let Some(nesting) = nesting.checked_sub(1) else {
            return Err(vm.heap.value_error("Max string recursion exceeded"));
        };
        let template = self.template;
        let field = vm.retry(|heap| heap.parse_field(heap.str_bytes(heap.get(template)).unwrap_or(b""), start, end))?;
        let (value, spec) = (vm.temp()?, vm.temp()?);
        self.look_up(vm, field.name, value)?;
        match field.conversion {
            b'r' => vm.repr(value, value)?,
            b's' => vm.str(value, value)?,
            b'a' => vm.ascii(value, value)?,
            _ => {}
        }
        let (from, to) = field.spec;
        if vm.template(template).get(from..to).is_some_and(|spec| spec.contains(&b'{')) {
            let mut nested = vm.text_buffer()?;
            self.run(vm, &mut nested, from, to, nesting)?;
            vm.finish_text(nested, spec)?;
        } else {
            vm.make(spec, |heap| {
                heap.new_str(heap.str_bytes(heap.get(template)).and_then(|bytes| bytes.get(from..to)).unwrap_or(b""))
            })?;
        }
        vm.append_formatted(text, value, spec)?;
        vm.pop_temp(value);
        Ok(field.end)
    }

    /// Finds the value of a field: argument, then attributes and items.
    fn look_up(&mut self, vm: &mut Vm<'_>, name: (usize, usize), out: Slot) -> Result<(), Raised> {
        let template = self.template;
        let part = |vm: &Vm<'_>, from: usize| {
            vm.template(template)
                .get(from..name.1)
                .map_or(0, |rest| rest.iter().take_while(|byte| !matches!(byte, b'.' | b'[')).count())
        };
        let first = part(vm, name.0);
        self.argument(vm, (name.0, name.0 + first), out)?;
        let mut at = name.0 + first;
        while at < name.1 {
            let key = vm.temp()?;
            let from = at + 1;
            let item = vm.template(template).get(at) == Some(&b'[');
            let to = if item {
                let rest = vm.template(template).get(from..name.1).unwrap_or(b"");
                match rest.iter().position(|byte| *byte == b']') {
                    Some(length) => from + length,
                    None => return Err(vm.heap.value_error("Missing ']' in format string")),
                }
            } else {
                from + part(vm, from)
            };
            if from == to {
                return Err(vm.heap.value_error("Empty attribute in format string"));
            }
            let number = index_number(vm.template(template).get(from..to).unwrap_or(b""));
            vm.make(key, |heap| match number.filter(|_| item) {
                Some(number) => Ok(Val::int(number as i32)),
                None => heap
                    .new_str(heap.str_bytes(heap.get(template)).and_then(|bytes| bytes.get(from..to)).unwrap_or(b"")),
            })?;
            if item {
                vm.load_item(out, key, out)?;
                at = to + 1;
                if at < name.1 && !matches!(vm.template(template).get(at), Some(b'.' | b'[')) {
                    return Err(vm.heap.value_error("Only '.' or '[' may follow ']' in format field specifier"));
                }
            } else {
                let attribute = vm.retry(|heap| heap.name_of_str(heap.get(key)))?;
                vm.load_attribute(out, attribute, out)?;
                at = to;
            }
            vm.pop_temp(key);
        }
        Ok(())
    }

    /// The argument that a field starts from.
    fn argument(&mut self, vm: &mut Vm<'_>, name: (usize, usize), out: Slot) -> Result<(), Raised> {
        let text = vm.template(self.template).get(name.0..name.1).unwrap_or(b"");
        let given = index_number(text);
        if given.is_none() && !text.is_empty() {
            return self.named(vm, name, out);
        }
        let number = match (given, self.numbering) {
            (None, Numbering::Manual) => {
                let text = "cannot switch from manual field specification to automatic field numbering";
                return Err(vm.heap.value_error(text));
            }
            (Some(_), Numbering::Automatic(_)) => {
                let text = "cannot switch from automatic field numbering to manual field specification";
                return Err(vm.heap.value_error(text));
            }
            (Some(number), _) => {
                self.numbering = Numbering::Manual;
                number
            }
            (None, numbering) => {
                let number = if let Numbering::Automatic(next) = numbering { next } else { 0 };
                self.numbering = Numbering::Automatic(number + 1);
                number
            }
        };
        let Fields::Arguments(args) = self.fields else {
            return Err(vm.heap.value_error("Format string contains positional fields"));
        };
        match vm.heap.optional_arg(args, number.saturating_add(1)) {
            Some(value) => vm.heap.set(out, value),
            None => {
                let text = "Replacement index {} out of range for positional args tuple";
                let number = Val::int(number as i32);
                return Err(vm.heap.error_about(class_id::INDEX_ERROR, text, number, Val::NONE));
            }
        }
        Ok(())
    }

    fn named(&self, vm: &mut Vm<'_>, name: (usize, usize), out: Slot) -> Result<(), Raised> {
        let template = self.template;
        let key = vm.temp()?;
        vm.make(key, |heap| {
            heap.new_str(heap.str_bytes(heap.get(template)).and_then(|text| text.get(name.0..name.1)).unwrap_or(b""))
        })?;
        match self.fields {
            Fields::Mapping(mapping) => vm.load_item(mapping, key, out)?,
            Fields::Arguments(args) => {
                let heap = &*vm.heap;
                let wanted = heap.str_bytes(heap.get(key));
                let found = (0..args.keyword_count())
                    .find(|index| heap.str_bytes(heap.get(args.keyword_slot(*index))) == wanted);
                match found {
                    Some(index) => heap.set(out, heap.get(args.keyword_value_slot(index))),
                    None => return Err(heap.error_value(class_id::KEY_ERROR, heap.get(key))),
                }
            }
        }
        vm.pop_temp(key);
        Ok(())
    }
}

/// The number that a field name is, if it consists of digits.
fn index_number(text: &[u8]) -> Option<u32> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    text.iter()
        .try_fold(0u32, |n, digit| n.checked_mul(10)?.checked_add((digit - b'0') as u32))
        .filter(|n| *n < 1 << 24)
}
