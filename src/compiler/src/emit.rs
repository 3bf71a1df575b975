//! Intermediate code to bytes: chooses encodings, resolves labels, and builds the tables of the file.

use std::collections::HashMap;
use std::rc::Rc;

use mpy::line::LineTable;
use mpy::{Opcode, UnaryOperator, varint};
use num_traits::ToPrimitive;

use crate::Options;
use crate::code::{Code, Instruction, Name, Names};
use crate::error::Findings;
use crate::value::Value;

/// Strings no longer than this become qstrs, which MicroPython keeps once per system; longer ones are objects.
const INTERNED_BYTES_MAXIMUM: usize = 10;

/// Longest qstr that MicroPython's ports can hold.
const QSTR_BYTES_MAXIMUM: usize = 255;

/// Functions inside each other deeper than this the reader refuses.
const FUNCTION_DEPTH_MAXIMUM: usize = mpy::reader::FUNCTION_DEPTH_MAX;

/// What is counted and numbered over the whole file.
struct Tables<'a> {
    names: &'a Names,
    small_int_bits: u32,
    /// Identifiers: strings that are qstrs anyway.
    identifiers: HashMap<Rc<[u8]>, ()>,
    qstrs: Numbering<Rc<[u8]>>,
    constants: Numbering<Value>,
}

/// Gives the most used items the smallest numbers.
#[derive(Debug)]
struct Numbering<T> {
    uses: HashMap<T, (u32, usize)>,
    numbers: HashMap<T, u32>,
    order: Vec<T>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbering<T> {
    fn new() -> Self {
        Numbering { uses: HashMap::new(), numbers: HashMap::new(), order: Vec::new() }
    }

    fn count(&mut self, item: &T) {
        let first = self.uses.len();
        self.uses.entry(item.clone()).or_insert((0, first)).0 += 1;
    }

    fn number(&mut self, first: u32) {
        let mut items: Vec<(T, (u32, usize))> = self.uses.drain().collect();
        items.sort_by_key(|(_, (uses, first))| (std::cmp::Reverse(*uses), *first));
        for (index, (item, _)) in items.into_iter().enumerate() {
            self.numbers.insert(item.clone(), first + u32::try_from(index).unwrap_or(u32::MAX));
            self.order.push(item);
        }
    }

    fn get(&self, item: &T) -> u32 {
        self.numbers.get(item).copied().unwrap_or(0)
    }
}

/// How a constant is pushed.
enum Push {
    Opcode(Opcode),
    SmallInt(i64),
    Qstr(Rc<[u8]>),
    EmptyTuple,
    Object,
}

impl Tables<'_> {
    fn push_of(&self, value: &Value) -> Push {
        match value {
            Value::None => Push::Opcode(Opcode::LoadConstNone),
            Value::Tuple(items) if items.is_empty() => Push::EmptyTuple,
            Value::True => Push::Opcode(Opcode::LoadConstTrue),
            Value::False => Push::Opcode(Opcode::LoadConstFalse),
            Value::Int(value) if value.bits() < u64::from(self.small_int_bits) || self.is_least(value) => {
                value.to_i64().map_or(Push::Object, Push::SmallInt)
            }
            Value::Str(bytes)
                if bytes.len() <= INTERNED_BYTES_MAXIMUM
                    || (bytes.len() <= QSTR_BYTES_MAXIMUM && self.identifiers.contains_key(bytes)) =>
            {
                Push::Qstr(Rc::clone(bytes))
            }
            _ => Push::Object,
        }
    }

    /// The least small integer has one bit more than the greatest.
    fn is_least(&self, value: &num_bigint::BigInt) -> bool {
        value.to_i64().is_some_and(|value| value == -(1_i64 << (self.small_int_bits - 1).min(62)))
    }

    fn identifiers(&mut self, code: &Code) {
        let mut add = |name: Name| {
            self.identifiers.insert(Rc::from(self.names.text(name)), ());
        };
        add(code.name);
        code.arg_names.iter().for_each(|name| add(*name));
        for instruction in &code.body {
            if let Instruction::Named(_, name) = instruction {
                add(*name);
            }
        }
        for child in used_children(code) {
            self.identifiers(&code.children[child]);
        }
    }

