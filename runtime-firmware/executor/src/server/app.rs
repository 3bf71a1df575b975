//! The app slots: deploys, rollbacks, and what a host needs to send only what changed.

use super::*;

impl Machine<'_> {
    pub(super) fn app_begin(&mut self, length: u32, sha256: [u8; 32]) {
        if !matches!(self.server.upload, Upload::App) {
            self.cancel_upload();
        }
        let in_use = self.storage.app.map(|app| app.slot);
        let begun = match self.storage.slots.as_mut() {
            Some(slots) => slots.begin(self.board.flash(), in_use, length, sha256),
            None => Err(Error::NoDevice),
        };
        match begun {
            Ok(offset) => {
                self.server.upload = Upload::App;
                self.send(&ToHost::UploadReady { offset });
            }
            Err(Error::Busy) => self.refuse(ErrorCode::Busy, "both slots are in use: restart first"),
            Err(error) => self.refuse(code(error), ""),
        }
    }

    pub(super) fn app_copy(&mut self, offset: u32, from: u32, length: u32) {
        let copied = match (matches!(self.server.upload, Upload::App), self.active_app(), self.storage.slots.as_mut()) {
            (false, ..) => return, // it has failed, and that was said
            (true, Ok(app), Some(slots)) => slots.copy(self.board.flash(), &app, offset, from, length),
            (true, Err(error), _) => Err(error),
            (true, _, None) => Err(Error::NoDevice),
        };
        if let Err(error) = copied {
            self.cancel_upload();
            self.refuse(code(error), "the upload failed");
        }
    }

    pub(super) fn app_commit(&mut self) {
        let committed = match self.storage.slots.as_mut() {
            Some(slots) => slots.commit(self.board.flash()),
            None => Err(CommitError::Other(Error::NoDevice)),
        };
        match committed {
            Ok(_) => {
                self.server.upload = Upload::None;
                self.send(&ToHost::Done);
            }
            Err(CommitError::Hash) => self.refuse(ErrorCode::HashMismatch, ""),
            Err(CommitError::Image) => self.refuse(ErrorCode::BadImage, "not a valid ROMFS image"),
            Err(CommitError::Other(Error::NotPermitted)) => {
                self.refuse(ErrorCode::OutOfOrder, "the data is not complete")
            }
            Err(CommitError::Other(error)) => self.refuse(code(error), ""),
        }
    }

    pub(super) fn app_rollback(&mut self) {
        let rolled = match self.storage.slots.as_mut() {
            Some(slots) => slots.rollback(self.board.flash()),
            None => Err(Error::NoDevice),
        };
        match rolled {
            Err(Error::NotFound) => self.refuse(ErrorCode::NoOlderApp, ""),
            other => self.answer(other),
        }
    }

    /// The app that the journal names, whether it runs already or not.
    pub(super) fn active_app(&mut self) -> Result<crate::storage::App, Error> {
        let slots = self.storage.slots.as_ref().ok_or(Error::NoDevice)?;
        slots.chosen(self.board.flash())?.ok_or(Error::NotFound)
    }

    /// Flash offset of a part of the active app.
    pub(super) fn app_part(&mut self, offset: u32, length: u32) -> Result<u32, Error> {
        let app = self.active_app()?;
        match offset.checked_add(length) {
            Some(end) if end <= app.length => Ok(app.base),
            _ => Err(Error::Invalid),
        }
    }

    pub(super) fn app_hash(&mut self, offset: u32, length: u32) {
        let hashed = self.app_part(offset, length).and_then(|base| hash(self.board.flash(), base + offset, length));
        match hashed {
            Ok(sha256) => self.send(&ToHost::Hash { sha256, length }),
            Err(error) => self.refuse(code(error), ""),
        }
    }

    pub(super) fn app_read(&mut self, offset: u32, length: u32) {
        match self.app_part(offset, length) {
            Ok(base) => {
                let source = ReadSource::Flash(base);
                self.server.reading = Some(Reading { source, offset, end: offset + length });
            }
            Err(error) => self.refuse(code(error), ""),
        }
    }

    pub(super) fn app_status(&mut self) {
        let Some(slots) = self.storage.slots.as_ref() else { return self.refuse(ErrorCode::NoDevice, "no app slots") };
        let active = slots.journal().active;
        let flash = self.board.flash();
        let mut status = [Slot { state: SlotState::Empty, sequence: 0, length: 0, sha256: [0; 32] }; 2];
        for (slot, place) in (0..).zip(&mut status) {
            if let Some((_, _, length)) = slots.uploading().filter(|&(uploading, ..)| uploading == slot) {
                *place = Slot { state: SlotState::Writing, length, ..*place };
            } else if let Ok(Some(app)) = slots.app(flash, slot)
                && slots.is_sound(flash, &app).unwrap_or(false)
            {
                *place =
                    Slot { state: SlotState::Valid, sequence: app.sequence, length: app.length, sha256: app.sha256 };
            }
        }
        let slot_bytes = slots.room();
        self.send(&ToHost::AppStatus(AppStatus { active, slot_bytes, slots: status }));
    }
}
