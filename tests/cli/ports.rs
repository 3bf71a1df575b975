//! Everything that can be wrong with a port: each its own message, next step and exit status.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use upy::simulation::pty::{Event, Pty};

use crate::support::{Done, Unprivileged, finish, folder, run, upy};

/// Runs `upy` as a user without rights.
fn as_user(arguments: &[&str]) -> Option<Done> {
    let user = Unprivileged::new()?;
    Some(finish(user.upy().args(arguments).current_dir("/"), b""))
}

/// A pseudo-terminal whose other side says what `talk` writes, until dropped.
struct Peer {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Peer {
    /// `answer` is told what arrived (nothing, now and then) and returns what to say.
    fn new(mut answer: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Peer {
        let mut pty = Pty::open().unwrap();
        let path = pty.path().to_path_buf();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let sender = pty.sender().unwrap();
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 256];
            while !stopped.load(Ordering::Relaxed) {
                let arrived = match pty.wait(&mut buffer, Duration::from_millis(20)).unwrap() {
                    Event::Bytes(count) => &buffer[..count],
                    _ => &[],
                };
                sender.send(&answer(arrived));
            }
        });
        Peer { path, stop, thread: Some(thread) }
    }

    fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn check(done: &Done, status: i32, parts: &[&str]) {
    assert_eq!(done.status, Some(status), "{done:?}");
    assert_eq!(done.stdout, "", "standard output is for data");
    for part in parts {
        assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
    }
    assert!(done.stderr.contains("\nhint: "), "there is a next step: {}", done.stderr);
}

#[test]
fn unknown_port() {
    check(&run(&["repl", "/dev/ttyUPY99"]), 3, &["error: no such port: `/dev/ttyUPY99`", "upy devices --all"]);
    check(&run(&["repl", "u999"]), 3, &["error: no such port: `u999`"]);
    check(&run(&["repl", "id:no-such-serial"]), 3, &["error: no attached device fits `id:no-such-serial`"]);
    check(&run(&["repl", "usb:ffff:ffff"]), 3, &["no attached device fits `usb:ffff:ffff`"]);
    check(&run(&["repl", "usb:zz"]), 2, &["not a valid port name: `usb:zz`"]);
}

#[test]
fn every_device_command_says_the_same() {
    let place = folder(&[("main.py", "print(1)\n")]);
    for arguments in [&["deploy", "./board", "."][..], &["run", "-d", "./board", "main.py"], &["repl", "./board"]] {
        check(&finish(upy().args(arguments).current_dir(&place), b""), 3, &["error: no such port: `./board`"]);
    }
}

#[test]
fn a_link_whose_board_is_gone() {
    let place = folder(&[]);
    std::os::unix::fs::symlink("/dev/pts/no-such", place.path().join("board")).unwrap();
    let done = finish(upy().args(["repl", "./board"]).current_dir(&place), b"");
    check(&done, 3, &["error: `./board` is a link to a port that is gone", "upy sim --link ./board"]);
}

#[test]
fn no_device() {
    // Machines with boards attached have nothing to test here.
    if !upy::device::listing::list().iter().any(upy::device::listing::Listed::is_usb) {
        check(&run(&["repl"]), 3, &["error: no device found", "upy sim --link ./board"]);
    }
}

#[test]
fn not_a_serial_port() {
    let place = folder(&[("app.py", "")]);
    for name in ["app.py", "."] {
        let done = finish(upy().args(["repl", name]).current_dir(&place), b"");
        check(&done, 3, &[&format!("error: `{name}` is not a serial port")]);
    }
    check(&run(&["repl", "/dev/null"]), 3, &["error: `/dev/null` is not a serial port"]);
}

#[test]
fn busy_for_programs_that_lock() {
    let peer = Peer::new(|_| Vec::new());
    let holder = std::fs::OpenOptions::new().read(true).write(true).open(&peer.path).unwrap();
    holder.lock().unwrap();
    check(&run(&["repl", peer.path()]), 3, &["error: port `/dev/pts/", "is in use", "close the other program"]);
}

