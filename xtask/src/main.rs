//! Commands of the workspace, by the same name for people and for CI: `cargo xtask ci` runs them all.
#![forbid(unsafe_code)]

mod embedded;
mod peers;
mod process;

use std::process::ExitCode;

/// A job: its name, what it does, and the function.
struct Job {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<(), String>,
}

/// All jobs, in the order in which CI runs them.
const JOBS: &[Job] = &[
    Job { name: "setup", about: "install what the other jobs need (Debian, PyPI and npm packages)", run: peers::setup },
    Job { name: "format", about: "check the formatting", run: format },
    Job { name: "lint", about: "clippy over all targets, warnings are errors", run: lint },
    Job { name: "test", about: "the tests of all crates", run: test },
    Job { name: "hostile", about: "damaged bytecode on the executor, with checked cursors", run: hostile },
    Job { name: "embedded", about: "build the device crates for the embedded targets", run: embedded::build },
    Job { name: "readme", about: "run the commands that the README shows", run: readme },
];

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&Job> = match names.first().map(String::as_str) {
        Some("ci") => JOBS.iter().collect(),
        Some(_) => {
            let mut found = Vec::new();
            for name in &names {
                match JOBS.iter().find(|job| job.name == name) {
                    Some(job) => found.push(job),
                    None => {
                        eprintln!("error: no job is called `{name}`\n");
                        return help();
                    }
                }
            }
            found
        }
        None => return help(),
    };
    for job in wanted {
        eprintln!("== {}: {}", job.name, job.about);
        if let Err(error) = (job.run)() {
            eprintln!("error: {}: {error}", job.name);
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn help() -> ExitCode {
    eprintln!("usage: cargo xtask ci | JOB…\n\njobs, as `ci` runs them:");
    for job in JOBS {
        eprintln!("  {:<10} {}", job.name, job.about);
    }
    ExitCode::from(2)
}

fn format() -> Result<(), String> {
    process::cargo(&["fmt", "--all", "--check"])
}

fn lint() -> Result<(), String> {
    process::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn test() -> Result<(), String> {
    process::cargo_with_peers(&["test", "--workspace", "--no-fail-fast"])
}

fn hostile() -> Result<(), String> {
    process::cargo(&["test", "--package", "upy-modules", "--features", "vm/checked-cursor", "--test", "hostile"])
}

/// Runs each `console` block of README.md that is marked as checked, and compares its output.
fn readme() -> Result<(), String> {
    process::readme()
}
