//! Functions of a file: preludes decoded, everything else as byte ranges.
//!
//! The file holds functions in pre-order: a function, then each of its children with all that is in it. They are
//! *numbered* so that the children of one function are consecutive: the module's code is 0, and a function with n
//! children reserves the next n numbers when it is met. So child `c` of a function is `first_child + c`, and a table of
//! descriptors indexed by number makes `MAKE_FUNCTION` one addition.

use core::ops::Range;

use super::{Cursor, ENTRIES_MAX, ReadError, ReadErrorKind};
use crate::scope;

/// Deepest nesting of functions.
pub const FUNCTION_DEPTH_MAX: usize = 32;

/// Low bits of a function's length word.
pub(crate) mod word {
    pub(crate) const KIND_MASK: u32 = 3;
    pub(crate) const BYTECODE: u32 = 0;
    pub(crate) const HAS_CHILDREN: u32 = 4;
    pub(crate) const LENGTH_SHIFT: u32 = 3;
}

/// The numbers at a function's start.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Prelude {
    /// Words for locals and operands together; at least 1.
    pub n_state: u16,
    /// Exception blocks that may be open at once.
    pub n_exc_stack: u16,
    /// Bits of [`crate::scope`].
    pub scope_flags: u8,
    /// Positional arguments, closed-over cells (which come first) included.
    pub n_pos_args: u16,
    /// Keyword-only arguments.
    pub n_kwonly_args: u16,
    /// Positional arguments that have defaults.
    pub n_def_pos_args: u16,
}

/// One function, in place. Ranges are in bytes from the start of the file.
#[derive(Clone, Debug)]
pub struct FunctionView<'a> {
    bytes: &'a [u8],
    /// The prelude's numbers.
    pub prelude: Prelude,
    /// Its name: index into the qstr table. Not checked yet: see [`crate::verify`].
    pub name: u32,
    /// The whole function: prelude, names, lines, cells, code.
    pub data: Range<u32>,
    /// Names of its arguments: one varint for each, an index into the qstr table.
    pub arg_names: Range<u32>,
    /// The line table ([`crate::line`]).
    pub line_info: Range<u32>,
    /// Locals that become cells on entry, one byte each.
    pub cells: Range<u32>,
    /// The bytecode.
    pub code: Range<u32>,
    /// How many children it has.
    pub child_count: u16,
    /// Where the first child starts (where the function ends, when it has none).
    pub children_at: u32,
}

/// A function and its place in the tree.
#[derive(Clone, Debug)]
pub struct FunctionNode<'a> {
    /// The function.
    pub function: FunctionView<'a>,
    /// Its number (see the head of this file). Numbers are dense, but do not come in order.
    pub index: u16,
    /// Its parent's number; `None` for the module's code.
    pub parent: Option<u16>,
    /// Which child of its parent it is.
    pub child: u16,
    /// The number of its first child; child `c` is `first_child + c`.
    pub first_child: u16,
    /// How many functions it is in.
    pub depth: u16,
}

impl<'a> FunctionView<'a> {
    fn slice(&self, range: &Range<u32>) -> &'a [u8] {
        self.bytes.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// The bytecode.
    pub fn code_bytes(&self) -> &'a [u8] {
        self.slice(&self.code)
    }

    /// The line table.
    pub fn line_info_bytes(&self) -> &'a [u8] {
        self.slice(&self.line_info)
    }

    /// Locals that become cells on entry.
    pub fn cell_bytes(&self) -> &'a [u8] {
        self.slice(&self.cells)
    }

    /// Names of the positional, then of the keyword-only arguments, as indices into the qstr table (not checked yet).
    pub fn arg_names(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut cursor = Cursor { bytes: self.bytes, at: self.arg_names.start as usize };
        let count = u32::from(self.prelude.n_pos_args) + u32::from(self.prelude.n_kwonly_args);
        (0..count).map_while(move |_| cursor.uint().ok())
    }

    /// Its children, in order.
    pub fn children(&self) -> Children<'a> {
        Children { cursor: Cursor { bytes: self.bytes, at: self.children_at as usize }, left: self.child_count }
    }

    /// Child number `n`, found by stepping over those before it.
    pub fn child(&self, n: u32) -> Option<FunctionView<'a>> {
        self.children().nth(n as usize)
    }
}

