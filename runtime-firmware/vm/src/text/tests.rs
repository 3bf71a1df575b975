//! Methods and texts of the builtin types against what CPython answers: every line of `data/methods.txt` is an
//! expression and its `repr` (or the name of its exception), then the receiver afterwards where it can change.
//! `data/methods.py` made the answers.

use crate::heap::Cause;
use crate::rom::Member;
use crate::value::*;
use crate::{Args, Heap, Rom, Vm, class_id};
use hal::FloatWidth;
use std::boxed::Box;
use std::string::{String, ToString};
use std::vec::Vec;

static ROM: Rom = crate::rom!(&[crate::types::TYPES], &[], &[]);

/// A heap of `words` words with the builtin types.
pub(crate) fn heap_with_types(words: usize) -> Heap {
    Heap::new(Box::leak(std::vec![0u32; words].into_boxed_slice()), &ROM, FloatWidth::Double)
}

/// A machine that no test of this crate asks for anything.
pub(crate) struct NoSystem;

#[rustfmt::skip]
impl hal::System for NoSystem {
    fn description(&self) -> &'static hal::Description { panic!("no machine") }
    fn poll(&mut self) -> hal::Events { hal::Events::default() }
    fn stdout(&mut self, _: &[u8]) {}
    fn stderr(&mut self, _: &[u8]) {}
    fn stdin(&mut self, _: &mut [u8]) -> hal::Input { hal::Input::End }
    fn wait_until(&mut self, _: u64) {}
    fn clock(&mut self) -> &mut dyn hal::Clock { panic!("no machine") }
    fn pins(&mut self) -> &mut dyn hal::Pins { panic!("no machine") }
    fn files(&mut self) -> &mut dyn hal::Files { panic!("no machine") }
    fn compile(&mut self, _: &str, _: &str, _: hal::CompileMode, _: &mut [u8])
        -> Result<hal::CompileReply, hal::Error> { Err(hal::Error::NotSupported) }
    fn entropy(&mut self, _: &mut [u8]) {}
    fn unique_id(&mut self) -> &[u8] { &[] }
    fn reset(&mut self, _: hal::ResetKind) {}
}

