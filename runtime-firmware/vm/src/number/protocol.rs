//! Numbers out of any value: `__index__`, `__int__`, `__float__` and `__complex__` of instances, text, and the
//! errors when a value is no number.

use super::Number;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;
use crate::{class_id, names};

impl Heap {
    /// The text of a str, bytes or bytearray; `None` for all else. A bytearray is copied.
    pub(crate) fn number_literal<'h>(&'h self, value: Val<'h>) -> Result<Option<&'h [u8]>, Raised> {
        match self.str_bytes(value) {
            Some(text) => Ok(Some(text)),
            None => self.bytes_like(value),
        }
    }

    /// `int(value)` for numbers and text; `None` for all else.
    fn plain_int<'h>(&'h self, value: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        match self.number(value) {
            Some(Number::Int(_)) => self.positive(value),
            Some(Number::Float(x)) => self.float_to_int(x).map(Some),
            Some(Number::Complex(..)) => Ok(None),
            None => self.number_literal(value)?.map(|text| self.parse_int(text, 10)).transpose(),
        }
    }

    /// TypeError: the answer of `value.__float__()` is no float.
    #[cold]
    fn no_float(&self, value: Slot, answer: Slot) -> Raised {
        let template = "{t}.__float__ returned non-float (type {t})";
        self.error_about(class_id::TYPE_ERROR, template, self.get(value), self.get(answer))
    }

    /// `float(value)` for numbers and text; `None` for all else.
    fn plain_float(&self, value: Val<'_>) -> Result<Option<f64>, Raised> {
        if let Some(x) = self.real_to_float(value)? {
            return Ok(Some(x));
        }
        // Lives no longer than this call.
        let value = Val::from_word(value.word()).unwrap_or(Val::NONE);
        let Some(text) = self.number_literal(value)? else { return Ok(None) };
        match self.parse_float(text) {
            Some(x) => Ok(Some(x)),
            None => {
                let shown = self.new_str(text)?;
                let template = "could not convert string to float: '{}'";
                Err(self.error_about(class_id::VALUE_ERROR, template, shown, Val::NONE))
            }
        }
    }
}

impl Vm<'_> {
    /// Calls `value.name()` if the value is an instance whose class has it.
    fn ask(&mut self, value: Slot, name: u16, out: Slot) -> Result<bool, Raised> {
        match self.heap.tag(self.heap.get(value)) {
            Some(Tag::Instance | Tag::Native) => self.call_method(value, name, &[], out),
            _ => Ok(false),
        }
    }

    /// As [`Vm::ask`], for methods that must return an int.
    fn ask_int(&mut self, value: Slot, name: u16, out: Slot) -> Result<bool, Raised> {
        if !self.ask(value, name, out)? {
            return Ok(false);
        }
        let heap = &*self.heap;
        if heap.is_integer(heap.get(out)) {
            return Ok(true);
        }
        let template = match name {
            names::INT => "__int__ returned non-int (type {t})",
            _ => "__index__ returned non-int (type {t})",
        };
        Err(heap.error_about(class_id::TYPE_ERROR, template, heap.get(out), Val::NONE))
    }

    /// `operator.index(value)`, into `out`: an int of any size; TypeError for all else, floats too.
    pub fn to_index(&mut self, value: Slot, out: Slot) -> Result<(), Raised> {
        let heap = &*self.heap;
        let part = heap.native_part(heap.get(value));
        if let Ok(Some(int)) = heap.positive(part)
            && heap.is_integer(part)
        {
            heap.set(out, int);
            return Ok(());
        }
        if self.ask_int(value, names::INDEX, out)? {
            return Ok(());
        }
        let template = "'{t}' object cannot be interpreted as an integer";
        let heap = &*self.heap;
        Err(heap.error_about(class_id::TYPE_ERROR, template, heap.get(value), Val::NONE))
    }

    /// The argument as an index or count, asking `__index__`; OverflowError if it has more than 32 bits.
    pub fn to_count(&mut self, value: Slot) -> Result<i32, Raised> {
        if let Some(n) = self.heap.get(value).small_int() {
            return Ok(n);
        }
        let out = self.temp()?;
        self.to_index(value, out)?;
        let count = self.heap.expect_int(self.heap.get(out));
        self.pop_temp(out);
        count
    }

    /// `int(value)`, into `out`.
    pub fn to_int(&mut self, value: Slot, out: Slot) -> Result<(), Raised> {
        if self.ask_int(value, names::INT, out)? {
            return Ok(());
        }
        let done = self.retry(|heap| match heap.plain_int(heap.native_part(heap.get(value)))? {
            Some(int) => {
                heap.set(out, int);
                Ok(true)
            }
            None => Ok(false),
        })?;
        if done || self.ask_int(value, names::INDEX, out)? {
            return Ok(());
        }
        let template = "int() argument must be a string, a bytes-like object or a real number, not '{t}'";
        let heap = &*self.heap;
        Err(heap.error_about(class_id::TYPE_ERROR, template, heap.get(value), Val::NONE))
    }

    /// `float(value)`.
    pub fn to_float(&mut self, value: Slot) -> Result<f64, Raised> {
        if let Some(x) = self.heap.as_float(self.heap.get(value)) {
            return Ok(x);
        }
        let out = self.temp()?;
        let result = self.float_with(value, out);
        self.pop_temp(out);
        result
    }

    fn float_with(&mut self, value: Slot, out: Slot) -> Result<f64, Raised> {
        if self.ask(value, names::FLOAT, out)? {
            let heap = &*self.heap;
            return heap.as_float(heap.native_part(heap.get(out))).ok_or_else(|| heap.no_float(value, out));
        }
        if let Some(x) = self.retry(|heap| heap.plain_float(heap.native_part(heap.get(value))))? {
            return Ok(x);
        }
        if self.ask_int(value, names::INDEX, out)?
            && let Some(x) = self.heap.real_to_float(self.heap.get(out))?
        {
            return Ok(x);
        }
        let template = "float() argument must be a string or a real number, not '{t}'";
        let heap = &*self.heap;
        Err(heap.error_about(class_id::TYPE_ERROR, template, heap.get(value), Val::NONE))
    }

    /// A number or an instance that can be one, as a complex number. `None` for text and all else.
    pub fn to_complex(&mut self, value: Slot) -> Result<Option<(f64, f64)>, Raised> {
        let out = self.temp()?;
        let result = self.complex_with(value, out);
        self.pop_temp(out);
        result
    }

    fn complex_with(&mut self, value: Slot, out: Slot) -> Result<Option<(f64, f64)>, Raised> {
        if self.ask(value, names::COMPLEX, out)? {
            let heap = &*self.heap;
            let template = "{t}.__complex__ returned non-complex (type {t})";
            return heap
                .complex_parts(heap.native_part(heap.get(out)))
                .map(Some)
                .ok_or_else(|| heap.error_about(class_id::TYPE_ERROR, template, heap.get(value), heap.get(out)));
        }
        let heap = &*self.heap;
        if let Some(parts) = heap.complex_operand(heap.native_part(heap.get(value)))? {
            return Ok(Some(parts));
        }
        if self.ask(value, names::FLOAT, out)? {
            let heap = &*self.heap;
            return match heap.as_float(heap.native_part(heap.get(out))) {
                Some(x) => Ok(Some((x, 0.0))),
                None => Err(heap.no_float(value, out)),
            };
        }
        if self.ask_int(value, names::INDEX, out)? {
            return self.heap.complex_operand(self.heap.get(out));
        }
        Ok(None)
    }
}
