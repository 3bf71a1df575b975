//! A project: a folder with `upy.toml`, or a plain folder taken as one; what its settings and files are.
//!
//! The format of `upy.toml` is documented at [`manifest::Manifest`].

pub mod files;
pub mod manifest;

use std::path::{Path, PathBuf};

use crate::cli::Target;
use crate::error::{Explain, Status};
use crate::ui::Report;
use files::Selection;
use manifest::{Dependency, Manifest};

/// The project file's name.
pub const FILE_NAME: &str = "upy.toml";
/// What the tool itself writes within a project: build results, the simulator's flash.
pub const STATE_FOLDER: &str = ".upy";
/// The program's file name when a project does not say otherwise.
pub const DEFAULT_ENTRY: &str = "main.py";
/// The board when a project does not say otherwise.
pub const DEFAULT_BOARD: &str = "simulator";

/// A project's settings, with every default filled in.
#[derive(Debug)]
pub struct Project {
    /// The folder of `upy.toml`; absolute.
    pub root: PathBuf,
    /// The project's name.
    pub name: String,
    /// Folder that module names and device paths start from; absolute.
    pub source: PathBuf,
    /// The program, relative to `source`, with `/`.
    pub entry: String,
    /// Which runtime the code is for.
    pub target: Target,
    /// The board whose profile the simulator takes.
    pub board: String,
    /// Optimisation level, 0 to 3.
    pub optimisation: u8,
    /// Which files belong to it.
    pub selection: Selection,
    /// Packages by name.
    pub dependencies: std::collections::BTreeMap<String, Dependency>,
    /// Whether there is a project file.
    pub explicit: bool,
}

/// Why a project cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// No project file where one is needed.
    #[error("no `{FILE_NAME}` in `{}` or a folder above it", start.display())]
    NotFound {
        /// Where the search began.
        start: PathBuf,
    },
    /// The project file is wrong.
    #[error("failed to read the project file `{}`", path.display())]
    Invalid {
        /// The project file.
        path: PathBuf,
        /// What is wrong, and where.
        reports: Vec<Report>,
    },
    /// The entry is missing.
    #[error("the program `{}` does not exist", path.display())]
    NoEntry {
        /// The missing file.
        path: PathBuf,
        /// Whether a project file names it.
        explicit: bool,
    },
    /// A file name that a device cannot hold.
    #[error("the name of `{}` is not valid UTF-8", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A folder or file cannot be read.
    #[error("failed to read `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Explain for ProjectError {
    fn status(&self) -> Status {
        Status::Failure
    }

    fn code(&self) -> &'static str {
        match self {
            ProjectError::NotFound { .. } => "upy::project::not_found",
            ProjectError::Invalid { .. } => "upy::project::invalid",
            ProjectError::NoEntry { .. } => "upy::project::no_entry",
            ProjectError::Name { .. } => "upy::project::name",
            ProjectError::Io { .. } => "upy::project::io",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            ProjectError::NotFound { .. } => {
                Some("name a file or folder, or make a project with `upy new NAME`".to_owned())
            }
            ProjectError::NoEntry { explicit: true, .. } => {
                Some(format!("`entry` in `{FILE_NAME}` names it, relative to `source`"))
            }
            ProjectError::NoEntry { explicit: false, .. } => {
                Some(format!("a folder needs a `{DEFAULT_ENTRY}`, or a `{FILE_NAME}` with `entry = \"…\"`"))
            }
            ProjectError::Name { .. } => Some("rename it, or leave it out with `exclude`".to_owned()),
            ProjectError::Invalid { .. } | ProjectError::Io { .. } => None,
        }
    }

    fn reports(&self) -> &[Report] {
        match self {
            ProjectError::Invalid { reports, .. } => reports,
            _ => &[],
        }
    }
}

impl Project {
    /// The project that `start` lies in: the nearest `upy.toml` in it or above.
    pub fn find(start: &Path) -> Result<Option<Project>, ProjectError> {
        let start = absolute(start)?;
        for folder in start.ancestors() {
            let path = folder.join(FILE_NAME);
            if path.is_file() {
                return Project::load(&path).map(Some);
            }
        }
        Ok(None)
    }

    /// Like [`Project::find`], but there must be one.
    pub fn require(start: &Path) -> Result<Project, ProjectError> {
        match Project::find(start)? {
            Some(project) => Ok(project),
            None => Err(ProjectError::NotFound { start: absolute(start)? }),
        }
    }

    /// Reads one project file.
    pub fn load(path: &Path) -> Result<Project, ProjectError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ProjectError::Io { path: path.to_path_buf(), source })?;
        let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let manifest = Manifest::parse(&text, &path.display().to_string())
            .map_err(|reports| ProjectError::Invalid { path: path.to_path_buf(), reports })?;
        let settings = manifest.project;
        let source = root.join(&settings.source);
        let selection = Selection::new(&settings.include, &settings.exclude);
        Ok(Project {
            name: settings.name.unwrap_or_else(|| folder_name(&root)),
            source,
            entry: settings.entry,
            target: settings.target,
            board: settings.board,
            optimisation: settings.optimisation,
            selection,
            dependencies: manifest.dependencies,
            explicit: true,
            root,
        })
    }

    /// A folder without a project file, taken as a project with every default.
    pub fn implicit(folder: &Path) -> Result<Project, ProjectError> {
        let root = absolute(folder)?;
        Ok(Project {
            name: folder_name(&root),
            source: root.clone(),
            entry: DEFAULT_ENTRY.to_owned(),
            target: Target::Upy,
            board: DEFAULT_BOARD.to_owned(),
            optimisation: 0,
            selection: Selection::default(),
            dependencies: std::collections::BTreeMap::new(),
            explicit: false,
            root,
        })
    }

    /// The project of a path that a command was given: a folder is its own project file's or an implicit one.
    pub fn of_folder(folder: &Path) -> Result<Project, ProjectError> {
        let path = folder.join(FILE_NAME);
        if path.is_file() { Project::load(&absolute(&path)?) } else { Project::implicit(folder) }
    }

    /// The program's path; it exists.
    pub fn entry_path(&self) -> Result<PathBuf, ProjectError> {
        let path = self.source.join(&self.entry);
        if path.is_file() { Ok(path) } else { Err(ProjectError::NoEntry { path, explicit: self.explicit }) }
    }

    /// Where the tool keeps what it makes for this project.
    pub fn state_folder(&self) -> PathBuf {
        self.root.join(STATE_FOLDER)
    }
}

/// What can be made again: `$UPY_CACHE_DIR`, or `upy` in `$XDG_CACHE_HOME`, in `~/.cache`, or in Windows's folder for
/// local data.
pub fn user_cache_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(folder) = variable("UPY_CACHE_DIR") {
        return Some(folder);
    }
    let base = variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA").filter(|_| cfg!(windows)))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("upy"))
}

/// What belongs to the user and not to a project: `upy` in `$XDG_STATE_HOME`, in `~/.local/state`, or in Windows's
/// folder for local data.
pub fn user_state_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_STATE_HOME")
        .or_else(|| variable("LOCALAPPDATA").filter(|_| cfg!(windows)))
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))?;
    Some(base.join("upy"))
}

/// The name of a project that has none of its own.
fn folder_name(root: &Path) -> String {
    root.file_name().map_or_else(|| "app".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn absolute(path: &Path) -> Result<PathBuf, ProjectError> {
    std::path::absolute(path).map_err(|source| ProjectError::Io { path: path.to_path_buf(), source })
}
