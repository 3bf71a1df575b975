//! `machine`: pins, resets, the chip's number. What a board does not offer yet is absent.

use crate::class_id::PIN;
use hal::{Edges, PinMode, Pull, ResetKind};
use vm::{Args, Heap, Member, Raised, Ret, Row, Sink, Slot, TypeDef, Val, Vm, class_id};

const IN: i32 = 0;
const OUT: i32 = 1;
const OPEN_DRAIN: i32 = 2;
const PULL_UP: i32 = 1;
const PULL_DOWN: i32 = 2;
const IRQ_FALLING: i32 = 4;
const IRQ_RISING: i32 = 8;

pub(crate) const MEMBERS: &[Row] = &[
    Row("Pin", Member::Type(PIN)),
    Row("bootloader", Member::General(bootloader, 0, 1)),
    Row("reset", Member::General(reset, 0, 0)),
    Row("soft_reset", Member::Leaf(soft_reset, 0, 0)),
    Row("unique_id", Member::General(unique_id, 0, 0)),
];

/// Fields of a pin: number, mode, pull.
pub(crate) const TYPES: &[TypeDef] = &[TypeDef {
    id: PIN,
    name: "Pin",
    base: class_id::OBJECT,
    members: &[
        Row("IN", Member::Int(IN)),
        Row("IRQ_FALLING", Member::Int(IRQ_FALLING)),
        Row("IRQ_RISING", Member::Int(IRQ_RISING)),
        Row("OPEN_DRAIN", Member::Int(OPEN_DRAIN)),
        Row("OUT", Member::Int(OUT)),
        Row("PULL_DOWN", Member::Int(PULL_DOWN)),
        Row("PULL_UP", Member::Int(PULL_UP)),
        Row("__call__", Member::General(value, 1, 2)),
        Row("__new__", Member::Keywords(new_pin)),
        Row("__repr__", Member::Leaf(pin_repr, 1, 1)),
        Row("high", Member::General(high, 1, 1)),
        Row("init", Member::Keywords(init)),
        Row("irq", Member::Keywords(irq)),
        Row("low", Member::General(low, 1, 1)),
        Row("off", Member::General(low, 1, 1)),
        Row("on", Member::General(high, 1, 1)),
        Row("toggle", Member::General(toggle, 1, 1)),
        Row("value", Member::General(value, 1, 2)),
    ],
}];

// ---- pins

/// `Pin(id, mode=None, pull=None, *, value=None)`.
fn new_pin(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.without_class(args);
    let [id, mode, pull, level] = vm.heap.bind_slots(args, &["id", "mode", "pull", "value"], 1)?;
    let pin = vm.temp()?;
    let id = vm.heap.get(id.unwrap_or(args.slot(0)));
    if vm.heap.class_of(id) == PIN {
        vm.heap.set(pin, id);
    } else {
        let number = vm.heap.expect_int(id)?;
        if number < 0 || number >= i32::from(vm.system.pins().count()) {
            return Err(vm.heap.value_error("invalid pin"));
        }
        vm.make(pin, |heap| {
            let pin = heap.new_native(PIN, 3)?;
            heap.set_native_field(pin, 0, Val::int(number));
            heap.set_native_field(pin, 1, Val::int(IN));
            heap.set_native_field(pin, 2, Val::NONE);
            Ok(pin)
        })?;
    }
    configure(vm, pin, mode, pull, level)?;
    Ok(vm.heap.get(pin).ret())
}

fn init(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let [_, mode, pull, level] = vm.heap.bind_slots(args, &["", "mode", "pull", "value"], 1)?;
    configure(vm, args.slot(0), mode, pull, level)?;
    Ok(Ret::NONE)
}

fn number_of(heap: &Heap, pin: Slot) -> u16 {
    heap.native_field(heap.get(pin), 0).small_int().and_then(|n| u16::try_from(n).ok()).unwrap_or(0)
}

/// Sets what was given; an output's level before its direction, so that it shows no pulse.
fn configure(
    vm: &mut Vm<'_>,
    pin: Slot,
    mode: Option<Slot>,
    pull: Option<Slot>,
    level: Option<Slot>,
) -> Result<(), Raised> {
    let number = number_of(vm.heap, pin);
    let given = |vm: &Vm<'_>, slot: Option<Slot>| slot.filter(|slot| !vm.heap.get(*slot).is_none());
    if let Some(level) = given(vm, level) {
        let high = vm.truth(level)?;
        vm.system.pins().write(number, high).map_err(|error| vm.heap.os_error(error))?;
    }
    let (mode, pull) = (given(vm, mode), pull);
    if mode.is_none() && pull.is_none() {
        return Ok(());
    }
    let heap = &*vm.heap;
    let object = heap.get(pin);
    let code = match mode {
        Some(mode) => heap.expect_int(heap.get(mode))?,
        None => heap.native_field(object, 1).small_int().unwrap_or(IN),
    };
    let hal_mode = match code {
        IN => PinMode::Input,
        OUT => PinMode::Output,
        OPEN_DRAIN => PinMode::OpenDrain,
        _ => return Err(heap.value_error("invalid pin mode")),
    };
    let pull = match pull {
        Some(pull) => heap.get(pull),
        None => heap.native_field(object, 2),
    };
    let hal_pull = match pull.small_int() {
        None if pull.is_none() => Pull::None,
        // The number that stands for "as it is" in MicroPython's own signature.
        Some(-1 | 0) => Pull::None,
        Some(PULL_UP) => Pull::Up,
        Some(PULL_DOWN) => Pull::Down,
        _ => return Err(heap.value_error("invalid pin pull")),
    };
    heap.set_native_field(object, 1, Val::int(code));
    heap.set_native_field(object, 2, pull);
    vm.system.pins().configure(number, hal_mode, hal_pull).map_err(|error| vm.heap.os_error(error))
}

