//! What a line says before a session opens, and what that tells about who is there: stock MicroPython,
//! another program, an echo, a wrong line rate, or nobody.

use std::time::Duration;

use super::error::LinkError;

/// More than this is not kept; it is enough to judge.
const KEPT_BYTES: usize = 4096;
/// How much of it an error shows.
const SAMPLE_CHARACTERS: usize = 60;

/// Bytes that arrived while greeting.
#[derive(Default, Debug)]
pub(super) struct Heard {
    bytes: Vec<u8>,
    total: usize,
    sent: Vec<u8>,
}

impl Heard {
    /// Notes what arrived.
    pub(super) fn line(&mut self, bytes: &[u8]) {
        self.total = self.total.saturating_add(bytes.len());
        let room = KEPT_BYTES.saturating_sub(self.bytes.len()).min(bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }

    /// Notes what was sent, to recognise an echo.
    pub(super) fn sent(&mut self, bytes: &[u8]) {
        if self.sent.is_empty() {
            self.sent = bytes.to_vec();
        }
    }

    /// No executor talks like this: there is no use in waiting on. A stock prompt that took the greeting for a
    /// comment shows a new prompt after it.
    pub(super) fn is_conclusive(&self) -> bool {
        let text = String::from_utf8_lossy(&self.bytes);
        let greeting = String::from_utf8_lossy(link::greeting::PREFIX).into_owned();
        text.find(greeting.trim_end())
            .is_some_and(|place| text.get(place..).is_some_and(|after| after.contains("\n>>> ")))
    }

    /// The error for a line on which no session opened within `timeout`.
    pub(super) fn explain(&self, port: &str, timeout: Duration) -> LinkError {
        let port = port.to_owned();
        if self.total == 0 {
            return LinkError::Silent { port, timeout };
        }
        let text = String::from_utf8_lossy(&self.bytes);
        if text.contains("CircuitPython") {
            return LinkError::CircuitPython { port };
        }
        if text.contains(">>> ") || text.contains("raw REPL; CTRL-B to exit") || text.contains("MicroPython v") {
            let version = text.find("MicroPython v").map(|start| {
                let words: Vec<&str> = text.get(start..).unwrap_or_default().split_whitespace().take(2).collect();
                words.join(" ")
            });
            return LinkError::StockMicroPython { port, version };
        }
        if self.is_echo() {
            return LinkError::Echo { port };
        }
        // Text in any script is readable; noise of a wrong line rate is mostly neither ASCII nor valid UTF-8.
        let readable =
            self.bytes.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t' | 0x1b)).count();
        if readable * 10 >= self.bytes.len() * 9 {
            return LinkError::OtherProgram { port, sample: sample(&text) };
        }
        let sample = self.bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        LinkError::Garbage { port, bytes: self.total, sample }
    }

    fn is_echo(&self) -> bool {
        !self.sent.is_empty()
            && self.bytes.len() >= self.sent.len()
            && self.bytes.chunks(self.sent.len()).all(|chunk| self.sent.starts_with(chunk))
    }
}

/// The first line with something to read in it.
fn sample(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    let mut shown: String = line.chars().filter(|letter| !letter.is_control()).take(SAMPLE_CHARACTERS).collect();
    if shown.chars().count() == SAMPLE_CHARACTERS {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(bytes: &[u8]) -> LinkError {
        let mut heard = Heard::default();
        heard.sent(b"\0#upy-link 1 00000000 00000000\r\0");
        heard.line(bytes);
        heard.explain("p", Duration::from_secs(1))
    }

    #[test]
    fn who_is_there() {
        assert!(matches!(explained(b""), LinkError::Silent { .. }));
        assert!(matches!(explained(b"#upy-link 1 00\r\n>>> "), LinkError::StockMicroPython { .. }));
        assert!(matches!(explained(b"MPY: soft reboot\r\nMicroPython v1.27.0 on 2025-12-09; X\r\n>>> "),
            LinkError::StockMicroPython { version: Some(version), .. } if version == "MicroPython v1.27.0"));
        assert!(matches!(explained(b"Adafruit CircuitPython 9.2.1\r\n>>> "), LinkError::CircuitPython { .. }));
        assert!(matches!(explained(b"\0#upy-link 1 00000000 00000000\r\0"), LinkError::Echo { .. }));
        assert!(
            matches!(explained(b"\r\nDebian GNU/Linux 12\r\nlogin: "), LinkError::OtherProgram { sample, .. } if sample.contains("Debian"))
        );
        assert!(matches!(explained(&[0xf8, 0x80, 0x00, 0xfe, 0xff, 0x78, 0xe0]), LinkError::Garbage { bytes: 7, .. }));
    }

    #[test]
    fn a_new_prompt_after_the_greeting_ends_the_wait() {
        let mut heard = Heard::default();
        heard.line(b">>> #upy-link 1 12345678 12345678");
        assert!(!heard.is_conclusive());
        heard.line(b"\r\n>>> ");
        assert!(heard.is_conclusive());
    }
}
