//! Uploads: modules into memory and files into the storage, verified before they take effect.

use super::*;

impl Machine<'_> {
    pub(super) fn cancel_upload(&mut self) {
        match core::mem::take(&mut self.server.upload) {
            Upload::File(upload) => self.storage.abandon(upload.file),
            Upload::App => {
                if let Some(slots) = self.storage.slots.as_mut() {
                    slots.cancel();
                }
            }
            Upload::None | Upload::Preload { .. } => {}
        }
    }

    pub(super) fn data(
        &mut self,
        runner: Option<&mut (dyn Runner + '_)>,
        reply: Option<&mut [u8]>,
        offset: u32,
        bytes: &[u8],
    ) {
        if self.server.compiling.expected.is_some() {
            return self.compiled_data(reply, offset, bytes);
        }
        let result = match &mut self.server.upload {
            Upload::None => return, // it has failed, and that was said
            Upload::Preload { length, received } => {
                let (length, before) = (*length, *received);
                let after = before.checked_add(bytes.len() as u32).filter(|&after| offset == before && after <= length);
                match (after, runner) {
                    (Some(after), Some(runner)) => {
                        runner.preload_write(self, before as usize, bytes);
                        self.server.upload = Upload::Preload { length, received: after };
                        if after == length {
                            self.server.upload = Upload::None;
                            self.send(&ToHost::Done);
                        }
                        Ok(())
                    }
                    (_, None) => Err(Error::Busy),
                    (None, _) => Err(Error::Invalid),
                }
            }
            Upload::App => match self.storage.slots.as_mut() {
                Some(slots) => slots.write(self.board.flash(), offset, bytes),
                None => Err(Error::NoDevice),
            },
            Upload::File(upload) => {
                let in_order = offset == upload.received && bytes.len() as u64 <= u64::from(upload.length - offset);
                if in_order {
                    upload.received += bytes.len() as u32;
                    let file = upload.file;
                    self.storage.write(self.board.flash(), file, bytes)
                } else {
                    Err(Error::Invalid)
                }
            }
        };
        if let Err(error) = result {
            self.cancel_upload();
            self.refuse(code(error), "the upload failed");
        }
    }

    pub(super) fn write_begin(&mut self, path: &str, length: u32, sha256: [u8; 32]) {
        let path_crc = link::frame::crc32(path.as_bytes());
        if let Upload::File(upload) = self.server.upload
            && (upload.length, upload.sha256, upload.path_crc) == (length, sha256, path_crc)
        {
            return self.send(&ToHost::UploadReady { offset: upload.received });
        }
        self.cancel_upload();
        let opened = self.storage.open(self.board.flash(), path, REPLACE);
        match opened {
            Ok(file) => {
                self.server.upload = Upload::File(FileUpload { file, length, sha256, received: 0, path_crc });
                self.send(&ToHost::UploadReady { offset: 0 });
            }
            Err(error) => self.refuse(code(error), ""),
        }
    }

    pub(super) fn write_commit(&mut self) {
        let Upload::File(upload) = self.server.upload else {
            return self.refuse(ErrorCode::OutOfOrder, "nothing was written");
        };
        if upload.received != upload.length {
            return self.refuse(ErrorCode::OutOfOrder, "the data is not complete");
        }
        self.server.upload = Upload::None;
        let settled = self.storage.settle(self.board.flash(), upload.file).and_then(|_| {
            self.storage.seek(upload.file, 0, 0)?;
            self.hash_open(upload.file)
        });
        match settled {
            Ok((sha256, _)) if sha256 == upload.sha256 => {
                let closed = self.close(upload.file);
                self.answer(closed);
            }
            Ok(_) => {
                self.storage.abandon(upload.file);
                self.refuse(ErrorCode::HashMismatch, "");
            }
            Err(error) => {
                self.storage.abandon(upload.file);
                self.refuse(code(error), "");
            }
        }
    }

    pub(super) fn hash_open(&mut self, file: FileId) -> Result<([u8; 32], u32), Error> {
        let mut sha256 = Sha256::new();
        let mut length = 0;
        let mut buffer = [0; 256];
        loop {
            let count = self.read(file, &mut buffer)?;
            if count == 0 {
                return Ok((sha256.finish(), length));
            }
            sha256.update(&buffer[..count]);
            length += count as u32;
        }
    }

    pub(super) fn hash(&mut self, path: &str) {
        let hashed = Files::open(self, path, READ).and_then(|file| {
            let hashed = self.hash_open(file);
            let _ = self.close(file);
            hashed
        });
        match hashed {
            Ok((sha256, length)) => self.send(&ToHost::Hash { sha256, length }),
            Err(error) => self.refuse(code(error), ""),
        }
    }
}
