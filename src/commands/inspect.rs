//! `upy inspect`: what is in a .mpy file, for people or as JSON.

use serde::Serialize;

use crate::cli::Inspect;
use crate::error::{Error, Status};
use crate::ui::Ui;

#[derive(Serialize)]
struct Summary {
    file: String,
    bytes: usize,
    mpy_version: u8,
    small_int_bits: u8,
    source_name: String,
    qstrs: Vec<String>,
    constants: Vec<String>,
    root: Function,
    disassembly: String,
}

#[derive(Serialize)]
struct Function {
    name: String,
    is_generator: bool,
    positional_arguments: u16,
    keyword_only_arguments: u16,
    defaults: u16,
    arguments: Vec<String>,
    state_words: u16,
    exception_blocks: u16,
    code_bytes: usize,
    functions: Vec<Function>,
}

pub(super) fn run(arguments: &Inspect, ui: &Ui) -> Result<Status, Error> {
    let bytes = std::fs::read(&arguments.file).map_err(Error::file("read", &arguments.file))?;
    let module = mpy::decode(&bytes).map_err(|error| Error::Content {
        message: format!("`{}` is not a .mpy file that upy can read: {error}", arguments.file.display()),
        hint: Some(
            "upy reads version 6 with bytecode, as `upy build` and mpy-cross 1.19 and later write it".to_owned(),
        ),
    })?;
    let disassembly = mpy::disassemble(&module);
    if !ui.wants_json() {
        ui.text(&disassembly);
        return Ok(Status::Success);
    }
    ui.json(
        "inspect",
        &Summary {
            file: arguments.file.display().to_string(),
            bytes: bytes.len(),
            mpy_version: 6,
            small_int_bits: module.small_int_bits,
            source_name: name(&module, 0),
            qstrs: module.qstrs.iter().map(|qstr| String::from_utf8_lossy(qstr).into_owned()).collect(),
            constants: module.constants.iter().map(ToString::to_string).collect(),
            root: function(&module, &module.root),
            disassembly,
        },
    );
    Ok(Status::Success)
}

fn function(module: &mpy::Module, function: &mpy::Function) -> Function {
    Function {
        name: name(module, function.name),
        is_generator: function.scope_flags & mpy::scope::GENERATOR != 0,
        positional_arguments: function.n_pos_args,
        keyword_only_arguments: function.n_kwonly_args,
        defaults: function.n_def_pos_args,
        arguments: function.arg_names.iter().map(|&index| name(module, index)).collect(),
        state_words: function.n_state,
        exception_blocks: function.n_exc_stack,
        code_bytes: function.code.len(),
        functions: function.children.iter().map(|child| self::function(module, child)).collect(),
    }
}

fn name(module: &mpy::Module, index: u16) -> String {
    module.qstrs.get(usize::from(index)).map(|qstr| String::from_utf8_lossy(qstr).into_owned()).unwrap_or_default()
}
