//! `upy run`: a program and its imports, loaded into memory and run, on the simulator or on a device.

use std::path::{Path, PathBuf};

use super::{settings, warn_of_data_left_out};
use crate::build::Batch;
use crate::build::closure::{self, Content, Module};
use crate::build::image::{self, DataFiles};
use crate::cli::{Run, Target};
use crate::device::deploy::deploy;
use crate::device::program::Input;
use crate::device::{self, Simulated};
use crate::error::{Error, Status};
use crate::project::Project;
use crate::ui::{self, Ui};

pub(super) fn run(arguments: &Run, ui: &Ui) -> Result<Status, Error> {
    let (file, project) = program(arguments)?;
    let mut batch = Batch::new(settings(&arguments.compiling, project.as_ref(), Target::Upy));
    let folder = image::folder_of(&file);
    let mut folders = vec![folder];
    folders.extend(project.as_ref().map(|project| project.source.as_path()));
    let modules = closure::closure(&file, &file.display().to_string(), &closure::roots(&folders))?;
    let compiled = compile(&modules, &mut batch);
    batch.finish(ui)?;

    let device = arguments.device.as_deref().unwrap_or(device::SIMULATOR);
    let board = arguments.board.clone().or(project.as_ref().map(|project| project.board.clone()));
    let mut session = device::connect(Some(device), &arguments.line, Simulated { board }, ui)?;
    if device == device::SIMULATOR
        && let Some(image) = data(folder, project.as_ref(), &modules, ui)?
    {
        // The simulated board is new: its flash gets the files that a deploy would bring.
        deploy(&mut session, ui, &image)?;
    }
    session.make_idle()?;
    for (module, mpy) in &compiled {
        session.preload(&module.preload_name(), mpy)?;
    }
    let mut argv = vec![file.display().to_string()];
    argv.extend(arguments.arguments.iter().cloned());
    session.run(closure::MAIN, &argv, Input::Forward)?.into_status()
}

/// The program's file, and the project that it belongs to.
fn program(arguments: &Run) -> Result<(PathBuf, Option<Project>), Error> {
    let project = |folder: &Path| -> Result<Option<Project>, Error> { Ok(Project::find(folder)?) };
    match arguments.file.as_deref() {
        Some(path) if path.is_dir() => {
            let project = Project::of_folder(path)?;
            // As the user named it, so that tracebacks are short.
            let entry = if project.explicit { project.entry_path()? } else { path.join(&project.entry) };
            project.entry_path()?;
            Ok((entry, Some(project)))
        }
        Some(file) => {
            if !file.is_file() {
                let error = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(Error::file("read", file)(error));
            }
            Ok((file.to_path_buf(), project(image::folder_of(file))?))
        }
        None => {
            let project = Project::require(Path::new("."))?;
            Ok((ui::relative(&project.entry_path()?), Some(project)))
        }
    }
}

/// The modules as .mpy; what does not compile is in the batch.
fn compile<'a>(modules: &'a [Module], batch: &mut Batch) -> Vec<(&'a Module, Vec<u8>)> {
    modules
        .iter()
        .filter_map(|module| {
            let mpy = match &module.content {
                Content::Source(unit) => batch.compile(unit, compiler::Mode::Exec)?,
                Content::Compiled(mpy) => mpy.clone(),
            };
            Some((module, mpy))
        })
        .collect()
}

/// The data files that the program finds when it opens them, as an app image for the simulator.
fn data(folder: &Path, project: Option<&Project>, modules: &[Module], ui: &Ui) -> Result<Option<Vec<u8>>, Error> {
    let data = match project {
        Some(project) => DataFiles::of_project(project)?,
        None => DataFiles::of_folder(folder)?,
    };
    if let Some(name) = data.missed(modules.iter().filter_map(Module::unit)) {
        warn_of_data_left_out(name, ui);
    }
    if data.contents.count() == 0 { Ok(None) } else { Ok(Some(data.contents.encode()?)) }
}
