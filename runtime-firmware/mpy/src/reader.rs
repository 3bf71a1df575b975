//! A checked view over the bytes of a `.mpy` file. Nothing is copied and nothing allocated: results are numbers and byte
//! offsets within the file, so that an executor can use names, constants and code in place.
//!
//! [`File::open`] walks the whole file once; behind it, every accessor is infallible. What it has proved:
//! - the header is v6, without native code;
//! - all tables, strings, preludes and functions lie within the file, which has no bytes left over;
//! - strings end in a zero byte; `str` constants and qstrs are text ([`crate::text`]); numbers are ASCII of their kind;
//! - constants nest at most [`CONSTANT_DEPTH_MAX`] deep, functions at most [`FUNCTION_DEPTH_MAX`];
//! - qstr, constant and function numbers fit in 16 bits.
//!
//! What it has not proved: anything about bytecode, or that a function's prelude and names make sense. That is
//! [`crate::verify`]'s part.

mod constant;
mod function;

pub use constant::{CONSTANT_DEPTH_MAX, ConstantView, Constants};
#[cfg(feature = "alloc")]
pub(crate) use constant::{is_float, is_imaginary, is_integer, kind as constant_kind};
#[cfg(feature = "alloc")]
pub(crate) use function::word as function_word;
pub use function::{Children, FUNCTION_DEPTH_MAX, FunctionNode, FunctionView, Functions, Prelude};

use crate::qstr;
use crate::text::is_text;
use crate::varint::{self, VarintError};

/// First byte of every `.mpy` file.
pub const MAGIC: u8 = b'M';
/// The version of the format.
pub const VERSION: u8 = 6;
/// Length of the header in bytes.
pub const HEADER_LENGTH: usize = 4;
/// Most entries of the qstr table, of the constant table, and of the functions in a file.
pub const ENTRIES_MAX: u32 = 0xffff;
/// Longest file, in bytes.
pub const FILE_LENGTH_MAX: usize = 0x0fff_ffff;
/// Most bits that a small int may have.
pub const SMALL_INT_BITS_MAX: u8 = 63;

/// Why a file is refused, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// What is wrong.
    pub kind: ReadErrorKind,
    /// Byte offset in the file.
    pub at: u32,
}

/// What is wrong with a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadErrorKind {
    /// It does not begin like a `.mpy` file.
    NotMpy,
    /// It has another version than 6.
    Version,
    /// It holds native code (from `@micropython.native`, `viper` or `asm`, or a native module).
    NativeCode,
    /// The header names an impossible number of bits for small ints.
    SmallIntBits,
    /// It ends too early.
    Truncated,
    /// It goes on after its end.
    TrailingBytes,
    /// A number is larger than any that the format's writers make.
    TooLarge,
    /// There are too many entries in a table, or too many functions.
    TooMany,
    /// A qstr names a static string that v6 does not have.
    StaticQstr,
    /// A string has no zero byte behind it.
    Terminator,
    /// A string is not text ([`crate::text`]).
    Utf8,
    /// A constant is of no kind that v6 has.
    ConstantKind,
    /// A number in the constant table is not spelled like one.
    Number,
    /// Constants or functions nest too deeply.
    TooDeep,
    /// A function's prelude does not fit its data.
    Prelude,
    /// A function says that it has children and has none.
    Children,
}

