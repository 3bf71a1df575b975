//! Temporary: signatures that other files of this crate will provide.
use crate::value::*;
use crate::vm::Vm;

impl Vm<'_> {
    /// `object.name`
    pub(crate) fn load_attribute(&mut self, object: Slot, name: u16, out: Slot) -> Result<(), Raised> {
        match self.heap.find_attribute(self.heap.get(object), name)? {
            crate::attribute::Found::Value(value) => self.heap.set(out, value),
            _ => return Err(self.heap.error(crate::class_id::ATTRIBUTE_ERROR, "no such attribute")),
        }
        Ok(())
    }
    /// `object[index]`
    pub(crate) fn load_item(&mut self, object: Slot, index: Slot, out: Slot) -> Result<(), Raised> {
        let heap = &*self.heap;
        let (value, index) = (heap.get(object), heap.get(index));
        let found = if heap.is_dict(value) {
            heap.dict_get(value, index)?
        } else {
            heap.place_of(heap.expect_int(index)?, heap.sequence_len(value)).map(|at| heap.sequence_get(value, at))
        };
        match found {
            Some(found) => heap.set(out, found),
            None => return Err(heap.error_value(crate::class_id::KEY_ERROR, index)),
        }
        Ok(())
    }
    /// Calls a function of the prelude in place of the running one.
    pub(crate) fn tail_prelude(&mut self, _args: crate::Args, _name: u16, _arguments: &[Slot]) -> Result<Ret, Raised> {
        Err(self.heap.type_error("no prelude"))
    }
    /// Calls the running function again with argument `index` made a list.
    pub(crate) fn materialise(&mut self, _args: crate::Args, _index: u32) -> Result<Ret, Raised> {
        Err(self.heap.type_error("object is not iterable"))
    }
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