    fn count_name(&mut self, name: Name) {
        let text: Rc<[u8]> = Rc::from(self.names.text(name));
        self.qstrs.count(&text);
    }

    fn count(&mut self, code: &Code) {
        self.count_name(code.name);
        for name in &code.arg_names {
            self.count_name(*name);
        }
        for instruction in &code.body {
            match instruction {
                Instruction::Named(_, name) => self.count_name(*name),
                Instruction::Constant(value) => match self.push_of(value) {
                    Push::Qstr(text) => self.qstrs.count(&text),
                    Push::Object => self.constants.count(value),
                    Push::Opcode(_) | Push::SmallInt(_) | Push::EmptyTuple => {}
                },
                _ => {}
            }
        }
        for child in used_children(code) {
            self.count(&code.children[child]);
        }
    }

    fn qstr(&self, name: Name) -> u32 {
        self.qstrs.get(&Rc::from(self.names.text(name)))
    }
}

/// Children that the code still makes, in the order of its children.
fn used_children(code: &Code) -> Vec<usize> {
    let mut used: Vec<usize> = code
        .body
        .iter()
        .filter_map(|one| if let Instruction::Make { child, .. } = one { Some(*child as usize) } else { None })
        .filter(|child| *child < code.children.len())
        .collect();
    used.sort_unstable();
    used.dedup();
    used
}

/// Encodes a module; `None` when it does not fit the format (which is reported).
pub(crate) fn emit(code: &Code, names: &Names, options: &Options, findings: &mut Findings) -> Option<mpy::Module> {
    let mut tables = Tables {
        names,
        small_int_bits: u32::from(options.small_int_bits.clamp(8, 63)),
        identifiers: HashMap::new(),
        qstrs: Numbering::new(),
        constants: Numbering::new(),
    };
    tables.identifiers(code);
    tables.count(code);
    let source_name: Rc<[u8]> = Rc::from(options.source_name.as_bytes());
    tables.qstrs.number(1);
    if let Some(long) = tables.qstrs.order.iter().find(|text| text.len() > QSTR_BYTES_MAXIMUM) {
        let start = String::from_utf8_lossy(&long[..20]).into_owned();
        let message = format!("the name '{start}…' is longer than {QSTR_BYTES_MAXIMUM} bytes");
        findings.error("name-too-long", code.range, message);
    }
    tables.constants.number(0);
    if tables.qstrs.order.len() >= usize::from(u16::MAX) || tables.constants.order.len() >= usize::from(u16::MAX) {
        findings.error("too-many-names", code.range, "more than 65,000 different names or constants in one file");
        return None;
    }
    let lines = !options.strip && options.optimisation < 3;
    let root = function(code, &tables, lines, 1, findings)?;
    let mut qstrs = vec![source_name.to_vec()];
    qstrs.extend(tables.qstrs.order.iter().map(|text| text.to_vec()));
    Some(mpy::Module {
        small_int_bits: options.small_int_bits,
        qstrs,
        constants: tables.constants.order.iter().map(Value::to_constant).collect(),
        root,
    })
}

fn narrow(value: u32, what: &str, code: &Code, findings: &mut Findings) -> u16 {
    u16::try_from(value).unwrap_or_else(|_| {
        findings.error("function-too-large", code.range, format!("the function has too many {what}"));
        0
    })
}

fn function(
    code: &Code,
    tables: &Tables<'_>,
    lines: bool,
    depth: usize,
    findings: &mut Findings,
) -> Option<mpy::Function> {
    if depth > FUNCTION_DEPTH_MAXIMUM {
        let message = format!("more than {FUNCTION_DEPTH_MAXIMUM} functions inside each other");
        findings.error("functions-too-deep", code.range, message);
        return None;
    }
    let used = used_children(code);
    let mut children = Vec::with_capacity(used.len());
    for child in &used {
        children.push(function(&code.children[*child], tables, lines, depth + 1, findings)?);
    }
    let (bytes, line_info) = Encoder { code, tables, used: &used }.encode(lines, findings)?;
    let n_state = (code.n_locals + code.stack_words).max(1);
    if n_state > u32::from(mpy::verify::STATE_MAX) {
        let message = format!("the function needs more than {} locals and operands", mpy::verify::STATE_MAX);
        findings.error("function-too-large", code.range, message).help("split it, or keep its data in a list");
        return None;
    }
    Some(mpy::Function {
        name: narrow(tables.qstr(code.name), "names", code, findings),
        scope_flags: code.scope_flags,
        n_state: narrow(n_state, "locals and operands", code, findings),
        n_exc_stack: narrow(code.n_exc_stack, "exception blocks", code, findings),
        n_pos_args: narrow(code.n_pos_args, "parameters", code, findings),
        n_kwonly_args: narrow(code.n_kwonly_args, "parameters", code, findings),
        n_def_pos_args: narrow(code.n_def_pos_args, "parameters", code, findings),
        arg_names: code.arg_names.iter().map(|name| narrow(tables.qstr(*name), "names", code, findings)).collect(),
        line_info,
        cells: code.cells.clone(),
        code: bytes,
        children,
    })
}