/// The children of one function, in order.
#[derive(Clone, Debug)]
pub struct Children<'a> {
    cursor: Cursor<'a>,
    left: u16,
}

impl<'a> Iterator for Children<'a> {
    type Item = FunctionView<'a>;

    fn next(&mut self) -> Option<FunctionView<'a>> {
        self.left = self.left.checked_sub(1)?;
        let child = read(&mut self.cursor).ok()?;
        // Step over all that is in the child.
        let mut inside = u64::from(child.child_count);
        while inside > 0 {
            inside -= 1;
            inside += u64::from(read(&mut self.cursor).ok()?.child_count);
        }
        Some(child)
    }
}

/// All functions of a file, in its order.
#[derive(Clone, Debug)]
pub struct Functions<'a> {
    walk: Walk<'a>,
}

impl<'a> Functions<'a> {
    pub(super) fn new(walk: Walk<'a>) -> Self {
        Functions { walk }
    }
}

impl<'a> Iterator for Functions<'a> {
    type Item = FunctionNode<'a>;

    fn next(&mut self) -> Option<FunctionNode<'a>> {
        self.walk.step().ok().flatten()
    }
}

/// A function whose children are being read.
#[derive(Clone, Copy, Default, Debug)]
struct Level {
    index: u16,
    first_child: u16,
    read: u16,
    count: u16,
}

/// The walk behind [`Functions`], with errors.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    cursor: Cursor<'a>,
    levels: [Level; FUNCTION_DEPTH_MAX],
    depth: usize,
    /// Numbers given out so far; 0 before the root.
    reserved: u32,
}

impl<'a> Walk<'a> {
    pub(super) fn new(cursor: Cursor<'a>) -> Self {
        Walk { cursor, levels: [Level::default(); FUNCTION_DEPTH_MAX], depth: 0, reserved: 0 }
    }

    /// Where the last function read ends.
    pub(super) fn end(&self) -> usize {
        self.cursor.at
    }

    /// How many functions there are, after the walk.
    pub(super) fn count(&self) -> u16 {
        self.reserved as u16
    }

    /// Reads the next function; `None` after the last.
    pub(super) fn step(&mut self) -> Result<Option<FunctionNode<'a>>, ReadError> {
        // Leave functions whose children are all read.
        while let Some(level) = self.depth.checked_sub(1).and_then(|top| self.levels.get(top)) {
            if level.read < level.count {
                break;
            }
            self.depth -= 1;
        }
        let (index, parent, child) = match self.depth.checked_sub(1).and_then(|top| self.levels.get_mut(top)) {
            Some(level) => {
                let child = level.read;
                level.read += 1;
                (level.first_child + child, Some(level.index), child)
            }
            None if self.reserved == 0 => {
                self.reserved = 1;
                (0, None, 0)
            }
            None => return Ok(None),
        };
        let start = self.cursor;
        let function = read(&mut self.cursor)?;
        let first_child = self.reserved as u16;
        let depth = self.depth as u16;
        if function.child_count > 0 {
            self.reserved += u32::from(function.child_count);
            if self.reserved > ENTRIES_MAX {
                return Err(start.error(ReadErrorKind::TooMany));
            }
            let level = self.levels.get_mut(self.depth).ok_or(start.error(ReadErrorKind::TooDeep))?;
            *level = Level { index, first_child, read: 0, count: function.child_count };
            self.depth += 1;
        }
        Ok(Some(FunctionNode { function, index, parent, child, first_child, depth }))
    }
}

