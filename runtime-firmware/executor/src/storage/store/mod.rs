//! The read-write file storage: files and directories as records of a log, safe against power cuts at any
//! moment, with no memory beyond a few words and the table of open files.
//!
//! Why our own: the pure-Rust ports of littlefs need an allocator or unsafe code, and the key-value stores
//! for flash have neither directories nor files longer than a block.
//!
//! The rules that make it safe:
//! - a file or directory is an id; its newest entry says its name, place and size;
//! - content that an entry does not vouch for (its `data_serial`) does not exist;
//! - a name has one holder: the entry with the highest serial. An older holder is removed *before* the name
//!   is given up, so that it can never come back;
//! - the pieces of a file never overlap: replacing content makes a new id, and one entry switches the name.

mod log;
mod record;

use hal::{EntryKind, Error, Flash, FsUsage};

use log::{Alive, Cursor, Found, Log};
pub(crate) use record::NAME_BYTES;
use record::{ENTRY_BYTES, Header, Kind};

use crate::storage::checksum::crc32;
use crate::storage::word;

/// The directory `/`.
pub(crate) const ROOT: u32 = 0;
/// A directory that no path leads to: what the executor keeps for itself.
pub(crate) const SYSTEM: u32 = 1;

/// Files being written at a time.
pub(crate) const PINS: usize = 12;

/// A file or directory that exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Node {
    pub(crate) id: u32,
    pub(crate) parent: u32,
    pub(crate) kind: EntryKind,
    pub(crate) size: u32,
    /// Pieces up to this serial belong to it.
    pub(crate) data_serial: u32,
    serial: u32,
    address: u32,
}

impl Node {
    /// The directory `/`, or the executor's own.
    pub(crate) const fn directory(id: u32) -> Node {
        Node { id, parent: id, kind: EntryKind::Directory, size: 0, data_serial: 0, serial: 0, address: 0 }
    }

    /// The content of this node, to be read.
    pub(crate) fn content(&self) -> Content {
        Content { id: self.id, size: self.size, data_serial: self.data_serial }
    }
}

/// A sequence of bytes in the storage: that of a file, or of one being written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Content {
    pub(crate) id: u32,
    pub(crate) size: u32,
    pub(crate) data_serial: u32,
}

/// Where the last piece of a content lay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Hint {
    address: u32,
    /// The log has moved nothing since.
    moves: u32,
}

/// Ids whose pieces must be kept although no entry vouches for them (yet, or any more).
#[derive(Clone, Copy, Default)]
pub(crate) struct Pin {
    pub(crate) id: u32,
    /// How many open files hold it; 0 for a free place.
    pub(crate) holders: u8,
}

/// Ids whose state is found out in one walk over the log.
const KNOWN: usize = 8;

/// What is known of one id.
#[derive(Clone, Copy, Default)]
struct Known {
    id: u32,
    removed: bool,
    newest: Option<Found>,
    node: Option<Node>,
}

struct Pins {
    pins: [Pin; PINS],
    /// The last answers: first those of the ids in one block, then, where they are more, one at a time.
    known: [Known; KNOWN],
    known_count: usize,
}

impl Pins {
    fn holds(&self, id: u32) -> bool {
        self.pins.iter().any(|pin| pin.holders > 0 && pin.id == id)
    }

    fn forget(&mut self) {
        self.known_count = 0;
    }

    /// Finds out about these ids, replacing what was known.
    fn find_out(&mut self, log: &Log, flash: &mut dyn Flash, ids: impl Iterator<Item = u32>) -> Result<(), Error> {
        self.known_count = 0;
        for (place, id) in self.known.iter_mut().zip(ids) {
            *place = Known { id, ..Known::default() };
            self.known_count += 1;
        }
        statuses(log, flash, &mut self.known[..self.known_count])
    }

    fn status(&mut self, log: &Log, flash: &mut dyn Flash, id: u32) -> Result<Option<Node>, Error> {
        if let Some(known) = self.known[..self.known_count].iter().find(|known| known.id == id) {
            return Ok(known.node);
        }
        self.find_out(log, flash, core::iter::once(id))?;
        Ok(self.known[0].node)
    }
}

