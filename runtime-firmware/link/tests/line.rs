//! Two endpoints over a simulated line: clean, slow, lossy, restarted in the middle, noisy from the start.

use link::{Buffers, ClosedReason, Endpoint, PROTOCOL_VERSION, State, ToDevice, ToHost, decode, frame, greeting};

/// A small generator of reproducible noise (xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// One direction of a line: so many bytes per millisecond, and in every thousand bytes so many damaged.
struct Line {
    waiting: std::collections::VecDeque<u8>,
    damaged_per_thousand: u64,
    noise: Noise,
    carried: usize,
}

impl Line {
    fn new(damaged_per_thousand: u64, seed: u64) -> Line {
        Line { waiting: Default::default(), damaged_per_thousand, noise: Noise(seed | 1), carried: 0 }
    }

    fn carry(&mut self, count: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..count.min(self.waiting.len()) {
            let byte = self.waiting.pop_front().unwrap();
            self.carried += 1;
            if self.noise.below(1000) >= self.damaged_per_thousand {
                out.push(byte);
                continue;
            }
            match self.noise.below(3) {
                0 => out.push(byte ^ 1 << self.noise.below(8)),
                1 => {}
                _ => out.extend([byte, byte]),
            }
        }
        out
    }
}

type Side = Endpoint<Vec<u8>>;

fn buffers(payload: usize, size: usize) -> Buffers<Vec<u8>> {
    Buffers { frame: vec![0; frame::encoded_bytes(payload)], incoming: vec![0; size], outgoing: vec![0; size] }
}

struct Session {
    host: Side,
    device: Side,
    down: Line,
    up: Line,
    now_us: u64,
    typed: Vec<u8>,
    /// Bytes that a line takes ahead of carrying them: what a driver and its buffers hold.
    ahead: usize,
}

