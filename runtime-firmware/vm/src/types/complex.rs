//! `complex`: constructor and attributes.

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    Row("conjugate", Member::Leaf(conjugate, 1, 1)),
    Row("imag", Member::Getter(imaginary)),
    Row("real", Member::Getter(real)),
];

/// `complex(text)`, `complex(real=0, imag=0)`
fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    let [real, imaginary] = vm.heap.bind_slots(args, &["real", "imag"], 0)?;
    if let Some(text) = real
        && vm.heap.is_str(vm.heap.native_part(vm.heap.get(text)))
    {
        if imaginary.is_some() {
            return Err(vm.heap.type_error("complex() can't take second arg if first is a string"));
        }
        return vm.make_ret(|heap| heap.parse_complex(heap.expect_str(heap.native_part(heap.get(text)))?));
    }
    if let Some(text) = imaginary
        && vm.heap.is_str(vm.heap.native_part(vm.heap.get(text)))
    {
        return Err(vm.heap.type_error("complex() second arg can't be a string"));
    }
    let (re, re_imaginary) = part(vm, real, "complex() first argument must be a string or a number, not '{t}'")?;
    let (im, im_imaginary) = part(vm, imaginary, "complex() second argument must be a number, not '{t}'")?;
    // Both may be complex: re + im * j. Zeros keep their signs where nothing is added to them.
    let re = if im_imaginary == 0.0 { re } else { re - im_imaginary };
    let im = if re_imaginary == 0.0 { im } else { im + re_imaginary };
    vm.make_ret(|heap| heap.new_complex(re, im))
}

fn part(vm: &mut Vm<'_>, value: Option<Slot>, otherwise: &'static str) -> Result<(f64, f64), Raised> {
    let Some(value) = value else { return Ok((0.0, 0.0)) };
    match vm.to_complex(value)? {
        Some(parts) => Ok(parts),
        None => {
            let heap = &*vm.heap;
            Err(heap.error_about(class_id::TYPE_ERROR, otherwise, heap.get(value), Val::NONE))
        }
    }
}

fn parts(heap: &Heap, args: Args) -> Result<(f64, f64), Raised> {
    heap.complex_parts(heap.arg(args, 0)).ok_or_else(|| heap.type_error("descriptor requires a complex number"))
}

fn real(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.new_float(parts(heap, args)?.0)
}

fn imaginary(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.new_float(parts(heap, args)?.1)
}

fn conjugate(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (re, im) = parts(heap, args)?;
    heap.new_complex(re, -im)
}
