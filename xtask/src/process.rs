//! Running commands, with the environment that the jobs share.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where `setup` puts the peers; `UPY_PEERS` names another place.
pub(crate) fn peers() -> PathBuf {
    match std::env::var_os("UPY_PEERS") {
        Some(path) => PathBuf::from(path),
        None => root().join("target").join("peers"),
    }
}

/// Runs a command in the workspace's root; an error tells what it was.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    command.current_dir(root());
    let shown = format!("{command:?}");
    let status = command.status().map_err(|error| format!("cannot run {shown}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown} failed: {status}")) }
}

/// Runs cargo.
pub(crate) fn cargo(arguments: &[&str]) -> Result<(), String> {
    run(Command::new("cargo").args(arguments))
}

/// Runs cargo with the peers in the environment.
pub(crate) fn cargo_with_peers(arguments: &[&str]) -> Result<(), String> {
    run(with_peers(Command::new("cargo").args(arguments)))
}

fn with_peers(command: &mut Command) -> &mut Command {
    let python = peers().join("python");
    let mut path = vec![python.join("bin")];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    command.env("UPY_PEERS", peers()).env("PYTHONPATH", &python);
    if let Ok(path) = std::env::join_paths(path) {
        command.env("PATH", path);
    }
    command
}

/// True if a program can be started.
pub(crate) fn exists(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Runs the README's `console` blocks whose first line is a comment `# checked`: lines behind `$ ` are commands,
/// the lines up to the next one what they print (on standard output).
pub(crate) fn readme() -> Result<(), String> {
    let text = std::fs::read_to_string(root().join("README.md")).map_err(|error| error.to_string())?;
    let mut checked = 0;
    for block in text.split("```console\n# checked\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for step in block.split("$ ").skip(1) {
            let (command, wanted) = step.split_once('\n').unwrap_or((step, ""));
            let output = with_peers(Command::new("sh").arg("-c").arg(command).current_dir(root()))
                .stderr(Stdio::inherit())
                .output()
                .map_err(|error| error.to_string())?;
            let got = String::from_utf8_lossy(&output.stdout);
            if !output.status.success() {
                return Err(format!("`{command}` failed: {}", output.status));
            }
            if !matches(wanted.trim_end(), got.trim_end()) {
                return Err(format!("`{command}` printed\n{got}\nbut the README says\n{wanted}"));
            }
            checked += 1;
        }
    }
    eprintln!("{checked} commands of the README print what it says");
    if checked == 0 { Err("the README has no checked commands".to_owned()) } else { Ok(()) }
}

/// Compares line by line; a line `…` stands for any lines.
fn matches(wanted: &str, got: &str) -> bool {
    match wanted.split_once("…\n") {
        Some((before, after)) => got.strip_prefix(before).is_some_and(|rest| {
            rest.match_indices('\n').any(|(at, _)| matches(after, &rest[at + 1..])) || matches(after, rest)
        }),
        None => {
            wanted == got || (wanted == "…") || wanted.strip_suffix("\n…").is_some_and(|head| got.starts_with(head))
        }
    }
}
