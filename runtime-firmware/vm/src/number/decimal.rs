//! Between binary and decimal floats, exactly: big integers on the stack and no tables.
//!
//! Printing is Steele and White's algorithm ("dragon4"), reading divides big integers; both are right for every
//! number, and short for the common ones. Language libraries trade 20 KB of tables and code for speed here.

use super::convert::{decompose, round_to_width};
use crate::bigint::{self, Limbs, zeros};
use core::cell::Cell;
use core::cmp::Ordering;

/// Digits of the longest decimal that lies half-way between two floats; what comes behind them only tells that
/// the number is larger.
const MAX_DIGITS: usize = 768;
/// Limbs for reading: 10^768, or 5^(768 + 326) with a quotient's 64 bits.
const READING: usize = 84;
/// Limbs for printing: 2^1074 with some bits to spare.
const PRINTING: usize = 36;
/// Most digits that a float needs to be told from its neighbours.
pub(crate) const SHORTEST: usize = 17;

/// A big integer on the stack. It has room for all numbers that the algorithms below meet.
struct Big<const N: usize> {
    limbs: [Cell<u32>; N],
    used: Cell<usize>,
}

impl<const N: usize> Big<N> {
    fn new(n: u64) -> Big<N> {
        let big = Big { limbs: zeros(), used: Cell::new(0) };
        for (place, limb) in big.limbs.iter().zip([n as u32, (n >> 32) as u32]) {
            place.set(limb);
        }
        big.grown(2);
        big
    }

    fn limbs(&self) -> &Limbs {
        self.limbs.get(..self.used.get()).unwrap_or(&self.limbs)
    }

    /// Notes that at most `count` limbs are in use.
    fn grown(&self, count: usize) {
        self.used.set(bigint::trim(self.limbs.get(..count).unwrap_or(&self.limbs)).len());
    }

    fn multiply_add(&self, factor: u32, addend: u32) {
        let carry = bigint::multiply_small(self.limbs(), factor, addend);
        if carry != 0
            && let Some(place) = self.limbs.get(self.used.get())
        {
            place.set(carry);
            self.used.set(self.used.get() + 1);
        }
    }

    /// Multiplies by `base` to the `exponent`; `chunk` is `base` to the `step`.
    fn multiply_power(&self, base: u32, chunk: u32, step: u32, mut exponent: u32) {
        while exponent >= step {
            self.multiply_add(chunk, 0);
            exponent -= step;
        }
        for _ in 0..exponent {
            self.multiply_add(base, 0);
        }
    }

    fn multiply_power_of_5(&self, exponent: u32) {
        self.multiply_power(5, 1_220_703_125, 13, exponent);
    }

    fn multiply_power_of_10(&self, exponent: u32) {
        self.multiply_power(10, 1_000_000_000, 9, exponent);
    }

    fn shift_left(&self, count: u32) {
        let end = (self.used.get() + count as usize / 32 + 1).min(N);
        bigint::shift_left(self.limbs(), count, self.limbs.get(..end).unwrap_or(&self.limbs));
        self.grown(end);
    }

    fn bit_length(&self) -> u32 {
        bigint::bit_length(self.limbs())
    }

    fn compare(&self, other: &Big<N>) -> Ordering {
        bigint::compare(self.limbs(), other.limbs())
    }

    fn is_zero(&self) -> bool {
        self.used.get() == 0
    }

    /// `self %= divisor`, returning the quotient, which is small.
    fn digit(&self, divisor: &Big<N>) -> u8 {
        let mut digit = 0;
        while self.compare(divisor) != Ordering::Less && digit < 10 {
            bigint::subtract(self.limbs(), divisor.limbs(), self.limbs());
            self.grown(self.used.get());
            digit += 1;
        }
        digit
    }

    /// Order of `self + other` and `bound`.
    fn compare_sum(&self, other: &Big<N>, bound: &Big<N>) -> Ordering {
        let sum = zeros::<N>();
        let length = (self.used.get().max(other.used.get()) + 1).min(N);
        let sum = sum.get(..length).unwrap_or(&sum);
        bigint::add(self.limbs(), other.limbs(), sum);
        bigint::compare(sum, bound.limbs())
    }
}

