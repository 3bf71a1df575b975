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

    fn unbound(&self, frame: &Frame, local: u32) -> Raised {
        let _ = (frame, local);
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
                    NULL => return Err(heap.unbound(&frame, n)),
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
                    return Err(heap.unbound(&frame, operand));
                }
                heap.arena.stack_store(local(operand), NULL);
            }
            Opcode::LoadDeref | Opcode::StoreDeref | Opcode::DeleteDeref => {
                let cell = heap.get(Slot(local(operand)));
                if !heap.is(cell, Tag::Cell) {
                    return Err(heap.unbound(&frame, operand));
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
                    _ if heap.word(cell, 0) == NULL => return Err(heap.unbound(&frame, operand)),
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
                return self.branch(&frame, opcode, at, operand).map(|()| None);
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
            Opcode::YieldFrom => return self.yield_from(&frame, at, next),
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
<<<<<<< HEAD
=======

    // ---- attributes

    /// Replaces the top operand by its attribute.
    fn load_attribute_operand(&mut self, name: u16) -> Result<(), Raised> {
        let object = self.heap.top_slot(0);
        let call = self.retry(|heap| {
            Ok(match heap.find_attribute(heap.get(object), name)? {
                Found::Value(value) => {
                    heap.set(object, value);
                    None
                }
                Found::Method(function, receiver) => {
                    let method = heap.new_bound_method(function, receiver)?;
                    heap.set(object, method);
                    None
                }
                found => Some(self_plan(heap, found)),
            })
        })?;
        let Some(plan) = call else { return Ok(()) };
        self.carry_out(plan, name, Kind::Value)
    }

    /// Calls what gives an attribute; the object is the top operand and is replaced.
    fn carry_out(&mut self, plan: Plan, name: u16, kind: Kind) -> Result<(), Raised> {
        let object = self.heap.top_slot(0);
        let sp = object.0;
        self.reserve_stack(8)?;
        let count = match plan {
            Plan::Getter => {
                let (function, receiver) = self.planned();
                self.heap.poke_word(0, function);
                self.heap.push_word(receiver);
                1
            }
            Plan::Descriptor => {
                let (descriptor, owner) = self.planned();
                let class = self.heap.root(Root::ScratchC).map_or(NONE, Val::word);
                let slot = self.temp()?;
                self.heap.arena.stack_store(slot.0, descriptor);
                let (function, receiver) = (self.temp()?, self.temp()?);
                if !self.load_special_method(slot, names::GET, function, receiver)? {
                    return Err(self.heap.type_error("descriptor without __get__"));
                }
                let function = self.heap.arena.stack_load(function.0);
                self.heap.arena.set_sp(sp);
                self.heap.poke_word(0, function);
                self.heap.push_word(descriptor);
                self.heap.push_word(owner);
                self.heap.push_word(class);
                3
            }
            Plan::Absent => match self.fallback(object, name)? {
                Some(count) => count,
                None => return Err(self.no_attribute(object, name)),
            },
        };
        match self.begin_call(sp, count, 0, kind, false)? {
            Begun::Frame => Ok(()),
            Begun::Value(value) => {
                let word = value.0.get();
                self.heap.arena.set_sp(sp);
                self.heap.poke_word(0, word);
                if kind == Kind::Method {
                    self.heap.push_word(NULL);
                }
                Ok(())
            }
        }
    }

    fn planned(&self) -> (u32, u32) {
        let word = |root| self.heap.root(root).map_or(NONE, Val::word);
        (word(Root::ScratchA), word(Root::ScratchB))
    }

    /// Arranges the call of `__getattr__`: of the object's class, or of the module. The number of its arguments.
    fn fallback(&mut self, object: Slot, name: u16) -> Result<Option<u16>, Raised> {
        let heap = &*self.heap;
        let value = heap.get(object);
        if heap.is(value, Tag::Module) {
            let Some(function) = heap.dict_get_name(heap.value(value, 1), names::GETATTR) else { return Ok(None) };
            heap.set(object, function);
            heap.push_word(name_word(name));
            return Ok(Some(1));
        }
        let class = heap.class_of(value);
        if !matches!(heap.tag(value), Some(Tag::Instance | Tag::Exception | Tag::Class)) {
            return Ok(None);
        }
        let Some(function) = heap.find_class_attribute(class, names::GETATTR) else { return Ok(None) };
        heap.set(object, function);
        heap.push_word(value.word());
        heap.push_word(name_word(name));
        Ok(Some(2))
    }

    #[cold]
    pub(crate) fn no_attribute(&mut self, object: Slot, name: u16) -> Raised {
        let heap = &*self.heap;
        let value = heap.get(object);
        if heap.is_class(value) {
            let class = heap.find_attribute(value, names::NAME);
            let own = if let Ok(Found::Value(text)) = class { text } else { Val::NONE };
            let template = "type object '{}' has no attribute '{}'";
            return heap.error_about(class_id::ATTRIBUTE_ERROR, template, own, Val::name(name));
        }
        let template = if heap.class_of(value) == class_id::MODULE {
            let own = heap.find_attribute(value, names::NAME);
            let own = if let Ok(Found::Value(text)) = own { text } else { Val::NONE };
            let template = "module '{}' has no attribute '{}'";
            return heap.error_about(class_id::ATTRIBUTE_ERROR, template, own, Val::name(name));
        } else {
            "'{t}' object has no attribute '{}'"
        };
        heap.error_about(class_id::ATTRIBUTE_ERROR, template, value, Val::name(name))
    }

    /// Replaces the top operand by a method: function and receiver, or value and NULL.
    fn load_method(&mut self, name: u16) -> Result<(), Raised> {
        let object = self.heap.top_slot(0);
        let plan = self.retry(|heap| {
            Ok(match heap.find_attribute(heap.get(object), name)? {
                Found::Value(value) => {
                    heap.set(object, value);
                    heap.push_word(NULL);
                    None
                }
                Found::Method(function, receiver) => {
                    heap.set(object, function);
                    heap.push_word(receiver.word());
                    None
                }
                found => Some(self_plan(heap, found)),
            })
        })?;
        match plan {
            Some(plan) => self.carry_out(plan, name, Kind::Method),
            None => Ok(()),
        }
    }

    /// `super().name(…)`: [super, class, self] become method and receiver.
    fn load_super_method(&mut self, name: u16) -> Result<(), Raised> {
        let out = self.heap.top_slot(2);
        self.make(out, |heap| {
            let object = heap.new_native(class_id::SUPER, 2)?;
            heap.set_native_field(object, 0, heap.peek(1));
            heap.set_native_field(object, 1, heap.peek(0));
            Ok(object)
        })?;
        self.heap.drop_operands(2);
        self.load_method(name)
    }

    /// STORE_ATTR: [value, object]; NULL deletes.
    fn store_attribute(&mut self, name: u16) -> Result<(), Raised> {
        let (value, object) = (self.heap.top_slot(1), self.heap.top_slot(0));
        let (named, refused) = self.retry(|heap| {
            let stored = heap.store_attribute(heap.get(object), name, heap.get_optional(value))?;
            Ok(match stored {
                Store::Done => (None, false),
                Store::Refused => (None, true),
                Store::Setter(function, receiver) | Store::Named(function, receiver) => {
                    heap.set_root(Root::ScratchA, Some(function));
                    heap.set_root(Root::ScratchB, Some(receiver));
                    (Some(matches!(stored, Store::Named(..))), false)
                }
            })
        })?;
        if refused {
            let heap = &*self.heap;
            let value = heap.get(object);
            let template = "'{t}' object has no attribute '{}'";
            return Err(heap.error_about(class_id::ATTRIBUTE_ERROR, template, value, Val::name(name)));
        }
        let stored = self.heap.get_optional(value).map(Val::word);
        let Some(named) = named else {
            self.heap.drop_operands(2);
            return Ok(());
        };
        self.reserve_stack(8)?;
        let (function, receiver) = self.planned();
        self.heap.poke_word(1, function);
        self.heap.poke_word(0, receiver);
        let base = self.heap.arena.sp() + 1;
        let mut count = 1;
        if named {
            self.heap.push_word(name_word(name));
            count += 1;
        }
        if let Some(word) = stored {
            self.heap.push_word(word);
            count += 1;
        }
        if let Begun::Value(_) = self.begin_call(base, count, 0, Kind::Discard, false)? {
            self.heap.arena.set_sp(base + 1);
        }
        Ok(())
    }

    // ---- subscripts

    fn subscript(&mut self) -> Result<(), Raised> {
        let (object, index) = (self.heap.top_slot(1), self.heap.top_slot(0));
        let found = self.retry(|heap| {
            let found = heap.subscript(heap.get(object), heap.get(index))?;
            Ok(found.map(Val::word))
        });
        let found = match found {
            Err(_)
                if self.heap.is_cause(crate::heap::Cause::NeedVm)
                    && !self.heap.is(self.heap.get(object), Tag::Dict) =>
            {
                self.to_index(index, index)?;
                return self.subscript();
            }
            Err(_) if self.heap.is_cause(crate::heap::Cause::NeedVm) => {
                let position = self.table_find(object, index)?;
                let heap = &*self.heap;
                let entry = position.and_then(|position| heap.table_entry(heap.get(object), position));
                match entry {
                    Some((_, value)) => Some(value.word()),
                    None => return Err(heap.error_value(class_id::KEY_ERROR, heap.get(index))),
                }
            }
            found => found?,
        };
        if let Some(word) = found {
            self.heap.drop_operands(1);
            self.heap.poke_word(0, word);
            return Ok(());
        }
        if self.heap.has_missing_hook(self.heap.get(object)) {
            let dict = self.temp_of(object)?;
            self.heap.set(dict, self.heap.native_part(self.heap.get(object)));
            let absent = self.table_find(dict, index)?.is_none();
            self.pop_temp(dict);
            if absent {
                let key = self.heap.peek_word(0);
                return self.subscript_by_method(object, names::MISSING, &[key], Kind::Value, "");
            }
        }
        let key = self.heap.peek_word(0);
        let (name, text) = if self.heap.is_class(self.heap.get(object)) {
            (names::CLASS_GETITEM, "type '{}' is not subscriptable")
        } else {
            (names::GETITEM, "'{t}' object is not subscriptable")
        };
        self.subscript_by_method(object, name, &[key], Kind::Value, text)
    }

    /// STORE_SUBSCR: [value, object, index]; NULL deletes.
    fn store_subscript(&mut self) -> Result<(), Raised> {
        let (value, object, index) = (self.heap.top_slot(2), self.heap.top_slot(1), self.heap.top_slot(0));
        let done = self.retry(|heap| heap.store_subscript(heap.get(object), heap.get(index), heap.get_optional(value)));
        let done = match done {
            Err(_)
                if self.heap.is_cause(crate::heap::Cause::NeedVm)
                    && !self.heap.is(self.heap.get(object), Tag::Dict) =>
            {
                self.to_index(index, index)?;
                return self.store_subscript();
            }
            Err(_) if self.heap.is_cause(crate::heap::Cause::NeedVm) => {
                if self.heap.get_optional(value).is_some() {
                    self.table_set(object, index, value)?;
                } else {
                    match self.table_find(object, index)? {
                        Some(position) => self.heap.table_remove_at(self.heap.get(object), position),
                        None => return Err(self.heap.error_value(class_id::KEY_ERROR, self.heap.get(index))),
                    }
                }
                true
            }
            done => done?,
        };
        if done {
            self.heap.drop_operands(3);
            return Ok(());
        }
        let (key, stored) = (self.heap.peek_word(0), self.heap.peek_word(2));
        let deletes = stored == NULL;
        // The call's result goes where the value lies, and is dropped.
        let target = self.heap.peek_word(1);
        self.heap.drop_operands(2);
        self.heap.poke_word(0, target);
        let slot = self.heap.top_slot(0);
        if deletes {
            self.subscript_by_method(
                slot,
                names::DELITEM,
                &[key],
                Kind::Discard,
                "'{t}' object doesn't support item deletion",
            )
        } else {
            let text = "'{t}' object doesn't support item assignment";
            self.subscript_by_method(slot, names::SETITEM, &[key, stored], Kind::Discard, text)
        }
    }

    /// Calls a subscript method of `object`; its result takes the object's place.
    fn subscript_by_method(
        &mut self,
        object: Slot,
        name: u16,
        arguments: &[u32],
        kind: Kind,
        missing: &'static str,
    ) -> Result<(), Raised> {
        // Arguments are kept where the collector sees them until the call is arranged.
        self.heap.arena.set_sp(object.0);
        self.reserve_words(arguments)?;
        let (function, receiver) = (self.temp()?, self.temp()?);
        let found = if name == names::CLASS_GETITEM {
            let heap = &*self.heap;
            match heap.find_attribute(heap.get(object), name)? {
                Found::Method(method, class) => {
                    heap.set(function, method);
                    heap.set(receiver, class);
                    true
                }
                Found::Value(value) => {
                    heap.set(function, value);
                    heap.arena.stack_store(receiver.0, NULL);
                    true
                }
                _ => {
                    let own = heap.find_attribute(heap.get(object), names::NAME);
                    let own = if let Ok(Found::Value(text)) = own { text } else { Val::NONE };
                    return Err(heap.error_about(class_id::TYPE_ERROR, missing, own, Val::NONE));
                }
            }
        } else {
            self.load_special_method(object, name, function, receiver)?
        };
        if !found {
            let heap = &*self.heap;
            let value = heap.get(object);
            let part = heap.native_part(value);
            if part != value {
                // An instance of a class that extends a builtin type.
                let word = part.word();
                heap.arena.set_sp(object.0);
                heap.arena.stack_store(object.0, word);
                return self.subscript_native_part(kind, object, arguments.len());
            }
            return Err(heap.error_about(class_id::TYPE_ERROR, missing, value, Val::NONE));
        }
        let (function, receiver) = (self.heap.peek_word(1), self.heap.peek_word(0));
        let saved: [u32; 2] =
            core::array::from_fn(
                |index| if index < arguments.len() { self.kept_word(index, arguments.len()) } else { 0 },
            );
        self.heap.arena.set_sp(object.0);
        self.heap.poke_word(0, function);
        let mut count = arguments.len() as u16;
        if receiver != NULL {
            self.heap.push_word(receiver);
            count += 1;
        }
        for word in saved.iter().take(arguments.len()) {
            self.heap.push_word(*word);
        }
        if let Begun::Value(value) = self.begin_call(object.0, count, 0, kind, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(object.0);
            if kind == Kind::Discard {
                self.heap.drop_operands(1);
            } else {
                self.heap.poke_word(0, word);
            }
        }
        Ok(())
    }

    /// Pushes words that must be seen by the collector for a while.
    fn reserve_words(&mut self, words: &[u32]) -> Result<(), Raised> {
        let free = self.heap.arena.sp() - self.heap.arena.top();
        if free <= words.len() as u32 + 4 {
            return Err(self.memory_error());
        }
        words.iter().for_each(|word| self.heap.push_word(*word));
        self.reserve_stack(8)
    }

    /// A word pushed by [`Vm::reserve_words`], below function and receiver.
    fn kept_word(&self, index: usize, count: usize) -> u32 {
        self.heap.peek_word(2 + (count - 1 - index) as u32)
    }

    fn subscript_native_part(&mut self, kind: Kind, object: Slot, count: usize) -> Result<(), Raised> {
        // The arguments still lie right below the object.
        let key = self.heap.arena.words()[object.0 as usize - 1].get();
        let stored = self.heap.arena.words()[object.0 as usize - 2].get();
        if kind == Kind::Value {
            self.heap.push_word(key);
            return self.subscript();
        }
        let target = self.heap.peek_word(0);
        self.heap.poke_word(0, if count == 2 { stored } else { NULL });
        self.heap.push_word(target);
        self.heap.push_word(key);
        self.store_subscript()
    }

    // ---- conditions and unary operators

    fn branch(&mut self, frame: &Frame, opcode: Opcode, at: u32, target: u32) -> Result<(), Raised> {
        let Some(truth) = self.heap.truth(self.heap.peek(0)) else {
            // A method tells the truth; it replaces the operand, and the instruction is run again. The operand
            // itself may be the result, so it stays and the truth lies above it.
            return self.branch_by_method(frame, opcode, target);
        };
        let _ = at;
        self.take_branch(frame, opcode, truth, target)
    }

    fn take_branch(&mut self, frame: &Frame, opcode: Opcode, truth: bool, target: u32) -> Result<(), Raised> {
        let heap = &*self.heap;
        let next = heap.saved_ip(frame);
        let (jumps, keeps) = match opcode {
            Opcode::PopJumpIfTrue => (truth, false),
            Opcode::PopJumpIfFalse => (!truth, false),
            Opcode::JumpIfTrueOrPop => (truth, truth),
            _ => (!truth, !truth),
        };
        if !keeps {
            heap.drop_operands(1);
        }
        if jumps {
            if target < next {
                self.poll()?;
            }
            self.heap.save_ip(frame, target);
        }
        Ok(())
    }

    fn branch_by_method(&mut self, frame: &Frame, opcode: Opcode, target: u32) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        let truth = self.truth(operand)?;
        self.take_branch(frame, opcode, truth, target)
    }

    fn unary(&mut self, operator: UnaryOperator) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        if operator == UnaryOperator::Not {
            let truth = self.truth(operand)?;
            self.heap.poke_word(0, bool_word(!truth));
            return Ok(());
        }
        let done = self.retry(|heap| {
            let value = heap.native_part(heap.get(operand));
            let result = match operator {
                UnaryOperator::Positive => heap.positive(value)?,
                UnaryOperator::Negative => heap.negate(value)?,
                _ => heap.invert(value)?,
            };
            Ok(result.map(Val::word))
        })?;
        let own = match operator {
            UnaryOperator::Positive => names::POS,
            UnaryOperator::Negative => names::NEG,
            _ => names::INVERT,
        };
        if let Some(word) = done
            && !self.heap.is(self.heap.get(operand), Tag::Instance)
        {
            self.heap.poke_word(0, word);
            return Ok(());
        }
        let (function, receiver) = (self.temp()?, self.temp()?);
        if !self.load_special_method(operand, own, function, receiver)? {
            self.heap.arena.set_sp(operand.0);
            if let Some(word) = done {
                self.heap.poke_word(0, word);
                return Ok(());
            }
            let value = self.heap.get(operand);
            let template = match operator {
                UnaryOperator::Positive => "bad operand type for unary +: '{t}'",
                UnaryOperator::Negative => "bad operand type for unary -: '{t}'",
                _ => "bad operand type for unary ~: '{t}'",
            };
            return Err(self.heap.error_about(class_id::TYPE_ERROR, template, value, Val::NONE));
        }
        let (function, receiver) = (self.heap.peek_word(1), self.heap.peek_word(0));
        self.heap.arena.set_sp(operand.0);
        self.heap.poke_word(0, function);
        let count = u16::from(receiver != NULL);
        if receiver != NULL {
            self.heap.push_word(receiver);
        }
        self.finish_begun(operand.0, count)
    }

    /// Begins a call whose result takes the callee's place.
    fn finish_begun(&mut self, base: u32, count: u16) -> Result<(), Raised> {
        if let Begun::Value(value) = self.begin_call(base, count, 0, Kind::Value, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base);
            self.heap.poke_word(0, word);
        }
        Ok(())
    }

    // ---- iteration

    /// GET_ITER and GET_ITER_STACK.
    fn get_iterator(&mut self, on_stack: bool) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        let own = {
            let heap = &*self.heap;
            let value = heap.get(operand);
            heap.is(value, Tag::Instance)
                && heap.find_class_attribute(heap.class_of(value), names::ITER).is_some_and(|found| found.is_heap())
        };
        if !own {
            let heap = &*self.heap;
            let value = heap.get(operand);
            if on_stack {
                if let Some(words) = heap.iterator_words(value) {
                    heap.drop_operands(1);
                    words.into_iter().for_each(|word| heap.push_word(word));
                    return Ok(());
                }
            } else {
                let found = self.retry(|heap| {
                    let found = heap.new_iterator(heap.get(operand))?;
                    Ok(found.map(Val::word))
                })?;
                if let Some(word) = found {
                    self.heap.poke_word(0, word);
                    return Ok(());
                }
            }
            let heap = &*self.heap;
            let value = heap.get(operand);
            let is_iterator = matches!(heap.tag(value), Some(Tag::Iterator | Tag::Generator));
            if is_iterator {
                if on_stack {
                    self.spread_iterator();
                }
                return Ok(());
            }
        }
        // By method: `__iter__`, or the old protocol of `__getitem__`.
        let value_word = self.heap.peek_word(0);
        if on_stack {
            self.heap.poke_word(0, NULL);
            self.heap.push_word(value_word);
        }
        let base = self.heap.top_slot(0);
        let (function, receiver) = (self.temp()?, self.temp()?);
        if self.load_special_method(base, names::ITER, function, receiver)? {
            let (function, receiver) = (self.heap.peek_word(1), self.heap.peek_word(0));
            self.heap.arena.set_sp(base.0);
            self.heap.poke_word(0, function);
            self.heap.push_word(if receiver == NULL { value_word } else { receiver });
        } else if self.load_special_method(base, names::GETITEM, function, receiver)? {
            self.heap.arena.set_sp(base.0);
            let object = self.heap.peek_word(0);
            self.heap.push_word(object);
            self.load_prelude(names::ITERATE, base)?;
        } else {
            self.heap.arena.set_sp(base.0);
            let value = self.heap.get(base);
            return Err(self.heap.error_about(class_id::TYPE_ERROR, "'{t}' object is not iterable", value, Val::NONE));
        }
        let kind = if on_stack { Kind::Iterator } else { Kind::Value };
        if let Begun::Value(value) = self.begin_call(base.0, 1, 0, kind, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base.0);
            self.heap.poke_word(0, word);
            if on_stack {
                self.heap.push_word(NULL);
                self.heap.push_word(NULL);
            }
        }
        Ok(())
    }

    fn spread_iterator(&mut self) {
        let word = self.heap.peek_word(0);
        self.heap.poke_word(0, NULL);
        self.heap.push_word(word);
        self.heap.push_word(NULL);
        self.heap.push_word(NULL);
    }

    fn for_iter(&mut self, frame: &Frame, target: u32) -> Result<(), Raised> {
        let heap = &*self.heap;
        let words: [u32; 4] = core::array::from_fn(|index| heap.peek_word(3 - index as u32));
        if words[0] != NULL {
            let base = heap.arena.sp();
            let step = self.retry(|heap| {
                let words = core::array::from_fn(|index| heap.arena.stack_load(base + 3 - index as u32));
                Ok(heap.iterator_step(words)?.map(|(item, next)| (item.word(), next)))
            })?;
            let heap = &*self.heap;
            match step {
                Some((item, next)) => {
                    heap.poke_word(1, next);
                    heap.push_word(item);
                }
                None => heap.leave_loop(frame, target),
            }
            return Ok(());
        }
        let iterator = heap.top_slot(2);
        let value = heap.get(iterator);
        match heap.tag(value) {
            Some(Tag::Iterator) => {
                let item = self.retry(|heap| Ok(heap.iterator_next(heap.get(iterator))?.map(Val::word)))?;
                match item {
                    Some(word) => self.heap.push_word(word),
                    None => self.heap.leave_loop(frame, target),
                }
                Ok(())
            }
            Some(Tag::Generator) => {
                if heap.generator_finished(value) {
                    heap.leave_loop(frame, target);
                    return Ok(());
                }
                let place = heap.arena.sp() - 1;
                self.begin_resume(place, iterator, NONE, Resume::Send, Kind::GeneratorFor, false)
            }
            _ => {
                self.reserve_stack(4)?;
                let (function, receiver) = (self.temp()?, self.temp()?);
                if !self.load_special_method(iterator, names::NEXT, function, receiver)? {
                    let value = self.heap.get(iterator);
                    let template = "'{t}' object is not an iterator";
                    return Err(self.heap.error_about(class_id::TYPE_ERROR, template, value, Val::NONE));
                }
                let count = u16::from(self.heap.get_optional(receiver).is_some());
                if count == 0 {
                    self.heap.drop_operands(1);
                }
                match self.begin_call(function.0, count, 0, Kind::IterNext, false) {
                    Ok(Begun::Frame) => Ok(()),
                    Ok(Begun::Value(value)) => {
                        let word = value.0.get();
                        self.heap.arena.set_sp(function.0);
                        if word == STOP {
                            self.heap.drop_operands(1);
                            self.heap.leave_loop(frame, target);
                        } else {
                            self.heap.poke_word(0, word);
                        }
                        Ok(())
                    }
                    Err(raised) => {
                        // A native `__next__` ends with StopIteration.
                        let running = self.heap.fp.get() == frame.fp;
                        if running && self.take_stop_iteration(iterator) {
                            self.heap.arena.set_sp(function.0 + 1);
                            self.heap.leave_loop(frame, target);
                            return Ok(());
                        }
                        Err(raised)
                    }
                }
            }
        }
    }

    /// Ends the loop of the running frame whose FOR_ITER is the instruction before the saved ip.
    pub(crate) fn end_loop(&mut self) {
        let heap = &*self.heap;
        let Some(frame) = heap.frame() else { return };
        if let Some(target) = heap.target_of_last(&frame, Opcode::ForIter) {
            heap.leave_loop(&frame, target);
        }
    }

    fn store_comprehension(&mut self, operand: u32) -> Result<(), Raised> {
        let (depth, kind) = (operand >> 2, operand & 3);
        // The depth counts from the top, value (and key) included.
        let collection = self.heap.top_slot(depth);
        let value = self.heap.top_slot(0);
        let heap = &*self.heap;
        let object = heap.get(collection);
        match kind {
            0 if heap.is_list(object) => self.retry(|heap| heap.list_push(heap.get(collection), heap.get(value)))?,
            1 if heap.is_dict(object) => {
                let stored = heap.top_slot(1);
                self.table_set(collection, value, stored)?;
                self.heap.drop_operands(1);
            }
            2 if heap.is_set(object) => self.table_set(collection, value, value)?,
            _ => return Err(heap.type_error("not a collection")),
        }
        self.heap.drop_operands(1);
        Ok(())
    }

    /// UNPACK_SEQUENCE (`after` is None) and UNPACK_EX.
    fn unpack(&mut self, frame: &Frame, at: u32, before: u32, after: Option<u32>) -> Result<(), Raised> {
        let operand = self.heap.top_slot(0);
        let heap = &*self.heap;
        let value = heap.get(operand);
        if !heap.is_tuple(value) && !heap.is_list(value) {
            // Anything else becomes a list first; then the instruction is run again.
            heap.save_ip(frame, at);
            return self.retry_with_list(0);
        }
        let length = heap.sequence_len(value);
        let wanted = before + after.unwrap_or(0);
        if length < wanted || (after.is_none() && length > wanted) {
            let mut text = crate::message::Message::new();
            if length < wanted {
                text.push(b"not enough values to unpack (expected ");
                text.push(if after.is_some() { b"at least " } else { b"" });
                text.number(wanted);
                text.push(b", got ");
                text.number(length);
                text.push(b")");
            } else {
                text.push(b"too many values to unpack (expected ");
                text.number(wanted);
                text.push(b")");
            }
            return Err(self.error_with_text(class_id::VALUE_ERROR, text.bytes()));
        }
        let sp = operand.0;
        let Some(after) = after else {
            heap.drop_operands(1);
            for index in (0..length).rev() {
                let item = heap.sequence_get(value, index).word();
                heap.push_word(item);
            }
            return Ok(());
        };
        let middle = length - wanted;
        let rest = self.temp()?;
        self.make(rest, |heap| {
            let list = heap.new_list(middle)?;
            for index in before..before + middle {
                heap.list_push(list, heap.sequence_get(heap.get(operand), index))?;
            }
            Ok(list)
        })?;
        let heap = &*self.heap;
        let (value, rest) = (heap.get(operand), heap.get(rest).word());
        heap.arena.set_sp(sp + 1);
        for index in (0..after).rev() {
            heap.push_word(heap.sequence_get(value, before + middle + index).word());
        }
        heap.push_word(rest);
        for index in (0..before).rev() {
            heap.push_word(heap.sequence_get(value, index).word());
        }
        Ok(())
    }

    // ---- functions and calls

    fn make_function(&mut self, frame: &Frame, child: u32, defaults: bool, closed: u32) -> Result<(), Raised> {
        let parent = frame.descriptor.first_child;
        let extra = if defaults { 2 } else { 0 };
        let made = self.retry(|heap| {
            let unit = heap.value(heap.callee(frame), 0);
            let function = heap.alloc(Tag::Function, 2 + extra + closed)?;
            heap.set_field(function, 0, unit);
            heap.set_int_field(function, 1, (parent + child) as i32);
            if defaults {
                heap.set_flags(function, 1);
                // [defaults tuple or NULL][keyword defaults or NULL][cells …]
                let (positional, keyword) = (heap.peek(closed + 1), heap.peek(closed));
                if heap.peek_word(closed + 1) != NULL && heap.is_tuple(positional) {
                    heap.set_field(function, 2, positional);
                }
                if heap.peek_word(closed) != NULL && heap.is_dict(keyword) {
                    heap.set_field(function, 3, keyword);
                }
            }
            for index in 0..closed {
                heap.set_word(function, 2 + extra + index, heap.peek_word(closed - 1 - index));
            }
            Ok(function.word())
        })?;
        self.heap.drop_operands(extra + closed);
        self.heap.push_word(made);
        Ok(())
    }

    /// CALL_FUNCTION and CALL_METHOD.
    fn call_operands(&mut self, operand: u32, method: bool) -> Result<(), Raised> {
        let (mut positional, keywords) = ((operand & 0xff) as u16, (operand >> 8 & 0xff) as u16);
        let arguments = u32::from(positional) + 2 * u32::from(keywords);
        let mut base = self.heap.arena.sp() + arguments;
        let mut extra = false;
        if method {
            if self.heap.arena.stack_load(base) == NULL {
                let function = self.heap.arena.stack_load(base + 1);
                self.heap.arena.stack_store(base, function);
                extra = true;
            } else {
                base += 1;
                positional += 1;
            }
        }
        self.begin_operand_call(base, positional, keywords, extra)
    }

    /// Begins a call among the operands: the result takes the place of the callee (and of the word above it).
    pub(crate) fn begin_operand_call(
        &mut self,
        base: u32,
        positional: u16,
        keywords: u16,
        extra: bool,
    ) -> Result<(), Raised> {
        if let Begun::Value(value) = self.begin_call(base, positional, keywords, Kind::Value, extra)? {
            let word = value.0.get();
            self.heap.arena.set_sp(base + u32::from(extra));
            self.heap.poke_word(0, word);
        }
        Ok(())
    }
}

/// What [`Vm::carry_out`] has to do; the values are in the scratch roots.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    Getter,
    Descriptor,
    Absent,
}

fn self_plan(heap: &Heap, found: Found<'_>) -> Plan {
    match found {
        Found::Getter(function, receiver) => {
            heap.set_root(Root::ScratchA, Some(function));
            heap.set_root(Root::ScratchB, Some(receiver));
            Plan::Getter
        }
        Found::Descriptor(descriptor, owner, class) => {
            heap.set_root(Root::ScratchA, Some(descriptor));
            heap.set_root(Root::ScratchB, Some(owner));
            heap.set_root(Root::ScratchC, Some(class));
            Plan::Descriptor
        }
        _ => Plan::Absent,
    }
>>>>>>> attack
}
