//! The hot half of the interpreter.
use crate::vm::Vm;

/// Runs instructions of the running frame for as long as they need nothing that may collect or leave the frame;
/// answers with the file offset of the first one that does.
pub(crate) fn hot(vm: &mut Vm<'_>) -> u32 {
    match vm.heap.frame() {
        Some(frame) => vm.heap.saved_ip(&frame),
        None => 0,
    }
}
