//! The code of small programs, instruction by instruction: `golden/*.py` and beside each the disassembly it must have.
//! After a change that is meant, run with `UPDATE_GOLDEN=1` and read the difference.

use std::path::Path;

use compiler::{Options, compile};

#[test]
fn programs_have_the_code_that_was_agreed_on() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let mut programs = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of golden programs") {
        let path = entry.expect("an entry of the folder").path();
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        programs += 1;
        let source = std::fs::read(&path).expect("a golden program");
        let output = compile(&source, &Options { source_name: "golden.py".into(), ..Options::default() });
        let module = output.module.expect("a module");
        let text = mpy::disassemble::disassemble(&module);
        let golden = path.with_extension("txt");
        if update {
            std::fs::write(&golden, &text).expect("a written golden file");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", path.display()));
        }
    }
    assert!(programs >= 7, "golden programs are missing");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
