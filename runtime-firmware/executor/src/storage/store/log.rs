//! The log under the file storage: records are only ever appended; a full block is emptied by moving what is
//! alive in it to a fresh block, then erased.
//!
//! Every state that a power cut can leave is recognised when mounting:
//! - a block without a whole header is free, whatever lies in it (it is erased before use);
//! - a record without a whole header ends its block; nothing valid lies behind it, since a block is only
//!   continued when the rest of it is blank;
//! - the newest block was being filled from a victim and has no `Moved` record: the victim is still whole, so
//!   the new block is erased; it has one: the victim is erased.

use hal::{Error, Flash};

use super::record::{BLOCK_HEADER_BYTES, BlockHeader, HEADER_BYTES, Header, Kind};
use crate::storage::checksum::{crc32, crc32_begin};

/// Largest write unit supported, and the size of the buffer on the stack.
const BUFFER_BYTES: usize = 256;

/// A record and where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) header: Header,
    /// Offset of the header in flash.
    pub(crate) address: u32,
}

/// A place in a walk over all records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cursor {
    block: u32,
    /// Offset in the block; 0 before its header was looked at.
    offset: u32,
}

impl Cursor {
    /// Where the records of a block begin.
    pub(crate) fn at_block(block: u32) -> Cursor {
        Cursor { block, offset: 0 }
    }

    /// Both are in the same block.
    pub(crate) fn same_block(&self, other: &Cursor) -> bool {
        self.block == other.block
    }
}

/// The state of the log in memory.
pub(crate) struct Log {
    base: u32,
    block_bytes: u32,
    blocks: u32,
    unit: u32,
    /// The block that is being written, and how far.
    head: u32,
    position: u32,
    /// Blocks that hold nothing.
    free: u32,
    next_sequence: u32,
    /// Serial of the next record.
    pub(crate) next_serial: u32,
    /// Id of the next file or directory.
    pub(crate) next_id: u32,
    /// Counts the blocks emptied: places remembered from before are void.
    pub(crate) moves: u32,
}

/// What only the owner of the records can tell: which of them are needed.
pub(crate) trait Alive {
    /// The records of this block will be asked about next.
    fn look_at(&mut self, log: &Log, flash: &mut dyn Flash, block: u32) -> Result<(), Error>;
    /// The record is still needed.
    fn alive(&mut self, log: &Log, flash: &mut dyn Flash, found: &Found) -> Result<bool, Error>;
}

impl Log {
    /// Reads the state from flash, and finishes or undoes what a power cut interrupted.
    pub(crate) fn mount(flash: &mut dyn Flash, base: u32, size: u32) -> Result<Log, Error> {
        let geometry = flash.geometry();
        let unit = geometry.write_unit.max(1);
        let block_bytes = geometry.erase_block;
        if unit as usize > BUFFER_BYTES || !(BUFFER_BYTES as u32).is_multiple_of(unit) || block_bytes < 512 {
            return Err(Error::NotSupported);
        }
        let blocks = size / block_bytes;
        if blocks < 4 || !base.is_multiple_of(block_bytes) {
            return Err(Error::NotSupported);
        }
        let mut log = Log {
            base,
            block_bytes,
            blocks,
            unit,
            head: 0,
            position: block_bytes,
            free: 0,
            next_sequence: 1,
            next_serial: 1,
            next_id: 2,
            moves: 0,
        };
        log.recover(flash)?;
        log.count(flash)?;
        Ok(log)
    }

    fn recover(&mut self, flash: &mut dyn Flash) -> Result<(), Error> {
        let Some((head, header)) = self.newest(flash)? else { return Ok(()) };
        let Some(victim) = header.victim else { return Ok(()) };
        let mut moved = false;
        let mut cursor = Cursor { block: head, offset: 0 };
        while let Some(found) = self.next_in_block(flash, &mut cursor)? {
            moved |= found.header.kind == Kind::Moved;
        }
        for block in 0..self.blocks {
            if self.block_header(flash, block)?.is_some_and(|other| other.sequence == victim) {
                self.erase(flash, if moved { block } else { head })?;
            }
        }
        Ok(())
    }

