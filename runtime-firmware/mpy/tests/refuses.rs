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

#[test]
fn depth() {
    refused(code![ReturnValue], Kind::StackUnderflow);
    refused(code![PopTop LoadConstNone ReturnValue], Kind::StackUnderflow);
    refused(code![LoadConstNone 0xf2 ReturnValue], Kind::StackUnderflow);
    refused(code![LoadConstNone DupTopTwo ReturnValue], Kind::StackUnderflow);
    refused(code![LoadConstNone LoadConstNone RotThree ReturnValue], Kind::StackUnderflow);
    refused(code![BuildTuple 1 ReturnValue], Kind::StackUnderflow);
    refused(code![BuildTuple 0x8f 0xff 0xff 0xff 0x7f ReturnValue], Kind::StackUnderflow);
    accepted(code![BuildTuple 0 ReturnValue]);
    // Function, one positional, one keyword pair.
    let call = |loads| {
        [
            vec![LoadConstNone as u8; loads],
            code![
                CallFunction 0x82 1 ReturnValue
            ],
        ]
        .concat()
    };
    accepted(call(4));
    refused(call(3), Kind::StackUnderflow);
    let loads = |n| [vec![LoadConstNone as u8; n], code![ReturnValue]].concat();
    assert_eq!(accepted(loads(12)).max_depth, 12);
    refused(loads(13), Kind::StackOverflow);
    refused(code![LoadConstNone UnpackSequence 13 ReturnValue], Kind::StackOverflow);
    refused(code![LoadConstNone UnpackEx 0x84 0x80 0 ReturnValue], Kind::BadOperand);
    refused(code![LoadConstNone UnpackEx 12 ReturnValue], Kind::StackOverflow);
    // A loop that pushes.
    refused(code![LoadConstNone Jump [-3]], Kind::DepthMismatch);
    // Two ways with different depths.
    refused(code![LoadConstNone PopJumpIfTrue [1] LoadConstNone LoadConstNone ReturnValue], Kind::DepthMismatch);
    accepted(code![LoadConstNone JumpIfTrueOrPop 1 LoadConstNone ReturnValue]);
    refused(code![LoadConstNone JumpIfTrueOrPop 0 ReturnValue], Kind::DepthMismatch);
}

#[test]
fn null_is_no_value() {
    refused(code![LoadNull ReturnValue], Kind::OperandKind);
    refused(code![LoadNull 0xc0 LoadConstNone ReturnValue], Kind::OperandKind);
    refused(code![LoadNull RaiseObj], Kind::OperandKind);
    refused(code![LoadNull DupTop RotTwo PopTop ReturnValue], Kind::OperandKind);
    refused(code![LoadNull PopJumpIfTrue [0] LoadConstNone ReturnValue], Kind::OperandKind);
    refused(code![LoadNull GetIter ReturnValue], Kind::OperandKind);
    refused(code![LoadNull BuildList 1 ReturnValue], Kind::OperandKind);
    // The self that a method lookup may leave.
    refused(code![LoadConstNone LoadMethod 1 ReturnValue], Kind::OperandKind);
    accepted(code![LoadConstNone LoadMethod 1 CallMethod 0 ReturnValue]);
    accepted(code![LoadConstNone LoadNull CallMethod 0 ReturnValue]);
    refused(code![LoadNull LoadConstNone CallMethod 0 ReturnValue], Kind::OperandKind);
    refused(code![LoadNull CallFunction 0 ReturnValue], Kind::OperandKind);
    // Keywords: NULL only in a starred call.
    let keyword = |call, tail: Vec<u8>| {
        [code![LoadConstNone LoadNull LoadConstNone], tail, code![call 0x82 0 ReturnValue]].concat()
    };
    refused(keyword(CallFunction, vec![]), Kind::OperandKind);
    accepted(keyword(CallFunctionVarKw, code![LoadConstNone]));
    refused(keyword(CallFunctionVarKw, code![LoadNull]), Kind::OperandKind);
    // Deleting.
    accepted(code![LoadNull LoadConstNone StoreAttr 1 LoadConstNone ReturnValue]);
    refused(code![LoadConstNone LoadNull StoreAttr 1 LoadConstNone ReturnValue], Kind::OperandKind);
    accepted(code![LoadNull LoadConstNone LoadConstNone StoreSubscr LoadConstNone ReturnValue]);
    refused(code![LoadConstNone LoadConstNone LoadNull StoreSubscr LoadConstNone ReturnValue], Kind::OperandKind);
    // Where a value and NULL meet there is no value.
    let meet = |load| {
        code![
            LoadConstNone PopJumpIfTrue [3] load Jump [1] LoadConstNone ReturnValue
        ]
    };
    accepted(meet(LoadConstNone));
    refused(meet(LoadNull), Kind::OperandKind);
    // Also when it comes round a loop later.
    refused(code![LoadConstNone DupTop 0xc0 LoadNull RotTwo PopJumpIfTrue [-6] ReturnValue], Kind::OperandKind);
    // A collection must be one.
    accepted(code![BuildList 0 LoadConstNone StoreComp 4 ReturnValue]);
    refused(code![LoadNull LoadConstNone StoreComp 4 ReturnValue], Kind::OperandKind);
    refused(code![BuildList 0 LoadConstNone StoreComp 0 ReturnValue], Kind::StackUnderflow);
    refused(code![BuildList 0 LoadConstNone StoreComp 8 ReturnValue], Kind::StackUnderflow);
    refused(code![LoadConstNone LoadConstNone StoreComp 5 LoadConstNone ReturnValue], Kind::StackUnderflow);
}

