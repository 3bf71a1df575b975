//! Builtin functions and modules of the executor, and the tables that the virtual machine looks them up in.
//!
//! Absent on purpose: the semantics of builtin types and operators (crate `vm`) and everything below
//! `hal::System`. A module that is not finished is not listed, so importing it raises ImportError.
//!
//! To add a module: one file with `MEMBERS` (and `TYPES`), one line in [`NATIVE_MODULES`] (and in [`ROM`]).
#![no_std]
#![forbid(unsafe_code)]
// The tables are built by the compiler.
#![allow(long_running_const_eval)]

#[cfg(test)]
extern crate std;

mod array;
mod binascii;
mod builtins;
mod class_id;
mod deque;
mod errno;
mod gc;
mod hashlib;
mod io;
mod json;
mod machine;
mod math;
mod micropython;
mod os;
mod packing;
mod path;
mod random;
mod stream;
mod sys;
mod time;

use vm::{ModuleDef, Rom};

/// The native modules.
const NATIVE_MODULES: &[ModuleDef] = &[
    ModuleDef { name: "_collections", members: deque::MEMBERS },
    ModuleDef { name: "array", members: array::MEMBERS },
    ModuleDef { name: "binascii", members: binascii::MEMBERS },
    ModuleDef { name: "builtins", members: builtins::MEMBERS },
    ModuleDef { name: "errno", members: errno::MEMBERS },
    ModuleDef { name: "gc", members: gc::MEMBERS },
    ModuleDef { name: "hashlib", members: hashlib::MEMBERS },
    ModuleDef { name: "io", members: io::MEMBERS },
    ModuleDef { name: "json", members: json::MEMBERS },
    ModuleDef { name: "machine", members: machine::MEMBERS },
    ModuleDef { name: "math", members: math::MEMBERS },
    ModuleDef { name: "micropython", members: micropython::MEMBERS },
    ModuleDef { name: "os", members: os::MEMBERS },
    ModuleDef { name: "random", members: random::MEMBERS },
    ModuleDef { name: "struct", members: packing::MEMBERS },
    ModuleDef { name: "sys", members: sys::MEMBERS },
    ModuleDef { name: "time", members: time::MEMBERS },
];

/// The tables of the executor: all types, modules and frozen Python.
pub static ROM: Rom = vm::rom!(
    &[
        vm::types::TYPES,
        array::TYPES,
        builtins::TYPES,
        deque::TYPES,
        hashlib::TYPES,
        io::TYPES,
        json::TYPES,
        machine::TYPES,
        sys::TYPES,
    ],
    NATIVE_MODULES,
    include!(concat!(env!("OUT_DIR"), "/frozen.rs"))
);
