//! Paths: relative to the current directory, with `.` and `..` resolved.

use hal::Error;
use vm::{Raised, Slot, Val, Vm, class_id};

/// Longest path in bytes.
const LIMIT: usize = 256;

/// An absolute path without `.`, `..` and doubled slashes.
pub(crate) struct Path {
    bytes: [u8; LIMIT],
    length: usize,
}

impl Path {
    /// The path in `slot`, a str.
    pub(crate) fn of(vm: &mut Vm<'_>, slot: Slot) -> Result<Path, Raised> {
        let mut path = Path { bytes: [0; LIMIT], length: 0 };
        let heap = &*vm.heap;
        let value = heap.builtin_part(heap.get(slot));
        let Some(text) = heap.str_bytes(value) else {
            let text = "expected str path, not {t}";
            return Err(heap.error_about(class_id::TYPE_ERROR, text, value, Val::NONE));
        };
        if core::str::from_utf8(text).is_err() || text.contains(&0) {
            return Err(heap.value_error("path is not valid text"));
        }
        let current = heap.module_state(b"os.cwd").and_then(|cwd| heap.str_bytes(cwd)).unwrap_or(b"/");
        let fits = (text.starts_with(b"/") || path.join(current)) && path.join(text);
        if !fits {
            return Err(heap.os_error(Error::NameTooLong));
        }
        Ok(path)
    }

    /// Appends the components of `text`; false if they do not fit.
    fn join(&mut self, text: &[u8]) -> bool {
        for component in text.split(|byte| *byte == b'/') {
            match component {
                b"" | b"." => {}
                b".." => {
                    let so_far = self.bytes.get(..self.length).unwrap_or(&[]);
                    self.length = so_far.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                }
                name => {
                    let end = self.length + 1 + name.len();
                    let Some(place) = self.bytes.get_mut(self.length..end) else { return false };
                    if let [slash, rest @ ..] = place {
                        *slash = b'/';
                        rest.copy_from_slice(name);
                    }
                    self.length = end;
                }
            }
        }
        true
    }

    /// The path; `/` for the root.
    pub(crate) fn text(&self) -> &str {
        match self.bytes.get(..self.length) {
            Some(bytes @ [_, ..]) => core::str::from_utf8(bytes).unwrap_or("/"),
            _ => "/",
        }
    }
}
