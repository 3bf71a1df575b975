//! What lies in flash: the app in its slots, and the files.
//!
//! `Storage` joins both into the tree that Python and the host see: the read-write storage at `/`, the app
//! image (read-only, in place) beneath `/app`, and each file of the app also at `/` until it is written there.

mod checksum;
mod files;
mod open;
pub mod romfs;
#[cfg(feature = "alloc")]
mod romfs_builder;
mod slots;
mod store;

use hal::{Description, Error, Flash};

pub(crate) use checksum::Sha256;
use open::OpenFile;
#[cfg(feature = "alloc")]
pub use romfs_builder::{BuildError, Builder};
pub use slots::App;
pub(crate) use slots::{CommitError, Slots, hash};
use store::{Listing, Store};

/// Files that can be open at a time.
pub const OPEN_FILES: usize = 8;

/// Everything in flash. The flash itself is passed to every call, since the board owns it.
pub(crate) struct Storage<'m> {
    /// `None` when the board's flash cannot hold a file storage.
    store: Option<Store>,
    pub(crate) slots: Option<Slots>,
    /// The app that this start runs; a deploy takes effect at the next.
    pub(crate) app: Option<App>,
    open: [OpenFile; OPEN_FILES],
    /// One piece each for files being written.
    buffers: &'m mut [u8],
    /// Bytes of a piece.
    piece: usize,
    listing: Option<CachedListing>,
}

/// Where a walk over a directory got to, since callers ask for entry after entry.
struct CachedListing {
    directory: u32,
    index: u32,
    version: u32,
    listing: Listing,
}

impl<'m> Storage<'m> {
    /// Reads the state from flash. Never fails: what cannot be used is absent.
    pub(crate) fn mount(
        flash: &mut dyn Flash,
        description: &Description,
        buffers: &'m mut [u8],
        piece: usize,
    ) -> Storage<'m> {
        let (base, size) = description.files;
        let store = if size == 0 { None } else { Store::mount(flash, base, size).ok() };
        let slots = if description.slots.1 == 0 { None } else { Slots::mount(flash, description).ok() };
        let app = slots.as_ref().and_then(|slots| slots.chosen(flash).ok().flatten());
        Storage {
            store,
            slots,
            app,
            open: [const { OpenFile::closed() }; OPEN_FILES],
            buffers,
            piece: piece.max(16),
            listing: None,
        }
    }

    /// Looks again which app to run: after a deploy, before a restart.
    pub(crate) fn choose_app(&mut self, flash: &mut dyn Flash) {
        self.app = self.slots.as_ref().and_then(|slots| slots.chosen(flash).ok().flatten());
    }

    fn store(&mut self) -> Result<&mut Store, Error> {
        self.store.as_mut().ok_or(Error::NoDevice)
    }
}

/// The little-endian word at byte `place`; 0 past the end.
pub(crate) fn word(bytes: &[u8], place: usize) -> u32 {
    match bytes.get(place..place + 4) {
        Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    }
}