impl ReadErrorKind {
    /// One line for people.
    pub const fn text(self) -> &'static str {
        match self {
            ReadErrorKind::NotMpy => "not a .mpy file",
            ReadErrorKind::Version => "this .mpy version is not supported: version 6 is",
            ReadErrorKind::NativeCode => "the .mpy file holds native code: only bytecode is supported",
            ReadErrorKind::SmallIntBits => "the .mpy header is damaged",
            ReadErrorKind::Truncated => "the .mpy file ends too early",
            ReadErrorKind::TrailingBytes => "the .mpy file goes on after its end",
            ReadErrorKind::TooLarge => "a number in the .mpy file is too large",
            ReadErrorKind::TooMany => "the .mpy file has too many entries",
            ReadErrorKind::StaticQstr => "the .mpy file names an unknown static string",
            ReadErrorKind::Terminator => "a string in the .mpy file is damaged",
            ReadErrorKind::Utf8 => "a string in the .mpy file is not UTF-8",
            ReadErrorKind::ConstantKind => "a constant in the .mpy file is of unknown kind",
            ReadErrorKind::Number => "a number in the .mpy file is misspelled",
            ReadErrorKind::TooDeep => "the .mpy file nests too deeply",
            ReadErrorKind::Prelude => "a function in the .mpy file is damaged",
            ReadErrorKind::Children => "the functions of the .mpy file are damaged",
        }
    }
}

impl core::fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{} (at byte {})", self.kind.text(), self.at)
    }
}

impl core::error::Error for ReadError {}

/// A file that has been walked once and found sound.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    bytes: &'a [u8],
    small_int_bits: u8,
    qstrs: u16,
    constants: u16,
    functions: u16,
    qstrs_at: u32,
    constants_at: u32,
    root_at: u32,
}

/// An entry of the qstr table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QstrView<'a> {
    /// A static string ([`crate::STATIC_QSTRS`]), by id.
    Static(u16),
    /// A string of the file; a zero byte follows it.
    Text {
        /// Where it starts, in bytes from the start of the file.
        at: u32,
        /// The string, without the zero byte.
        bytes: &'a [u8],
    },
}

impl<'a> QstrView<'a> {
    /// The string.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            QstrView::Static(id) => qstr::static_text(u32::from(id)).unwrap_or_default().as_bytes(),
            QstrView::Text { bytes, .. } => bytes,
        }
    }
}

impl<'a> File<'a> {
    /// Checks the whole file.
    ///
    /// # Errors
    /// When it is not a `.mpy` file of version 6 with nothing but bytecode, or is damaged.
    pub fn open(bytes: &'a [u8]) -> Result<File<'a>, ReadError> {
        if bytes.len() > FILE_LENGTH_MAX {
            return Err(ReadError { kind: ReadErrorKind::TooLarge, at: 0 });
        }
        let mut cursor = Cursor { bytes, at: 0 };
        let small_int_bits = header(&mut cursor)?;
        let qstrs = cursor.entries()?;
        let constants = cursor.entries()?;
        let qstrs_at = cursor.position();
        for _ in 0..qstrs {
            cursor.qstr()?;
        }
        let constants_at = cursor.position();
        for _ in 0..constants {
            constant::check(&mut cursor)?;
        }
        let root_at = cursor.position();
        let mut walk = function::Walk::new(cursor);
        while walk.step()?.is_some() {}
        if walk.end() != bytes.len() {
            return Err(ReadError { kind: ReadErrorKind::TrailingBytes, at: walk.end() as u32 });
        }
        Ok(File { bytes, small_int_bits, qstrs, constants, functions: walk.count(), qstrs_at, constants_at, root_at })
    }

    /// The file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Bits of the small ints that the file was made for, sign included. A reader whose small ints have fewer bits must
    /// refuse the file.
    pub fn small_int_bits(&self) -> u8 {
        self.small_int_bits
    }

    /// How many qstrs the file has.
    pub fn qstr_count(&self) -> u16 {
        self.qstrs
    }

    /// How many constants the file has, items of tuples not counted.
    pub fn constant_count(&self) -> u16 {
        self.constants
    }

    /// How many functions the file has, the module's own code included.
    pub fn function_count(&self) -> u16 {
        self.functions
    }

    /// The qstr table, in order. Entry 0 is the source file's name.
    pub fn qstrs(&self) -> impl Iterator<Item = QstrView<'a>> + use<'a> {
        let mut cursor = Cursor { bytes: self.bytes, at: self.qstrs_at as usize };
        (0..self.qstrs).map_while(move |_| cursor.qstr().ok())
    }

    /// The constant table, in order.
    pub fn constants(&self) -> Constants<'a> {
        Constants::new(Cursor { bytes: self.bytes, at: self.constants_at as usize }, u32::from(self.constants))
    }

