//! What the tests of the whole board share: a host made of the link crate, and a stand-in for the interpreter
//! whose programs are lines of text.

#![allow(missing_docs, unreachable_pub, dead_code)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use executor::{Finish, Runner};
use hal::{CompileMode, CompileReply, Input, OpenMode, System};
use link::message::{ToDevice, ToHost};
use link::{Buffers, Endpoint, State, frame};
use simulator::{Config, Line, Profile, RunnerFactory, Simulator};

/// Runs programs of lines such as `print hello`, `exit 3`, `read /config.json`.
#[derive(Default)]
pub struct Lines {
    modules: HashMap<String, Vec<u8>>,
    last: String,
    arguments: Vec<String>,
}

impl Lines {
    fn run(&mut self, system: &mut dyn System, text: &[u8]) -> Finish {
        let Ok(text) = std::str::from_utf8(text) else { return Finish::Refused("not a program") };
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "print" => system.stdout(format!("{rest}\n").as_bytes()),
                "arguments" => system.stdout(format!("{:?}\n", self.arguments).as_bytes()),
                "flood" => {
                    for number in 0..rest.parse::<u32>().unwrap() {
                        system.stdout(format!("line {number}\n").as_bytes());
                    }
                }
                "echo" => loop {
                    let mut buffer = [0; 50];
                    match system.stdin(&mut buffer) {
                        Input::Bytes(count) => system.stdout(&buffer[..count]),
                        Input::End => break,
                        Input::Empty => {
                            if let Some(finish) = self.wait(system) {
                                return finish;
                            }
                        }
                    }
                },
                "loop" => loop {
                    if let Some(finish) = self.wait(system) {
                        return finish;
                    }
                },
                "sleep" => {
                    let deadline = system.clock().now_us() + rest.parse::<u64>().unwrap() * 1000;
                    while system.clock().now_us() < deadline {
                        let events = system.poll();
                        if events.stop {
                            return Finish::Stopped;
                        }
                        system.wait_until(deadline);
                    }
                }
                "exit" => return Finish::Exit(rest.parse().unwrap()),
                "crash" => {
                    system.stderr(format!("Traceback: {rest}\n").as_bytes());
                    return Finish::Error;
                }
                "panic" => panic!("{rest}"),
                "reset" => system.reset(hal::ResetKind::Hard),
                "write" => {
                    let (path, content) = rest.split_once(' ').unwrap();
                    let mode = OpenMode { write: true, truncate: true, create: true, ..OpenMode::default() };
                    let file = system.files().open(path, mode).unwrap();
                    system.files().write(file, content.as_bytes()).unwrap();
                    system.files().close(file).unwrap();
                }
                "read" => {
                    let mode = OpenMode { read: true, ..OpenMode::default() };
                    let mut buffer = [0; 200];
                    let text = match system.files().open(rest, mode) {
                        Ok(file) => {
                            let count = system.files().read(file, &mut buffer).unwrap();
                            system.files().close(file).unwrap();
                            String::from_utf8_lossy(&buffer[..count]).into_owned()
                        }
                        Err(error) => format!("{error:?}"),
                    };
                    system.stdout(format!("{text}\n").as_bytes());
                }
                "compile" => {
                    let mut reply = [0; 300];
                    let answer = system.compile(rest, "<string>", CompileMode::Eval, &mut reply);
                    let text = match answer {
                        Ok(CompileReply::Compiled(count)) => format!("{:?}", &reply[..count]),
                        Ok(CompileReply::SyntaxError { line, message_length }) => {
                            format!("line {line}: {}", String::from_utf8_lossy(&reply[..message_length]))
                        }
                        other => format!("{other:?}"),
                    };
                    system.stdout(format!("{text}\n").as_bytes());
                }
                "press" => {
                    let pin = rest.parse().unwrap();
                    system.pins().configure(pin, hal::PinMode::Input, hal::Pull::Up).unwrap();
                    system.pins().watch(pin, hal::Edges { rising: false, falling: true }).unwrap();
                    system.stdout(b"press\n");
                    loop {
                        let events = system.poll();
                        if events.stop {
                            return Finish::Stopped;
                        }
                        if events.pins {
                            let event = system.pins().take_event().unwrap();
                            system.stdout(format!("pin {} {:?}\n", event.pin, event.edges).as_bytes());
                            break;
                        }
                        let deadline = system.clock().now_us() + 1_000_000;
                        system.wait_until(deadline);
                    }
                }
                "" => {}
                _ => return Finish::Refused("no such word"),
            }
            if system.poll().stop {
                return Finish::Stopped;
            }
        }
        Finish::Done
    }

    fn wait(&mut self, system: &mut dyn System) -> Option<Finish> {
        let events = system.poll();
        if events.stop {
            return Some(Finish::Stopped);
        }
        if events.interrupt {
            system.stderr(b"KeyboardInterrupt\n");
            return Some(Finish::Interrupted);
        }
        let deadline = system.clock().now_us() + 1_000_000;
        system.wait_until(deadline);
        None
    }
}

