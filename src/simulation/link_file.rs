//! The stable name of a simulated board: a symbolic link to its pseudo-terminal, gone when the simulator ends.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// A link that is removed when dropped, unless another simulator has taken its name since.
#[derive(Debug)]
pub struct LinkFile {
    path: PathBuf,
    target: PathBuf,
}

impl LinkFile {
    /// Makes the link; one that a simulator left behind is replaced, anything else of that name is not.
    #[cfg(unix)]
    pub fn create(path: &Path, target: &Path) -> Result<LinkFile, Error> {
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.is_symlink() => {
                return Err(Error::Usage {
                    message: format!("`{}` exists and is not a link", path.display()),
                    hint: Some("choose another name for `--link`".to_owned()),
                });
            }
            _ => {}
        }
        // Made aside and renamed over the old one, so that the name never leads nowhere.
        let mut aside = path.as_os_str().to_owned();
        aside.push(format!(".{}.tmp", std::process::id()));
        let aside = PathBuf::from(aside);
        std::os::unix::fs::symlink(target, &aside).map_err(Error::file("create", path))?;
        if let Err(error) = std::fs::rename(&aside, path) {
            let _ = std::fs::remove_file(&aside);
            return Err(Error::file("create", path)(error));
        }
        Ok(LinkFile { path: path.to_path_buf(), target: target.to_path_buf() })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LinkFile {
    fn drop(&mut self) {
        if std::fs::read_link(&self.path).is_ok_and(|target| target == self.target) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn life_of_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board");
        std::os::unix::fs::symlink("/nowhere", &path).unwrap();
        let first = LinkFile::create(&path, Path::new("/dev/one")).unwrap();
        assert_eq!(std::fs::read_link(&path).unwrap(), Path::new("/dev/one"));
        let second = LinkFile::create(&path, Path::new("/dev/two")).unwrap();
        drop(first);
        assert_eq!(std::fs::read_link(&path).unwrap(), Path::new("/dev/two"), "not the first one's any more");
        drop(second);
        assert!(std::fs::symlink_metadata(&path).is_err());
        std::fs::write(&path, "precious").unwrap();
        assert!(LinkFile::create(&path, Path::new("/dev/one")).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    }
}
