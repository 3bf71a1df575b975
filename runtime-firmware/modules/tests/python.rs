//! Runs the programs under `tests/python` of the workspace and compares what they print with the `.out` beside
//! them, which CPython wrote (or, where CPython has no such module, a person). A `.in` is standard input.
//!
//! `UPY_TEST=name` runs only programs whose path contains the name, and shows what they print.

mod support;

use std::path::{Path, PathBuf};
use std::{env, fs};
use support::Machine;

/// Words of the arena: roomy, but small enough that collections happen.
const ARENA_WORDS: usize = 32 * 1024;

fn programs(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("the folder exists").flatten().map(|e| e.path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            programs(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "py") {
            found.push(entry);
        }
    }
}

fn run(path: &Path, stress: bool) -> Result<(String, String), String> {
    let source = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let options =
        compiler::Options { source_name: name, target: compiler::Target::Upy, ..compiler::Options::default() };
    let output = compiler::compile(&source, &options);
    let module = output.module.ok_or_else(|| format!("does not compile: {:?}", output.diagnostics))?;
    let mpy = mpy::encode(&module).map_err(|error| format!("{error:?}"))?;
    let arena = Vec::leak(vec![0u32; ARENA_WORDS]);
    let mut heap = vm::Heap::new(arena, &modules::ROM, hal::FloatWidth::Double);
    let mut modes = vm::Stress::default();
    modes.refuse_first_try = stress;
    modes.check_heap = stress;
    heap.set_stress(modes);
    let mut machine = Machine::new(fs::read(path.with_extension("in")).unwrap_or_default());
    let finish = {
        let mut vm = vm::Vm::new(&mut heap, &mut machine);
        vm.preload("__main__", mpy.len()).map_err(|finish| format!("{finish:?}"))?;
        assert!(vm.preload_write(0, &mpy));
        vm.run_preloaded("__main__")
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&machine.stdout), text(&machine.stderr));
    if let vm::Finish::Done | vm::Finish::Exit(_) = finish {
        Ok((stdout, stderr))
    } else {
        Err(format!("{finish:?}\n{stdout}{stderr}"))
    }
}

#[test]
fn programs_print_what_cpython_prints() {
    compare(false);
}

#[test]
fn programs_print_the_same_when_every_allocation_collects() {
    compare(true);
}

fn compare(stress: bool) {
    // Another folder can be tried: UPY_FOLDER.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python");
    let root = env::var_os("UPY_FOLDER").map_or(root, PathBuf::from);
    let only = env::var("UPY_TEST").ok();
    let mut found = Vec::new();
    programs(&root, &mut found);
    assert!(!found.is_empty());
    let mut failures = Vec::new();
    for path in found {
        let shown = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        if only.as_ref().is_some_and(|only| !shown.contains(only.as_str())) {
            continue;
        }
        let expected = fs::read_to_string(path.with_extension("out")).unwrap_or_default();
        let result = std::panic::catch_unwind(|| run(&path, stress));
        match result.unwrap_or_else(|_| Err(String::from("panicked"))) {
            Ok((printed, _)) if printed == expected => {}
            Ok((printed, stderr)) => {
                let line = printed.lines().zip(expected.lines()).position(|(a, b)| a != b);
                let line = line.unwrap_or_else(|| printed.lines().count().min(expected.lines().count()));
                let at = |text: &str| text.lines().nth(line).unwrap_or("(end)").to_owned();
                failures.push(format!(
                    "{shown}: line {} is {:?}, expected {:?} {stderr}",
                    line + 1,
                    at(&printed),
                    at(&expected)
                ));
                if only.is_some() {
                    println!("{printed}");
                }
            }
            Err(error) => failures.push(format!("{shown}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}
