//! `upy new`: a small project that runs at once.

use std::path::Path;

use crate::cli::{New, Template};
use crate::error::{Error, Status};
use crate::project::FILE_NAME;
use crate::ui::Ui;

/// What a template writes: names and contents. Each is a project of its own, whose name is replaced.
type Files = &'static [(&'static str, &'static str)];

const BLINK: Files = &[
    ("upy.toml", include_str!("../../templates/blink/upy.toml")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("main.py", include_str!("../../templates/blink/main.py")),
];

const BUTTON: Files = &[
    ("upy.toml", include_str!("../../templates/button/upy.toml")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("main.py", include_str!("../../templates/button/main.py")),
];

const CONFIG: Files = &[
    ("upy.toml", include_str!("../../templates/config/upy.toml")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("config.json", include_str!("../../templates/config/config.json")),
    ("main.py", include_str!("../../templates/config/main.py")),
];

const EDGE_FILTER: Files = &[
    ("upy.toml", include_str!("../../templates/edge-filter/upy.toml")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("readings.jsonl", include_str!("../../templates/edge-filter/readings.jsonl")),
    ("anomalies.jsonl", include_str!("../../templates/edge-filter/anomalies.jsonl")),
    ("main.py", include_str!("../../templates/edge-filter/main.py")),
];

pub(super) fn run(arguments: &New, ui: &Ui) -> Result<Status, Error> {
    let path = &arguments.path;
    let name = name_of(path)?;
    let occupied = path.is_file() || std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(Error::Content {
            message: format!("`{}` exists and is not an empty folder", path.display()),
            hint: Some("choose another name: nothing is ever written over".to_owned()),
        });
    }
    let (own_name, files) = match arguments.template {
        Template::Blink => ("blink", BLINK),
        Template::Button => ("button", BUTTON),
        Template::Config => ("config", CONFIG),
        Template::EdgeFilter => ("edge-filter", EDGE_FILTER),
    };
    for (file, content) in files {
        let target = path.join(file);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        let content = match *file {
            FILE_NAME => content.replace(&format!("name = \"{own_name}\""), &format!("name = \"{name}\"")),
            _ => (*content).to_owned(),
        };
        std::fs::write(&target, content).map_err(Error::file("write", &target))?;
    }
    if ui.wants_json() {
        let names: Vec<&str> = files.iter().map(|(file, _)| *file).collect();
        ui.json("new", &serde_json::json!({ "path": path, "name": name, "files": names }));
    }
    ui.status("Created", format_args!("project `{name}` in {}", path.display()));
    ui.hint(match arguments.template {
        Template::Blink | Template::Config => format!("cd {} && upy run", path.display()),
        Template::Button => {
            format!("cd {} && upy sim --link board, then in another terminal: upy deploy ./board", path.display())
        }
        Template::EdgeFilter => format!("cd {} && upy run < readings.jsonl", path.display()),
    });
    Ok(Status::Success)
}

/// The folder's name, as far as a project may be called so.
fn name_of(path: &Path) -> Result<String, Error> {
    let absolute = std::path::absolute(path).map_err(Error::file("create", path))?;
    let name: String = absolute
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '-' })
        .take(64)
        .collect();
    if name.chars().any(|letter| letter.is_ascii_alphanumeric()) {
        Ok(name)
    } else {
        Err(Error::Usage {
            message: format!("no project name in `{}`", path.display()),
            hint: Some("use letters, digits, `-` and `_`".to_owned()),
        })
    }
}
