//! Programs compiled by us and run by stock MicroPython print what CPython printed.
//!
//! `python/*.py` are the programs, `*.out` beside them what CPython 3.13 printed. Everything emitted must also pass
//! the executor's verifier.

use std::path::{Path, PathBuf};
use std::process::Command;

use compiler::{Options, Target, compile};

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let entries = std::fs::read_dir(folder).expect("the folder of test programs");
    let mut programs: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    programs.sort();
    assert!(programs.len() >= 10, "test programs are missing");
    programs
}

fn compiled(path: &Path, target: Target, optimisation: u8) -> Vec<u8> {
    let source = std::fs::read(path).expect("a test program");
    let options = Options { source_name: "program.py".into(), target, optimisation, ..Options::default() };
    let output = compile(&source, &options);
    assert!(!output.has_errors(), "{}: {:?}", path.display(), output.diagnostics);
    let module = output.module.expect("a module");
    mpy::encode(&module).expect("an encodable module")
}

#[test]
fn all_code_passes_the_verifier() {
    for path in programs() {
        for target in [Target::Stock, Target::Upy] {
            for optimisation in [0, 3] {
                let bytes = compiled(&path, target, optimisation);
                let file = mpy::reader::File::open(&bytes).expect("a readable file");
                let verified = mpy::verify::verify_file(&file);
                assert!(verified.is_ok(), "{} for {target:?}: {verified:?}", path.display());
            }
        }
    }
}

/// MicroPython for node: below `UPY_PEERS`, or in the workspace's own `node_modules`.
fn peer() -> Option<PathBuf> {
    let package = "@micropython/micropython-webassembly-pyscript";
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules");
    let peers = std::env::var_os("UPY_PEERS").map(PathBuf::from);
    let candidates = peers.iter().flat_map(|peers| [peers.join("node_modules"), peers.clone()]).chain([own]);
    candidates.map(|folder| folder.join(package)).find(|folder| folder.join("micropython.mjs").exists())
}

#[test]
fn stock_micropython_prints_what_cpython_prints() {
    let Some(package) = peer() else {
        println!("SKIPPED: no MicroPython for node; set UPY_PEERS to the folder with its node_modules");
        return;
    };
    if Command::new("node").arg("--version").output().is_err() {
        println!("SKIPPED: no node");
        return;
    }
    let folder = std::env::temp_dir().join(format!("upy-compiler-tests-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for compiled programs");
    let mut failures = Vec::new();
    for path in programs() {
        let file = folder.join(path.with_extension("mpy").file_name().expect("a file name"));
        for target in [Target::Stock, Target::Upy] {
            std::fs::write(&file, compiled(&path, target, 0)).expect("a written program");
            let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run.mjs");
            let run = Command::new("node").arg(runner).arg(&package).arg(&file).output().expect("node runs");
            let printed = String::from_utf8_lossy(&run.stdout).into_owned();
            let expected = std::fs::read_to_string(path.with_extension("out")).expect("what CPython printed");
            if printed != expected {
                failures.push(format!("{} for {target:?}:\n{printed}", path.display()));
            }
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder can go");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
