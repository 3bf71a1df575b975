//! Template strings (PEP 750): objects of `string.templatelib`.

use mpy::Opcode;

use crate::ast::{ConversionFlag, ExprTString, InterpolatedElement, InterpolatedStringElement, Ranged};
use crate::lower::Lower;
use crate::value::Value;

/// Most parts that one call takes.
const PARTS_MAXIMUM: usize = 255;

impl Lower<'_, '_> {
    /// `Template(text, Interpolation(value, source, conversion, specification), ...)`.
    pub(super) fn template_string(&mut self, string: &ExprTString) {
        let elements: Vec<&InterpolatedStringElement> =
            string.value.iter().flat_map(|part| part.elements.iter()).collect();
        if elements.len() > PARTS_MAXIMUM {
            let message = format!("more than {PARTS_MAXIMUM} parts in one template string");
            self.unit.findings.error("f-string-too-long", string.range, message);
        }
        let values = elements.iter().any(|element| matches!(element, InterpolatedStringElement::Interpolation(_)));
        self.templatelib("Template");
        let interpolation = values.then(|| {
            let local = self.new_local();
            self.templatelib("Interpolation");
            self.code.counted(Opcode::StoreFastN, local);
            local
        });
        let mut count = 0;
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => self.code.constant(Value::str(&literal.value)),
                InterpolatedStringElement::Interpolation(one) => {
                    if let Some(text) = debug_text(one, &self.unit.source.text) {
                        self.code.constant(Value::str(&text));
                        count += 1;
                    }
                    if let Some(local) = interpolation {
                        self.interpolation(one, local);
                    }
                }
            }
            count += 1;
        }
        self.code.counted(Opcode::CallFunction, count);
        if interpolation.is_some() {
            self.next_local = self.next_local.saturating_sub(1);
        }
    }

    fn templatelib(&mut self, text: &str) {
        let [module, name] = ["string.templatelib", text].map(|text| self.name(text));
        self.code.small_int(0);
        self.code.named(Opcode::LoadConstString, name);
        self.code.counted(Opcode::BuildTuple, 1);
        self.code.named(Opcode::ImportName, module);
        self.code.named(Opcode::LoadAttr, name);
    }

    fn interpolation(&mut self, one: &InterpolatedElement, class: u32) {
        self.code.counted(Opcode::LoadFastN, class);
        self.expression(&one.expression);
        let source = self.unit.source.text.get(std::ops::Range::<usize>::from(one.expression.range())).unwrap_or("");
        let source = Value::str(source);
        self.code.constant(source);
        let is_plain_debug = one.debug_text.is_some() && one.format_spec.is_none();
        self.code.constant(match one.conversion {
            ConversionFlag::None if is_plain_debug => Value::str("r"),
            ConversionFlag::None => Value::None,
            ConversionFlag::Str => Value::str("s"),
            ConversionFlag::Repr => Value::str("r"),
            ConversionFlag::Ascii => Value::str("a"),
        });
        match &one.format_spec {
            Some(spec) => self.formatted(spec.elements.iter(), spec.range),
            None => self.code.constant(Value::str("")),
        }
        self.code.counted(Opcode::CallFunction, 4);
    }
}

/// The text that `{value=}` puts in front.
fn debug_text(one: &InterpolatedElement, source: &str) -> Option<String> {
    let debug = one.debug_text.as_ref()?;
    let expression = source.get(std::ops::Range::<usize>::from(one.expression.range())).unwrap_or("");
    Some(format!("{}{expression}{}", debug.leading, debug.trailing))
}
