//! `int`: constructor, attributes, and conversion from and to bytes.

use crate::Args;
use crate::bigint;
use crate::class_id;
use crate::heap::Heap;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    Row("as_integer_ratio", Member::Leaf(as_integer_ratio, 1, 1)),
    Row("bit_count", Member::Leaf(bit_count, 1, 1)),
    Row("bit_length", Member::Leaf(bit_length, 1, 1)),
    Row("conjugate", Member::Leaf(itself, 1, 1)),
    Row("denominator", Member::Getter(denominator)),
    Row("from_bytes", Member::Keywords(from_bytes)),
    Row("imag", Member::Getter(imaginary)),
    Row("is_integer", Member::Leaf(is_integer, 1, 1)),
    Row("numerator", Member::Getter(itself)),
    Row("real", Member::Getter(itself)),
    Row("to_bytes", Member::Keywords(to_bytes)),
];

/// `int(x=0)`, `int(text, base=10)`
fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.constructor_args(args);
    let [value, base] = vm.heap.bind_slots(args, &["", "base"], 0)?;
    let Some(value) = value else {
        return match base {
            Some(_) => Err(vm.heap.type_error("int() missing string argument")),
            None => Ok(Val::int(0).ret()),
        };
    };
    let Some(base) = base else {
        let out = vm.temp()?;
        vm.to_int(value, out)?;
        return Ok(vm.heap.get(out).ret());
    };
    let base = vm.to_count(base)?;
    let base = match u32::try_from(base) {
        Ok(base @ (0 | 2..=36)) => base,
        _ => return Err(vm.heap.value_error("int() base must be >= 2 and <= 36, or 0")),
    };
    vm.make_ret(|heap| match heap.number_literal(heap.native_part(heap.get(value)))? {
        Some(text) => heap.parse_int(text, base),
        None => Err(heap.type_error("int() can't convert non-string with explicit base")),
    })
}

/// The argument `self`, as an int that is no bool.
fn itself<'h>(heap: &'h Heap, args: Args) -> Result<Val<'h>, Raised> {
    match heap.positive(heap.arg(args, 0))? {
        Some(int) if heap.is_integer(int) => Ok(int),
        _ => Err(heap.type_error("descriptor requires an int")),
    }
}

fn imaginary(_: &Heap, _: Args) -> Result<Val<'_>, Raised> {
    Ok(Val::int(0))
}

fn denominator(_: &Heap, _: Args) -> Result<Val<'_>, Raised> {
    Ok(Val::int(1))
}

fn is_integer(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    itself(heap, args).map(|_| Val::TRUE)
}

fn as_integer_ratio(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.new_tuple_of(&[itself(heap, args)?, Val::int(1)])
}

fn bit_length(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = itself(heap, args)?;
    heap.new_int(heap.int_operand(value).map_or(0, |int| int.bit_length() as i64))
}

fn bit_count(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let value = itself(heap, args)?;
    let ones = |limbs: &bigint::Limbs| limbs.iter().map(|limb| limb.get().count_ones() as i64).sum();
    heap.new_int(heap.int_operand(value).map_or(0, |int| ones(int.limbs())))
}

/// True for `"little"`, false for `"big"` and by default.
fn is_little(heap: &Heap, order: Option<Val<'_>>) -> Result<bool, Raised> {
    match order {
        None => Ok(false),
        Some(order) => match heap.expect_str(order)? {
            b"little" => Ok(true),
            b"big" => Ok(false),
            _ => Err(heap.value_error("byteorder must be either 'little' or 'big'")),
        },
    }
}

/// `int.to_bytes(length=1, byteorder="big", signed=False)`
fn to_bytes(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let [value, length, order, signed] = vm.heap.bind_slots(args, &["", "length", "byteorder", "signed"], 1)?;
    let length = length.map_or(Ok(1), |length| vm.to_count(length))?;
    let signed = signed.map_or(Ok(false), |signed| vm.truth(signed))?;
    let Some(value) = value else { return Ok(Ret::NONE) };
    vm.make_ret(|heap| {
        let little = is_little(heap, order.map(|order| heap.get(order)))?;
        let Ok(length) = usize::try_from(length) else {
            return Err(heap.value_error("length argument must be non-negative"));
        };
        heap.int_to_bytes(heap.get(value), length, little, signed)
    })
}

/// `int.from_bytes(bytes, byteorder="big", signed=False)`
fn from_bytes(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    // Called on an int, it comes first.
    let heap = &*vm.heap;
    let on_int = args.count() > 1 && heap.is_integer(heap.arg(args, 0)) && !heap.is_str(heap.arg(args, 1));
    let skipped = Args { base: args.base - 1, positional: args.positional.saturating_sub(1), keywords: args.keywords };
    let args = if on_int { skipped } else { args };
    let [bytes, order, signed] = vm.heap.bind_slots(args, &["bytes", "byteorder", "signed"], 1)?;
    let signed = signed.map_or(Ok(false), |signed| vm.truth(signed))?;
    let Some(bytes) = bytes else { return Ok(Ret::NONE) };
    vm.make_ret(|heap| {
        let little = is_little(heap, order.map(|order| heap.get(order)))?;
        heap.int_from_bytes(heap.native_part(heap.get(bytes)), little, signed)
    })
}

