//! One open session of the link: an endpoint kept alive by two threads, so that nothing this process waits
//! for (a pager that does not read, a person who does not type) makes the device believe that it left.
//!
//! The reading thread feeds the endpoint, the writing thread sends what it wants sent; both sleep on the
//! line or on a condition. A message is taken out of the endpoint only when somebody asks for it, so
//! a reader that is slow slows the device down through the link's credit, without a queue that grows.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use link::{Buffers, ClosedReason, Endpoint, SendError, State, ToDevice};

use super::error::LinkError;
use super::greeting::Heard;
use super::transport::{Receive, Transmit, Transport};
use super::user::UserEvent;

/// A board that was just plugged in, or reset by opening its port, may take this long to answer.
pub const GREETING_TIMEOUT: Duration = Duration::from_secs(4);
/// A message waits this long for room; a device that lives makes room much sooner.
const SEND_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the line may take to carry away the last frame.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(300);
/// Room for arrived messages, and for sent ones until they have arrived; both below half of the sequence space.
const BUFFER_BYTES: usize = 16 * 1024;

/// What reading and writing threads share with the user of a connection.
pub struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
    started: Instant,
}

struct Inner {
    endpoint: Endpoint<Vec<u8>>,
    /// What came before the session opened and was no frame.
    heard: Heard,
    /// What the person at this end did.
    user: VecDeque<UserEvent>,
    /// Why the line ended.
    broken: Option<io::ErrorKind>,
    /// The connection is being dropped.
    ending: bool,
}

impl Shared {
    fn now_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A thread that panicked did so between two steps of the endpoint; the link's checks cover the rest.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the user of the connection what the person at this end did.
    pub fn post(&self, event: UserEvent) {
        self.lock().user.push_back(event);
        self.changed.notify_all();
    }

