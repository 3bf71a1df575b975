//! Functions, lambdas, their decorators and closures.

use mpy::{Opcode, scope as flags};

use crate::ast::{Decorator, Expr, ExprLambda, Parameters, StmtFunctionDef, TextRange, mark};
use crate::code::{Code, Instruction, Name};
use crate::lower::{Lower, Signature};
use crate::value::Value;

/// Most parameters of one kind; the prelude could hold more, but argument counts of calls cannot.
const PARAMETERS_MAXIMUM: usize = 255;

impl Lower<'_, '_> {
    pub(super) fn function_definition(&mut self, function: &StmtFunctionDef) {
        let Some(decorators) = self.decorators(&function.decorator_list) else { return };
        let Some(scope) = mark(&function.node_index) else { return };
        self.line_of(function.name.range);
        let name = self.name(function.name.as_str());
        let is_async = function.is_async;
        if is_async && self.unit.scopes.list.get(scope).is_some_and(|scope| scope.has_yield) {
            let message =
                "`yield` in an `async def` gives a value to the scheduler here: it makes no asynchronous generator";
            self.unit
                .findings
                .warning("async-generator", function.name.range, message)
                .help("write a class with `__aiter__` and `async def __anext__`");
        }
        self.function_object(Some(&function.parameters), scope, name, function.range, |inner| {
            inner.body(&function.body);
            inner.code.constant(Value::None);
            inner.code.plain(Opcode::ReturnValue);
            is_async
        });
        self.apply_decorators(decorators);
        self.store_name(name);
    }

    pub(super) fn lambda(&mut self, lambda: &ExprLambda) {
        let Some(scope) = mark(&lambda.node_index) else { return };
        let name = self.name("<lambda>");
        self.function_object(lambda.parameters.as_deref(), scope, name, lambda.range, |inner| {
            inner.line_of(lambda.range);
            inner.expression(&lambda.body);
            inner.code.plain(Opcode::ReturnValue);
            false
        });
    }

    /// Evaluates decorators; how many are to be called, or `None` when the function cannot be compiled.
    pub(super) fn decorators(&mut self, decorators: &[Decorator]) -> Option<u32> {
        let mut count = 0;
        let mut possible = true;
        for decorator in decorators {
            if let Some(word) = micropython_decorator(&decorator.expression) {
                let range = decorator.range;
                match word {
                    "bytecode" => {}
                    "native" => {
                        let message = "compiled to bytecode: native code is not generated";
                        self.unit.findings.note("native-as-bytecode", range, message);
                    }
                    "viper" | "asm_thumb" | "asm_xtensa" | "asm_rv32" => {
                        let message = format!("`@micropython.{word}` needs machine code, which is not generated");
                        self.unit
                            .findings
                            .error("machine-code", range, message)
                            .help("remove the decorator, or compile this file with mpy-cross for the chip");
                        possible = false;
                    }
                    _ => {
                        self.unit.findings.error("unknown-decorator", range, "invalid micropython decorator");
                        possible = false;
                    }
                }
                continue;
            }
            self.line_of(decorator.range);
            self.expression(&decorator.expression);
            count += 1;
        }
        possible.then_some(count)
    }

    pub(super) fn apply_decorators(&mut self, count: u32) {
        for _ in 0..count {
            self.code.counted(Opcode::CallFunction, 1);
        }
    }

    /// Pushes a new function. `body` lowers its code and says whether it is a generator whatever it contains.
    fn function_object(
        &mut self,
        parameters: Option<&Parameters>,
        scope: usize,
        name: Name,
        range: TextRange,
        body: impl FnOnce(&mut Lower<'_, '_>) -> bool,
    ) {
        let mut signature = Signature::default();
        let mut has_defaults = false;
        if let Some(parameters) = parameters {
            has_defaults = self.defaults(parameters, &mut signature);
            self.signature(parameters, &mut signature, range);
        }
        let mut inner = Lower::new(self.unit, scope);
        let is_generator = body(&mut inner);
        let has_yield = inner.unit.scopes.list.get(scope).is_some_and(|scope| scope.has_yield || scope.has_await);
        if is_generator || has_yield {
            signature.scope_flags |= flags::GENERATOR;
        }
        let code = inner.finish_closure(name, range, signature);
        self.make(code, scope, has_defaults);
    }