impl Heap {
    /// The int in two's complement, in so many bytes; OverflowError if it does not fit.
    pub fn int_to_bytes(&self, value: Val<'_>, length: usize, little: bool, signed: bool) -> Result<Val<'_>, Raised> {
        let Some(int) = self.int_operand(value) else {
            return Err(self.type_error("descriptor 'to_bytes' requires an int"));
        };
        if int.negative && !signed {
            return Err(self.error(class_id::OVERFLOW_ERROR, "can't convert negative int to unsigned"));
        }
        let limbs = int.limbs();
        // Bits without the sign: the most negative number has one bit less than its magnitude.
        let is_lowest = int.negative && !bigint::any_below(limbs, int.bit_length() - 1);
        let bits = int.bit_length() as usize - is_lowest as usize + (signed && !int.is_zero()) as usize;
        if bits > length.saturating_mul(8) {
            return Err(self.error(class_id::OVERFLOW_ERROR, "int too big to convert"));
        }
        // In two's complement all limbs are inverted, but the lowest that is not zero is negated.
        let lowest = limbs.iter().position(|limb| limb.get() != 0).unwrap_or(0);
        let byte = |index: usize| {
            let limb = bigint::limb(limbs, index / 4);
            let limb = match (int.negative, (index / 4).cmp(&lowest)) {
                (true, core::cmp::Ordering::Equal) => limb.wrapping_neg(),
                (true, core::cmp::Ordering::Greater) => !limb,
                _ => limb,
            };
            (limb >> (index % 4 * 8)) as u8
        };
        self.new_bytes_with(length, |fill| {
            for index in 0..length {
                fill.push(&[byte(if little { index } else { length - 1 - index })]);
            }
        })
    }

    /// An int from bytes in two's complement, or without sign. TypeError unless it is bytes or a bytearray.
    pub fn int_from_bytes(&self, bytes: Val<'_>, little: bool, signed: bool) -> Result<Val<'_>, Raised> {
        if self.bytes_bytes(bytes).is_none() && self.bytearray_cells(bytes).is_none() {
            let template = "cannot convert '{t}' object to bytes";
            return Err(self.error_about(class_id::TYPE_ERROR, template, bytes, Val::NONE));
        }
        let length = self.buffer_len(bytes);
        let object = self.new_limbs(length as usize / 4 + 1)?;
        let limbs = self.limbs(object);
        for index in 0..length {
            let byte = self.buffer_get(bytes, if little { index } else { length - 1 - index }).unwrap_or(0);
            if let Some(place) = limbs.get(index as usize / 4) {
                place.set(place.get() | (byte as u32) << (index % 4 * 8));
            }
        }
        let bits = length * 8;
        let negative =
            signed && bits > 0 && bigint::limb(limbs, (bits as usize - 1) / 32) >> ((bits - 1) % 32) & 1 != 0;
        if negative {
            // The magnitude is what is missing to the next power of 256.
            let power = self.new_limbs(limbs.len())?;
            if let Some(place) = self.limbs(power).get(bits as usize / 32) {
                place.set(1 << (bits % 32));
            }
            bigint::subtract(self.limbs(power), limbs, limbs);
            self.discard(power);
        }
        Ok(self.finish_int(object, negative))
    }
}

#[cfg(test)]
mod tests {
    use crate::heap::Heap;
    use crate::testing::{Random, heap};
    use crate::value::*;
    use std::string::ToString;
    use std::vec::Vec;

    fn big<'h>(heap: &'h Heap, n: i128) -> Val<'h> {
        heap.parse_int(n.to_string().as_bytes(), 10).unwrap()
    }

    #[test]
    fn bytes_of_ints_agree_with_128_bits() {
        let mut heap = heap();
        let mut random = Random::new(9);
        for round in 0..3000 {
            let size = 1 + (random.next() % 120) as u32;
            let n = (random.pattern() as i128) << 8 >> (128 - size);
            let value = big(&heap, n);
            for little in [false, true] {
                let length = 15 + round % 3;
                let bytes = heap.int_to_bytes(value, length, little, true).unwrap();
                let mut wanted: Vec<u8> = n.to_le_bytes().to_vec();
                wanted.resize(17, if n < 0 { 255 } else { 0 });
                wanted.truncate(length);
                if !little {
                    wanted.reverse();
                }
                assert_eq!(heap.bytes_bytes(bytes), Some(&wanted[..]), "{n}");
                let back = heap.int_from_bytes(bytes, little, true).unwrap();
                assert_eq!(heap.compare_numbers(back, value), Some(Some(core::cmp::Ordering::Equal)), "{n}");
                if length < 17 {
                    let unsigned = heap.int_from_bytes(bytes, little, false).unwrap();
                    let n = if length == 15 { n & (i128::MAX >> 7) } else { n };
                    let wanted = heap.parse_int((n as u128).to_string().as_bytes(), 10).unwrap();
                    assert_eq!(heap.compare_numbers(unsigned, wanted), Some(Some(core::cmp::Ordering::Equal)), "{n}");
                }
            }
            heap.check().unwrap();
            heap.reset();
        }
    }

    #[test]
    fn ints_that_just_fit_bytes() {
        let heap = heap();
        for (n, length, signed, fits) in [
            (0, 0, false, true),
            (1, 0, false, false),
            (255, 1, false, true),
            (256, 1, false, false),
            (-1, 1, false, false),
            (127, 1, true, true),
            (128, 1, true, false),
            (-128, 1, true, true),
            (-129, 1, true, false),
            (-1, 1, true, true),
            (-(1 << 63), 8, true, true),
            (1 << 63, 8, true, false),
            (0, 0, true, true),
        ] {
            assert_eq!(heap.int_to_bytes(big(&heap, n), length, true, signed).is_ok(), fits, "{n} in {length} bytes");
        }
    }
}
