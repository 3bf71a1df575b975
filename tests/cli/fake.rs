//! A device of the tests' own making on a pseudo-terminal: for what a real executor does not do on demand.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use link::message::{Activity, Hello};
use link::{Buffers, Endpoint, ToDevice, ToHost};
use upy::simulation::pty::{Event, Pty};

/// Says what a message is answered with, by calling the function that it is given.
pub(crate) type Answer = Box<dyn FnMut(&ToDevice<'_>, &mut dyn FnMut(ToHost<'_>)) + Send>;

/// A device that speaks the link.
pub(crate) struct Fake {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    restart: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// How a fake device describes itself.
pub(crate) const HELLO: Hello<'static> = Hello {
    executor: "0.0.0",
    board: "fake",
    machine: "a fake",
    unique_id: b"1",
    mpy_version: 6,
    small_int_bits: 31,
    float_bits: 32,
    heap_bytes: 1000,
    message_bytes: 300,
    stdin_bytes: 10,
    app_bytes: 1000,
    activity: Activity::Idle,
    has_report: false,
};

fn endpoint() -> Endpoint<Vec<u8>> {
    Endpoint::device(Buffers { frame: vec![0; 200], incoming: vec![0; 600], outgoing: vec![0; 600] })
}

impl Fake {
    /// A device that identifies itself and answers the rest with `answer`.
    pub(crate) fn new(mut answer: Answer) -> Fake {
        let mut pty = Pty::open().unwrap();
        let path = pty.path().to_path_buf();
        let stop = Arc::new(AtomicBool::new(false));
        let restart = Arc::new(AtomicBool::new(false));
        let (stopped, restarted) = (stop.clone(), restart.clone());
        let sender = pty.sender().unwrap();
        let thread = std::thread::spawn(move || {
            let started = Instant::now();
            let mut endpoint = endpoint();
            let mut waiting: Vec<Vec<u8>> = Vec::new();
            let mut buffer = [0; 256];
            let mut frame = [0; 2048];
            while !stopped.load(Ordering::Relaxed) {
                if restarted.swap(false, Ordering::Relaxed) {
                    endpoint = self::endpoint();
                }
                let now_us = started.elapsed().as_micros() as u64;
                if let Event::Bytes(count) = pty.wait(&mut buffer, Duration::from_millis(5)).unwrap() {
                    endpoint.feed(&buffer[..count], now_us, &mut |_| {});
                }
                let mut say = |message: ToHost<'_>| waiting.push(postcard::to_stdvec(&message).unwrap());
                while let Some(encoded) = endpoint.receive().map(<[u8]>::to_vec) {
                    endpoint.consume();
                    match link::decode::<ToDevice<'_>>(&encoded).unwrap() {
                        ToDevice::Identify => say(ToHost::Hello(HELLO)),
                        message => answer(&message, &mut say),
                    }
                }
                while let Some(encoded) = waiting.first() {
                    let message = link::decode::<ToHost<'_>>(encoded).unwrap();
                    if endpoint.send(&message).is_err() {
                        break;
                    }
                    waiting.remove(0);
                }
                loop {
                    let length = endpoint.transmit(now_us, &mut frame);
                    if length == 0 {
                        break;
                    }
                    sender.send(&frame[..length]);
                }
            }
        });
        Fake { path, stop, restart, thread: Some(thread) }
    }

    pub(crate) fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// It forgets its session, as a board whose reset button is pressed.
    pub(crate) fn restart(&self) {
        self.restart.store(true, Ordering::Relaxed);
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let result = self.thread.take().unwrap().join();
        if !std::thread::panicking() {
            result.unwrap();
        }
    }
}
