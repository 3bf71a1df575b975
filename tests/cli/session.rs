//! Sessions with a device that misbehaves, or behaves exactly so: replies, input, signals and exit statuses.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::Duration;

use link::message::Finish;
use link::{ErrorCode, ToDevice, ToHost};

use crate::fake::Fake;
use crate::support::{self, Done, LIMIT, finish, folder, upy, wait};
use crate::terminal::{CONTROL_C, CONTROL_D, Terminal};

/// Counts the bytes of uploads, so that the last one can be answered.
#[derive(Default)]
struct Upload {
    left: usize,
}

impl Upload {
    /// True when this message completes an upload.
    fn is_complete(&mut self, message: &ToDevice<'_>) -> bool {
        match message {
            ToDevice::Preload { length, .. } => {
                self.left = *length as usize;
                false
            }
            ToDevice::Data { bytes, .. } => {
                self.left -= bytes.len();
                self.left == 0
            }
            _ => false,
        }
    }
}

/// A device that loads anything, and when told to run it does what `run` says.
fn runner(mut run: impl FnMut(&ToDevice<'_>, &mut dyn FnMut(ToHost<'_>)) + Send + 'static) -> Fake {
    let mut upload = Upload::default();
    Fake::new(Box::new(move |message, say| match message {
        ToDevice::Preload { .. } | ToDevice::Data { .. } => {
            if upload.is_complete(message) {
                say(ToHost::Done);
            }
        }
        ToDevice::Reset(_) => say(ToHost::Done),
        message => run(message, say),
    }))
}

fn finished(finish: Finish, status: i32) -> ToHost<'static> {
    ToHost::Finished { finish, status, text: "" }
}

fn run_program(fake: &Fake, input: &[u8]) -> Done {
    let place = folder(&[("app.py", "print(1)\n")]);
    finish(upy().args(["run", "-d", fake.path(), "app.py"]).current_dir(&place), input)
}

#[test]
fn output_is_passed_on_byte_for_byte() {
    let fake = runner(|message, say| {
        if let ToDevice::RunPreloaded { .. } = message {
            say(ToHost::Done);
            say(ToHost::Stdout(b"a\r\n\x00\x1b[31m"));
            say(ToHost::Stderr(b"not this\n"));
            say(ToHost::Stdout(b"\nb"));
            say(finished(Finish::Done, 0));
        }
    });
    let done = run_program(&fake, b"");
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "a\r\n\0\u{1b}[31m\nb"));
    assert_eq!(done.stderr, "not this\n");
}

#[test]
fn exit_status() {
    for (how, status, expected) in [
        (Finish::Done, 0, 0),
        (Finish::Exit, 7, 7),
        (Finish::Exit, 0, 0),
        (Finish::Exit, -1, 255),
        (Finish::Error, 1, 1),
        (Finish::Interrupted, 130, 130),
        (Finish::Refused, 1, 1),
        (Finish::NoMemory, 1, 1),
    ] {
        let fake = runner(move |message, say| {
            if let ToDevice::RunPreloaded { .. } = message {
                say(ToHost::Done);
                say(finished(how, status));
            }
        });
        assert_eq!(run_program(&fake, b"").status, Some(expected), "{how:?} {status}");
    }
}

#[test]
fn arguments_arrive() {
    let fake = runner(|message, say| {
        if let ToDevice::RunPreloaded { name, interactive, arguments } = message {
            say(ToHost::Done);
            assert_eq!((*name, *interactive), ("__main__", false));
            say(ToHost::Stdout(arguments));
            say(finished(Finish::Done, 0));
        }
    });
    let place = folder(&[("app.py", "print(1)\n")]);
    let done = finish(upy().args(["run", "-d", fake.path(), "app.py", "-x", "two words", ""]).current_dir(&place), b"");
    assert_eq!(done.stdout, "app.py\0-x\0two words\0\0");
}

#[test]
fn input_is_paced_by_credit_and_ends() {
    // Ten bytes of credit at first; the device grants what it has read only when all of it was used.
    let mut queued = 0;
    let mut received = Vec::new();
    let fake = runner(move |message, say| match message {
        ToDevice::RunPreloaded { .. } => say(ToHost::Done),
        ToDevice::Stdin(bytes) => {
            queued += bytes.len();
            assert!(queued <= 10, "never more than the credit");
            received.extend_from_slice(bytes);
            if queued == 10 {
                queued = 0;
                say(ToHost::StdinCredit(10));
            }
        }
        ToDevice::StdinEnd => {
            say(ToHost::Stdout(&received));
            say(finished(Finish::Done, 0));
        }
        _ => {}
    });
    let input: Vec<u8> = (0..=255).cycle().take(1000).filter(u8::is_ascii).collect();
    let done = run_program(&fake, &input);
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    assert_eq!(done.stdout.as_bytes(), input);
}

