//! A simulated board for a test: `upy sim` in a folder of its own, ended with the test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Done, LIMIT, Unprivileged, finish, upy};

/// A running simulator; every path is within its folder.
pub(crate) struct Board {
    folder: tempfile::TempDir,
    child: Option<Child>,
    user: Option<Unprivileged>,
}

impl Board {
    pub(crate) fn start() -> Board {
        let mut board = Board { folder: tempfile::tempdir().unwrap(), child: None, user: None };
        board.switch_on();
        board
    }

    /// One whose simulator and visitors have no rights; `None`, said aloud, where the system cannot.
    pub(crate) fn start_unprivileged() -> Option<Board> {
        use std::os::unix::fs::PermissionsExt as _;

        let user = Unprivileged::new()?;
        let mut board = Board { folder: tempfile::tempdir().unwrap(), child: None, user: Some(user) };
        std::fs::set_permissions(board.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        board.switch_on();
        Some(board)
    }

    /// `upy`, as the user of this board.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.user.as_ref().map_or_else(upy, Unprivileged::upy);
        command.current_dir(self.path()).env("XDG_STATE_HOME", self.path()).env("XDG_CACHE_HOME", self.path());
        command
    }

    /// Starts the simulator and waits until it can be talked to.
    pub(crate) fn switch_on(&mut self) {
        let child = self
            .command()
            .args(["sim", "--link", "board", "--flash", "flash.bin", "--control", "control"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let child = self.child.insert(child);
        let mut line = String::new();
        // It prints the path when everything is there.
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("/dev/"), "{line}");
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The port's name, absolute.
    pub(crate) fn port(&self) -> PathBuf {
        self.path().join("board")
    }

    /// As `kill -9`: nothing can be tidied up.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The simulator's process, which the caller waits for.
    pub(crate) fn take_child(&mut self) -> Child {
        self.child.take().unwrap()
    }

    /// A file in its folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Runs `upy` in its folder.
    pub(crate) fn upy(&self, arguments: &[&str]) -> Done {
        self.upy_with(arguments, b"")
    }

    /// Runs `upy` in its folder with this input.
    pub(crate) fn upy_with(&self, arguments: &[&str], input: &[u8]) -> Done {
        finish(self.command().args(arguments), input)
    }

    /// One command of the control socket; its answer.
    pub(crate) fn control(&self, command: &str) -> String {
        let mut socket = UnixStream::connect(self.path().join("control")).unwrap();
        writeln!(socket, "{command}").unwrap();
        let mut answer = String::new();
        BufReader::new(socket).read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }

    /// What the board says to a terminal that greets nobody, until `text` appears in it.
    pub(crate) fn listen_for(&self, text: &str) -> String {
        use std::os::unix::fs::OpenOptionsExt as _;

        let nonblocking = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        let mut port =
            std::fs::OpenOptions::new().read(true).custom_flags(nonblocking.bits() as i32).open(self.port()).unwrap();
        let deadline = Instant::now() + LIMIT;
        let mut heard = String::new();
        let mut buffer = [0; 256];
        while !heard.contains(text) {
            assert!(Instant::now() < deadline, "`{text}` did not come: {heard}");
            match std::io::Read::read(&mut port, &mut buffer) {
                Ok(count) => heard.push_str(&String::from_utf8_lossy(&buffer[..count])),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        heard
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
