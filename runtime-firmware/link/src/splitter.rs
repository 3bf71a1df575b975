//! Finds chunks between zero bytes in what arrives, and tells them from plain text.

/// What to do with the chunk that [`Splitter::push`] just completed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// The byte was kept.
    Kept,
    /// The byte is plain text: nobody has opened a chunk.
    Text,
    /// A chunk is complete: [`Splitter::chunk`].
    Chunk,
    /// What was kept cannot be a frame, for it is too long: [`Splitter::chunk`], and this byte after it.
    Overflow,
}

/// Collects the bytes between zero bytes in a fixed buffer.
pub(crate) struct Splitter<S> {
    buffer: S,
    filled: usize,
    /// A zero byte came, so what follows may be a frame.
    inside: bool,
    /// The chunk is too long; skip to its end.
    skipping: bool,
}

impl<S: AsRef<[u8]> + AsMut<[u8]>> Splitter<S> {
    pub(crate) fn new(buffer: S) -> Self {
        Splitter { buffer, filled: 0, inside: false, skipping: false }
    }

    /// Longest chunk.
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.as_ref().len()
    }

    /// The bytes collected so far.
    pub(crate) fn chunk(&mut self) -> &mut [u8] {
        &mut self.buffer.as_mut()[..self.filled]
    }

    /// Forgets the bytes collected. `framed` says whether the next byte may belong to a frame without a zero
    /// byte before it: true on a line that carries frames only, so that one lost zero byte loses one frame.
    pub(crate) fn clear(&mut self, framed: bool) {
        self.filled = 0;
        self.inside = framed;
    }

    /// Bytes are being held back.
    pub(crate) fn holds(&self) -> bool {
        self.inside && self.filled > 0
    }

    pub(crate) fn push(&mut self, byte: u8, framed: bool) -> Event {
        if byte == 0 {
            self.skipping = false;
            if self.inside && self.filled > 0 {
                return Event::Chunk;
            }
            self.inside = true;
            return Event::Kept;
        }
        if self.skipping && framed {
            return Event::Kept;
        }
        self.skipping = false;
        if !(self.inside || framed) {
            return Event::Text;
        }
        self.inside = true;
        if self.filled == self.capacity() {
            // In text this was no frame at all; between frames it is one whose end was lost: wait for the next.
            self.skipping = framed;
            return Event::Overflow;
        }
        self.buffer.as_mut()[self.filled] = byte;
        self.filled += 1;
        Event::Kept
    }
}
