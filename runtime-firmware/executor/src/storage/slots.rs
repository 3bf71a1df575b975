//! The two app slots and the journal that says which of them runs: a deploy fills the idle slot, verifies
//! it, seals it with a header, and then one appended record makes it the active one.
//!
//! A slot: header (64 bytes, or one write unit if that is more), then the image. The header is programmed
//! last, so a slot with a whole header holds a verified image. The journal: two erase blocks of records that
//! are only appended; the highest sequence number counts. When a block is full the other one is erased and
//! gets the next record, while the full one still holds the newest.

use hal::{Description, Error, Flash};

use super::checksum::{Sha256, crc32};
use super::romfs::{self, FlashSource};

const HEADER_BYTES: usize = 64;
const RECORD_BYTES: usize = 16;
const MAGIC: [u8; 4] = *b"uAPP";
const RECORD_MAGIC: [u8; 2] = *b"uJ";
const FORMAT: u8 = 1;
/// Largest write unit supported.
const UNIT_BYTES: usize = 256;

/// A sealed app image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct App {
    /// Which slot.
    pub slot: u8,
    /// Counts deploys.
    pub sequence: u32,
    /// Flash offset of the image.
    pub base: u32,
    /// Length of the image in bytes.
    pub length: u32,
    /// SHA-256 of the image.
    pub sha256: [u8; 32],
}

/// What the journal remembers over restarts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Journal {
    /// The slot to run.
    pub(crate) active: Option<u8>,
    /// Crashes in a row.
    pub(crate) crashes: u8,
    sequence: u32,
}

/// An upload into the idle slot.
#[derive(Clone, Copy)]
struct Upload {
    slot: u8,
    length: u32,
    sha256: [u8; 32],
    /// Bytes received; the last of them wait to be programmed together.
    received: u32,
    waiting: [u8; UNIT_BYTES],
    filled: usize,
}

/// Both slots and the journal.
pub(crate) struct Slots {
    first: u32,
    slot_bytes: u32,
    journal_base: u32,
    erase_block: u32,
    unit: u32,
    journal: Journal,
    upload: Option<Upload>,
}

impl Slots {
    pub(crate) fn mount(flash: &mut dyn Flash, description: &Description) -> Result<Slots, Error> {
        let geometry = flash.geometry();
        let (first, slot_bytes) = description.slots;
        let unit = geometry.write_unit.max(1);
        if unit as usize > UNIT_BYTES || slot_bytes <= geometry.erase_block.min(HEADER_BYTES as u32) {
            return Err(Error::NotSupported);
        }
        let mut slots = Slots {
            first,
            slot_bytes,
            journal_base: description.journal,
            erase_block: geometry.erase_block,
            unit,
            journal: Journal::default(),
            upload: None,
        };
        slots.journal = slots.newest(flash)?.map_or(Journal::default(), |(_, journal)| journal);
        Ok(slots)
    }

    fn header_bytes(&self) -> u32 {
        (HEADER_BYTES as u32).next_multiple_of(self.unit)
    }

    fn record_bytes(&self) -> u32 {
        (RECORD_BYTES as u32).next_multiple_of(self.unit)
    }

    fn start(&self, slot: u8) -> u32 {
        self.first + u32::from(slot) * self.slot_bytes
    }

    /// Longest image.
    pub(crate) fn room(&self) -> u32 {
        self.slot_bytes.saturating_sub(self.header_bytes())
    }

    /// What the journal says.
    pub(crate) fn journal(&self) -> Journal {
        self.journal
    }

    // ---- the journal ----

    fn read_record(&self, flash: &mut dyn Flash, at: u32) -> Result<Option<Journal>, Error> {
        let mut bytes = [0; RECORD_BYTES];
        flash.read(at, &mut bytes)?;
        let [m0, m1, active, crashes, s0, s1, s2, s3, _, _, _, _, c0, c1, c2, c3] = bytes;
        if [m0, m1] != RECORD_MAGIC || u32::from_le_bytes([c0, c1, c2, c3]) != crc32(&bytes[..12]) {
            return Ok(None);
        }
        let active = (active < 2).then_some(active);
        Ok(Some(Journal { active, crashes, sequence: u32::from_le_bytes([s0, s1, s2, s3]) }))
    }

