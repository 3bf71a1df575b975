//! Takes mpy-cross's options, for running MicroPython's own tests with this compiler in its place.
#![allow(clippy::print_stderr, reason = "a helper for tests, with a terminal on its other side")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut options = compiler::Options::default();
    let (mut input, mut output, mut source_name) = (None, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-o" => output = arguments.next(),
            "-s" => source_name = arguments.next(),
            "-X" => drop(arguments.next()),
            "-v" => {}
            "--version" => {
                println!("MicroPython 1.29 (upy-compiler); mpy-cross emitting mpy v6.3");
                return ExitCode::SUCCESS;
            }
            "--target=upy" => options.target = compiler::Target::Upy,
            "--strip" => options.strip = true,
            "--" => {}
            other if other.starts_with("-O") => options.optimisation = other[2..].parse().unwrap_or(0),
            other if other.starts_with("-msmall-int-bits=") => {
                options.small_int_bits = other["-msmall-int-bits=".len()..].parse().unwrap_or(31);
            }
            other if other.starts_with("-march") => {}
            other => input = Some(other.to_owned()),
        }
    }
    let Some(input) = input else {
        eprintln!("usage: mpycross [options] FILE");
        return ExitCode::from(2);
    };
    let source = match std::fs::read(&input) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("{input}: {error}");
            return ExitCode::from(1);
        }
    };
    options.source_name = source_name.unwrap_or_else(|| input.clone());
    let result = compiler::compile(&source, &options);
    for diagnostic in &result.diagnostics {
        let place = format!("{}:{}:{}", options.source_name, diagnostic.line, diagnostic.column);
        eprintln!("{place}: {:?} [{}] {}", diagnostic.severity, diagnostic.code, diagnostic.message);
        if diagnostic.severity == compiler::Severity::Error {
            eprintln!("SyntaxError: {}", diagnostic.message);
        }
    }
    let Some(module) = result.module else { return ExitCode::from(1) };
    let bytes = match mpy::encode(&module) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{input}: cannot encode: {error:?}");
            return ExitCode::from(1);
        }
    };
    // What we emit must be what our own executor accepts.
    match mpy::reader::File::open(&bytes) {
        Ok(file) => {
            if let Err((function, error)) = mpy::verify::verify_file(&file) {
                eprintln!("{input}: VERIFY function {function}: {error:?}");
                return ExitCode::from(3);
            }
        }
        Err(error) => {
            eprintln!("{input}: VERIFY cannot read: {error:?}");
            return ExitCode::from(3);
        }
    }
    let output = output.unwrap_or_else(|| input.strip_suffix(".py").unwrap_or(&input).to_owned() + ".mpy");
    match std::fs::write(&output, bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{output}: {error}");
            ExitCode::from(1)
        }
    }
}
