//! The `upy` command.
fn main() {}
