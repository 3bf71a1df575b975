//! One side of a session: bytes of the line in, messages out, and back; lost and damaged frames are repeated.
//!
//! Nothing here waits, allocates or knows a clock: the caller feeds what arrived, asks what to send, and
//! passes the time. A frame carries a piece of a byte stream with its place in it, so a repeated piece may
//! be cut anew: on a bad line frames get short, on a good one long. The receiver takes pieces in order and
//! answers with the place it expects (go back n); room in its buffer is the credit that the sender may use.

use serde::{Deserialize, Serialize};

use crate::frame::{self, Header, Kind};
use crate::greeting::{self, Greeting};
use crate::splitter::{Event, Splitter};
use crate::stream::{Incoming, Outgoing};
use crate::{HOST_PAYLOAD_BYTES, MINIMUM_PAYLOAD_BYTES, PROTOCOL_VERSION};

/// A side that heard nothing for so long takes the session for ended.
pub const SILENCE_US: u64 = 5_000_000;
/// A host that has nothing to say asks for a sign of life this often; so the device knows that it is there.
pub const KEEPALIVE_US: u64 = 1_000_000;
/// A host repeats its greeting this often until it is answered.
pub const GREETING_US: u64 = 250_000;
/// In plain text, bytes after a zero byte are held back this long: they may become a frame.
pub const HOLD_US: u64 = 100_000;

const FIRST_TIMEOUT_US: u64 = 250_000;
const SHORTEST_TIMEOUT_US: u64 = 15_000;
const LONGEST_TIMEOUT_US: u64 = 4_000_000;
/// A timeout is not doubled beyond this.
const LONGEST_PATIENCE_US: u64 = 1_000_000;
/// Pieces begin short enough to pass a bad line, and grow with every answer.
const FIRST_PIECE: usize = 96;
/// Bytes under way at first: more only once the time to an answer is known.
const FIRST_FLIGHT: usize = 4 * FIRST_PIECE;
const SHORTEST_PIECE: usize = 16;

/// Which side this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// `upy`.
    Host,
    /// The executor.
    Device,
}

/// Where the session stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Device: no session, the line carries plain text.
    Text,
    /// Host: greeting, not answered yet.
    Greeting,
    /// The session is open.
    Open,
    /// Host: there is no session any more, or there was none.
    Closed(ClosedReason),
}

/// Why a host has no session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosedReason {
    /// The device speaks another version of the protocol, this one.
    Version(u8),
    /// The device restarted: it has forgotten the session.
    Restarted,
    /// The device has been silent for too long.
    Silent,
    /// The device sent something that no device may send.
    Violation,
    /// This side said goodbye.
    Left,
}

/// Why a message was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SendError {
    /// No room now: let the line carry away some of what waits, then try again.
    Full,
    /// The session is not open.
    NotOpen,
}

/// What happened on the line, for people who wonder why it is slow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Good frames that arrived.
    pub frames_received: u32,
    /// Chunks that arrived and were no frame.
    pub damaged: u32,
    /// Frames sent.
    pub frames_sent: u32,
    /// Times that this side went back and repeated.
    pub repeats: u32,
}

/// The memory of an [`Endpoint`].
pub struct Buffers<S> {
    /// Holds one arriving frame: [`frame::encoded_bytes`] of the largest payload that this side takes.
    pub frame: S,
    /// Holds arrived messages: its size is the credit of the other side, and bounds the longest message.
    pub incoming: S,
    /// Holds sent messages until they have arrived: bounds the longest message of this side.
    pub outgoing: S,
}

/// One side of a session. See the head of this file.
pub struct Endpoint<S> {
    role: Role,
    state: State,
    nonce: u32,
    splitter: Splitter<S>,
    incoming: Incoming<S>,
    outgoing: Outgoing<S>,
    peer: Peer,
    /// Control frame to send before anything else.
    control: Option<Kind>,
    /// The other side should hear from us even if there is nothing to say.
    answer: bool,
    /// A piece is missing.
    gap: bool,
    round: u8,
    /// Round of the last frame that arrived.
    heard_round: u8,
    /// Longest piece to send now, and how many bytes may be under way; both shrink with losses.
    piece: usize,
    flight: usize,
    clock: Timers,
    statistics: Statistics,
    /// Length of the message that [`Endpoint::receive`] lent out.
    lent: usize,
}

