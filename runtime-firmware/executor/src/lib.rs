//! Placeholder heading, replaced as the crate is written.
#![no_std]
