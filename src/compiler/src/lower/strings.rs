//! String literals and f-strings.

use std::fmt::Write;

use mpy::Opcode;

use crate::ast::{
    ConversionFlag, Expr, ExprFString, FStringPart, InterpolatedElement, InterpolatedStringElement, Ranged,
    StringLiteral, StringLiteralValue, TextRange,
};
use crate::lower::{Lower, helpers};
use crate::value::Value;

/// Most values that one `format` call is given.
const FORMAT_ARGUMENTS_MAXIMUM: usize = 255;

/// What the parser puts in place of a lone surrogate.
const REPLACEMENT: char = '\u{fffd}';

/// A `str.format` template under construction with the values it takes.
#[derive(Default)]
struct Template<'a> {
    text: Vec<u8>,
    values: Vec<(&'a Expr, bool)>,
}

impl Template<'_> {
    fn literal(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.text.push(byte);
            if matches!(byte, b'{' | b'}') {
                self.text.push(byte);
            }
        }
    }
}

impl Lower<'_, '_> {
    pub(super) fn string_value(&mut self, value: &StringLiteralValue) -> Value {
        let mut bytes = Vec::new();
        for part in value.iter() {
            bytes.extend_from_slice(&self.literal_bytes(part));
        }
        Value::Str(bytes.into())
    }

    /// The bytes of one literal. Lone surrogates, which no Rust string can hold, are read from the source again.
    fn literal_bytes(&self, part: &StringLiteral) -> Vec<u8> {
        let is_raw = part.flags.prefix().is_raw();
        if is_raw || !part.value.contains(REPLACEMENT) {
            return part.value.as_bytes().to_vec();
        }
        let text = self.unit.source.text.get(std::ops::Range::<usize>::from(part.range)).unwrap_or("");
        with_surrogates(&part.value, text)
    }

    pub(super) fn f_string(&mut self, string: &ExprFString) {
        let mut template = Template::default();
        for part in string.value.iter() {
            match part {
                FStringPart::Literal(literal) => {
                    let bytes = self.literal_bytes(literal);
                    template.literal(&bytes);
                }
                FStringPart::FString(string) => {
                    for element in &string.elements {
                        self.f_string_element(element, &mut template, string.flags.prefix().is_raw());
                    }
                }
            }
        }
        self.format(template, string.range);
    }

