//! One frame: header, payload, CRC-32, stuffed with COBS between zero bytes, so that damage is noticed and
//! the next frame is found whatever happened to this one.

use cobs::CobsEncoder;
use crc::{CRC_32_ISO_HDLC, Crc, Table};

const CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// Bytes of a header.
pub const HEADER_BYTES: usize = 9;
const CRC_BYTES: usize = 4;

/// Bytes of the longest encoded frame with this payload, zero bytes included.
pub const fn encoded_bytes(payload: usize) -> usize {
    let body = HEADER_BYTES + payload + CRC_BYTES;
    body + body / 254 + 1 + 2
}

/// Payload of the longest frame that fits in `room` bytes.
pub const fn payload_bytes(room: usize) -> usize {
    let mut payload = room.saturating_sub(encoded_bytes(0));
    while payload > 0 && encoded_bytes(payload) > room {
        payload -= 1;
    }
    payload
}

/// The checksum of frames and greetings (CRC-32 as in Ethernet and zip).
pub fn crc32(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

/// What a frame is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// 0: bytes of the stream (maybe none) and news about the other direction.
    Data,
    /// 1: the device's answer to a greeting.
    Welcome,
    /// 2: a device that has no session got a frame of one: it restarted.
    NoSession,
    /// 3: the host leaves; the device goes back to plain text.
    Bye,
}

/// The fields before the payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Version of the sender's protocol.
    pub version: u8,
    /// What the frame is for.
    pub kind: Kind,
    /// Sent by a device; an echo of one's own frames is told apart by this.
    pub from_device: bool,
    /// A later frame arrived before what is acknowledged here: something was lost.
    pub gap: bool,
    /// The sender wants to be answered soon.
    pub ask: bool,
    /// Counts how often the sender began to repeat (two bits).
    pub round: u8,
    /// The `round` of the last frame that arrived: tells an answer to a repeated frame from a late one to the first.
    pub heard_round: u8,
    /// Low byte of the session's nonce.
    pub session: u8,
    /// Place of the payload's first byte in the stream, modulo 65,536.
    pub sequence: u16,
    /// Place of the first byte of the other direction that has not arrived yet.
    pub acknowledged: u16,
    /// Room for bytes from there on.
    pub window: u16,
}

impl Header {
    fn encode(&self) -> [u8; HEADER_BYTES] {
        let kind = match self.kind {
            Kind::Data => 0,
            Kind::Welcome => 1,
            Kind::NoSession => 2,
            Kind::Bye => 3,
        };
        let flags = u8::from(self.from_device)
            | u8::from(self.gap) << 1
            | u8::from(self.ask) << 2
            | (self.round & 3) << 4
            | (self.heard_round & 3) << 6;
        let [sequence_low, sequence_high] = self.sequence.to_le_bytes();
        let [acknowledged_low, acknowledged_high] = self.acknowledged.to_le_bytes();
        let [window_low, window_high] = self.window.to_le_bytes();
        [
            self.version << 4 | kind,
            flags,
            self.session,
            sequence_low,
            sequence_high,
            acknowledged_low,
            acknowledged_high,
            window_low,
            window_high,
        ]
    }

    fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
        let [first, flags, session, s0, s1, a0, a1, w0, w1] = *bytes;
        let kind = match first & 15 {
            0 => Kind::Data,
            1 => Kind::Welcome,
            2 => Kind::NoSession,
            3 => Kind::Bye,
            _ => return None,
        };
        Some(Header {
            version: first >> 4,
            kind,
            from_device: flags & 1 != 0,
            gap: flags & 2 != 0,
            ask: flags & 4 != 0,
            round: flags >> 4 & 3,
            heard_round: flags >> 6,
            session,
            sequence: u16::from_le_bytes([s0, s1]),
            acknowledged: u16::from_le_bytes([a0, a1]),
            window: u16::from_le_bytes([w0, w1]),
        })
    }
}

/// Writes a frame to `out` and returns its length; 0 when `out` is too small (see [`encoded_bytes`]).
pub fn encode(header: &Header, payload: &[u8], out: &mut [u8]) -> usize {
    if out.len() < encoded_bytes(payload.len()) {
        return 0;
    }
    let header = header.encode();
    let mut digest = CRC.digest();
    digest.update(&header);
    digest.update(payload);
    let checksum = digest.finalize().to_le_bytes();
    let mut encoder = CobsEncoder::new(&mut out[1..]);
    let pushed = encoder.push(&header).is_ok() && encoder.push(payload).is_ok() && encoder.push(&checksum).is_ok();
    if !pushed {
        return 0;
    }
    let length = encoder.finalize();
    out[0] = 0;
    out[1 + length] = 0;
    length + 2
}

/// Decodes what came between two zero bytes, in place; `None` for anything that is not a whole frame.
pub fn decode(chunk: &mut [u8]) -> Option<(Header, &[u8])> {
    let length = cobs::decode_in_place(chunk).ok()?;
    let body = chunk.get(..length)?;
    let (body, checksum) = body.split_last_chunk::<CRC_BYTES>()?;
    if crc32(body) != u32::from_le_bytes(*checksum) {
        return None;
    }
    let (header, payload) = body.split_first_chunk::<HEADER_BYTES>()?;
    Some((Header::decode(header)?, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            version: 1,
            kind: Kind::Data,
            from_device: true,
            gap: false,
            ask: true,
            round: 2,
            heard_round: 1,
            session: 0,
            sequence: 0xfffe,
            acknowledged: 0,
            window: 700,
        }
    }

    #[test]
    fn round_trip_of_every_length() {
        let payload: [u8; 600] = core::array::from_fn(|place| (place * 7 % 256) as u8);
        for length in 0..payload.len() {
            let mut out = [0xaa; encoded_bytes(600)];
            let size = encode(&header(), &payload[..length], &mut out[..encoded_bytes(length)]);
            assert!(size > 0 && size <= encoded_bytes(length), "{length}");
            assert!(out[1..size - 1].iter().all(|&byte| byte != 0));
            let (decoded, body) = decode(&mut out[1..size - 1]).unwrap();
            assert_eq!(decoded, header());
            assert_eq!(body, &payload[..length]);
        }
    }

    #[test]
    fn damage_is_noticed() {
        let mut out = [0; encoded_bytes(40)];
        let size = encode(&header(), &[7; 40], &mut out);
        for bit in 8..(size - 1) * 8 {
            let mut damaged = out;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&mut damaged[1..size - 1]).is_none(), "bit {bit}");
        }
        for length in 0..size - 2 {
            let mut cut = out;
            assert!(decode(&mut cut[1..1 + length]).is_none(), "length {length}");
        }
    }

    #[test]
    fn too_small_a_buffer_is_refused() {
        let mut out = [0; encoded_bytes(40) - 1];
        assert_eq!(encode(&header(), &[7; 40], &mut out), 0);
    }
}
