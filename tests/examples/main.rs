//! The examples print the same on CPython, on stock MicroPython (as our .mpy) and on the executor (see `tests/cli`).
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// MicroPython for node: below `UPY_PEERS`.
fn micropython() -> Option<PathBuf> {
    let peers = PathBuf::from(std::env::var_os("UPY_PEERS")?);
    let package = peers.join("node_modules/@micropython/micropython-webassembly-pyscript");
    package.join("micropython.mjs").exists().then_some(package)
}

/// An empty folder for one test.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a scratch folder");
    folder
}

fn output(command: &mut Command) -> String {
    let output = command.stderr(Stdio::null()).output().expect("the peer starts");
    assert!(output.status.success(), "{command:?}: {}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

fn on_cpython(program: &Path, input: &Path, folder: &Path) -> String {
    let input = std::fs::File::open(input).expect("the input");
    output(Command::new("python3").arg(program).current_dir(folder).stdin(input))
}

fn on_micropython(package: &Path, program: &Path, input: &Path, folder: &Path, files: &[PathBuf]) -> String {
    let mpy = folder.join("example.mpy");
    let built = Command::new(env!("CARGO_BIN_EXE_upy")).args(["-q", "build"]).arg(program).arg("-o").arg(&mpy).status();
    assert!(built.expect("upy starts").success());
    let script = root().join("tests/examples/run.mjs");
    output(Command::new("node").arg(script).arg(package).arg(&mpy).arg(input).args(files))
}

#[test]
fn the_edge_filter_prints_the_same_everywhere() {
    let example = root().join("templates/edge-filter");
    let expected = std::fs::read_to_string(example.join("anomalies.jsonl")).expect("the expected output");
    let (program, input) = (example.join("main.py"), example.join("readings.jsonl"));
    let folder = scratch("edge-filter");
    assert_eq!(on_cpython(&program, &input, &folder), expected, "CPython");
    let Some(package) = micropython() else {
        println!("SKIPPED: no MicroPython for node; `cargo xtask setup` installs it, UPY_PEERS names it");
        return;
    };
    assert_eq!(on_micropython(&package, &program, &input, &folder, &[]), expected, "MicroPython");
}

#[test]
fn the_config_example_keeps_its_file_everywhere() {
    let example = root().join("templates/config");
    let program = example.join("main.py");
    let runs = |name: &str, run: &dyn Fn(&Path, &Path) -> String| {
        let folder = scratch(name);
        let (config, nothing) = (folder.join("config.json"), folder.join("nothing"));
        std::fs::copy(example.join("config.json"), &config).expect("the default settings");
        std::fs::write(&nothing, "").expect("an empty input");
        let lines = [run(&folder, &nothing), run(&folder, &nothing)];
        for (number, line) in lines.iter().enumerate() {
            let expected = format!("start {}\n", number + 1);
            assert!(line.ends_with(&expected), "{name}: {line}");
        }
        lines
    };
    let ours = runs("config-cpython", &|folder, nothing| on_cpython(&program, nothing, folder));
    let Some(package) = micropython() else {
        println!("SKIPPED: no MicroPython for node; `cargo xtask setup` installs it, UPY_PEERS names it");
        return;
    };
    let theirs = runs("config-micropython", &|folder, nothing| {
        on_micropython(&package, &program, nothing, folder, &[folder.join("config.json")])
    });
    assert_eq!(ours, theirs);
}
