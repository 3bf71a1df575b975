//! `math`: functions of real numbers, and of integers.

use vm::{Args, Heap, Member, Raised, Ret, Row, Slot, Val, Vm, class_id};

macro_rules! real {
    ($function:expr) => {
        Member::Leaf(
            |heap, args| {
                let x = number(heap, args, 0)?;
                finish(heap, $function(x), x.is_finite(), x.is_nan())
            },
            1,
            1,
        )
    };
}

macro_rules! test {
    ($function:expr) => {
        Member::Leaf(|heap, args| Ok(Val::bool($function(number(heap, args, 0)?))), 1, 1)
    };
}

pub(crate) const MEMBERS: &[Row] = &[
    Row("acos", real!(libm::acos)),
    Row("acosh", real!(libm::acosh)),
    Row("asin", real!(libm::asin)),
    Row("asinh", real!(libm::asinh)),
    Row("atan", real!(libm::atan)),
    Row("atan2", Member::Leaf(atan2, 2, 2)),
    Row("atanh", Member::Leaf(atanh, 1, 1)),
    Row("cbrt", real!(libm::cbrt)),
    Row("ceil", Member::General(|vm, args| to_integer(vm, args, b"__ceil__", libm::ceil), 1, 1)),
    Row("comb", Member::General(comb, 2, 2)),
    Row("copysign", Member::Leaf(copysign, 2, 2)),
    Row("cos", real!(libm::cos)),
    Row("cosh", real!(libm::cosh)),
    Row("degrees", real!(|x: f64| x * (180.0 / core::f64::consts::PI))),
    Row("dist", Member::General(dist, 2, 2)),
    Row("e", Member::Float(core::f64::consts::E)),
    Row("erf", real!(libm::erf)),
    Row("erfc", real!(libm::erfc)),
    Row("exp", real!(libm::exp)),
    Row("exp2", real!(libm::exp2)),
    Row("expm1", real!(libm::expm1)),
    Row("fabs", real!(libm::fabs)),
    Row("factorial", Member::General(factorial, 1, 1)),
    Row("floor", Member::General(|vm, args| to_integer(vm, args, b"__floor__", libm::floor), 1, 1)),
    Row("fmod", Member::Leaf(fmod, 2, 2)),
    Row("frexp", Member::Leaf(frexp, 1, 1)),
    Row("fsum", Member::General(fsum, 1, 1)),
    Row("gamma", Member::Leaf(gamma, 1, 1)),
    Row("gcd", Member::General(gcd, 0, u8::MAX)),
    Row("hypot", Member::Leaf(hypot, 0, u8::MAX)),
    Row("inf", Member::Float(f64::INFINITY)),
    Row("isclose", Member::Keywords(isclose)),
    Row("isfinite", test!(f64::is_finite)),
    Row("isinf", test!(f64::is_infinite)),
    Row("isnan", test!(f64::is_nan)),
    Row("isqrt", Member::General(isqrt, 1, 1)),
    Row("lcm", Member::General(lcm, 0, u8::MAX)),
    Row("ldexp", Member::Leaf(ldexp, 2, 2)),
    Row("lgamma", Member::Leaf(lgamma, 1, 1)),
    Row("log", Member::Leaf(log, 1, 2)),
    Row("log10", Member::Leaf(|heap, args| logarithm(heap, args, libm::log10), 1, 1)),
    Row("log1p", Member::Leaf(log1p, 1, 1)),
    Row("log2", Member::Leaf(|heap, args| logarithm(heap, args, libm::log2), 1, 1)),
    Row("modf", Member::Leaf(modf, 1, 1)),
    Row("nan", Member::Float(f64::NAN)),
    Row("perm", Member::General(perm, 1, 2)),
    Row("pi", Member::Float(core::f64::consts::PI)),
    Row("pow", Member::Leaf(pow, 2, 2)),
    Row("prod", Member::Keywords(crate::builtins::in_prelude)),
    Row("radians", real!(|x: f64| x * (core::f64::consts::PI / 180.0))),
    Row("sin", real!(libm::sin)),
    Row("sinh", real!(libm::sinh)),
    Row("sqrt", real!(libm::sqrt)),
    Row("tan", real!(libm::tan)),
    Row("tanh", real!(libm::tanh)),
    Row("tau", Member::Float(core::f64::consts::TAU)),
    Row("trunc", Member::General(|vm, args| to_integer(vm, args, b"__trunc__", libm::trunc), 1, 1)),
];

fn number(heap: &Heap, args: Args, index: u32) -> Result<f64, Raised> {
    real(heap, heap.arg(args, index))
}

fn real(heap: &Heap, value: Val<'_>) -> Result<f64, Raised> {
    match heap.real_number(value)? {
        Some(x) => Ok(x),
        None => Err(heap.error_about(class_id::TYPE_ERROR, "must be real number, not {t}", value, Val::NONE)),
    }
}

