//! `upy build` and `upy inspect`.

use crate::support::{finish, folder, upy};

#[test]
fn a_file_beside_its_source() {
    let place = folder(&[("hello.py", "print('hello')\n")]);
    let done = finish(upy().args(["build", "hello.py"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    assert_eq!(done.stdout, "");
    assert!(done.stderr.contains("Compiled 1 file to hello.mpy ("), "{}", done.stderr);
    let mpy = std::fs::read(place.path().join("hello.mpy")).unwrap();
    assert_eq!(mpy[..3], [b'M', 6, 0], "version 6, no features: what MicroPython 1.19 and later load");
}

#[test]
fn a_folder_keeps_its_shape() {
    let place =
        folder(&[("lib/a.py", "A = 1\n"), ("lib/p/__init__.py", ""), ("lib/p/b.py", "B = 2\n"), ("lib/x.txt", "")]);
    let done = finish(upy().args(["build", "lib", "-o", "out"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    for file in ["a.mpy", "p/__init__.mpy", "p/b.mpy"] {
        assert!(place.path().join("out").join(file).is_file(), "{file}");
    }
    assert!(!place.path().join("out/x.txt").exists());
}

#[test]
fn a_project_into_its_build_folder() {
    let place = folder(&[
        ("upy.toml", "[project]\nname = \"a\"\nsource = \"src\"\nexclude = [\"tests/**\"]\n"),
        ("src/main.py", "import other\n"),
        ("src/other.py", ""),
        ("src/tests/t.py", "this does not compile\n"),
    ]);
    // From a folder within.
    let done = finish(upy().args(["build", "--json"]).current_dir(place.path().join("src/tests")), b"");
    assert_eq!(done.status, Some(0), "{}", done.stdout);
    let document: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["build"]["files"].as_array().unwrap().len(), 2);
    assert!(place.path().join(".upy/build/main.mpy").is_file());
    assert!(place.path().join(".upy/build/other.mpy").is_file());
}

#[test]
fn errors_of_all_files_and_nothing_written() {
    let place = folder(&[("a.py", "x = = 1\n"), ("b.py", "print(1)\n"), ("c.py", "return 1\n")]);
    let done = finish(upy().args(["build", "."]).current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    for part in ["a.py:1:", "x = = 1", "c.py:1:", "return 1", "in 2 files"] {
        assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
    }
    assert!(!place.path().join("b.mpy").exists(), "a half-new set of files is worse than the old one");
}

#[test]
fn a_missing_file() {
    let place = folder(&[]);
    let done = finish(upy().args(["build", "no.py"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    assert!(done.stderr.starts_with("error: failed to read `no.py`\n  cause: No such file"), "{}", done.stderr);
}

#[test]
fn inspecting() {
    let place = folder(&[("hello.py", "def f(x):\n    return x + 1\n"), ("bad.mpy", "M\u{6}")]);
    assert_eq!(finish(upy().args(["build", "hello.py"]).current_dir(&place), b"").status, Some(0));
    let done = finish(upy().args(["inspect", "hello.mpy"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("hello.py"), "{}", done.stdout);
    let done = finish(upy().args(["inspect", "bad.mpy"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    assert!(done.stderr.starts_with("error: `bad.mpy` is not a .mpy file that upy can read"), "{}", done.stderr);
}