impl Runner for Lines {
    fn reset(&mut self) {
        *self = Lines::default();
    }

    fn preload(&mut self, _: &mut dyn System, name: &str, length: usize) -> Result<(), Finish> {
        if length > 100_000 {
            return Err(Finish::NoMemory);
        }
        self.last = name.to_string();
        self.modules.insert(name.to_string(), vec![0; length]);
        Ok(())
    }

    fn preload_write(&mut self, _: &mut dyn System, offset: usize, bytes: &[u8]) {
        let module = self.modules.get_mut(&self.last).unwrap();
        module[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    fn set_arguments(&mut self, _: &mut dyn System, arguments: &[u8]) {
        let arguments = arguments.split(|&byte| byte == 0).filter(|part| !part.is_empty());
        self.arguments = arguments.map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    }

    fn run_preloaded(&mut self, system: &mut dyn System, name: &str) -> Finish {
        match self.modules.get(name).cloned() {
            Some(module) => self.run(system, &module),
            None => Finish::Refused("no such module"),
        }
    }

    fn run_in_place(&mut self, system: &mut dyn System, _: &str, mpy: &'static [u8]) -> Finish {
        self.run(system, mpy)
    }
}

pub fn lines() -> RunnerFactory {
    Arc::new(|_| Box::new(Lines::default()))
}

pub fn config(profile: Profile) -> Config {
    Config::new(profile, lines())
}

/// A message from the device, owned.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    Done,
    Error(link::ErrorCode),
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Started(String),
    Finished(link::message::Finish, i32),
    Ready(u32),
    Data(u32, Vec<u8>),
    Hash([u8; 32], u32),
    Status(link::message::AppStatus),
    Stat(bool, u32),
    Entries(Vec<(bool, u32, String)>, bool),
    Compile(String, u32),
    Source(Vec<u8>),
    Hello(String, link::message::Activity, bool, u32),
    Credit(u32),
    Other(String),
}

fn own(message: &[u8]) -> Reply {
    match link::decode::<ToHost<'_>>(message).expect("the device sends what its version defines") {
        ToHost::Done => Reply::Done,
        ToHost::Error { code, .. } => Reply::Error(code),
        ToHost::Stdout(bytes) => Reply::Stdout(bytes.into()),
        ToHost::Stderr(bytes) => Reply::Stderr(bytes.into()),
        ToHost::StdinCredit(count) => Reply::Credit(count),
        ToHost::Started { name } => Reply::Started(name.into()),
        ToHost::Finished { finish, status, .. } => Reply::Finished(finish, status),
        ToHost::UploadReady { offset } => Reply::Ready(offset),
        ToHost::Data { offset, bytes } => Reply::Data(offset, bytes.into()),
        ToHost::Hash { sha256, length } => Reply::Hash(sha256, length),
        ToHost::AppStatus(status) => Reply::Status(status),
        ToHost::Stat(stat) => Reply::Stat(stat.directory, stat.size),
        ToHost::Entries { entries, more } => {
            let mut rest = entries;
            let mut found = Vec::new();
            while let [kind, s0, s1, s2, s3, length, after @ ..] = rest {
                let (name, after) = after.split_at(usize::from(*length));
                let name = String::from_utf8(name.to_vec()).unwrap();
                found.push((*kind == 1, u32::from_le_bytes([*s0, *s1, *s2, *s3]), name));
                rest = after;
            }
            Reply::Entries(found, more)
        }
        ToHost::CompileBegin { name, length, .. } => Reply::Compile(name.into(), length),
        ToHost::CompileData { bytes, .. } => Reply::Source(bytes.into()),
        ToHost::Hello(hello) => Reply::Hello(hello.board.into(), hello.activity, hello.has_report, hello.stdin_bytes),
        other => Reply::Other(format!("{other:?}")),
    }
}

/// A host on a line.
pub struct Host {
    pub endpoint: Endpoint<Vec<u8>>,
    line: Line,
    start: Instant,
    /// Text that belonged to no frame.
    pub text: Vec<u8>,
    /// Of a thousand bytes so many are flipped, dropped or doubled, in both directions.
    pub damaged_per_thousand: u64,
    random: u64,
}

