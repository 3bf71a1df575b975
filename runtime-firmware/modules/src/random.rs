//! `random`: a PCG generator (XSH-RR, 64 bits of state), seeded from the board's entropy.

use vm::{Args, Member, Raised, Ret, Row, Vm, class_id};

/// Name of the generator's state, a bytearray of eight bytes.
const STATE: &[u8] = b"random";

pub(crate) const MEMBERS: &[Row] = &[
    Row("choice", Member::General(crate::builtins::in_prelude, 1, 1)),
    Row("getrandbits", Member::General(getrandbits, 1, 1)),
    Row("randint", Member::General(crate::builtins::in_prelude, 2, 2)),
    Row("random", Member::General(random, 0, 0)),
    Row("randrange", Member::General(crate::builtins::in_prelude, 1, 3)),
    Row("sample", Member::General(crate::builtins::in_prelude, 2, 2)),
    Row("seed", Member::General(seed, 0, 1)),
    Row("shuffle", Member::General(crate::builtins::in_prelude, 1, 1)),
    Row("uniform", Member::General(crate::builtins::in_prelude, 2, 2)),
];

/// Makes `state` the generator's.
fn store(vm: &mut Vm<'_>, state: u64) -> Result<(), Raised> {
    vm.retry(|heap| {
        let kept = match heap.module_state(STATE) {
            Some(kept) => kept,
            None => {
                let kept = heap.new_bytearray(8)?;
                heap.set_module_state(STATE, kept)?;
                kept
            }
        };
        let cells = heap.bytearray_cells(kept).unwrap_or(&[]);
        cells.iter().zip(state.to_le_bytes()).for_each(|(cell, byte)| cell.set(byte));
        Ok(())
    })
}

fn load(vm: &mut Vm<'_>) -> Result<u64, Raised> {
    if vm.heap.module_state(STATE).is_none() {
        let mut bytes = [0; 8];
        vm.system.entropy(&mut bytes);
        return Ok(u64::from_le_bytes(bytes));
    }
    let mut bytes = [0; 8];
    let cells = vm.heap.module_state(STATE).and_then(|kept| vm.heap.bytearray_cells(kept)).unwrap_or(&[]);
    bytes.iter_mut().zip(cells).for_each(|(byte, cell)| *byte = cell.get());
    Ok(u64::from_le_bytes(bytes))
}

/// The next 32 random bits.
fn next(state: &mut u64) -> u32 {
    let old = *state;
    *state = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let mixed = ((old >> 18 ^ old) >> 27) as u32;
    mixed.rotate_right((old >> 59) as u32)
}

fn seed(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let mut bytes = [0; 8];
    match vm.heap.optional_arg(args, 0).filter(|value| !value.is_none()) {
        Some(value) => {
            let number = match vm.heap.as_int(value) {
                Some(n) => n as u64,
                None => u64::from(vm.hash(args.slot(0))?),
            };
            bytes = number.to_le_bytes();
        }
        None => vm.system.entropy(&mut bytes),
    }
    // As PCG's own seeding: two steps, so that near seeds part.
    let mut state = 0;
    next(&mut state);
    state = state.wrapping_add(u64::from_le_bytes(bytes));
    next(&mut state);
    store(vm, state)?;
    Ok(Ret::NONE)
}

/// A float in [0, 1), with as many random bits as the board's floats hold.
pub(crate) fn random(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let mut state = load(vm)?;
    let (high, low) = (next(&mut state), next(&mut state));
    store(vm, state)?;
    let x = if vm.heap.single_precision() {
        f64::from(high >> 8) / f64::from(1u32 << 24)
    } else {
        ((u64::from(high) << 32 | u64::from(low)) >> 11) as f64 / (1u64 << 53) as f64
    };
    vm.make_ret(|heap| heap.new_float(x))
}

/// `getrandbits(k)`, for any number of bits.
pub(crate) fn getrandbits(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let bits = vm.heap.expect_int(vm.heap.arg(args, 0))?;
    let Ok(bits) = u32::try_from(bits) else {
        return Err(vm.heap.value_error("number of bits must be non-negative"));
    };
    if bits > 1 << 16 {
        return Err(vm.heap.error(class_id::OVERFLOW_ERROR, "too many bits"));
    }
    let mut state = load(vm)?;
    if bits <= 64 {
        let number = u64::from(next(&mut state)) << 32 | u64::from(next(&mut state));
        store(vm, state)?;
        return vm.make_ret(|heap| heap.new_unsigned(if bits == 0 { 0 } else { number >> (64 - bits) }));
    }
    let begin = state;
    let out = vm.temp()?;
    vm.make(out, |heap| {
        let mut state = begin;
        heap.integer_from_words(bits, || next(&mut state))
    })?;
    for _ in 0..bits.div_ceil(32) {
        next(&mut state);
    }
    store(vm, state)?;
    Ok(vm.heap.get(out).ret())
}
