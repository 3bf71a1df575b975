//! Builtin functions on numbers and characters, and the identity of objects.

use vm::{Args, Heap, Raised, Ret, Sink, Val, Vm, class_id, names};

/// `abs(x)`.
pub(super) fn abs(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let native = vm.retry(|heap| Ok(heap.absolute_value(heap.arg(args, 0))?.map(Val::ret)))?;
    if let Some(value) = native {
        return Ok(value);
    }
    vm.tail_method(args, args.slot(0), names::ABS, &[], "bad operand type for abs(): '{t}'")
}

/// `divmod(a, b)`.
pub(super) fn divmod(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let native = vm.retry(|heap| {
        let Some((quotient, rest)) = heap.quotient_and_rest(heap.arg(args, 0), heap.arg(args, 1))? else {
            return Ok(None);
        };
        Ok(Some(heap.new_tuple_of(&[quotient, rest])?.ret()))
    })?;
    if let Some(value) = native {
        return Ok(value);
    }
    let text = "unsupported operand type(s) for divmod(): '{t}'";
    vm.tail_method(args, args.slot(0), names::DIVMOD, &[args.slot(1)], text)
}

/// `pow(base, exp, mod=None)`.
pub(super) fn pow(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let [base, exponent, modulus] = vm.heap.bind_slots(args, &["base", "exp", "mod"], 2)?;
    let (Some(base), Some(exponent)) = (base, exponent) else { return Ok(Ret::NONE) };
    if let Some(modulus) = modulus.filter(|modulus| !vm.heap.get(*modulus).is_none()) {
        let native = vm.retry(|heap| {
            let (base, exponent, modulus) = (heap.get(base), heap.get(exponent), heap.get(modulus));
            Ok(heap.power_of(base, exponent, modulus)?.map(Val::ret))
        })?;
        return native
            .ok_or_else(|| vm.heap.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    }
    let out = vm.temp()?;
    vm.power(base, exponent, out)?;
    Ok(vm.heap.get(out).ret())
}

/// `round(number, ndigits=None)`.
pub(super) fn round(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let [number, digits] = vm.heap.bind_slots(args, &["number", "ndigits"], 1)?;
    let number = number.unwrap_or(args.slot(0));
    let digits = match digits.map(|digits| vm.heap.get(digits)).filter(|digits| !digits.is_none()) {
        Some(digits) => Some(vm.heap.expect_int(digits)?),
        None => None,
    };
    let native = vm.retry(|heap| Ok(heap.rounded(heap.get(number), digits)?.map(Val::ret)))?;
    if let Some(value) = native {
        return Ok(value);
    }
    let text = "type {t} doesn't define __round__ method";
    let name = vm.heap.find_name(b"__round__");
    let Some(name) = name else {
        return Err(vm.heap.error_about(class_id::TYPE_ERROR, text, vm.heap.get(number), Val::NONE));
    };
    if let Some(digits) = digits {
        let argument = vm.temp()?;
        vm.heap.set(argument, Val::int(digits));
        return vm.tail_method(args, number, name, &[argument], text);
    }
    vm.tail_method(args, number, name, &[], text)
}

pub(super) fn bin(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    in_radix(vm, args, 2, b"0b")
}

pub(super) fn oct(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    in_radix(vm, args, 8, b"0o")
}

pub(super) fn hex(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    in_radix(vm, args, 16, b"0x")
}

fn in_radix(vm: &mut Vm<'_>, args: Args, radix: u32, prefix: &'static [u8]) -> Result<Ret, Raised> {
    let number = vm.temp_of(args.slot(0))?;
    if !vm.heap.is_integer(vm.heap.get(number)) {
        let part = vm.heap.builtin_part(vm.heap.get(args.slot(0)));
        vm.heap.set(number, part);
    }
    if !vm.heap.is_integer(vm.heap.get(number)) {
        let object = args.slot(0);
        let found = vm.call_method(object, names::INDEX, &[], number)?;
        if !found || !vm.heap.is_integer(vm.heap.get(number)) {
            let text = "'{t}' object cannot be interpreted as an integer";
            return Err(vm.heap.error_about(class_id::TYPE_ERROR, text, vm.heap.get(object), Val::NONE));
        }
    }
    vm.make_ret(|heap| {
        let mut sink = Sink::new(heap);
        heap.push_integer(&mut sink, heap.get(number), radix, prefix)?;
        sink.finish()
    })
}

/// `chr(n)`.
pub(super) fn chr(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let code = heap.expect_int(heap.arg(args, 0))?;
    match u32::try_from(code) {
        // Surrogates are kept as three bytes, as in string constants.
        Ok(code @ 0xd800..=0xdfff) => {
            heap.new_str(&[0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 63) as u8, 0x80 | (code & 63) as u8])
        }
        Ok(code) => match char::from_u32(code) {
            Some(c) => heap.new_char(c),
            None => Err(heap.value_error("chr() arg not in range(0x110000)")),
        },
        Err(_) => Err(heap.value_error("chr() arg not in range(0x110000)")),
    }
}

/// `ord(character)`.
pub(super) fn ord(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = heap.builtin_part(heap.arg(args, 0));
    if let Some(text) = heap.str_bytes(value) {
        let length = heap.str_len(value);
        if length == 1 {
            return Ok(Val::int(first_code(text) as i32));
        }
        let text = "ord() expected a character, but string of length {} found";
        return Err(heap.error_about(class_id::TYPE_ERROR, text, Val::int(length as i32), Val::NONE));
    }
    if let Some(bytes) = heap.buffer(value)? {
        if let [byte] = bytes {
            return Ok(Val::int(i32::from(*byte)));
        }
        let text = "ord() expected a character, but string of length {} found";
        return Err(heap.error_about(class_id::TYPE_ERROR, text, Val::int(bytes.len() as i32), Val::NONE));
    }
    let text = "ord() expected string of length 1, but {t} found";
    Err(heap.error_about(class_id::TYPE_ERROR, text, value, Val::NONE))
}

/// The code point of a text's first character.
fn first_code(text: &[u8]) -> u32 {
    let mut bytes = text.iter().map(|byte| u32::from(*byte));
    let first = bytes.next().unwrap_or(0);
    let start = match first {
        0..0xc0 => return first,
        0xc0..0xe0 => first & 31,
        0xe0..0xf0 => first & 15,
        _ => first & 7,
    };
    bytes.fold(start, |code, byte| code << 6 | byte & 63)
}

/// `hash(object)`.
pub(super) fn hash(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let hash = vm.hash(args.slot(0))?;
    vm.make_ret(|heap| heap.new_int(i64::from(hash as i32)))
}

/// `id(object)`.
pub(super) fn id(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| heap.new_unsigned(u64::from(heap.identity(heap.arg(args, 0))?)))
}