#[test]
fn iterators_are_left_alone() {
    let iterate = |body: Vec<u8>| {
        let length = body.len() as i32;
        [code![LoadConstNone GetIterStack ForIter (length + 2)], body, code![Jump[-length - 4]]].concat()
    };
    let legal = |body| [iterate(body), code![LoadConstNone ReturnValue]].concat();
    accepted(legal(code![PopTop]));
    refused(legal(code![PopTop PopTop]), Kind::DepthMismatch);
    // Its words cannot be moved, copied, stored, or returned.
    let spoil = |word| code![LoadConstNone GetIterStack word LoadConstNone ReturnValue];
    accepted(spoil(PopTop));
    for word in [DupTop, DupTopTwo, RotTwo, RotThree, GetIter, LoadSubscr] {
        refused(spoil(word), Kind::OperandKind);
    }
    refused(code![LoadConstNone GetIterStack 0xc0 LoadConstNone ReturnValue], Kind::OperandKind);
    refused(code![LoadConstNone GetIterStack ReturnValue], Kind::OperandKind);
    // `FOR_ITER` needs all four of them.
    let four = |words: [Opcode; 4]| {
        [code![(words[0])(words[1])(words[2])(words[3])], code![ForIter 3 PopTop Jump [-5] LoadConstNone ReturnValue]]
            .concat()
    };
    accepted(four([LoadNull, LoadConstNone, LoadNull, LoadNull]));
    refused(four([LoadConstNone, LoadConstNone, LoadNull, LoadNull]), Kind::Iterator);
    refused(four([LoadNull, LoadNull, LoadNull, LoadNull]), Kind::Iterator);
    refused(four([LoadNull, LoadConstNone, LoadNull, LoadConstNone]), Kind::Iterator);
    refused(four([LoadConstNone, LoadConstNone, LoadConstNone, LoadConstNone]), Kind::Iterator);
    // Words of two iterators do not make one.
    refused(
        code![
            LoadConstNone GetIterStack PopTop LoadConstNone GetIterStack PopTop ForIter 1 ReturnValue ReturnValue
        ],
        Kind::Iterator,
    );
    // Nor does a value that takes one's place on another path.
    refused(
        code![
            LoadConstNone GetIterStack LoadConstNone PopJumpIfTrue [2] PopTop LoadConstNone ForIter 1 ReturnValue
            LoadConstNone ReturnValue
        ],
        Kind::KindMismatch,
    );
    // Made by hand and then met as one, it is one.
    refused(
        code![
            LoadNull LoadConstNone LoadNull LoadNull ForIter 2 PopTop ReturnValue LoadConstNone ReturnValue
        ],
        Kind::OperandKind,
    );
}