fn domain_error(heap: &Heap) -> Raised {
    heap.value_error("math domain error")
}

/// A result: NaN from a number is a domain error, infinity from a finite number a range error.
fn finish(heap: &Heap, result: f64, finite: bool, nan: bool) -> Result<Val<'_>, Raised> {
    if result.is_nan() && !nan {
        return Err(domain_error(heap));
    }
    // With single precision the overflow shows after rounding.
    let rounded = if heap.single_precision() { f64::from(result as f32) } else { result };
    if rounded.is_infinite() && finite {
        return Err(heap.error(class_id::OVERFLOW_ERROR, "math range error"));
    }
    heap.new_float(result)
}

fn atan2(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.new_float(libm::atan2(number(heap, args, 0)?, number(heap, args, 1)?))
}

fn atanh(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    if libm::fabs(x) >= 1.0 {
        return Err(domain_error(heap));
    }
    heap.new_float(libm::atanh(x))
}

fn copysign(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.new_float(libm::copysign(number(heap, args, 0)?, number(heap, args, 1)?))
}

fn fmod(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (x, y) = (number(heap, args, 0)?, number(heap, args, 1)?);
    finish(heap, libm::fmod(x, y), x.is_finite(), x.is_nan() || y.is_nan())
}

fn pow(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (x, y) = (number(heap, args, 0)?, number(heap, args, 1)?);
    if x == 0.0 && y < 0.0 && y.is_finite() {
        return Err(domain_error(heap));
    }
    finish(heap, libm::pow(x, y), x.is_finite() && y.is_finite(), x.is_nan() || y.is_nan())
}

fn gamma(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    if x == f64::NEG_INFINITY || (x <= 0.0 && x == libm::floor(x)) {
        return Err(domain_error(heap));
    }
    finish(heap, libm::tgamma(x), x.is_finite(), x.is_nan())
}

fn lgamma(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    if x.is_finite() && x <= 0.0 && x == libm::floor(x) {
        return Err(domain_error(heap));
    }
    finish(heap, libm::lgamma(x), x.is_finite(), x.is_nan())
}

fn logarithm(heap: &Heap, args: Args, function: fn(f64) -> f64) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    if x <= 0.0 {
        return Err(domain_error(heap));
    }
    heap.new_float(function(x))
}

fn log(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    if args.count() == 1 {
        return logarithm(heap, args, libm::log);
    }
    let (x, base) = (number(heap, args, 0)?, number(heap, args, 1)?);
    if x <= 0.0 || base <= 0.0 {
        return Err(domain_error(heap));
    }
    if base == 1.0 {
        return Err(heap.error(class_id::ZERO_DIVISION_ERROR, "division by zero"));
    }
    heap.new_float(libm::log(x) / libm::log(base))
}

fn log1p(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    if x <= -1.0 {
        return Err(domain_error(heap));
    }
    heap.new_float(libm::log1p(x))
}

fn frexp(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    let (mantissa, exponent) = if x.is_finite() { libm::frexp(x) } else { (x, 0) };
    heap.new_tuple_of(&[heap.new_float(mantissa)?, Val::int(exponent)])
}

fn ldexp(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    let exponent = heap.as_int(heap.arg(args, 1));
    let exponent = match exponent {
        Some(exponent) => exponent.clamp(-100_000, 100_000) as i32,
        None => heap.expect_int(heap.arg(args, 1))?,
    };
    finish(heap, libm::ldexp(x, exponent), x.is_finite(), x.is_nan())
}

fn modf(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let x = number(heap, args, 0)?;
    let whole = libm::trunc(x);
    let fraction = if x.is_infinite() { 0.0 } else { x - whole };
    heap.new_tuple_of(&[heap.new_float(libm::copysign(fraction, x))?, heap.new_float(whole)?])
}

/// `floor`, `ceil`, `trunc`: of an int itself, of a float an int.
fn to_integer(vm: &mut Vm<'_>, args: Args, name: &[u8], function: fn(f64) -> f64) -> Result<Ret, Raised> {
    let value = vm.heap.builtin_part(vm.heap.arg(args, 0));
    if let Some(x) = vm.heap.as_float(value) {
        return vm.make_ret(|heap| heap.integer_of_float(function(x)));
    }
    if vm.heap.is_integer(value) {
        return vm.make_ret(|heap| Ok(heap.rounded(heap.arg(args, 0), None)?.unwrap_or(Val::NONE)));
    }
    let name = vm.retry(|heap| heap.intern(name))?;
    vm.tail_method(args, args.slot(0), name, &[], "must be real number, not {t}")
}

