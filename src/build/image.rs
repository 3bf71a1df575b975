//! A project as an app image: its program as `main.mpy`, modules compiled, data files as they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use executor::storage::{BuildError as ImageError, Builder};

use super::{Batch, BuildError, Unit, closure};
use crate::error::Error;
use crate::project::Project;
use crate::project::files::{self, Kind, WalkLimits};

/// The program's name in an image.
const MAIN: &str = "main.mpy";
/// A folder without a project file may be a home folder: so much of it is looked at, and no more.
const FOLDER_LIMITS: WalkLimits = WalkLimits { depth: Some(3), files: 200, strict: false };
/// Bytes of data that ride along with a program without a project.
const FOLDER_BYTES: u64 = 128 * 1024;

/// The files of an image by name.
#[derive(Debug, Default)]
pub struct Contents {
    files: BTreeMap<String, (PathBuf, Vec<u8>)>,
}

impl Contents {
    /// Adds a file; two of one name are an error.
    pub fn add(&mut self, name: &str, path: PathBuf, bytes: Vec<u8>) -> Result<(), BuildError> {
        if let Some((one, _)) = self.files.get(name) {
            return Err(BuildError::Conflict { name: name.to_owned(), one: one.clone(), other: path });
        }
        // A source with errors is empty here; its findings are told when all files were looked at.
        if name.ends_with(".mpy")
            && !bytes.is_empty()
            && let Err(reason) = verify(&bytes)
        {
            return Err(BuildError::Refused { path, reason });
        }
        self.files.insert(name.to_owned(), (path, bytes));
        Ok(())
    }

    /// Number of files.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// The image.
    pub fn encode(&self) -> Result<Vec<u8>, BuildError> {
        let files: Vec<(&str, &[u8])> =
            self.files.iter().map(|(name, (_, bytes))| (name.as_str(), bytes.as_slice())).collect();
        encode(&files)
    }
}

/// Everything of a project, compiled into `batch`.
pub fn of_project(project: &Project, batch: &mut Batch) -> Result<Contents, Error> {
    let entry = project.entry_path()?;
    let (listed, _) = files::list(&project.source, &project.selection, WalkLimits::PROJECT)?;
    let mut contents = Contents::default();
    // The program belongs to the project even where a pattern leaves it out.
    add(&mut contents, batch, MAIN, &project.entry, entry.clone(), files::kind_of(&project.entry))?;
    let modules: Vec<String> =
        listed.iter().filter(|file| file.kind == Kind::Source).map(|file| module_file(&file.name)).collect();
    for file in listed {
        if file.path == entry {
            continue;
        }
        let name = match file.kind {
            Kind::Source => module_file(&file.name),
            // A build result that lies beside its source is older than what is compiled now.
            Kind::Compiled if modules.contains(&file.name) => continue,
            Kind::Compiled | Kind::Data => file.name.clone(),
        };
        add(&mut contents, batch, &name, &file.name, file.path, file.kind)?;
    }
    Ok(contents)
}

/// A program that is no project's: the file, what it imports from its folder, and the folder's data files. The second
/// result is a data file that was left out although the program names it.
pub fn of_file(file: &Path, batch: &mut Batch) -> Result<(Contents, Option<String>), Error> {
    let folder = folder_of(file);
    let roots = closure::roots(&[folder]);
    let shown = file.display().to_string();
    let modules = closure::closure(file, &shown, &roots)?;
    let mut data = DataFiles::of_folder(folder)?;
    let missed = data.missed(modules.iter().filter_map(closure::Module::unit)).map(str::to_owned);
    for module in modules {
        let bytes = match &module.content {
            closure::Content::Source(unit) => batch.compile(unit, compiler::Mode::Exec).unwrap_or_default(),
            closure::Content::Compiled(bytes) => bytes.clone(),
        };
        let path = module.name.replace('.', "/");
        let name = match (module.name.as_str(), module.is_package) {
            (closure::MAIN, _) => MAIN.to_owned(),
            (_, true) => format!("{path}/__init__.mpy"),
            (_, false) => format!("{path}.mpy"),
        };
        data.contents.add(&name, module.path, bytes)?;
    }
    Ok((data.contents, missed))
}