    fn newest(&self, flash: &mut dyn Flash) -> Result<Option<(u32, BlockHeader)>, Error> {
        let mut newest: Option<(u32, BlockHeader)> = None;
        for block in 0..self.blocks {
            if let Some(header) = self.block_header(flash, block)?
                && newest.is_none_or(|(_, other)| header.sequence > other.sequence)
            {
                newest = Some((block, header));
            }
        }
        Ok(newest)
    }

    fn count(&mut self, flash: &mut dyn Flash) -> Result<(), Error> {
        self.free = 0;
        for block in 0..self.blocks {
            let mut cursor = Cursor { block, offset: 0 };
            if self.block_header(flash, block)?.is_none() {
                self.free += 1;
                continue;
            }
            while let Some(found) = self.next_in_block(flash, &mut cursor)? {
                self.next_serial = self.next_serial.max(found.header.serial.wrapping_add(1));
                self.next_id = self.next_id.max(found.header.id.wrapping_add(1));
            }
        }
        if let Some((head, header)) = self.newest(flash)? {
            self.next_sequence = header.sequence.wrapping_add(1);
            let mut cursor = Cursor { block: head, offset: 0 };
            while self.next_in_block(flash, &mut cursor)?.is_some() {}
            self.head = head;
            let blank = self.is_blank(flash, head, cursor.offset)?;
            self.position = if blank { cursor.offset } else { self.block_bytes };
        }
        Ok(())
    }

    fn start(&self, block: u32) -> u32 {
        self.base + block * self.block_bytes
    }

    fn padded(&self, bytes: usize) -> u32 {
        (bytes as u32).next_multiple_of(self.unit)
    }

    /// Bytes that a record with this payload takes.
    pub(crate) fn record_bytes(&self, payload: usize) -> u32 {
        self.padded(HEADER_BYTES) + self.padded(payload)
    }

    /// Bytes of a block that records can use.
    pub(crate) fn block_room(&self) -> u32 {
        self.block_bytes - self.padded(BLOCK_HEADER_BYTES)
    }

    /// Number of blocks that hold data at most: one stays free to move things.
    pub(crate) fn usable_blocks(&self) -> u32 {
        self.blocks - 1
    }

    pub(crate) fn block_bytes(&self) -> u32 {
        self.block_bytes
    }

    fn block_header(&self, flash: &mut dyn Flash, block: u32) -> Result<Option<BlockHeader>, Error> {
        let mut bytes = [0; BLOCK_HEADER_BYTES];
        flash.read(self.start(block), &mut bytes)?;
        Ok(BlockHeader::decode(&bytes))
    }

    fn is_blank(&self, flash: &mut dyn Flash, block: u32, from: u32) -> Result<bool, Error> {
        let mut buffer = [0; BUFFER_BYTES];
        let mut offset = from;
        while offset < self.block_bytes {
            let count = (self.block_bytes - offset).min(BUFFER_BYTES as u32) as usize;
            flash.read(self.start(block) + offset, &mut buffer[..count])?;
            if buffer[..count].iter().any(|&byte| byte != 0xff) {
                return Ok(false);
            }
            offset += count as u32;
        }
        Ok(true)
    }

    fn erase(&self, flash: &mut dyn Flash, block: u32) -> Result<(), Error> {
        flash.erase(self.start(block), self.block_bytes)
    }

    /// The next record of the cursor's block.
    pub(crate) fn next_in_block(&self, flash: &mut dyn Flash, cursor: &mut Cursor) -> Result<Option<Found>, Error> {
        if cursor.offset == 0 {
            if self.block_header(flash, cursor.block)?.is_none() {
                return Ok(None);
            }
            cursor.offset = self.padded(BLOCK_HEADER_BYTES);
        }
        if cursor.offset + self.record_bytes(0) > self.block_bytes {
            return Ok(None);
        }
        let address = self.start(cursor.block) + cursor.offset;
        let mut bytes = [0; HEADER_BYTES];
        flash.read(address, &mut bytes)?;
        let Some(header) = Header::decode(&bytes) else { return Ok(None) };
        let end = cursor.offset + self.record_bytes(usize::from(header.length));
        if end > self.block_bytes {
            return Ok(None);
        }
        cursor.offset = end;
        Ok(Some(Found { header, address }))
    }