impl Host {
    pub fn new(line: Line, nonce: u32) -> Host {
        let buffers = Buffers {
            frame: vec![0; frame::encoded_bytes(link::HOST_PAYLOAD_BYTES)],
            incoming: vec![0; 16 * 1024],
            outgoing: vec![0; 16 * 1024],
        };
        Host {
            endpoint: Endpoint::host(buffers, nonce),
            line,
            start: Instant::now(),
            text: Vec::new(),
            damaged_per_thousand: 0,
            random: 42,
        }
    }

    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let chance = self.random >> 33;
            if chance % 1000 >= self.damaged_per_thousand {
                out.push(byte);
                continue;
            }
            match chance / 1000 % 3 {
                0 => out.push(byte ^ 1 << (chance / 3000 % 8)),
                1 => {}
                _ => out.extend([byte, byte]),
            }
        }
        out
    }

    /// Greets and waits for the answer.
    pub fn connect(line: Line, nonce: u32) -> Host {
        let mut host = Host::new(line, nonce);
        let until = Instant::now() + Duration::from_secs(5);
        while host.endpoint.state() == State::Greeting {
            assert!(Instant::now() < until, "no answer; text: {:?}", String::from_utf8_lossy(&host.text));
            host.exchange(5);
        }
        assert!(host.endpoint.is_open(), "{:?}", host.endpoint.state());
        host
    }

    pub fn exchange(&mut self, wait_ms: u64) {
        let now_us = self.start.elapsed().as_micros() as u64 + 1_000_000;
        let mut out = [0; 1200];
        loop {
            let count = self.endpoint.transmit(now_us, &mut out);
            if count == 0 {
                break;
            }
            let bytes = self.damage(&out[..count]);
            self.line.write(&bytes);
        }
        let mut bytes = [0; 4096];
        let count = self.line.read(&mut bytes, Duration::from_millis(wait_ms));
        let bytes = self.damage(&bytes[..count]);
        let text = &mut self.text;
        self.endpoint.feed(&bytes, now_us, &mut |part| text.extend(part));
    }

    /// Sends a message, waiting for room; false when the session ended.
    pub fn send(&mut self, message: ToDevice<'_>) -> bool {
        while self.endpoint.is_open() {
            if self.endpoint.send(&message).is_ok() {
                return true;
            }
            self.exchange(5);
        }
        false
    }

    /// The next message, `None` when the session ended or nothing came for so long.
    pub fn next_within(&mut self, longest: Duration) -> Option<Reply> {
        let until = Instant::now() + longest;
        loop {
            if let Some(message) = self.endpoint.receive() {
                let reply = own(message);
                self.endpoint.consume();
                return Some(reply);
            }
            if !self.endpoint.is_open() || Instant::now() > until {
                return None;
            }
            self.exchange(5);
        }
    }

    pub fn next(&mut self) -> Reply {
        self.next_within(Duration::from_secs(10)).expect("a message")
    }

    /// The next message that is no credit.
    pub fn reply(&mut self) -> Reply {
        loop {
            match self.next() {
                Reply::Credit(_) => {}
                other => return other,
            }
        }
    }

    pub fn request(&mut self, message: ToDevice<'_>) -> Reply {
        assert!(self.send(message), "{:?}", self.endpoint.state());
        self.reply()
    }

    /// Sends bytes of an upload.
    pub fn upload(&mut self, from: u32, content: &[u8]) -> bool {
        let mut offset = from;
        for piece in content[from as usize..].chunks(200) {
            if !self.send(ToDevice::Data { offset, bytes: piece }) {
                return false;
            }
            offset += piece.len() as u32;
        }
        true
    }

    /// Loads a program and starts it.
    pub fn start(&mut self, text: &str) {
        self.start_bytes(text.as_bytes());
    }

    pub fn start_bytes(&mut self, program: &[u8]) {
        let length = program.len() as u32;
        self.send(ToDevice::Preload { name: "__main__", length });
        self.upload(0, program);
        assert_eq!(self.reply(), Reply::Done);
        let run = ToDevice::RunPreloaded { name: "__main__", interactive: false, arguments: b"app.py\0-v\0" };
        assert_eq!(self.request(run), Reply::Done);
    }

    /// Everything up to the end of the program: output, errors, and how it ended.
    pub fn finish(&mut self) -> (String, String, link::message::Finish, i32) {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        loop {
            match self.reply() {
                Reply::Stdout(bytes) => output.extend(bytes),
                Reply::Stderr(bytes) => errors.extend(bytes),
                Reply::Started(_) => {}
                Reply::Finished(finish, status) => {
                    let text = |bytes| String::from_utf8(bytes).unwrap();
                    return (text(output), text(errors), finish, status);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    pub fn run(&mut self, text: &str) -> (String, String, link::message::Finish, i32) {
        self.start(text);
        self.finish()
    }
}

/// Text that a terminal shows within a moment.
pub fn terminal(line: &Line, until: &str) -> String {
    let mut text = String::new();
    let end = Instant::now() + Duration::from_secs(5);
    while !text.contains(until) && Instant::now() < end {
        let mut bytes = [0; 256];
        let count = line.read(&mut bytes, Duration::from_millis(20));
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    text
}

pub fn spawn(profile: Profile) -> Simulator {
    Simulator::spawn(config(profile)).unwrap()
}

pub fn sha256(content: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(content).into()
}
