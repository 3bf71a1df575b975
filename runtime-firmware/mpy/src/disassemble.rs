//! The owned tree to text, for people: `upy inspect`, golden tests, bug reports.

use alloc::string::String;
use alloc::vec;
use core::fmt::{self, Display, Formatter, Write};

use crate::instruction::{Argument, Collection, Instruction};
use crate::line;
use crate::module::{Constant, Function, Module};
use crate::opcode::{Flow, Opcode};
use crate::qstr;
use crate::scope;

/// A whole module as text: header, tables, then each function with its code. Code that does not decode is shown as
/// bytes.
pub fn disassemble(module: &Module) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write!(text, "{}", Disassembly(module));
    text
}

/// The same, to be formatted.
#[derive(Clone, Copy, Debug)]
pub struct Disassembly<'a>(pub &'a Module);

impl Display for Disassembly<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let module = self.0;
        writeln!(out, "mpy version 6, small ints of {} bits", module.small_int_bits)?;
        writeln!(out, "\nqstrs")?;
        for (index, qstr) in module.qstrs.iter().enumerate() {
            write!(out, "{index:6}  {}", Quoted(qstr))?;
            match qstr::static_id(qstr) {
                Some(id) => writeln!(out, "  (static {id})")?,
                None => writeln!(out)?,
            }
        }
        if !module.constants.is_empty() {
            writeln!(out, "\nconstants")?;
            for (index, constant) in module.constants.iter().enumerate() {
                writeln!(out, "{index:6}  {constant}")?;
            }
        }
        let path = Path { module, above: None, name: module.root.name };
        function(out, module, &module.root, &path)
    }
}

/// The names of the functions that a function is in, and its own.
struct Path<'a> {
    module: &'a Module,
    above: Option<&'a Path<'a>>,
    name: u16,
}

impl Display for Path<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            write!(out, "{above}.")?;
        }
        write!(out, "{}", Name(self.module, u32::from(self.name)))
    }
}

fn function(out: &mut Formatter<'_>, module: &Module, this: &Function, path: &Path<'_>) -> fmt::Result {
    writeln!(out, "\nfunction {path}")?;
    write!(out, "    arguments ")?;
    arguments(out, module, this)?;
    write!(out, "\n    state {}, blocks {}, cells", this.n_state, this.n_exc_stack)?;
    if this.cells.is_empty() {
        write!(out, " none")?;
    }
    for cell in &this.cells {
        write!(out, " {cell}")?;
    }
    if this.scope_flags & scope::GENERATOR != 0 {
        write!(out, ", generator")?;
    }
    writeln!(out)?;
    code(out, module, this)?;
    for child in &this.children {
        function(out, module, child, &Path { module, above: Some(path), name: child.name })?;
    }
    Ok(())
}

/// As Python would write them; `=` for a default.
fn arguments(out: &mut Formatter<'_>, module: &Module, this: &Function) -> fmt::Result {
    let positional = usize::from(this.n_pos_args);
    let first_default = positional.saturating_sub(usize::from(this.n_def_pos_args));
    let starred = this.scope_flags & scope::VAR_ARGUMENTS != 0;
    let mut comma = "";
    write!(out, "(")?;
    for (index, &name) in this.arg_names.iter().enumerate() {
        if index == positional {
            write!(out, "{comma}*{}", if starred { "arguments" } else { "" })?;
            comma = ", ";
        }
        write!(out, "{comma}{}", Name(module, u32::from(name)))?;
        let has_default = index >= first_default && index < positional;
        write!(out, "{}", if has_default { "=" } else { "" })?;
        comma = ", ";
    }
    if starred && this.n_kwonly_args == 0 {
        write!(out, "{comma}*arguments")?;
        comma = ", ";
    }
    if this.scope_flags & scope::VAR_KEYWORDS != 0 {
        write!(out, "{comma}**keywords")?;
    }
    write!(out, ")")?;
    if this.scope_flags & scope::DEFAULT_KEYWORDS != 0 {
        write!(out, ", keyword defaults")?;
    }
    Ok(())
}

