//! Commands to a simulated board from other programs: a Unix socket, a line for each command and one for each answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use super::serve::Request;
use crate::error::Error;

/// A socket that is removed when dropped.
#[derive(Debug)]
pub struct ControlSocket {
    path: PathBuf,
}

impl ControlSocket {
    /// Listens at `path`; a socket that nobody listens to any more is replaced.
    pub fn listen(path: &Path, requests: Sender<Request>) -> Result<ControlSocket, Error> {
        use std::os::unix::fs::FileTypeExt as _;

        if let Ok(found) = std::fs::symlink_metadata(path) {
            let taken = !found.file_type().is_socket() || UnixStream::connect(path).is_ok();
            if taken {
                return Err(Error::Usage {
                    message: format!("`{}` is in use", path.display()),
                    hint: Some("choose another name for `--control`".to_owned()),
                });
            }
            std::fs::remove_file(path).map_err(Error::file("replace", path))?;
        }
        let listener = UnixListener::bind(path).map_err(Error::file("create", path))?;
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let requests = requests.clone();
                std::thread::spawn(move || serve(client, &requests));
            }
        });
        Ok(ControlSocket { path: path.to_path_buf() })
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn serve(client: UnixStream, requests: &Sender<Request>) {
    let Ok(mut writer) = client.try_clone() else { return };
    for line in BufReader::new(client).lines() {
        let Ok(line) = line else { return };
        let (reply, answer) = channel();
        if requests.send(Request::Command { line, reply }).is_err() {
            return;
        }
        let Ok(answer) = answer.recv() else { return };
        if writeln!(writer, "{answer}").is_err() {
            return;
        }
    }
}
