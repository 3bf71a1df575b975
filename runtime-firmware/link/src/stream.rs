//! The two ends of one direction of the byte stream, and messages in it: what waits to be acknowledged, and
//! what has arrived. A message in the stream is its length (one to three bytes, low seven bits first) and
//! its postcard encoding; frames cut the stream anywhere.

use serde::Serialize;

/// Reads a length of at most three bytes; `None` when it is not whole yet, `Err` when it is too long.
fn length_prefix(bytes: &[u8]) -> Result<Option<(usize, usize)>, ()> {
    let mut value = 0;
    for (place, &byte) in bytes.iter().enumerate().take(3) {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(Some((value, place + 1)));
        }
    }
    if bytes.len() < 3 { Ok(None) } else { Err(()) }
}

/// Writes a length so that it takes exactly two bytes, or three where it must.
fn put_length(value: usize, out: &mut [u8]) {
    let last = out.len() - 1;
    for (place, byte) in out.iter_mut().enumerate() {
        let more = if place == last { 0 } else { 0x80 };
        *byte = (value >> (7 * place) & 0x7f) as u8 | more;
    }
}

/// What arrived in order and was not consumed.
pub(crate) struct Incoming<S> {
    buffer: S,
    filled: usize,
    /// Place in the stream of the byte after the last that arrived.
    pub(crate) expected: u16,
}

impl<S: AsRef<[u8]> + AsMut<[u8]>> Incoming<S> {
    pub(crate) fn new(buffer: S) -> Self {
        Incoming { buffer, filled: 0, expected: 0 }
    }

    pub(crate) fn reset(&mut self) {
        self.filled = 0;
        self.expected = 0;
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buffer.as_ref().len().min(usize::from(u16::MAX / 2))
    }

    pub(crate) fn room(&self) -> usize {
        self.capacity() - self.filled
    }

    /// Takes as much as fits.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(self.room());
        self.buffer.as_mut()[self.filled..self.filled + count].copy_from_slice(&bytes[..count]);
        self.filled += count;
        self.expected = self.expected.wrapping_add(count as u16);
    }

    /// Where the first whole message lies; `Err` when what arrived cannot be one.
    pub(crate) fn message(&self) -> Result<Option<core::ops::Range<usize>>, ()> {
        let Some((length, prefix)) = length_prefix(&self.buffer.as_ref()[..self.filled])? else { return Ok(None) };
        if prefix + length > self.capacity() {
            return Err(());
        }
        Ok((prefix + length <= self.filled).then_some(prefix..prefix + length))
    }

    pub(crate) fn bytes(&self, range: core::ops::Range<usize>) -> &[u8] {
        &self.buffer.as_ref()[range]
    }

    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.filled);
        self.buffer.as_mut().copy_within(count..self.filled, 0);
        self.filled -= count;
    }
}

/// What was sent and not acknowledged, and what waits to be sent.
pub(crate) struct Outgoing<S> {
    buffer: S,
    filled: usize,
    /// Place in the stream of the first byte kept.
    pub(crate) base: u16,
    /// Bytes from there on that are under way.
    pub(crate) sent: usize,
    /// Bytes from there on that were ever under way; more than `sent` after going back.
    pub(crate) reached: usize,
}

impl<S: AsRef<[u8]> + AsMut<[u8]>> Outgoing<S> {
    pub(crate) fn new(buffer: S) -> Self {
        Outgoing { buffer, filled: 0, base: 0, sent: 0, reached: 0 }
    }

    pub(crate) fn reset(&mut self) {
        self.filled = 0;
        self.base = 0;
        self.sent = 0;
        self.reached = 0;
    }

    pub(crate) fn filled(&self) -> usize {
        self.filled
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buffer.as_ref().len().min(usize::from(u16::MAX / 2))
    }

    /// Appends a message; false when it does not fit now.
    pub(crate) fn push<M: Serialize>(&mut self, message: &M) -> bool {
        let capacity = self.capacity();
        let prefix = if capacity < 1 << 14 { 2 } else { 3 };
        let Some(space) = self.buffer.as_mut()[..capacity].get_mut(self.filled..) else { return false };
        if space.len() <= prefix {
            return false;
        }
        let (length, encoded) = space.split_at_mut(prefix);
        let Ok(encoded) = postcard::to_slice(message, encoded) else { return false };
        put_length(encoded.len(), length);
        self.filled += prefix + encoded.len();
        true
    }

    pub(crate) fn bytes(&self, from: usize, count: usize) -> &[u8] {
        &self.buffer.as_ref()[from..from + count]
    }

    /// Everything before `place` has arrived; `None` when that cannot be (an old or foreign frame), else how
    /// many bytes that are news.
    pub(crate) fn acknowledge(&mut self, place: u16) -> Option<usize> {
        let count = usize::from(place.wrapping_sub(self.base));
        if count > self.reached {
            return None;
        }
        self.buffer.as_mut().copy_within(count..self.filled, 0);
        self.filled -= count;
        self.sent = self.sent.saturating_sub(count);
        self.reached -= count;
        self.base = place;
        Some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (capacity, value) in [(2, 0), (2, 127), (2, 128), (2, 16_383), (3, 5), (3, 30_000)] {
            let mut out = [0xff; 3];
            put_length(value, &mut out[..capacity]);
            assert_eq!(length_prefix(&out[..capacity]), Ok(Some((value, capacity))));
            assert_eq!(length_prefix(&out[..capacity - 1]), Ok(None));
        }
        assert_eq!(length_prefix(&[0x80, 0x80, 0x80]), Err(()));
        assert_eq!(length_prefix(&[5]), Ok(Some((5, 1))), "other implementations may use the short form");
    }
}
