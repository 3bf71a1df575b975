//! `time`: the clock, sleeping, and calendar arithmetic.

use vm::{Args, Heap, Member, Raised, Ret, Row, Val, Vm};

/// `ticks_ms` and its like wrap around here: a power of two that fits a small integer.
const TICKS_PERIOD: i64 = 1 << 30;
const SECONDS_PER_DAY: i64 = 86_400;

pub(crate) const MEMBERS: &[Row] = &[
    Row("gmtime", Member::General(gmtime, 0, 1)),
    Row("localtime", Member::General(gmtime, 0, 1)),
    Row("mktime", Member::Leaf(mktime, 1, 1)),
    Row("monotonic", Member::General(monotonic, 0, 0)),
    Row("monotonic_ns", Member::General(monotonic_ns, 0, 0)),
    Row("perf_counter", Member::General(monotonic, 0, 0)),
    Row("perf_counter_ns", Member::General(monotonic_ns, 0, 0)),
    Row("sleep", Member::General(sleep, 1, 1)),
    Row("sleep_ms", Member::General(sleep_ms, 1, 1)),
    Row("sleep_us", Member::General(sleep_us, 1, 1)),
    Row("ticks_add", Member::Leaf(ticks_add, 2, 2)),
    Row("ticks_cpu", Member::General(ticks_us, 0, 0)),
    Row("ticks_diff", Member::Leaf(ticks_diff, 2, 2)),
    Row("ticks_ms", Member::General(ticks_ms, 0, 0)),
    Row("ticks_us", Member::General(ticks_us, 0, 0)),
    Row("time", Member::General(time, 0, 0)),
    Row("time_ns", Member::General(time_ns, 0, 0)),
];

// ---- sleeping

fn sleep_for(vm: &mut Vm<'_>, microseconds: u64) -> Result<Ret, Raised> {
    let deadline = vm.system.clock().now_us().saturating_add(microseconds);
    loop {
        vm.wait_until(deadline)?;
        if vm.system.clock().now_us() >= deadline {
            return Ok(Ret::NONE);
        }
    }
}