    /// The newest record and where it lies.
    fn newest(&self, flash: &mut dyn Flash) -> Result<Option<(u32, Journal)>, Error> {
        let mut newest: Option<(u32, Journal)> = None;
        for block in 0..2 {
            let start = self.journal_base + block * self.erase_block;
            let mut at = start;
            while at + self.record_bytes() <= start + self.erase_block {
                if let Some(record) = self.read_record(flash, at)?
                    && newest.is_none_or(|(_, other)| record.sequence > other.sequence)
                {
                    newest = Some((at, record));
                }
                at += self.record_bytes();
            }
        }
        Ok(newest)
    }

    /// Where the next record can go in the block of `at`, behind everything that was ever begun there.
    fn vacancy(&self, flash: &mut dyn Flash, at: u32) -> Result<Option<u32>, Error> {
        let block = (at - self.journal_base) / self.erase_block;
        let end = self.journal_base + (block + 1) * self.erase_block;
        let mut vacancy = at + self.record_bytes();
        let mut check = vacancy;
        let mut buffer = [0; RECORD_BYTES];
        while check < end {
            let count = (end - check).min(RECORD_BYTES as u32);
            let bytes = &mut buffer[..count as usize];
            flash.read(check, bytes)?;
            check += count;
            if bytes.iter().any(|&byte| byte != 0xff) {
                let used = check - (self.journal_base + block * self.erase_block);
                vacancy = self.journal_base + block * self.erase_block + used.next_multiple_of(self.record_bytes());
            }
        }
        Ok((vacancy + self.record_bytes() <= end).then_some(vacancy))
    }

    fn record(&mut self, flash: &mut dyn Flash, active: Option<u8>, crashes: u8) -> Result<(), Error> {
        let newest = self.newest(flash)?;
        let vacancy = match newest {
            Some((at, _)) => self.vacancy(flash, at)?,
            None => None,
        };
        let at = match vacancy {
            Some(at) => at,
            None => {
                // The block that does not hold the newest record.
                let used = newest.map_or(1, |(at, _)| (at - self.journal_base) / self.erase_block);
                let start = self.journal_base + (1 - used.min(1)) * self.erase_block;
                flash.erase(start, self.erase_block)?;
                start
            }
        };
        let sequence = newest.map_or(0, |(_, journal)| journal.sequence).wrapping_add(1);
        let mut bytes = [0xff; UNIT_BYTES];
        bytes[..2].copy_from_slice(&RECORD_MAGIC);
        bytes[2] = active.unwrap_or(0xff);
        bytes[3] = crashes;
        bytes[4..8].copy_from_slice(&sequence.to_le_bytes());
        let checksum = crc32(&bytes[..12]);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        flash.program(at, &bytes[..self.record_bytes() as usize])?;
        self.journal = Journal { active, crashes, sequence };
        Ok(())
    }

    /// Remembers the number of crashes in a row.
    pub(crate) fn set_crashes(&mut self, flash: &mut dyn Flash, crashes: u8) -> Result<(), Error> {
        if crashes == self.journal.crashes {
            return Ok(());
        }
        self.record(flash, self.journal.active, crashes)
    }

    // ---- the slots ----

    /// The sealed image of a slot.
    pub(crate) fn app(&self, flash: &mut dyn Flash, slot: u8) -> Result<Option<App>, Error> {
        let start = self.start(slot);
        let mut bytes = [0; HEADER_BYTES];
        flash.read(start, &mut bytes)?;
        let word = |place| super::word(&bytes, place);
        if bytes[..4] != MAGIC || bytes[4] != FORMAT || word(48) != crc32(&bytes[..48]) {
            return Ok(None);
        }
        let length = word(8);
        if length > self.room() {
            return Ok(None);
        }
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(&bytes[16..48]);
        Ok(Some(App { slot, sequence: word(12), base: start + self.header_bytes(), length, sha256 }))
    }

