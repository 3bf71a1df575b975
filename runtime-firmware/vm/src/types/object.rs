//! `object`: the texts that every value has.

use super::construct;
use crate::Args;
use crate::class_id;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Static(construct::object_new, 0, u8::MAX)),
    Row("__init__", Member::Keywords(construct::nothing)),
    Row("__init_subclass__", Member::Class(construct::nothing, 1, 1)),
    Row("__setattr__", Member::General(construct::set_attribute, 3, 3)),
    Row("__delattr__", Member::General(construct::delete_attribute, 2, 2)),
    Row("__format__", Member::General(format, 2, 2)),
    Row("__repr__", Member::General(plain_repr, 1, 1)),
    Row("__str__", Member::General(plain_str, 1, 1)),
];

fn plain_repr(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let out = vm.temp()?;
    vm.plain_repr(args.slot(0), out)?;
    Ok(vm.heap.get(out).ret())
}

pub(super) fn plain_str(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let out = vm.temp()?;
    vm.plain_str(args.slot(0), out)?;
    Ok(vm.heap.get(out).ret())
}

fn format(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if !vm.heap.is_str(vm.heap.arg(args, 1)) {
        return Err(vm.heap.error_about(
            class_id::TYPE_ERROR,
            "__format__() argument must be str, not {t}",
            vm.heap.arg(args, 1),
            Val::NONE,
        ));
    }
    let out = vm.temp()?;
    vm.plain_format(args.slot(0), args.slot(1), out)?;
    Ok(vm.heap.get(out).ret())
}