#[test]
fn blocks() {
    // try: None; except: return exception
    let except = |body: Vec<u8>, handler: Vec<u8>| {
        let length = body.len() as i32;
        let end = handler.len() as i32;
        [
            code![SetupExcept(length + 2)],
            body,
            code![PopExceptJump end],
            handler,
            code![
                LoadConstNone ReturnValue
            ],
        ]
        .concat()
    };
    let facts = accepted(except(vec![], code![ReturnValue]));
    assert_eq!(facts, Facts { n_locals: 0, max_depth: 1, max_blocks: 1 });
    accepted(except(vec![], code![PopTop PopExceptJump 1 EndFinally]));
    refused(except(vec![], code![PopTop]), Kind::BlockMismatch);
    refused(except(vec![], code![PopTop PopTop]), Kind::StackUnderflow);
    refused(except(code![LoadConstNone], vec![0x59]), Kind::DepthMismatch);
    refused(code![PopExceptJump 0 LoadConstNone ReturnValue], Kind::NoBlock);
    refused(code![SetupFinally 2 PopExceptJump 0 LoadConstNone ReturnValue], Kind::NoBlock);
    // More blocks than the prelude says.
    let nested =
        |n: usize| [[SetupExcept as u8, 6].repeat(n), code![LoadConstNone ReturnValue], vec![0x63; 8]].concat();
    assert_eq!(accepted(nested(3)).max_blocks, 3);
    refused(nested(4), Kind::BlockOverflow);
    // Paths with different blocks meet.
    refused(
        code![
            LoadConstNone PopJumpIfTrue [2] SetupExcept 2 LoadConstNone ReturnValue ReturnValue
        ],
        Kind::BlockMismatch,
    );
    // A loop that opens blocks.
    refused(code![SetupExcept 2 Jump [-4] ReturnValue], Kind::BlockMismatch);
}

#[test]
fn waiting_handlers_keep_their_operands() {
    // One operand below the block; the handler returns it.
    let below = |body: Vec<u8>| {
        let length = body.len() as i32;
        [code![LoadConstNone SetupExcept length], body, code![PopTop ReturnValue]].concat()
    };
    accepted(below(code![LoadConstNone ReturnValue]));
    refused(below(code![ReturnValue]), Kind::BelowBlock);
    refused(below(code![PopTop LoadConstNone ReturnValue]), Kind::BelowBlock);
    refused(below(code![0xd3 ReturnValue]), Kind::BelowBlock);
    refused(below(code![LoadConstNone 0xf2 ReturnValue]), Kind::BelowBlock);
    // Moving is allowed, if the handler can live with the result.
    accepted(below(code![LoadConstNone RotTwo ReturnValue]));
    refused(below(code![LoadNull RotTwo ReturnValue]), Kind::OperandKind);
    refused(below(code![LoadNull RotTwo PopTop LoadConstNone ReturnValue]), Kind::OperandKind);
    // The operand below may be NULL from the start; then the handler may not return it.
    refused(code![LoadNull SetupExcept 2 LoadConstNone ReturnValue PopTop ReturnValue], Kind::OperandKind);
    // No room for the handler's operand.
    let full = [vec![LoadConstNone as u8; 12], code![SetupExcept 1 Jump [-2] ReturnValue]].concat();
    refused(full[..full.len() - 3].iter().copied().chain(code![RaiseLast ReturnValue]).collect(), Kind::StackOverflow);
}