/// Reads Python literals and makes their values.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn skip(&mut self, wanted: &str) -> bool {
        let found = self.text[self.at..].starts_with(wanted.as_bytes());
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn spaces(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self.peek().is_ascii_alphanumeric() || self.peek() == b'_' {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.text[start..self.at]).to_string()
    }

    /// The content of a str or bytes literal.
    fn quoted(&mut self) -> Vec<u8> {
        let quote = self.peek();
        self.at += 1;
        let mut content = Vec::new();
        loop {
            let byte = self.peek();
            self.at += 1;
            if byte == quote {
                return content;
            }
            assert!(byte != 0, "unclosed literal");
            if byte != b'\\' {
                content.push(byte);
                continue;
            }
            let escape = self.peek();
            self.at += 1;
            let digits = match escape {
                b'n' => {
                    content.push(b'\n');
                    continue;
                }
                b't' => {
                    content.push(b'\t');
                    continue;
                }
                b'r' => {
                    content.push(b'\r');
                    continue;
                }
                b'x' => 2,
                b'u' => 4,
                b'U' => 8,
                other => {
                    content.push(other);
                    continue;
                }
            };
            let digits = &self.text[self.at..self.at + digits];
            self.at += digits.len();
            let code = u32::from_str_radix(core::str::from_utf8(digits).unwrap(), 16).unwrap();
            content.extend_from_slice(&code.to_be_bytes()); // marked below
            let length = content.len();
            content.truncate(length - 4);
            content.push(0xff);
            content.extend_from_slice(&code.to_be_bytes());
        }
    }

    /// Escapes were kept as 0xff and four bytes: as UTF-8 in a str, one byte in bytes.
    fn unescape(content: &[u8], bytes: bool) -> Vec<u8> {
        let mut result = Vec::new();
        let mut at = 0;
        while at < content.len() {
            if content[at] == 0xff {
                let code = u32::from_be_bytes(content[at + 1..at + 5].try_into().unwrap());
                if bytes {
                    result.push(code as u8);
                } else {
                    result.extend_from_slice(super::character::encode(code, &mut [0; 4]));
                }
                at += 5;
            } else {
                result.push(content[at]);
                at += 1;
            }
        }
        result
    }

    fn items(&mut self, vm: &mut Vm<'_>, close: u8) -> Result<Vec<Slot>, Raised> {
        let mut items = Vec::new();
        loop {
            self.spaces();
            if self.peek() == close {
                self.at += 1;
                return Ok(items);
            }
            let item = vm.temp()?;
            self.value(vm, item)?;
            items.push(item);
            self.spaces();
            self.skip(",");
        }
    }

    fn value(&mut self, vm: &mut Vm<'_>, out: Slot) -> Result<(), Raised> {
        self.spaces();
        match self.peek() {
            b'\'' | b'"' => {
                let content = Self::unescape(&self.quoted(), false);
                vm.make(out, |heap| heap.new_str(&content)).unwrap();
            }
            b'b' if matches!(self.text.get(self.at + 1), Some(b'\'' | b'"')) => {
                self.at += 1;
                let content = Self::unescape(&self.quoted(), true);
                vm.make(out, |heap| heap.new_bytes(&content)).unwrap();
            }
            b'[' => {
                self.at += 1;
                let items = self.items(vm, b']')?;
                vm.make(out, |heap| heap.new_list(0)).unwrap();
                for item in items {
                    vm.retry(|heap| heap.list_push(heap.get(out), heap.get(item))).unwrap();
                }
            }
            b'(' => {
                self.at += 1;
                let items = self.items(vm, b')')?;
                vm.make(out, |heap| heap.new_tuple(items.len() as u32)).unwrap();
                for (index, item) in items.iter().enumerate() {
                    vm.heap.tuple_set(vm.heap.get(out), index as u32, vm.heap.get(*item));
                }
            }
            b'{' => self.braces(vm, out)?,
            b'-' | b'0'..=b'9' => self.number(vm, out),
            _ => self.named(vm, out)?,
        }
        Ok(())
    }

    fn braces(&mut self, vm: &mut Vm<'_>, out: Slot) -> Result<(), Raised> {
        self.at += 1;
        self.spaces();
        let mut dict = true;
        vm.make(out, |heap| heap.new_dict(0)).unwrap();
        let mut first = true;
        while !self.skip("}") {
            let (key, value) = (vm.temp().unwrap(), vm.temp().unwrap());
            self.value(vm, key)?;
            if first {
                dict = self.peek() == b':';
                if !dict {
                    vm.make(out, |heap| heap.new_set(0)).unwrap();
                }
                first = false;
            }
            if dict {
                self.skip(":");
                self.value(vm, value)?;
            }
            vm.table_set(out, key, value).unwrap();
            self.skip(",");
            self.spaces();
        }
        Ok(())
    }

    fn number(&mut self, vm: &mut Vm<'_>, out: Slot) {
        let start = self.at;
        self.at += 1;
        while matches!(self.peek(), b'0'..=b'9' | b'.' | b'e')
            || (self.peek() == b'-' && self.text[self.at - 1] == b'e')
        {
            self.at += 1;
        }
        let text = core::str::from_utf8(&self.text[start..self.at]).unwrap();
        if text.contains(['.', 'e']) {
            let x: f64 = text.parse().unwrap();
            vm.make(out, |heap| heap.new_float(x)).unwrap();
        } else {
            vm.make(out, |heap| heap.parse_int(text.as_bytes(), 10)).unwrap();
        }
    }

    fn named(&mut self, vm: &mut Vm<'_>, out: Slot) -> Result<(), Raised> {
        let word = self.word();
        let value = match word.as_str() {
            "None" => Val::NONE,
            "True" => Val::TRUE,
            "False" => Val::FALSE,
            "Ellipsis" => Val::ELLIPSIS,
            _ => {
                // A constructor, or an exception.
                assert!(self.skip("("), "unknown name {word:?}");
                let items = self.items(vm, b')')?;
                let class = (0..class_id::FIRST_MODULE)
                    .find(|id| vm.heap.class_name(*id) == word.as_bytes())
                    .unwrap_or_else(|| panic!("unknown class {word}"));
                if class >= class_id::FIRST_EXCEPTION {
                    vm.make(out, |heap| {
                        let arguments = heap.new_tuple(items.len() as u32)?;
                        for (index, item) in items.iter().enumerate() {
                            heap.tuple_set(arguments, index as u32, heap.get(*item));
                        }
                        heap.new_exception_of(class, arguments)
                    })
                    .unwrap();
                } else {
                    call(vm, Val::builtin_type(class), "__new__", &items, &[], out)?;
                }
                return Ok(());
            }
        };
        vm.heap.set(out, value);
        Ok(())
    }
}

