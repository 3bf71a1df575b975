//! The `upy` command: everything is in the library, so that it can be tested.
#![forbid(unsafe_code)]

fn main() {
    std::process::exit(upy::main());
}
