//! Reads: file contents and directories to the host, as much at a time as there is room for.

use super::*;

impl Machine<'_> {
    pub(super) fn begin_reading(&mut self, path: &str, offset: u32, length: u32) {
        let opened = Files::open(self, path, READ).and_then(|file| {
            let offset_signed = i32::try_from(offset).map_err(|_| Error::Invalid)?;
            self.seek(file, offset_signed, 0)?;
            Ok(file)
        });
        match opened {
            Ok(file) => {
                let end = offset.saturating_add(length);
                self.server.reading = Some(Reading { source: ReadSource::File(file), offset, end });
            }
            Err(error) => self.refuse(code(error), ""),
        }
    }

    /// Sends as much as there is room for.
    pub(super) fn go_on_reading(&mut self) {
        let cancelled = self.link.receive().and_then(link::decode::<ToDevice<'_>>) == Some(ToDevice::Cancel);
        let Some(mut reading) = self.server.reading.take() else { return };
        let mut buffer = [0; 512];
        let outcome = loop {
            if cancelled {
                self.link.consume();
                break Err(ErrorCode::Cancelled);
            }
            let room = self.link.room().saturating_sub(12);
            if room < 128 && !self.link.is_flushed() {
                self.server.reading = Some(reading);
                return;
            }
            let count = (reading.end - reading.offset).min(room.min(buffer.len()) as u32) as usize;
            let piece = &mut buffer[..count];
            let read = match reading.source {
                ReadSource::File(file) => self.read(file, piece),
                ReadSource::Flash(base) => self.board.flash().read(base + reading.offset, piece).map(|()| count),
            };
            match read {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    let message = ToHost::Data { offset: reading.offset, bytes: &buffer[..count] };
                    if self.link.send(&message).is_err() {
                        break Err(ErrorCode::Io);
                    }
                    reading.offset += count as u32;
                }
                Err(error) => break Err(code(error)),
            }
        };
        if let ReadSource::File(file) = reading.source {
            let _ = self.close(file);
        }
        match outcome {
            Ok(()) => self.send(&ToHost::Done),
            Err(code) => self.refuse(code, ""),
        }
    }

    pub(super) fn list(&mut self, path: &str, start: u32) {
        const HEAD: usize = 6;
        let mut page = [0; 768];
        let room = self.link.room().saturating_sub(16).min(page.len());
        let (mut filled, mut index) = (0, start);
        let more = loop {
            let mut name = [0; 255];
            match Files::entry(self, path, index, &mut name) {
                Ok(Some(entry)) => {
                    let end = filled + HEAD + entry.name_length;
                    if end > room {
                        break filled > 0;
                    }
                    page[filled] = u8::from(entry.stat.kind == EntryKind::Directory);
                    page[filled + 1..filled + 5].copy_from_slice(&entry.stat.size.to_le_bytes());
                    page[filled + 5] = entry.name_length as u8;
                    page[filled + HEAD..end].copy_from_slice(&name[..entry.name_length]);
                    filled = end;
                    index += 1;
                }
                Ok(None) => break false,
                Err(error) => return self.refuse(code(error), ""),
            }
        };
        self.send(&ToHost::Entries { entries: &page[..filled], more });
    }
}
