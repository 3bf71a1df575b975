//! `struct`: values to bytes and back, by a format.

use core::cell::Cell;
use vm::{Args, Heap, Member, Raised, Ret, Row, Val, Vm, class_id};

pub(crate) const MEMBERS: &[Row] = &[
    Row("calcsize", Member::Leaf(calcsize, 1, 1)),
    Row("error", Member::Type(class_id::VALUE_ERROR)),
    Row("iter_unpack", Member::General(crate::builtins::in_prelude, 2, 2)),
    Row("pack", Member::Leaf(pack, 1, u8::MAX)),
    Row("pack_into", Member::Leaf(pack_into, 3, u8::MAX)),
    Row("unpack", Member::Leaf(unpack, 2, 2)),
    Row("unpack_from", Member::General(unpack_from, 2, 3)),
];

/// A format under reading.
struct Format<'h> {
    heap: &'h Heap,
    text: &'h [u8],
    at: usize,
    big: bool,
    /// Native sizes and alignment (`@`).
    aligned: bool,
    /// Bytes so far.
    offset: usize,
}

/// One code of a format: its letter, how often, and where it begins.
#[derive(Clone, Copy)]
struct Code {
    letter: u8,
    count: usize,
    offset: usize,
    size: usize,
}

impl<'h> Format<'h> {
    fn new(heap: &'h Heap, format: Val<'h>) -> Result<Format<'h>, Raised> {
        let text = match heap.str_bytes(heap.builtin_part(format)) {
            Some(text) => text,
            None => match heap.buffer(format)? {
                Some(bytes) => bytes,
                None => return Err(heap.type_error("format must be a str or bytes object")),
            },
        };
        let (at, big, aligned) = match text.first() {
            Some(b'@') => (1, false, true),
            Some(b'=' | b'<') => (1, false, false),
            Some(b'>' | b'!') => (1, true, false),
            _ => (0, false, true),
        };
        Ok(Format { heap, text, at, big, aligned, offset: 0 })
    }

    fn next(&mut self) -> Result<Option<Code>, Raised> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let mut count = None;
        while let Some(digit @ b'0'..=b'9') = self.text.get(self.at) {
            let grown = count.unwrap_or(0usize).checked_mul(10).and_then(|n| n.checked_add(usize::from(digit - b'0')));
            count =
                Some(grown.filter(|n| *n < 1 << 24).ok_or_else(|| self.heap.value_error("overflow in item count"))?);
            self.at += 1;
        }
        let Some(letter) = self.text.get(self.at).copied() else {
            if count.is_some() {
                return Err(self.heap.value_error("repeat count given without format specifier"));
            }
            return Ok(None);
        };
        self.at += 1;
        // Sizes of a 32-bit machine.
        let (size, alignment) = match letter {
            b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => (1, 1),
            b'h' | b'H' | b'e' => (2, 2),
            b'i' | b'I' | b'l' | b'L' | b'f' => (4, 4),
            b'n' | b'N' | b'P' if self.aligned => (4, 4),
            b'q' | b'Q' | b'd' => (8, 8),
            _ => return Err(self.heap.value_error("bad char in struct format")),
        };
        if self.aligned {
            self.offset = self.offset.next_multiple_of(alignment);
        }
        let offset = self.offset;
        let count = count.unwrap_or(1);
        self.offset += size * count;
        Ok(Some(Code { letter, count, offset, size }))
    }

    /// Bytes of the whole format, and how many values it stands for.
    fn measure(heap: &'h Heap, format: Val<'h>) -> Result<(usize, usize), Raised> {
        let mut format = Format::new(heap, format)?;
        let mut values = 0;
        while let Some(code) = format.next()? {
            values += match code.letter {
                b'x' => 0,
                b's' | b'p' => 1,
                _ => code.count,
            };
        }
        Ok((format.offset, values))
    }
}

pub(crate) fn calcsize(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (size, _) = Format::measure(heap, heap.arg(args, 0))?;
    Ok(Val::int(size as i32))
}

// ---- packing