struct Encoder<'a> {
    code: &'a Code,
    tables: &'a Tables<'a>,
    used: &'a [usize],
}

impl Encoder<'_> {
    /// The bytes of an instruction that is no jump.
    fn plain(&self, instruction: &Instruction, bytes: &mut Vec<u8>) {
        let with_uint = |bytes: &mut Vec<u8>, opcode: Opcode, operand: u32| {
            bytes.push(opcode as u8);
            bytes.extend_from_slice(varint::uint(u64::from(operand)).as_slice());
        };
        match instruction {
            Instruction::Constant(value) => match self.tables.push_of(value) {
                Push::Opcode(opcode) => bytes.push(opcode as u8),
                Push::SmallInt(value) => {
                    let embedded = u8::try_from(value + mpy::opcode::SMALL_INT_MULTI_EXCESS)
                        .ok()
                        .and_then(|n| Opcode::LoadConstSmallIntMulti.with(n));
                    match embedded {
                        Some(byte) => bytes.push(byte),
                        None => {
                            bytes.push(Opcode::LoadConstSmallInt as u8);
                            bytes.extend_from_slice(varint::int(value).as_slice());
                        }
                    }
                }
                Push::EmptyTuple => with_uint(bytes, Opcode::BuildTuple, 0),
                Push::Qstr(text) => with_uint(bytes, Opcode::LoadConstString, self.tables.qstrs.get(&text)),
                Push::Object => with_uint(bytes, Opcode::LoadConstObj, self.tables.constants.get(value)),
            },
            Instruction::Plain(opcode) => bytes.push(*opcode as u8),
            Instruction::Named(opcode, name) => with_uint(bytes, *opcode, self.tables.qstr(*name)),
            Instruction::Counted(opcode, operand) => {
                let short = match opcode {
                    Opcode::LoadFastN => Some(Opcode::LoadFastMulti),
                    Opcode::StoreFastN => Some(Opcode::StoreFastMulti),
                    _ => None,
                };
                match short.and_then(|short| u8::try_from(*operand).ok().and_then(|n| short.with(n))) {
                    Some(byte) => bytes.push(byte),
                    None => with_uint(bytes, *opcode, *operand),
                }
            }
            Instruction::Gather(count) => with_uint(bytes, Opcode::BuildTuple, *count),
            Instruction::Unary(operator) => {
                bytes.push(Opcode::UnaryOpMulti as u8 + *operator as u8);
            }
            Instruction::Binary(operator) => bytes.push(Opcode::BinaryOpMulti as u8 + *operator as u8),
            Instruction::Make { child, cells, .. } => {
                let number = self.used.binary_search(&(*child as usize)).unwrap_or(0);
                if let Some(opcode) = instruction.opcode() {
                    with_uint(bytes, opcode, u32::try_from(number).unwrap_or(0));
                }
                if *cells > 0 {
                    bytes.push(*cells);
                }
            }
            Instruction::Label(_) | Instruction::Line(_) | Instruction::Jump(..) | Instruction::Unwind { .. } => {}
        }
    }

    /// All bytes and the line table. Jumps start short and grow until all reach their targets.
    fn encode(&self, lines: bool, findings: &mut Findings) -> Option<(Vec<u8>, Vec<u8>)> {
        let body = &self.code.body;
        let mut plain = Vec::new();
        let mut ends = Vec::with_capacity(body.len());
        for instruction in body {
            self.plain(instruction, &mut plain);
            ends.push(plain.len());
        }
        let mut long = vec![false; body.len()];
        let mut starts = vec![0_i64; body.len() + 1];
        let mut labels = vec![0_i64; self.code.labels as usize];
        loop {
            let mut at = 0_i64;
            let mut from = 0;
            for (index, instruction) in body.iter().enumerate() {
                starts[index] = at;
                if let Instruction::Label(label) = instruction
                    && let Some(place) = labels.get_mut(label.0 as usize)
                {
                    *place = at;
                }
                at += i64::try_from(ends[index] - from).unwrap_or(0) + jump_size(instruction, long[index]);
                from = ends[index];
            }
            starts[body.len()] = at;
            let mut grown = false;
            for (index, instruction) in body.iter().enumerate() {
                if long[index] {
                    continue;
                }
                if let Some(distance) = distance(instruction, starts[index], false, &labels)
                    && !fits(instruction, distance, false)
                {
                    long[index] = true;
                    grown = true;
                }
            }
            if !grown {
                break;
            }
        }
        let mut bytes = Vec::new();
        let mut table = LineTable::new();
        let mut line_here = None;
        let mut from = 0;
        for (index, instruction) in body.iter().enumerate() {
            match instruction {
                // Noted when code follows: a line without code needs no mark.
                Instruction::Line(line) if lines && can_raise(&body[index + 1..]) => line_here = Some(*line),
                Instruction::Line(_) => {}
                Instruction::Label(_) => {}
                _ => {
                    if let Some(line) = line_here.take() {
                        table.mark(u32::try_from(starts[index]).unwrap_or(u32::MAX), line);
                    }
                }
            }
            bytes.extend_from_slice(&plain[from..ends[index]]);
            from = ends[index];
            let Some(distance) = distance(instruction, starts[index], long[index], &labels) else { continue };
            let encoded = i32::try_from(distance).ok().and_then(|distance| {
                if instruction.is_forward() {
                    u32::try_from(distance).ok().and_then(|distance| varint::forward(distance, long[index]))
                } else {
                    varint::signed(distance, long[index])
                }
            });
            let (Some(encoded), Some(opcode)) = (encoded, instruction.opcode()) else {
                findings
                    .error("jump-too-far", self.code.range, "the function is too long: a jump in it cannot be encoded")
                    .help("move parts of it into functions of their own");
                return None;
            };
            bytes.push(opcode as u8);
            bytes.extend_from_slice(encoded.as_slice());
            if let Instruction::Unwind { blocks, iterator, .. } = instruction {
                bytes.push(blocks | if *iterator { 0x80 } else { 0 });
            }
        }
        Some((bytes, table.finish()))
    }
}