/// The folder that a file lies in.
pub fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What the device's verifier will say of a .mpy: better told before the app that works there is replaced.
fn verify(bytes: &[u8]) -> Result<(), String> {
    let file = mpy::reader::File::open(bytes).map_err(|error| error.to_string())?;
    mpy::verify::verify_file(&file).map(|_| ()).map_err(|(_, error)| error.kind.text().to_owned())
}

fn module_file(name: &str) -> String {
    format!("{}.mpy", name.strip_suffix(".py").unwrap_or(name))
}

fn add(
    contents: &mut Contents,
    batch: &mut Batch,
    name: &str,
    source_name: &str,
    path: PathBuf,
    kind: Kind,
) -> Result<(), Error> {
    let bytes = if kind == Kind::Source {
        let unit = Unit::read(&path, source_name)?;
        // What does not compile is reported by the batch; an empty file keeps its name from being taken twice.
        batch.compile(&unit, compiler::Mode::Exec).unwrap_or_default()
    } else {
        std::fs::read(&path).map_err(Error::file("read", &path))?
    };
    Ok(contents.add(name, path, bytes)?)
}

/// The data files of a program that runs without being deployed.
#[derive(Debug, Default)]
pub struct DataFiles {
    /// Those that ride along.
    pub contents: Contents,
    /// Names of those that were left out for their size.
    pub left_out: Vec<String>,
}

impl DataFiles {
    /// A project's, which chooses them itself.
    pub fn of_project(project: &Project) -> Result<DataFiles, Error> {
        DataFiles::gather(&project.source, &project.selection, WalkLimits::PROJECT, u64::MAX)
    }

    /// Those in the folder of a program without a project: a few, for the folder may be anything.
    pub fn of_folder(folder: &Path) -> Result<DataFiles, Error> {
        DataFiles::gather(folder, &files::Selection::default(), FOLDER_LIMITS, FOLDER_BYTES)
    }

    fn gather(
        folder: &Path,
        selection: &files::Selection,
        limits: WalkLimits,
        mut room: u64,
    ) -> Result<DataFiles, Error> {
        let (listed, _) = files::list(folder, selection, limits)?;
        let mut data = DataFiles::default();
        for file in listed.into_iter().filter(|file| file.kind == Kind::Data) {
            if file.size > room {
                data.left_out.push(file.name);
                continue;
            }
            match std::fs::read(&file.path) {
                Ok(bytes) if limits.strict || encode(&[(&file.name, &[])]).is_ok() => {
                    room = room.saturating_sub(bytes.len() as u64);
                    data.contents.add(&file.name, file.path, bytes)?;
                }
                Err(error) if limits.strict => return Err(Error::file("read", file.path)(error)),
                // Another user's file, or a name that no device takes, is no reason not to run a program beside it.
                _ => {}
            }
        }
        Ok(data)
    }

    /// The first file that was left out although one of these sources names it.
    pub fn missed<'a>(&'a self, mut sources: impl Iterator<Item = &'a Unit>) -> Option<&'a str> {
        sources.find_map(|unit| {
            let text = String::from_utf8_lossy(&unit.text);
            self.left_out.iter().map(String::as_str).find(|name| text.contains(name.rsplit('/').next().unwrap_or(name)))
        })
    }
}

/// ROMFS, as MicroPython has it: the same bytes for the same files.
fn encode(files: &[(&str, &[u8])]) -> Result<Vec<u8>, BuildError> {
    let mut builder = Builder::new();
    for (name, bytes) in files {
        builder.file(name, bytes).map_err(|error| BuildError::Image {
            reason: match error {
                ImageError::BadPath => format!("the name is too long or not one for a device: `{name}`"),
                ImageError::TooDeep => format!("too many folders deep: `{name}`"),
                ImageError::Exists => format!("a file and a folder of one name: `{name}`"),
            },
        })?;
    }
    Ok(builder.finish())
}
