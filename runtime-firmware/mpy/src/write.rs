//! The owned tree to bytes: exactly those that MicroPython's compiler writes for the same tree.

use alloc::vec::Vec;

use crate::module::{Constant, Function, Module};
use crate::qstr;
use crate::reader::{
    CONSTANT_DEPTH_MAX, ENTRIES_MAX, FILE_LENGTH_MAX, FUNCTION_DEPTH_MAX, MAGIC, SMALL_INT_BITS_MAX, VERSION,
};
use crate::reader::{constant_kind as kind, function_word as word, is_float, is_imaginary, is_integer};
use crate::scope;
use crate::text::is_text;
use crate::varint;

/// Why a tree cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EncodeError {
    /// [`Module::small_int_bits`] is impossible.
    SmallIntBits,
    /// The qstr table is empty: its first entry is the source file's name.
    NoSourceName,
    /// More than 65,535 qstrs, constants or functions, or a file of more than 256 MiB.
    TooMany,
    /// A string is not text ([`crate::text`]).
    Utf8,
    /// A number is not spelled as Python prints it.
    Number,
    /// A name's index lies outside the qstr table.
    NameIndex,
    /// A function has not as many argument names as arguments.
    ArgumentNames,
    /// A function's numbers do not fit the prelude: no state at all, unknown scope flags, or more than 255 of
    /// anything else.
    Prelude,
    /// A local above 255 cannot become a cell.
    CellIndex,
    /// Constants or functions nest too deeply.
    TooDeep,
}

impl core::fmt::Display for EncodeError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            EncodeError::SmallIntBits => "small ints cannot have so many bits",
            EncodeError::NoSourceName => "the module has no source name",
            EncodeError::TooMany => "the module is too large for a .mpy file",
            EncodeError::Utf8 => "a string of the module is not UTF-8",
            EncodeError::Number => "a number of the module is misspelled",
            EncodeError::NameIndex => "a function's name is not in the module's table",
            EncodeError::ArgumentNames => "a function has not as many argument names as arguments",
            EncodeError::Prelude => "a function has too many arguments, locals or nested blocks for a .mpy file",
            EncodeError::CellIndex => "a function has too many locals for one of them to be closed over",
            EncodeError::TooDeep => "functions or constants nest too deeply for a .mpy file",
        })
    }
}

impl core::error::Error for EncodeError {}

/// Encodes a module. What comes out passes [`crate::reader::File::open`]; whether its bytecode is sound is for
/// [`crate::verify`] to say.
///
/// # Errors
/// When the tree does not fit the format.
pub fn encode(module: &Module) -> Result<Vec<u8>, EncodeError> {
    if !(2..=SMALL_INT_BITS_MAX).contains(&module.small_int_bits) {
        return Err(EncodeError::SmallIntBits);
    }
    if module.qstrs.is_empty() {
        return Err(EncodeError::NoSourceName);
    }
    let mut writer = Writer { out: Vec::new(), qstrs: module.qstrs.len(), functions: 1 };
    writer.out.extend([MAGIC, VERSION, 0, module.small_int_bits]);
    writer.count(module.qstrs.len())?;
    writer.count(module.constants.len())?;
    for qstr in &module.qstrs {
        writer.qstr(qstr)?;
    }
    for constant in &module.constants {
        writer.constant(constant, 0)?;
    }
    writer.function(&module.root, 0)?;
    if writer.out.len() > FILE_LENGTH_MAX {
        return Err(EncodeError::TooMany);
    }
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    qstrs: usize,
    functions: usize,
}

impl Writer {
    fn uint(&mut self, value: usize) {
        self.out.extend_from_slice(varint::uint(value as u64).as_slice());
    }

    fn count(&mut self, count: usize) -> Result<(), EncodeError> {
        if count > ENTRIES_MAX as usize {
            return Err(EncodeError::TooMany);
        }
        self.uint(count);
        Ok(())
    }

    fn qstr(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        if let Some(id) = qstr::static_id(bytes) {
            self.uint(usize::from(id) << 1 | 1);
            return Ok(());
        }
        if !is_text(bytes) {
            return Err(EncodeError::Utf8);
        }
        self.uint(bytes.len() << 1);
        self.out.extend_from_slice(bytes);
        self.out.push(0);
        Ok(())
    }

