//! `gc`: the collector, with exact figures.

use vm::{Args, Heap, Member, Raised, Ret, Row, Val, Vm};

pub(crate) const MEMBERS: &[Row] = &[
    Row("collect", Member::General(collect, 0, 0)),
    Row("disable", Member::Leaf(disable, 0, 0)),
    Row("enable", Member::Leaf(enable, 0, 0)),
    Row("isenabled", Member::Leaf(isenabled, 0, 0)),
    Row("mem_alloc", Member::Leaf(mem_alloc, 0, 0)),
    Row("mem_free", Member::Leaf(mem_free, 0, 0)),
    Row("threshold", Member::Leaf(threshold, 0, 1)),
];

fn collect(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    vm.collect();
    Ok(Ret::NONE)
}

/// Whether collections happen by themselves is only remembered: without them every program would end at the first
/// full heap, so they happen when memory runs out in any case, as in MicroPython's split-heap ports.
fn disable(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    heap.set_module_state(b"gc.disabled", Val::TRUE)?;
    Ok(Val::NONE)
}

fn enable(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    heap.set_module_state(b"gc.disabled", Val::FALSE)?;
    Ok(Val::NONE)
}

fn isenabled(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    Ok(Val::bool(heap.module_state(b"gc.disabled") != Some(Val::TRUE)))
}

/// Bytes of objects, dead ones included.
fn mem_alloc(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    heap.new_unsigned(u64::from(heap.figures().used_bytes))
}

/// Bytes that objects and frames can still take without a collection.
fn mem_free(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    let figures = heap.figures();
    let free = figures.size_bytes.saturating_sub(figures.used_bytes).saturating_sub(figures.stack_bytes);
    heap.new_unsigned(u64::from(free))
}

/// There is no fragmentation to prevent, so a threshold is accepted and remembered, and has no effect.
fn threshold(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    match heap.optional_arg(args, 0) {
        Some(value) => {
            // In whole words.
            let bytes = heap.expect_int(value)?;
            let bytes = if bytes > 0 { bytes & !3 } else { bytes };
            heap.set_module_state(b"gc.threshold", heap.new_int(i64::from(bytes))?)?;
            Ok(Val::NONE)
        }
        None => Ok(heap.module_state(b"gc.threshold").unwrap_or(Val::int(-1))),
    }
}
