//! The greeting: one line of text that asks a device to speak frames.
//!
//! To a stock MicroPython prompt it is a comment. To our executor it is recognised in any state: as plain
//! input between zero bytes, or as a chunk where a frame was expected. The nonce makes a repeated greeting
//! harmless and an answer to somebody else's greeting recognisable; the checksum keeps line noise from
//! opening a session with the wrong nonce.

use crate::frame::crc32;

/// First characters of every greeting of every version.
pub const PREFIX: &[u8] = b"#upy-link ";

/// Bytes of a greeting on the wire: `\0#upy-link V NNNNNNNN CCCCCCCC\r\0`.
pub const LENGTH: usize = 2 + PREFIX.len() + 2 + 9 + 8 + 1;

/// A greeting that arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Greeting {
    /// Version that the host speaks.
    pub version: u8,
    /// The session's name, chosen by the host.
    pub nonce: u32,
}

fn hex(value: u32) -> [u8; 8] {
    core::array::from_fn(|place| {
        let digit = (value >> (28 - 4 * place)) & 15;
        b"0123456789abcdef"[digit as usize]
    })
}

fn unhex(text: &[u8]) -> Option<u32> {
    let mut value = 0;
    for &character in text {
        value = value << 4 | (character as char).to_digit(16)?;
    }
    Some(value)
}

impl Greeting {
    /// The greeting as it is sent, zero bytes included.
    pub fn encode(&self) -> [u8; LENGTH] {
        let mut line = [0; LENGTH];
        let mut place = 1;
        let mut put = |bytes: &[u8]| {
            line[place..place + bytes.len()].copy_from_slice(bytes);
            place += bytes.len();
            crc32(&line[1..place])
        };
        put(PREFIX);
        put(&[b'0' + self.version % 10, b' ']);
        put(&hex(self.nonce));
        let checksum = put(b" ");
        put(&hex(checksum));
        put(b"\r");
        line
    }

    /// Recognises a greeting in what came between two zero bytes.
    pub fn decode(chunk: &[u8]) -> Option<Greeting> {
        // People who type a greeting by hand, or tools that write lines, may end it with any line ending.
        let end = chunk.iter().rposition(|&byte| byte != b'\r' && byte != b'\n')? + 1;
        let start = chunk.windows(PREFIX.len()).rposition(|window| window == PREFIX)?;
        let text = &chunk[start..end];
        let fields = text.strip_prefix(PREFIX)?;
        if fields.len() != 2 + 9 + 8 || fields[1] != b' ' || fields[10] != b' ' {
            return None;
        }
        let version = (fields[0] as char).to_digit(10)? as u8;
        let nonce = unhex(&fields[2..10])?;
        let checksum = unhex(&fields[11..])?;
        (checksum == crc32(&text[..PREFIX.len() + 11])).then_some(Greeting { version, nonce })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_form() {
        let greeting = Greeting { version: 1, nonce: 0x12ab_34cd };
        let line = greeting.encode();
        assert_eq!(&line[..22], b"\0#upy-link 1 12ab34cd ");
        assert_eq!(&line[LENGTH - 2..], b"\r\0");
        assert_eq!(Greeting::decode(&line[1..LENGTH - 1]), Some(greeting));
        assert_eq!(Greeting::decode(&line[1..LENGTH - 2]), Some(greeting), "the line ending may be missing");
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let line = Greeting { version: 1, nonce: 0x0bad_cafe }.encode();
        for bit in 0..(LENGTH - 3) * 8 {
            let mut damaged = line;
            damaged[1 + bit / 8] ^= 1 << (bit % 8);
            let decoded = Greeting::decode(&damaged[1..LENGTH - 1]);
            // Upper-case hexadecimal digits mean the same; nothing else may be accepted.
            assert!(decoded.is_none_or(|greeting| greeting.nonce == 0x0bad_cafe && greeting.version == 1), "bit {bit}");
        }
    }
}
