//! `upy deploy`: compile, send what changed, verify, start, show the output.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::settings;
use crate::build::{Batch, image};
use crate::cli::{Deploy, Target};
use crate::device::deploy::{Deployed, deploy, remember};
use crate::device::program::Start;
use crate::device::{self, DeviceFacts, Simulated};
use crate::error::{Error, Status};
use crate::project::Project;
use crate::ui::{self, Ui};

#[derive(Serialize)]
struct Summary<'a> {
    port: &'a str,
    device: &'a DeviceFacts,
    image_bytes: usize,
    files: usize,
    result: Deployed,
}

pub(super) fn run(arguments: &Deploy, ui: &Ui) -> Result<Status, Error> {
    // Everything that can fail here fails before the device is touched.
    let started = Instant::now();
    let (name, contents) = contents(arguments, ui)?;
    let image = contents.encode()?;
    ui.status(
        "Compiled",
        format_args!(
            "{} ({} in {}) in {}",
            name,
            ui::size(image.len() as u64),
            ui::count(contents.count(), "file"),
            ui::duration(started.elapsed())
        ),
    );
    let started = Instant::now();
    let mut session = device::connect(arguments.port.port.as_deref(), &arguments.port.line, Simulated::default(), ui)?;
    let deployed = deploy(&mut session, ui, &image)?;
    remember(&image);
    match deployed {
        Deployed::Unchanged => ui.status("Unchanged", format_args!("{} holds this app already", session.port())),
        Deployed::Sent(bytes) => ui.status(
            "Deployed",
            format_args!("{} to {} in {}", ui::size(bytes), session.port(), ui::duration(started.elapsed())),
        ),
    }
    if ui.wants_json() {
        ui.json(
            "deploy",
            &Summary {
                port: session.port(),
                device: session.facts(),
                image_bytes: image.len(),
                files: contents.count(),
                result: deployed,
            },
        );
    }
    let follow = !arguments.no_follow && !ui.wants_json();
    match session.start_app(follow)? {
        Start::Main => {
            ui.status("Started", format_args!("{name}{}", if follow { "; Ctrl-C leaves it running" } else { "" }));
        }
        Start::BootFailed => ui.warning("boot failed, so the app does not run"),
        Start::Silent => ui.warning("the device does not say that the app has started"),
    }
    if !follow {
        return Ok(Status::Success);
    }
    match session.watch_app()? {
        None => Ok(Status::Success),
        Some(finished) => {
            ui.status("Ended", &name);
            finished.into_status()
        }
    }
}

/// What to deploy, compiled, and what to call it.
fn contents(arguments: &Deploy, ui: &Ui) -> Result<(String, image::Contents), Error> {
    let project = match arguments.path.as_deref() {
        None => Project::require(Path::new("."))?,
        Some(path) if path.is_dir() => Project::of_folder(path)?,
        Some(file) => {
            let mut batch = Batch::new(settings(&arguments.compiling, None, Target::Upy));
            let (contents, missed) = image::of_file(file, &mut batch)?;
            if let Some(name) = missed {
                super::warn_of_data_left_out(&name, ui);
            }
            batch.finish(ui)?;
            return Ok((file.display().to_string(), contents));
        }
    };
    let mut batch = Batch::new(settings(&arguments.compiling, Some(&project), Target::Upy));
    let contents = image::of_project(&project, &mut batch)?;
    batch.finish(ui)?;
    Ok((project.name, contents))
}
