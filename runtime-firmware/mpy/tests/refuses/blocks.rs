//! Blocks, their handlers, and unwinding.

use super::*;

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
    // A place that only the handler jumps back to, with too few operands.
    let back = |pops: Vec<u8>| {
        let distance = -3 - pops.len() as i32;
        [code![LoadConstNone SetupExcept 2 RaiseLast RaiseLast], pops, code![Jump[distance]]].concat()
    };
    accepted(back(code![PopTop]));
    refused(back(code![PopTop PopTop]), Kind::BelowBlock);
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
    // Whether an outer block is active is seen from where the inner one's handler ends: here, behind the outer handler.
    refused(
        code![SetupFinally 5 SetupFinally 6 UnwindJump [2] 2 EndFinally LoadConstNone ReturnValue
            EndFinally LoadConstNone ReturnValue],
        Kind::UnwindDepth,
    );
    accepted(code![SetupFinally 6 LoadConstNone SetupFinally 6 UnwindJump [2] 2 EndFinally LoadConstNone ReturnValue
            EndFinally LoadConstNone ReturnValue]);
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
