//! `upy sim`: a simulated board on a pseudo-terminal.

use crate::cli::Sim;
use crate::error::{Error, Status};
use crate::ui::Ui;

#[cfg(not(unix))]
pub(super) fn run(_arguments: &Sim, _ui: &Ui) -> Result<Status, Error> {
    Err(Error::Usage {
        message: "`upy sim` needs pseudo-terminals, which this system lacks".to_owned(),
        hint: Some("`sim` as a port runs the simulator within a command: `upy repl sim`".to_owned()),
    })
}

#[cfg(unix)]
pub(super) use unix::run;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::IsTerminal as _;
    use std::path::{Path, PathBuf};
    use std::sync::mpsc::{Sender, channel};

    use serde::Serialize;

    use super::{Error, Sim, Status, Ui};
    use crate::device::user;
    use crate::project::{self, Project};
    use crate::simulation::board;
    use crate::simulation::control::HELP;
    use crate::simulation::control_socket::ControlSocket;
    use crate::simulation::serve::{self, Port, Request};
    use crate::ui;

    /// The flash's file name, in a project's or the user's state folder.
    const FLASH_FILE: &str = "simulator.flash";

    #[derive(Serialize)]
    struct Summary<'a> {
        port: &'a Path,
        link: Option<&'a Path>,
        control: Option<&'a Path>,
        flash: &'a Path,
        board: &'a str,
    }

    pub(in crate::commands) fn run(arguments: &Sim, ui: &Ui) -> Result<Status, Error> {
        let project = Project::find(Path::new("."))?;
        let board_name = arguments.board.as_deref().or(project.as_ref().map(|project| project.board.as_str()));
        let profile = board::profile(board_name)?;
        let flash = flash_path(arguments, project.as_ref())?;
        let _lock = lock(&flash)?;
        let mut simulator = board::switch_on(profile, Some(flash.clone()))?;

        let (sender, requests) = channel();
        let port = Port::open(simulator.line(), arguments.link.as_deref(), sender.clone())?;
        let _control =
            arguments.control.as_deref().map(|path| ControlSocket::listen(path, sender.clone())).transpose()?;
        let quit = sender.clone();
        // Without a handler the link would stay behind; the next simulator replaces it.
        let _ = ctrlc::set_handler(move || {
            let _ = quit.send(Request::Quit);
        });
        if ui.wants_json() {
            ui.json(
                "sim",
                &Summary {
                    port: port.path(),
                    link: arguments.link.as_deref(),
                    control: arguments.control.as_deref(),
                    flash: &flash,
                    board: simulator.description().name,
                },
            );
        } else {
            ui.line(port.path().display());
            let name = arguments.link.as_deref().unwrap_or(port.path());
            ui.status(
                "Simulating",
                format_args!(
                    "{} on {}, flash in {}",
                    simulator.description().name,
                    name.display(),
                    ui::relative(&flash).display()
                ),
            );
        }
        if std::io::stdin().is_terminal() {
            ui.hint(format_args!("commands, one per line: {HELP}"));
        }
        std::thread::spawn(move || read_commands(&sender));
        serve::run(
            &mut simulator,
            &requests,
            |pin, level| ui.detail("Pin", format_args!("{pin} {}", if level { "high" } else { "low" })),
            |path| ui.status("Moved", format_args!("to {}: the old one was left locked", path.display())),
        );
        drop(port);
        Ok(Status::Success)
    }

    fn flash_path(arguments: &Sim, project: Option<&Project>) -> Result<PathBuf, Error> {
        let path = match (&arguments.flash, project) {
            (Some(path), _) => path.clone(),
            (None, Some(project)) => project.state_folder().join(FLASH_FILE),
            (None, None) => match project::user_state_folder() {
                Some(folder) => folder.join(FLASH_FILE),
                None => {
                    return Err(Error::Usage {
                        message: "no place to keep the flash: there is no home folder".to_owned(),
                        hint: Some("name a file with `--flash FILE`".to_owned()),
                    });
                }
            },
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        Ok(path)
    }

    /// Two boards with one flash would destroy each other's data.
    fn lock(path: &Path) -> Result<File, Error> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(Error::file("open", path))?;
        match file.try_lock() {
            // A file system without locks is no reason not to simulate.
            Ok(()) | Err(std::fs::TryLockError::Error(_)) => Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::Usage {
                message: format!("the flash in `{}` belongs to a simulator that is running", path.display()),
                hint: Some("end that one, or give this one its own: `--flash FILE`".to_owned()),
            }),
        }
    }

    /// Commands from standard input; its end does not end the simulator, which may be a job in the background.
    fn read_commands(requests: &Sender<Request>) {
        for line in user::Lines::default() {
            let (reply, answer) = channel();
            if requests.send(Request::Command { line, reply }).is_err() {
                return;
            }
            let Ok(answer) = answer.recv() else { return };
            if !answer.is_empty() {
                ui::answer(&answer);
            }
        }
    }
}
