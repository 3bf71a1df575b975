//! The executor: boot, storage, the server side of the link, and program runs on a device.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod storage;