#[test]
fn finally_handlers_end_as_they_should() {
    // try: pass; finally: handler
    let finally = |handler: Vec<u8>| {
        [code![SetupFinally 1 LoadConstNone], handler, code![EndFinally LoadConstNone ReturnValue]].concat()
    };
    assert_eq!(accepted(finally(vec![])).max_blocks, 1);
    accepted(finally(code![LoadConstNone PopTop]));
    refused(finally(code![LoadConstNone]), Kind::HandlerDepth);
    refused(finally(code![PopTop]), Kind::StackUnderflow);
    refused(finally(code![PopTop LoadNull]), Kind::OperandKind);
    refused(code![EndFinally LoadConstNone ReturnValue], Kind::StackUnderflow);
    refused(code![LoadConstNone EndFinally LoadConstNone ReturnValue], Kind::NoBlock);
    // Ended before it began.
    refused(code![SetupFinally 2 LoadConstNone EndFinally LoadConstNone ReturnValue], Kind::NotInHandler);
    // Two ends.
    refused(
        code![
            SetupFinally 1 LoadConstNone LoadConstNone PopJumpIfTrue [3] EndFinally LoadConstNone ReturnValue
            EndFinally LoadConstNone ReturnValue
        ],
        Kind::TwoEnds,
    );
    // A finally block may consume one operand of its own (as `async with` does), but not two.
    let consuming = |loads: usize, pops: usize| {
        [
            vec![LoadConstNone as u8; loads],
            code![SetupFinally 1 RaiseLast],
            [RotTwo as u8, PopTop as u8].repeat(pops),
            code![EndFinally LoadConstNone ReturnValue],
        ]
        .concat()
    };
    accepted(consuming(2, 0));
    accepted(consuming(2, 1));
    refused(consuming(2, 2), Kind::HandlerDepth);
}

#[test]
fn with_handlers_end_as_they_should() {
    // with None: pass
    let with = |handler: Vec<u8>| {
        [code![LoadConstNone SetupWith 2 PopTop LoadConstNone], handler, code![LoadConstNone ReturnValue]].concat()
    };
    assert_eq!(accepted(with(code![WithCleanup EndFinally])), Facts { n_locals: 0, max_depth: 3, max_blocks: 1 });
    refused(with(code![EndFinally]), Kind::HandlerDepth);
    refused(with(code![WithCleanup WithCleanup EndFinally]), Kind::StackUnderflow);
    refused(with(code![LoadConstNone WithCleanup EndFinally]), Kind::HandlerDepth);
    refused(with(code![PopTop LoadNull WithCleanup EndFinally]), Kind::OperandKind);
    refused(with(code![RotThree WithCleanup EndFinally]), Kind::OperandKind);
    refused(code![LoadConstNone LoadConstNone LoadConstNone WithCleanup ReturnValue], Kind::NoBlock);
    refused(
        code![
            LoadConstNone LoadConstNone LoadConstNone SetupFinally 2 WithCleanup ReturnValue ReturnValue
        ],
        Kind::BelowBlock,
    );
    refused(
        code![
            LoadConstNone SetupWith 2 WithCleanup ReturnValue WithCleanup EndFinally LoadConstNone ReturnValue
        ],
        Kind::BelowBlock,
    );
    // The handler's own operands are kept from the body.
    refused(
        code![
            LoadConstNone SetupWith 3 PopTop PopTop LoadConstNone WithCleanup EndFinally LoadConstNone ReturnValue
        ],
        Kind::BelowBlock,
    );
}