/// Calls a member of a builtin type. The callee is `callee`; methods of values get the value as first argument.
fn call(
    vm: &mut Vm<'_>,
    callee: Val<'static>,
    name: &str,
    positional: &[Slot],
    keywords: &[(String, Slot)],
    out: Slot,
) -> Result<(), Raised> {
    let class = if name == "__new__" { vm.heap.class_id(callee) } else { vm.heap.class_of(vm.heap.get(positional[0])) };
    let id = vm.heap.find_name(name.as_bytes()).unwrap_or_else(|| panic!("no name {name}"));
    let found = vm.heap.find_class_attribute(class, id).map(Val::word);
    let Some((RomKind::Function, row)) = found.and_then(rom_of) else { panic!("no method {name}") };
    let member = vm.heap.member(row).unwrap().member;
    let base = vm.temp()?;
    vm.heap.set(base, callee);
    // Static methods get no receiver, class methods their class.
    let skip = usize::from(matches!(member, Member::Static(..)));
    for slot in &positional[skip.min(positional.len())..] {
        vm.temp_of(*slot)?;
    }
    if let Member::Class(..) = member {
        let class = Val::builtin_type(class);
        vm.heap.set(Slot(base.0 - 1), class);
    }
    for (name, slot) in keywords {
        let key = vm.temp()?;
        let id = vm.retry(|heap| heap.intern(name.as_bytes()))?;
        vm.heap.set(key, Val::name(id));
        vm.temp_of(*slot)?;
    }
    let count = (positional.len() - skip.min(positional.len())) as u8;
    let args = Args { base: base.0, positional: count as u16, keywords: keywords.len() as u16 };
    let check = |low: u8, high: u8| {
        assert!(keywords.is_empty() && (low..=high).contains(&count), "wrong number of arguments for {name}");
    };
    let ret = match member {
        Member::Leaf(work, low, high) => {
            check(low, high);
            vm.make_ret(|heap| work(heap, args))?
        }
        Member::Getter(work) => vm.make_ret(|heap| work(heap, args))?,
        Member::General(work, low, high) | Member::Static(work, low, high) | Member::Class(work, low, high) => {
            check(low, high);
            work(vm, args)?
        }
        Member::Keywords(work) => work(vm, args)?,
        _ => panic!("{name} is no function"),
    };
    let word = ret.0.get();
    vm.pop_temp(base);
    vm.heap.arena.stack_store(out.0, word);
    Ok(())
}

fn text_of(vm: &Vm<'_>, slot: Slot) -> String {
    String::from_utf8_lossy(vm.heap.str_bytes(vm.heap.get(slot)).unwrap_or(b"?")).to_string()
}

/// Name of the exception under way, and its text.
fn error_of(vm: &mut Vm<'_>) -> (String, String) {
    let cause = vm.heap.cause.get();
    assert_eq!(cause, Cause::Error, "an error that is none");
    let error = vm.heap.error.get();
    let name = String::from_utf8_lossy(vm.heap.class_name(error.class)).to_string();
    let (a, b, out) = (vm.temp().unwrap(), vm.temp().unwrap(), vm.temp().unwrap());
    for (slot, root) in [(a, crate::Root::ErrorA), (b, crate::Root::ErrorB)] {
        if let Some(value) = vm.heap.root(root) {
            vm.heap.set(slot, value);
        }
    }
    if error.template.is_empty() {
        vm.repr(a, out).unwrap();
    } else {
        vm.error_text(error.template, a, b, out).unwrap();
    }
    (name, text_of(vm, out))
}

