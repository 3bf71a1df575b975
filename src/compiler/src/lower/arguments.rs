//! Calls: arguments of all kinds, methods, and `super()`.

use mpy::Opcode;

use crate::ast::{Arguments, Expr, ExprAttribute, ExprCall, Ranged};
use crate::lower::Lower;
use crate::scope::Kind;
use crate::value::Value;

/// Most positional arguments, and most keyword arguments, that a call's operand can count.
const CALL_ARGUMENTS_MAXIMUM: usize = 255;

impl Lower<'_, '_> {
    pub(super) fn call(&mut self, call: &ExprCall) {
        if self.zero_argument_super(call) {
            self.code.counted(Opcode::CallFunction, 2);
            return;
        }
        if let Expr::Attribute(attribute) = &*call.func {
            self.load_method(attribute);
            self.call_with(&call.arguments, true, 0);
            return;
        }
        self.expression(&call.func);
        self.call_with(&call.arguments, false, 0);
    }

    fn load_method(&mut self, attribute: &ExprAttribute) {
        let name = self.name(attribute.attr.as_str());
        if let Expr::Call(inner) = &*attribute.value
            && self.zero_argument_super(inner)
        {
            self.code.named(Opcode::LoadSuperMethod, name);
            return;
        }
        self.expression(&attribute.value);
        self.code.named(Opcode::LoadMethod, name);
    }

    /// For `super()` in a function pushes `super`, the class and the first argument, and says true.
    fn zero_argument_super(&mut self, call: &ExprCall) -> bool {
        let Expr::Name(function) = &*call.func else { return false };
        if function.id.as_str() != "super" || !call.arguments.is_empty() {
            return false;
        }
        let scopes = self.unit.scopes;
        let mut method = self.scope;
        while let Some(scope) = scopes.list.get(method)
            && scope.kind.is_comprehension()
        {
            let Some(parent) = scope.parent else { return false };
            method = parent;
        }
        let Some(scope) = scopes.list.get(method) else { return false };
        if !matches!(scope.kind, Kind::Function | Kind::Lambda) {
            return false;
        }
        let Some(first) = scope.first_parameter else {
            self.unit.findings.error("super-without-self", call.range(), "super() can't find self");
            return false;
        };
        let [super_, class] = ["super", "__class__"].map(|text| self.name(text));
        self.load_name(super_);
        self.load_name(class);
        self.load_name(first);
        true
    }

    /// Pushes arguments and calls what lies below them (and `extra` arguments already pushed).
    pub(super) fn call_with(&mut self, arguments: &Arguments, is_method: bool, extra: u32) {
        // The bits of a small int say which positional arguments are starred.
        let star_positions = usize::from(self.unit.options.small_int_bits.clamp(8, 63)) - 2;
        let starred_fits = arguments
            .args
            .iter()
            .enumerate()
            .all(|(index, argument)| !argument.is_starred_expr() || index + extra as usize <= star_positions);
        let too_many = arguments.args.len() + extra as usize > CALL_ARGUMENTS_MAXIMUM;
        let mut positional = extra;
        let mut stars: i64 = 0;
        let mut is_starred = false;
        if too_many || !starred_fits {
            self.list_display(&arguments.args);
            stars |= 1 << positional;
            is_starred = true;
            positional += 1;
        } else {
            for argument in &arguments.args {
                match argument {
                    Expr::Starred(starred) => {
                        stars |= 1 << positional;
                        is_starred = true;
                        self.expression(&starred.value);
                    }
                    plain => self.expression(plain),
                }
                positional += 1;
            }
        }
        let keywords = if arguments.keywords.len() > CALL_ARGUMENTS_MAXIMUM {
            is_starred = true;
            self.keywords_as_dict(arguments)
        } else {
            is_starred |= arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
            self.keywords(arguments)
        };
        if is_starred {
            self.code.small_int(stars);
        }
        let opcode = match (is_method, is_starred) {
            (false, false) => Opcode::CallFunction,
            (false, true) => Opcode::CallFunctionVarKw,
            (true, false) => Opcode::CallMethod,
            (true, true) => Opcode::CallMethodVarKw,
        };
        self.code.counted(opcode, positional | keywords << 8);
    }

    fn keywords(&mut self, arguments: &Arguments) -> u32 {
        for keyword in &arguments.keywords {
            match &keyword.arg {
                Some(name) => self.keyword_name(name.as_str()),
                None => self.code.plain(Opcode::LoadNull),
            }
            self.expression(&keyword.value);
        }
        u32::try_from(arguments.keywords.len()).unwrap_or(u32::MAX)
    }

    /// A keyword's name must be a qstr, however long it is.
    fn keyword_name(&mut self, text: &str) {
        let name = self.name(text);
        self.code.named(Opcode::LoadConstString, name);
    }

    /// More keywords than a call can count travel as one `**` dict, or as several where the call has `**` itself.
    fn keywords_as_dict(&mut self, arguments: &Arguments) -> u32 {
        self.code.plain(Opcode::LoadNull);
        self.code.counted(Opcode::BuildMap, 0);
        let mut dicts = 1;
        let mut after_dict = false;
        for keyword in &arguments.keywords {
            match &keyword.arg {
                Some(name) => {
                    if after_dict {
                        self.code.plain(Opcode::LoadNull);
                        self.code.counted(Opcode::BuildMap, 0);
                        dicts += 1;
                        after_dict = false;
                    }
                    self.expression(&keyword.value);
                    self.code.constant(Value::str(name.as_str()));
                    self.code.plain(Opcode::StoreMap);
                }
                None => {
                    self.code.plain(Opcode::LoadNull);
                    self.expression(&keyword.value);
                    dicts += 1;
                    after_dict = true;
                }
            }
        }
        if dicts as usize > CALL_ARGUMENTS_MAXIMUM {
            let message = "too many `**` arguments in one call";
            self.unit.findings.error("too-many-arguments", arguments.range, message);
        }
        dicts
    }
}
