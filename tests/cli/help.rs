//! Help texts and completion scripts are written for people: a change shows as a snapshot's difference.

use crate::support::{root, run};

const COMMANDS: &[&str] = &["new", "build", "run", "inspect", "devices", "deploy", "repl", "sim", "completions"];

#[test]
fn overview() {
    let done = run(&["--help"]);
    assert_eq!(done.status, Some(0));
    assert_eq!(done.stderr, "");
    snapbox::assert_data_eq!(done.stdout, snapbox::Data::read_from(&root().join("tests/cli/help/upy.txt"), None).raw());
}

#[test]
fn of_each_command() {
    for command in COMMANDS {
        let done = run(&[command, "--help"]);
        assert_eq!(done.status, Some(0), "{command}");
        let path = root().join(format!("tests/cli/help/{command}.txt"));
        snapbox::assert_data_eq!(done.stdout, snapbox::Data::read_from(&path, None).raw());
    }
}

#[test]
fn nothing_asked_is_usage() {
    let done = run(&[]);
    assert_eq!(done.status, Some(2));
    assert_eq!(done.stdout, "");
    assert!(done.stderr.contains("Usage: upy [OPTIONS] <COMMAND>"), "{}", done.stderr);
}

#[test]
fn a_misspelt_command_is_usage() {
    let done = run(&["biuld"]);
    assert_eq!(done.status, Some(2));
    assert!(done.stderr.contains("'build'"), "the similar one is named: {}", done.stderr);
}

#[test]
fn completions_are_the_committed_ones() {
    for (shell, file) in
        [("bash", "upy.bash"), ("zsh", "_upy"), ("fish", "upy.fish"), ("powershell", "_upy.ps1"), ("elvish", "upy.elv")]
    {
        let done = run(&["completions", shell]);
        assert_eq!(done.status, Some(0));
        let path = root().join("completions").join(file);
        snapbox::assert_data_eq!(done.stdout, snapbox::Data::read_from(&path, None).raw());
    }
}