/// Finds the newest entry of each id; `None` when it has none, or was removed.
fn statuses(log: &Log, flash: &mut dyn Flash, known: &mut [Known]) -> Result<(), Error> {
    let mut cursor = Cursor::default();
    while let Some(found) = log.next(flash, &mut cursor)? {
        let Some(known) = known.iter_mut().find(|known| known.id == found.header.id) else { continue };
        match found.header.kind {
            Kind::Removed => known.removed = true,
            Kind::File | Kind::Directory if known.newest.is_none_or(|old| found.header.serial > old.header.serial) => {
                known.newest = Some(found);
            }
            _ => {}
        }
    }
    for known in known {
        if let Some(found) = known.newest.filter(|_| !known.removed) {
            known.node = Some(node(log, flash, &found)?);
        }
    }
    Ok(())
}

/// The same for one id.
fn status(log: &Log, flash: &mut dyn Flash, id: u32) -> Result<Option<Node>, Error> {
    let mut known = [Known { id, ..Known::default() }];
    statuses(log, flash, &mut known)?;
    Ok(known[0].node)
}

fn node(log: &Log, flash: &mut dyn Flash, found: &Found) -> Result<Node, Error> {
    let mut fixed = [0; ENTRY_BYTES];
    log.payload(flash, found, 0, &mut fixed)?;
    let kind = if found.header.kind == Kind::File { EntryKind::File } else { EntryKind::Directory };
    Ok(Node {
        id: found.header.id,
        parent: found.header.extra,
        kind,
        size: word(&fixed, 0),
        data_serial: word(&fixed, 4),
        serial: found.header.serial,
        address: found.address,
    })
}

impl Alive for Pins {
    fn look_at(&mut self, log: &Log, flash: &mut dyn Flash, block: u32) -> Result<(), Error> {
        let mut ids = [0; KNOWN];
        let mut count = 0;
        let mut cursor = Cursor::at_block(block);
        while let Some(found) = log.next_in_block(flash, &mut cursor)? {
            let id = found.header.id;
            let wanted = !matches!(found.header.kind, Kind::Moved | Kind::Removed);
            if wanted && count < KNOWN && !ids[..count].contains(&id) {
                ids[count] = id;
                count += 1;
            }
        }
        self.find_out(log, flash, ids[..count].iter().copied())
    }