    /// Waits for a change, until `deadline` at most.
    fn wait<'a>(&'a self, inner: MutexGuard<'a, Inner>, deadline: Instant) -> MutexGuard<'a, Inner> {
        let patience = deadline.saturating_duration_since(Instant::now());
        self.changed.wait_timeout(inner, patience).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// What [`Connection::next`] found.
pub enum Next {
    /// A message of the device, encoded.
    Message(Vec<u8>),
    /// The person at this end did something.
    User(UserEvent),
    /// Nothing until the deadline.
    Nothing,
}

/// An open session.
pub struct Connection {
    port: String,
    shared: Arc<Shared>,
    /// Messages taken out of the endpoint while something was being sent.
    early: VecDeque<Vec<u8>>,
    /// The writing thread. The reading one is left alone: it ends when next it hears something, or nothing.
    writer: Option<JoinHandle<()>>,
}

impl Connection {
    /// Greets the device and waits until it answers, `timeout` at most.
    pub fn open(transport: Transport, timeout: Duration) -> Result<Connection, LinkError> {
        let nonce = std::process::id()
            ^ std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.subsec_nanos());
        let buffers = Buffers {
            frame: vec![0; link::frame::encoded_bytes(link::HOST_PAYLOAD_BYTES)],
            incoming: vec![0; BUFFER_BYTES],
            outgoing: vec![0; BUFFER_BYTES],
        };
        let shared = Arc::new(Shared {
            inner: Mutex::new(Inner {
                endpoint: Endpoint::host(buffers, nonce),
                heard: Heard::default(),
                user: VecDeque::new(),
                broken: None,
                ending: false,
            }),
            changed: Condvar::new(),
            started: Instant::now(),
        });
        let Transport { name, receive, transmit } = transport;
        std::thread::spawn({
            let shared = shared.clone();
            move || read_line(&shared, receive)
        });
        let writer = std::thread::spawn({
            let shared = shared.clone();
            move || write_line(&shared, transmit)
        });
        let connection = Connection { port: name, shared, early: VecDeque::new(), writer: Some(writer) };
        connection.greet(timeout)?;
        Ok(connection)
    }

    fn greet(&self, timeout: Duration) -> Result<(), LinkError> {
        let deadline = Instant::now() + timeout;
        let mut inner = self.shared.lock();
        loop {
            match inner.endpoint.state() {
                State::Open => return Ok(()),
                State::Closed(reason) => return Err(self.closed(reason, "being greeted")),
                State::Greeting | State::Text => {}
            }
            if inner.broken.is_some() {
                return Err(LinkError::Gone { port: self.port.clone(), during: "being greeted" });
            }
            if Instant::now() >= deadline || inner.heard.is_conclusive() {
                return Err(inner.heard.explain(&self.port, timeout));
            }
            inner = self.shared.wait(inner, deadline);
        }
    }

    /// The port's name in messages.
    pub fn port(&self) -> &str {
        &self.port
    }

    /// For those who post what the person at this end does.
    pub fn shared(&self) -> Arc<Shared> {
        self.shared.clone()
    }

    fn closed(&self, reason: ClosedReason, during: &'static str) -> LinkError {
        let port = self.port.clone();
        match reason {
            ClosedReason::Version(theirs) => LinkError::Version { port, theirs, ours: link::PROTOCOL_VERSION },
            ClosedReason::Restarted => LinkError::Restarted { port, during },
            ClosedReason::Silent => LinkError::TimedOut { port, during },
            ClosedReason::Violation => LinkError::Unexpected { during },
            ClosedReason::Left => LinkError::Gone { port, during },
        }
    }

    fn ended(&self, inner: &Inner, during: &'static str) -> Option<LinkError> {
        if let State::Closed(reason) = inner.endpoint.state() {
            return Some(self.closed(reason, during));
        }
        inner.broken.map(|kind| match kind {
            io::ErrorKind::TimedOut => LinkError::TimedOut { port: self.port.clone(), during },
            _ => LinkError::Gone { port: self.port.clone(), during },
        })
    }

    /// Sends a message, waiting for room. Messages that arrive meanwhile are kept for [`Connection::next`], since
    /// a device that cannot get rid of its output might not read on.
    pub fn send(&mut self, message: &ToDevice<'_>, during: &'static str) -> Result<(), LinkError> {
        let deadline = Instant::now() + SEND_TIMEOUT;
        let mut inner = self.shared.lock();
        loop {
            match inner.endpoint.send(message) {
                Ok(()) => {
                    self.shared.changed.notify_all();
                    return Ok(());
                }
                Err(SendError::NotOpen) => {
                    return Err(self.ended(&inner, during).unwrap_or(LinkError::Unexpected { during }));
                }
                Err(SendError::Full) => {}
            }
            if let Some(error) = self.ended(&inner, during) {
                return Err(error);
            }
            if Instant::now() >= deadline {
                return Err(LinkError::TimedOut { port: self.port.clone(), during });
            }
            if let Some(message) = take(&mut inner.endpoint) {
                self.early.push_back(message);
                self.shared.changed.notify_all();
                continue;
            }
            inner = self.shared.wait(inner, deadline);
        }
    }

    /// The next message, or what the person did, until `deadline` at most.
    pub fn next(&mut self, deadline: Instant, during: &'static str) -> Result<Next, LinkError> {
        let mut inner = self.shared.lock();
        loop {
            // What a person does comes first: Ctrl-C must get through however much the program prints.
            if let Some(event) = inner.user.pop_front() {
                return Ok(Next::User(event));
            }
            if let Some(message) = self.early.pop_front() {
                return Ok(Next::Message(message));
            }
            if let Some(message) = take(&mut inner.endpoint) {
                // There is room again: the writing thread may have to say so.
                self.shared.changed.notify_all();
                return Ok(Next::Message(message));
            }
            if let Some(error) = self.ended(&inner, during) {
                return Err(error);
            }
            if Instant::now() >= deadline {
                return Ok(Next::Nothing);
            }
            inner = self.shared.wait(inner, deadline);
        }
    }

    /// Whether Ctrl-C was pressed; asking forgets it.
    pub fn take_interrupt(&self) -> bool {
        let mut inner = self.shared.lock();
        let place = inner.user.iter().position(|event| *event == UserEvent::Interrupt);
        place.and_then(|place| inner.user.remove(place)).is_some()
    }

    /// Throws away what the person did, such as keys pressed while nobody asked.
    pub fn forget_user_events(&self) {
        self.shared.lock().user.clear();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let deadline = Instant::now() + CLOSE_TIMEOUT;
        let mut inner = self.shared.lock();
        // What was sent last should arrive before the goodbye.
        while inner.endpoint.is_open()
            && !inner.endpoint.is_flushed()
            && inner.broken.is_none()
            && Instant::now() < deadline
        {
            inner = self.shared.wait(inner, deadline);
        }
        inner.endpoint.close();
        inner.ending = true;
        self.shared.changed.notify_all();
        drop(inner);
        if let Some(writer) = self.writer.take() {
            // Its result is empty, and a panic of its would have been printed.
            let _ = writer.join();
        }
    }
}

fn take(endpoint: &mut Endpoint<Vec<u8>>) -> Option<Vec<u8>> {
    let message = endpoint.receive().map(<[u8]>::to_vec);
    if message.is_some() {
        endpoint.consume();
    }
    message
}

fn read_line(shared: &Shared, mut receive: Box<dyn Receive>) {
    let mut buffer = [0; 4096];
    loop {
        let received = receive.receive(&mut buffer);
        let mut inner = shared.lock();
        if inner.ending {
            return;
        }
        let inner = &mut *inner;
        match received {
            Ok(count) => {
                let heard = &mut inner.heard;
                let bytes = buffer.get(..count).unwrap_or_default();
                heard.line(bytes);
                inner.endpoint.feed(bytes, shared.now_us(), &mut |_| {});
                if count > 0 {
                    shared.changed.notify_all();
                }
            }
            Err(error) => {
                inner.broken = Some(error.kind());
                shared.changed.notify_all();
                return;
            }
        }
    }
}

fn write_line(shared: &Shared, mut transmit: Box<dyn Transmit>) {
    let mut frame = Vec::new();
    let mut inner = shared.lock();
    loop {
        frame.resize(inner.endpoint.transmit_bytes(), 0);
        let length = inner.endpoint.transmit(shared.now_us(), &mut frame);
        if length > 0 {
            let bytes = frame.get(..length).unwrap_or_default();
            inner.heard.sent(bytes);
            drop(inner);
            let result = transmit.transmit(bytes);
            inner = shared.lock();
            if let Err(error) = result {
                inner.broken.get_or_insert(error.kind());
                shared.changed.notify_all();
                return;
            }
            continue;
        }
        if inner.ending {
            return;
        }
        // Whoever waits for everything to be sent looks again.
        shared.changed.notify_all();
        let due = inner.endpoint.next_us().map_or(Duration::from_secs(1), |due| {
            Duration::from_micros(due.saturating_sub(shared.now_us()).clamp(500, 1_000_000))
        });
        inner = shared.wait(inner, Instant::now() + due);
    }
}
