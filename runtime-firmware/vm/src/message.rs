//! A short text under construction, for errors that name numbers.

/// At most [`Message::LIMIT`] bytes; more is cut off.
pub(crate) struct Message {
    bytes: [u8; Message::LIMIT],
    length: usize,
}

impl Message {
    pub(crate) const LIMIT: usize = 120;

    pub(crate) fn new() -> Message {
        Message { bytes: [0; Message::LIMIT], length: 0 }
    }

    pub(crate) fn push(&mut self, text: &[u8]) {
        for (to, from) in self.bytes.iter_mut().skip(self.length).zip(text) {
            *to = *from;
        }
        self.length = (self.length + text.len()).min(Message::LIMIT);
    }

    pub(crate) fn number(&mut self, n: u32) {
        let mut divisor = 1_000_000_000;
        while divisor > 1 && n < divisor {
            divisor /= 10;
        }
        while divisor > 0 {
            self.push(&[b'0' + (n / divisor % 10) as u8]);
            divisor /= 10;
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // A multi-byte character may have been cut.
        let mut end = self.length;
        while end > 0 && core::str::from_utf8(&self.bytes[..end]).is_err() {
            end -= 1;
        }
        &self.bytes[..end]
    }
}
