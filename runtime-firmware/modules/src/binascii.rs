//! `binascii`: hexadecimal, base 64 and CRC-32.

use vm::{Args, Heap, Member, Raised, Ret, Row, Sink, Val, Vm, class_id};

pub(crate) const MEMBERS: &[Row] = &[
    Row("a2b_base64", Member::Leaf(from_base64, 1, 1)),
    Row("a2b_hex", Member::Leaf(unhexlify, 1, 1)),
    Row("b2a_base64", Member::Keywords(to_base64)),
    Row("b2a_hex", Member::Leaf(hexlify, 1, 2)),
    Row("crc32", Member::Leaf(crc32, 1, 2)),
    Row("hexlify", Member::Leaf(hexlify, 1, 2)),
    Row("unhexlify", Member::Leaf(unhexlify, 1, 1)),
];

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes of an argument: bytes-like, or for decoders ASCII text.
fn data<'h>(heap: &'h Heap, value: Val<'h>, text: bool) -> Result<&'h [u8], Raised> {
    if let Some(bytes) = heap.buffer(value)? {
        return Ok(bytes);
    }
    if text && let Some(bytes) = heap.str_bytes(heap.builtin_part(value)) {
        if bytes.is_ascii() {
            return Ok(bytes);
        }
        return Err(heap.value_error("string argument should contain only ASCII characters"));
    }
    let text = "a bytes-like object is required, not '{t}'";
    Err(heap.error_about(class_id::TYPE_ERROR, text, value, Val::NONE))
}

fn hexlify(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let bytes = data(heap, heap.arg(args, 0), false)?;
    let separator = match heap.optional_arg(args, 1) {
        Some(separator) => data(heap, separator, true)?,
        None => b"",
    };
    let mut sink = Sink::new(heap);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            sink.push(separator)?;
        }
        sink.push(&[digit(byte >> 4), digit(byte & 15)])?;
    }
    sink.finish_bytes()
}

fn digit(n: u8) -> u8 {
    DIGITS.get(usize::from(n)).copied().unwrap_or(b'0')
}

fn unhexlify(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = data(heap, heap.arg(args, 0), true)?;
    if text.len() % 2 != 0 {
        return Err(heap.value_error("Odd-length string"));
    }
    let mut sink = Sink::new(heap);
    for pair in text.chunks_exact(2) {
        let mut byte = 0;
        for digit in pair {
            let Some(n) = char::from(*digit).to_digit(16) else {
                return Err(heap.value_error("Non-hexadecimal digit found"));
            };
            byte = byte << 4 | n as u8;
        }
        sink.push(&[byte])?;
    }
    sink.finish_bytes()
}

fn to_base64(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let [source, newline] = heap.bind_arguments(args, &["", "newline"], 1)?;
        let bytes = data(heap, source.unwrap_or(Val::NONE), false)?;
        let mut sink = Sink::new(heap);
        for group in bytes.chunks(3) {
            let word = group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
            let mut text = [b'='; 4];
            for (index, place) in text.iter_mut().enumerate().take(group.len() + 1) {
                let six = word >> (18 - 6 * index) & 63;
                *place = LETTERS.get(six as usize).copied().unwrap_or(b'=');
            }
            sink.push(&text)?;
        }
        if newline.is_none_or(|newline| heap.truth(newline).unwrap_or(true)) {
            sink.push(b"\n")?;
        }
        sink.finish_bytes()
    })
}

fn from_base64(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = data(heap, heap.arg(args, 0), true)?;
    let mut sink = Sink::new(heap);
    let (mut word, mut count, mut padding, mut total) = (0u32, 0, 0, 0);
    for byte in text {
        if *byte == b'=' {
            padding += 1;
            if count >= 2 && count + padding >= 4 {
                break;
            }
            continue;
        }
        // Everything else that is no digit is skipped, as line ends are.
        let Some(six) = LETTERS.iter().position(|letter| letter == byte) else { continue };
        padding = 0;
        word = word << 6 | six as u32;
        count += 1;
        total += 1;
        if count == 4 {
            sink.push(&[(word >> 16) as u8, (word >> 8) as u8, word as u8])?;
            (word, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, _) => {}
        (2, 2..) => sink.push(&[(word >> 4) as u8])?,
        (3, 1..) => sink.push(&[(word >> 10) as u8, (word >> 2) as u8])?,
        (1, _) => {
            let text =
                "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4";
            return Err(heap.error_about(class_id::VALUE_ERROR, text, Val::int(total), Val::NONE));
        }
        _ => return Err(heap.value_error("Incorrect padding")),
    }
    sink.finish_bytes()
}

fn crc32(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let bytes = data(heap, heap.arg(args, 0), false)?;
    let start = match heap.optional_arg(args, 1) {
        Some(start) => heap.as_int(start).unwrap_or(0) as u32,
        None => 0,
    };
    let mut crc = !start;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    heap.new_unsigned(u64::from(!crc))
}
