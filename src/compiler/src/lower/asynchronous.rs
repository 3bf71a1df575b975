//! `await`, `async for` and `async with`.

use mpy::{BinaryOperator, Opcode};

use crate::ast::{Expr, Ranged, Stmt, StmtFor, TextRange, WithItem};
use crate::code::Label;
use crate::lower::{Loop, Lower};
use crate::scope::{Kind, Scope};
use crate::value::Value;

impl Lower<'_, '_> {
    pub(super) fn await_expression(&mut self, value: &Expr, range: TextRange) {
        if matches!(self.kind(), Kind::Module | Kind::Class) {
            self.unit.findings.error("await-outside-function", range, "'await' outside function");
        }
        self.expression(value);
        self.yield_from();
    }

    fn check_coroutine(&mut self, range: TextRange, what: &str) {
        let scope = self.unit.scopes.list.get(self.scope);
        let may = |scope: &Scope| scope.kind.is_function() && (scope.is_async || scope.has_yield || scope.has_await);
        if !scope.is_some_and(may) {
            let message = format!("'{what}' outside async function");
            self.unit.findings.error("async-outside-function", range, message);
        }
    }

    /// Replaces the object on top by what awaiting its method's result gives.
    fn await_method(&mut self, method: &str) {
        let method = self.name(method);
        self.code.named(Opcode::LoadMethod, method);
        self.code.counted(Opcode::CallMethod, 0);
        self.yield_from();
    }

    /// Replaces an object by its asynchronous iterator.
    pub(super) fn async_iterator(&mut self) {
        let method = self.name("__aiter__");
        self.code.named(Opcode::LoadMethod, method);
        self.code.counted(Opcode::CallMethod, 0);
    }

    /// Takes the next item of the asynchronous iterator on top of the stack, which stays there, and stores it; at the
    /// iterator's end jumps to `exhausted`.
    pub(super) fn async_next(&mut self, target: &Expr, exhausted: Label) {
        let [handler, other, got_item] = std::array::from_fn(|_| self.code.new_label());
        let depth = self.code.depth();
        self.open_block(Opcode::SetupExcept, handler, target.range());
        self.code.plain(Opcode::DupTop);
        self.await_method("__anext__");
        // Inside the block, so that the stack is the same whichever way it is left.
        self.store(target);
        self.code.jump(Opcode::PopExceptJump, got_item);
        self.code.start_handler(handler, depth + 1, false);
        self.code.plain(Opcode::DupTop);
        let stop = self.name("StopAsyncIteration");
        self.code.named(Opcode::LoadGlobal, stop);
        self.code.binary(BinaryOperator::ExceptionMatch);
        self.code.jump(Opcode::PopJumpIfFalse, other);
        self.code.plain(Opcode::PopTop);
        self.code.jump(Opcode::PopExceptJump, exhausted);
        self.code.place(other);
        self.code.end_block(false);
        self.code.place(got_item);
    }

    pub(super) fn async_for_statement(&mut self, one: &StmtFor) {
        self.check_coroutine(one.range, "async for");
        let [next, exhausted, after] = std::array::from_fn(|_| self.code.new_label());
        self.expression(&one.iter);
        self.async_iterator();
        let depth = self.code.depth();
        let frame =
            Loop { after, next, blocks: self.code.blocks, depth_after: depth, depth_next: depth, has_iterator: false };
        self.code.place(next);
        self.async_next(&one.target, exhausted);
        let outer = self.innermost_loop.replace(frame);
        self.body(&one.body);
        self.innermost_loop = outer;
        self.code.jump(Opcode::Jump, next);
        self.code.place(exhausted);
        self.body(&one.orelse);
        self.code.place(after);
        self.code.plain(Opcode::PopTop);
    }

    pub(super) fn async_with_items(&mut self, items: &[WithItem], body: &[Stmt]) {
        let Some((item, rest)) = items.split_first() else {
            self.body(body);
            return;
        };
        self.check_coroutine(item.context_expr.range(), "async with");
        let [handler, exit_plain, unwinding, end] = std::array::from_fn(|_| self.code.new_label());
        let depth = self.code.depth();
        self.expression(&item.context_expr);
        self.code.plain(Opcode::DupTop);
        self.await_method("__aenter__");
        match &item.optional_vars {
            Some(target) => self.store(target),
            None => self.code.plain(Opcode::PopTop),
        }
        self.open_block(Opcode::SetupFinally, handler, item.range);
        self.async_with_items(rest, body);

        // Fell out of the body. Stack: manager.
        self.code.constant(Value::None);
        self.code.plain(Opcode::RotTwo);
        self.code.jump(Opcode::Jump, exit_plain);

        // Entered with an exception, or by a return or jump. Stack: manager, state (and one more when unwinding).
        self.code.start_handler(handler, depth + 2, true);
        self.code.plain(Opcode::DupTop);
        let base = self.name("BaseException");
        self.code.named(Opcode::LoadGlobal, base);
        self.code.binary(BinaryOperator::ExceptionMatch);
        self.code.jump(Opcode::PopJumpIfFalse, unwinding);

        // An exception: `__aexit__` may swallow it.
        self.code.plain(Opcode::DupTop);
        self.code.plain(Opcode::RotThree);
        self.code.plain(Opcode::RotTwo);
        let exit = self.name("__aexit__");
        self.code.named(Opcode::LoadMethod, exit);
        self.code.plain(Opcode::RotThree);
        self.code.plain(Opcode::RotThree);
        self.code.plain(Opcode::DupTop);
        let class = self.name("__class__");
        self.code.named(Opcode::LoadAttr, class);
        self.code.plain(Opcode::RotTwo);
        self.code.constant(Value::None);
        self.code.counted(Opcode::CallMethod, 3);
        self.yield_from();
        self.code.jump(Opcode::PopJumpIfFalse, end);
        self.code.plain(Opcode::PopTop);
        self.code.constant(Value::None);
        self.code.jump(Opcode::Jump, end);

        // A return or jump: its two words stay below the manager.
        self.code.place(unwinding);
        self.code.plain(Opcode::RotThree);
        self.code.plain(Opcode::RotThree);
        self.code.place(exit_plain);
        self.code.named(Opcode::LoadMethod, exit);
        self.code.constant(Value::None);
        self.code.plain(Opcode::DupTop);
        self.code.plain(Opcode::DupTop);
        self.code.counted(Opcode::CallMethod, 3);
        self.yield_from();
        self.code.plain(Opcode::PopTop);
        self.code.place(end);
        self.code.end_block(true);
    }
}
