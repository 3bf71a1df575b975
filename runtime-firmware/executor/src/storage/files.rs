//! The tree of files: paths, the join of storage and app image, and the table of open files.

use hal::{Entry, EntryKind, Error, FileId, Flash, FsUsage, OpenMode, Stat};

use super::open::{OpenFile, State, Work, Writing};
use super::romfs::{self, FlashSource, Range};
use super::store::{Content, Hint, Listing, NAME_BYTES, Node, ROOT, SYSTEM};
use super::{CachedListing, OPEN_FILES, Storage};

/// Where a path leads.
enum Place<'p> {
    /// Into the app image, with the path inside.
    App(&'p str),
    /// Into the storage.
    Store,
}

fn place(path: &str) -> Place<'_> {
    let inside = path.trim_start_matches('/');
    match inside.strip_prefix("app") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Place::App(rest),
        _ => Place::Store,
    }
}

/// The last name of a path and the path before it.
fn split(path: &str) -> (&str, &str) {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').unwrap_or(("", path))
}

fn check_name(name: &str) -> Result<&str, Error> {
    if name.is_empty() || name == "." || name == ".." || name.contains('\0') {
        return Err(Error::Invalid);
    }
    if name.len() > NAME_BYTES { Err(Error::NameTooLong) } else { Ok(name) }
}