/// What is known of the other side.
#[derive(Clone, Copy)]
struct Peer {
    payload: usize,
    /// Bytes it takes from `Outgoing::base` on.
    window: usize,
    /// Place up to which it was allowed to send.
    allowed: u16,
}

#[derive(Clone, Copy, Default)]
struct Timers {
    heard_us: u64,
    sent_us: u64,
    text_us: u64,
    greet_us: u64,
    repeat_us: Option<u64>,
    timeout_us: u64,
    /// How many timeouts passed since something was measured.
    backoff: u32,
    smooth_us: u64,
    deviation_us: u64,
    /// A piece whose answer is being timed: place of its end, and when it was sent.
    timed: Option<(u16, u64)>,
}

impl Timers {
    /// How long to wait for an answer.
    fn patience_us(&self) -> u64 {
        // Twice the same before it doubles: a bad line loses two in a row often enough.
        (self.timeout_us << (self.backoff / 2)).min(LONGEST_PATIENCE_US).max(self.timeout_us)
    }
}

impl<S: AsRef<[u8]> + AsMut<[u8]>> Endpoint<S> {
    /// A device that nobody has greeted.
    pub fn device(buffers: Buffers<S>) -> Self {
        Self::new(Role::Device, State::Text, 0, buffers)
    }

    /// A host about to greet. `nonce` should differ from that of every other session.
    pub fn host(buffers: Buffers<S>, nonce: u32) -> Self {
        Self::new(Role::Host, State::Greeting, nonce, buffers)
    }