#[test]
fn busy_for_programs_that_take_it_exclusively() {
    let peer = Peer::new(|_| Vec::new());
    std::fs::set_permissions(&peer.path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let holder = std::fs::OpenOptions::new().read(true).write(true).open(&peer.path).unwrap();
    rustix::termios::ioctl_tiocexcl(&holder).unwrap();
    if let Some(done) = as_user(&["repl", peer.path()]) {
        check(&done, 3, &["is in use"]);
    }
}

#[test]
fn permission_denied() {
    let peer = Peer::new(|_| Vec::new());
    let denied = |mode: u32| {
        std::fs::set_permissions(&peer.path, std::fs::Permissions::from_mode(mode)).unwrap();
        as_user(&["repl", peer.path()])
    };
    if let Some(done) = denied(0o600) {
        check(&done, 3, &["error: no permission to open port `/dev/pts/", "no group may use it"]);
    }
    if rustix::process::geteuid().is_root() {
        // The group is named as it is on this system.
        let group = 20;
        std::os::unix::fs::chown(&peer.path, None, Some(group)).unwrap();
        let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
        let name = groups
            .lines()
            .find_map(|line| {
                let fields: Vec<&str> = line.split(':').collect();
                (fields.get(2) == Some(&"20")).then(|| fields[0].to_owned())
            })
            .unwrap_or_else(|| group.to_string());
        if let Some(done) = denied(0o660) {
            check(&done, 3, &[&format!("`sudo usermod -aG {name} $USER`")]);
        }
    } else {
        eprintln!("SKIPPED: only root can give a port to a group");
    }
}

#[test]
fn silence() {
    let peer = Peer::new(|_| Vec::new());
    check(&run(&["repl", peer.path()]), 4, &["error: no answer from `/dev/pts/", "--baud"]);
}

#[test]
fn garbage() {
    let mut noise = 1u32;
    let peer = Peer::new(move |_| {
        (0..40)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8 | 0x80
            })
            .collect()
    });
    check(&run(&["repl", peer.path()]), 4, &["error: only garbage arrives on `/dev/pts/", "line rate", "--baud"]);
}

#[test]
fn an_echo() {
    let peer = Peer::new(<[u8]>::to_vec);
    check(&run(&["repl", peer.path()]), 4, &["only echoes what it is sent", "wiring"]);
}

#[test]
fn another_program() {
    let peer = Peer::new(|arrived| if arrived.is_empty() { Vec::new() } else { b"\r\nboard login: ".to_vec() });
    check(&run(&["repl", peer.path()]), 4, &["something else answers on `", "`board login:`"]);
}

#[test]
fn stock_micropython() {
    // Echoes what is typed and shows a prompt after each line, as the friendly REPL does.
    let peer = Peer::new(|arrived| {
        let mut answer = Vec::new();
        for &byte in arrived {
            match byte {
                b'\r' => answer.extend(b"\r\n>>> "),
                b' '..=b'~' => answer.push(byte),
                _ => {}
            }
        }
        answer
    });
    let started = std::time::Instant::now();
    check(&run(&["repl", peer.path()]), 4, &["runs stock MicroPython", "upy build"]);
    assert!(started.elapsed() < Duration::from_secs(3), "known at once, not after the whole time limit");
}

#[test]
fn a_device_that_goes_away() {
    let mut pty = Some(Pty::open().unwrap());
    let path = pty.as_ref().unwrap().path().to_str().unwrap().to_owned();
    let remover = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        drop(pty.take());
    });
    check(&run(&["repl", &path]), 3, &["is gone while being greeted", "attach the board again"]);
    remover.join().unwrap();
}

#[test]
fn errors_as_json() {
    let done = run(&["--json", "repl", "/dev/ttyUPY99"]);
    assert_eq!(done.status, Some(3));
    assert_eq!(done.stderr, "");
    let document: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(document["error"]["code"], "upy::port::not_found");
    assert_eq!(document["error"]["exit_status"], 3);
}

#[test]
fn devices_as_json() {
    let done = run(&["devices", "--all", "--json"]);
    assert_eq!(done.status, Some(0));
    let document: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(document["version"], 1);
    assert!(document["devices"].is_array());
}

#[test]
fn quiet_is_quiet() {
    let done = run(&["-qq", "repl", "/dev/ttyUPY99"]);
    assert_eq!((done.status, done.stdout.as_str(), done.stderr.as_str()), (Some(3), "", ""));
    // Writing to the path proves that it is still not there: nothing is made by asking.
    assert!(!Path::new("/dev/ttyUPY99").exists());
    let _ = std::io::stderr().flush();
}
