//! Hostile functions, one for each of the verifier's rules, and next to each the nearest one that is legal.

use mpy::Opcode::{self, *};
use mpy::reader::File;
use mpy::verify::{Facts, Limits, STATE_MAX, scratch_words, verify_function};
use mpy::{Constant, Function, Module, VerifyErrorKind as Kind, encode, scope};

/// An operand-less opcode, or one with its operand bytes.
enum Code {
    Op(Opcode),
    Byte(u8),
}

impl From<Opcode> for Code {
    fn from(opcode: Opcode) -> Code {
        Code::Op(opcode)
    }
}

impl From<i32> for Code {
    fn from(byte: i32) -> Code {
        Code::Byte(byte as u8)
    }
}

macro_rules! part {
    ([$distance:expr]) => {
        Code::from(to($distance))
    };
    ($part:expr) => {
        Code::from($part)
    };
}

/// Bytecode: opcodes, operand bytes, and `[distance]` for the one byte of a signed jump.
macro_rules! code {
    ($($part:tt)*) => {
        [$(part!($part)),*].iter().map(|part| match part {
            Code::Op(opcode) => *opcode as u8,
            Code::Byte(byte) => *byte,
        }).collect::<Vec<u8>>()
    };
}

mod blocks;
mod operands;

/// A function with room for a few locals, operands and blocks.
fn function(code: Vec<u8>) -> Function {
    Function { n_state: 12, n_exc_stack: 3, code, ..Default::default() }
}

/// Verifies a function that is a module's own code, in a file with two names and one constant.
fn verify(root: Function) -> Result<Facts, Kind> {
    let module = Module {
        small_int_bits: 31,
        qstrs: vec![b"hostile.py".to_vec(), b"name".to_vec()],
        constants: vec![Constant::None],
        root,
    };
    let bytes = encode(&module).expect("the tree fits the format");
    let file = File::open(&bytes).expect("the file is sound");
    let root = file.root().expect("a root");
    verify_function(Limits::of(&file), &root, &mut vec![0; scratch_words(&root)]).map_err(|error| error.kind)
}

#[track_caller]
fn refused(code: Vec<u8>, kind: Kind) {
    assert_eq!(verify(function(code)), Err(kind));
}

#[track_caller]
fn accepted(code: Vec<u8>) -> Facts {
    verify(function(code)).expect("the legal one is accepted")
}

/// A jump's offset byte: one-byte signed.
fn to(distance: i32) -> i32 {
    distance + 0x40
}

#[test]
fn the_model_of_a_legal_function() {
    let facts = accepted(code![LoadConstNone 0xc3 LoadConstNone ReturnValue]);
    assert_eq!(facts, Facts { n_locals: 4, max_depth: 1, max_blocks: 0 });
}

#[test]
fn prelude() {
    let legal = || function(code![LoadConstNone ReturnValue]);
    assert!(verify(legal()).is_ok());
    assert_eq!(verify(Function { n_state: STATE_MAX + 1, ..legal() }), Err(Kind::StateTooLarge));
    assert_eq!(verify(Function { n_exc_stack: 64, ..legal() }), Err(Kind::TooManyBlocks));
    assert_eq!(verify(Function { name: 1, ..legal() }).map(|facts| facts.n_locals), Ok(0));
    assert_eq!(verify(Function { n_def_pos_args: 1, ..legal() }), Err(Kind::Arguments));
    let arguments = |n: u16| Function { n_pos_args: n, arg_names: vec![1; usize::from(n)], ..legal() };
    assert_eq!(verify(arguments(11)).map(|facts| facts.n_locals), Ok(11));
    // No room for the operand, then none for the arguments.
    assert_eq!(verify(arguments(12)), Err(Kind::StackOverflow));
    assert_eq!(verify(arguments(13)), Err(Kind::Arguments));
    let starred = scope::VAR_ARGUMENTS | scope::VAR_KEYWORDS;
    assert_eq!(verify(Function { scope_flags: starred, ..arguments(9) }).map(|facts| facts.n_locals), Ok(11));
    assert_eq!(verify(Function { scope_flags: starred, ..arguments(11) }), Err(Kind::Arguments));
    assert_eq!(verify(Function { cells: vec![0, 10], ..legal() }).map(|facts| facts.n_locals), Ok(11));
    assert_eq!(verify(Function { cells: vec![0, 12], ..legal() }), Err(Kind::CellIndex));
}

/// What the encoder would not write: the bytes are changed behind it.
#[test]
fn names_beyond_the_table() {
    let change = |from: &[u8], to: &[u8]| {
        let root = Function {
            n_pos_args: 1,
            arg_names: vec![1],
            name: 0,
            ..function(code![LoadConstNone LoadConstNone PopTop ReturnValue])
        };
        let qstrs = vec![b"hostile.py".to_vec(), b"name".to_vec()];
        let module = Module { small_int_bits: 31, qstrs, constants: vec![], root };
        let mut bytes = encode(&module).expect("fits");
        let at = bytes.windows(from.len()).position(|window| window == from).expect("the names are there");
        bytes[at..at + to.len()].copy_from_slice(to);
        let file = File::open(&bytes).expect("the file is sound");
        let root = file.root().expect("a root");
        verify_function(Limits::of(&file), &root, &mut vec![0; scratch_words(&root)]).map_err(|error| error.kind)
    };
    // Name 0, argument name 1, then the code.
    let (from, code) = ([0, 1, 0x51, 0x51], [0x51, 0x51]);
    assert!(change(&from, &from).is_ok());
    assert_eq!(change(&from, &[2, 1, code[0], code[1]]), Err(Kind::NameIndex));
    assert_eq!(change(&from, &[0, 2, code[0], code[1]]), Err(Kind::NameIndex));
}

