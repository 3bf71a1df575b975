//! Which files belong to a project, and under which names a device sees them.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;

use super::ProjectError;

/// Names that never belong to what runs on a device.
const NEVER: &[&str] = &["upy.toml", "upy.lock", "upy.local.toml", "__pycache__"];
/// Extra patterns in the format of `.gitignore`.
const IGNORE_FILE: &str = ".upyignore";

/// `include` and `exclude`.
#[derive(Debug, Default)]
pub struct Selection {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
}

/// What a file is to the tool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Python source: compiled.
    Source,
    /// .mpy: taken as it is.
    Compiled,
    /// Anything else: a data file.
    Data,
}

/// One file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFile {
    /// Where it lies here.
    pub path: PathBuf,
    /// Its path relative to the source root, with `/`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its size, in bytes.
    pub size: u64,
}

impl Selection {
    /// From checked patterns; no `include` pattern means every file.
    pub fn new(include: &[Glob], exclude: &[Glob]) -> Selection {
        let set = |globs: &[Glob]| {
            let mut builder = GlobSetBuilder::new();
            for glob in globs {
                builder.add(glob.clone());
            }
            // Each pattern was compiled before; a set of them fails only beyond the regex size limit, and then
            // no pattern applies rather than all.
            (!globs.is_empty()).then(|| builder.build().ok()).flatten()
        };
        Selection { include: set(include), exclude: set(exclude) }
    }

    fn takes(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(name))
            && !self.exclude.as_ref().is_some_and(|exclude| exclude.is_match(name))
    }
}

/// Limits of a walk, so that a program in a home folder does not drag the home folder along.
#[derive(Clone, Copy, Debug)]
pub struct WalkLimits {
    /// Folders deep.
    pub depth: Option<usize>,
    /// Files in all.
    pub files: usize,
    /// What cannot be read or has no name on a device is an error; else it is passed over.
    pub strict: bool,
}

impl WalkLimits {
    /// All of a project.
    pub const PROJECT: WalkLimits = WalkLimits { depth: None, files: usize::MAX, strict: true };
}

/// The files beneath `source` that belong to it, sorted by name; `true` when the limit cut the list.
pub fn list(
    source: &Path,
    selection: &Selection,
    limits: WalkLimits,
) -> Result<(Vec<ProjectFile>, bool), ProjectError> {
    let walk = WalkBuilder::new(source)
        .standard_filters(false)
        .hidden(true)
        .follow_links(false)
        .max_depth(limits.depth)
        .add_custom_ignore_filename(IGNORE_FILE)
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .filter_entry(|entry| entry.file_name().to_str().is_none_or(|name| !NEVER.contains(&name)))
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if limits.strict => return Err(io_error(source, error)),
            Err(_) => continue,
        };
        let path = entry.path();
        // A link to a file counts as that file; links to folders are not followed, so there is no cycle.
        let Ok(metadata) = std::fs::metadata(path) else { continue };
        if !metadata.is_file() {
            continue;
        }
        let relative = path.strip_prefix(source).unwrap_or(path);
        let name = match device_name(relative) {
            Some(name) => name,
            None if limits.strict => return Err(ProjectError::Name { path: path.to_path_buf() }),
            None => continue,
        };
        if name.ends_with(".pyc") || !selection.takes(&name) {
            continue;
        }
        if files.len() == limits.files {
            return Ok((files, true));
        }
        files.push(ProjectFile { kind: kind_of(&name), path: path.to_path_buf(), name, size: metadata.len() });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((files, false))
}

/// What a name's ending says.
pub fn kind_of(name: &str) -> Kind {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("py") => Kind::Source,
        Some("mpy") => Kind::Compiled,
        _ => Kind::Data,
    }
}

/// A relative path with `/`; `None` when it is not UTF-8.
pub fn device_name(relative: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

fn io_error(source: &Path, error: ignore::Error) -> ProjectError {
    let text = error.to_string();
    ProjectError::Io {
        path: source.to_path_buf(),
        source: error.into_io_error().unwrap_or_else(|| std::io::Error::other(text)),
    }
}