impl Session {
    fn new(damaged_per_thousand: u64, seed: u64) -> Session {
        Session {
            host: Side::host(buffers(1024, 8192), 0x1122_3300 | seed as u32 & 0xff),
            device: Side::device(buffers(256, 1024)),
            down: Line::new(damaged_per_thousand, seed),
            up: Line::new(damaged_per_thousand, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            now_us: 0,
            typed: Vec::new(),
            ahead: 44,
        }
    }

    /// One millisecond at `rate` bytes a millisecond. A side writes only when its line has room, as a driver does.
    fn step(&mut self, rate: usize) {
        self.now_us += 1000;
        let mut out = vec![0; frame::encoded_bytes(1024)];
        for (side, line) in [(&mut self.host, &mut self.down), (&mut self.device, &mut self.up)] {
            while line.waiting.len() < self.ahead.max(4 * rate) {
                let size = side.transmit(self.now_us, &mut out);
                if size == 0 {
                    break;
                }
                line.waiting.extend(&out[..size]);
            }
        }
        let (down, up) = (self.down.carry(rate), self.up.carry(rate));
        let typed = &mut self.typed;
        self.device.feed(&down, self.now_us, &mut |text| typed.extend(text));
        self.host.feed(&up, self.now_us, &mut |_| {});
    }
}

/// Sends `total` bytes down while the device sends them all back; returns the simulated milliseconds.
fn transfer(session: &mut Session, total: usize, rate: usize) -> u64 {
    let content: Vec<u8> = (0..total).map(|place| (place * 31 + place / 256 * 7) as u8).collect();
    let (mut sent, mut down, mut up) = (0, Vec::new(), Vec::new());
    let mut echoed = 0;
    let start = session.now_us;
    while up.len() < total {
        assert!(session.now_us - start < 600_000_000, "hangs at {} down, {} up", down.len(), up.len());
        while sent < total {
            let piece = &content[sent..total.min(sent + 200)];
            if session.host.send(&ToDevice::Data { offset: sent as u32, bytes: piece }).is_err() {
                break;
            }
            sent += piece.len();
        }
        session.step(rate);
        while let Some(message) = session.device.receive() {
            match decode(message).unwrap() {
                ToDevice::Data { offset, bytes } => {
                    assert_eq!(offset as usize, down.len());
                    down.extend_from_slice(bytes);
                }
                other => panic!("{other:?}"),
            }
            session.device.consume();
        }
        while echoed < down.len() {
            let piece = &down[echoed..down.len().min(echoed + 100)];
            if session.device.send(&ToHost::Stdout(piece)).is_err() {
                break;
            }
            echoed += piece.len();
        }
        while let Some(message) = session.host.receive() {
            match decode(message).unwrap() {
                ToHost::Stdout(bytes) => up.extend_from_slice(bytes),
                other => panic!("{other:?}"),
            }
            session.host.consume();
        }
        assert!(
            session.host.is_open() || session.host.state() == State::Greeting,
            "{:?} {:?} after {} ms, {} down {} up {:?} {:?}",
            session.host.state(),
            session.device.state(),
            session.now_us / 1000,
            down.len(),
            up.len(),
            session.host.statistics(),
            session.device.statistics()
        );
    }
    assert_eq!(down, content);
    assert_eq!(up, content);
    (session.now_us - start) / 1000
}

#[test]
fn clean_line_is_used_well() {
    let mut session = Session::new(0, 1);
    let total = 100_000;
    // 115,200 baud carries about 11.5 bytes a millisecond; both directions are busy.
    let took_ms = transfer(&mut session, total, 11);
    let share = total as f64 / (took_ms as f64 * 11.0);
    assert!(share > 0.85, "only {share:.2} of the line is useful bytes");
    assert_eq!(session.host.statistics().repeats, 0);
    assert_eq!(session.device.statistics().repeats, 0);
}

#[test]
fn slow_lines_with_deep_buffers_are_not_flooded() {
    // 9,600 baud is about one byte a millisecond; the buffers take a whole window, which is four seconds.
    for rate in [1, 2, 11] {
        let mut session = Session::new(0, 7);
        session.ahead = 100_000;
        let total = 30_000;
        let took_ms = transfer(&mut session, total, rate);
        let share = total as f64 / (took_ms as f64 * rate as f64);
        let statistics = (session.host.statistics(), session.device.statistics());
        assert!(share > 0.75, "{rate} bytes a ms: only {share:.2} of the line is useful bytes: {statistics:?}");
    }
}

#[test]
fn one_byte_in_a_hundred_damaged() {
    for seed in 1..20 {
        let mut session = Session::new(10, seed * 0x5851_f42d);
        let took_ms = transfer(&mut session, 20_000, 11);
        let share = 20_000.0 / (took_ms as f64 * 11.0);

        assert!(share > 0.05, "seed {seed}: {took_ms} ms, {:?}", session.host.statistics());
        assert!(session.host.statistics().damaged > 0);
    }
}

#[test]
fn silence_ends_the_session_on_both_sides() {
    let mut session = Session::new(0, 3);
    transfer(&mut session, 1000, 100);
    for _ in 0..20_000 {
        session.step(100);
    }
    assert!(session.host.is_open() && session.device.is_open(), "signs of life keep an idle session open");
    for _ in 0..6_000 {
        session.step(0);
    }
    assert_eq!(session.host.state(), State::Closed(ClosedReason::Silent));
    assert_eq!(session.device.state(), State::Text);
}

#[test]
fn a_restarted_device_says_so_and_types_nothing() {
    let mut session = Session::new(0, 4);
    transfer(&mut session, 1000, 100);
    session.device = Side::device(buffers(256, 1024));
    session.host.send(&ToDevice::Identify).unwrap();
    for _ in 0..1000 {
        session.step(100);
    }
    assert_eq!(session.host.state(), State::Closed(ClosedReason::Restarted));
    assert!(session.typed.is_empty(), "a frame is not what a person types: {:?}", session.typed);
}

#[test]
fn a_new_host_takes_over_in_the_middle_of_a_frame() {
    let mut session = Session::new(0, 5);
    transfer(&mut session, 1000, 100);
    // Half a frame of the old host, then a new host.
    let mut out = vec![0; frame::encoded_bytes(1024)];
    session.host.send(&ToDevice::Stdin(&[5; 150])).unwrap();
    let size = session.host.transmit(session.now_us, &mut out);
    session.device.feed(&out[..size / 2], session.now_us, &mut |_| {});
    session.host = Side::host(buffers(1024, 8192), 0xfeed);
    transfer(&mut session, 1000, 100);
    assert_eq!(session.device.nonce(), 0xfeed);
}

#[test]
fn goodbye_returns_to_text() {
    let mut session = Session::new(0, 6);
    transfer(&mut session, 1000, 100);
    session.host.close();
    session.step(100);
    session.step(100);
    assert_eq!(session.device.state(), State::Text);
    session.device.feed(b"hello\r", session.now_us, &mut |text| session.typed.extend(text));
    assert_eq!(session.typed, b"hello\r");
}

#[test]
fn another_version_is_told() {
    let mut host = Side::host(buffers(1024, 8192), 77);
    let header = frame::Header {
        version: PROTOCOL_VERSION + 1,
        kind: frame::Kind::Welcome,
        from_device: true,
        gap: false,
        ask: false,
        round: 0,
        heard_round: 0,
        session: 77,
        sequence: 0,
        acknowledged: 0,
        window: 500,
    };
    let mut out = [0; 100];
    let size = frame::encode(&header, &[77, 0, 0, 0, 0, 1], &mut out);
    host.feed(&out[..size], 0, &mut |_| {});
    assert_eq!(host.state(), State::Closed(ClosedReason::Version(PROTOCOL_VERSION + 1)));

    let mut device = Side::device(buffers(256, 1024));
    let line = greeting::Greeting { version: PROTOCOL_VERSION + 1, nonce: 9 }.encode();
    device.feed(&line, 0, &mut |_| {});
    assert_eq!(device.state(), State::Text);
    let size = device.transmit(0, &mut out);
    let (header, payload) = frame::decode(&mut out[1..size - 1]).unwrap();
    assert_eq!((header.kind, header.version), (frame::Kind::Welcome, PROTOCOL_VERSION));
    assert_eq!(payload[..4], [9, 0, 0, 0]);
}

#[test]
fn plain_text_passes_at_once_and_a_stray_zero_only_delays() {
    let mut device = Side::device(buffers(256, 1024));
    let mut typed: Vec<u8> = Vec::new();
    device.feed(b"abc", 0, &mut |text| typed.extend(text));
    assert_eq!(typed, b"abc");
    device.feed(b"\0def", 0, &mut |text| typed.extend(text));
    assert_eq!(typed, b"abc", "may become a frame");
    device.feed(b"", 200_000, &mut |text| typed.extend(text));
    assert_eq!(typed, b"abcdef");
    device.feed(b"\0", 200_000, &mut |text| typed.extend(text));
    let long = vec![b'x'; 2000];
    device.feed(&long, 200_000, &mut |text| typed.extend(text));
    assert_eq!(typed.len(), 6 + 2000, "too long for a frame");
}

#[test]
fn noise_never_panics_and_never_becomes_a_message() {
    let mut noise = Noise(99);
    for round in 0..300 {
        let mut device = Side::device(buffers(64, 256));
        let mut host = Side::host(buffers(1024, 2048), 7);
        if round % 2 == 0 {
            device.feed(&greeting::Greeting { version: 1, nonce: 7 }.encode(), 0, &mut |_| {});
            let mut out = [0; 1200];
            let size = device.transmit(0, &mut out);
            host.feed(&out[..size], 0, &mut |_| {});
            assert!(host.is_open());
        }
        for turn in 0..20 {
            let length = noise.below(400);
            let bytes: Vec<u8> =
                (0..length).map(|_| if noise.below(20) == 0 { 0 } else { noise.below(256) as u8 }).collect();
            let mut out = [0; 1200];
            for side in [&mut device, &mut host] {
                side.feed(&bytes, turn * 1000, &mut |_| {});
                side.transmit(turn * 1000, &mut out);
                assert!(side.receive().is_none());
            }
        }
    }
}

#[test]
fn the_stream_is_refused_when_it_cannot_be_messages() {
    // A foreign implementation announces a message that can never fit.
    let mut device = Side::device(buffers(64, 256));
    device.feed(&greeting::Greeting { version: 1, nonce: 7 }.encode(), 0, &mut |_| {});
    let header = frame::Header {
        version: 1,
        kind: frame::Kind::Data,
        from_device: false,
        gap: false,
        ask: false,
        round: 0,
        heard_round: 0,
        session: 7,
        sequence: 0,
        acknowledged: 0,
        window: 500,
    };
    let mut out = [0; 100];
    let size = frame::encode(&header, &[0xff, 0x7f, 1, 2, 3], &mut out);
    device.feed(&out[..size], 0, &mut |_| {});
    assert!(device.receive().is_none());
    assert_eq!(device.state(), State::Text);
}
