//! `format(value, spec)` and `str.format`.

use super::character;
use super::sink::{Sink, TextBuffer};
use crate::class_id;
use crate::heap::{Cause, Heap};
use crate::names;
use crate::value::*;
use crate::vm::Vm;
use crate::Args;

/// Levels of replacement fields within format specifications.
const MAX_NESTING: u8 = 2;

/// `[[fill]align][width][.precision]`: all that a specification says of a str.
struct TextSpec<'s> {
    fill: &'s [u8],
    align: u8,
    width: u32,
    precision: u32,
}

impl Heap {
    /// The specification for a str. ValueError for what only numbers have.
    fn text_spec<'s>(&self, spec: &'s [u8]) -> Result<TextSpec<'s>, Raised> {
        let is_align = |byte: Option<&u8>| matches!(byte, Some(b'<' | b'>' | b'^'));
        let mut found = TextSpec { fill: b" ", align: b'<', width: 0, precision: u32::MAX };
        let mut rest = spec;
        let fill = character::width(rest);
        if fill > 0 && is_align(rest.get(fill)) {
            found.fill = &rest[..fill];
            found.align = rest[fill];
            rest = &rest[fill + 1..];
        } else if is_align(rest.first()) {
            found.align = rest[0];
            rest = &rest[1..];
        }
        if rest.first() == Some(&b'0') && found.fill == b" " {
            found.fill = b"0";
        }
        found.width = self.take_number(&mut rest)?.unwrap_or(0);
        if let Some(tail) = rest.strip_prefix(b".") {
            rest = tail;
            found.precision = self.take_number(&mut rest)?.ok_or_else(|| self.value_error("Format specifier missing precision"))?;
        }
        match rest {
            [] | b"s" => Ok(found),
            [b'=', ..] => Err(self.value_error("'=' alignment not allowed in string format specifier")),
            [b'+' | b'-' | b' ', ..] => Err(self.value_error("Sign not allowed in string format specifier")),
            [b'#', ..] => Err(self.value_error("Alternate form (#) not allowed in string format specifier")),
            [b',', ..] => Err(self.value_error("Cannot specify ',' with 's'.")),
            [_] => {
                let code = self.new_str(rest)?;
                let text = "Unknown format code '{}' for object of type 'str'";
                Err(self.error_about(class_id::VALUE_ERROR, text, code, Val::NONE))
            }
            _ => Err(self.value_error("Invalid format specifier")),
        }
    }

    /// The decimal number at the start, if there is one. ValueError if it is too large.
    pub(crate) fn take_number(&self, rest: &mut &[u8]) -> Result<Option<u32>, Raised> {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, tail) = rest.split_at(digits);
        *rest = tail;
        let mut n: u32 = 0;
        for digit in number {
            n = n
                .checked_mul(10)
                .and_then(|n| n.checked_add((digit - b'0') as u32))
                .filter(|n| *n < 1 << 24)
                .ok_or_else(|| self.value_error("Too many decimal digits in format string"))?;
        }
        Ok((digits > 0).then_some(n))
    }

    /// Appends a text cut to a precision and padded to a width.
    pub(crate) fn write_padded(
        &self,
        sink: &mut Sink<'_>,
        text: &[u8],
        fill: &[u8],
        align: u8,
        width: u32,
        precision: u32,
    ) -> Result<(), Raised> {
        let text = if precision == u32::MAX { text } else { &text[..character::offset(text, precision)] };
        let missing = width.saturating_sub(if width == 0 { 0 } else { character::count(text) });
        let left = match align {
            b'>' => missing,
            b'^' => missing / 2,
            _ => 0,
        };
        sink.repeat(fill, left)?;
        sink.push(text)?;
        sink.repeat(fill, missing - left)
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
            let spec = self.text_spec(spec)?;
            return self.write_padded(sink, text, spec.fill, spec.align, spec.width, spec.precision);
        }
        if self.write_number(sink, native, spec)? {
            return Ok(());
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
    pub(crate) fn append_formatted(
        &mut self,
        text: &mut TextBuffer,
        value: Slot,
        spec: Slot,
    ) -> Result<(), Raised> {
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
        let field = vm.retry(|heap| {
            heap.parse_field(heap.str_bytes(heap.get(template)).unwrap_or(b""), start, end)
        })?;
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
            vm.template(template).get(from..name.1).map_or(0, |rest| {
                rest.iter().take_while(|byte| !matches!(byte, b'.' | b'[')).count()
            })
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
                None => heap.new_str(
                    heap.str_bytes(heap.get(template)).and_then(|bytes| bytes.get(from..to)).unwrap_or(b""),
                ),
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
