//! Why a port did not open: looked at again with the system's own error, since each cause has its own remedy.

use std::path::Path;

use super::error::PortError;

/// Turns the failure to open `path` into the error that names its cause.
pub(super) fn classify(path: &Path, shown: &str, error: &serialport::Error) -> PortError {
    let shown = shown.to_owned();
    if let Ok(link) = std::fs::symlink_metadata(path)
        && link.is_symlink()
        && !path.exists()
    {
        return PortError::DanglingLink { shown };
    }
    match error.kind {
        serialport::ErrorKind::Io(std::io::ErrorKind::NotFound) => PortError::NotFound { shown },
        serialport::ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => denied(path, shown),
        serialport::ErrorKind::NoDevice if cfg!(unix) => PortError::Busy { holder: holder(path), shown },
        _ => look_again(path, shown, error),
    }
}

/// The `serialport` crate drops errno of less common failures; opening once more tells it.
#[cfg(unix)]
fn look_again(path: &Path, shown: String, error: &serialport::Error) -> PortError {
    use rustix::fs::{Mode, OFlags};
    use rustix::io::Errno;

    match rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT) => PortError::NotFound { shown },
        Err(Errno::ACCESS | Errno::PERM) => denied(path, shown),
        Err(Errno::BUSY) => PortError::Busy { holder: holder(path), shown },
        Err(Errno::NXIO | Errno::NODEV | Errno::IO) => PortError::NothingBehind { shown },
        Err(Errno::ISDIR) => PortError::NotSerial { shown },
        Ok(file) if !rustix::termios::isatty(&file) => PortError::NotSerial { shown },
        Err(errno) => PortError::Other { shown, reason: std::io::Error::from(errno).to_string() },
        // A port that opens as a terminal but takes no settings: ports of the machine without hardware.
        Ok(_) => PortError::Other { shown, reason: error.description.clone() },
    }
}

#[cfg(not(unix))]
fn look_again(path: &Path, shown: String, error: &serialport::Error) -> PortError {
    // Windows reports an unknown port and a busy one alike, but lists only those that exist.
    let listed = super::listing::list().iter().any(|port| Path::new(&port.port) == path);
    match (listed, error.kind()) {
        (false, _) => PortError::NotFound { shown },
        (true, serialport::ErrorKind::NoDevice) => PortError::Busy { holder: None, shown },
        (true, _) => PortError::Other { shown, reason: error.description.clone() },
    }
}

/// Permission denied: says which group would help, since it is not `dialout` everywhere.
#[cfg(unix)]
fn denied(path: &Path, shown: String) -> PortError {
    use std::os::unix::fs::MetadataExt as _;

    let group = std::fs::metadata(path).ok().and_then(|node| {
        // Only a group that may read and write helps, and nobody should join root's.
        if node.mode() & 0o060 != 0o060 || node.gid() == 0 {
            return None;
        }
        let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
        let name = groups.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse::<u32>().ok()? == node.gid()).then(|| name.to_owned())
        });
        Some(name.unwrap_or_else(|| node.gid().to_string()))
    });
    PortError::Denied { shown, group }
}

#[cfg(not(unix))]
fn denied(_path: &Path, shown: String) -> PortError {
    // What Windows says of a port that another program holds.
    PortError::Busy { holder: None, shown }
}

/// The program that has the port open, where the system tells (Linux, programs of the same user).
fn holder(path: &Path) -> Option<String> {
    let wanted = std::fs::canonicalize(path).ok()?;
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let number = process.file_name();
        let Some(number) = number.to_str().filter(|name| name.bytes().all(|digit| digit.is_ascii_digit())) else {
            continue;
        };
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else { continue };
        if files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == wanted)) {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (process {number})", name.trim()));
        }
    }
    None
}