fn sleep(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let Some(seconds) = vm.heap.real_number(vm.heap.arg(args, 0))? else {
        let text = "'{t}' object cannot be interpreted as an integer or float";
        let value = vm.heap.arg(args, 0);
        return Err(vm.heap.error_about(vm::class_id::TYPE_ERROR, text, value, Val::NONE));
    };
    if seconds.is_nan() {
        return Err(vm.heap.value_error("Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(vm.heap.value_error("sleep length must be non-negative"));
    }
    sleep_for(vm, (seconds * 1e6) as u64)
}

fn sleep_ms(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let count = vm.heap.expect_int(vm.heap.arg(args, 0))?;
    sleep_for(vm, u64::try_from(count).unwrap_or(0) * 1000)
}

fn sleep_us(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let count = vm.heap.expect_int(vm.heap.arg(args, 0))?;
    sleep_for(vm, u64::try_from(count).unwrap_or(0))
}

// ---- ticks

fn ticks(vm: &mut Vm<'_>, divisor: u64) -> Result<Ret, Raised> {
    let now = vm.system.clock().now_us() / divisor;
    Ok(Val::int((now % TICKS_PERIOD as u64) as i32).ret())
}

fn ticks_ms(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    ticks(vm, 1000)
}

fn ticks_us(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    ticks(vm, 1)
}

fn ticks_add(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let start = heap.expect_int(heap.arg(args, 0))?;
    let delta = heap.expect_int(heap.arg(args, 1))?;
    if i64::from(delta).abs() >= TICKS_PERIOD / 2 {
        return Err(heap.error(vm::class_id::OVERFLOW_ERROR, "ticks interval overflow"));
    }
    Ok(Val::int((i64::from(start) + i64::from(delta)).rem_euclid(TICKS_PERIOD) as i32))
}

fn ticks_diff(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let end = i64::from(heap.expect_int(heap.arg(args, 0))?);
    let start = i64::from(heap.expect_int(heap.arg(args, 1))?);
    let half = TICKS_PERIOD / 2;
    Ok(Val::int(((end - start + half).rem_euclid(TICKS_PERIOD) - half) as i32))
}

// ---- clocks

fn monotonic(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let now = vm.system.clock().now_us();
    vm.make_ret(|heap| heap.new_float(now as f64 / 1e6))
}

fn monotonic_ns(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let now = vm.system.clock().now_us();
    vm.make_ret(|heap| heap.new_unsigned(now.saturating_mul(1000)))
}

/// Microseconds since 1970, or since the start where the board does not know the time.
///
/// Boards know whole seconds: the fraction comes from the running clock, by a distance between the two that is
/// kept for as long as it is right.
fn now_us(vm: &mut Vm<'_>) -> Result<u64, Raised> {
    let clock = vm.system.clock();
    let (now, unix) = (clock.now_us(), clock.unix_time_s());
    let Some(unix) = unix else { return Ok(now) };
    let unix = unix.saturating_mul(1_000_000);
    let kept = vm.heap.module_state(b"time").and_then(|distance| vm.heap.as_int(distance));
    if let Some(time) = kept.and_then(|distance| now.checked_add_signed(distance))
        && time.abs_diff(unix) <= 2_000_000
    {
        return Ok(time);
    }
    let distance = (unix as i64).wrapping_sub(now as i64);
    vm.retry(|heap| heap.set_module_state(b"time", heap.new_int(distance)?))?;
    Ok(unix)
}

/// Whole seconds, as an int: a single-precision float could not hold the number.
fn time(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let now = now_us(vm)? / 1_000_000;
    vm.make_ret(|heap| heap.new_unsigned(now))
}

fn time_ns(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let now = now_us(vm)?;
    vm.make_ret(|heap| heap.new_unsigned(now.saturating_mul(1000)))
}

// ---- calendar

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar; `month` from 1.
fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month (from 1) and day (from 1) of a day number.
fn date_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Boards have no time zones: local time is UTC.
fn gmtime(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let seconds = match vm.heap.optional_arg(args, 0).filter(|value| !value.is_none()) {
        Some(value) => match vm.heap.as_int(value) {
            Some(n) => n,
            None => vm.heap.real_number(value)?.map_or(0, |x| libm::floor(x) as i64),
        },
        None => (now_us(vm)? / 1_000_000) as i64,
    };
    let days = seconds.div_euclid(SECONDS_PER_DAY);
    let rest = seconds.rem_euclid(SECONDS_PER_DAY);
    // Days of years with more than nine digits are nobody's.
    if days.unsigned_abs() > 1 << 37 {
        return Err(vm.heap.error(vm::class_id::OVERFLOW_ERROR, "timestamp out of range"));
    }
    let (year, month, day) = date_from_days(days);
    let weekday = (days + 3).rem_euclid(7);
    let day_of_year = days - days_from_date(year, 1, 1) + 1;
    vm.make_ret(|heap| {
        let tuple = heap.new_tuple(8)?;
        let fields = [year, month, day, rest / 3600, rest / 60 % 60, rest % 60, weekday, day_of_year];
        for (index, field) in fields.into_iter().enumerate() {
            heap.tuple_set(tuple, index as u32, heap.new_int(field)?);
        }
        Ok(tuple)
    })
}

fn mktime(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let date = heap.arg(args, 0);
    let length = if heap.is_tuple(date) { heap.tuple_len(date) } else { 0 };
    if !(8..=9).contains(&length) {
        return Err(heap.type_error("mktime needs a tuple of length 8 or 9"));
    }
    let mut fields = [0i64; 6];
    for (index, field) in fields.iter_mut().enumerate() {
        *field = i64::from(heap.expect_int(heap.tuple_get(date, index as u32))?);
    }
    let [year, month, day, hour, minute, second] = fields;
    // Months outside 1 to 12 carry into the year, as everything else carries by itself.
    let months = year * 12 + month - 1;
    let days = days_from_date(months.div_euclid(12), months.rem_euclid(12) + 1, 1) + day - 1;
    heap.new_int(days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::{date_from_days, days_from_date};

    #[test]
    fn dates_and_days_are_each_others_inverse() {
        for days in (-800_000..800_000).step_by(7) {
            let (year, month, day) = date_from_days(days);
            assert_eq!(days_from_date(year, month, day), days);
        }
        assert_eq!(date_from_days(0), (1970, 1, 1));
        assert_eq!(date_from_days(11_016), (2000, 2, 29));
    }
}