    /// Finishes a function that outer functions' cells are passed to.
    pub(super) fn finish_closure(self, name: Name, range: TextRange, mut signature: Signature) -> Code {
        let free = self.unit.scopes.list.get(self.scope).map_or(0, |scope| scope.free.len());
        let anonymous = self.unit.names.of("*");
        signature.n_pos_args += u32::try_from(free).unwrap_or(u32::MAX);
        signature.arg_names.splice(0..0, std::iter::repeat_n(anonymous, free));
        self.finish(name, range, signature)
    }

    /// Pushes the function made of a child, with the cells it needs.
    pub(super) fn make(&mut self, code: Code, scope: usize, defaults: bool) {
        let scopes = self.unit.scopes;
        let mut cells: u8 = 0;
        if let (Some(inner), Some(own)) = (scopes.list.get(scope), scopes.list.get(self.scope)) {
            for name in &inner.free {
                if let Some(slot) = own.slots.get(name) {
                    self.code.counted(Opcode::LoadFastN, *slot);
                    cells = cells.saturating_add(1);
                }
            }
        }
        let child = u32::try_from(self.children.len()).unwrap_or(u32::MAX);
        self.children.push(code);
        self.code.push(Instruction::Make { child, defaults, cells });
    }

    /// Evaluates default values: a tuple of the positional ones and a dict of the keyword-only ones. True when there
    /// are any.
    fn defaults(&mut self, parameters: &Parameters, signature: &mut Signature) -> bool {
        for one in parameters.posonlyargs.iter().chain(&parameters.args) {
            if let Some(default) = &one.default {
                self.expression(default);
                signature.n_def_pos_args += 1;
            }
        }
        let keyword = parameters.kwonlyargs.iter().filter(|one| one.default.is_some()).count();
        if signature.n_def_pos_args > 0 {
            self.code.push(Instruction::Gather(signature.n_def_pos_args));
        } else if keyword > 0 {
            self.code.plain(Opcode::LoadNull);
        }
        if keyword > 0 {
            signature.scope_flags |= flags::DEFAULT_KEYWORDS;
            self.code.counted(Opcode::BuildMap, u32::try_from(keyword).unwrap_or(0));
            for one in &parameters.kwonlyargs {
                if let Some(default) = &one.default {
                    self.expression(default);
                    self.code.constant(Value::str(one.parameter.name.as_str()));
                    self.code.plain(Opcode::StoreMap);
                }
            }
        } else if signature.n_def_pos_args > 0 {
            self.code.plain(Opcode::LoadNull);
        }
        signature.n_def_pos_args > 0 || keyword > 0
    }

    fn signature(&mut self, parameters: &Parameters, signature: &mut Signature, range: TextRange) {
        let positional = parameters.posonlyargs.len() + parameters.args.len();
        if positional > PARAMETERS_MAXIMUM || parameters.kwonlyargs.len() > PARAMETERS_MAXIMUM {
            let message = format!("more than {PARAMETERS_MAXIMUM} parameters");
            self.unit.findings.error("too-many-parameters", range, message).help("take `*args` or `**kwargs`");
        }
        signature.n_pos_args = u32::try_from(positional).unwrap_or(u32::MAX);
        signature.n_kwonly_args = u32::try_from(parameters.kwonlyargs.len()).unwrap_or(u32::MAX);
        for _ in &parameters.posonlyargs {
            // A name that no caller can write makes the parameter positional-only.
            let anonymous = self.name("*");
            signature.arg_names.push(anonymous);
        }
        for one in parameters.args.iter().chain(&parameters.kwonlyargs) {
            let name = self.name(one.parameter.name.as_str());
            signature.arg_names.push(name);
        }
        if parameters.vararg.is_some() {
            signature.scope_flags |= flags::VAR_ARGUMENTS;
        }
        if parameters.kwarg.is_some() {
            signature.scope_flags |= flags::VAR_KEYWORDS;
        }
    }
}

/// The word of a decorator that speaks to the compiler: `native` of `@micropython.native`.
fn micropython_decorator(expression: &Expr) -> Option<&str> {
    let Expr::Attribute(attribute) = expression else { return None };
    let Expr::Name(module) = &*attribute.value else { return None };
    (module.id.as_str() == "micropython").then_some(attribute.attr.as_str())
}
