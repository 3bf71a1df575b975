//! `eval`, `exec`, `compile`: source text is compiled by the attached host.

use vm::{Args, Raised, Ret, Vm, class_id};

const MISSING: &str = "eval, exec and compile need the host's compiler, which this executor does not ask yet";

pub(super) fn eval(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    Err(vm.heap.error(class_id::NOT_IMPLEMENTED_ERROR, MISSING))
}

pub(super) fn exec(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    Err(vm.heap.error(class_id::NOT_IMPLEMENTED_ERROR, MISSING))
}

pub(super) fn compile(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    Err(vm.heap.error(class_id::NOT_IMPLEMENTED_ERROR, MISSING))
}
