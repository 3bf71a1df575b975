//! What lies in the file storage: blocks of records, each guarded by checksums.
//!
//! A record's payload is programmed before its header, so a header that is whole vouches for its payload.

use crate::storage::checksum::crc32;
use crate::storage::word;

/// Bytes of a block's header, before padding to the write unit.
pub(crate) const BLOCK_HEADER_BYTES: usize = 16;
/// Bytes of a record's header, before padding to the write unit.
pub(crate) const HEADER_BYTES: usize = 24;
/// Longest name of a file or directory in bytes.
pub(crate) const NAME_BYTES: usize = 64;
/// Bytes of an entry's payload before the name.
pub(crate) const ENTRY_BYTES: usize = 8;

const MAGIC: u32 = u32::from_le_bytes(*b"uFS1");

/// First bytes of an erase block in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BlockHeader {
    /// Counts the blocks ever begun; unique.
    pub(crate) sequence: u32,
    /// The block whose live records are being moved here, by its sequence.
    pub(crate) victim: Option<u32>,
}

impl BlockHeader {
    pub(crate) fn encode(&self) -> [u8; BLOCK_HEADER_BYTES] {
        let mut bytes = [0; BLOCK_HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.victim.unwrap_or(u32::MAX).to_le_bytes());
        let checksum = crc32(&bytes[..12]);
        bytes[12..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; BLOCK_HEADER_BYTES]) -> Option<BlockHeader> {
        if word(bytes, 0) != MAGIC || word(bytes, 12) != crc32(&bytes[..12]) {
            return None;
        }
        let victim = word(bytes, 8);
        Some(BlockHeader { sequence: word(bytes, 4), victim: (victim != u32::MAX).then_some(victim) })
    }
}

/// What a record says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A piece of a file's content; `extra` is its offset.
    Data,
    /// Name, place and size of a file; `extra` is the parent directory.
    File,
    /// Name and place of a directory; `extra` is the parent directory.
    Directory,
    /// The file or directory is gone.
    Removed,
    /// All live records of the block's victim are in this block.
    Moved,
}

/// The fixed part of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    /// Bytes of payload.
    pub(crate) length: u16,
    /// Which file or directory.
    pub(crate) id: u32,
    /// Orders the records of one id, wherever they lie.
    pub(crate) serial: u32,
    /// Depends on the kind.
    pub(crate) extra: u32,
    /// CRC-32 of the payload.
    pub(crate) payload_crc: u32,
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        let kind = match self.kind {
            Kind::Data => 1,
            Kind::File => 2,
            Kind::Directory => 3,
            Kind::Removed => 4,
            Kind::Moved => 5,
        };
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = kind;
        bytes[2..4].copy_from_slice(&self.length.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.id.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.serial.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.extra.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.payload_crc.to_le_bytes());
        let checksum = crc32(&bytes[..20]);
        bytes[20..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
        let kind = match bytes[0] {
            1 => Kind::Data,
            2 => Kind::File,
            3 => Kind::Directory,
            4 => Kind::Removed,
            5 => Kind::Moved,
            _ => return None,
        };
        if word(bytes, 20) != crc32(&bytes[..20]) {
            return None;
        }
        Some(Header {
            kind,
            length: u16::from_le_bytes([bytes[2], bytes[3]]),
            id: word(bytes, 4),
            serial: word(bytes, 8),
            extra: word(bytes, 12),
            payload_crc: word(bytes, 16),
        })
    }
}