/// True when an instruction of the line that starts here may raise (or be where an interrupt is noticed), so that a
/// traceback may name the line.
fn can_raise(line: &[Instruction]) -> bool {
    line.iter().take_while(|instruction| !matches!(instruction, Instruction::Line(_))).any(|instruction| {
        !matches!(
            instruction,
            Instruction::Label(_)
                | Instruction::Constant(_)
                | Instruction::Counted(Opcode::StoreFastN, _)
                | Instruction::Plain(Opcode::ReturnValue)
        )
    })
}

/// Bytes of a jump; 0 for other instructions.
fn jump_size(instruction: &Instruction, long: bool) -> i64 {
    match instruction {
        Instruction::Jump(..) => 2 + i64::from(long),
        Instruction::Unwind { .. } => 3 + i64::from(long),
        _ => 0,
    }
}

/// How far a jump goes, counted from the byte behind its offset.
fn distance(instruction: &Instruction, start: i64, long: bool, labels: &[i64]) -> Option<i64> {
    let target = instruction.target()?;
    let place = labels.get(target.0 as usize)?;
    Some(place - (start + 2 + i64::from(long)))
}

fn fits(instruction: &Instruction, distance: i64, long: bool) -> bool {
    let Ok(distance) = i32::try_from(distance) else { return false };
    if instruction.is_forward() {
        u32::try_from(distance).is_ok_and(|distance| varint::forward(distance, long).is_some())
    } else {
        varint::signed(distance, long).is_some()
    }
}

/// Keeps the operator tables of this crate and of the format in step.
const _: () = assert!(UnaryOperator::Not as u8 == 3);
