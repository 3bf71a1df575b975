//! Numbers inside a text.

use super::sink::Sink;
use crate::float_text::{write_repr, write_repr_part};
use crate::format_number::FormatSpec;
use crate::heap::Heap;
use crate::value::*;

impl Heap {
    /// Appends an int in decimal.
    pub(crate) fn write_int(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        sink.collect(|out| self.int_text(value, 10, out))
    }

    /// Appends a float as `repr` writes it.
    pub(crate) fn write_float_repr(&self, sink: &mut Sink<'_>, x: f64) -> Result<(), Raised> {
        sink.collect(|out| {
            write_repr(x, self.single_precision(), out);
            Ok(())
        })
    }

    /// Appends a complex number as `repr` writes it: `(1+2j)`, and `2j` where there is no real part.
    pub(crate) fn write_complex(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        let (real, imaginary) = self.complex_parts(value).unwrap_or((0.0, 0.0));
        let single = self.single_precision();
        let alone = real == 0.0 && real.is_sign_positive();
        sink.collect(|out| {
            if !alone {
                out(b"(");
                write_repr_part(real, single, out);
                if imaginary.is_nan() || imaginary.is_sign_positive() {
                    out(b"+");
                }
            }
            write_repr_part(imaginary, single, out);
            out(if alone { b"j" } else { b"j)" });
            Ok(())
        })
    }

    /// Appends a number by a format specification.
    pub(crate) fn write_number(
        &self,
        sink: &mut Sink<'_>,
        value: Val<'_>,
        spec: &FormatSpec<'_>,
    ) -> Result<(), Raised> {
        sink.collect(|out| self.format_number(value, spec, out))
    }
}