/// The float nearest to `0.d1d2d3… * 10^exponent`, for digits of which the first is not zero.
pub(crate) fn read(digits: impl Iterator<Item = u8>, exponent: i64, single: bool) -> f64 {
    if exponent > 310 {
        return f64::INFINITY;
    }
    if exponent < -326 {
        return 0.0;
    }
    let exponent = exponent as i32;
    let number = Big::<READING>::new(0);
    let (mut count, mut more) = (0, false);
    let (mut word, mut in_word, mut zeros_behind) = (0u64, true, 0);
    for digit in digits {
        // Zeros at the end only count when another digit follows.
        if digit == 0 {
            zeros_behind += 1;
            continue;
        }
        let new = zeros_behind + 1;
        if count + new > MAX_DIGITS {
            more = true;
            break;
        }
        if in_word && count + new > 19 {
            // More than fits a word.
            in_word = false;
            number.limbs[0].set(word as u32);
            number.limbs[1].set((word >> 32) as u32);
            number.grown(2);
        }
        for place in (0..new).rev() {
            let digit = if place == 0 { digit } else { 0 };
            if in_word {
                word = word * 10 + digit as u64;
            } else {
                number.multiply_add(10, digit as u32);
            }
        }
        (count, zeros_behind) = (count + new, 0);
    }
    let power = exponent - count as i32;
    if in_word {
        if let Some(x) = read_word(word, power, single) {
            return x;
        }
        number.limbs[0].set(word as u32);
        number.limbs[1].set((word >> 32) as u32);
        number.grown(2);
    }
    if power >= 0 {
        number.multiply_power_of_5(power as u32);
        let (leading, below) = bigint::leading_bits(number.limbs());
        return round_to_width(leading, below | more, number.bit_length() as i32 - 64 + power, single);
    }
    let divisor = Big::<READING>::new(1);
    divisor.multiply_power_of_5(power.unsigned_abs());
    // Such that the quotient has 64 or 65 bits, and the divisor's top bit is set.
    let scale = 64 + divisor.bit_length() as i32 - number.bit_length() as i32;
    if scale >= 0 {
        number.shift_left(scale as u32);
    } else {
        divisor.shift_left(scale.unsigned_abs());
    }
    let shift = divisor.bit_length().wrapping_neg() % 32;
    number.shift_left(shift);
    divisor.shift_left(shift);
    let quotient = zeros::<4>();
    let length = (number.used.get() + 1).min(READING);
    bigint::divide(number.limbs.get(..length).unwrap_or(&[]), divisor.limbs(), Some(&quotient));
    more |= number.limbs.iter().any(|limb| limb.get() != 0);
    let (leading, below) = bigint::leading_bits(&quotient);
    let exponent = bigint::bit_length(&quotient) as i32 - 64 - scale + power;
    round_to_width(leading, below | more, exponent, single)
}

/// `word * 10^power` where one operation on exact operands does it.
fn read_word(word: u64, power: i32, single: bool) -> Option<f64> {
    let (exact, largest) = if single { (24, 10) } else { (53, 22) };
    if word >> exact != 0 || power.abs() > largest {
        return None;
    }
    let mut scale = 1.0;
    for _ in 0..power.abs() {
        scale *= 10.0;
    }
    let x = if power < 0 { word as f64 / scale } else { word as f64 * scale };
    Some(if single { (x as f32) as f64 } else { x })
}

/// Numerator and denominator of `x / 10^K` in [1, 10), where K is the power of the first digit.
struct Fraction {
    numerator: Big<PRINTING>,
    denominator: Big<PRINTING>,
    power: i32,
}

impl Fraction {
    /// `mantissa * 2^exponent`, not zero; `ulp` is set to scale with the numerator, from 2^exponent on.
    fn new(mantissa: u64, exponent: i32, scale: u64, margins: [&Big<PRINTING>; 2]) -> Fraction {
        let numerator = Big::new(mantissa * scale);
        let denominator = Big::new(scale);
        // floor(log2 x) * log10(2), a little too small.
        let logarithm = exponent + 63 - mantissa.leading_zeros() as i32;
        let power = (logarithm * 78913) >> 18;
        let scaled = [&numerator, margins[0], margins[1]];
        if exponent >= 0 {
            scaled.iter().for_each(|big| big.shift_left(exponent as u32));
        } else {
            denominator.shift_left(exponent.unsigned_abs());
        }
        if power >= 0 {
            denominator.multiply_power_of_10(power as u32);
        } else {
            scaled.iter().for_each(|big| big.multiply_power_of_10(power.unsigned_abs()));
        }
        let mut fraction = Fraction { numerator, denominator, power };
        let tenfold = Big::<PRINTING>::new(0);
        for (place, limb) in tenfold.limbs.iter().zip(fraction.denominator.limbs()) {
            place.set(limb.get());
        }
        tenfold.grown(fraction.denominator.used.get());
        tenfold.multiply_add(10, 0);
        if fraction.numerator.compare(&tenfold) != Ordering::Less {
            fraction.denominator = tenfold;
            fraction.power += 1;
        }
        fraction
    }

    /// Rounds up what is left behind a digit? Ties go to even digits.
    fn rounds_up(&self, digit: u8) -> bool {
        match self.numerator.compare_sum(&self.numerator, &self.denominator) {
            Ordering::Less => false,
            Ordering::Equal => digit & 1 != 0,
            Ordering::Greater => true,
        }
    }
}

