//! Runs the command with a clean environment and a time limit.

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A command that takes longer than this hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command under test, without what the developer's environment would change.
pub(crate) fn upy() -> Command {
    command(env!("CARGO_BIN_EXE_upy"))
}

pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("UPY_") {
            command.env_remove(name);
        }
    }
    // Nothing of the developer's is read or kept.
    command.env("XDG_CACHE_HOME", "/nonexistent").env("XDG_STATE_HOME", "/nonexistent");
    command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("CLICOLOR_FORCE").env_remove("FORCE_COLOR");
    command
}

/// Runs it to its end with this standard input.
pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Done {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    std::thread::spawn(move || {
        // The command may end without reading its input.
        let _ = stdin.write_all(&input);
    });
    let stdout = drain(child.stdout.take().unwrap());
    let stderr = drain(child.stderr.take().unwrap());
    let status = wait(&mut child, LIMIT);
    Done { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// Runs `upy` with these arguments to its end.
pub(crate) fn run(arguments: &[&str]) -> Done {
    finish(upy().args(arguments), b"")
}

/// The exit status; a command over the limit is killed and fails the test.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> Option<i32> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the command did not end within {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The command as a user without rights: as root, neither permissions nor exclusive opens bite.
#[cfg(unix)]
pub(crate) struct Unprivileged {
    /// Holds the binary, since the build folder may lie where others may not look.
    place: Option<tempfile::TempDir>,
}

#[cfg(unix)]
impl Unprivileged {
    const NOBODY: &str = "65534";

    /// `None`, said aloud, where the system cannot.
    pub(crate) fn new() -> Option<Unprivileged> {
        use std::os::unix::fs::PermissionsExt as _;

        if !rustix::process::geteuid().is_root() {
            return Some(Unprivileged { place: None });
        }
        if Command::new("setpriv").arg("--version").output().is_err() {
            eprintln!("SKIPPED: running as root and without `setpriv`, permissions cannot be tested");
            return None;
        }
        let place = tempfile::tempdir().unwrap();
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_upy"), place.path().join("upy")).unwrap();
        Some(Unprivileged { place: Some(place) })
    }

    /// `upy` as that user.
    pub(crate) fn upy(&self) -> Command {
        let Some(place) = &self.place else { return upy() };
        let mut wrapper = command("setpriv");
        wrapper.args(["--reuid", Self::NOBODY, "--regid", Self::NOBODY, "--clear-groups", "--"]);
        wrapper.arg(place.path().join("upy"));
        wrapper
    }
}

/// Ctrl-C, to one process.
#[cfg(unix)]
pub(crate) fn interrupt(process: u32) {
    let process = rustix::process::Pid::from_raw(process as i32).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
}

fn drain(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A folder with these files, gone after the test.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