/// Writes the values of arguments `first ..` to `target`, which has the format's size.
fn write(heap: &Heap, args: Args, first: u32, target: &[Cell<u8>]) -> Result<(), Raised> {
    let mut format = Format::new(heap, heap.arg(args, 0))?;
    let mut next = first;
    target.iter().for_each(|cell| cell.set(0));
    while let Some(code) = format.next()? {
        let place = target.get(code.offset..).unwrap_or(&[]);
        match code.letter {
            b'x' => {}
            b's' | b'p' => {
                write_text(heap, heap.arg(args, next), place.get(..code.count).unwrap_or(place), code.letter == b'p')?;
                next += 1;
            }
            letter => {
                for place in place.chunks_exact(code.size).take(code.count) {
                    write_one(heap, letter, heap.arg(args, next), place, format.big)?;
                    next += 1;
                }
            }
        }
    }
    Ok(())
}

fn write_text(heap: &Heap, value: Val<'_>, place: &[Cell<u8>], counted: bool) -> Result<(), Raised> {
    let text = match heap.buffer(value)? {
        Some(bytes) => bytes,
        // MicroPython packs str as its UTF-8.
        None => heap.str_bytes(value).ok_or_else(|| heap.type_error("argument for 's' must be a bytes object"))?,
    };
    let place = match place.split_first() {
        Some((length, rest)) if counted => {
            length.set(text.len().min(rest.len()).min(255) as u8);
            rest
        }
        _ => place,
    };
    place.iter().zip(text).for_each(|(cell, byte)| cell.set(*byte));
    Ok(())
}

pub(crate) fn write_one(heap: &Heap, letter: u8, value: Val<'_>, place: &[Cell<u8>], big: bool) -> Result<(), Raised> {
    let bits = match letter {
        b'f' | b'd' | b'e' => {
            let Some(x) = heap.real_number(value)? else {
                return Err(heap.error_about(class_id::TYPE_ERROR, "must be real number, not {t}", value, Val::NONE));
            };
            match letter {
                b'd' => x.to_bits(),
                b'f' => u64::from((x as f32).to_bits()),
                _ => u64::from(half_of(x)),
            }
        }
        b'c' => match heap.buffer(value)? {
            Some([byte]) => u64::from(*byte),
            _ => return Err(heap.type_error("char format requires a bytes object of length 1")),
        },
        b'?' => u64::from(heap.truth(value).unwrap_or(true)),
        _ => {
            // Numbers that are too large lose their high bits, as on MicroPython: drivers rely on it.
            let Some(bits) = heap.integer_bits(value) else {
                return Err(heap.type_error("required argument is not an integer"));
            };
            bits
        }
    };
    let bytes = bits.to_le_bytes();
    for (index, byte) in bytes.iter().enumerate().take(place.len()) {
        let at = if big { place.len() - 1 - index } else { index };
        if let Some(cell) = place.get(at) {
            cell.set(*byte);
        }
    }
    Ok(())
}

/// The half-precision float next to `x`.
fn half_of(x: f64) -> u16 {
    let sign = ((x.to_bits() >> 48) & 0x8000) as u16;
    let size = libm::fabs(x);
    if x.is_nan() {
        return 0x7e00;
    }
    if size >= 65_520.0 {
        return sign | 0x7c00;
    }
    // Below 2^-14 the unit is 2^-24; above, ten bits below the first.
    let exponent = if size < 6.103_515_625e-5 { -14 } else { libm::ilogb(size) };
    let units = libm::rint(libm::ldexp(size, 10 - exponent)) as u16;
    // The carry of rounding moves into the exponent by itself.
    let biased = ((exponent + 14) as u16) << 10;
    sign | (biased + units)
}

fn float_of_half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => libm::ldexp(fraction, -24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => libm::ldexp(fraction + 1024.0, exponent - 25),
    };
    if bits & 0x8000 != 0 { -size } else { size }
}

fn check_count(heap: &Heap, args: Args, first: u32, values: usize) -> Result<(), Raised> {
    let given = (args.count() - first) as usize;
    if given == values {
        return Ok(());
    }
    let text = "pack expected {} items for packing (got {})";
    let (values, given) = (Val::int(values as i32), Val::int(given as i32));
    Err(heap.error_about(class_id::VALUE_ERROR, text, values, given))
}

fn pack(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (size, values) = Format::measure(heap, heap.arg(args, 0))?;
    check_count(heap, args, 1, values)?;
    let scratch = heap.new_bytearray(size as u32)?;
    let cells = heap.bytearray_cells(scratch).unwrap_or(&[]);
    write(heap, args, 1, cells)?;
    crate::stream::bytes_of(heap, cells)
}