    /// All functions, parents before children, in the order in which the file holds them.
    pub fn functions(&self) -> Functions<'a> {
        Functions::new(function::Walk::new(Cursor { bytes: self.bytes, at: self.root_at as usize }))
    }

    /// The module's own code; `None` never happens.
    pub fn root(&self) -> Option<FunctionView<'a>> {
        self.functions().next().map(|node| node.function)
    }
}

fn header(cursor: &mut Cursor<'_>) -> Result<u8, ReadError> {
    let refuse = |kind, at| Err(ReadError { kind, at });
    let &[magic, version, feature, small_int_bits] = cursor.take(HEADER_LENGTH)? else {
        return refuse(ReadErrorKind::Truncated, 0);
    };
    if magic != MAGIC {
        return refuse(ReadErrorKind::NotMpy, 0);
    }
    if version != VERSION {
        return refuse(ReadErrorKind::Version, 1);
    }
    // Architecture, its flags and its sub-version: all zero without native code.
    if feature != 0 {
        return refuse(ReadErrorKind::NativeCode, 2);
    }
    if !(2..=SMALL_INT_BITS_MAX).contains(&small_int_bits) {
        return refuse(ReadErrorKind::SmallIntBits, 3);
    }
    Ok(small_int_bits)
}

/// A position in the file. Every step is checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Offset in the file; [`File::open`] has seen that it fits.
    fn position(&self) -> u32 {
        self.at as u32
    }

    fn error(&self, kind: ReadErrorKind) -> ReadError {
        ReadError { kind, at: self.position() }
    }

    fn rest(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn byte(&mut self) -> Result<u8, ReadError> {
        let byte = *self.bytes.get(self.at).ok_or(self.error(ReadErrorKind::Truncated))?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ReadError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..length).ok_or(self.error(ReadErrorKind::Truncated))?;
        self.at += length;
        Ok(taken)
    }

    fn uint(&mut self) -> Result<u32, ReadError> {
        let (value, next) = varint::read_uint(self.bytes, self.at).map_err(|error| {
            self.error(match error {
                VarintError::Truncated => ReadErrorKind::Truncated,
                VarintError::TooLarge => ReadErrorKind::TooLarge,
            })
        })?;
        self.at = next;
        Ok(value)
    }

    /// A count of things that take at least one byte each.
    fn entries(&mut self) -> Result<u16, ReadError> {
        let at = *self;
        let count = self.uint()?;
        if count as usize > self.rest() {
            return Err(at.error(ReadErrorKind::Truncated));
        }
        u16::try_from(count).map_err(|_| at.error(ReadErrorKind::TooMany))
    }

    /// Bytes and the zero byte behind them.
    fn terminated(&mut self, length: usize) -> Result<&'a [u8], ReadError> {
        let bytes = self.take(length)?;
        let at = *self;
        if self.byte()? != 0 {
            return Err(at.error(ReadErrorKind::Terminator));
        }
        Ok(bytes)
    }

    fn text(&mut self, length: usize) -> Result<&'a [u8], ReadError> {
        let at = *self;
        let bytes = self.terminated(length)?;
        if is_text(bytes) { Ok(bytes) } else { Err(at.error(ReadErrorKind::Utf8)) }
    }

    fn qstr(&mut self) -> Result<QstrView<'a>, ReadError> {
        let start = *self;
        let length = self.uint()?;
        if length & 1 != 0 {
            let id = length >> 1;
            return match (qstr::static_text(id), u16::try_from(id)) {
                (Some(_), Ok(id)) => Ok(QstrView::Static(id)),
                _ => Err(start.error(ReadErrorKind::StaticQstr)),
            };
        }
        let at = self.position();
        Ok(QstrView::Text { at, bytes: self.text((length >> 1) as usize)? })
    }
}