fn code(out: &mut Formatter<'_>, module: &Module, this: &Function) -> fmt::Result {
    // Where jumps lead.
    let mut targets = vec![false; this.code.len()];
    let mut at = 0;
    while let Ok(instruction) = Instruction::decode(&this.code, at) {
        if let Some(target) = instruction.target().and_then(|target| targets.get_mut(target as usize)) {
            *target = true;
        }
        at = instruction.next;
    }

    let (mut at, mut last_line) = (0, 0);
    while (at as usize) < this.code.len() {
        let line = line::source_line(&this.line_info, at);
        if line != last_line && !this.line_info.is_empty() {
            writeln!(out, "  line {line}")?;
            last_line = line;
        }
        let mark = if targets.get(at as usize) == Some(&true) { ">" } else { " " };
        let instruction = match Instruction::decode(&this.code, at) {
            Ok(instruction) => instruction,
            Err(error) => {
                write!(out, "{mark}{at:5}  {error:?}:")?;
                for byte in this.code.get(at as usize..).unwrap_or_default() {
                    write!(out, " {byte:02x}")?;
                }
                return writeln!(out);
            }
        };
        write!(out, "{mark}{at:5}  ")?;
        let bytes = this.code.get(at as usize..instruction.next as usize).unwrap_or_default();
        for byte in bytes {
            write!(out, "{byte:02x} ")?;
        }
        write!(out, "{:width$}", "", width = 13_usize.saturating_sub(3 * bytes.len()))?;
        operation(out, module, this, &instruction)?;
        at = instruction.next;
    }
    Ok(())
}

fn operation(out: &mut Formatter<'_>, module: &Module, this: &Function, instruction: &Instruction) -> fmt::Result {
    let mnemonic = instruction.opcode.info().mnemonic.trim_end_matches("_MULTI");
    let child = |n: u32| this.children.get(n as usize).map_or(u32::MAX, |child| u32::from(child.name));
    if instruction.argument == Argument::None {
        return writeln!(out, "{mnemonic}");
    }
    write!(out, "{mnemonic:22}")?;
    match instruction.argument {
        Argument::None => Ok(()),
        Argument::Qstr(n) if instruction.opcode == Opcode::LoadConstString => {
            write!(out, "{}", Quoted(module.qstrs.get(n as usize).map_or(b"?", |qstr| qstr)))
        }
        Argument::Qstr(n) => write!(out, "{}", Name(module, n)),
        Argument::Int(value) => write!(out, "{value}"),
        Argument::Local(n) | Argument::Count(n) => write!(out, "{n}"),
        Argument::Constant(n) => match module.constants.get(n as usize) {
            Some(constant) => write!(out, "{constant}"),
            None => write!(out, "constant {n}, which is not there"),
        },
        Argument::Collection { index, kind } => {
            let kind = match kind {
                Collection::List => "list",
                Collection::Dict => "dict",
                Collection::Set => "set",
            };
            write!(out, "{kind} at {index}")
        }
        Argument::Unpack { left, right } => write!(out, "{left} before, {right} behind"),
        Argument::Call { positional, keywords } => write!(out, "{positional} positional, {keywords} keyword"),
        Argument::Child(n) => write!(out, "{n} {}", Name(module, child(n))),
        Argument::Closure { child: n, cells } => write!(out, "{n} {}, {cells} cells", Name(module, child(n))),
        Argument::Target(target) => write!(out, "to {target}"),
        Argument::Unwind { target, blocks, pop_iterator } => {
            let iterator = if pop_iterator { ", pop the iterator" } else { "" };
            write!(out, "to {target}, leave {blocks}{iterator}")
        }
        Argument::Unary(operator) => write!(out, "{}", operator.symbol()),
        Argument::Binary(operator) => write!(out, "{}", operator.symbol()),
    }?;
    if instruction.opcode.info().flow == Flow::Handler {
        write!(out, " (handler)")?;
    }
    writeln!(out)
}

/// A qstr where a name is expected.
struct Name<'a>(&'a Module, u32);

impl Display for Name<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.0.qstrs.get(self.1 as usize).map(|qstr| core::str::from_utf8(qstr)) {
            Some(Ok(name)) if !name.is_empty() && !name.contains(|c: char| c.is_control() || c == ' ') => {
                out.write_str(name)
            }
            Some(_) => write!(out, "qstr {}", self.1),
            None => write!(out, "qstr {}, which is not there", self.1),
        }
    }
}

/// A string or bytes as a Python literal without prefix.
struct Quoted<'a>(&'a [u8]);

impl Display for Quoted<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match core::str::from_utf8(self.0) {
            Ok(text) => write!(out, "{text:?}"),
            Err(_) => write!(out, "\"{}\"", self.0.escape_ascii()),
        }
    }
}

impl Display for Constant {
    /// As a Python expression.
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Constant::None => out.write_str("None"),
            Constant::False => out.write_str("False"),
            Constant::True => out.write_str("True"),
            Constant::Ellipsis => out.write_str("..."),
            Constant::Str(text) => write!(out, "{}", Quoted(text)),
            Constant::Bytes(bytes) => write!(out, "b\"{}\"", bytes.escape_ascii()),
            Constant::Integer(text) | Constant::Float(text) | Constant::Complex(text) => out.write_str(text),
            Constant::Tuple(items) => {
                out.write_str("(")?;
                for (index, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                out.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
        }
    }
}