#[test]
fn control_c_interrupts_then_stops() {
    let fake = runner(|message, say| match message {
        ToDevice::RunPreloaded { .. } => {
            say(ToHost::Done);
            say(ToHost::Stdout(b"running\n"));
        }
        ToDevice::Interrupt => say(ToHost::Stdout(b"ignored\n")),
        ToDevice::Stop => {
            say(finished(Finish::Stopped, 130));
            say(ToHost::Done);
        }
        _ => {}
    });
    let place = folder(&[("app.py", "print(1)\n")]);
    let mut command = upy();
    command.args(["run", "-d", fake.path(), "app.py"]).current_dir(&place);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut expect = |text: &str| {
        let mut bytes = vec![0; text.len()];
        stdout.read_exact(&mut bytes).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), text);
    };
    let process = child.id();
    let interrupt = || support::interrupt(process);
    expect("running\n");
    interrupt();
    expect("ignored\n");
    interrupt();
    assert_eq!(wait(&mut child, LIMIT), Some(130));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_an_error() {
    let place = folder(&[("app.py", "print(1)\n")]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = upy();
    command.args(["run", "app.py"]).current_dir(&place).stdin(Stdio::null()).stdout(full).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    assert_eq!(wait(&mut child, LIMIT), Some(1));
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(stderr.contains("error: failed to write the program's output"), "{stderr}");
}

#[test]
fn a_closed_output_stops_the_program() {
    let fake = runner(|message, say| match message {
        ToDevice::RunPreloaded { .. } => {
            say(ToHost::Done);
            say(ToHost::Stdout(b"first\n"));
        }
        ToDevice::Stdin(_) => say(ToHost::Stdout(b"second\n")),
        ToDevice::Stop => {
            say(finished(Finish::Stopped, 130));
            say(ToHost::Done);
        }
        _ => {}
    });
    let place = folder(&[("app.py", "print(1)\n")]);
    let mut command = upy();
    command.args(["run", "-d", fake.path(), "app.py"]).current_dir(&place);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 6];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    assert!(wait(&mut child, LIMIT).is_some());
}

#[test]
fn a_program_too_large_for_the_device() {
    let fake = Fake::new(Box::new(|message, say| match message {
        ToDevice::Preload { .. } => say(ToHost::Error { code: ErrorCode::NoMemory, text: "" }),
        ToDevice::Data { .. } => {}
        _ => say(ToHost::Done),
    }));
    let done = run_program(&fake, b"");
    assert_eq!(done.status, Some(4));
    assert_eq!(
        done.stderr,
        "error: the device refused while loading the program: not enough memory\n\nhint: the program and what it imports \
         are too large for the board's memory; `upy deploy` runs it from flash\n"
    );
}

#[test]
fn a_device_that_restarts() {
    let fake = runner(|message, say| {
        if let ToDevice::RunPreloaded { .. } = message {
            say(ToHost::Done);
            say(ToHost::Stdout(b"running\n"));
        }
    });
    let place = folder(&[("app.py", "print(1)\n")]);
    let mut command = upy();
    command.args(["run", "-d", fake.path(), "app.py"]).current_dir(&place);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut running = [0; 8];
    child.stdout.as_mut().unwrap().read_exact(&mut running).unwrap();
    fake.restart();
    assert_eq!(wait(&mut child, LIMIT), Some(4));
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(stderr.contains("restarted while running the program"), "{stderr}");
}