    fn new(role: Role, state: State, nonce: u32, buffers: Buffers<S>) -> Self {
        let mut endpoint = Endpoint {
            role,
            state,
            nonce,
            splitter: Splitter::new(buffers.frame),
            incoming: Incoming::new(buffers.incoming),
            outgoing: Outgoing::new(buffers.outgoing),
            peer: Peer { payload: HOST_PAYLOAD_BYTES, window: 0, allowed: 0 },
            control: None,
            answer: false,
            gap: false,
            round: 0,
            heard_round: 0,
            piece: 0,
            flight: 0,
            clock: Timers::default(),
            statistics: Statistics::default(),
            lent: 0,
        };
        endpoint.restart(nonce, HOST_PAYLOAD_BYTES, 0);
        endpoint
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The session is open.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// The name of the session; a device sees by its change that another host came.
    pub fn nonce(&self) -> u32 {
        self.nonce
    }

    /// What happened on the line so far.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Largest payload that this side takes in a frame.
    pub fn payload_bytes(&self) -> usize {
        frame::payload_bytes(self.splitter.capacity())
    }

    /// Longest encoded message that this side can receive.
    pub fn message_bytes(&self) -> usize {
        self.incoming.capacity().saturating_sub(3)
    }

    /// Everything sent has arrived.
    pub fn is_flushed(&self) -> bool {
        self.outgoing.filled() == 0 && self.control.is_none()
    }

    fn restart(&mut self, nonce: u32, peer_payload: usize, window: usize) {
        self.nonce = nonce;
        self.incoming.reset();
        self.outgoing.reset();
        let window_of_ours = self.incoming.room() as u16;
        self.peer = Peer { payload: peer_payload, window, allowed: window_of_ours };
        self.control = None;
        self.answer = false;
        self.gap = false;
        self.round = 0;
        self.heard_round = 0;
        self.piece = peer_payload.min(FIRST_PIECE);
        self.flight = FIRST_FLIGHT;
        self.lent = 0;
        self.clock.repeat_us = None;
        self.clock.timed = None;
        self.clock.timeout_us = FIRST_TIMEOUT_US;
        self.clock.smooth_us = 0;
        self.clock.backoff = 0;
    }

    fn leave(&mut self, reason: ClosedReason) {
        self.state = match self.role {
            Role::Host => State::Closed(reason),
            Role::Device => State::Text,
        };
        self.outgoing.reset();
        self.incoming.reset();
        self.lent = 0;
        self.control = None;
        self.clock.repeat_us = None;
        self.splitter.clear(false);
    }

    /// Ends the session. A host sends one last frame: call [`Endpoint::transmit`] once more.
    pub fn close(&mut self) {
        let open = self.is_open();
        self.leave(ClosedReason::Left);
        if open && self.role == Role::Host {
            self.control = Some(Kind::Bye);
        }
    }

    /// Takes bytes of the line, all of them. Bytes that belong to no frame go to `text`: on a device what a
    /// person types, on a host what a device without session says. Call it with no bytes from time to time
    /// too: held bytes are released by time.
    pub fn feed(&mut self, bytes: &[u8], now_us: u64, text: &mut dyn FnMut(&[u8])) {
        self.expire(now_us, text);
        for &byte in bytes {
            let framed = self.is_open();
            match self.splitter.push(byte, framed) {
                Event::Kept => self.clock.text_us = now_us,
                Event::Text => text(&[byte]),
                Event::Chunk => {
                    self.chunk(now_us, text);
                    let framed = self.is_open();
                    self.splitter.clear(framed);
                }
                Event::Overflow => {
                    self.statistics.damaged = self.statistics.damaged.wrapping_add(1);
                    if !framed {
                        text(self.splitter.chunk());
                        text(&[byte]);
                    }
                    self.splitter.clear(framed);
                }
            }
        }
    }

    fn expire(&mut self, now_us: u64, text: &mut dyn FnMut(&[u8])) {
        if self.is_open() && now_us.saturating_sub(self.clock.heard_us) > SILENCE_US {
            self.leave(ClosedReason::Silent);
        }
        if !self.is_open() && self.splitter.holds() && now_us.saturating_sub(self.clock.text_us) > HOLD_US {
            text(self.splitter.chunk());
            self.splitter.clear(false);
        }
    }

    /// Judges what came between two zero bytes.
    fn chunk(&mut self, now_us: u64, text: &mut dyn FnMut(&[u8])) {
        let from_host = self.role == Role::Device;
        if let Some(greeting) = Greeting::decode(self.splitter.chunk()).filter(|_| from_host) {
            self.greeted(greeting, now_us);
            return;
        }
        // A chunk is damaged by decoding it, so text is shown only where no frames are expected, and before.
        let was_open = self.is_open();
        if !was_open && !self.splitter.chunk().iter().any(|&byte| !(b' '..=b'~').contains(&byte) && byte != b'\r') {
            text(self.splitter.chunk());
            return;
        }
        let Some((header, payload)) = frame::decode(self.splitter.chunk()) else {
            self.statistics.damaged = self.statistics.damaged.wrapping_add(1);
            return;
        };
        let length = payload.len();
        let welcome = <[u8; 6]>::try_from(payload).ok();
        if header.from_device == from_host {
            return; // our own frame, echoed
        }
        self.statistics.frames_received = self.statistics.frames_received.wrapping_add(1);
        match header.kind {
            Kind::Welcome if !from_host => {
                if let Some([n0, n1, n2, n3, p0, p1]) = welcome {
                    let nonce = u32::from_le_bytes([n0, n1, n2, n3]);
                    let payload_bytes = usize::from(u16::from_le_bytes([p0, p1]));
                    self.welcomed(&header, nonce, payload_bytes, now_us);
                }
            }
            Kind::NoSession if !from_host && was_open && header.session == self.nonce as u8 => {
                self.leave(ClosedReason::Restarted);
            }
            _ if header.version != PROTOCOL_VERSION => {}
            // A frame of a session that this device has forgotten.
            Kind::Data if from_host && !was_open => {
                self.nonce = u32::from(header.session);
                self.control = Some(Kind::NoSession);
            }
            _ if !was_open => {}
            _ if header.session != self.nonce as u8 => {}
            Kind::Bye if from_host => self.leave(ClosedReason::Left),
            Kind::Data => {
                self.clock.heard_us = now_us;
                self.heard_round = header.round;
                self.acknowledged(&header, now_us);
                self.payload(Piece::new(length, self.incoming.expected, header.sequence));
            }
            _ => {}
        }
    }

    fn greeted(&mut self, greeting: Greeting, now_us: u64) {
        self.clock.heard_us = now_us;
        if greeting.version != PROTOCOL_VERSION {
            // The answer says which version we speak; no session.
            self.nonce = greeting.nonce;
            self.state = State::Text;
        } else if !(self.is_open() && greeting.nonce == self.nonce) {
            // The host's buffer is unknown until its first frame; it has room for one frame at least.
            self.restart(greeting.nonce, HOST_PAYLOAD_BYTES, HOST_PAYLOAD_BYTES);
            self.state = State::Open;
        }
        self.control = Some(Kind::Welcome);
    }

    fn welcomed(&mut self, header: &Header, nonce: u32, payload: usize, now_us: u64) {
        if self.state != State::Greeting || nonce != self.nonce {
            return;
        }
        if header.version != PROTOCOL_VERSION {
            self.leave(ClosedReason::Version(header.version));
            return;
        }
        let greeted_us = self.clock.greet_us.saturating_sub(GREETING_US);
        self.restart(nonce, payload.max(MINIMUM_PAYLOAD_BYTES), usize::from(header.window));
        self.state = State::Open;
        self.clock.heard_us = now_us;
        self.answer = true;
        // The greeting and its answer say about how long an answer takes: twice that, for frames are longer, and it may
        // have been an earlier greeting that was answered.
        self.measured(2 * now_us.saturating_sub(greeted_us));
    }

    /// The other side says how far our stream has arrived.
    fn acknowledged(&mut self, header: &Header, now_us: u64) {
        let Some(news) = self.outgoing.acknowledge(header.acknowledged) else { return };
        self.peer.window = usize::from(header.window);
        if header.ask {
            self.answer = true;
        }
        if news > 0 {
            if let Some((end, since)) = self.clock.timed
                && self.outgoing.base.wrapping_sub(end) < u16::MAX / 2
                && header.heard_round == self.round
            {
                self.clock.timed = None;
                self.measured(now_us.saturating_sub(since));
            }
            self.piece = (self.piece + news / 6 + 1).min(self.peer.payload);
            self.flight = self.flight.saturating_add(news).min(self.peer.window.max(FIRST_FLIGHT));
            self.clock.repeat_us = (self.outgoing.sent > 0).then_some(now_us + self.clock.patience_us());
        }
        if header.gap && header.heard_round == self.round && self.outgoing.sent > 0 {
            self.go_back(now_us);
        }
    }

    fn measured(&mut self, sample_us: u64) {
        let clock = &mut self.clock;
        // Only now: as long as everything is sent twice nobody knows whether the timeout is long enough.
        clock.backoff = 0;
        if clock.smooth_us == 0 {
            clock.smooth_us = sample_us;
            clock.deviation_us = sample_us / 2;
        } else {
            clock.deviation_us = (3 * clock.deviation_us + clock.smooth_us.abs_diff(sample_us)) / 4;
            clock.smooth_us = (7 * clock.smooth_us + sample_us) / 8;
        }
        clock.timeout_us = (clock.smooth_us + 4 * clock.deviation_us).clamp(SHORTEST_TIMEOUT_US, LONGEST_TIMEOUT_US);
    }

    /// Something was lost: send again from the first byte that has not arrived, in shorter pieces.
    fn go_back(&mut self, now_us: u64) {
        self.statistics.repeats = self.statistics.repeats.wrapping_add(1);
        self.flight = (self.outgoing.sent / 2).max(2 * SHORTEST_PIECE);
        self.piece = (self.piece * 3 / 4).max(SHORTEST_PIECE);
        self.outgoing.sent = 0;
        self.round = (self.round + 1) & 3;
        self.clock.timed = None;
        self.clock.repeat_us = Some(now_us + self.clock.patience_us());
    }

    fn payload(&mut self, piece: Piece) {
        match piece {
            Piece::None => {}
            Piece::Old => self.answer = true,
            Piece::Later => {
                self.gap = true;
                self.answer = true;
            }
            Piece::New { skip, length } => {
                self.gap = false;
                self.answer = true;
                // The chunk still lies in the splitter, decoded in place: header, payload, checksum.
                let start = frame::HEADER_BYTES + skip;
                let Endpoint { splitter, incoming, .. } = self;
                if let Some(bytes) = splitter.chunk().get(start..start + length) {
                    incoming.append(bytes);
                }
            }
        }
    }

    /// Writes the next frame to send now, if there is one, and returns its length. `out` holds at least
    /// [`Endpoint::transmit_bytes`]. Call it until it returns 0, and again by [`Endpoint::next_us`].
    pub fn transmit(&mut self, now_us: u64, out: &mut [u8]) -> usize {
        if let Some(kind) = self.control.take() {
            return self.transmit_control(kind, out);
        }
        match self.state {
            State::Greeting if now_us >= self.clock.greet_us => {
                self.clock.greet_us = now_us + GREETING_US;
                let line = Greeting { version: PROTOCOL_VERSION, nonce: self.nonce }.encode();
                let Some(place) = out.get_mut(..greeting::LENGTH) else { return 0 };
                place.copy_from_slice(&line);
                greeting::LENGTH
            }
            State::Open => self.transmit_data(now_us, out),
            _ => 0,
        }
    }

    /// Room that [`Endpoint::transmit`] needs for the longest frame.
    pub fn transmit_bytes(&self) -> usize {
        frame::encoded_bytes(self.peer.payload.min(self.outgoing.capacity())).max(greeting::LENGTH)
    }

    /// When to call [`Endpoint::transmit`] next even if nothing arrives; `None` when nothing is due.
    pub fn next_us(&self) -> Option<u64> {
        match self.state {
            State::Greeting => Some(self.clock.greet_us),
            State::Open => {
                let keepalive = (self.role == Role::Host).then_some(self.clock.sent_us + KEEPALIVE_US);
                let silence = self.clock.heard_us + SILENCE_US + 1;
                let due = self.clock.repeat_us.unwrap_or(u64::MAX).min(keepalive.unwrap_or(u64::MAX));
                Some(due.min(silence))
            }
            _ if self.splitter.holds() => Some(self.clock.text_us + HOLD_US + 1),
            _ => None,
        }
    }

    fn header(&self, kind: Kind) -> Header {
        Header {
            version: PROTOCOL_VERSION,
            kind,
            from_device: self.role == Role::Device,
            gap: false,
            ask: false,
            round: self.round,
            heard_round: self.heard_round,
            session: self.nonce as u8,
            sequence: self.outgoing.base,
            acknowledged: self.incoming.expected,
            window: self.incoming.room() as u16,
        }
    }

    fn transmit_control(&mut self, kind: Kind, out: &mut [u8]) -> usize {
        let mut payload = [0; 6];
        let (nonce, room) = payload.split_at_mut(4);
        nonce.copy_from_slice(&self.nonce.to_le_bytes());
        room.copy_from_slice(&(self.payload_bytes() as u16).to_le_bytes());
        let used = if kind == Kind::Welcome { &payload[..] } else { &[] };
        self.statistics.frames_sent = self.statistics.frames_sent.wrapping_add(1);
        frame::encode(&self.header(kind), used, out)
    }

    fn transmit_data(&mut self, now_us: u64, out: &mut [u8]) -> usize {
        if self.clock.repeat_us.is_some_and(|due| now_us >= due) {
            // No answer at all: be patient as well as brief.
            self.clock.backoff = (self.clock.backoff + 1).min(12);
            self.piece /= 2;
            self.go_back(now_us);
            // The answer may only be late, on a slow line: one piece is enough to find out.
            self.flight = self.piece;
            self.clock.repeat_us = None;
        }
        let allowed = self.peer.window.min(self.flight.max(self.piece)).min(self.outgoing.filled());
        let from = self.outgoing.sent;
        let waiting = allowed.saturating_sub(from);
        let longest = self.piece.min(self.peer.payload).min(frame::payload_bytes(out.len()));
        let mut length = waiting.min(longest);
        if length < longest && from + length < self.outgoing.filled() && from > 0 {
            length = 0; // the credit is nearly used up: wait for more rather than send crumbs
        }
        let blocked = self.outgoing.filled() > 0 && self.peer.window == 0 && from == 0;
        let quiet_us = now_us.saturating_sub(self.clock.sent_us);
        let keepalive = self.role == Role::Host && quiet_us >= KEEPALIVE_US;
        let probe = blocked && quiet_us >= self.clock.patience_us();
        if length == 0 && !self.answer && !keepalive && !probe {
            return 0;
        }
        let mut header = self.header(Kind::Data);
        header.sequence = self.outgoing.base.wrapping_add(from as u16);
        header.ask = keepalive || probe || (length > 0 && from + length >= allowed);
        header.gap = self.gap;
        let size = frame::encode(&header, self.outgoing.bytes(from, length), out);
        if size == 0 {
            return 0;
        }
        self.statistics.frames_sent = self.statistics.frames_sent.wrapping_add(1);
        self.answer = false;
        self.gap = false;
        self.clock.sent_us = now_us;
        self.peer.allowed = header.acknowledged.wrapping_add(header.window);
        if length > 0 {
            self.outgoing.sent += length;
            self.outgoing.reached = self.outgoing.reached.max(self.outgoing.sent);
            if self.clock.timed.is_none() {
                self.clock.timed = Some((header.sequence.wrapping_add(length as u16), now_us));
            }
            self.clock.repeat_us.get_or_insert(now_us + self.clock.patience_us());
        }
        size
    }

    /// Takes a message to send.
    pub fn send<M: Serialize>(&mut self, message: &M) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::NotOpen);
        }
        if self.outgoing.push(message) { Ok(()) } else { Err(SendError::Full) }
    }

    /// Bytes that a message may have to be taken by [`Endpoint::send`] now.
    pub fn room(&self) -> usize {
        (self.outgoing.capacity() - self.outgoing.filled()).saturating_sub(3)
    }

    /// The oldest message that has arrived whole: its encoding, to be decoded with [`decode`]. It stays until
    /// [`Endpoint::consume`].
    pub fn receive(&mut self) -> Option<&[u8]> {
        match self.incoming.message() {
            Ok(Some(range)) => {
                self.lent = range.end;
                Some(self.incoming.bytes(range))
            }
            Ok(None) => None,
            Err(()) => {
                self.leave(ClosedReason::Violation);
                None
            }
        }
    }

    /// Gives back the room of the message that [`Endpoint::receive`] showed.
    pub fn consume(&mut self) {
        self.incoming.consume(self.lent);
        self.lent = 0;
        // Tell the other side about the room once it is worth a frame.
        let allowed = usize::from(self.peer.allowed.wrapping_sub(self.incoming.expected));
        let room = self.incoming.room();
        if room > allowed && room - allowed >= self.incoming.capacity() / 4 {
            self.answer = true;
        }
    }
}

/// Decodes what [`Endpoint::receive`] showed; `None` for a message of a newer version, or nonsense.
pub fn decode<'a, M: Deserialize<'a>>(encoded: &'a [u8]) -> Option<M> {
    postcard::from_bytes(encoded).ok()
}

/// What a payload is to this side.
#[derive(Clone, Copy)]
enum Piece {
    /// Nothing.
    None,
    /// It has all arrived before.
    Old,
    /// Something before it is missing.
    Later,
    /// It goes on where the last one ended, after `skip` bytes that have arrived before.
    New { skip: usize, length: usize },
}

impl Piece {
    fn new(length: usize, expected: u16, sequence: u16) -> Piece {
        let behind = usize::from(expected.wrapping_sub(sequence));
        let later = behind > usize::from(u16::MAX / 2);
        if later {
            // Even an empty frame shows that the pieces before it were sent.
            Piece::Later
        } else if behind < length {
            Piece::New { skip: behind, length: length - behind }
        } else if length > 0 {
            Piece::Old
        } else {
            Piece::None
        }
    }
}
