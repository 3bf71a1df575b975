//! The owned tree of one `.mpy` file: what the compiler makes, the writer encodes and the disassembler prints.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// One `.mpy` file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Module {
    /// Bits of the target's small ints, sign included (31 on 32-bit targets): the reader must have at least as many.
    pub small_int_bits: u8,
    /// Names and interned strings; index 0 is the source file's name.
    pub qstrs: Vec<Vec<u8>>,
    /// Objects of `LOAD_CONST_OBJ`.
    pub constants: Vec<Constant>,
    /// The module's own code.
    pub root: Function,
}

/// One function, class body, lambda, comprehension, or the module itself.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Function {
    /// Its name: index into [`Module::qstrs`].
    pub name: u16,
    /// Bits of [`crate::scope`].
    pub scope_flags: u8,
    /// Words for locals and operands together; at least 1.
    pub n_state: u16,
    /// Exception blocks that may be open at once.
    pub n_exc_stack: u16,
    /// Positional arguments, closed-over cells (which come first) included.
    pub n_pos_args: u16,
    /// Keyword-only arguments.
    pub n_kwonly_args: u16,
    /// Positional arguments that have defaults.
    pub n_def_pos_args: u16,
    /// Names of the positional and keyword-only arguments, in order: indices into [`Module::qstrs`].
    pub arg_names: Vec<u16>,
    /// The encoded line table (see [`crate::line`]).
    pub line_info: Vec<u8>,
    /// Locals that become cells on entry; each below 256.
    pub cells: Vec<u16>,
    /// The bytecode.
    pub code: Vec<u8>,
    /// Functions that this one makes, numbered in order.
    pub children: Vec<Function>,
}

/// An object of the constant table. Numbers are text, as Python prints them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Constant {
    /// `None`
    None,
    /// `False`
    False,
    /// `True`
    True,
    /// `...`
    Ellipsis,
    /// A string too long, or too odd, to be a qstr; see [`crate::text`].
    Str(Vec<u8>),
    /// A bytes object.
    Bytes(Vec<u8>),
    /// An int that is no small int.
    Integer(Box<str>),
    /// A float.
    Float(Box<str>),
    /// An imaginary number, such as `2j`.
    Complex(Box<str>),
    /// A tuple of constants.
    Tuple(Vec<Constant>),
}