#[test]
fn instructions() {
    refused(vec![], Kind::RunsOff);
    refused(vec![0x00], Kind::UnknownOpcode);
    refused(vec![0xd4], Kind::UnknownOpcode);
    refused(vec![0xfa], Kind::UnknownOpcode);
    refused(code![LoadGlobal], Kind::Truncated);
    refused(code![LoadGlobal 0x80], Kind::Truncated);
    refused(code![UnwindJump[0]], Kind::Truncated);
    refused(code![LoadFastN 0x81 0x80 0x80 0x80 0x80 0x80 0 ReturnValue], Kind::BadOperand);
    refused(code![BuildSlice 1 ReturnValue], Kind::BadOperand);
    refused(code![BuildSlice 4 ReturnValue], Kind::BadOperand);
    refused(code![BuildSlice 0x80 2 ReturnValue], Kind::BadOperand);
    refused(code![CallFunction 0x84 0x80 0 ReturnValue], Kind::BadOperand);
    refused(code![BuildMap 0x87 0x7f ReturnValue], Kind::BadOperand);
    accepted(code![BuildMap 3 ReturnValue]);
    // Code that cannot be reached must decode too.
    refused(code![LoadConstNone ReturnValue 0x01], Kind::UnknownOpcode);
    refused(code![LoadConstNone ReturnValue LoadGlobal], Kind::Truncated);
    refused(code![LoadConstNone ReturnValue LoadGlobal 2], Kind::QstrIndex);
    accepted(code![LoadConstNone ReturnValue LoadGlobal 1]);
}

#[test]
fn tables() {
    accepted(code![LoadGlobal 1 ReturnValue]);
    refused(code![LoadGlobal 2 ReturnValue], Kind::QstrIndex);
    accepted(code![LoadConstObj 0 ReturnValue]);
    refused(code![LoadConstObj 1 ReturnValue], Kind::ConstantIndex);
    refused(code![LoadFastN 12 ReturnValue], Kind::LocalIndex);
    refused(code![0xbf ReturnValue], Kind::LocalIndex);
    // The last word of state is a local: no room for an operand.
    refused(code![LoadFastN 11 ReturnValue], Kind::StackOverflow);
    accepted(code![LoadFastN 10 ReturnValue]);
    refused(code![MakeFunction 0 ReturnValue], Kind::ChildIndex);
    refused(code![LoadConstNone MakeClosure 0 1 ReturnValue], Kind::ChildIndex);

    let child = |n_pos_args| Function {
        n_pos_args,
        arg_names: vec![1; usize::from(n_pos_args)],
        ..function(code![LoadConstNone ReturnValue])
    };
    let closure = |n_pos_args| Function {
        children: vec![child(0), child(n_pos_args)],
        ..function(code![LoadConstNone LoadConstNone MakeClosure 1 2 ReturnValue])
    };
    assert!(verify(closure(2)).is_ok());
    assert_eq!(verify(closure(1)), Err(Kind::CellCount));
    let make = |n| Function {
        children: vec![child(0)],
        ..function(code![
            MakeFunction n ReturnValue
        ])
    };
    assert!(verify(make(0)).is_ok());
    assert_eq!(verify(make(1)), Err(Kind::ChildIndex));
}

#[test]
fn closures_out_of_order_are_limited() {
    let child = function(code![LoadConstNone ReturnValue]);
    let rounds = |rounds: usize| {
        let pair = code![MakeClosure 1 0 PopTop MakeClosure 0 0 PopTop];
        let code = [pair.repeat(rounds), code![LoadConstNone ReturnValue]].concat();
        verify(Function { children: vec![child.clone(), child.clone()], ..function(code) })
    };
    assert!(rounds(1000).is_ok());
    assert_eq!(rounds(1002), Err(Kind::TooComplex));
}

#[test]
fn small_ints_fit_the_file() {
    let int = |value: i64| {
        let mut code = vec![LoadConstSmallInt as u8];
        code.extend(mpy::varint::int(value).as_slice());
        code.push(ReturnValue as u8);
        verify(function(code))
    };
    for value in [0, -1, (1 << 30) - 1, -(1 << 30)] {
        assert!(int(value).is_ok(), "{value}");
    }
    for value in [1 << 30, -(1 << 30) - 1, i64::MAX, i64::MIN] {
        assert_eq!(int(value), Err(Kind::SmallInt), "{value}");
    }
}

#[test]
fn jumps() {
    accepted(code![Jump [0] LoadConstNone ReturnValue]);
    refused(code![Jump [2] LoadConstNone ReturnValue], Kind::JumpOutside);
    refused(code![Jump [-3] LoadConstNone ReturnValue], Kind::JumpOutside);
    refused(code![Jump [1] LoadGlobal 1 ReturnValue], Kind::JumpInside);
    refused(code![LoadConstNone ReturnValue Jump [-1]], Kind::JumpInside);
    refused(code![SetupFinally 1 LoadGlobal 1 ReturnValue], Kind::JumpInside);
    refused(code![LoadConstNone], Kind::RunsOff);
    refused(code![LoadConstNone PopJumpIfTrue [-3]], Kind::RunsOff);
    accepted(code![Jump[-2]]);
    accepted(code![LoadConstNone ReturnValue LoadConstNone]);
}

#[test]
fn yields_only_in_generators() {
    let yields = code![LoadConstNone YieldValue ReturnValue];
    refused(yields.clone(), Kind::Yield);
    let generator = Function { scope_flags: scope::GENERATOR, ..function(yields) };
    assert!(verify(generator).is_ok());
    refused(code![LoadConstNone LoadConstNone YieldFrom ReturnValue], Kind::Yield);
}
