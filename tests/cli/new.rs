//! `upy new`: what it writes can be used, and nothing is written over.

use crate::support::{finish, folder, upy};

#[test]
fn a_project_from_each_template() {
    for template in ["blink", "button", "config", "edge-filter"] {
        let place = folder(&[]);
        let done = finish(upy().args(["new", "my.app", "--template", template]).current_dir(&place), b"");
        assert_eq!(done.status, Some(0), "{}", done.stderr);
        assert!(done.stderr.contains("Created project `my-app` in my.app"), "{}", done.stderr);
        let manifest = std::fs::read_to_string(place.path().join("my.app/upy.toml")).unwrap();
        assert!(manifest.contains("name = \"my-app\""), "{manifest}");
        let ignored = std::fs::read_to_string(place.path().join("my.app/.gitignore")).unwrap();
        assert!(ignored.contains("/.upy/"));
    }
}

#[test]
fn nothing_is_written_over() {
    let place = folder(&[("app/precious.txt", "1")]);
    let done = finish(upy().args(["new", "app"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    assert_eq!(
        done.stderr,
        "error: `app` exists and is not an empty folder\n\nhint: choose another name: nothing is ever written over\n"
    );
    assert_eq!(std::fs::read_dir(place.path().join("app")).unwrap().count(), 1);
}
