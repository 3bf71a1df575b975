//! The one table of v6 opcodes: code, operand, stack effect, flow, meaning. Everything else that needs to know an
//! opcode asks this table, so there is no second list to keep in step.
//!
//! Stack pictures are written bottom to top: `a b -> c` pops `b` then `a` and pushes `c`.

/// How the bytes after an opcode are to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// Nothing follows.
    None,
    /// Nothing follows; the operand is the opcode's distance from its base (see [`Opcode::count`]).
    Embedded,
    /// Unsigned varint: index into the module's qstr table.
    Qstr,
    /// Signed varint: a small int.
    Int,
    /// Unsigned varint: number of a local variable.
    Local,
    /// Unsigned varint: index into the module's constant table.
    Constant,
    /// Unsigned varint: how many items.
    Count,
    /// Unsigned varint: `stack index << 2 | kind` (list 0, dict 1, set 2); see [`Opcode::StoreComp`].
    Collection,
    /// Unsigned varint: `left | right << 8`, the fixed targets on each side of a starred one.
    Unpack,
    /// Unsigned varint: `positional | keywords << 8`.
    Call,
    /// Unsigned varint: number of a child of this function.
    Child,
    /// Unsigned varint: number of a child of this function; then one byte: how many closed-over cells.
    Closure,
    /// One or two bytes: distance forward from the next instruction.
    Forward,
    /// One or two bytes: signed distance from the next instruction.
    Signed,
    /// As [`Operand::Signed`], then one byte: how many exception blocks to leave, plus 0x80 to pop a loop's iterator
    /// as well. The distance counts from that byte, not from the next instruction.
    Unwind,
}

/// How many operands an instruction takes from the stack and leaves there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Pops the first, pushes the second.
    Fixed(u8, u8),
    /// Pops as many as the operand says, pushes one.
    PopCount,
    /// Pops one, pushes as many as the operand says.
    PushCount,
    /// Pops one, pushes left + right + 1.
    Unpack,
    /// Pops one, or two for a dict; pushes nothing.
    Collection,
    /// Pops the cells and so many more, pushes one.
    Closure(u8),
    /// Pops positional + 2 * keywords and so many more, pushes one.
    Call(u8),
}

/// Where execution goes after an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// To the next instruction.
    Next,
    /// To the operand's target.
    Jump,
    /// To the next instruction or to the operand's target.
    Branch,
    /// To the next instruction; the target is entered when an exception (or an unwind) reaches the block.
    Handler,
    /// To the target, through the `finally` and `with` handlers of the blocks it leaves.
    Unwind,
    /// Out of the function, or to a handler.
    End,
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpcodeInfo {
    /// Name, as in MicroPython's `py/bc0.h` but in CamelCase.
    pub name: &'static str,
    /// Name in MicroPython's spelling without `MP_BC_`.
    pub mnemonic: &'static str,
    /// How many consecutive codes this opcode has (more than one only when the operand is embedded).
    pub count: u8,
    /// The operand's encoding.
    pub operand: Operand,
    /// Stack effect on the way to the next instruction (or out of the function).
    pub effect: Effect,
    /// Where execution goes.
    pub flow: Flow,
}

