//! The text of an error that leaf code described by a template and its operands.

use crate::value::*;
use crate::vm::Vm;

impl Vm<'_> {
    /// Fills a template: `{}` is the `str` of an operand, `{t}` the name of its type; the first placeholder
    /// stands for `a`, the second for `b`.
    pub(crate) fn error_text(&mut self, template: &'static str, a: Slot, b: Slot, out: Slot) -> Result<(), Raised> {
        let mut text = self.text_buffer()?;
        let mut operands = [a, b].into_iter();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let (plain, placeholder) = rest.split_at(open);
            self.append_bytes(&mut text, plain.as_bytes())?;
            let type_name = placeholder.starts_with("{t}");
            let length = if type_name { 3 } else { 2 };
            if !type_name && !placeholder.starts_with("{}") {
                self.append_bytes(&mut text, b"{")?;
                rest = placeholder.get(1..).unwrap_or("");
                continue;
            }
            rest = placeholder.get(length..).unwrap_or("");
            let Some(operand) = operands.next() else { continue };
            if type_name {
                self.append(&mut text, |sink| {
                    let heap = sink.heap;
                    sink.push(heap.class_name(heap.class_of(heap.get(operand))))
                })?;
            } else {
                self.append_str(&mut text, operand)?;
            }
        }
        self.append_bytes(&mut text, rest.as_bytes())?;
        self.finish_text(text, out)
    }
}
