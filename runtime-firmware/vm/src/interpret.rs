//! The hot half of the interpreter: what needs neither a collection nor a native call that may cause one.
//!
//! One `match` over the opcode byte with every value listed, since compilers turn that into a single indexed jump.
//! Arms compute on words; an instruction that meets anything unusual leaves the stack as it was and is handed to the
//! cold half (`execute.rs`), which does it in its general form. So each arm here only has to be right for the common
//! case. Frames of plain functions are entered and left here too.

use crate::attribute::{Found, Store};
use crate::cursor::{Ip, Sp};
use crate::frame::{Frame, Kind};
use crate::heap::Heap;
use crate::layout::Tag;
use crate::load::{Descriptor, field as unit_field};
use crate::rom::Member;
use crate::value::*;
use crate::vm::Vm;
use crate::{Args, call};
use mpy::scope;

/// What the running frame's code refers to.
struct Context<'h> {
    fp: u32,
    code: &'h [u8],
    qstrs: Val<'h>,
    constants: Val<'h>,
    globals: Val<'h>,
    descriptor: Descriptor,
}

impl<'h> Context<'h> {
    fn new(heap: &'h Heap, fp: u32) -> Context<'h> {
        let callee = Val::from_word(heap.arena.stack_load(fp)).unwrap_or(Val::NONE);
        let unit = heap.value(callee, 0);
        Context {
            fp,
            code: heap.code_bytes(heap.value(unit, unit_field::LOCATION)),
            qstrs: heap.value(unit, unit_field::QSTRS),
            constants: heap.value(unit, unit_field::CONSTANTS),
            globals: heap.value(unit, unit_field::GLOBALS),
            descriptor: heap.descriptor(unit, heap.int_field(callee, 1) as u32),
        }
    }

    fn frame(&self) -> Frame {
        Frame { fp: self.fp, descriptor: self.descriptor }
    }
}

#[inline(always)]
fn val<'h>(word: u32) -> Val<'h> {
    Val::from_word(word).unwrap_or(Val::NONE)
}

/// Adds integer words; `None` on overflow.
#[inline(always)]
fn add(a: u32, b: u32) -> Option<u32> {
    (a as i32).checked_add((b - 1) as i32).map(|word| word as u32)
}

#[inline(always)]
fn subtract(a: u32, b: u32) -> Option<u32> {
    (a as i32).checked_sub((b - 1) as i32).map(|word| word as u32)
}

#[inline(always)]
fn multiply(a: u32, b: u32) -> Option<u32> {
    ((a as i32) - 1).checked_mul(int_of(b)).map(|word| word as u32 | 1)
}

/// Runs instructions of the running frame, and of those it calls, for as long as they are common ones; answers with
/// the file offset of the first that is not, in the frame that is running then.
#[inline(never)]
pub(crate) fn hot(vm: &mut Vm<'_>) -> u32 {
    // With a step limit every backward jump and call goes through the cold half, which counts.
    let mut budget = if vm.step_limit != 0 { 0 } else { vm.countdown };
    let heap = &*vm.heap;
    let fp = heap.fp.get();
    if fp == 0 {
        return 0;
    }
    let words = heap.arena.words();
    let mut context = Context::new(heap, fp);
    let mut ip = Ip::new(context.code, heap.saved_ip(&context.frame()));
    let mut sp = Sp::new(words, heap.arena.sp());
    let mut locals = Sp::new(words, fp);
    let at = loop {
        let at = ip;
        macro_rules! cold {
            () => {
                break at.offset()
            };
        }
        macro_rules! load_fast {
            ($n:expr) => {{
                let word = locals.get(-1 - ($n));
                if word == NULL {
                    cold!()
                }
                sp.push(word);
            }};
        }
        macro_rules! store_fast {
            ($n:expr) => {{
                let word = sp.pop();
                locals.set(-1 - ($n), word);
            }};
        }
        macro_rules! branch {
            ($truth:expr) => {{
                let distance = ip.signed();
                if $truth {
                    if distance < 0 {
                        if budget == 0 {
                            cold!()
                        }
                        budget -= 1;
                    }
                    ip.skip(distance);
                }
            }};
        }
        macro_rules! compare {
            ($order:expr) => {{
                let (a, b) = (sp.get(1), sp.get(0));
                if !both_int(a, b) {
                    cold!()
                }
                let truth: bool = $order(a as i32, b as i32);
                sp.drop(2);
                // A condition is mostly followed by its jump: no bool is made then.
                match ip.peek() {
                    0x43 => {
                        let here = ip;
                        ip.skip(1);
                        let distance = ip.signed();
                        if truth {
                            if distance < 0 {
                                if budget == 0 {
                                    sp.push(TRUE);
                                    break here.offset();
                                }
                                budget -= 1;
                            }
                            ip.skip(distance);
                        }
                    }
                    0x44 => {
                        let here = ip;
                        ip.skip(1);
                        let distance = ip.signed();
                        if !truth {
                            if distance < 0 {
                                if budget == 0 {
                                    sp.push(FALSE);
                                    break here.offset();
                                }
                                budget -= 1;
                            }
                            ip.skip(distance);
                        }
                    }
                    _ => sp.push(bool_word(truth)),
                }
            }};
        }
        macro_rules! arithmetic {
            ($operator:ident, $ints:expr) => {{
                let (a, b) = (sp.get(1), sp.get(0));
                if both_int(a, b) {
                    let result: Option<u32> = $ints(a, b);
                    match result {
                        Some(word) => {
                            sp.drop(1);
                            sp.set(0, word);
                            continue;
                        }
                        None => cold!(),
                    }
                }
                match floats(heap, mpy::BinaryOperator::$operator, val(a), val(b)) {
                    Some(word) => {
                        sp.drop(1);
                        sp.set(0, word);
                    }
                    None => cold!(),
                }
            }};
        }
        match ip.byte() {
            // LOAD_CONST_STRING
            0x10 => {
                let name = heap.table_name(context.qstrs, ip.uint());
                sp.push(name_word(name));
            }
            // LOAD_NAME, outside class bodies, and LOAD_GLOBAL
            opcode @ (0x11 | 0x12) => {
                if opcode == 0x11 && heap.link(&context.frame()).kind == Kind::ClassBody {
                    cold!()
                }
                let name = heap.table_name(context.qstrs, ip.uint());
                match heap.dict_get_name(context.globals, name) {
                    Some(value) => sp.push(value.word()),
                    None => match heap.builtin(name) {
                        Ok(Some(value)) => sp.push(value.word()),
                        _ => cold!(),
                    },
                }
            }
            // LOAD_ATTR
            0x13 => {
                let name = heap.table_name(context.qstrs, ip.uint());
                match heap.find_attribute(val(sp.get(0)), name) {
                    Ok(Found::Value(value)) => sp.set(0, value.word()),
                    _ => cold!(),
                }
            }
            // LOAD_METHOD
            0x14 => {
                let name = heap.table_name(context.qstrs, ip.uint());
                match heap.find_attribute(val(sp.get(0)), name) {
                    Ok(Found::Method(function, receiver)) => {
                        sp.set(0, function.word());
                        sp.push(receiver.word());
                    }
                    Ok(Found::Value(value)) => {
                        sp.set(0, value.word());
                        sp.push(NULL);
                    }
                    _ => cold!(),
                }
            }
            // STORE_NAME, outside class bodies, and STORE_GLOBAL
            opcode @ (0x16 | 0x17) => {
                if opcode == 0x16 && heap.link(&context.frame()).kind == Kind::ClassBody {
                    cold!()
                }
                let name = heap.table_name(context.qstrs, ip.uint());
                if heap.dict_set_name(context.globals, name, val(sp.get(0))).is_err() {
                    cold!()
                }
                sp.drop(1);
            }
            // STORE_ATTR
            0x18 => {
                let name = heap.table_name(context.qstrs, ip.uint());
                let (value, object) = (Val::from_word(sp.get(1)), val(sp.get(0)));
                if value.is_none() || !heap.is(object, Tag::Instance) {
                    cold!()
                }
                match heap.store_attribute(object, name, value) {
                    Ok(Store::Done) => sp.drop(2),
                    _ => cold!(),
                }
            }
            // LOAD_CONST_SMALL_INT
            0x22 => {
                let n = ip.int();
                sp.push(int_word(n));
            }
            // LOAD_CONST_OBJ
            0x23 => {
                let word = heap.word(context.constants, ip.uint());
                sp.push(word);
            }
            // LOAD_FAST_N
            0x24 => {
                let n = ip.uint() as isize;
                load_fast!(n)
            }
            // LOAD_DEREF
            0x25 => {
                let cell = val(locals.get(-1 - ip.uint() as isize));
                if !heap.is(cell, Tag::Cell) {
                    cold!()
                }
                match heap.word(cell, 0) {
                    NULL => cold!(),
                    word => sp.push(word),
                }
            }
            // STORE_FAST_N
            0x26 => {
                let n = ip.uint() as isize;
                store_fast!(n)
            }
            // STORE_DEREF
            0x27 => {
                let cell = val(locals.get(-1 - ip.uint() as isize));
                if !heap.is(cell, Tag::Cell) {
                    cold!()
                }
                let word = sp.pop();
                heap.set_word(cell, 0, word);
            }
            // STORE_COMP, of lists
            0x2f => {
                let operand = ip.uint();
                let list = val(sp.get((operand >> 2) as isize));
                if operand & 3 != 0 || !heap.is(list, Tag::List) || heap.list_push(list, val(sp.get(0))).is_err() {
                    cold!()
                }
                sp.drop(1);
            }
            // CALL_FUNCTION
            0x34 => {
                let operand = ip.uint();
                let base = sp.index() + operand;
                if operand > 0xff || budget == 0 {
                    cold!()
                }
                budget -= 1;
                if let Some(word) = leaf_call(heap, base, operand) {
                    sp = Sp::new(words, base);
                    sp.set(0, word);
                    continue;
                }
                let Some(callee) = plain_call(heap, base, operand) else { cold!() };
                enter(heap, &context, ip.offset(), base, operand, callee, false);
                context = Context::new(heap, base);
                ip = Ip::new(context.code, callee.code);
                locals = Sp::new(words, base);
                sp = Sp::new(words, context.frame().operands());
            }
            // CALL_METHOD
            0x36 => {
                let operand = ip.uint();
                if operand > 0xff || budget == 0 {
                    cold!()
                }
                budget -= 1;
                let above = sp.index() + operand;
                let bound = sp.get(operand as isize) != NULL;
                let (base, count) = if bound { (above + 1, operand + 1) } else { (above, operand) };
                if !bound {
                    // The function moves down over the NULL; the cold half finds it like that too.
                    let function = sp.get(operand as isize + 1);
                    sp.set(operand as isize, function);
                }
                if let Some(word) = leaf_call(heap, base, count) {
                    sp = Sp::new(words, above + 1);
                    sp.set(0, word);
                    continue;
                }
                let Some(callee) = plain_call(heap, base, count) else {
                    if !bound {
                        sp.set(operand as isize, NULL);
                    }
                    cold!()
                };
                enter(heap, &context, ip.offset(), base, count, callee, !bound);
                context = Context::new(heap, base);
                ip = Ip::new(context.code, callee.code);
                locals = Sp::new(words, base);
                sp = Sp::new(words, context.frame().operands());
            }
            // JUMP
            0x42 => branch!(true),
            // POP_JUMP_IF_TRUE, POP_JUMP_IF_FALSE
            0x43 => {
                let Some(truth) = heap.truth(val(sp.get(0))) else { cold!() };
                let before = budget;
                let distance = ip.signed();
                if truth {
                    if distance < 0 && before == 0 {
                        cold!()
                    }
                    budget -= u32::from(distance < 0);
                    ip.skip(distance);
                }
                sp.drop(1);
            }
            0x44 => {
                let Some(truth) = heap.truth(val(sp.get(0))) else { cold!() };
                let before = budget;
                let distance = ip.signed();
                if !truth {
                    if distance < 0 && before == 0 {
                        cold!()
                    }
                    budget -= u32::from(distance < 0);
                    ip.skip(distance);
                }
                sp.drop(1);
            }
            // JUMP_IF_TRUE_OR_POP, JUMP_IF_FALSE_OR_POP
            0x45 => {
                let Some(truth) = heap.truth(val(sp.get(0))) else { cold!() };
                let distance = ip.forward();
                if truth { ip.skip(distance) } else { sp.drop(1) }
            }
            0x46 => {
                let Some(truth) = heap.truth(val(sp.get(0))) else { cold!() };
                let distance = ip.forward();
                if truth { sp.drop(1) } else { ip.skip(distance) }
            }
            // FOR_ITER
            0x4b => {
                let distance = ip.forward();
                let kind = sp.get(3);
                if kind == ITER_RANGE {
                    let (step, next, stop) = (int_of(sp.get(2)), int_of(sp.get(1)), int_of(sp.get(0)));
                    if if step > 0 { next < stop } else { next > stop } {
                        let word = sp.get(1);
                        sp.set(1, int_word(next.saturating_add(step).clamp(INT_MIN, INT_MAX)));
                        sp.push(word);
                    } else {
                        sp.drop(4);
                        ip.skip(distance);
                    }
                    continue;
                }
                if kind == NULL {
                    cold!()
                }
                match heap.iterator_step([kind, sp.get(2), sp.get(1), sp.get(0)]) {
                    Ok(Some((item, next))) => {
                        sp.set(1, next);
                        sp.push(item.word());
                    }
                    Ok(None) => {
                        sp.drop(4);
                        ip.skip(distance);
                    }
                    Err(_) => cold!(),
                }
            }
            // LOAD_CONST_FALSE, LOAD_CONST_NONE, LOAD_CONST_TRUE, LOAD_NULL
            0x50 => sp.push(FALSE),
            0x51 => sp.push(NONE),
            0x52 => sp.push(TRUE),
            0x53 => sp.push(NULL),
            // LOAD_SUBSCR
            0x55 => match heap.subscript(val(sp.get(1)), val(sp.get(0))) {
                Ok(Some(value)) => {
                    sp.drop(1);
                    sp.set(0, value.word());
                }
                _ => cold!(),
            },
            // STORE_SUBSCR
            0x56 => {
                let value = Val::from_word(sp.get(2));
                if value.is_none() {
                    cold!()
                }
                match heap.store_subscript(val(sp.get(1)), val(sp.get(0)), value) {
                    Ok(true) => sp.drop(3),
                    _ => cold!(),
                }
            }
            // DUP_TOP, DUP_TOP_TWO, POP_TOP, ROT_TWO
            0x57 => sp.push(sp.get(0)),
            0x58 => {
                let (a, b) = (sp.get(1), sp.get(0));
                sp.push(a);
                sp.push(b);
            }
            0x59 => sp.drop(1),
            0x5a => {
                let (a, b) = (sp.get(1), sp.get(0));
                sp.set(1, b);
                sp.set(0, a);
            }
            // RETURN_VALUE
            0x63 => {
                let frame = context.frame();
                let link = heap.link(&frame);
                let value = sp.get(0);
                if link.blocks != 0 || link.caller == 0 {
                    cold!()
                }
                let result = match link.kind {
                    Kind::Value => {
                        let result = Sp::new(words, context.fp + u32::from(link.extra));
                        result.set(0, value);
                        result
                    }
                    Kind::Init if value == NONE => {
                        let instance = Sp::new(words, context.fp + 1).get(0);
                        let result = Sp::new(words, context.fp + 1 + u32::from(link.extra));
                        result.set(0, instance);
                        result
                    }
                    _ => cold!(),
                };
                // The stack pointer first: what is above the callee's operands is alive again.
                heap.arena.set_sp(result.index());
                sp = result;
                context = Context::new(heap, link.caller);
                heap.set_known_frame(&context.frame());
                ip = Ip::new(context.code, heap.saved_ip(&context.frame()));
                locals = Sp::new(words, link.caller);
            }
            // LOAD_CONST_SMALL_INT_MULTI: -16 .. 48
            #[allow(clippy::manual_range_patterns, reason = "listed, so that the jump stays one table")]
            byte @ (0x70 | 0x71 | 0x72 | 0x73 | 0x74 | 0x75 | 0x76 | 0x77 | 0x78 | 0x79 | 0x7a | 0x7b | 0x7c | 0x7d
            | 0x7e | 0x7f | 0x80 | 0x81 | 0x82 | 0x83 | 0x84 | 0x85 | 0x86 | 0x87 | 0x88 | 0x89 | 0x8a
            | 0x8b | 0x8c | 0x8d | 0x8e | 0x8f | 0x90 | 0x91 | 0x92 | 0x93 | 0x94 | 0x95 | 0x96 | 0x97
            | 0x98 | 0x99 | 0x9a | 0x9b | 0x9c | 0x9d | 0x9e | 0x9f | 0xa0 | 0xa1 | 0xa2 | 0xa3 | 0xa4
            | 0xa5 | 0xa6 | 0xa7 | 0xa8 | 0xa9 | 0xaa | 0xab | 0xac | 0xad | 0xae | 0xaf) => {
                sp.push(int_word(i32::from(byte) - 0x80))
            }
            // LOAD_FAST_MULTI
            0xb0 => load_fast!(0),
            0xb1 => load_fast!(1),
            0xb2 => load_fast!(2),
            0xb3 => load_fast!(3),
            0xb4 => load_fast!(4),
            0xb5 => load_fast!(5),
            0xb6 => load_fast!(6),
            0xb7 => load_fast!(7),
            0xb8 => load_fast!(8),
            0xb9 => load_fast!(9),
            0xba => load_fast!(10),
            0xbb => load_fast!(11),
            0xbc => load_fast!(12),
            0xbd => load_fast!(13),
            0xbe => load_fast!(14),
            0xbf => load_fast!(15),
            // STORE_FAST_MULTI
            0xc0 => store_fast!(0),
            0xc1 => store_fast!(1),
            0xc2 => store_fast!(2),
            0xc3 => store_fast!(3),
            0xc4 => store_fast!(4),
            0xc5 => store_fast!(5),
            0xc6 => store_fast!(6),
            0xc7 => store_fast!(7),
            0xc8 => store_fast!(8),
            0xc9 => store_fast!(9),
            0xca => store_fast!(10),
            0xcb => store_fast!(11),
            0xcc => store_fast!(12),
            0xcd => store_fast!(13),
            0xce => store_fast!(14),
            0xcf => store_fast!(15),
            // NOT
            0xd3 => {
                let Some(truth) = heap.truth(val(sp.get(0))) else { cold!() };
                sp.set(0, bool_word(!truth));
            }
            // Comparisons
            0xd7 => compare!(|a: i32, b: i32| a < b),
            0xd8 => compare!(|a: i32, b: i32| a > b),
            0xd9 => compare!(|a: i32, b: i32| a == b),
            0xda => compare!(|a: i32, b: i32| a <= b),
            0xdb => compare!(|a: i32, b: i32| a >= b),
            0xdc => compare!(|a: i32, b: i32| a != b),
            // IS
            0xde => {
                let same = sp.get(0) == sp.get(1);
                sp.drop(1);
                sp.set(0, bool_word(same));
            }
            // |=, ^=, &=, +=, -=, *= and their plain forms
            0xe0 => arithmetic!(Or, |a, b| Some(a | b)),
            0xe1 => arithmetic!(Xor, |a, b| Some((a ^ b) | 1)),
            0xe2 => arithmetic!(And, |a, b| Some(a & b)),
            0xe5 => arithmetic!(Add, add),
            0xe6 => arithmetic!(Subtract, subtract),
            0xe7 => arithmetic!(Multiply, multiply),
            0xed => arithmetic!(Or, |a, b| Some(a | b)),
            0xee => arithmetic!(Xor, |a, b| Some((a ^ b) | 1)),
            0xef => arithmetic!(And, |a, b| Some(a & b)),
            0xf2 => arithmetic!(Add, add),
            0xf3 => arithmetic!(Subtract, subtract),
            0xf4 => arithmetic!(Multiply, multiply),
            // Everything else, listed so that the jump needs no range check.
            0x00 | 0x01 | 0x02 | 0x03 | 0x04 | 0x05 | 0x06 | 0x07 | 0x08 | 0x09 | 0x0a | 0x0b | 0x0c | 0x0d | 0x0e
            | 0x0f | 0x15 | 0x19 | 0x1a | 0x1b | 0x1c | 0x1d | 0x1e | 0x1f | 0x20 | 0x21 | 0x28 | 0x29 | 0x2a
            | 0x2b | 0x2c | 0x2d | 0x2e | 0x30 | 0x31 | 0x32 | 0x33 | 0x35 | 0x37 | 0x38 | 0x39 | 0x3a | 0x3b
            | 0x3c | 0x3d | 0x3e | 0x3f | 0x40 | 0x41 | 0x47 | 0x48 | 0x49 | 0x4a | 0x4c | 0x4d | 0x4e | 0x4f
            | 0x54 | 0x5b | 0x5c | 0x5d | 0x5e | 0x5f | 0x60 | 0x61 | 0x62 | 0x64 | 0x65 | 0x66 | 0x67 | 0x68
            | 0x69 | 0x6a | 0x6b | 0x6c | 0x6d | 0x6e | 0x6f | 0xd0 | 0xd1 | 0xd2 | 0xd4 | 0xd5 | 0xd6 | 0xdd
            | 0xdf | 0xe3 | 0xe4 | 0xe8 | 0xe9 | 0xea | 0xeb | 0xec | 0xf0 | 0xf1 | 0xf5 | 0xf6 | 0xf7 | 0xf8
            | 0xf9 | 0xfa | 0xfb | 0xfc | 0xfd | 0xfe | 0xff => cold!(),
        }
    };
    heap.arena.set_sp(sp.index());
    if vm.step_limit == 0 {
        vm.countdown = budget;
    }
    at
}

/// An operator on two floats, or a float and a small int.
#[inline(never)]
fn floats(heap: &Heap, operator: mpy::BinaryOperator, a: Val<'_>, b: Val<'_>) -> Option<u32> {
    if !heap.is(a, Tag::Float) && !heap.is(b, Tag::Float) {
        return None;
    }
    heap.arithmetic(operator, a, b).ok()?.map(Val::word)
}

/// Calls a leaf function of ROM; `None` if the callee is none, or the call fails (then it is made again, coldly).
#[inline(always)]
fn leaf_call(heap: &Heap, base: u32, count: u32) -> Option<u32> {
    let (RomKind::Function, row) = rom_of(heap.arena.words().get(base as usize)?.get())? else { return None };
    let Member::Leaf(leaf, least, most) = heap.member(row)?.member else { return None };
    if count < u32::from(least) || count > u32::from(most) {
        return None;
    }
    heap.arena.set_sp(base - count);
    leaf(heap, Args { base, positional: count as u16, keywords: 0 }).ok().map(Val::word)
}

/// The descriptor of a callee that takes exactly these positional arguments and needs nothing more than a frame, for
/// which there is room.
#[inline(always)]
fn plain_call(heap: &Heap, base: u32, count: u32) -> Option<Descriptor> {
    let callee = Val::from_word(heap.arena.words().get(base as usize)?.get())?;
    if !heap.is(callee, Tag::Function) || heap.field_count(callee) != 2 {
        return None;
    }
    let descriptor = heap.function_descriptor(callee);
    let unusual = u32::from(scope::GENERATOR | scope::VAR_ARGUMENTS | scope::VAR_KEYWORDS);
    let plain = descriptor.flags & unusual == 0
        && descriptor.keyword_only == 0
        && descriptor.positional == count
        && descriptor.cells == 0;
    let room = base.checked_sub(descriptor.frame_words() + call::STACK_RESERVE)? > heap.arena.top();
    (plain && room).then_some(descriptor)
}

/// Pushes the frame of a plain call.
#[inline(always)]
fn enter(
    heap: &Heap,
    caller: &Context<'_>,
    return_to: u32,
    base: u32,
    count: u32,
    descriptor: Descriptor,
    extra: bool,
) {
    heap.save_ip(&caller.frame(), return_to);
    let frame = Frame { fp: base, descriptor };
    heap.arena.set_sp(frame.operands());
    for index in count..descriptor.locals {
        heap.arena.stack_store(base - 1 - index, NULL);
    }
    for index in frame.operands()..base - descriptor.locals {
        heap.arena.stack_store(index, int_word(0));
    }
    heap.set_link(&frame, crate::frame::Link { caller: caller.fp, kind: Kind::Value, extra, blocks: 0 });
    heap.set_known_frame(&frame);
}