macro_rules! opcodes {
    ($( $(#[doc = $doc:literal])* $name:ident $mnemonic:ident = $code:literal * $count:literal, $operand:ident, $effect:ident ( $($n:literal),* ), $flow:ident; )*) => {
        /// An opcode of `.mpy` v6. The number is the code's first (for most: only) byte.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Opcode { $( $(#[doc = $doc])* $name = $code, )* }

        impl Opcode {
            /// Every opcode, in the order of the table.
            pub const ALL: &'static [Opcode] = &[ $( Opcode::$name, )* ];

            /// The table's row.
            pub const fn info(self) -> &'static OpcodeInfo {
                match self { $( Opcode::$name => &OpcodeInfo {
                    name: stringify!($name),
                    mnemonic: stringify!($mnemonic),
                    count: $count,
                    operand: Operand::$operand,
                    effect: opcodes!(@effect $effect $($n)*),
                    flow: Flow::$flow,
                }, )* }
            }
        }
    };
    (@effect PopCount) => { Effect::PopCount };
    (@effect PushCount) => { Effect::PushCount };
    (@effect Unpack) => { Effect::Unpack };
    (@effect Collection) => { Effect::Collection };
    (@effect $effect:ident $($n:literal)+) => { Effect::$effect($($n),+) };
}

opcodes! {
    // Names of the module's qstr table.
    /// `-> str`: the qstr as a string.
    LoadConstString LOAD_CONST_STRING = 0x10 * 1, Qstr, Fixed(0, 1), Next;
    /// `-> value`: look a name up in the locals of a class body or module, then globals, then builtins.
    LoadName LOAD_NAME = 0x11 * 1, Qstr, Fixed(0, 1), Next;
    /// `-> value`: look a name up in globals, then builtins.
    LoadGlobal LOAD_GLOBAL = 0x12 * 1, Qstr, Fixed(0, 1), Next;
    /// `object -> value`: `object.name`.
    LoadAttr LOAD_ATTR = 0x13 * 1, Qstr, Fixed(1, 1), Next;
    /// `object -> function self|NULL`: look up `object.name` for a following [`Opcode::CallMethod`].
    LoadMethod LOAD_METHOD = 0x14 * 1, Qstr, Fixed(1, 2), Next;
    /// `super class self -> function self|NULL`: `super().name`.
    LoadSuperMethod LOAD_SUPER_METHOD = 0x15 * 1, Qstr, Fixed(3, 2), Next;
    /// `value ->`: store in the locals of a class body or module.
    StoreName STORE_NAME = 0x16 * 1, Qstr, Fixed(1, 0), Next;
    /// `value ->`: store in globals.
    StoreGlobal STORE_GLOBAL = 0x17 * 1, Qstr, Fixed(1, 0), Next;
    /// `value|NULL object ->`: `object.name = value`, or delete the attribute.
    StoreAttr STORE_ATTR = 0x18 * 1, Qstr, Fixed(2, 0), Next;
    /// `->`: delete from the locals of a class body or module.
    DeleteName DELETE_NAME = 0x19 * 1, Qstr, Fixed(0, 0), Next;
    /// `->`: delete from globals.
    DeleteGlobal DELETE_GLOBAL = 0x1a * 1, Qstr, Fixed(0, 0), Next;
    /// `level fromlist -> module`: import.
    ImportName IMPORT_NAME = 0x1b * 1, Qstr, Fixed(2, 1), Next;
    /// `module -> module value`: `from module import name`.
    ImportFrom IMPORT_FROM = 0x1c * 1, Qstr, Fixed(1, 2), Next;

    // Unsigned operands, first group (and the one signed int).
    /// `cells -> function`: make child `n` with so many closed-over cells.
    MakeClosure MAKE_CLOSURE = 0x20 * 1, Closure, Closure(0), Next;
    /// `defaults|NULL keyword_defaults|NULL cells -> function`: the same, with default arguments.
    MakeClosureDefargs MAKE_CLOSURE_DEFARGS = 0x21 * 1, Closure, Closure(2), Next;
    /// `-> int`: a small int.
    LoadConstSmallInt LOAD_CONST_SMALL_INT = 0x22 * 1, Int, Fixed(0, 1), Next;
    /// `-> object`: entry `n` of the module's constant table.
    LoadConstObj LOAD_CONST_OBJ = 0x23 * 1, Constant, Fixed(0, 1), Next;
    /// `-> value`: local `n`; an error when it is unbound.
    LoadFastN LOAD_FAST_N = 0x24 * 1, Local, Fixed(0, 1), Next;
    /// `-> value`: content of the cell in local `n`; an error when it is unbound.
    LoadDeref LOAD_DEREF = 0x25 * 1, Local, Fixed(0, 1), Next;
    /// `value ->`: store in local `n`.
    StoreFastN STORE_FAST_N = 0x26 * 1, Local, Fixed(1, 0), Next;
    /// `value ->`: store in the cell in local `n`.
    StoreDeref STORE_DEREF = 0x27 * 1, Local, Fixed(1, 0), Next;
    /// `->`: unbind local `n`; an error when it is unbound.
    DeleteFast DELETE_FAST = 0x28 * 1, Local, Fixed(0, 0), Next;
    /// `->`: unbind the cell in local `n`; an error when it is unbound.
    DeleteDeref DELETE_DEREF = 0x29 * 1, Local, Fixed(0, 0), Next;
    /// `n values -> tuple`.
    BuildTuple BUILD_TUPLE = 0x2a * 1, Count, PopCount(), Next;
    /// `n values -> list`.
    BuildList BUILD_LIST = 0x2b * 1, Count, PopCount(), Next;
    /// `-> dict`: empty; `n` is how many entries will follow.
    BuildMap BUILD_MAP = 0x2c * 1, Count, Fixed(0, 1), Next;
    /// `n values -> set`.
    BuildSet BUILD_SET = 0x2d * 1, Count, PopCount(), Next;
    /// `start stop [step] -> slice`; `n` is 2 or 3.
    BuildSlice BUILD_SLICE = 0x2e * 1, Count, PopCount(), Next;
    /// `value ->` (list, set) or `value key ->` (dict): add to the collection at stack index `n >> 2`, counted from the
    /// top with the items still there (0 is the top).
    StoreComp STORE_COMP = 0x2f * 1, Collection, Collection(), Next;

    // Unsigned operands, second group.
    /// `sequence -> n values`, the first on top.
    UnpackSequence UNPACK_SEQUENCE = 0x30 * 1, Count, PushCount(), Next;
    /// `sequence -> right values, list, left values`, the first on top.
    UnpackEx UNPACK_EX = 0x31 * 1, Unpack, Unpack(), Next;
    /// `-> function`: make child `n`.
    MakeFunction MAKE_FUNCTION = 0x32 * 1, Child, Fixed(0, 1), Next;
    /// `defaults|NULL keyword_defaults|NULL -> function`: make child `n` with default arguments.
    MakeFunctionDefargs MAKE_FUNCTION_DEFARGS = 0x33 * 1, Child, Fixed(2, 1), Next;
    /// `function positionals (key value)s -> result`.
    CallFunction CALL_FUNCTION = 0x34 * 1, Call, Call(1), Next;
    /// `function positionals (key|NULL value)s bitmap -> result`: bit `i` of the int is set when positional `i` is
    /// starred; the value behind a NULL key is double-starred.
    CallFunctionVarKw CALL_FUNCTION_VAR_KW = 0x35 * 1, Call, Call(2), Next;
    /// `function self|NULL positionals (key value)s -> result`.
    CallMethod CALL_METHOD = 0x36 * 1, Call, Call(2), Next;
    /// `function self|NULL positionals (key|NULL value)s bitmap -> result`.
    CallMethodVarKw CALL_METHOD_VAR_KW = 0x37 * 1, Call, Call(3), Next;

    // Jumps and blocks.
    /// `->`: leave so many blocks, running their `finally` and `with` handlers, then jump.
    UnwindJump UNWIND_JUMP = 0x40 * 1, Unwind, Fixed(0, 0), Unwind;
    /// `->`: jump.
    Jump JUMP = 0x42 * 1, Signed, Fixed(0, 0), Jump;
    /// `value ->`: jump when it is true.
    PopJumpIfTrue POP_JUMP_IF_TRUE = 0x43 * 1, Signed, Fixed(1, 0), Branch;
    /// `value ->`: jump when it is false.
    PopJumpIfFalse POP_JUMP_IF_FALSE = 0x44 * 1, Signed, Fixed(1, 0), Branch;
    /// `value ->`: when it is true keep it and jump, else pop it.
    JumpIfTrueOrPop JUMP_IF_TRUE_OR_POP = 0x45 * 1, Forward, Fixed(1, 0), Branch;
    /// `value ->`: when it is false keep it and jump, else pop it.
    JumpIfFalseOrPop JUMP_IF_FALSE_OR_POP = 0x46 * 1, Forward, Fixed(1, 0), Branch;
    /// `manager -> exit self|NULL value`: call `__enter__`, open a `with` block whose handler is entered with one
    /// operand above `exit self`.
    SetupWith SETUP_WITH = 0x47 * 1, Forward, Fixed(1, 3), Handler;
    /// `->`: open an `except` block, whose handler is entered with the exception above the present operands.
    SetupExcept SETUP_EXCEPT = 0x48 * 1, Forward, Fixed(0, 0), Handler;
    /// `->`: open a `finally` block, whose handler is entered with one operand above the present ones.
    SetupFinally SETUP_FINALLY = 0x49 * 1, Forward, Fixed(0, 0), Handler;
    /// `->`: close the innermost (`except`) block and jump.
    PopExceptJump POP_EXCEPT_JUMP = 0x4a * 1, Forward, Fixed(0, 0), Jump;
    /// `iterator[4] -> iterator[4] value`, or, at the iterator's end, `iterator[4] ->` and jump.
    ForIter FOR_ITER = 0x4b * 1, Forward, Fixed(0, 1), Branch;

    // No operand, first group.
    /// `-> False`.
    LoadConstFalse LOAD_CONST_FALSE = 0x50 * 1, None, Fixed(0, 1), Next;
    /// `-> None`.
    LoadConstNone LOAD_CONST_NONE = 0x51 * 1, None, Fixed(0, 1), Next;
    /// `-> True`.
    LoadConstTrue LOAD_CONST_TRUE = 0x52 * 1, None, Fixed(0, 1), Next;
    /// `-> NULL`: the mark of "nothing here".
    LoadNull LOAD_NULL = 0x53 * 1, None, Fixed(0, 1), Next;
    /// `-> function`: the builtin that makes classes.
    LoadBuildClass LOAD_BUILD_CLASS = 0x54 * 1, None, Fixed(0, 1), Next;
    /// `object index -> value`: `object[index]`.
    LoadSubscr LOAD_SUBSCR = 0x55 * 1, None, Fixed(2, 1), Next;
    /// `value|NULL object index ->`: `object[index] = value`, or delete the item.
    StoreSubscr STORE_SUBSCR = 0x56 * 1, None, Fixed(3, 0), Next;
    /// `a -> a a`.
    DupTop DUP_TOP = 0x57 * 1, None, Fixed(1, 2), Next;
    /// `a b -> a b a b`.
    DupTopTwo DUP_TOP_TWO = 0x58 * 1, None, Fixed(2, 4), Next;
    /// `a ->`.
    PopTop POP_TOP = 0x59 * 1, None, Fixed(1, 0), Next;
    /// `a b -> b a`.
    RotTwo ROT_TWO = 0x5a * 1, None, Fixed(2, 2), Next;
    /// `a b c -> c a b`.
    RotThree ROT_THREE = 0x5b * 1, None, Fixed(3, 3), Next;
    /// `exit self|NULL state -> state`: call `__exit__`; it may turn an exception in `state` into None.
    WithCleanup WITH_CLEANUP = 0x5c * 1, None, Fixed(3, 1), Next;
    /// `state ->`: close the innermost block; go on after None, raise an exception, continue an unwind.
    EndFinally END_FINALLY = 0x5d * 1, None, Fixed(1, 0), Next;
    /// `iterable -> iterator`.
    GetIter GET_ITER = 0x5e * 1, None, Fixed(1, 1), Next;
    /// `iterable -> iterator[4]`: an iterator that may live in four stack words.
    GetIterStack GET_ITER_STACK = 0x5f * 1, None, Fixed(1, 4), Next;

    // No operand, second group.
    /// `dict value key -> dict`: `dict[key] = value`.
    StoreMap STORE_MAP = 0x62 * 1, None, Fixed(3, 1), Next;
    /// `value ->`: return it, through the `finally` and `with` handlers of open blocks.
    ReturnValue RETURN_VALUE = 0x63 * 1, None, Fixed(1, 0), End;
    /// `->`: raise the exception being handled again.
    RaiseLast RAISE_LAST = 0x64 * 1, None, Fixed(0, 0), End;
    /// `exception ->`: raise it.
    RaiseObj RAISE_OBJ = 0x65 * 1, None, Fixed(1, 0), End;
    /// `exception cause ->`: raise it.
    RaiseFrom RAISE_FROM = 0x66 * 1, None, Fixed(2, 0), End;
    /// `value -> sent`: give the value to the generator's caller, take what it sends.
    YieldValue YIELD_VALUE = 0x67 * 1, None, Fixed(1, 1), Next;
    /// `iterator sent -> result`: yield all that the iterator yields; its result is what it returns.
    YieldFrom YIELD_FROM = 0x68 * 1, None, Fixed(2, 1), Next;
    /// `module ->`: `from module import *`.
    ImportStar IMPORT_STAR = 0x69 * 1, None, Fixed(1, 0), Next;

    // Operand embedded in the opcode.
    /// `-> int`: -16 (0x70) to 47 (0xaf).
    LoadConstSmallIntMulti LOAD_CONST_SMALL_INT_MULTI = 0x70 * 64, Embedded, Fixed(0, 1), Next;
    /// `-> value`: local 0 to 15; an error when it is unbound.
    LoadFastMulti LOAD_FAST_MULTI = 0xb0 * 16, Embedded, Fixed(0, 1), Next;
    /// `value ->`: store in local 0 to 15.
    StoreFastMulti STORE_FAST_MULTI = 0xc0 * 16, Embedded, Fixed(1, 0), Next;
    /// `value -> result`: a [`crate::UnaryOperator`].
    UnaryOpMulti UNARY_OP_MULTI = 0xd0 * 4, Embedded, Fixed(1, 1), Next;
    /// `left right -> result`: a [`crate::BinaryOperator`].
    BinaryOpMulti BINARY_OP_MULTI = 0xd7 * 35, Embedded, Fixed(2, 1), Next;
}

/// What [`Opcode::LoadConstSmallIntMulti`] subtracts from its embedded operand.
pub const SMALL_INT_MULTI_EXCESS: i64 = 16;

/// Words that an iterator takes on the operand stack ([`Opcode::GetIterStack`], [`Opcode::ForIter`]).
pub const ITERATOR_WORDS: u32 = 4;

impl Opcode {
    /// The opcode that a byte belongs to; `None` for bytes that v6 leaves free.
    pub const fn decode(byte: u8) -> Option<Opcode> {
        DECODE[byte as usize]
    }

    /// How many consecutive bytes, from the opcode's number on, mean this opcode.
    pub const fn count(self) -> u8 {
        self.info().count
    }

    /// The byte of a multi opcode with the embedded operand `n`; `None` when `n` is too large for it (or the opcode has
    /// no embedded operand and `n` is not 0).
    pub const fn with(self, n: u8) -> Option<u8> {
        if n < self.count() { Some(self as u8 + n) } else { None }
    }
}

/// Built from the table, so that decoding is one load.
static DECODE: [Option<Opcode>; 256] = {
    let mut decode = [None; 256];
    let mut row = 0;
    while row < Opcode::ALL.len() {
        let opcode = Opcode::ALL[row];
        let mut n = 0;
        while n < opcode.count() {
            decode[opcode as usize + n as usize] = Some(opcode);
            n += 1;
        }
        row += 1;
    }
    decode
};

#[cfg(test)]
mod tests {
    use super::*;

    /// v6 spreads its operand formats over the high nibble (the number is MicroPython's `MP_BC_FORMAT`).
    #[test]
    fn operand_kinds_agree_with_the_format_nibble() {
        for &opcode in Opcode::ALL {
            let format = (0x3a4_u32 >> (2 * (opcode as u32 >> 4))) & 3;
            let expected = match opcode.info().operand {
                Operand::None | Operand::Embedded => 0,
                Operand::Qstr => 1,
                Operand::Forward | Operand::Signed | Operand::Unwind => 3,
                _ => 2,
            };
            assert_eq!(format, expected, "{}", opcode.info().name);
        }
    }

    #[test]
    fn codes_do_not_overlap() {
        let codes: usize = Opcode::ALL.iter().map(|opcode| usize::from(opcode.count())).sum();
        let decoded = (0..=255).filter(|&byte| Opcode::decode(byte).is_some()).count();
        assert_eq!(codes, decoded);
    }

    #[test]
    fn names_and_mnemonics_say_the_same() {
        for &opcode in Opcode::ALL {
            let info = opcode.info();
            let camel: std::string::String = info
                .mnemonic
                .split('_')
                .flat_map(|word| word.chars().enumerate().map(|(i, c)| if i == 0 { c } else { c.to_ascii_lowercase() }))
                .collect();
            assert_eq!(camel, info.name);
        }
    }
}