#[test]
fn another_version_of_the_link() {
    use link::frame::{self, Header, Kind};
    use link::greeting::Greeting;
    use upy::simulation::pty::{Event, Pty};

    let mut pty = Pty::open().unwrap();
    let path = pty.path().to_str().unwrap().to_owned();
    let device = std::thread::spawn(move || {
        let sender = pty.sender().unwrap();
        let mut buffer = [0; 256];
        loop {
            match pty.wait(&mut buffer, Duration::from_millis(20)).unwrap() {
                Event::Bytes(count) => {
                    let Some(greeting) = Greeting::decode(
                        buffer[..count].trim_ascii_end().strip_suffix(b"\r\0").unwrap_or(&buffer[1..count - 1]),
                    ) else {
                        continue;
                    };
                    let header = Header {
                        version: 9,
                        kind: Kind::Welcome,
                        from_device: true,
                        gap: false,
                        ask: false,
                        round: 0,
                        heard_round: 0,
                        session: greeting.nonce as u8,
                        sequence: 0,
                        acknowledged: 0,
                        window: 0,
                    };
                    let mut payload = greeting.nonce.to_le_bytes().to_vec();
                    payload.extend(64u16.to_le_bytes());
                    let mut out = [0; 64];
                    let length = frame::encode(&header, &payload, &mut out);
                    sender.send(&out[..length]);
                }
                Event::Left => return,
                _ => {}
            }
        }
    });
    let done = crate::support::run(&["repl", &path]);
    assert_eq!(done.status, Some(4), "{}", done.stderr);
    assert!(done.stderr.contains("speaks link version 9, this upy speaks version 1"), "{}", done.stderr);
    assert!(done.stderr.contains("hint: update upy"), "{}", done.stderr);
    device.join().unwrap();
}

#[test]
fn a_repl_on_plain_input() {
    let mut entries = 0;
    let fake = runner(move |message, say| {
        if let ToDevice::RunPreloaded { interactive, .. } = message {
            assert!(*interactive);
            entries += 1;
            say(ToHost::Done);
            say(ToHost::Stdout(format!("{entries}\n").as_bytes()));
            say(finished(Finish::Done, 0));
        }
    });
    let done = finish(upy().args(["repl", fake.path()]), b"1 + 1\n\nif x:\n    y\n\nz = = 1\nlast");
    assert_eq!(done.stdout, "1\n2\n3\n", "{}", done.stderr);
    assert!(done.stderr.contains("<stdin>:1:5"), "{}", done.stderr);
    assert_eq!(done.status, Some(1), "one entry did not compile");
}

#[test]
fn a_repl_on_a_terminal() {
    // Each entry is named; the one that sleeps waits for an interrupt, the one that reads for a line.
    let mut entry = 0;
    let mut line = Vec::new();
    let fake = runner(move |message, say| match message {
        ToDevice::RunPreloaded { .. } => {
            entry += 1;
            say(ToHost::Done);
            say(ToHost::Stdout(format!("entry {entry}\r\n").as_bytes()));
            if entry == 1 {
                say(finished(Finish::Done, 0));
            }
        }
        ToDevice::Interrupt => {
            say(ToHost::Stderr(b"KeyboardInterrupt\r\n"));
            say(finished(Finish::Interrupted, 130));
        }
        ToDevice::Stdin(bytes) => {
            line.extend_from_slice(bytes);
            if line.ends_with(b"\n") {
                say(ToHost::Stdout(b"got "));
                say(ToHost::Stdout(&line));
                say(finished(Finish::Done, 0));
            }
        }
        _ => {}
    });
    let state = folder(&[]);
    let mut command = upy();
    command.args(["repl", fake.path()]).env("XDG_STATE_HOME", state.path());
    let Some(mut terminal) = Terminal::start(&command) else { return };
    terminal.expect(">>> ");
    // A line that was begun and thrown away.
    terminal.keys("1 + ");
    terminal.keys(CONTROL_C);
    terminal.expect(">>> ");
    terminal.keys("1 + 1\r");
    terminal.expect("entry 1");
    terminal.expect(">>> ");
    terminal.keys("while True:\r");
    terminal.expect("... ");
    terminal.keys("    pass\r");
    terminal.expect("... ");
    terminal.keys("\r");
    terminal.expect("entry 2");
    terminal.keys(CONTROL_C);
    terminal.expect("KeyboardInterrupt");
    terminal.expect(">>> ");
    terminal.keys("input()\r");
    terminal.expect("entry 3");
    terminal.keys("hello\r");
    terminal.expect("got hello");
    terminal.expect(">>> ");
    terminal.keys(CONTROL_D);
    assert_eq!(terminal.end(), Some(0));
    let history = std::fs::read_to_string(state.path().join("upy/repl-history")).unwrap();
    assert!(history.contains("1 + 1\n"), "{history}");
}