/// The fewest digits that are nearer to `x` (positive, finite) than to any other float of its width, and among
/// those the nearest: digits, how many, and the power of ten of the first.
pub(crate) fn shortest(x: f64, single: bool) -> ([u8; SHORTEST], usize, i32) {
    let (mantissa, exponent, lowest) = if single {
        let bits = (x as f32).to_bits();
        let (fraction, exponent) = ((bits & 0x7f_ffff) as u64, (bits >> 23 & 0xff) as i32);
        if exponent == 0 { (fraction, -149, true) } else { (fraction | 1 << 23, exponent - 150, exponent == 1) }
    } else {
        let (mantissa, exponent) = decompose(x);
        (mantissa, exponent, exponent == -1074)
    };
    // Half the distance to the neighbours, times 4; the lower one is nearer at a power of two.
    let nearer = mantissa.is_power_of_two() && !lowest;
    let (above, below) = (Big::new(2), Big::new(if nearer { 1 } else { 2 }));
    let even = mantissa & 1 == 0;
    let fraction = Fraction::new(mantissa.max(1), exponent, 4, [&above, &below]);
    let (mut digits, mut count, mut power) = ([0; SHORTEST], 0, fraction.power);
    loop {
        let mut digit = fraction.numerator.digit(&fraction.denominator);
        let low = match fraction.numerator.compare(&below) {
            Ordering::Less => true,
            Ordering::Equal => even,
            Ordering::Greater => false,
        };
        let high = match fraction.numerator.compare_sum(&above, &fraction.denominator) {
            Ordering::Less => false,
            Ordering::Equal => even,
            Ordering::Greater => true,
        };
        let last = low || high || count + 1 == SHORTEST;
        if last && (high && !low || high == low && fraction.rounds_up(digit)) {
            digit += 1;
        }
        if let Some(place) = digits.get_mut(count) {
            *place = digit;
        }
        count += 1;
        if last {
            break;
        }
        [&fraction.numerator, &above, &below].iter().for_each(|big| big.multiply_add(10, 0));
    }
    // A ten at the end carries into the digits before it.
    while count > 0 && digits.get(count - 1) == Some(&10) {
        count -= 1;
        match count.checked_sub(1).and_then(|index| digits.get_mut(index)) {
            Some(place) => *place += 1,
            None => {
                (digits[0], count, power) = (1, 1, power + 1);
                break;
            }
        }
    }
    (digits, count, power)
}

/// Where exact digits end.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// So many digits from the first one on.
    Significant(u32),
    /// All digits down to this power of ten.
    Down(i32),
}

/// Correctly rounded digits of `x` (positive, finite): `emit(power, digit)` from the first one down, without gaps.
/// Nothing is emitted if all digits are zeros.
pub(crate) fn exact(x: f64, limit: Limit, emit: &mut dyn FnMut(i32, u8)) {
    let (mantissa, exponent) = decompose(x);
    let none = Big::new(0);
    let fraction = Fraction::new(mantissa.max(1), exponent, 1, [&none, &none]);
    let last = match limit {
        Limit::Significant(count) => fraction.power.saturating_sub_unsigned(count.max(1) - 1),
        Limit::Down(power) => power,
    };
    if fraction.power < last {
        // Less than one half, or a single digit of 1.
        if fraction.power + 1 == last {
            fraction.denominator.multiply_add(10, 0);
            if fraction.rounds_up(0) {
                emit(last, 1);
            }
        }
        return;
    }
    let mut output = Output { emit, next: fraction.power, held: None, nines: 0 };
    for power in (last..=fraction.power).rev() {
        let digit = fraction.numerator.digit(&fraction.denominator);
        output.push(digit);
        if power == last {
            output.finish(fraction.rounds_up(digit), matches!(limit, Limit::Significant(_)));
        } else if fraction.numerator.is_zero() {
            // The rest is zeros, without arithmetic.
            output.flush(9);
            (last..power).for_each(|_| output.put(0));
            return;
        } else {
            fraction.numerator.multiply_add(10, 0);
        }
    }
}

/// Digits on their way out: one that is no nine is held back, with the nines behind it, until it is known that
/// nothing carries into it.
struct Output<'e> {
    emit: &'e mut dyn FnMut(i32, u8),
    /// Power of ten of the next digit that goes out.
    next: i32,
    held: Option<u8>,
    nines: u32,
}

impl Output<'_> {
    fn put(&mut self, digit: u8) {
        (self.emit)(self.next, digit);
        self.next -= 1;
    }

    fn push(&mut self, digit: u8) {
        if digit == 9 {
            self.nines += 1;
        } else {
            self.flush(9);
            self.held = Some(digit);
        }
    }

    /// Lets out what is held back, with `nine` for nines.
    fn flush(&mut self, nine: u8) {
        if let Some(digit) = self.held.take() {
            self.put(digit);
        }
        for _ in 0..core::mem::take(&mut self.nines) {
            self.put(nine);
        }
    }

    /// After the last digit: carries one into it, if so told. `same_count`: a carry out of the first digit does not
    /// make one digit more.
    fn finish(&mut self, up: bool, same_count: bool) {
        if !up {
            return self.flush(9);
        }
        match self.held {
            Some(digit) => self.held = Some(digit + 1),
            None => {
                (self.held, self.next) = (Some(1), self.next + 1);
                self.nines = self.nines.saturating_sub(same_count as u32);
            }
        }
        self.flush(0);
    }
}
