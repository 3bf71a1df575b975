//! Every opcode, in its general form: the cold half of the interpreter. It works on the arena's stack pointer and on
//! the running frame, may collect, and may push or pop frames.
//!
//! Before an instruction runs, the frame's saved ip is the next instruction's; one that is to be run again (a
//! condition whose truth a method must tell) sets it back.

mod attributes;
mod conditions;
mod functions;
mod iteration;
mod subscripts;

use crate::class_id;
use crate::frame::{Block, BlockKind, Frame, Kind};
use crate::heap::{Heap, Root};
use crate::layout::Tag;
use crate::load::field as unit_field;
use crate::names;
use crate::unwind::Unwound;
use crate::value::*;
use crate::vm::Vm;
use mpy::{BinaryOperator, Opcode, UnaryOperator};

/// A decoded instruction.
struct Instruction {
    opcode: Opcode,
    byte: u8,
    /// The varint operand, or the absolute target of a jump.
    operand: u32,
    /// The byte behind it, where there is one.
    extra: u8,
    next: u32,
}

impl Heap {
    fn decode(&self, frame: &Frame, at: u32) -> Option<Instruction> {
        use mpy::Operand;
        let unit = self.value(self.callee(frame), 0);
        let code = self.code_bytes(self.value(unit, unit_field::LOCATION));
        let byte = *code.get(at as usize)?;
        let opcode = Opcode::decode(byte)?;
        let start = at as usize + 1;
        let uint = || mpy::varint::read_uint(code, start).ok();
        let (operand, next, extra) = match opcode.info().operand {
            Operand::None | Operand::Embedded => (u32::from(byte), start, 0),
            Operand::Int => {
                let (n, next) = mpy::varint::read_int(code, start).ok()?;
                (n as i32 as u32, next, 0)
            }
            Operand::Closure => {
                let (n, next) = uint()?;
                (n, next + 1, *code.get(next)?)
            }
            Operand::Forward => {
                let (distance, next) = mpy::varint::read_forward(code, start).ok()?;
                (next as u32 + distance, next, 0)
            }
            Operand::Signed => {
                let (distance, next) = mpy::varint::read_signed(code, start).ok()?;
                ((next as u32).wrapping_add(distance as u32), next, 0)
            }
            Operand::Unwind => {
                let (distance, next) = mpy::varint::read_signed(code, start).ok()?;
                ((next as u32).wrapping_add(distance as u32), next + 1, *code.get(next)?)
            }
            _ => {
                let (n, next) = uint()?;
                (n, next, 0)
            }
        };
        Some(Instruction { opcode, byte, operand, extra, next: next as u32 })
    }

    /// The namespace that LOAD_NAME and STORE_NAME use: a class body's own, else the globals.
    fn names_of<'h>(&'h self, frame: &Frame) -> Val<'h> {
        if self.link(frame).kind == Kind::ClassBody {
            return self.get(Slot(frame.fp + 1));
        }
        self.globals_of(frame)
    }

    fn globals_of<'h>(&'h self, frame: &Frame) -> Val<'h> {
        self.function_globals(self.callee(frame))
    }

    /// A name in the builtins.
    pub(crate) fn builtin<'h>(&'h self, name: u16) -> Result<Option<Val<'h>>, Raised> {
        if let Some(added) = self.root(Root::Builtins)
            && let Some(value) = self.dict_get_name(added, name)
        {
            return Ok(Some(value));
        }
        let Some(module) = self.rom.module(names::BUILTINS) else { return Ok(None) };
        match self.rom.module_member(module, name) {
            Some(row) => self.member_value(row).map(Some),
            None => Ok(None),
        }
    }

    fn load_global<'h>(&'h self, frame: &Frame, name: u16) -> Result<Val<'h>, Raised> {
        if let Some(value) = self.dict_get_name(self.globals_of(frame), name) {
            return Ok(value);
        }
        match self.builtin(name)? {
            Some(value) => Ok(value),
            None => Err(self.error_about(class_id::NAME_ERROR, "name '{}' is not defined", Val::name(name), Val::NONE)),
        }
    }

    /// Ends the `for` loop of the running frame, whose saved ip is behind FOR_ITER: four words go, the jump is made.
    pub(crate) fn leave_loop(&self, frame: &Frame, target: u32) {
        self.drop_operands(4);
        self.save_ip(frame, target);
    }

    /// The jump target of the running frame's last instruction, which is known to be an `opcode`.
    pub(crate) fn target_of_last(&self, frame: &Frame, opcode: Opcode) -> Option<u32> {
        let next = self.saved_ip(frame);
        // Jumps have one or two operand bytes.
        [2, 3].into_iter().find_map(|length| {
            let instruction = self.decode(frame, next.checked_sub(length)?)?;
            (instruction.opcode == opcode && instruction.next == next).then_some(instruction.operand)
        })
    }

    fn unbound(&self) -> Raised {
        self.error(class_id::UNBOUND_LOCAL_ERROR, "local variable referenced before assignment")
    }
}