    /// The app to run: the active one, or, should it be damaged, the other.
    pub(crate) fn chosen(&self, flash: &mut dyn Flash) -> Result<Option<App>, Error> {
        let Some(active) = self.journal.active else { return Ok(None) };
        if let Some(app) = self.app(flash, active)?
            && romfs::validate(&mut FlashSource { flash, base: app.base }, app.length).is_ok()
        {
            return Ok(Some(app));
        }
        let other = self.app(flash, 1 - active)?;
        Ok(
            if let Some(app) = other
                && self.is_sound(flash, &app)?
            {
                Some(app)
            } else {
                None
            },
        )
    }

    /// The image is whole. An idle slot's header alone does not say so: an interrupted erase may have left it.
    pub(crate) fn is_sound(&self, flash: &mut dyn Flash, app: &App) -> Result<bool, Error> {
        Ok(hash(flash, app.base, app.length)? == app.sha256
            && romfs::validate(&mut FlashSource { flash, base: app.base }, app.length).is_ok())
    }

    /// The slot that is being written, and how far.
    pub(crate) fn uploading(&self) -> Option<(u8, u32, u32)> {
        self.upload.as_ref().map(|upload| (upload.slot, upload.received, upload.length))
    }

    /// Begins to write a new image, never over a good active slot or the one in use; goes on with the last
    /// upload if it was the same. Returns the offset to go on from.
    pub(crate) fn begin(
        &mut self,
        flash: &mut dyn Flash,
        in_use: Option<u8>,
        length: u32,
        sha256: [u8; 32],
    ) -> Result<u32, Error> {
        if length > self.room() || length == 0 {
            return Err(Error::TooLarge);
        }
        if let Some(upload) = &self.upload
            && upload.length == length
            && upload.sha256 == sha256
        {
            return Ok(upload.received);
        }
        self.upload = None;
        let slot = match self.journal.active {
            // The other app runs: because the active one is damaged and can be written over, or because a restart
            // is due first.
            Some(active) if in_use == Some(1 - active) => {
                if let Some(app) = self.app(flash, active)?
                    && self.is_sound(flash, &app)?
                {
                    return Err(Error::Busy);
                }
                active
            }
            Some(active) => 1 - active,
            None => u8::from(in_use == Some(0)),
        };
        flash.erase(self.start(slot), self.erase_block)?;
        self.upload = Some(Upload { slot, length, sha256, received: 0, waiting: [0xff; UNIT_BYTES], filled: 0 });
        Ok(0)
    }

    /// Forgets the upload.
    pub(crate) fn cancel(&mut self) {
        self.upload = None;
    }

