//! Compiles the Python that is part of the executor: the prelude and the frozen modules.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Module name and source file. The prelude comes first: its bytecode is region 0 of every heap.
const SOURCES: &[(&str, &str)] =
    &[("_prelude", "src/prelude.py"), ("collections", "src/frozen/collections.py"), ("heapq", "src/frozen/heapq.py")];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let mut table = String::from("&[\n");
    for (module, path) in SOURCES {
        println!("cargo::rerun-if-changed={path}");
        let mpy = compile(Path::new(path));
        let file = out.join(format!("{}.mpy", path.replace(['/', '.'], "_")));
        fs::write(&file, mpy).expect("OUT_DIR is writable");
        table.push_str(&format!("    vm::Frozen {{ name: {module:?}, mpy: include_bytes!({file:?}) }},\n"));
    }
    table.push(']');
    fs::write(out.join("frozen.rs"), table).expect("OUT_DIR is writable");
}

fn compile(path: &Path) -> Vec<u8> {
    let source = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let options = compiler::Options {
        source_name: name,
        optimisation: 2,
        target: compiler::Target::Upy,
        ..compiler::Options::default()
    };
    let output = compiler::compile(&source, &options);
    for diagnostic in &output.diagnostics {
        println!("cargo::warning={}:{}: {}", path.display(), diagnostic.line, diagnostic.message);
    }
    let module = output.module.unwrap_or_else(|| panic!("{} does not compile", path.display()));
    mpy::encode(&module).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}
