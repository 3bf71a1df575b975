//! The command as its users meet it: what it prints, where, and with which exit status.
//!
//! Snapshots of help texts are files in `help/`; `SNAPSHOTS=overwrite cargo test --test cli` renews them.
#![forbid(unsafe_code)]

mod support;

#[cfg(unix)]
mod board;
mod build;
#[cfg(unix)]
mod fake;
mod help;
mod hostile;
mod new;
#[cfg(unix)]
mod ports;
mod project;
#[cfg(unix)]
mod session;
#[cfg(unix)]
mod simulator;
#[cfg(unix)]
mod terminal;