fn isclose(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let heap = &*vm.heap;
    let [a, b, relative, absolute] = heap.bind_arguments(args, &["a", "b", "rel_tol", "abs_tol"], 2)?;
    let part = |value: Option<Val<'_>>, default| value.map_or(Ok(default), |value| real(heap, value));
    let (a, b, relative, absolute) = (part(a, 0.0)?, part(b, 0.0)?, part(relative, 1e-9)?, part(absolute, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(heap.value_error("tolerances must be non-negative"));
    }
    let difference = libm::fabs(a - b);
    let close = a == b
        || (a.is_finite()
            && b.is_finite()
            && (difference <= absolute || difference <= relative * libm::fmax(libm::fabs(a), libm::fabs(b))));
    Ok(Val::bool(close).ret())
}

fn hypot(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let mut length = 0.0;
    for index in 0..args.count() {
        length = libm::hypot(length, number(heap, args, index)?);
    }
    heap.new_float(length)
}

/// `dist(p, q)`: both sequences of builtin kinds, or made lists first.
fn dist(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    for index in 0..2 {
        let value = vm.heap.arg(args, index);
        if !vm.heap.is_list(value) && !vm.heap.is_tuple(value) {
            return Err(vm.heap.type_error("dist() arguments must be sequences"));
        }
    }
    vm.make_ret(|heap| {
        let (p, q) = (heap.arg(args, 0), heap.arg(args, 1));
        let item = |sequence, index| {
            if heap.is_list(sequence) { heap.list_get(sequence, index) } else { Some(heap.tuple_get(sequence, index)) }
        };
        let length = heap.length(p).unwrap_or(0);
        if heap.length(q) != Some(length) {
            return Err(heap.value_error("both points must have the same number of dimensions"));
        }
        let mut distance = 0.0;
        for index in 0..length {
            let (x, y) = (item(p, index).unwrap_or(Val::NONE), item(q, index).unwrap_or(Val::NONE));
            distance = libm::hypot(distance, real(heap, x)? - real(heap, y)?);
        }
        heap.new_float(distance)
    })
}

/// Partial sums that `fsum` keeps: more than any sequence of finite numbers needs.
const PARTIALS: usize = 48;

/// `fsum(iterable)`: exact, rounded once (Shewchuk).
fn fsum(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if !vm.heap.is_native_iterable(vm.heap.arg(args, 0)) {
        return vm.materialise(args, 0);
    }
    vm.make_ret(|heap| {
        let mut partials = [0.0f64; PARTIALS];
        let mut count = 0;
        let mut special = 0.0;
        heap.each(heap.arg(args, 0), |item| {
            let mut x = real(heap, item)?;
            if !x.is_finite() {
                special += x;
                return Ok(());
            }
            let mut kept = 0;
            for index in 0..count {
                let mut y = partials.get(index).copied().unwrap_or(0.0);
                if libm::fabs(x) < libm::fabs(y) {
                    core::mem::swap(&mut x, &mut y);
                }
                let high = x + y;
                let low = y - (high - x);
                if low != 0.0 {
                    if let Some(place) = partials.get_mut(kept) {
                        *place = low;
                    }
                    kept += 1;
                }
                x = high;
            }
            if let Some(place) = partials.get_mut(kept) {
                *place = x;
            }
            count = (kept + 1).min(PARTIALS);
            Ok(())
        })?;
        if special != 0.0 {
            return finish(heap, special, false, false);
        }
        // From the largest down, until something is rounded; then correct a tie.
        let partial = |index: usize| partials.get(index).copied().unwrap_or(0.0);
        let mut n = count;
        let (mut high, mut low) = (0.0, 0.0);
        if n > 0 {
            n -= 1;
            high = partial(n);
            while n > 0 {
                let x = high;
                n -= 1;
                let y = partial(n);
                high = x + y;
                low = y - (high - x);
                if low != 0.0 {
                    break;
                }
            }
            if n > 0 && ((low < 0.0 && partial(n - 1) < 0.0) || (low > 0.0 && partial(n - 1) > 0.0)) {
                let y = low * 2.0;
                let x = high + y;
                if y == x - high {
                    high = x;
                }
            }
        }
        finish(heap, high, true, false)
    })
}

// ---- integers; those of any size go through the operators

fn expect_integer(vm: &Vm<'_>, slot: Slot) -> Result<(), Raised> {
    if vm.heap.is_integer(vm.heap.get(slot)) {
        return Ok(());
    }
    let text = "'{t}' object cannot be interpreted as an integer";
    Err(vm.heap.error_about(class_id::TYPE_ERROR, text, vm.heap.get(slot), Val::NONE))
}

fn gcd(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (result, part) = (vm.temp()?, vm.temp()?);
    vm.heap.set(result, Val::int(0));
    for index in 0..args.count() {
        expect_integer(vm, args.slot(index))?;
        vm.heap.set(part, vm.heap.arg(args, index));
        gcd_of(vm, result, part)?;
    }
    vm.make_ret(|heap| Ok(heap.absolute_value(heap.get(result))?.unwrap_or(Val::int(0))))
}

/// Euclid: `a` becomes the greatest common divisor.
fn gcd_of(vm: &mut Vm<'_>, a: Slot, b: Slot) -> Result<(), Raised> {
    while vm.heap.truth(vm.heap.get(b)) == Some(true) {
        vm.retry(|heap| {
            let Some((_, rest)) = heap.quotient_and_rest(heap.get(a), heap.get(b))? else { return Ok(()) };
            heap.set(a, heap.get(b));
            heap.set(b, rest);
            Ok(())
        })?;
    }
    Ok(())
}

fn lcm(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let (result, a, b) = (vm.temp()?, vm.temp()?, vm.temp()?);
    vm.heap.set(result, Val::int(1));
    for index in 0..args.count() {
        expect_integer(vm, args.slot(index))?;
        vm.heap.set(a, vm.heap.get(result));
        vm.heap.set(b, vm.heap.arg(args, index));
        if vm.heap.truth(vm.heap.get(b)) == Some(false) {
            return Ok(Val::int(0).ret());
        }
        gcd_of(vm, a, b)?;
        vm.retry(|heap| {
            let Some((quotient, _)) = heap.quotient_and_rest(heap.get(result), heap.get(a))? else { return Ok(()) };
            heap.set(b, quotient);
            Ok(())
        })?;
        vm.multiply(args.slot(index), b, result)?;
    }
    vm.make_ret(|heap| Ok(heap.absolute_value(heap.get(result))?.unwrap_or(Val::int(0))))
}

/// A count argument for products: an int that is not negative.
fn expect_count(vm: &Vm<'_>, slot: Slot, refusal: &'static str) -> Result<i32, Raised> {
    let n = vm.heap.expect_int(vm.heap.get(slot))?;
    if n < 0 { Err(vm.heap.value_error(refusal)) } else { Ok(n) }
}

/// The product of `from ..= to`.
fn product(vm: &mut Vm<'_>, from: i32, to: i32, out: Slot) -> Result<(), Raised> {
    let factor = vm.temp()?;
    vm.heap.set(out, Val::int(1));
    // Small factors are gathered, so that large products are made less often.
    let mut gathered: i64 = 1;
    let mut next = from;
    while next <= to {
        while next <= to && gathered < 1 << 30 {
            gathered *= i64::from(next);
            next += 1;
        }
        vm.make(factor, |heap| heap.new_int(gathered))?;
        vm.multiply(out, factor, out)?;
        gathered = 1;
        vm.attend()?;
    }
    vm.pop_temp(factor);
    Ok(())
}

fn factorial(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let n = expect_count(vm, args.slot(0), "factorial() not defined for negative values")?;
    let out = vm.temp()?;
    product(vm, 2, n, out)?;
    Ok(vm.heap.get(out).ret())
}

fn perm(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let n = expect_count(vm, args.slot(0), "n must be a non-negative integer")?;
    let k = match vm.heap.optional_arg(args, 1).filter(|k| !k.is_none()) {
        Some(_) => expect_count(vm, args.slot(1), "k must be a non-negative integer")?,
        None => n,
    };
    if k > n {
        return Ok(Val::int(0).ret());
    }
    let out = vm.temp()?;
    product(vm, n - k + 1, n, out)?;
    Ok(vm.heap.get(out).ret())
}

fn comb(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let n = expect_count(vm, args.slot(0), "n must be a non-negative integer")?;
    let k = expect_count(vm, args.slot(1), "k must be a non-negative integer")?;
    if k > n {
        return Ok(Val::int(0).ret());
    }
    let k = k.min(n - k);
    let (above, below) = (vm.temp()?, vm.temp()?);
    product(vm, n - k + 1, n, above)?;
    product(vm, 2, k, below)?;
    vm.make_ret(|heap| {
        let parts = heap.quotient_and_rest(heap.get(above), heap.get(below))?;
        Ok(parts.map_or(Val::NONE, |(quotient, _)| quotient))
    })
}

/// The integer square root of any int, by Newton's method from above.
fn isqrt(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    expect_integer(vm, args.slot(0))?;
    if let Some(n) = vm.heap.as_int(vm.heap.arg(args, 0)) {
        let Ok(n) = u64::try_from(n) else {
            return Err(vm.heap.value_error("isqrt() argument must be nonnegative"));
        };
        return vm.make_ret(|heap| heap.new_unsigned(n.isqrt()));
    }
    vm.forward_to_prelude_as(args, b"isqrt_large")
}