/// Evaluates `receiver.method(arguments)` or `function(arguments)`; the repr of the result, and of the receiver.
fn evaluate(vm: &mut Vm<'_>, expression: &str) -> Result<(String, String), Raised> {
    let mut reader = Reader { text: expression.as_bytes(), at: 0 };
    let (out, shown) = (vm.temp()?, vm.temp()?);
    let start = reader.at;
    let function = reader.word();
    let mut positional = Vec::new();
    let mut method = None;
    if ["repr", "str", "ascii", "format", "percent"].contains(&function.as_str()) && reader.peek() == b'(' {
        method = Some(function);
    } else {
        reader.at = start;
        let receiver = vm.temp()?;
        reader.value(vm, receiver)?;
        positional.push(receiver);
        if reader.skip(".") {
            method = Some(reader.word());
        }
    }
    let mut keywords = Vec::new();
    if method.is_some() && reader.skip("(") {
        loop {
            reader.spaces();
            if reader.skip(")") {
                break;
            }
            let start = reader.at;
            let name = reader.word();
            let value = vm.temp()?;
            if !name.is_empty() && reader.skip("=") {
                reader.value(vm, value)?;
                keywords.push((name, value));
            } else {
                reader.at = start;
                reader.value(vm, value)?;
                positional.push(value);
            }
            reader.spaces();
            reader.skip(",");
        }
    }
    match method.as_deref() {
        None => vm.heap.set(out, vm.heap.get(positional[0])),
        Some("repr") => vm.repr(positional[0], out)?,
        Some("str") if positional.len() == 1 => vm.str(positional[0], out)?,
        Some("str") => call(vm, Val::builtin_type(class_id::STR), "__new__", &positional, &keywords, out)?,
        Some("ascii") => vm.ascii(positional[0], out)?,
        Some("format") if vm.heap.is_str(vm.heap.get(positional[0])) && expression.starts_with('\'') => {
            call(vm, Val::NONE, "format", &positional, &keywords, out)?;
        }
        Some("format") if expression.starts_with("format(") => vm.format(positional[0], positional[1], out)?,
        Some("percent") => vm.percent(positional[0], positional[1], out)?,
        Some(name) => call(vm, Val::NONE, name, &positional, &keywords, out)?,
    }
    vm.repr(out, shown)?;
    let result = text_of(vm, shown);
    vm.repr(positional.first().copied().unwrap_or(out), shown)?;
    Ok((result, text_of(vm, shown)))
}

/// Runs all lines on a heap of `words` words.
fn run_lines(words: usize) -> (Vec<String>, u32) {
    run_lines_on(heap_with_types(words))
}

fn run_lines_on(mut heap: Heap) -> (Vec<String>, u32) {
    let mut system = NoSystem;
    let mut wrong = Vec::new();
    for line in include_str!("data/methods.txt").lines() {
        let mut parts = line.split('\t');
        let (Some(expression), Some(expected)) = (parts.next(), parts.next()) else { continue };
        let after = parts.next();
        let mut vm = Vm::new(&mut heap, &mut system);
        let found = match evaluate(&mut vm, expression) {
            Ok((result, receiver)) => match after {
                Some(_) => std::format!("{result}\t{receiver}"),
                None => result,
            },
            Err(Raised) if expected.starts_with('!') => {
                let (name, text) = error_of(&mut vm);
                if expected.contains(':') { std::format!("!{name}: {text}") } else { std::format!("!{name}") }
            }
            Err(Raised) => std::format!("raised {:?}", error_of(&mut vm)),
        };
        let wanted = match after {
            Some(after) => std::format!("{expected}\t{after}"),
            None => expected.to_string(),
        };
        if found != wanted {
            wrong.push(std::format!("{expression}\n   expected {wanted}\n   found    {found}"));
        }
        assert_eq!(heap.check(), Ok(()), "heap after {expression}");
    }
    (wrong, heap.figures().collections)
}

#[test]
fn methods_answer_as_in_cpython() {
    let (wrong, _) = run_lines(1 << 16);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn methods_answer_the_same_with_little_memory() {
    let (wrong, collections) = run_lines(640);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(collections > 12, "the heap was meant to be too small: {collections} collections");
}

#[test]
#[cfg(feature = "stress")]
fn methods_answer_the_same_when_every_first_try_is_refused() {
    let heap = heap_with_types(1 << 14);
    heap.set_stress(crate::Stress { refuse_first_try: true, check_heap: true, ..crate::Stress::default() });
    let (wrong, _) = run_lines_on(heap);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
