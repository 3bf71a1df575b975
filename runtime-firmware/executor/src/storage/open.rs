//! One open file: what was read and written of it so far, and when it becomes visible.
//!
//! A file that is written stays as it was for everybody else until `flush` or `close`. Writing at its end
//! adds pieces; writing into it copies the content to a new id on the way, since pieces never overlap.

use hal::{Error, Flash, OpenMode};

use super::romfs::Range;
use super::store::{Content, Hint, NAME_BYTES, Store};

/// A place in the table of open files.
pub(crate) struct OpenFile {
    pub(crate) state: State,
    pub(crate) mode: OpenMode,
    pub(crate) position: u32,
}

/// What an open file is.
pub(crate) enum State {
    /// The place is free.
    Closed,
    /// A file of the app image: where its bytes lie in flash.
    App(Range),
    /// A file of the storage, read only.
    Reading { content: Content, hint: Hint },
    /// A file of the storage, being written.
    Writing(Writing),
}

/// A file being written.
pub(crate) struct Writing {
    /// What is in the storage already.
    pub(crate) content: Content,
    hint: Hint,
    pub(crate) parent: u32,
    pub(crate) name: [u8; NAME_BYTES],
    pub(crate) name_length: usize,
    /// Which of the buffers it has, and how much is in it: the bytes after `content`.
    pub(crate) buffer: usize,
    buffered: usize,
    /// The content is being copied: what follows still lies here.
    tail: Option<Content>,
    /// Something was written, or the file is new.
    pub(crate) dirty: bool,
    /// Pieces may be added to `content`; before that, leftovers must be looked for.
    clean: bool,
}

impl OpenFile {
    pub(crate) const fn closed() -> Self {
        OpenFile {
            state: State::Closed,
            mode: OpenMode {
                read: false,
                write: false,
                truncate: false,
                create: false,
                exclusive: false,
                append: false,
            },
            position: 0,
        }
    }

    /// Size as its user sees it.
    pub(crate) fn size(&self) -> u32 {
        match &self.state {
            State::Closed => 0,
            State::App(range) => range.length(),
            State::Reading { content, .. } => content.size,
            State::Writing(writing) => writing.size(),
        }
    }
}

/// The storage and the buffer that an open file works with.
pub(crate) struct Work<'w> {
    pub(crate) flash: &'w mut dyn Flash,
    pub(crate) store: &'w mut Store,
    pub(crate) buffer: &'w mut [u8],
}

impl Writing {
    /// Opens content for writing; the caller has pinned its id. `fresh` content is new and must be committed.
    pub(crate) fn new(content: Content, parent: u32, name: &str, buffer: usize, fresh: bool) -> Result<Self, Error> {
        let mut kept = [0; NAME_BYTES];
        kept.get_mut(..name.len()).ok_or(Error::NameTooLong)?.copy_from_slice(name.as_bytes());
        Ok(Writing {
            content,
            hint: Hint::default(),
            parent,
            name: kept,
            name_length: name.len(),
            buffer,
            buffered: 0,
            tail: None,
            dirty: fresh,
            clean: fresh,
        })
    }

    pub(crate) fn name(&self) -> &str {
        core::str::from_utf8(&self.name[..self.name_length]).unwrap_or("")
    }

    fn written(&self) -> u32 {
        self.content.size + self.buffered as u32
    }

    fn size(&self) -> u32 {
        self.written().max(self.tail.map_or(0, |tail| tail.size))
    }