    /// Takes the next bytes of the image.
    pub(crate) fn write(&mut self, flash: &mut dyn Flash, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        let (unit, erase_block, header) = (self.unit, self.erase_block, self.header_bytes());
        let upload = self.upload.as_mut().ok_or(Error::NotPermitted)?;
        if offset != upload.received || bytes.len() as u64 > u64::from(upload.length - upload.received) {
            self.upload = None;
            return Err(Error::Invalid);
        }
        let start = self.first + u32::from(upload.slot) * self.slot_bytes;
        let base = start + header;
        for &byte in bytes {
            upload.waiting[upload.filled] = byte;
            upload.filled += 1;
            upload.received += 1;
            let next = base + upload.received;
            let due = upload.filled == UNIT_BYTES || next.is_multiple_of(erase_block);
            if !due && upload.received != upload.length {
                continue;
            }
            let at = next - upload.filled as u32;
            let count = (upload.filled as u32).next_multiple_of(unit) as usize;
            // The first block was erased in the beginning, to unseal the slot before anything is written.
            let erased =
                if at.is_multiple_of(erase_block) && at != start { flash.erase(at, erase_block) } else { Ok(()) };
            let done = erased.and_then(|()| flash.program(at, &upload.waiting[..count]));
            upload.waiting = [0xff; UNIT_BYTES];
            upload.filled = 0;
            if let Err(error) = done {
                self.upload = None;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes the next bytes of the image from the active app.
    pub(crate) fn copy(
        &mut self,
        flash: &mut dyn Flash,
        app: &App,
        offset: u32,
        from: u32,
        length: u32,
    ) -> Result<(), Error> {
        if from.checked_add(length).is_none_or(|end| end > app.length) {
            self.upload = None;
            return Err(Error::Invalid);
        }
        let mut buffer = [0; 64];
        let mut done = 0;
        while done < length {
            let count = (length - done).min(64);
            let piece = &mut buffer[..count as usize];
            flash.read(app.base + from + done, piece)?;
            self.write(flash, offset + done, piece)?;
            done += count;
        }
        Ok(())
    }

    /// Verifies what was written, seals it and makes it the active app.
    pub(crate) fn commit(&mut self, flash: &mut dyn Flash) -> Result<App, CommitError> {
        let upload = self.upload.take().ok_or(CommitError::Other(Error::NotPermitted))?;
        if upload.received != upload.length {
            self.upload = Some(upload);
            return Err(CommitError::Other(Error::NotPermitted));
        }
        let start = self.start(upload.slot);
        let base = start + self.header_bytes();
        if hash(flash, base, upload.length).map_err(CommitError::Other)? != upload.sha256 {
            return Err(CommitError::Hash);
        }
        romfs::validate(&mut FlashSource { flash, base }, upload.length).map_err(|_| CommitError::Image)?;
        let mut sequence = 0;
        for slot in 0..2 {
            if let Some(app) = self.app(flash, slot).map_err(CommitError::Other)? {
                sequence = sequence.max(app.sequence);
            }
        }
        let mut bytes = [0xff; UNIT_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = FORMAT;
        bytes[8..12].copy_from_slice(&upload.length.to_le_bytes());
        bytes[12..16].copy_from_slice(&sequence.wrapping_add(1).to_le_bytes());
        bytes[16..48].copy_from_slice(&upload.sha256);
        let checksum = crc32(&bytes[..48]);
        bytes[48..52].copy_from_slice(&checksum.to_le_bytes());
        let header = &bytes[..self.header_bytes() as usize];
        flash.program(start, header).map_err(CommitError::Other)?;
        self.record(flash, Some(upload.slot), 0).map_err(CommitError::Other)?;
        self.app(flash, upload.slot).map_err(CommitError::Other)?.ok_or(CommitError::Other(Error::Io))
    }

    /// Makes the other slot's app the active one again.
    pub(crate) fn rollback(&mut self, flash: &mut dyn Flash) -> Result<(), Error> {
        let other = self.journal.active.map_or(0, |active| 1 - active);
        let app = self.app(flash, other)?.ok_or(Error::NotFound)?;
        if !self.is_sound(flash, &app)? {
            return Err(Error::NotFound);
        }
        self.record(flash, Some(other), 0)
    }
}

/// Why an image was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CommitError {
    /// It does not have the hash that was announced.
    Hash,
    /// It is no valid ROMFS image.
    Image,
    /// The flash failed, or there was nothing to commit.
    Other(Error),
}

/// SHA-256 of a part of flash.
pub(crate) fn hash(flash: &mut dyn Flash, base: u32, length: u32) -> Result<[u8; 32], Error> {
    let mut sha256 = Sha256::new();
    let mut buffer = [0; UNIT_BYTES];
    let mut done = 0;
    while done < length {
        let count = (length - done).min(UNIT_BYTES as u32);
        let piece = &mut buffer[..count as usize];
        flash.read(base + done, piece)?;
        sha256.update(piece);
        done += count;
    }
    Ok(sha256.finish())
}
