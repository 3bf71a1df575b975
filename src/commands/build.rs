//! `upy build`: one file, a folder, or the project.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::settings;
use crate::build::{Batch, Unit};
use crate::cli::{Build, Target};
use crate::error::{Error, Status};
use crate::project::files::{self, Kind, Selection, WalkLimits};
use crate::project::{Project, STATE_FOLDER};
use crate::ui::{self, Ui};

/// Build results of a project, beneath its state folder.
const BUILD_FOLDER: &str = "build";

#[derive(Serialize)]
struct Result {
    files: Vec<Made>,
    warnings: Vec<ui::Report>,
}

#[derive(Serialize)]
struct Made {
    source: String,
    output: String,
    bytes: usize,
}

/// A source and where its .mpy goes.
struct Task {
    source: PathBuf,
    source_name: String,
    output: PathBuf,
}

pub(super) fn run(arguments: &Build, ui: &Ui) -> std::result::Result<Status, Error> {
    let started = Instant::now();
    let (tasks, project) = match &arguments.path {
        Some(path) if path.is_dir() && !path.join(crate::project::FILE_NAME).is_file() => {
            (folder(path, arguments)?, None)
        }
        Some(path) if path.is_dir() => of_project(Project::of_folder(path)?, arguments)?,
        Some(path) => (vec![file(path, arguments)?], None),
        None => of_project(Project::require(Path::new("."))?, arguments)?,
    };
    let target = arguments.target.or(project.as_ref().map(|project| project.target)).unwrap_or(Target::Stock);
    let mut batch = Batch::new(settings(&arguments.compiling, project.as_ref(), target));
    let mut compiled = Vec::new();
    for task in tasks {
        let unit = Unit::read(&task.source, &task.source_name)?;
        if let Some(bytes) = batch.compile(&unit, compiler::Mode::Exec) {
            compiled.push((task, bytes));
        }
    }
    let warnings = batch.finish(ui)?;
    // Nothing is written unless everything compiled: a half-new set of files would be worse than the old one.
    let mut made = Vec::new();
    for (task, bytes) in compiled {
        if let Some(folder) = task.output.parent() {
            std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        std::fs::write(&task.output, &bytes).map_err(Error::file("write", &task.output))?;
        ui.detail("Wrote", format_args!("{} ({})", task.output.display(), ui::size(bytes.len() as u64)));
        made.push(Made {
            source: task.source.display().to_string(),
            output: task.output.display().to_string(),
            bytes: bytes.len(),
        });
    }
    if ui.wants_json() {
        ui.json("build", &Result { files: made, warnings });
    } else {
        let total: usize = made.iter().map(|made| made.bytes).sum();
        ui.status(
            "Compiled",
            format_args!(
                "{}{} ({}) in {}",
                ui::count(made.len(), "file"),
                destination(&made, arguments, project.as_ref()),
                ui::size(total as u64),
                ui::duration(started.elapsed())
            ),
        );
    }
    Ok(Status::Success)
}

fn file(path: &Path, arguments: &Build) -> std::result::Result<Task, Error> {
    let output = match &arguments.output {
        Some(output) if output.is_dir() => output.join(path.file_name().unwrap_or_default()).with_extension("mpy"),
        Some(output) => output.clone(),
        None => path.with_extension("mpy"),
    };
    // `upy build x.mpy` would write over its own input.
    if path.extension().is_some_and(|ending| ending == "mpy") {
        return Err(Error::Usage {
            message: format!("`{}` is compiled already", path.display()),
            hint: Some(format!("`upy inspect {}` shows what is in it", path.display())),
        });
    }
    let source_name = arguments.source_name.clone().unwrap_or_else(|| path.display().to_string());
    Ok(Task { source: path.to_path_buf(), source_name, output })
}

/// Every source beneath a folder, beside it or in the same shape beneath the output folder.
fn folder(path: &Path, arguments: &Build) -> std::result::Result<Vec<Task>, Error> {
    no_source_name(arguments)?;
    tasks(path, &Selection::default(), arguments.output.as_deref().unwrap_or(path))
}

fn of_project(project: Project, arguments: &Build) -> std::result::Result<(Vec<Task>, Option<Project>), Error> {
    no_source_name(arguments)?;
    project.entry_path()?;
    let output = match &arguments.output {
        Some(output) => output.clone(),
        None => build_folder(&project),
    };
    let tasks = tasks(&ui::relative(&project.source), &project.selection, &output)?;
    Ok((tasks, Some(project)))
}

fn tasks(source: &Path, selection: &Selection, output: &Path) -> std::result::Result<Vec<Task>, Error> {
    let (files, _) = files::list(source, selection, WalkLimits::PROJECT)?;
    Ok(files
        .into_iter()
        .filter(|file| file.kind == Kind::Source)
        .map(|file| Task {
            output: output.join(&file.name).with_extension("mpy"),
            source_name: file.name,
            source: file.path,
        })
        .collect())
}

/// Where the results lie, in words for a person.
fn destination(made: &[Made], arguments: &Build, project: Option<&Project>) -> String {
    match (made, &arguments.output, project) {
        ([only], _, None) => format!(" to {}", only.output),
        (_, Some(output), _) => format!(" into {}", output.display()),
        (_, None, Some(project)) => format!(" into {}", build_folder(project).display()),
        (_, None, None) => String::new(),
    }
}

fn build_folder(project: &Project) -> PathBuf {
    ui::relative(&project.root.join(STATE_FOLDER).join(BUILD_FOLDER))
}

fn no_source_name(arguments: &Build) -> std::result::Result<(), Error> {
    if arguments.source_name.is_some() {
        return Err(Error::Usage {
            message: "`--source-name` is for a single file".to_owned(),
            hint: Some("leave it out: each file is named by its path beneath the folder".to_owned()),
        });
    }
    Ok(())
}
