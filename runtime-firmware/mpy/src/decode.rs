//! Bytes to the owned tree.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::module::{Constant, Function, Module};
use crate::reader::{ConstantView, File, FunctionView, ReadError, ReadErrorKind};

/// Why bytes could not be decoded.
pub type DecodeError = ReadError;

/// Decodes a whole file. Of a file that [`crate::encode`] or MicroPython's compiler wrote, [`crate::encode`] makes the
/// same bytes again.
///
/// # Errors
/// When the file is refused ([`File::open`]), or a function names a qstr beyond 16 bits.
pub fn decode(bytes: &[u8]) -> Result<Module, DecodeError> {
    let file = File::open(bytes)?;
    let root = file.root().ok_or(ReadError { kind: ReadErrorKind::Truncated, at: 0 })?;
    Ok(Module {
        small_int_bits: file.small_int_bits(),
        qstrs: file.qstrs().map(|qstr| qstr.bytes().to_vec()).collect(),
        constants: file.constants().map(constant).collect(),
        root: function(&root)?,
    })
}

/// Recursion ends: the reader limits how deeply constants nest.
fn constant(view: ConstantView<'_>) -> Constant {
    match view {
        ConstantView::None => Constant::None,
        ConstantView::False => Constant::False,
        ConstantView::True => Constant::True,
        ConstantView::Ellipsis => Constant::Ellipsis,
        ConstantView::Str { bytes, .. } => Constant::Str(bytes.to_vec()),
        ConstantView::Bytes { bytes, .. } => Constant::Bytes(bytes.to_vec()),
        ConstantView::Integer(text) => Constant::Integer(Box::from(text)),
        ConstantView::Float(text) => Constant::Float(Box::from(text)),
        ConstantView::Complex(text) => Constant::Complex(Box::from(text)),
        ConstantView::Tuple(items) => Constant::Tuple(items.map(constant).collect()),
    }
}

/// Recursion ends: the reader limits how deeply functions nest.
fn function(view: &FunctionView<'_>) -> Result<Function, DecodeError> {
    let index = |name: u32| {
        u16::try_from(name).map_err(|_| ReadError { kind: ReadErrorKind::TooLarge, at: view.arg_names.start })
    };
    Ok(Function {
        name: index(view.name)?,
        scope_flags: view.prelude.scope_flags,
        n_state: view.prelude.n_state,
        n_exc_stack: view.prelude.n_exc_stack,
        n_pos_args: view.prelude.n_pos_args,
        n_kwonly_args: view.prelude.n_kwonly_args,
        n_def_pos_args: view.prelude.n_def_pos_args,
        arg_names: view.arg_names().map(index).collect::<Result<_, _>>()?,
        line_info: view.line_info_bytes().to_vec(),
        cells: view.cell_bytes().iter().map(|&cell| u16::from(cell)).collect(),
        code: view.code_bytes().to_vec(),
        children: view.children().map(|child| function(&child)).collect::<Result<Vec<_>, _>>()?,
    })
}
