//! Builds the `no_std` crates for the embedded targets: with rustup's targets where they are installed, else with
//! Debian's compiler, which carries the source of `core`.

use crate::process::{root, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The targets.
const TARGETS: &[&str] = &["thumbv6m-none-eabi", "thumbv7m-none-eabi", "riscv32imac-unknown-none-elf"];
/// The crates that run on devices; `upy-executor` depends on all others.
const CRATES: &[&str] = &["upy-mpy", "upy-link", "upy-hal", "upy-vm", "upy-modules", "upy-executor"];
/// Debian's compiler.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// The sysroot of the compiler that cargo uses.
fn sysroot(rustc: &str) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn has_target(sysroot: &Path, target: &str) -> bool {
    sysroot.join("lib/rustlib").join(target).join("lib").is_dir()
}

/// True if rustup's targets are all there.
pub(crate) fn rustup_has_all_targets() -> bool {
    sysroot("rustc").is_some_and(|sysroot| TARGETS.iter().all(|target| has_target(&sysroot, target)))
}

/// Builds all crates for all targets.
pub(crate) fn build() -> Result<(), String> {
    let sysroot = sysroot("rustc").ok_or("cannot run rustc")?;
    for target in TARGETS {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--profile", "firmware", "--no-default-features", "--target", target]);
        for name in CRATES {
            cargo.args(["-p", name]);
        }
        cargo.arg("--target-dir").arg(root().join("target/embedded"));
        if !has_target(&sysroot, target) {
            with_core_from_source(&mut cargo, &sysroot)?;
        }
        run(&mut cargo)?;
        eprintln!("built for {target}");
    }
    Ok(())
}

/// Lets cargo build `core` itself, with Debian's compiler and its source. Environment only: nothing in a Cargo file
/// depends on which way is taken.
fn with_core_from_source(cargo: &mut Command, sysroot: &Path) -> Result<(), String> {
    if !Path::new(DEBIAN_RUSTC).exists() {
        return Err(
            "no `core` for this target: run `rustup target add` for it, or `cargo xtask setup` on Debian".to_owned()
        );
    }
    let linker = sysroot.join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
    for target in TARGETS {
        let name = target.to_uppercase().replace(['-', '.'], "_");
        cargo.env(format!("CARGO_TARGET_{name}_LINKER"), &linker);
    }
    cargo
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "core,alloc")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "compiler-builtins-mem,optimize_for_size")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    Ok(())
}