/// `value([level])`, and calling the pin.
fn value(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if args.count() == 1 {
        let number = number_of(vm.heap, args.slot(0));
        let high = vm.system.pins().read(number).map_err(|error| vm.heap.os_error(error))?;
        return Ok(Val::int(i32::from(high)).ret());
    }
    let level = vm.truth(args.slot(1))?;
    write(vm, args, level)
}

fn write(vm: &mut Vm<'_>, args: Args, level: bool) -> Result<Ret, Raised> {
    let number = number_of(vm.heap, args.slot(0));
    vm.system.pins().write(number, level).map_err(|error| vm.heap.os_error(error))?;
    Ok(Ret::NONE)
}

fn high(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    write(vm, args, true)
}

fn low(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    write(vm, args, false)
}

fn toggle(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let number = number_of(vm.heap, args.slot(0));
    let level = vm.system.pins().read(number).map_err(|error| vm.heap.os_error(error))?;
    write(vm, args, !level)
}

/// `irq(handler=None, trigger=IRQ_FALLING | IRQ_RISING)`. The interpreter finds handlers in the state dict
/// `pin_irq`: pin number to (pin, handler).
fn irq(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let [_, handler, trigger, _hard] = vm.heap.bind_slots(args, &["", "handler", "trigger", "hard"], 1)?;
    let trigger = match trigger {
        Some(trigger) => vm.heap.expect_int(vm.heap.get(trigger))?,
        None => IRQ_FALLING | IRQ_RISING,
    };
    if trigger == 0 || trigger & !(IRQ_FALLING | IRQ_RISING) != 0 {
        return Err(vm.heap.value_error("invalid trigger"));
    }
    let handler = handler.filter(|handler| !vm.heap.get(*handler).is_none());
    if let Some(handler) = handler
        && !vm.heap.is_callable(vm.heap.get(handler))
    {
        return Err(vm.heap.type_error("handler must be callable or None"));
    }
    let number = number_of(vm.heap, args.slot(0));
    vm.retry(|heap| {
        let table = match heap.module_state(b"pin_irq") {
            Some(table) => table,
            None => {
                let table = heap.new_dict(1)?;
                heap.set_module_state(b"pin_irq", table)?;
                table
            }
        };
        let key = Val::int(i32::from(number));
        match handler {
            Some(handler) => {
                let entry = heap.new_tuple_of(&[heap.arg(args, 0), heap.get(handler)])?;
                heap.table_set(table, key, entry)
            }
            None => heap.table_remove(table, key).map(|_| ()),
        }
    })?;
    let edges = match handler {
        Some(_) => Edges { rising: trigger & IRQ_RISING != 0, falling: trigger & IRQ_FALLING != 0 },
        None => Edges::default(),
    };
    vm.system.pins().watch(number, edges).map_err(|error| vm.heap.os_error(error))?;
    Ok(Ret::NONE)
}

fn pin_repr(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let pin = heap.arg(args, 0);
    let mut sink = Sink::new(heap);
    sink.push(b"Pin(")?;
    sink.push_decimal(i64::from(heap.native_field(pin, 0).small_int().unwrap_or(0)))?;
    sink.push(match heap.native_field(pin, 1).small_int() {
        Some(OUT) => b", mode=OUT",
        Some(OPEN_DRAIN) => b", mode=OPEN_DRAIN",
        _ => b", mode=IN",
    })?;
    sink.push(match heap.native_field(pin, 2).small_int() {
        Some(PULL_UP) => b", pull=PULL_UP)",
        Some(PULL_DOWN) => b", pull=PULL_DOWN)",
        _ => b")",
    })?;
    sink.finish()
}

// ---- the chip

fn unique_id(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let mut bytes = [0; 16];
    let id = vm.system.unique_id();
    let length = id.len().min(bytes.len());
    for (to, from) in bytes.iter_mut().zip(id) {
        *to = *from;
    }
    vm.make_ret(|heap| heap.new_bytes(bytes.get(..length).unwrap_or(&bytes)))
}

/// The program ends; the board's boot sequence begins anew.
fn soft_reset(heap: &Heap, _args: Args) -> Result<Val<'_>, Raised> {
    Err(heap.error(class_id::SYSTEM_EXIT, ""))
}

fn reset(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    restart(vm, ResetKind::Hard)
}

fn bootloader(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    restart(vm, ResetKind::Bootloader)
}

/// Where the reset cannot be at once, the next poll ends the program.
fn restart(vm: &mut Vm<'_>, kind: ResetKind) -> Result<Ret, Raised> {
    vm.system.reset(kind);
    let deadline = vm.system.clock().now_us();
    vm.wait_until(deadline)?;
    Ok(Ret::NONE)
}