/// Where `offset` leads in a buffer of `length` bytes, if `size` bytes fit there.
fn place_of(heap: &Heap, offset: i32, length: usize, size: usize) -> Result<usize, Raised> {
    let start = if offset < 0 { length as i64 + i64::from(offset) } else { i64::from(offset) };
    match usize::try_from(start) {
        Ok(start) if start + size <= length => Ok(start),
        _ => Err(heap.value_error("buffer too small")),
    }
}

fn pack_into(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (size, values) = Format::measure(heap, heap.arg(args, 0))?;
    check_count(heap, args, 3, values)?;
    let Some(cells) = heap.writable_cells(heap.arg(args, 1)) else {
        return Err(heap.type_error("pack_into() needs a read-write bytes-like object"));
    };
    let start = place_of(heap, heap.expect_int(heap.arg(args, 2))?, cells.len(), size)?;
    write(heap, args, 3, cells.get(start..start + size).unwrap_or(&[]))?;
    Ok(Val::NONE)
}

// ---- unpacking

fn read<'h>(heap: &'h Heap, format: Val<'h>, bytes: &'h [u8]) -> Result<Val<'h>, Raised> {
    let (_, values) = Format::measure(heap, format)?;
    let tuple = heap.new_tuple(values as u32)?;
    let mut format = Format::new(heap, format)?;
    let mut next = 0;
    while let Some(code) = format.next()? {
        let place = bytes.get(code.offset..).unwrap_or(&[]);
        match code.letter {
            b'x' => {}
            b's' => {
                heap.tuple_set(tuple, next, heap.new_bytes(place.get(..code.count).unwrap_or(place))?);
                next += 1;
            }
            b'p' => {
                let place = place.get(..code.count).unwrap_or(place);
                let text = match place.split_first() {
                    Some((length, rest)) => rest.get(..usize::from(*length)).unwrap_or(rest),
                    None => &[],
                };
                heap.tuple_set(tuple, next, heap.new_bytes(text)?);
                next += 1;
            }
            letter => {
                for place in place.chunks_exact(code.size).take(code.count) {
                    heap.tuple_set(tuple, next, read_one(heap, letter, place, format.big)?);
                    next += 1;
                }
            }
        }
    }
    Ok(tuple)
}

pub(crate) fn read_one<'h>(heap: &'h Heap, letter: u8, place: &[u8], big: bool) -> Result<Val<'h>, Raised> {
    let bits = if big {
        place.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte))
    } else {
        place.iter().rev().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte))
    };
    match letter {
        b'c' => heap.new_bytes(&[bits as u8]),
        b'?' => Ok(Val::bool(bits != 0)),
        b'd' => heap.new_float(f64::from_bits(bits)),
        b'f' => heap.new_float(f64::from(f32::from_bits(bits as u32))),
        b'e' => heap.new_float(float_of_half(bits as u16)),
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => {
            let unused = 64 - 8 * place.len() as u32;
            heap.new_int((bits << unused) as i64 >> unused)
        }
        _ => heap.new_unsigned(bits),
    }
}

fn unpack(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let (size, _) = Format::measure(heap, heap.arg(args, 0))?;
    let bytes = source(heap, heap.arg(args, 1))?;
    if bytes.len() != size {
        let text = "unpack requires a buffer of {} bytes";
        return Err(heap.error_about(class_id::VALUE_ERROR, text, Val::int(size as i32), Val::NONE));
    }
    read(heap, heap.arg(args, 0), bytes)
}

fn source<'h>(heap: &'h Heap, value: Val<'h>) -> Result<&'h [u8], Raised> {
    match heap.buffer(value)? {
        Some(bytes) => Ok(bytes),
        None => {
            let text = "a bytes-like object is required, not '{t}'";
            Err(heap.error_about(class_id::TYPE_ERROR, text, value, Val::NONE))
        }
    }
}

pub(crate) fn unpack_from(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let (size, _) = Format::measure(heap, heap.arg(args, 0))?;
        let bytes = source(heap, heap.arg(args, 1))?;
        let offset = match heap.optional_arg(args, 2) {
            Some(offset) => heap.expect_int(offset)?,
            None => 0,
        };
        let start = place_of(heap, offset, bytes.len(), size)?;
        read(heap, heap.arg(args, 0), bytes.get(start..start + size).unwrap_or(&[]))
    })
}
