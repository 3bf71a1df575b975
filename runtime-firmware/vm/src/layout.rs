//! Headers of heap objects: tag, flags and size in one word; and the list of object layouts.
//!
//! `size (20) | flags (3) | tag (6) | mark (1) | 10`. The size is in words, header included. Objects with a tag
//! below [`FIRST_TRACED`] hold raw bits only, all others hold only tagged words: so the collector needs no code
//! for any type.

/// The mark bit of a header.
pub(crate) const MARK: u32 = 4;
/// First tag whose objects hold values; below it objects are raw.
pub(crate) const FIRST_TRACED: u32 = 16;
/// Words of the largest object.
pub(crate) const MAX_SIZE: u32 = (1 << 20) - 1;

/// The layout of a heap object. Fields are the words behind the header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Tag {
    /// Dead words.
    Free = 0,
    /// IEEE number: one word or two, by the board's float width.
    Float = 1,
    /// Limbs of 32 bits, least significant first; flag bit 0: negative.
    BigInt = 2,
    /// Hash word (16 bits hash, bit 16 hash known, bit 17 known to be ASCII), UTF-8 bytes; flags: padding bytes.
    Str = 3,
    /// Hash word, bytes; flags: padding bytes.
    Bytes = 4,
    /// Storage of a bytearray or array: mutable bytes.
    Buffer = 5,
    /// A loose .mpy: its length in bytes, then the bytes.
    Code = 6,
    /// Raw words for the VM's own use: name tables, function descriptors, hash indices.
    Table = 7,
    /// Real and imaginary part.
    Complex = 8,

    /// Storage of a list, dict, set …
    Items = 16,
    /// Items in place.
    Tuple = 17,
    /// Length, Items or NULL.
    List = 18,
    /// Live entries, Items or NULL; see `table.rs`.
    Dict = 19,
    /// As Dict, without values.
    Set = 20,
    /// As Set.
    FrozenSet = 21,
    /// Class id and serial, dict of overflowing attributes or NULL, attributes in place.
    Instance = 22,
    /// Class id, arguments (tuple), traceback (Items or NULL), cause or context, dict of attributes or NULL.
    Exception = 23,
    /// See `class.rs`.
    Class = 24,
    /// Unit, descriptor number; then by flags: defaults tuple and keyword defaults dict; cells.
    Function = 25,
    /// Function, self.
    BoundMethod = 26,
    /// See `generator.rs`.
    Generator = 27,
    /// One value or NULL.
    Cell = 28,
    /// Start, stop, step.
    Range = 29,
    /// Start, stop, step.
    Slice = 30,
    /// Name, dict.
    Module = 31,
    /// A loaded file: see `load.rs`.
    Unit = 32,
    /// Class id, then fields that the class's native code knows.
    Native = 33,
    /// Length in bytes, Buffer or NULL.
    ByteArray = 34,
    /// State word, iterated object, position; see `iterate.rs`.
    Iterator = 35,
}

impl Tag {
    /// The tag of a header.
    pub(crate) const fn of(head: u32) -> Tag {
        match head >> 3 & 63 {
            1 => Tag::Float,
            2 => Tag::BigInt,
            3 => Tag::Str,
            4 => Tag::Bytes,
            5 => Tag::Buffer,
            6 => Tag::Code,
            7 => Tag::Table,
            8 => Tag::Complex,
            16 => Tag::Items,
            17 => Tag::Tuple,
            18 => Tag::List,
            19 => Tag::Dict,
            20 => Tag::Set,
            21 => Tag::FrozenSet,
            22 => Tag::Instance,
            23 => Tag::Exception,
            24 => Tag::Class,
            25 => Tag::Function,
            26 => Tag::BoundMethod,
            27 => Tag::Generator,
            28 => Tag::Cell,
            29 => Tag::Range,
            30 => Tag::Slice,
            31 => Tag::Module,
            32 => Tag::Unit,
            33 => Tag::Native,
            34 => Tag::ByteArray,
            35 => Tag::Iterator,
            _ => Tag::Free,
        }
    }
}

/// A header.
#[inline(always)]
pub(crate) const fn header(tag: Tag, size: u32) -> u32 {
    size << 12 | (tag as u32) << 3 | 2
}

/// Size of an object in words, header included.
#[inline(always)]
pub(crate) const fn size_of(head: u32) -> usize {
    (head >> 12) as usize
}

/// The three flag bits.
#[inline(always)]
pub(crate) const fn flags_of(head: u32) -> u32 {
    head >> 9 & 7
}

/// True for objects without values.
#[inline(always)]
pub(crate) const fn is_raw(head: u32) -> bool {
    head >> 3 & 63 < FIRST_TRACED
}

/// True if the header has this tag.
#[inline(always)]
pub(crate) const fn has_tag(head: u32, tag: Tag) -> bool {
    head >> 3 & 63 == tag as u32
}
