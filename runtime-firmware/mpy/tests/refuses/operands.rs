//! Depths and kinds of operands, and iterators.

use super::*;

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
