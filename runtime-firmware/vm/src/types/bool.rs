//! `bool`: the constructor. All else comes from `int`, its base.

use crate::Args;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[Row("__new__", Member::Keywords(new))];

/// `bool(x=False)`
fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    let [value] = vm.heap.bind_slots(args, &[""], 0)?;
    let truth = value.map_or(Ok(false), |value| vm.truth(value))?;
    Ok(Val::bool(truth).ret())
}