    /// The next record of all; start with the default cursor. The order means nothing.
    pub(crate) fn next(&self, flash: &mut dyn Flash, cursor: &mut Cursor) -> Result<Option<Found>, Error> {
        while cursor.block < self.blocks {
            if let Some(found) = self.next_in_block(flash, cursor)? {
                return Ok(Some(found));
            }
            *cursor = Cursor { block: cursor.block + 1, offset: 0 };
        }
        Ok(None)
    }

    /// A cursor from which the record at this address comes next.
    pub(crate) fn cursor_at(&self, address: u32) -> Cursor {
        let offset = address.saturating_sub(self.base);
        Cursor { block: offset / self.block_bytes, offset: offset % self.block_bytes }
    }

    /// Reads part of a record's payload.
    pub(crate) fn payload(
        &self,
        flash: &mut dyn Flash,
        found: &Found,
        from: usize,
        buffer: &mut [u8],
    ) -> Result<(), Error> {
        if from + buffer.len() > usize::from(found.header.length) {
            return Err(Error::Io);
        }
        flash.read(found.address + self.padded(HEADER_BYTES) + from as u32, buffer)
    }

    /// Appends a record whose payload is the pieces in a row; returns where it lies.
    ///
    /// When there is no room, blocks are emptied first, which moves records: addresses held before are void.
    pub(crate) fn append(
        &mut self,
        flash: &mut dyn Flash,
        alive: &mut dyn Alive,
        mut header: Header,
        pieces: &[&[u8]],
    ) -> Result<u32, Error> {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        header.length = u16::try_from(length).map_err(|_| Error::TooLarge)?;
        let mut digest = crc32_begin();
        pieces.iter().for_each(|piece| digest.update(piece));
        header.payload_crc = digest.finalize();
        let size = self.record_bytes(length);
        // Room for two records of removal is kept, so that a full storage can be emptied.
        let kept = if header.kind == Kind::Removed { 0 } else { 2 * self.record_bytes(0) };
        if size + kept > self.block_room() {
            return Err(Error::TooLarge);
        }
        let mut patience = 2 * self.blocks;
        while self.position + size + kept > self.block_bytes {
            if self.free >= 2 {
                self.begin_block(flash, None)?;
                continue;
            }
            if patience == 0 {
                return Err(Error::NoSpace);
            }
            patience -= 1;
            self.empty_one(flash, alive)?;
        }
        self.write(flash, &header, pieces)
    }

    fn write(&mut self, flash: &mut dyn Flash, header: &Header, pieces: &[&[u8]]) -> Result<u32, Error> {
        let address = self.start(self.head) + self.position;
        let end = self.position + self.record_bytes(usize::from(header.length));
        // Should programming fail, what was begun is left behind and the block taken for full.
        self.position = self.block_bytes;
        let payload_address = address + self.padded(HEADER_BYTES);
        self.program(flash, payload_address, pieces)?;
        self.program(flash, address, &[&header.encode()])?;
        self.position = end;
        Ok(address)
    }

