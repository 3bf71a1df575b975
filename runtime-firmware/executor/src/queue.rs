//! What arrived on standard input and was not read yet, and what a person at a terminal asked for.

use hal::Input;

/// Ctrl-C in plain text.
const INTERRUPT: u8 = 3;
/// Ctrl-D in plain text.
const END: u8 = 4;

/// Standard input.
pub(crate) struct Stdin<'m> {
    buffer: &'m mut [u8],
    start: usize,
    filled: usize,
    ended: bool,
    /// Ctrl-C was typed, or the host sent an interrupt.
    pub(crate) interrupt: bool,
    /// Something was typed since this was last cleared.
    pub(crate) typed: bool,
    /// Bytes taken out that the host has not got its credit back for.
    pub(crate) owed: u32,
}

impl<'m> Stdin<'m> {
    pub(crate) fn new(buffer: &'m mut [u8]) -> Self {
        Stdin { buffer, start: 0, filled: 0, ended: false, interrupt: false, typed: false, owed: 0 }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// A new session or run: everything not read is forgotten, and is owed.
    pub(crate) fn clear(&mut self) {
        self.owed += self.filled as u32;
        self.filled = 0;
        self.ended = false;
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Takes bytes that the host sent; false when it sent more than its credit.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|&byte| self.push_byte(byte))
    }

    fn push_byte(&mut self, byte: u8) -> bool {
        if self.filled == self.buffer.len() {
            return false;
        }
        let place = (self.start + self.filled) % self.buffer.len();
        self.buffer[place] = byte;
        self.filled += 1;
        true
    }

    /// Takes what a person typed: Ctrl-C and Ctrl-D mean something, Enter is a line feed, and what does not fit is
    /// lost.
    pub(crate) fn type_text(&mut self, text: &[u8]) {
        for &byte in text {
            self.typed = true;
            match byte {
                INTERRUPT => self.interrupt = true,
                END => self.ended = true,
                b'\r' => {
                    self.push_byte(b'\n');
                }
                _ => {
                    self.push_byte(byte);
                }
            }
        }
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Input {
        let count = self.filled.min(buffer.len());
        if count == 0 {
            return if self.filled == 0 && self.ended { Input::End } else { Input::Empty };
        }
        for place in buffer[..count].iter_mut() {
            *place = self.buffer[self.start];
            self.start = (self.start + 1) % self.buffer.len();
        }
        self.filled -= count;
        self.owed += count as u32;
        Input::Bytes(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_round_and_are_owed() {
        let mut buffer = [0; 4];
        let mut stdin = Stdin::new(&mut buffer);
        let mut out = [0; 3];
        for round in 0..5_u8 {
            assert!(stdin.push(&[round, 1, 2]));
            assert_eq!(stdin.read(&mut out), Input::Bytes(3));
            assert_eq!(out, [round, 1, 2]);
        }
        assert_eq!(stdin.owed, 15);
        assert!(!stdin.push(&[1, 2, 3, 4, 5]), "more than the credit");
        stdin.end();
        assert_eq!(stdin.read(&mut out), Input::Bytes(3));
        assert_eq!(stdin.read(&mut out), Input::Bytes(1));
        assert_eq!(stdin.read(&mut out), Input::End);
        stdin.clear();
        assert_eq!(stdin.read(&mut out), Input::Empty, "a new run has its input open again");
    }

    #[test]
    fn what_is_typed_has_meaning() {
        let mut buffer = [0; 8];
        let mut stdin = Stdin::new(&mut buffer);
        stdin.type_text(b"a\rb\x03");
        assert!(stdin.interrupt && stdin.typed);
        let mut out = [0; 8];
        assert_eq!(stdin.read(&mut out), Input::Bytes(3));
        assert_eq!(&out[..3], b"a\nb");
        stdin.type_text(&[4]);
        assert_eq!(stdin.read(&mut out), Input::End);
    }
}