/// A device with two app slots, as far as a deploy sees them; it keeps what it was sent before.
fn app_device(mut begun: usize, sent: std::sync::Arc<std::sync::atomic::AtomicUsize>) -> Fake {
    use link::message::{AppStatus, Slot, SlotState};
    use sha2::Digest as _;

    let empty = Slot { state: SlotState::Empty, sequence: 0, length: 0, sha256: [0; 32] };
    let mut slots = [empty; 2];
    let mut active = None;
    let mut image: Vec<u8> = Vec::new();
    let mut announced = (0, [0; 32]);
    Fake::new(Box::new(move |message, say| match message {
        ToDevice::AppStatus => say(ToHost::AppStatus(AppStatus { active, slot_bytes: 4000, slots })),
        ToDevice::AppBegin { length, sha256 } => {
            announced = (*length, *sha256);
            image.clear();
            // What a deploy that was broken off left.
            image.resize(std::mem::take(&mut begun), 0xaa);
            say(ToHost::UploadReady { offset: image.len() as u32 });
        }
        ToDevice::Data { offset, bytes } => {
            assert_eq!(*offset as usize, image.len());
            image.extend_from_slice(bytes);
            sent.fetch_add(bytes.len(), std::sync::atomic::Ordering::Relaxed);
        }
        ToDevice::AppCommit => {
            assert_eq!(image.len(), announced.0 as usize);
            let sha256: [u8; 32] = sha2::Sha256::digest(&image).into();
            if sha256 == announced.1 {
                slots[0] = Slot { state: SlotState::Valid, sequence: 1, length: announced.0, sha256 };
                active = Some(0);
                say(ToHost::Done);
            } else {
                say(ToHost::Error { code: ErrorCode::HashMismatch, text: "" });
            }
        }
        ToDevice::Reset(kind) => {
            say(ToHost::Done);
            if *kind == link::message::Reset::Soft {
                say(ToHost::Started { name: "boot" });
                say(finished(Finish::Done, 0));
                say(ToHost::Started { name: "main" });
                say(ToHost::Stdout(b"hello\n"));
                say(finished(Finish::Exit, 3));
            }
        }
        _ => {}
    }))
}

fn deploy(fake: &Fake, program: &str, options: &[&str]) -> Done {
    let place = folder(&[("main.py", program), ("config.json", "{}")]);
    finish(upy().args(["deploy", fake.path(), "."]).args(options).current_dir(&place), b"")
}

#[test]
fn a_deploy_sends_only_what_changed() {
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let fake = app_device(0, sent.clone());
    let done = deploy(&fake, "print('hello')\n", &[]);
    assert_eq!((done.status, done.stdout.as_str()), (Some(3), "hello\n"), "{}", done.stderr);
    assert!(done.stderr.contains("Deployed "), "{}", done.stderr);
    let first = sent.load(std::sync::atomic::Ordering::Relaxed);
    assert!(first > 0);
    let done = deploy(&fake, "print('hello')\n", &["--no-follow"]);
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("holds this app already"), "{}", done.stderr);
    assert_eq!(sent.load(std::sync::atomic::Ordering::Relaxed), first, "nothing was sent");
}

#[test]
fn a_deploy_that_arrives_damaged() {
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    // The device says that it has the beginning, but it has other bytes.
    let fake = app_device(5, sent);
    let done = deploy(&fake, "print('hello')\n", &[]);
    assert_eq!(done.status, Some(4), "{}", done.stderr);
    assert!(done.stderr.contains("the data arrived damaged"), "{}", done.stderr);
    assert!(done.stderr.contains("the old app is untouched"), "{}", done.stderr);
}

#[test]
fn an_app_too_large() {
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let fake = app_device(0, sent.clone());
    let done = deploy(&fake, &format!("X = '{}'\n", "x".repeat(5000)), &[]);
    assert_eq!(done.status, Some(1), "{}", done.stderr);
    assert!(done.stderr.contains("error: the app is too large: "), "{}", done.stderr);
    assert_eq!(sent.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[test]
fn what_does_not_compile_never_reaches_the_device() {
    let fake = Fake::new(Box::new(|message, _| panic!("{message:?}")));
    let done = deploy(&fake, "x = = 1\n", &[]);
    assert_eq!(done.status, Some(1), "{}", done.stderr);
    assert!(done.stderr.contains("main.py:1:5"), "{}", done.stderr);
}

#[test]
fn a_record_of_the_line() {
    let fake = runner(|message, say| {
        if let ToDevice::RunPreloaded { .. } = message {
            say(ToHost::Done);
            say(ToHost::Stdout(b"recorded text"));
            say(finished(Finish::Done, 0));
        }
    });
    let place = folder(&[("app.py", "print(1)\n")]);
    let arguments = ["run", "-d", fake.path(), "--trace-wire", "wire.txt", "app.py"];
    let done = finish(upy().args(arguments).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "recorded text"), "{}", done.stderr);
    let record = std::fs::read_to_string(place.path().join("wire.txt")).unwrap();
    assert!(record.contains(" > 00 23 75 70 79"), "the greeting: {record}");
    assert!(record.contains(" < "), "{record}");
}