    /// Programs pieces in a row, padded to the write unit.
    fn program(&self, flash: &mut dyn Flash, mut address: u32, pieces: &[&[u8]]) -> Result<(), Error> {
        let mut buffer = [0xff; BUFFER_BYTES];
        let mut filled = 0;
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let count = rest.len().min(BUFFER_BYTES - filled);
                buffer[filled..filled + count].copy_from_slice(&rest[..count]);
                filled += count;
                rest = &rest[count..];
                if filled == BUFFER_BYTES {
                    flash.program(address, &buffer)?;
                    address += BUFFER_BYTES as u32;
                    buffer = [0xff; BUFFER_BYTES];
                    filled = 0;
                }
            }
        }
        if filled > 0 {
            flash.program(address, &buffer[..self.padded(filled) as usize])?;
        }
        Ok(())
    }

    fn begin_block(&mut self, flash: &mut dyn Flash, victim: Option<u32>) -> Result<(), Error> {
        for step in 1..=self.blocks {
            let block = (self.head + step) % self.blocks;
            if self.block_header(flash, block)?.is_some() {
                continue;
            }
            if !self.is_blank(flash, block, 0)? {
                self.erase(flash, block)?;
            }
            let header = BlockHeader { sequence: self.next_sequence, victim };
            self.next_sequence = self.next_sequence.wrapping_add(1);
            self.free = self.free.saturating_sub(1);
            self.head = block;
            self.position = self.block_bytes;
            self.program(flash, self.start(block), &[&header.encode()])?;
            self.position = self.padded(BLOCK_HEADER_BYTES);
            return Ok(());
        }
        Err(Error::NoSpace)
    }

    /// Bytes of live records in a block.
    pub(crate) fn live_bytes(&self, flash: &mut dyn Flash, alive: &mut dyn Alive, block: u32) -> Result<u32, Error> {
        if self.block_header(flash, block)?.is_none() {
            return Ok(0);
        }
        alive.look_at(self, flash, block)?;
        let mut cursor = Cursor { block, offset: 0 };
        let mut live = 0;
        while let Some(found) = self.next_in_block(flash, &mut cursor)? {
            if found.header.kind != Kind::Moved && alive.alive(self, flash, &found)? {
                live += self.record_bytes(usize::from(found.header.length));
            }
        }
        Ok(live)
    }

    /// The block to empty: the oldest with much to gain, else the one with the most.
    fn victim(&self, flash: &mut dyn Flash, alive: &mut dyn Alive) -> Result<Option<(u32, u32)>, Error> {
        let worth_while = self.block_room() / 4;
        let least = 2 * self.record_bytes(0);
        let mut best: Option<(u32, u32, u32)> = None;
        let mut after = None;
        // Blocks in the order of their age, without a table: find the next older one each time.
        loop {
            let mut next: Option<(u32, u32)> = None;
            for block in 0..self.blocks {
                if let Some(header) = self.block_header(flash, block)?
                    && block != self.head
                    && after.is_none_or(|after| header.sequence > after)
                    && next.is_none_or(|(_, sequence)| header.sequence < sequence)
                {
                    next = Some((block, header.sequence));
                }
            }
            let Some((block, sequence)) = next else { break };
            let gain = self.block_room().saturating_sub(self.live_bytes(flash, alive, block)?);
            if gain >= least && best.is_none_or(|(_, _, other)| gain > other) {
                best = Some((block, sequence, gain));
            }
            if gain >= worth_while {
                break;
            }
            after = Some(sequence);
        }
        Ok(best.map(|(block, sequence, _)| (block, sequence)))
    }

    /// Moves what is alive in one block to a fresh one and erases it.
    fn empty_one(&mut self, flash: &mut dyn Flash, alive: &mut dyn Alive) -> Result<(), Error> {
        let Some((victim, sequence)) = self.victim(flash, alive)? else { return Err(Error::NoSpace) };
        self.moves = self.moves.wrapping_add(1);
        self.begin_block(flash, Some(sequence))?;
        alive.look_at(self, flash, victim)?;
        let mut cursor = Cursor { block: victim, offset: 0 };
        while let Some(found) = self.next_in_block(flash, &mut cursor)? {
            if found.header.kind != Kind::Moved && alive.alive(self, flash, &found)? {
                self.copy(flash, &found)?;
            }
        }
        let moved = Header { kind: Kind::Moved, length: 0, id: 0, serial: 0, extra: sequence, payload_crc: crc32(&[]) };
        self.write(flash, &moved, &[])?;
        self.erase(flash, victim)?;
        self.free += 1;
        Ok(())
    }

    fn copy(&mut self, flash: &mut dyn Flash, found: &Found) -> Result<(), Error> {
        let size = self.record_bytes(usize::from(found.header.length));
        if self.position + size > self.block_bytes {
            return Err(Error::NoSpace);
        }
        let address = self.start(self.head) + self.position;
        let end = self.position + size;
        self.position = self.block_bytes;
        let mut buffer = [0; BUFFER_BYTES];
        let payload = self.padded(usize::from(found.header.length));
        let skip = self.padded(HEADER_BYTES);
        let mut done = 0;
        while done < payload {
            let count = (payload - done).min(BUFFER_BYTES as u32) as usize;
            flash.read(found.address + skip + done, &mut buffer[..count])?;
            flash.program(address + skip + done, &buffer[..count])?;
            done += count as u32;
        }
        self.program(flash, address, &[&found.header.encode()])?;
        self.position = end;
        Ok(())
    }

    /// Number of blocks, for walks over them.
    pub(crate) fn blocks(&self) -> u32 {
        self.blocks
    }
}
