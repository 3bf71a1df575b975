//! Temporary: signatures that other files of this crate will provide.
use crate::heap::Heap;
use crate::value::*;
use crate::vm::Vm;
use core::cmp::Ordering;

impl Heap {
    pub(crate) fn compare_numbers(&self, _a: Val<'_>, _b: Val<'_>) -> Option<Option<Ordering>> {
        None
    }
    pub(crate) fn complex_parts(&self, _value: Val<'_>) -> Option<(f64, f64)> {
        None
    }
    pub(crate) fn parse_int(&self, _text: &[u8], _base: u32) -> Result<Val<'_>, Raised> {
        Err(self.value_error("invalid syntax for integer"))
    }
    pub(crate) fn parse_complex(&self, _text: &[u8]) -> Result<Val<'_>, Raised> {
        Err(self.value_error("complex() arg is a malformed string"))
    }
    pub(crate) fn range_len(&self, _range: Val<'_>) -> u32 {
        0
    }
}
impl Vm<'_> {
    pub(crate) fn binary(&mut self, _op: mpy::BinaryOperator, _a: Slot, _b: Slot, _out: Slot) -> Result<(), Raised> {
        Err(Raised)
    }
    pub(crate) fn call_stacked(&mut self, _base: Slot, _positional: u8, _keywords: u8) -> Result<Ret, Raised> {
        Err(Raised)
    }
    pub(crate) fn load_special_method(
        &mut self,
        _object: Slot,
        _name: u16,
        _function: Slot,
        _receiver: Slot,
    ) -> Result<bool, Raised> {
        Err(Raised)
    }
}

pub(crate) struct Facts {
    pub(crate) n_locals: u16,
    pub(crate) max_depth: u16,
    pub(crate) max_blocks: u16,
}
pub(crate) enum VerifyErrorKind {
    Scratch,
}
impl VerifyErrorKind {
    pub(crate) fn text(&self) -> &'static str {
        ""
    }
}
pub(crate) struct VerifyError {
    pub(crate) kind: VerifyErrorKind,
}
pub(crate) fn verify_function(
    _file: &mpy::reader::File<'_>,
    _function: &mpy::reader::FunctionView<'_>,
    _scratch: &mut [u32],
) -> Result<Facts, VerifyError> {
    Err(VerifyError { kind: VerifyErrorKind::Scratch })
}
