//! The two checksums of the storage: CRC-32 against torn writes, SHA-256 against everything else.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, Table};
use sha2::Digest as _;

const CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// CRC-32 of one piece.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

/// CRC-32 of several pieces.
pub(crate) fn crc32_begin() -> Digest<'static, u32, Table<1>> {
    static KEPT: Crc<u32, Table<1>> = CRC;
    KEPT.digest()
}

/// SHA-256 of several pieces.
pub(crate) struct Sha256(sha2::Sha256);

impl Sha256 {
    pub(crate) fn new() -> Self {
        Sha256(sha2::Sha256::new())
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