impl Vm<'_> {
    /// Runs the instruction at file offset `at` of the running frame.
    pub(crate) fn execute(&mut self, at: u32) -> Result<Option<Unwound>, Raised> {
        let Some(frame) = self.heap.frame() else { return Err(self.heap.type_error("no frame")) };
        let Some(Instruction { opcode, byte, operand, extra, next }) = self.heap.decode(&frame, at) else {
            return Err(self.heap.error(class_id::SYSTEM_ERROR, "damaged bytecode"));
        };
        let heap = &*self.heap;
        heap.save_ip(&frame, next);
        let local = |n: u32| frame.fp - 1 - n;
        let unit = || heap.value(heap.callee(&frame), 0);
        let name = || heap.unit_name(unit(), operand);
        match opcode {
            Opcode::LoadConstFalse => heap.push_word(FALSE),
            Opcode::LoadConstNone => heap.push_word(NONE),
            Opcode::LoadConstTrue => heap.push_word(TRUE),
            Opcode::LoadConstSmallInt => heap.push_word(int_word(operand as i32)),
            Opcode::LoadConstSmallIntMulti => {
                heap.push_word(int_word(i32::from(byte) - Opcode::LoadConstSmallIntMulti as i32 - 16));
            }
            Opcode::LoadConstString => heap.push_word(name_word(name())),
            Opcode::LoadConstObj => {
                let word = heap.word(heap.value(unit(), unit_field::CONSTANTS), operand);
                heap.push_word(word);
            }
            Opcode::LoadNull => heap.push_word(NULL),
            Opcode::LoadFastN | Opcode::LoadFastMulti => {
                let n = if opcode == Opcode::LoadFastN { operand } else { u32::from(byte - 0xb0) };
                match heap.arena.stack_load(local(n)) {
                    NULL => return Err(heap.unbound()),
                    word => heap.push_word(word),
                }
            }
            Opcode::StoreFastN | Opcode::StoreFastMulti => {
                let n = if opcode == Opcode::StoreFastN { operand } else { u32::from(byte - 0xc0) };
                heap.arena.stack_store(local(n), heap.peek_word(0));
                heap.drop_operands(1);
            }
            Opcode::DeleteFast => {
                if heap.arena.stack_load(local(operand)) == NULL {
                    return Err(heap.unbound());
                }
                heap.arena.stack_store(local(operand), NULL);
            }
            Opcode::LoadDeref | Opcode::StoreDeref | Opcode::DeleteDeref => {
                let cell = heap.get(Slot(local(operand)));
                if !heap.is(cell, Tag::Cell) {
                    return Err(heap.unbound());
                }
                match opcode {
                    Opcode::LoadDeref => match heap.word(cell, 0) {
                        NULL => {
                            return Err(heap.error(
                                class_id::NAME_ERROR,
                                "free variable referenced before assignment in enclosing scope",
                            ));
                        }
                        word => heap.push_word(word),
                    },
                    Opcode::StoreDeref => {
                        heap.set_word(cell, 0, heap.peek_word(0));
                        heap.drop_operands(1);
                    }
                    _ if heap.word(cell, 0) == NULL => return Err(heap.unbound()),
                    _ => heap.set_word(cell, 0, NULL),
                }
            }
            Opcode::LoadName => {
                let name = name();
                let word = match heap.dict_get_name(heap.names_of(&frame), name) {
                    Some(value) => value.word(),
                    None => self.retry(|heap| heap.load_global(&frame, name).map(Val::word))?,
                };
                self.heap.push_word(word);
            }
            Opcode::LoadGlobal => {
                let name = name();
                let word = self.retry(|heap| heap.load_global(&frame, name).map(Val::word))?;
                self.heap.push_word(word);
            }
            Opcode::StoreName | Opcode::StoreGlobal => {
                let name = name();
                let own = opcode == Opcode::StoreName;
                self.retry(|heap| {
                    let dict = if own { heap.names_of(&frame) } else { heap.globals_of(&frame) };
                    heap.dict_set_name(dict, name, heap.peek(0))
                })?;
                self.heap.drop_operands(1);
            }
            Opcode::DeleteName | Opcode::DeleteGlobal => {
                let name = name();
                let dict = if opcode == Opcode::DeleteName { heap.names_of(&frame) } else { heap.globals_of(&frame) };
                if heap.table_remove(dict, Val::name(name))?.is_none() {
                    let name = Val::name(name);
                    return Err(heap.error_about(class_id::NAME_ERROR, "name '{}' is not defined", name, Val::NONE));
                }
            }
            Opcode::LoadAttr => {
                let name = name();
                return self.load_attribute_operand(name).map(|()| None);
            }
            Opcode::LoadMethod => {
                let name = name();
                return self.load_method(name).map(|()| None);
            }
            Opcode::LoadSuperMethod => {
                let name = name();
                return self.load_super_method(name).map(|()| None);
            }
            Opcode::StoreAttr => {
                let name = name();
                return self.store_attribute(name).map(|()| None);
            }
            Opcode::LoadSubscr => return self.subscript().map(|()| None),
            Opcode::StoreSubscr => return self.store_subscript().map(|()| None),
            Opcode::LoadBuildClass => match self.heap.builtin(names::BUILD_CLASS)? {
                Some(function) => self.heap.push_word(function.word()),
                None => return Err(self.heap.error(class_id::NAME_ERROR, "__build_class__")),
            },
            Opcode::DupTop => heap.push_word(heap.peek_word(0)),
            Opcode::DupTopTwo => {
                let (a, b) = (heap.peek_word(1), heap.peek_word(0));
                heap.push_word(a);
                heap.push_word(b);
            }
            Opcode::PopTop => heap.drop_operands(1),
            Opcode::RotTwo => {
                let (a, b) = (heap.peek_word(1), heap.peek_word(0));
                heap.poke_word(1, b);
                heap.poke_word(0, a);
            }
            Opcode::RotThree => self.rotate_three(&frame, at, next),
            Opcode::Jump => {
                // Polled before the jump is made, so that an interrupt is raised here and not at the target.
                if operand <= at {
                    self.poll()?;
                }
                self.heap.save_ip(&frame, operand);
            }
            Opcode::PopJumpIfTrue | Opcode::PopJumpIfFalse | Opcode::JumpIfTrueOrPop | Opcode::JumpIfFalseOrPop => {
                return self.branch(&frame, opcode, operand).map(|()| None);
            }
            Opcode::UnwindJump => self.unwind_jump(&frame, at, operand, extra),
            Opcode::SetupExcept => heap.push_block(&frame, self.block(&frame, operand, BlockKind::Except)),
            Opcode::SetupFinally => heap.push_block(&frame, self.block(&frame, operand, BlockKind::Finally)),
            Opcode::SetupWith => return self.setup_with(&frame, operand).map(|()| None),
            Opcode::WithCleanup => return self.with_cleanup().map(|()| None),
            Opcode::EndFinally => {
                if let Some(value) = self.end_finally(&frame, at)? {
                    return self.return_value(&frame, at, value);
                }
            }
            Opcode::PopExceptJump => {
                heap.pop_block(&frame);
                heap.save_ip(&frame, operand);
            }
            Opcode::GetIter => return self.get_iterator(false).map(|()| None),
            Opcode::GetIterStack => return self.get_iterator(true).map(|()| None),
            Opcode::ForIter => return self.for_iter(&frame, operand).map(|()| None),
            Opcode::BuildTuple => {
                let made = self.retry(|heap| {
                    let tuple = heap.new_tuple(operand)?;
                    for index in 0..operand {
                        heap.tuple_set(tuple, index, heap.peek(operand - 1 - index));
                    }
                    Ok(tuple.word())
                })?;
                self.heap.drop_operands(operand);
                self.heap.push_word(made);
            }
            Opcode::BuildList => {
                let made = self.retry(|heap| {
                    let list = heap.new_list(operand)?;
                    for index in 0..operand {
                        heap.list_push(list, heap.peek(operand - 1 - index))?;
                    }
                    Ok(list.word())
                })?;
                self.heap.drop_operands(operand);
                self.heap.push_word(made);
            }
            Opcode::BuildMap => {
                let made = self.retry(|heap| heap.new_dict(operand).map(Val::word))?;
                self.heap.push_word(made);
            }
            Opcode::BuildSet => {
                let set = self.temp()?;
                self.make(set, |heap| heap.new_set(operand))?;
                for index in (0..operand).rev() {
                    let item = self.heap.top_slot(index + 1);
                    self.table_set(set, item, item)?;
                }
                let word = self.heap.get(set).word();
                self.heap.drop_operands(operand + 1);
                self.heap.push_word(word);
            }
            Opcode::StoreMap => {
                let (map, value, key) = (heap.top_slot(2), heap.top_slot(1), heap.top_slot(0));
                if !heap.is_dict(heap.get(map)) {
                    return Err(heap.type_error("not a dict"));
                }
                self.table_set(map, key, value)?;
                self.heap.drop_operands(2);
            }
            Opcode::StoreComp => return self.store_comprehension(operand).map(|()| None),
            Opcode::BuildSlice => {
                let parts = operand;
                let made = self.retry(|heap| {
                    let step = if parts == 3 { heap.peek(0) } else { Val::NONE };
                    let slice = heap.new_slice(heap.peek(parts - 1), heap.peek(parts - 2), step)?;
                    Ok(slice.word())
                })?;
                self.heap.drop_operands(parts);
                self.heap.push_word(made);
            }
            Opcode::UnpackSequence => return self.unpack(&frame, at, operand, None).map(|()| None),
            Opcode::UnpackEx => {
                return self.unpack(&frame, at, operand & 0xff, Some(operand >> 8)).map(|()| None);
            }
            Opcode::ReturnValue => {
                let value = heap.peek_word(0);
                heap.drop_operands(1);
                return self.return_value(&frame, at, value);
            }
            Opcode::RaiseLast => return Err(self.raise_last(&frame)),
            Opcode::RaiseObj => {
                let object = heap.top_slot(0);
                return Err(self.raise_object(object));
            }
            Opcode::RaiseFrom => return Err(self.raise_from()),
            Opcode::YieldValue => return self.yield_value(&frame, next),
            Opcode::YieldFrom => return self.yield_from(&frame, at),
            Opcode::MakeFunction | Opcode::MakeFunctionDefargs => {
                return self.make_function(&frame, operand, opcode == Opcode::MakeFunctionDefargs, 0).map(|()| None);
            }
            Opcode::MakeClosure | Opcode::MakeClosureDefargs => {
                let defaults = opcode == Opcode::MakeClosureDefargs;
                return self.make_function(&frame, operand, defaults, extra.into()).map(|()| None);
            }
            Opcode::CallFunction | Opcode::CallMethod => {
                let method = opcode == Opcode::CallMethod;
                self.poll()?;
                return self.call_operands(operand, method).map(|()| None);
            }
            Opcode::CallFunctionVarKw | Opcode::CallMethodVarKw => {
                let method = opcode == Opcode::CallMethodVarKw;
                return self.call_unpacked(&frame, at, operand, method).map(|()| None);
            }
            Opcode::ImportName => {
                let name = name();
                return self.import_name(&frame, at, name).map(|()| None);
            }
            Opcode::ImportFrom => {
                let name = name();
                return self.import_from(name).map(|()| None);
            }
            Opcode::ImportStar => return self.import_star(&frame).map(|()| None),
            Opcode::UnaryOpMulti => match UnaryOperator::decode(byte - 0xd0) {
                Some(operator) => return self.unary(operator).map(|()| None),
                None => return Err(heap.error(class_id::SYSTEM_ERROR, "damaged bytecode")),
            },
            Opcode::BinaryOpMulti => match BinaryOperator::decode(byte - 0xd7) {
                Some(operator) => return self.operate(operator).map(|()| None),
                None => return Err(heap.error(class_id::SYSTEM_ERROR, "damaged bytecode")),
            },
            _ => return Err(heap.error(class_id::SYSTEM_ERROR, "this opcode is not supported")),
        }
        Ok(None)
    }

    fn block(&self, frame: &Frame, handler: u32, kind: BlockKind) -> Block {
        Block {
            handler: handler - frame.descriptor.code,
            depth: frame.operands() - self.heap.arena.sp(),
            kind,
            returning: false,
        }
    }

    /// ROT_THREE; but two of them in the handler of an `async with` swap the top two words (see `mpy::verify`).
    fn rotate_three(&mut self, frame: &Frame, at: u32, next: u32) {
        let heap = &*self.heap;
        let unit = heap.value(heap.callee(frame), 0);
        let code = heap.code_bytes(heap.value(unit, unit_field::LOCATION));
        let twice = code.get(next as usize) == Some(&(Opcode::RotThree as u8));
        let depth = frame.operands() - heap.arena.sp();
        if twice
            && let Some((_, block)) = heap.top_block(frame)
            && block.kind == BlockKind::Finally
            && at - frame.descriptor.code >= block.handler
            && depth == block.depth + 1
        {
            let (a, b) = (heap.peek_word(1), heap.peek_word(0));
            heap.poke_word(1, b);
            heap.poke_word(0, a);
            heap.save_ip(frame, next + 1);
            return;
        }
        let (a, b, c) = (heap.peek_word(2), heap.peek_word(1), heap.peek_word(0));
        heap.poke_word(2, c);
        heap.poke_word(1, a);
        heap.poke_word(0, b);
    }
}