    /// Writes at a position, wherever it is.
    pub(crate) fn write(&mut self, work: &mut Work<'_>, position: u32, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        if position.checked_add(bytes.len() as u32).is_none_or(|end| end > i32::MAX as u32) {
            return Err(Error::TooLarge);
        }
        if !self.clean {
            // Pieces that a power cut left behind must not come to life: give the content a new id then.
            if work.store.has_leftovers(work.flash, &self.content)? {
                self.begin_copy(work, self.content.size)?;
            }
            self.clean = true;
        }
        self.dirty = true;
        if position < self.written() {
            self.finish_copy(work)?;
            self.begin_copy(work, position)?;
        }
        self.advance(work, position)?;
        self.append(work, bytes)
    }

    /// Goes on to a position behind what is written: with the bytes that are there, then with zeros.
    fn advance(&mut self, work: &mut Work<'_>, position: u32) -> Result<(), Error> {
        self.copy_to(work, position)?;
        while self.written() < position {
            let zeros = [0; 32];
            let count = (position - self.written()).min(32) as usize;
            self.append(work, &zeros[..count])?;
        }
        Ok(())
    }

    fn append(&mut self, work: &mut Work<'_>, bytes: &[u8]) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = rest.len().min(work.buffer.len() - self.buffered);
            work.buffer[self.buffered..self.buffered + count].copy_from_slice(&rest[..count]);
            self.buffered += count;
            rest = &rest[count..];
            if self.buffered == work.buffer.len() {
                self.flush_buffer(work)?;
            }
        }
        Ok(())
    }

    fn flush_buffer(&mut self, work: &mut Work<'_>) -> Result<(), Error> {
        if self.buffered == 0 {
            return Ok(());
        }
        let Content { id, size, .. } = self.content;
        let serial = work.store.write_piece(work.flash, id, size, &work.buffer[..self.buffered])?;
        self.content.data_serial = serial;
        self.content.size += self.buffered as u32;
        self.buffered = 0;
        Ok(())
    }

    /// Gives the content a new id, with the bytes before `position`; the others stay in `tail` for now.
    fn begin_copy(&mut self, work: &mut Work<'_>, position: u32) -> Result<(), Error> {
        self.flush_buffer(work)?;
        let id = work.store.new_id();
        work.store.pin(id)?;
        self.tail = Some(self.content);
        self.content = Content { id, size: 0, data_serial: 0 };
        self.copy_to(work, position)
    }

    fn copy_to(&mut self, work: &mut Work<'_>, position: u32) -> Result<(), Error> {
        let Some(tail) = self.tail else { return Ok(()) };
        let mut buffer = [0; 128];
        loop {
            let end = position.min(tail.size);
            let place = self.written();
            if place >= end {
                return Ok(());
            }
            let count = (end - place).min(128) as usize;
            let count = work.store.read(work.flash, &tail, place, &mut buffer[..count], &mut self.hint)?;
            if count == 0 {
                return Err(Error::Io);
            }
            self.append(work, &buffer[..count])?;
        }
    }

    fn finish_copy(&mut self, work: &mut Work<'_>) -> Result<(), Error> {
        self.copy_to(work, u32::MAX)?;
        if let Some(tail) = self.tail.take() {
            work.store.unpin(tail.id);
        }
        Ok(())
    }

    /// Reads what is written so far.
    pub(crate) fn read(&mut self, work: &mut Work<'_>, position: u32, buffer: &mut [u8]) -> Result<usize, Error> {
        self.finish_copy(work)?;
        if position < self.content.size {
            return work.store.read(work.flash, &self.content, position, buffer, &mut self.hint);
        }
        let start = (position - self.content.size) as usize;
        let bytes = work.buffer.get(start..self.buffered).unwrap_or(&[]);
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        Ok(count)
    }

    /// All bytes into the storage, not yet visible to others.
    pub(crate) fn settle(&mut self, work: &mut Work<'_>) -> Result<(), Error> {
        self.finish_copy(work)?;
        self.flush_buffer(work)
    }

    /// Makes what was written visible and durable.
    pub(crate) fn commit(&mut self, work: &mut Work<'_>) -> Result<(), Error> {
        if !self.dirty {
            return Ok(());
        }
        self.settle(work)?;
        let name = core::str::from_utf8(&self.name[..self.name_length]).map_err(|_| Error::Io)?;
        work.store.commit(work.flash, self.parent, name, &self.content)?;
        self.dirty = false;
        Ok(())
    }

    /// Gives up the ids.
    pub(crate) fn release(&mut self, store: &mut Store) {
        if let Some(tail) = self.tail.take() {
            store.unpin(tail.id);
        }
        store.unpin(self.content.id);
    }
}