#[test]
fn unwinding() {
    // while True: try: break; finally: pass
    let unwind = |blocks: i32, body: Vec<u8>| {
        [code![SetupFinally(body.len() as i32 + 4)], body, code![UnwindJump [3] blocks], code![LoadConstNone]]
            .concat()
            .into_iter()
            .chain(code![EndFinally LoadConstNone ReturnValue])
            .collect::<Vec<u8>>()
    };
    accepted(unwind(1, vec![]));
    refused(unwind(0, vec![]), Kind::UnwindCount);
    refused(unwind(2, vec![]), Kind::UnwindCount);
    refused(unwind(0x81, vec![]), Kind::StackUnderflow);
    refused(unwind(1, code![LoadConstNone]), Kind::UnwindDepth);
    // What the target expects comes from the handler's end.
    let consuming = |tail: Vec<u8>| {
        [
            code![
                LoadConstNone LoadConstNone SetupFinally 3 UnwindJump [4] 1 RotTwo PopTop EndFinally
            ],
            tail,
        ]
        .concat()
    };
    accepted(consuming(code![ReturnValue]));
    refused(consuming(code![PopTop ReturnValue]), Kind::StackUnderflow);
    // Out of an active finally: its operand goes.
    let active = |body: Vec<u8>| {
        [code![SetupFinally 1 LoadConstNone], body, code![UnwindJump [2] 1 EndFinally LoadConstNone ReturnValue]]
            .concat()
    };
    accepted(active(vec![]));
    refused(active(code![LoadConstNone]), Kind::UnwindDepth);
    refused(active(code![PopTop]), Kind::UnwindDepth);
    refused(active(code![PopTop LoadNull]), Kind::OperandKind);
    // Out of an active with: never.
    refused(
        code![
            LoadConstNone SetupWith 2 PopTop LoadConstNone UnwindJump [3] 1 WithCleanup EndFinally LoadConstNone
            ReturnValue
        ],
        Kind::UnwindCleanup,
    );
    // A loop's iterator below, popped or not.
    let from_loop = |blocks: i32, tail: Vec<u8>| {
        [
            code![
                LoadConstNone GetIterStack SetupExcept 3 UnwindJump [3] blocks PopTop RaiseLast
            ],
            tail,
        ]
        .concat()
    };
    assert_eq!(accepted(from_loop(0x81, code![LoadConstNone ReturnValue])).max_depth, 5);
    accepted(from_loop(1, code![PopTop LoadConstNone ReturnValue]));
    refused(from_loop(0x81, code![PopTop LoadConstNone ReturnValue]), Kind::StackUnderflow);
    // Values where the iterator should be.
    refused(
        code![
            LoadConstNone LoadConstNone LoadConstNone LoadConstNone SetupExcept 3 UnwindJump [2] 0x81 PopTop
            RaiseLast LoadConstNone ReturnValue
        ],
        Kind::Iterator,
    );
}

#[test]
fn the_swap_of_async_with() {
    // A handler entered with two words: it swaps them with a pair of rotations, and drops the upper one.
    let swap = |rotations: Vec<u8>| {
        [code![LoadConstNone SetupFinally 1 RaiseLast], rotations, code![PopTop EndFinally LoadConstNone ReturnValue]]
            .concat()
    };
    assert_eq!(accepted(swap(code![RotThree RotThree])).max_depth, 2);
    accepted(swap(code![RotTwo]));
    refused(swap(code![RotThree]), Kind::StackUnderflow);
    refused(swap(code![RotThree RotThree RotThree]), Kind::StackUnderflow);
    accepted(swap(code![RotThree RotThree RotThree RotThree]));
    // At another depth, in another block or before the handler it is a rotation of three.
    refused(code![LoadConstNone LoadConstNone RotThree RotThree ReturnValue], Kind::StackUnderflow);
    refused(code![LoadConstNone SetupExcept 1 RaiseLast RotThree RotThree PopTop ReturnValue], Kind::StackUnderflow);
    refused(code![SetupFinally 4 LoadConstNone LoadConstNone RotThree RotThree ReturnValue], Kind::StackUnderflow);
    // The kinds are swapped, not rotated: the lowest stays NULL.
    let kinds = |tail: Vec<u8>| {
        [
            code![
                LoadNull LoadConstNone SetupFinally 1 RaiseLast RotThree RotThree PopTop EndFinally
            ],
            tail,
        ]
        .concat()
    };
    accepted(kinds(code![PopTop LoadConstNone ReturnValue]));
    refused(kinds(code![ReturnValue]), Kind::OperandKind);
    // An iterator's word is not swapped either.
    refused(
        code![
            LoadConstNone GetIterStack SetupFinally 1 RaiseLast RotThree RotThree PopTop ReturnValue
        ],
        Kind::OperandKind,
    );
}
