//! A machine for tests: files in memory, a clock that jumps, pins that a test presses.

use hal::*;
use std::collections::BTreeMap;

/// Facts of the machine.
static DESCRIPTION: Description = Description {
    name: "test",
    machine: "test machine",
    heap_bytes: 0,
    float_width: FloatWidth::Double,
    slots: (0, 0),
    journal: 0,
    files: (0, 0),
};

/// See the file's head.
#[derive(Default)]
pub struct Machine {
    /// What the program wrote to stdout.
    pub stdout: Vec<u8>,
    /// What was written to stderr.
    pub stderr: Vec<u8>,
    stdin: Vec<u8>,
    clock: Time,
    pins: TestPins,
    files: MemoryFiles,
}

impl Machine {
    /// A machine with this standard input.
    pub fn new(stdin: Vec<u8>) -> Machine {
        Machine { stdin, ..Machine::default() }
    }

    /// Puts a file onto the machine's storage.
    #[allow(dead_code, reason = "not every test that shares this file needs it")]
    pub fn put_file(&mut self, path: &str, bytes: &[u8]) {
        self.files.nodes.insert(path.to_owned(), Some(bytes.to_vec()));
    }
}

#[derive(Default)]
struct Time(u64);

impl Clock for Time {
    fn now_us(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
    fn wait_until(&mut self, deadline_us: u64) {
        self.0 = self.0.max(deadline_us);
    }
    fn unix_time_s(&mut self) -> Option<u64> {
        Some(1_700_000_000 + self.0 / 1_000_000)
    }
}

/// Sixteen pins; each output is wired to the input with the next number.
#[derive(Default)]
struct TestPins {
    levels: [bool; 16],
    watched: [Edges; 16],
    events: Vec<PinEvent>,
}

impl Pins for TestPins {
    fn count(&self) -> u16 {
        16
    }
    fn configure(&mut self, pin: u16, _: PinMode, pull: Pull) -> Result<(), Error> {
        if pull == Pull::Up {
            self.levels[usize::from(pin)] = true;
        }
        Ok(())
    }
    fn read(&mut self, pin: u16) -> Result<bool, Error> {
        Ok(self.levels[usize::from(pin)])
    }
    fn write(&mut self, pin: u16, high: bool) -> Result<(), Error> {
        for pin in [usize::from(pin), usize::from(pin) + 1] {
            let Some(level) = self.levels.get_mut(pin) else { continue };
            let (before, watched) = (core::mem::replace(level, high), self.watched[pin]);
            if before != high && if high { watched.rising } else { watched.falling } {
                let edges = Edges { rising: high, falling: !high };
                self.events.push(PinEvent { pin: pin as u16, edges });
            }
        }
        Ok(())
    }
    fn watch(&mut self, pin: u16, edges: Edges) -> Result<(), Error> {
        self.watched[usize::from(pin)] = edges;
        Ok(())
    }
    fn has_event(&mut self) -> bool {
        !self.events.is_empty()
    }
    fn take_event(&mut self) -> Option<PinEvent> {
        if self.events.is_empty() { None } else { Some(self.events.remove(0)) }
    }
}

#[derive(Default)]
struct MemoryFiles {
    /// `None`: a directory.
    nodes: BTreeMap<String, Option<Vec<u8>>>,
    open: Vec<Option<(String, usize, OpenMode)>>,
}

impl MemoryFiles {
    fn parent_exists(&self, path: &str) -> bool {
        let parent = &path[..path.rfind('/').unwrap_or(0)];
        parent.is_empty() || matches!(self.nodes.get(parent), Some(None))
    }
    fn slot(&mut self, file: FileId) -> Result<&mut (String, usize, OpenMode), Error> {
        self.open.get_mut(usize::from(file.0)).and_then(Option::as_mut).ok_or(Error::BadFile)
    }
}

impl Files for MemoryFiles {
    fn open(&mut self, path: &str, mode: OpenMode) -> Result<FileId, Error> {
        let parent_exists = self.parent_exists(path);
        match self.nodes.get_mut(path) {
            Some(None) => return Err(Error::IsDirectory),
            Some(Some(_)) if mode.exclusive => return Err(Error::Exists),
            Some(Some(content)) => {
                if mode.truncate {
                    content.clear();
                }
            }
            None if path == "/" => return Err(Error::IsDirectory),
            None if mode.create && parent_exists => {
                self.nodes.insert(path.into(), Some(Vec::new()));
            }
            None => return Err(Error::NotFound),
        }
        self.open.push(Some((path.into(), 0, mode)));
        Ok(FileId(self.open.len() as u8 - 1))
    }
    fn read(&mut self, file: FileId, buffer: &mut [u8]) -> Result<usize, Error> {
        let (path, position, _) = self.slot(file)?.clone();
        let content = self.nodes[&path].as_ref().ok_or(Error::Io)?;
        let rest = &content[position.min(content.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.slot(file)?.1 += count;
        Ok(count)
    }
    fn write(&mut self, file: FileId, bytes: &[u8]) -> Result<(), Error> {
        let (path, position, mode) = self.slot(file)?.clone();
        let content = self.nodes.get_mut(&path).and_then(Option::as_mut).ok_or(Error::Io)?;
        let position = if mode.append { content.len() } else { position };
        content.resize(content.len().max(position + bytes.len()), 0);
        content[position..position + bytes.len()].copy_from_slice(bytes);
        self.slot(file)?.1 = position + bytes.len();
        Ok(())
    }
    fn seek(&mut self, file: FileId, offset: i32, whence: u8) -> Result<u32, Error> {
        let (path, position, _) = self.slot(file)?.clone();
        let length = self.nodes[&path].as_ref().map_or(0, Vec::len);
        let start = [0, position, length][usize::from(whence)] as i64;
        let target = u32::try_from(start + i64::from(offset)).map_err(|_| Error::Invalid)?;
        self.slot(file)?.1 = target as usize;
        Ok(target)
    }
    fn flush(&mut self, _: FileId) -> Result<(), Error> {
        Ok(())
    }
    fn close(&mut self, file: FileId) -> Result<(), Error> {
        self.slot(file)?;
        self.open[usize::from(file.0)] = None;
        Ok(())
    }
    fn close_all(&mut self) {
        self.open.clear();
    }
    fn stat(&mut self, path: &str) -> Result<Stat, Error> {
        match self.nodes.get(path) {
            Some(None) => Ok(Stat { kind: EntryKind::Directory, size: 0 }),
            Some(Some(content)) => Ok(Stat { kind: EntryKind::File, size: content.len() as u32 }),
            None if path == "/" => Ok(Stat { kind: EntryKind::Directory, size: 0 }),
            None => Err(Error::NotFound),
        }
    }
    fn remove(&mut self, path: &str) -> Result<(), Error> {
        match self.nodes.get(path) {
            Some(Some(_)) => {
                self.nodes.remove(path);
                Ok(())
            }
            Some(None) => Err(Error::IsDirectory),
            None => Err(Error::NotFound),
        }
    }
    fn rename(&mut self, from: &str, to: &str) -> Result<(), Error> {
        let node = self.nodes.remove(from).ok_or(Error::NotFound)?;
        self.nodes.insert(to.into(), node);
        Ok(())
    }
    fn make_directory(&mut self, path: &str) -> Result<(), Error> {
        if self.nodes.contains_key(path) {
            return Err(Error::Exists);
        }
        if !self.parent_exists(path) {
            return Err(Error::NotFound);
        }
        self.nodes.insert(path.into(), None);
        Ok(())
    }
    fn remove_directory(&mut self, path: &str) -> Result<(), Error> {
        if self.nodes.keys().any(|other| other.starts_with(&format!("{path}/"))) {
            return Err(Error::NotEmpty);
        }
        match self.nodes.get(path) {
            Some(None) => {
                self.nodes.remove(path);
                Ok(())
            }
            Some(Some(_)) => Err(Error::NotDirectory),
            None => Err(Error::NotFound),
        }
    }
    fn entry(&mut self, path: &str, index: u32, name: &mut [u8]) -> Result<Option<Entry>, Error> {
        if self.stat(path)?.kind != EntryKind::Directory {
            return Err(Error::NotDirectory);
        }
        let prefix = if path == "/" { String::from("/") } else { format!("{path}/") };
        let inside = self.nodes.iter().filter_map(|(key, node)| {
            let rest = key.strip_prefix(&prefix)?;
            (!rest.contains('/')).then_some((rest, node))
        });
        let Some((found, node)) = inside.into_iter().nth(index as usize) else { return Ok(None) };
        name[..found.len()].copy_from_slice(found.as_bytes());
        let kind = if node.is_some() { EntryKind::File } else { EntryKind::Directory };
        let size = node.as_ref().map_or(0, |content| content.len() as u32);
        Ok(Some(Entry { name_length: found.len(), stat: Stat { kind, size } }))
    }
    fn usage(&mut self, _: &str) -> Result<FsUsage, Error> {
        Ok(FsUsage { block: 4096, total: 1 << 20, free: 1 << 19 })
    }
    fn map(&mut self, _: &str) -> Option<&'static [u8]> {
        None
    }
}

impl System for Machine {
    fn description(&self) -> &'static Description {
        &DESCRIPTION
    }
    fn poll(&mut self) -> Events {
        Events { pins: !self.pins.events.is_empty(), ..Events::default() }
    }
    fn stdout(&mut self, bytes: &[u8]) {
        self.stdout.extend_from_slice(bytes);
    }
    fn stderr(&mut self, bytes: &[u8]) {
        self.stderr.extend_from_slice(bytes);
    }
    fn stdin(&mut self, buffer: &mut [u8]) -> Input {
        let count = buffer.len().min(self.stdin.len());
        if count == 0 {
            return Input::End;
        }
        buffer[..count].copy_from_slice(&self.stdin[..count]);
        self.stdin.drain(..count);
        Input::Bytes(count)
    }
    fn wait_until(&mut self, deadline_us: u64) {
        self.clock.wait_until(deadline_us);
    }
    fn clock(&mut self) -> &mut dyn Clock {
        &mut self.clock
    }
    fn pins(&mut self) -> &mut dyn Pins {
        &mut self.pins
    }
    fn files(&mut self) -> &mut dyn Files {
        &mut self.files
    }
    fn compile(
        &mut self,
        source: &str,
        name: &str,
        mode: CompileMode,
        reply: &mut [u8],
    ) -> Result<CompileReply, Error> {
        let mode = match mode {
            CompileMode::Exec => compiler::Mode::Exec,
            CompileMode::Eval => compiler::Mode::Eval,
            CompileMode::Single => compiler::Mode::Single,
        };
        let options = compiler::Options { source_name: name.into(), mode, ..compiler::Options::default() };
        let output = compiler::compile(source, &options);
        let Some(module) = output.module else {
            let error = &output.diagnostics[0];
            reply[..error.message.len()].copy_from_slice(error.message.as_bytes());
            return Ok(CompileReply::SyntaxError { line: error.line, message_length: error.message.len() });
        };
        let mpy = mpy::encode(&module).map_err(|_| Error::Io)?;
        match reply.get_mut(..mpy.len()) {
            Some(place) => place.copy_from_slice(&mpy),
            None => return Ok(CompileReply::BufferTooSmall(mpy.len())),
        }
        Ok(CompileReply::Compiled(mpy.len()))
    }
    fn entropy(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            self.clock.0 = self.clock.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (self.clock.0 >> 33) as u8;
        }
        self.clock.0 >>= 20;
    }
    fn unique_id(&mut self) -> &[u8] {
        b"\x01\x02\x03\x04"
    }
    fn reset(&mut self, _: ResetKind) {}
}
