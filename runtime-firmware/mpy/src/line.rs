//! The line-number table: steps of (bytes of code, source lines), from line 1 at the start of the code.
//!
//! `0LLBBBBB` is a step of B bytes and L lines; `1LLLBBBB llllllll` one of B bytes and `LLLllllllll` lines.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// One step of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Bytes of code that it covers, on the line before it.
    pub code: u32,
    /// Lines that it then goes down.
    pub lines: u32,
}

/// The steps of an encoded table. A step that is cut off at the table's end is left out.
pub fn steps(table: &[u8]) -> impl Iterator<Item = Step> + '_ {
    let mut rest = table;
    core::iter::from_fn(move || match *rest {
        [first, ref tail @ ..] if first & 0x80 == 0 => {
            rest = tail;
            Some(Step { code: u32::from(first & 0x1f), lines: u32::from(first >> 5) })
        }
        [first, second, ref tail @ ..] => {
            rest = tail;
            Some(Step { code: u32::from(first & 0x0f), lines: u32::from(first & 0x70) << 4 | u32::from(second) })
        }
        _ => None,
    })
}

/// The source line of the byte of code at `offset` (1 when the table is empty).
pub fn source_line(table: &[u8], offset: u32) -> u32 {
    let mut line = 1_u32;
    let mut rest = offset;
    for step in steps(table) {
        let Some(after) = rest.checked_sub(step.code) else { break };
        rest = after;
        line = line.saturating_add(step.lines);
    }
    line
}

/// Builds a table while code is emitted, with the same bytes as MicroPython's compiler.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug)]
pub struct LineTable {
    table: Vec<u8>,
    offset: u32,
    line: u32,
}

#[cfg(feature = "alloc")]
impl Default for LineTable {
    fn default() -> Self {
        LineTable { table: Vec::new(), offset: 0, line: 1 }
    }
}

#[cfg(feature = "alloc")]
impl LineTable {
    /// An empty table, at line 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that the code from `offset` on belongs to `line`. The format cannot go back: a line not below the last one
    /// (and an offset before the last one) is ignored.
    pub fn mark(&mut self, offset: u32, line: u32) {
        if line <= self.line || offset < self.offset {
            return;
        }
        push_step(&mut self.table, offset - self.offset, line - self.line);
        self.offset = offset;
        self.line = line;
    }

    /// The encoded table.
    pub fn finish(self) -> Vec<u8> {
        self.table
    }
}

/// Appends one step of any size.
#[cfg(feature = "alloc")]
pub fn push_step(table: &mut Vec<u8>, code: u32, lines: u32) {
    let (mut code, mut lines) = (code, lines);
    while code > 0 || lines > 0 {
        if lines <= 6 || code > 0xf {
            let bytes = code.min(0x1f);
            // Lines may go down only once all the code is covered.
            let down = if bytes < code { 0 } else { lines.min(3) };
            table.push((bytes | down << 5) as u8);
            code -= bytes;
            lines -= down;
        } else {
            let down = lines.min(0x7ff);
            table.push((0x80 | code | (down >> 4 & 0x70)) as u8);
            table.push(down as u8);
            code = 0;
            lines -= down;
        }
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;

    #[test]
    fn lines_of_offsets() {
        let mut lines = LineTable::new();
        let marks = [(0, 1), (3, 2), (5, 3), (40, 9), (41, 3000), (90, 3007), (95, 3100), (95, 3101)];
        for (offset, line) in marks {
            lines.mark(offset, line);
        }
        let table = lines.finish();
        for (offset, line) in [(0, 1), (2, 1), (3, 2), (4, 2), (5, 3), (39, 3), (40, 9), (41, 3000), (89, 3000)] {
            assert_eq!(source_line(&table, offset), line, "at {offset}");
        }
        assert_eq!(source_line(&table, 90), 3007);
        assert_eq!(source_line(&table, 95), 3101);
        assert_eq!(source_line(&table, u32::MAX), 3101);
        assert_eq!(source_line(&[], 7), 1);
        assert_eq!(source_line(&[0x85], 7), 1);
    }

    #[test]
    fn a_line_cannot_go_back() {
        let mut lines = LineTable::new();
        lines.mark(0, 5);
        lines.mark(4, 3);
        lines.mark(6, 6);
        assert_eq!(lines.finish(), [0x60, 0x20, 0x26]);
    }
}