/// Reads one function, up to its first child.
fn read<'a>(cursor: &mut Cursor<'a>) -> Result<FunctionView<'a>, ReadError> {
    let start = *cursor;
    let head = cursor.uint()?;
    if head & word::KIND_MASK != word::BYTECODE {
        return Err(start.error(ReadErrorKind::NativeCode));
    }
    let at = cursor.position();
    let length = head >> word::LENGTH_SHIFT;
    cursor.take(length as usize)?;
    let data = at..cursor.position();

    // The prelude is read from a cursor that sees nothing behind the function.
    let bytes = cursor.bytes.get(..data.end as usize).unwrap_or_default();
    let mut inner = Cursor { bytes, at: at as usize };
    let damaged = |error: ReadError| match error.kind {
        ReadErrorKind::Truncated => ReadError { kind: ReadErrorKind::Prelude, at: error.at },
        _ => error,
    };
    let prelude = signature(&mut inner).map_err(damaged)?;
    let (info_length, cell_count) = sizes(&mut inner).map_err(damaged)?;
    let info = inner.position();
    let cells_at = info.checked_add(info_length).filter(|&at| at <= data.end);
    let cells_at = cells_at.ok_or(inner.error(ReadErrorKind::Prelude))?;
    let code_at = cells_at.checked_add(cell_count).filter(|&at| at <= data.end);
    let code_at = code_at.ok_or(inner.error(ReadErrorKind::Prelude))?;

    // Names: the function's, then the arguments'.
    inner.bytes = inner.bytes.get(..cells_at as usize).unwrap_or_default();
    let name = inner.uint().map_err(damaged)?;
    let names_at = inner.position();
    for _ in 0..u32::from(prelude.n_pos_args) + u32::from(prelude.n_kwonly_args) {
        inner.uint().map_err(damaged)?;
    }
    let names_end = inner.position();

    let child_count = if head & word::HAS_CHILDREN != 0 { cursor.entries()? } else { 0 };
    if head & word::HAS_CHILDREN != 0 && child_count == 0 {
        return Err(start.error(ReadErrorKind::Children));
    }
    Ok(FunctionView {
        bytes: cursor.bytes,
        prelude,
        name,
        arg_names: names_at..names_end,
        line_info: names_end..cells_at,
        cells: cells_at..code_at,
        code: code_at..data.end,
        data,
        child_count,
        children_at: cursor.position(),
    })
}

/// The prelude's first part: `xSSSSEAA`, then as many `xFSSKAED` as are needed.
fn signature(cursor: &mut Cursor<'_>) -> Result<Prelude, ReadError> {
    let start = *cursor;
    let first = u32::from(cursor.byte()?);
    let mut state = first >> 3 & 0xf;
    let mut exceptions = first >> 2 & 1;
    let mut positional = first & 3;
    let (mut flags, mut keyword_only, mut defaults) = (0, 0, 0);
    let mut more = first & 0x80 != 0;
    let mut n = 0;
    while more {
        // Eight bytes hold any legal function.
        if n == 8 {
            return Err(start.error(ReadErrorKind::TooLarge));
        }
        let byte = u32::from(cursor.byte()?);
        state |= (byte >> 4 & 3) << (4 + 2 * n);
        exceptions |= (byte >> 1 & 1) << (1 + n);
        flags |= (byte >> 6 & 1) << n;
        positional |= (byte >> 2 & 1) << (2 + n);
        keyword_only |= (byte >> 3 & 1) << n;
        defaults |= (byte & 1) << n;
        more = byte & 0x80 != 0;
        n += 1;
    }
    if flags > u32::from(scope::ALL) || state >= u32::from(u16::MAX) {
        return Err(start.error(ReadErrorKind::Prelude));
    }
    // All others have at most 10 bits.
    Ok(Prelude {
        n_state: state as u16 + 1,
        n_exc_stack: exceptions as u16,
        scope_flags: flags as u8,
        n_pos_args: positional as u16,
        n_kwonly_args: keyword_only as u16,
        n_def_pos_args: defaults as u16,
    })
}

/// The prelude's second part: length of names and lines, number of cells; `xIIIIIIC` repeated.
fn sizes(cursor: &mut Cursor<'_>) -> Result<(u32, u32), ReadError> {
    let start = *cursor;
    let (mut info, mut cells) = (0_u32, 0_u32);
    // More than 4 bytes never fit; more than 8 cells do.
    for n in 0..16 {
        let byte = u32::from(cursor.byte()?);
        cells |= (byte & 1) << n;
        let group = byte >> 1 & 0x3f;
        if n < 5 {
            info |= group << (6 * n);
        } else if group != 0 {
            break;
        }
        if byte & 0x80 == 0 {
            return Ok((info, cells));
        }
    }
    Err(start.error(ReadErrorKind::TooLarge))
}
