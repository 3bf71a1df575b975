//! Which boards can be simulated, and a simulated board as the commands make it.

use std::path::PathBuf;

use simulator::{Config, Profile, Simulator};

use super::runner;
use crate::error::Error;
use crate::project::DEFAULT_BOARD;

/// The profiles there are, by name.
fn profiles() -> Vec<Profile> {
    vec![Profile::simulator(), Profile::small()]
}

/// The profile of this name, or the plain simulator's.
pub fn profile(name: Option<&str>) -> Result<Profile, Error> {
    let name = name.unwrap_or(DEFAULT_BOARD);
    let mut profiles = profiles();
    match profiles.iter().position(|profile| profile.description.name == name) {
        Some(place) => Ok(profiles.swap_remove(place)),
        None => {
            let names: Vec<String> = profiles.iter().map(|profile| format!("`{}`", profile.description.name)).collect();
            Err(Error::Usage {
                message: format!("no board of this name can be simulated: `{name}`"),
                hint: Some(format!("boards: {}", names.join(", "))),
            })
        }
    }
}

/// Makes a board and switches it on; its flash is kept in the file, or else forgotten.
pub fn switch_on(profile: Profile, flash_file: Option<PathBuf>) -> Result<Simulator, Error> {
    let shown = flash_file.clone();
    let config = Config { flash_file, ..Config::new(profile, runner::factory()) };
    Simulator::spawn(config).map_err(|source| match shown {
        Some(path) if source.kind() == std::io::ErrorKind::InvalidData => Error::Content {
            message: format!("`{}` is not the flash of this board: {source}", path.display()),
            hint: Some("name another file with `--flash`, or remove this one and what is in it".to_owned()),
        },
        Some(path) => Error::file("open", path)(source),
        None => Error::file("start", "the simulator")(source),
    })
}