impl Storage<'_> {
    // ---- the app image ----

    /// Finds a file or directory of the app image; its content is a part of the flash.
    fn app_node(&self, flash: &mut dyn Flash, path: &str) -> Result<romfs::Node, Error> {
        let app = self.app.ok_or(Error::NotFound)?;
        let mut source = FlashSource { flash, base: app.base };
        romfs::find(&mut source, app.length, path)?.ok_or(Error::NotFound)
    }

    fn app_file(&self, flash: &mut dyn Flash, path: &str) -> Result<Range, Error> {
        let base = self.app.ok_or(Error::NotFound)?.base;
        let node = self.app_node(flash, path)?;
        if node.kind == EntryKind::Directory {
            return Err(Error::IsDirectory);
        }
        Ok(Range { start: base + node.content.start, end: base + node.content.end })
    }

    /// Where a file of the app image lies in flash; the path may begin with `/app` or not.
    pub(crate) fn app_range(&self, flash: &mut dyn Flash, path: &str) -> Option<Range> {
        let inside = match place(path) {
            Place::App(inside) => inside,
            Place::Store => path,
        };
        self.app_file(flash, inside).ok()
    }

    /// The path leads to something in the storage, not in the app image.
    pub(crate) fn is_stored(&mut self, flash: &mut dyn Flash, path: &str) -> bool {
        matches!(place(path), Place::Store) && self.resolve(flash, path).is_ok()
    }

    // ---- paths in the storage ----

    fn resolve(&mut self, flash: &mut dyn Flash, path: &str) -> Result<Node, Error> {
        let store = self.store()?;
        let mut node = Node::directory(ROOT);
        for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
            if node.kind != EntryKind::Directory {
                return Err(Error::NotDirectory);
            }
            node = match name {
                ".." => store.node(flash, node.parent)?,
                _ => store.lookup(flash, node.id, name)?.ok_or(Error::NotFound)?,
            };
        }
        Ok(node)
    }

    /// The directory that a path's last name is in, and that name.
    fn resolve_parent<'p>(&mut self, flash: &mut dyn Flash, path: &'p str) -> Result<(u32, &'p str), Error> {
        let (before, name) = split(path);
        let name = check_name(name)?;
        let parent = self.resolve(flash, before)?;
        if parent.kind == EntryKind::Directory { Ok((parent.id, name)) } else { Err(Error::NotDirectory) }
    }

    fn is_being_written(&self, parent: u32, name: &str) -> bool {
        self.open.iter().any(|file| match &file.state {
            State::Writing(writing) => writing.parent == parent && writing.name() == name,
            _ => false,
        })
    }

    fn is_written_in(&self, directory: u32) -> bool {
        self.open.iter().any(|file| matches!(&file.state, State::Writing(writing) if writing.parent == directory))
    }

    // ---- open files ----

    fn vacancy(&self) -> Result<usize, Error> {
        self.open.iter().position(|file| matches!(file.state, State::Closed)).ok_or(Error::TooManyOpen)
    }

    fn free_buffer(&self) -> Result<usize, Error> {
        let count = self.buffers.len() / self.piece;
        (0..count)
            .find(|&buffer| {
                !self.open.iter().any(|file| matches!(&file.state, State::Writing(writing) if writing.buffer == buffer))
            })
            .ok_or(Error::TooManyOpen)
    }

    pub(crate) fn open(&mut self, flash: &mut dyn Flash, path: &str, mode: OpenMode) -> Result<FileId, Error> {
        let vacancy = self.vacancy()?;
        let state = match place(path) {
            Place::App(_) if mode.write => return Err(Error::ReadOnly),
            Place::App(inside) => State::App(self.app_file(flash, inside)?),
            Place::Store => {
                let found = self.resolve(flash, path);
                match found {
                    Ok(node) if node.kind == EntryKind::Directory => return Err(Error::IsDirectory),
                    Ok(_) if mode.exclusive => return Err(Error::Exists),
                    Ok(node) if mode.write => self.open_writing(flash, path, mode, Some(node.content()))?,
                    Ok(node) => {
                        self.store()?.pin(node.id)?;
                        State::Reading { content: node.content(), hint: Hint::default() }
                    }
                    Err(Error::NotFound | Error::NoDevice) if !mode.write => State::App(self.app_file(flash, path)?),
                    Err(Error::NotFound) => self.open_absent(flash, path, mode)?,
                    Err(error) => return Err(error),
                }
            }
        };
        self.open[vacancy] = OpenFile { state, mode, position: 0 };
        Ok(FileId(vacancy as u8))
    }

    /// Opens for writing what is not in the storage: a new file, or a copy of the app's.
    fn open_absent(&mut self, flash: &mut dyn Flash, path: &str, mode: OpenMode) -> Result<State, Error> {
        let default = if mode.truncate { Err(Error::NotFound) } else { self.app_file(flash, path) };
        if mode.exclusive && self.app_file(flash, path).is_ok() {
            return Err(Error::Exists);
        }
        if default.is_err() && !mode.create {
            return Err(Error::NotFound);
        }
        if default.is_ok() {
            self.make_parents(flash, path)?;
        }
        let mut state = self.open_writing(flash, path, mode, None)?;
        let (Ok(range), State::Writing(writing)) = (default, &mut state) else { return Ok(state) };
        let copied = self.copy_up(flash, writing, range);
        if let Err(error) = copied {
            writing.release(self.store()?);
            return Err(error);
        }
        Ok(state)
    }

    fn copy_up(&mut self, flash: &mut dyn Flash, writing: &mut Writing, range: Range) -> Result<(), Error> {
        let piece = self.piece;
        let buffer = &mut self.buffers[writing.buffer * piece..][..piece];
        let store = self.store.as_mut().ok_or(Error::NoDevice)?;
        let mut bytes = [0; 64];
        let mut done = 0;
        while done < range.length() {
            let count = (range.length() - done).min(64) as usize;
            flash.read(range.start + done, &mut bytes[..count])?;
            let mut work = Work { flash: &mut *flash, store: &mut *store, buffer: &mut *buffer };
            writing.write(&mut work, done, &bytes[..count])?;
            done += count as u32;
        }
        Ok(())
    }

    /// Directories of the app's that a file copied up from it needs.
    fn make_parents(&mut self, flash: &mut dyn Flash, path: &str) -> Result<(), Error> {
        for (end, _) in path.match_indices('/').filter(|(end, _)| *end > 0) {
            match self.make_directory(flash, &path[..end]) {
                Ok(()) | Err(Error::Exists | Error::Invalid) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn open_writing(
        &mut self,
        flash: &mut dyn Flash,
        path: &str,
        mode: OpenMode,
        existing: Option<Content>,
    ) -> Result<State, Error> {
        let (parent, name) = self.resolve_parent(flash, path)?;
        self.open_named(parent, name, existing.filter(|_| !mode.truncate))
    }

    fn open_named(&mut self, parent: u32, name: &str, existing: Option<Content>) -> Result<State, Error> {
        if self.is_being_written(parent, name) {
            return Err(Error::Busy);
        }
        let buffer = self.free_buffer()?;
        let store = self.store()?;
        let content = match existing {
            Some(content) => content,
            None => Content { id: store.new_id(), size: 0, data_serial: 0 },
        };
        let writing = Writing::new(content, parent, name, buffer, existing.is_none())?;
        store.pin(content.id)?;
        Ok(State::Writing(writing))
    }

    /// Runs `act` on a file being written.
    fn writing<R>(
        &mut self,
        flash: &mut dyn Flash,
        file: FileId,
        act: impl FnOnce(&mut Writing, &mut Work<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let Some(OpenFile { state: State::Writing(writing), .. }) = self.open.get_mut(usize::from(file.0)) else {
            return Err(Error::BadFile);
        };
        let buffer = &mut self.buffers[writing.buffer * self.piece..][..self.piece];
        let store = self.store.as_mut().ok_or(Error::NoDevice)?;
        act(writing, &mut Work { flash, store, buffer })
    }

    pub(crate) fn read(&mut self, flash: &mut dyn Flash, file: FileId, buffer: &mut [u8]) -> Result<usize, Error> {
        let open = self.open.get_mut(usize::from(file.0)).ok_or(Error::BadFile)?;
        if !open.mode.read {
            return Err(Error::BadFile);
        }
        let mut done = 0;
        while done < buffer.len() {
            let open = &mut self.open[usize::from(file.0)];
            let (position, part) = (open.position, &mut buffer[done..]);
            let count = match &mut open.state {
                State::Closed => return Err(Error::BadFile),
                State::App(range) => {
                    let count = (range.length().saturating_sub(position) as usize).min(part.len());
                    flash.read(range.start + position.min(range.length()), &mut part[..count])?;
                    count
                }
                State::Reading { content, hint } => {
                    let store = self.store.as_mut().ok_or(Error::NoDevice)?;
                    store.read(flash, content, position, part, hint)?
                }
                State::Writing(_) => self.writing(flash, file, |writing, work| writing.read(work, position, part))?,
            };
            if count == 0 {
                break;
            }
            self.open[usize::from(file.0)].position += count as u32;
            done += count;
        }
        Ok(done)
    }

    pub(crate) fn write(&mut self, flash: &mut dyn Flash, file: FileId, bytes: &[u8]) -> Result<(), Error> {
        let open = self.open.get_mut(usize::from(file.0)).ok_or(Error::BadFile)?;
        if !open.mode.write {
            return Err(Error::BadFile);
        }
        let position = if open.mode.append { open.size() } else { open.position };
        self.writing(flash, file, |writing, work| writing.write(work, position, bytes))?;
        self.open[usize::from(file.0)].position = position + bytes.len() as u32;
        Ok(())
    }

    pub(crate) fn seek(&mut self, file: FileId, offset: i32, whence: u8) -> Result<u32, Error> {
        let open = self.open.get_mut(usize::from(file.0)).ok_or(Error::BadFile)?;
        if matches!(open.state, State::Closed) {
            return Err(Error::BadFile);
        }
        let from = match whence {
            0 => 0,
            1 => open.position,
            2 => open.size(),
            _ => return Err(Error::Invalid),
        };
        open.position = from.checked_add_signed(offset).ok_or(Error::Invalid)?;
        Ok(open.position)
    }

    pub(crate) fn flush(&mut self, flash: &mut dyn Flash, file: FileId) -> Result<(), Error> {
        match self.open.get(usize::from(file.0)).map(|open| &open.state) {
            None | Some(State::Closed) => Err(Error::BadFile),
            Some(State::Writing(_)) => self.writing(flash, file, |writing, work| writing.commit(work)),
            Some(_) => Ok(()),
        }
    }

    pub(crate) fn close(&mut self, flash: &mut dyn Flash, file: FileId) -> Result<(), Error> {
        let result = self.flush(flash, file);
        self.abandon(file);
        result
    }

    /// Closes a file and forgets what was not flushed.
    pub(crate) fn abandon(&mut self, file: FileId) {
        let Some(open) = self.open.get_mut(usize::from(file.0)) else { return };
        if let Some(store) = self.store.as_mut() {
            match &mut open.state {
                State::Reading { content, .. } => store.unpin(content.id),
                State::Writing(writing) => writing.release(store),
                State::Closed | State::App(_) => {}
            }
        }
        *open = OpenFile::closed();
    }

    /// All bytes of a file being written into the storage, and what they are, without making them visible.
    pub(crate) fn settle(&mut self, flash: &mut dyn Flash, file: FileId) -> Result<u32, Error> {
        self.writing(flash, file, |writing, work| {
            writing.settle(work)?;
            Ok(writing.content.size)
        })
    }

    pub(crate) fn close_all(&mut self, flash: &mut dyn Flash, except: &[Option<FileId>]) {
        for file in (0..OPEN_FILES as u8).map(FileId) {
            if !except.contains(&Some(file)) && !matches!(self.open[usize::from(file.0)].state, State::Closed) {
                // Nobody is left to tell that the storage is full.
                let _ = self.close(flash, file);
            }
        }
    }

    // ---- names ----

    pub(crate) fn stat(&mut self, flash: &mut dyn Flash, path: &str) -> Result<Stat, Error> {
        let inside = match place(path) {
            Place::App(inside) => inside,
            Place::Store => match self.resolve(flash, path) {
                Ok(node) => return Ok(Stat { kind: node.kind, size: node.size }),
                Err(Error::NotFound | Error::NoDevice) => path,
                Err(error) => return Err(error),
            },
        };
        let node = self.app_node(flash, inside)?;
        let size = if node.kind == EntryKind::File { node.content.length() } else { 0 };
        Ok(Stat { kind: node.kind, size })
    }

    /// The node to change; what only the app has cannot be changed.
    fn resolve_own(&mut self, flash: &mut dyn Flash, path: &str) -> Result<Node, Error> {
        if matches!(place(path), Place::App(_)) {
            return Err(Error::ReadOnly);
        }
        match self.resolve(flash, path) {
            Err(Error::NotFound) if self.app_node(flash, path).is_ok() => Err(Error::ReadOnly),
            Ok(node) if node.id <= SYSTEM => Err(Error::NotPermitted),
            other => other,
        }
    }

    pub(crate) fn remove(&mut self, flash: &mut dyn Flash, path: &str, kind: EntryKind) -> Result<(), Error> {
        let node = self.resolve_own(flash, path)?;
        match (node.kind, kind) {
            (EntryKind::Directory, EntryKind::File) => return Err(Error::IsDirectory),
            (EntryKind::File, EntryKind::Directory) => return Err(Error::NotDirectory),
            _ => {}
        }
        let (_, name) = split(path);
        if self.is_being_written(node.parent, name) {
            return Err(Error::Busy);
        }
        if node.kind == EntryKind::Directory && self.is_written_in(node.id) {
            return Err(Error::NotEmpty);
        }
        self.store()?.remove(flash, &node)
    }

    pub(crate) fn rename(&mut self, flash: &mut dyn Flash, from: &str, to: &str) -> Result<(), Error> {
        if matches!(place(to), Place::App(_)) {
            return Err(Error::ReadOnly);
        }
        let node = self.resolve_own(flash, from)?;
        let (parent, name) = self.resolve_parent(flash, to)?;
        let (_, old_name) = split(from);
        if self.is_being_written(node.parent, old_name) || self.is_being_written(parent, name) {
            return Err(Error::Busy);
        }
        let store = self.store()?;
        if let Some(target) = store.lookup(flash, parent, name)? {
            if target.id == node.id {
                return Ok(());
            }
            match (node.kind, target.kind) {
                (EntryKind::File, EntryKind::Directory) => return Err(Error::IsDirectory),
                (EntryKind::Directory, _) => return Err(Error::Exists),
                (EntryKind::File, EntryKind::File) => {}
            }
        }
        // A directory cannot go into itself.
        let mut above = parent;
        while above > SYSTEM {
            if above == node.id {
                return Err(Error::Invalid);
            }
            above = store.node(flash, above)?.parent;
        }
        store.rename(flash, &node, parent, name)
    }

    pub(crate) fn make_directory(&mut self, flash: &mut dyn Flash, path: &str) -> Result<(), Error> {
        if matches!(place(path), Place::App(_)) {
            return Err(Error::ReadOnly);
        }
        let (parent, name) = self.resolve_parent(flash, path)?;
        let store = self.store()?;
        if store.lookup(flash, parent, name)?.is_some() || self.is_being_written(parent, name) {
            return Err(Error::Exists);
        }
        self.store()?.make_directory(flash, parent, name)
    }

    pub(crate) fn entry(
        &mut self,
        flash: &mut dyn Flash,
        path: &str,
        index: u32,
        name: &mut [u8],
    ) -> Result<Option<Entry>, Error> {
        let directory = match place(path) {
            Place::App(inside) => return self.app_entry(flash, inside, index, name),
            Place::Store => match self.resolve(flash, path) {
                Ok(node) => node,
                Err(Error::NotFound | Error::NoDevice) => return self.app_entry(flash, path, index, name),
                Err(error) => return Err(error),
            },
        };
        if directory.kind != EntryKind::Directory {
            return Err(Error::NotDirectory);
        }
        let store = self.store.as_mut().ok_or(Error::NoDevice)?;
        let mut cached = match self.listing.take() {
            Some(cached)
                if cached.directory == directory.id && cached.index <= index && cached.version == store.version =>
            {
                cached
            }
            _ => {
                CachedListing { directory: directory.id, index: 0, version: store.version, listing: Listing::default() }
            }
        };
        loop {
            let Some(node) = store.list(flash, directory.id, &mut cached.listing)? else {
                // The app has its own directory at the root.
                let show_app = directory.id == ROOT && self.app.is_some() && cached.index == index;
                return Ok(if show_app { put_name(b"app", name, EntryKind::Directory, 0)? } else { None });
            };
            cached.index += 1;
            if cached.index > index {
                let found = &cached.listing.name[..cached.listing.name_length];
                let entry = put_name(found, name, node.kind, node.size);
                self.listing = Some(cached);
                return entry;
            }
        }
    }

    fn app_entry(
        &mut self,
        flash: &mut dyn Flash,
        path: &str,
        index: u32,
        name: &mut [u8],
    ) -> Result<Option<Entry>, Error> {
        let node = self.app_node(flash, path)?;
        let app = self.app.ok_or(Error::NotFound)?;
        if node.kind != EntryKind::Directory {
            return Err(Error::NotDirectory);
        }
        let mut source = FlashSource { flash, base: app.base };
        let whole = romfs::root(&mut source, app.length)?.content;
        let mut at = node.content.start;
        for _ in 0..index {
            if romfs::next(&mut source, whole, node.content, &mut at)?.is_none() {
                return Ok(None);
            }
        }
        let Some(child) = romfs::next(&mut source, whole, node.content, &mut at)? else { return Ok(None) };
        let length = child.name.length() as usize;
        let place = name.get_mut(..length).ok_or(Error::NameTooLong)?;
        flash.read(app.base + child.name.start, place)?;
        let size = if child.kind == EntryKind::File { child.content.length() } else { 0 };
        Ok(Some(Entry { name_length: length, stat: Stat { kind: child.kind, size } }))
    }

    pub(crate) fn usage(&mut self, flash: &mut dyn Flash, path: &str) -> Result<FsUsage, Error> {
        match place(path) {
            Place::App(_) => {
                let total = self.slots.as_ref().map_or(0, |slots| slots.room());
                let used = self.app.ok_or(Error::NotFound)?.length;
                Ok(FsUsage { block: 1, total, free: total - used })
            }
            Place::Store => self.store()?.usage(flash),
        }
    }

    /// Opens a file of the executor's own, which no path leads to.
    pub(crate) fn open_system(&mut self, flash: &mut dyn Flash, name: &str, mode: OpenMode) -> Result<FileId, Error> {
        let vacancy = self.vacancy()?;
        let node = self.store()?.lookup(flash, SYSTEM, name)?;
        let state = if mode.write {
            self.open_named(SYSTEM, name, None)?
        } else {
            let node = node.ok_or(Error::NotFound)?;
            self.store()?.pin(node.id)?;
            State::Reading { content: node.content(), hint: Hint::default() }
        };
        self.open[vacancy] = OpenFile { state, mode, position: 0 };
        Ok(FileId(vacancy as u8))
    }

    /// Removes a file of the executor's own.
    pub(crate) fn remove_system(&mut self, flash: &mut dyn Flash, name: &str) -> Result<(), Error> {
        let store = self.store()?;
        match store.lookup(flash, SYSTEM, name)? {
            Some(node) => store.remove(flash, &node),
            None => Ok(()),
        }
    }
}

fn put_name(found: &[u8], name: &mut [u8], kind: EntryKind, size: u32) -> Result<Option<Entry>, Error> {
    name.get_mut(..found.len()).ok_or(Error::NameTooLong)?.copy_from_slice(found);
    Ok(Some(Entry { name_length: found.len(), stat: Stat { kind, size } }))
}
