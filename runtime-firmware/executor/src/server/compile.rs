//! Compile requests: the program asks, the host answers.

use super::*;

impl Machine<'_> {
    /// Sends the source as far as there is room; `sent` counts its bytes, `None` before the announcement.
    pub(crate) fn send_source(
        &mut self,
        source: &str,
        name: &str,
        mode: CompileMode,
        reply_bytes: usize,
        sent: Option<usize>,
    ) -> Option<usize> {
        let mut done = match sent {
            Some(done) => done,
            None => {
                let mode = match mode {
                    CompileMode::Exec => link::message::CompileMode::Exec,
                    CompileMode::Eval => link::message::CompileMode::Eval,
                    CompileMode::Single => link::message::CompileMode::Single,
                };
                let (length, reply_bytes) = (source.len() as u32, reply_bytes as u32);
                self.link.send(&ToHost::CompileBegin { name, mode, length, reply_bytes }).ok()?;
                0
            }
        };
        while let Some(rest) = source.as_bytes().get(done..).filter(|rest| !rest.is_empty()) {
            let count = rest.len().min(self.link.room().saturating_sub(12)).min(512);
            if count == 0
                || self.link.send(&ToHost::CompileData { offset: done as u32, bytes: &rest[..count] }).is_err()
            {
                break;
            }
            done += count;
        }
        Some(done)
    }

    pub(super) fn compile_reply(&mut self, reply: Option<&mut [u8]>, length: u32) {
        let compiling = &mut self.server.compiling;
        if !compiling.active {
            return;
        }
        match reply {
            Some(reply) if length as usize <= reply.len() => compiling.expected = Some((length, 0)),
            _ => compiling.answer = Some(Ok(CompileReply::BufferTooSmall(length as usize))),
        }
    }

    pub(super) fn compiled_data(&mut self, reply: Option<&mut [u8]>, offset: u32, bytes: &[u8]) {
        let compiling = &mut self.server.compiling;
        let (Some((length, received)), Some(reply)) = (compiling.expected, reply) else { return };
        let start = offset as usize;
        match reply.get_mut(start..start + bytes.len()) {
            Some(place) if offset == received && bytes.len() as u32 <= length - received => {
                place.copy_from_slice(bytes);
                let received = received + bytes.len() as u32;
                compiling.expected = Some((length, received));
                if received == length {
                    compiling.answer = Some(Ok(CompileReply::Compiled(length as usize)));
                }
            }
            _ => compiling.answer = Some(Err(Error::Invalid)),
        }
    }

    pub(super) fn compile_error(&mut self, reply: Option<&mut [u8]>, line: u32, message: &str) {
        let Some(reply) = reply.filter(|_| self.server.compiling.active) else { return };
        let mut length = message.len().min(reply.len());
        while !message.is_char_boundary(length) {
            length -= 1;
        }
        reply[..length].copy_from_slice(&message.as_bytes()[..length]);
        self.server.compiling.answer = Some(Ok(CompileReply::SyntaxError { line, message_length: length }));
    }
}