    fn alive(&mut self, log: &Log, flash: &mut dyn Flash, found: &Found) -> Result<bool, Error> {
        let header = &found.header;
        match header.kind {
            Kind::Moved => return Ok(false),
            Kind::Removed => {
                // Needed as long as another block still holds something of this id.
                let own = log.cursor_at(found.address);
                let mut cursor = Cursor::default();
                while let Some(other) = log.next(flash, &mut cursor)? {
                    if other.header.id == header.id
                        && other.header.kind != Kind::Removed
                        && !log.cursor_at(other.address).same_block(&own)
                    {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
            _ => {}
        }
        if header.kind == Kind::Data && self.holds(header.id) {
            return Ok(true);
        }
        let known = self.status(log, flash, header.id)?;
        Ok(known.is_some_and(|node| match header.kind {
            Kind::Data => header.serial <= node.data_serial,
            _ => header.serial == node.serial,
        }))
    }
}

/// The file storage. The flash is passed to every call, since the board owns it.
pub(crate) struct Store {
    log: Log,
    pins: Pins,
    /// Counts changes: what was remembered of places in the log is void when it moved on.
    pub(crate) version: u32,
}

impl Store {
    /// Reads the state from flash; blank or foreign flash becomes an empty storage.
    pub(crate) fn mount(flash: &mut dyn Flash, base: u32, size: u32) -> Result<Store, Error> {
        let log = Log::mount(flash, base, size)?;
        Ok(Store {
            log,
            pins: Pins { pins: [Pin::default(); PINS], known: [Known::default(); KNOWN], known_count: 0 },
            version: 0,
        })
    }

    /// Keeps the pieces of `id` until [`Store::unpin`].
    pub(crate) fn pin(&mut self, id: u32) -> Result<(), Error> {
        let pins = &mut self.pins.pins;
        if let Some(pin) = pins.iter_mut().find(|pin| pin.holders > 0 && pin.id == id) {
            pin.holders += 1;
            return Ok(());
        }
        let pin = pins.iter_mut().find(|pin| pin.holders == 0).ok_or(Error::TooManyOpen)?;
        *pin = Pin { id, holders: 1 };
        Ok(())
    }

    /// Ends one [`Store::pin`].
    pub(crate) fn unpin(&mut self, id: u32) {
        if let Some(pin) = self.pins.pins.iter_mut().find(|pin| pin.holders > 0 && pin.id == id) {
            pin.holders -= 1;
        }
    }

    fn append(
        &mut self,
        flash: &mut dyn Flash,
        kind: Kind,
        id: u32,
        extra: u32,
        pieces: &[&[u8]],
    ) -> Result<u32, Error> {
        self.pins.forget();
        let serial = self.log.next_serial;
        let header = Header { kind, length: 0, id, serial, extra, payload_crc: 0 };
        self.version = self.version.wrapping_add(1);
        let Store { log, pins, .. } = self;
        let appended = log.append(flash, pins, header, pieces);
        pins.forget();
        appended?;
        self.log.next_serial = serial.wrapping_add(1);
        Ok(serial)
    }

    /// An id that nothing has.
    pub(crate) fn new_id(&mut self) -> u32 {
        let id = self.log.next_id;
        self.log.next_id = id.wrapping_add(1);
        id
    }

    /// The node of an id.
    pub(crate) fn node(&mut self, flash: &mut dyn Flash, id: u32) -> Result<Node, Error> {
        if id <= SYSTEM {
            return Ok(Node::directory(id));
        }
        status(&self.log, flash, id)?.ok_or(Error::NotFound)
    }

    fn has_name(&self, flash: &mut dyn Flash, found: &Found, name: &[u8]) -> Result<bool, Error> {
        if usize::from(found.header.length) != ENTRY_BYTES + name.len() {
            return Ok(false);
        }
        let mut buffer = [0; NAME_BYTES];
        let Some(buffer) = buffer.get_mut(..name.len()) else { return Ok(false) };
        self.log.payload(flash, found, ENTRY_BYTES, buffer)?;
        Ok(buffer == name)
    }

    /// The newest entry of this name that is older than `before`, dead or alive.
    fn holder(&self, flash: &mut dyn Flash, parent: u32, name: &[u8], before: u32) -> Result<Option<Found>, Error> {
        let mut newest: Option<Found> = None;
        let mut cursor = Cursor::default();
        while let Some(found) = self.log.next(flash, &mut cursor)? {
            let header = &found.header;
            if matches!(header.kind, Kind::File | Kind::Directory)
                && header.extra == parent
                && header.serial < before
                && newest.is_none_or(|old| header.serial > old.header.serial)
                && self.has_name(flash, &found, name)?
            {
                newest = Some(found);
            }
        }
        Ok(newest)
    }

    /// The node of this name in a directory.
    pub(crate) fn lookup(&mut self, flash: &mut dyn Flash, parent: u32, name: &str) -> Result<Option<Node>, Error> {
        let Some(found) = self.holder(flash, parent, name.as_bytes(), u32::MAX)? else { return Ok(None) };
        // Dead means that the name was given up, and then nobody older holds it.
        let node = status(&self.log, flash, found.header.id)?;
        Ok(node.filter(|node| node.serial == found.header.serial))
    }

    /// Removes the older holders of the name that `node` holds, which a power cut may have left.
    fn bury_older(&mut self, flash: &mut dyn Flash, node: &Node) -> Result<(), Error> {
        let mut buffer = [0; NAME_BYTES];
        let length = self.name_of(flash, node.id, &mut buffer)?;
        let mut before = node.serial;
        while let Some(found) = self.holder(flash, node.parent, &buffer[..length], before)? {
            before = found.header.serial;
            let older = status(&self.log, flash, found.header.id)?;
            if older.is_some_and(|older| older.serial == found.header.serial && older.id != node.id) {
                self.append(flash, Kind::Removed, found.header.id, 0, &[])?;
            }
        }
        Ok(())
    }

    /// Writes the name of an id to `buffer`; its length.
    pub(crate) fn name_of(
        &mut self,
        flash: &mut dyn Flash,
        id: u32,
        buffer: &mut [u8; NAME_BYTES],
    ) -> Result<usize, Error> {
        let node = self.node(flash, id)?;
        let mut cursor = self.log.cursor_at(node.address);
        let found = self.log.next(flash, &mut cursor)?.filter(|found| found.header.id == id).ok_or(Error::Io)?;
        let length = usize::from(found.header.length).saturating_sub(ENTRY_BYTES);
        let name = buffer.get_mut(..length).ok_or(Error::Io)?;
        self.log.payload(flash, &found, ENTRY_BYTES, name)?;
        Ok(length)
    }

    /// Appends a piece of content at `offset`; returns its serial.
    pub(crate) fn write_piece(
        &mut self,
        flash: &mut dyn Flash,
        id: u32,
        offset: u32,
        bytes: &[u8],
    ) -> Result<u32, Error> {
        self.append(flash, Kind::Data, id, offset, &[bytes])
    }

    /// Gives content a name, in one step: whoever held the name before is gone.
    pub(crate) fn commit(
        &mut self,
        flash: &mut dyn Flash,
        parent: u32,
        name: &str,
        content: &Content,
    ) -> Result<(), Error> {
        let old = self.lookup(flash, parent, name)?;
        if old.is_some_and(|old| old.kind == EntryKind::Directory) {
            return Err(Error::IsDirectory);
        }
        let (size, data_serial) = (content.size.to_le_bytes(), content.data_serial.to_le_bytes());
        self.append(flash, Kind::File, content.id, parent, &[&size, &data_serial, name.as_bytes()])?;
        if let Some(old) = old
            && old.id != content.id
        {
            self.append(flash, Kind::Removed, old.id, 0, &[])?;
        }
        Ok(())
    }

    /// Makes a directory; the name must be free.
    pub(crate) fn make_directory(&mut self, flash: &mut dyn Flash, parent: u32, name: &str) -> Result<(), Error> {
        let id = self.new_id();
        let none = 0u32.to_le_bytes();
        self.append(flash, Kind::Directory, id, parent, &[&none, &none, name.as_bytes()])?;
        Ok(())
    }

    /// Removes a node. A directory must be empty.
    pub(crate) fn remove(&mut self, flash: &mut dyn Flash, node: &Node) -> Result<(), Error> {
        if node.kind == EntryKind::Directory && self.list(flash, node.id, &mut Listing::default())?.is_some() {
            return Err(Error::NotEmpty);
        }
        self.bury_older(flash, node)?;
        self.append(flash, Kind::Removed, node.id, 0, &[])?;
        Ok(())
    }

    /// Gives a node another name and place, in one step; a file that held the name is gone.
    pub(crate) fn rename(&mut self, flash: &mut dyn Flash, node: &Node, parent: u32, name: &str) -> Result<(), Error> {
        let old = self.lookup(flash, parent, name)?.filter(|old| old.id != node.id);
        self.bury_older(flash, node)?;
        let kind = if node.kind == EntryKind::File { Kind::File } else { Kind::Directory };
        let (size, data_serial) = (node.size.to_le_bytes(), node.data_serial.to_le_bytes());
        self.append(flash, kind, node.id, parent, &[&size, &data_serial, name.as_bytes()])?;
        if let Some(old) = old {
            self.append(flash, Kind::Removed, old.id, 0, &[])?;
        }
        Ok(())
    }

    /// Pieces of `id` were written that no entry vouches for: a power cut or a full storage left them.
    pub(crate) fn has_leftovers(&mut self, flash: &mut dyn Flash, content: &Content) -> Result<bool, Error> {
        let mut cursor = Cursor::default();
        while let Some(found) = self.log.next(flash, &mut cursor)? {
            let header = &found.header;
            if header.kind == Kind::Data && header.id == content.id && header.serial > content.data_serial {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads content from `position` on, at most to the end of one piece; `hint` remembers where the last
    /// piece lay. Damage is an error, never wrong bytes.
    pub(crate) fn read(
        &mut self,
        flash: &mut dyn Flash,
        content: &Content,
        position: u32,
        buffer: &mut [u8],
        hint: &mut Hint,
    ) -> Result<usize, Error> {
        if position >= content.size || buffer.is_empty() {
            return Ok(0);
        }
        let start = if hint.moves == self.log.moves { hint.address } else { 0 };
        let found = self.piece(flash, content, position, start)?.ok_or(Error::Io)?;
        *hint = Hint { address: found.address, moves: self.log.moves };
        let within = position - found.header.extra;
        let count = (u32::from(found.header.length) - within).min(content.size - position);
        let count = (count as usize).min(buffer.len());
        self.log.payload(flash, &found, within as usize, &mut buffer[..count])?;
        if within == 0 && count == usize::from(found.header.length) {
            // The whole piece is at hand: check it. Partial reads are checked when the file is hashed or copied.
            if crc32(&buffer[..count]) != found.header.payload_crc {
                return Err(Error::Io);
            }
        }
        Ok(count)
    }

    /// The piece that holds a position: it likely follows the last one.
    fn piece(
        &self,
        flash: &mut dyn Flash,
        content: &Content,
        position: u32,
        hint: u32,
    ) -> Result<Option<Found>, Error> {
        let fits = |found: &Found| {
            let header = &found.header;
            header.kind == Kind::Data
                && header.id == content.id
                && header.serial <= content.data_serial
                && header.extra <= position
                && position - header.extra < u32::from(header.length)
        };
        let first = if hint == 0 { Cursor::default() } else { self.log.cursor_at(hint) };
        // From the hint to the end, then from the start: the log may have moved things since.
        let mut cursor = first;
        while let Some(found) = self.log.next(flash, &mut cursor)? {
            if fits(&found) {
                return Ok(Some(found));
            }
        }
        let mut cursor = Cursor::default();
        while let Some(found) = self.log.next(flash, &mut cursor)? {
            if fits(&found) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The next entry of a directory: its node and its name.
    pub(crate) fn list(
        &mut self,
        flash: &mut dyn Flash,
        parent: u32,
        listing: &mut Listing,
    ) -> Result<Option<Node>, Error> {
        while let Some(found) = self.log.next(flash, &mut listing.cursor)? {
            let header = &found.header;
            if !matches!(header.kind, Kind::File | Kind::Directory) || header.extra != parent {
                continue;
            }
            let known = match listing.last {
                Some((id, known)) if id == header.id => known,
                _ => {
                    let known = status(&self.log, flash, header.id)?;
                    listing.last = Some((header.id, known));
                    known
                }
            };
            let Some(node) = known.filter(|node| node.serial == header.serial) else { continue };
            let length = usize::from(header.length).saturating_sub(ENTRY_BYTES);
            let name = listing.name.get_mut(..length).ok_or(Error::Io)?;
            self.log.payload(flash, &found, ENTRY_BYTES, name)?;
            listing.name_length = length;
            let holder = self.holder(flash, parent, &listing.name[..length], u32::MAX)?;
            if holder.is_some_and(|holder| holder.header.serial == node.serial) {
                return Ok(Some(node));
            }
        }
        Ok(None)
    }

    /// Room, counting what emptying blocks would give back.
    pub(crate) fn usage(&mut self, flash: &mut dyn Flash) -> Result<FsUsage, Error> {
        let total = self.log.usable_blocks() * self.log.block_room();
        let mut live = 0;
        for block in 0..self.log.blocks() {
            live += self.log.live_bytes(flash, &mut self.pins, block)?;
        }
        self.pins.forget();
        Ok(FsUsage { block: self.log.block_bytes(), total, free: total.saturating_sub(live) })
    }
}

/// A walk over a directory.
pub(crate) struct Listing {
    cursor: Cursor,
    last: Option<(u32, Option<Node>)>,
    /// The name of the last entry.
    pub(crate) name: [u8; NAME_BYTES],
    /// Its length.
    pub(crate) name_length: usize,
}

impl Default for Listing {
    fn default() -> Self {
        Listing { cursor: Cursor::default(), last: None, name: [0; NAME_BYTES], name_length: 0 }
    }
}
