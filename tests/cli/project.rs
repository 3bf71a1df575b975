//! Errors of `upy.toml` are shown at their place, all in one run.

use crate::support::{finish, folder, upy};

fn build(manifest: &str) -> crate::support::Done {
    let place = folder(&[("upy.toml", manifest), ("main.py", "print(1)\n")]);
    finish(upy().arg("build").current_dir(&place), b"")
}

#[test]
fn unknown_keys() {
    let done = build("[project]\nname = \"a\"\nentri = \"x.py\"\n");
    assert_eq!(done.status, Some(1));
    assert_eq!(done.stdout, "");
    for part in ["unknown field `entri`", "upy.toml:3:1", "entri = \"x.py\"", "error: failed to read the project file"]
    {
        assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
    }
}

#[test]
fn every_error_at_once_as_json() {
    let place = folder(&[(
        "upy.toml",
        "version = 9\n[project]\nname = \"a b\"\nsource = \"../up\"\noptimisation = 7\n[dependencies]\nx = \"new\"\n",
    )]);
    let done = finish(upy().args(["build", "--json"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    assert_eq!(done.stderr, "");
    let document: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let error = &document["error"];
    assert_eq!(error["code"], "upy::project::invalid");
    assert_eq!(error["exit_status"], 1);
    let mut lines: Vec<u64> =
        error["diagnostics"].as_array().unwrap().iter().map(|found| found["line"].as_u64().unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines, [1, 3, 4, 5, 7]);
}

#[test]
fn no_project() {
    let place = folder(&[]);
    let done = finish(upy().arg("build").current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    assert!(done.stderr.starts_with("error: no `upy.toml` in `"), "{}", done.stderr);
    assert!(done.stderr.ends_with("hint: name a file or folder, or make a project with `upy new NAME`\n"));
}

#[test]
fn a_missing_program() {
    let place = folder(&[("upy.toml", "[project]\nname = \"a\"\nentry = \"app.py\"\n")]);
    let done = finish(upy().arg("build").current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    assert!(done.stderr.contains("app.py` does not exist"), "{}", done.stderr);
}