    fn constant(&mut self, constant: &Constant, depth: usize) -> Result<(), EncodeError> {
        match constant {
            Constant::None => self.out.push(kind::NONE),
            Constant::False => self.out.push(kind::FALSE),
            Constant::True => self.out.push(kind::TRUE),
            Constant::Ellipsis => self.out.push(kind::ELLIPSIS),
            Constant::Str(text) => {
                if !is_text(text) {
                    return Err(EncodeError::Utf8);
                }
                self.bytes(kind::STR, text);
                self.out.push(0);
            }
            Constant::Bytes(bytes) => {
                self.bytes(kind::BYTES, bytes);
                self.out.push(0);
            }
            Constant::Integer(text) => self.number(kind::INTEGER, text, is_integer)?,
            Constant::Float(text) => self.number(kind::FLOAT, text, is_float)?,
            Constant::Complex(text) => self.number(kind::COMPLEX, text, is_imaginary)?,
            Constant::Tuple(items) => {
                if depth == CONSTANT_DEPTH_MAX {
                    return Err(EncodeError::TooDeep);
                }
                self.out.push(kind::TUPLE);
                self.uint(items.len());
                for item in items {
                    self.constant(item, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    fn number(&mut self, kind: u8, text: &str, is_legal: fn(&[u8]) -> bool) -> Result<(), EncodeError> {
        if !is_legal(text.as_bytes()) {
            return Err(EncodeError::Number);
        }
        self.bytes(kind, text.as_bytes());
        Ok(())
    }

    fn bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.out.push(kind);
        self.uint(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    fn function(&mut self, function: &Function, depth: usize) -> Result<(), EncodeError> {
        let data = self.data(function)?;
        let children = if function.children.is_empty() { 0 } else { word::HAS_CHILDREN };
        self.uint(data.len() << word::LENGTH_SHIFT | (children | word::BYTECODE) as usize);
        self.out.extend_from_slice(&data);
        if function.children.is_empty() {
            return Ok(());
        }
        if depth == FUNCTION_DEPTH_MAX {
            return Err(EncodeError::TooDeep);
        }
        self.functions += function.children.len();
        if self.functions > ENTRIES_MAX as usize {
            return Err(EncodeError::TooMany);
        }
        self.uint(function.children.len());
        for child in &function.children {
            self.function(child, depth + 1)?;
        }
        Ok(())
    }

    /// Prelude, names, lines, cells and code of one function.
    fn data(&self, function: &Function) -> Result<Vec<u8>, EncodeError> {
        let mut data = Vec::new();
        signature(&mut data, function)?;

        let mut info = Vec::new();
        if function.arg_names.len() != usize::from(function.n_pos_args) + usize::from(function.n_kwonly_args) {
            return Err(EncodeError::ArgumentNames);
        }
        for &name in core::iter::once(&function.name).chain(&function.arg_names) {
            if usize::from(name) >= self.qstrs {
                return Err(EncodeError::NameIndex);
            }
            info.extend_from_slice(varint::uint(u64::from(name)).as_slice());
        }
        info.extend_from_slice(&function.line_info);

        let (mut length, mut cells) = (info.len(), function.cells.len());
        loop {
            let byte = (length & 0x3f) << 1 | cells & 1;
            length >>= 6;
            cells >>= 1;
            let more = length != 0 || cells != 0;
            data.push(byte as u8 | if more { 0x80 } else { 0 });
            if !more {
                break;
            }
        }
        data.extend_from_slice(&info);
        for &cell in &function.cells {
            data.push(u8::try_from(cell).map_err(|_| EncodeError::CellIndex)?);
        }
        data.extend_from_slice(&function.code);
        if data.len() > FILE_LENGTH_MAX {
            return Err(EncodeError::TooMany);
        }
        Ok(data)
    }
}

/// `xSSSSEAA`, then as many `xFSSKAED` as are needed.
fn signature(data: &mut Vec<u8>, function: &Function) -> Result<(), EncodeError> {
    let Some(mut state) = function.n_state.checked_sub(1) else { return Err(EncodeError::Prelude) };
    let mut exceptions = function.n_exc_stack;
    let mut flags = function.scope_flags;
    let mut positional = function.n_pos_args;
    let mut keyword_only = function.n_kwonly_args;
    let mut defaults = function.n_def_pos_args;
    // The reader takes a few more; all of these are limits of the verifier.
    let counts_fit = [positional, exceptions, keyword_only, defaults].iter().all(|&n| n <= 255);
    if !counts_fit || function.cells.len() > 256 {
        return Err(EncodeError::Prelude);
    }
    if flags & !scope::ALL != 0 {
        return Err(EncodeError::Prelude);
    }
    let mut byte = (state & 0xf) << 3 | (exceptions & 1) << 2 | positional & 3;
    state >>= 4;
    exceptions >>= 1;
    positional >>= 2;
    while state | exceptions | u16::from(flags) | positional | keyword_only | defaults != 0 {
        data.push(byte as u8 | 0x80);
        byte = u16::from(flags & 1) << 6
            | (state & 3) << 4
            | (keyword_only & 1) << 3
            | (positional & 1) << 2
            | (exceptions & 1) << 1
            | defaults & 1;
        state >>= 2;
        exceptions >>= 1;
        flags >>= 1;
        positional >>= 1;
        keyword_only >>= 1;
        defaults >>= 1;
    }
    data.push(byte as u8);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::boxed::Box;
    use alloc::vec;

    fn module() -> Module {
        Module {
            small_int_bits: 31,
            qstrs: vec![b"a.py".to_vec()],
            constants: vec![],
            root: Function { n_state: 1, code: vec![0x51, 0x63], ..Function::default() },
        }
    }

    fn with(change: impl FnOnce(&mut Module)) -> Result<Vec<u8>, EncodeError> {
        let mut module = module();
        change(&mut module);
        let encoded = encode(&module);
        if let Ok(bytes) = &encoded {
            assert_eq!(crate::decode(bytes).as_ref(), Ok(&module));
        }
        encoded
    }

    fn nested(depth: usize) -> Function {
        let inner = if depth == 0 { vec![] } else { vec![nested(depth - 1)] };
        Function { children: inner, ..module().root }
    }

    #[test]
    fn a_small_module_byte_by_byte() {
        let bytes = [&b"M\x06\x00\x1f\x01\x00\x08a.py\0"[..], &[5 << 3, 0, 2, 0, 0x51, 0x63]].concat();
        assert_eq!(encode(&module()), Ok(bytes));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(with(|_| ()).is_ok());
        assert_eq!(with(|module| module.small_int_bits = 64), Err(EncodeError::SmallIntBits));
        assert_eq!(with(|module| module.qstrs.clear()), Err(EncodeError::NoSourceName));
        assert_eq!(with(|module| module.qstrs.push(vec![0xff])), Err(EncodeError::Utf8));
        assert_eq!(with(|module| module.constants.push(Constant::Str(vec![0xff]))), Err(EncodeError::Utf8));
        assert!(with(|module| module.constants.push(Constant::Bytes(vec![0xff]))).is_ok());
        assert_eq!(with(|module| module.constants.push(Constant::Float(Box::from("1,5")))), Err(EncodeError::Number));
        assert_eq!(with(|module| module.constants = vec![Constant::None; 65_536]), Err(EncodeError::TooMany));
        assert!(with(|module| module.constants = vec![Constant::None; 65_535]).is_ok());
        assert_eq!(with(|module| module.root.name = 1), Err(EncodeError::NameIndex));
        assert_eq!(with(|module| module.root.n_pos_args = 1), Err(EncodeError::ArgumentNames));
        assert_eq!(with(|module| module.root.n_state = 0), Err(EncodeError::Prelude));
        assert_eq!(with(|module| module.root.scope_flags = 16), Err(EncodeError::Prelude));
        assert_eq!(with(|module| module.root.n_exc_stack = 256), Err(EncodeError::Prelude));
        assert!(with(|module| module.root.n_exc_stack = 255).is_ok());
        assert!(with(|module| module.root.n_state = u16::MAX).is_ok());
        assert_eq!(with(|module| module.root.cells = vec![256]), Err(EncodeError::CellIndex));
        assert!(with(|module| module.root.cells = (0..256).collect()).is_ok());
        assert!(with(|module| module.root = nested(FUNCTION_DEPTH_MAX)).is_ok());
        assert_eq!(with(|module| module.root = nested(FUNCTION_DEPTH_MAX + 1)), Err(EncodeError::TooDeep));
    }

    #[test]
    fn every_number_of_the_prelude_comes_back() {
        for n in [0, 1, 2, 3, 4, 31, 32, 33, 100, 255] {
            for which in 0..5 {
                let written = with(|module| {
                    let root = &mut module.root;
                    match which {
                        0 => root.n_state = n + 1,
                        1 => root.n_exc_stack = n,
                        2 => (root.n_pos_args, root.arg_names) = (n, vec![0; usize::from(n)]),
                        3 => (root.n_kwonly_args, root.arg_names) = (n, vec![0; usize::from(n)]),
                        _ => root.n_def_pos_args = n,
                    }
                    root.scope_flags = (n & 15) as u8;
                    root.line_info = vec![0x21; usize::from(n) * 3];
                });
                assert!(written.is_ok());
            }
        }
    }
}