    /// Pushes the text that elements of an f-string, or of a format specification, make.
    pub(super) fn formatted<'a>(
        &mut self,
        elements: impl Iterator<Item = &'a InterpolatedStringElement>,
        range: TextRange,
    ) {
        let mut template = Template::default();
        for element in elements {
            self.f_string_element(element, &mut template, false);
        }
        self.format(template, range);
    }

    /// Pushes what a template and its values make.
    fn format(&mut self, template: Template<'_>, range: TextRange) {
        if template.values.is_empty() {
            let text = unescape_braces(&template.text);
            self.code.constant(Value::Str(text.into()));
            return;
        }
        if template.values.len() > FORMAT_ARGUMENTS_MAXIMUM {
            let message = format!("more than {FORMAT_ARGUMENTS_MAXIMUM} values in one f-string");
            self.unit
                .findings
                .error("f-string-too-long", range, message)
                .help("make it of several f-strings joined by `+`");
        }
        self.code.constant(Value::Str(template.text.into()));
        let format = self.name("format");
        self.code.named(Opcode::LoadMethod, format);
        let count = u32::try_from(template.values.len()).unwrap_or(0);
        for (value, ascii) in template.values {
            let helped = ascii && self.helper(helpers::ASCII, &helpers::ASCII_USES, value.range());
            self.expression(value);
            if helped {
                self.code.counted(Opcode::CallFunction, 1);
            }
        }
        self.code.counted(Opcode::CallMethod, count);
    }

    fn f_string_element<'a>(
        &mut self,
        element: &'a InterpolatedStringElement,
        template: &mut Template<'a>,
        is_raw: bool,
    ) {
        match element {
            InterpolatedStringElement::Literal(literal) => {
                let text = self.unit.source.text.get(std::ops::Range::<usize>::from(literal.range)).unwrap_or("");
                if is_raw || !literal.value.contains(REPLACEMENT) {
                    template.literal(literal.value.as_bytes());
                } else {
                    template.literal(&with_surrogates(&literal.value, text));
                }
            }
            InterpolatedStringElement::Interpolation(one) => self.f_string_value(one, template),
        }
    }

    fn f_string_value<'a>(&mut self, one: &'a InterpolatedElement, template: &mut Template<'a>) {
        let mut conversion = one.conversion;
        if let Some(debug) = &one.debug_text {
            let source = &self.unit.source.text;
            let expression = source.get(std::ops::Range::<usize>::from(one.expression.range())).unwrap_or("");
            let mut text = String::new();
            let _ = write!(text, "{}{expression}{}", debug.leading, debug.trailing);
            template.literal(text.as_bytes());
            if conversion == ConversionFlag::None && one.format_spec.is_none() {
                conversion = ConversionFlag::Repr;
            }
        }
        template.values.push((&one.expression, conversion == ConversionFlag::Ascii));
        template.text.push(b'{');
        match conversion {
            ConversionFlag::Str => template.text.extend_from_slice(b"!s"),
            ConversionFlag::Repr => template.text.extend_from_slice(b"!r"),
            ConversionFlag::None | ConversionFlag::Ascii => {}
        }
        if let Some(spec) = &one.format_spec {
            template.text.push(b':');
            for element in &spec.elements {
                match element {
                    InterpolatedStringElement::Literal(literal) => {
                        if literal.value.contains(['{', '}']) {
                            self.unsupported(literal.range, "a brace in a format specification");
                        }
                        template.text.extend_from_slice(literal.value.as_bytes());
                    }
                    InterpolatedStringElement::Interpolation(inner) => self.f_string_value(inner, template),
                }
            }
        }
        template.text.push(b'}');
    }
}

/// A template without values as the text it stands for.
fn unescape_braces(template: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(template.len());
    let mut bytes = template.iter();
    while let Some(&byte) = bytes.next() {
        text.push(byte);
        if matches!(byte, b'{' | b'}') {
            bytes.next();
        }
    }
    text
}

/// The parsed text with its replacement characters turned back into the surrogates that the source has escapes for.
fn with_surrogates(parsed: &str, source: &str) -> Vec<u8> {
    let mut surrogates = escaped_code_points(source).into_iter();
    let mut bytes = Vec::with_capacity(parsed.len());
    for character in parsed.chars() {
        if character == REPLACEMENT
            && let Some(Some(surrogate)) = surrogates.next()
        {
            // Three bytes, as UTF-8 would have it.
            bytes.push(0xe0 | (surrogate >> 12) as u8);
            bytes.push(0x80 | (surrogate >> 6 & 0x3f) as u8);
            bytes.push(0x80 | (surrogate & 0x3f) as u8);
            continue;
        }
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    bytes
}

/// For each replacement character that the source's text makes: the surrogate it stands for, or `None` where the
/// source really means U+FFFD.
fn escaped_code_points(source: &str) -> Vec<Option<u32>> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character == REPLACEMENT {
            found.push(None);
        }
        if character != '\\' {
            continue;
        }
        let Some(kind) = rest.chars().next() else { break };
        rest = &rest[kind.len_utf8()..];
        let digits = match kind {
            'u' => 4,
            'U' => 8,
            'N' => {
                if let Some(end) = rest.find('}') {
                    if rest[..end].trim_start_matches('{').eq_ignore_ascii_case("REPLACEMENT CHARACTER") {
                        found.push(None);
                    }
                    rest = &rest[end + 1..];
                }
                continue;
            }
            _ => continue,
        };
        let Some(text) = rest.get(..digits) else { continue };
        rest = &rest[digits..];
        match u32::from_str_radix(text, 16) {
            Ok(value @ 0xd800..=0xdfff) => found.push(Some(value)),
            Ok(0xfffd) => found.push(None),
            _ => {}
        }
    }
    found
}
