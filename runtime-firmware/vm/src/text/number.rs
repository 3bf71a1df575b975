//! Numbers inside a text.

use super::sink::Sink;
use crate::heap::Heap;
use crate::value::*;
use core::fmt::Write;

impl Heap {
    /// Appends an int in decimal.
    pub(crate) fn write_int(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        sink.push_decimal(self.as_int(value).unwrap_or(0))
    }

    /// Appends a float as `repr` writes it.
    pub(crate) fn write_float(&self, sink: &mut Sink<'_>, x: f64) -> Result<(), Raised> {
        write!(sink, "{x:?}").map_err(|_| Raised)
    }

    /// Appends a complex number as `repr` writes it.
    pub(crate) fn write_complex(&self, sink: &mut Sink<'_>, value: Val<'_>) -> Result<(), Raised> {
        let (real, imaginary) = self.complex_parts(value).unwrap_or((0.0, 0.0));
        sink.push(b"(")?;
        self.write_float(sink, real)?;
        sink.push(b"+")?;
        self.write_float(sink, imaginary)?;
        sink.push(b"j)")
    }
}
