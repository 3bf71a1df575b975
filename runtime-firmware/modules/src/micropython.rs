//! `micropython`: what programs for MicroPython find there and what has a meaning here.

use vm::{Args, Heap, Member, Raised, Ret, Row, Val, Vm};

pub(crate) const MEMBERS: &[Row] = &[
    Row("const", Member::Leaf(|heap, args| Ok(heap.arg(args, 0)), 1, 1)),
    Row("mem_info", Member::General(mem_info, 0, 1)),
    Row("opt_level", Member::Leaf(opt_level, 0, 1)),
    Row("stack_use", Member::Leaf(stack_use, 0, 0)),
];

/// Optimisation is the host compiler's; the level is that of code compiled on the device, which there is none of.
fn opt_level(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    if let Some(level) = heap.optional_arg(args, 0) {
        let level = heap.expect_int(level)?;
        heap.set_module_state(b"micropython.opt_level", Val::int(level.clamp(0, 3)))?;
        return Ok(Val::NONE);
    }
    Ok(heap.module_state(b"micropython.opt_level").unwrap_or(Val::int(0)))
}

fn stack_use(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    heap.new_unsigned(u64::from(heap.figures().stack_bytes))
}

fn mem_info(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let figures = vm.heap.figures();
    let free = figures.size_bytes.saturating_sub(figures.used_bytes).saturating_sub(figures.stack_bytes);
    let out = vm.temp()?;
    vm.make(out, |heap| {
        let mut sink = vm::Sink::new(heap);
        sink.push(b"stack: ")?;
        sink.push_decimal(i64::from(figures.stack_bytes))?;
        sink.push(b"\nGC: total: ")?;
        sink.push_decimal(i64::from(figures.size_bytes))?;
        sink.push(b", used: ")?;
        sink.push_decimal(i64::from(figures.used_bytes))?;
        sink.push(b", free: ")?;
        sink.push_decimal(i64::from(free))?;
        sink.push(b", collections: ")?;
        sink.push_decimal(i64::from(figures.collections))?;
        sink.push(b"\n")?;
        sink.finish()
    })?;
    vm.system.stdout(vm.heap.str_bytes(vm.heap.get(out)).unwrap_or(b""));
    Ok(Ret::NONE)
}
