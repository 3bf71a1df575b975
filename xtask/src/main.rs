//! Commands of the workspace; `cargo xtask ci` is what CI runs.
fn main() {}
