//! What a board offers: a console, a clock, flash and pins, each a small trait.

use crate::Error;

/// How wide Python floats are on a board; the value is a property of the board, not of a build.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatWidth {
    /// IEEE single precision, as MicroPython has on boards without a double-precision FPU.
    Single,
    /// IEEE double precision.
    Double,
}

/// Fixed facts of a board.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The board's name in commands and in `upy.toml`, such as `simulator`.
    pub name: &'static str,
    /// What `sys.implementation._machine` and the greeting say.
    pub machine: &'static str,
    /// Size of the Python arena (objects and stack) in bytes.
    pub heap_bytes: u32,
    /// Width of Python floats.
    pub float_width: FloatWidth,
    /// Where the two app slots lie in flash: byte offset of the first, size of each. Multiples of the erase block.
    pub slots: (u32, u32),
    /// Where the app journal lies (two erase blocks): byte offset.
    pub journal: u32,
    /// Where the file storage lies: byte offset and size. Multiples of the erase block.
    pub files: (u32, u32),
}

/// Bytes in and out of the port that a host or terminal is attached to.
pub trait Console {
    /// Takes bytes that have arrived, without waiting; returns how many.
    fn read(&mut self, buffer: &mut [u8]) -> usize;
    /// Sends all bytes, waiting as long as the line needs.
    fn write(&mut self, bytes: &[u8]);
    /// True while somebody may be listening; a board that cannot know says true.
    fn connected(&mut self) -> bool {
        true
    }
}

/// Monotonic time.
pub trait Clock {
    /// Microseconds since the board started.
    fn now_us(&mut self) -> u64;
    /// Sleeps until `deadline_us` or until something may have happened (input, a pin edge), whichever is
    /// first. May return early for no reason.
    fn wait_until(&mut self, deadline_us: u64);
    /// Seconds since 1970-01-01 UTC, if the board knows.
    fn unix_time_s(&mut self) -> Option<u64> {
        None
    }
}

/// Sizes of a flash device, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Geometry {
    /// Whole size.
    pub size: u32,
    /// The unit of erasing.
    pub erase_block: u32,
    /// The unit and alignment of programming.
    pub write_unit: u32,
}

/// NOR flash: erased bytes read 0xff, programming only clears bits.
pub trait Flash {
    /// The device's sizes.
    fn geometry(&self) -> Geometry;
    /// Reads `buffer.len()` bytes from byte `offset`.
    fn read(&mut self, offset: u32, buffer: &mut [u8]) -> Result<(), Error>;
    /// Programs `bytes` at byte `offset`; both multiples of the write unit; the range was erased.
    fn program(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error>;
    /// Erases `length` bytes from `offset`; both multiples of the erase block.
    fn erase(&mut self, offset: u32, length: u32) -> Result<(), Error>;
    /// The memory-mapped bytes of `offset .. offset + length`, where the flash can be read in place.
    ///
    /// The caller promises not to erase or program that range for as long as it uses the slice.
    fn map(&mut self, offset: u32, length: u32) -> Option<&'static [u8]>;
}

/// What a pin does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinMode {
    /// High impedance, readable.
    Input,
    /// Driven both ways.
    Output,
    /// Driven low, released high.
    OpenDrain,
}

/// The resistor of an input pin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pull {
    /// None.
    None,
    /// To the supply.
    Up,
    /// To ground.
    Down,
}

/// Which edges of a pin are reported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Edges {
    /// Low to high.
    pub rising: bool,
    /// High to low.
    pub falling: bool,
}

/// An edge that happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinEvent {
    /// The pin's number.
    pub pin: u16,
    /// What happened since the last event of this pin.
    pub edges: Edges,
}

/// Digital pins, by number.
pub trait Pins {
    /// Number of pins; valid numbers are `0 .. count`.
    fn count(&self) -> u16;
    /// Sets mode and pull; keeps the output level.
    fn configure(&mut self, pin: u16, mode: PinMode, pull: Pull) -> Result<(), Error>;
    /// The level now.
    fn read(&mut self, pin: u16) -> Result<bool, Error>;
    /// Sets the output level.
    fn write(&mut self, pin: u16, high: bool) -> Result<(), Error>;
    /// Chooses which edges [`Pins::take_event`] reports.
    fn watch(&mut self, pin: u16, edges: Edges) -> Result<(), Error>;
    /// True when [`Pins::take_event`] would give one.
    fn has_event(&mut self) -> bool;
    /// Takes the oldest event, if there is one.
    fn take_event(&mut self) -> Option<PinEvent>;
}

/// How to restart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResetKind {
    /// The whole chip.
    Hard,
    /// Into the chip's boot loader.
    Bootloader,
}

/// A board: its devices by accessor, so that one object carries them all.
pub trait Board {
    /// Fixed facts.
    fn description(&self) -> &'static Description;
    /// The port that a host attaches to.
    fn console(&mut self) -> &mut dyn Console;
    /// Time.
    fn clock(&mut self) -> &mut dyn Clock;
    /// Storage.
    fn flash(&mut self) -> &mut dyn Flash;
    /// Pins.
    fn pins(&mut self) -> &mut dyn Pins;
    /// Bytes that differ on every call, from a hardware source where there is one.
    fn entropy(&mut self, buffer: &mut [u8]);
    /// The chip's serial number, at most 16 bytes.
    fn unique_id(&mut self) -> &[u8];
    /// What the chip remembers of a panic or hard fault that ended the last run, as text; once.
    fn take_fault(&mut self, _buffer: &mut [u8]) -> usize {
        0
    }
    /// False once the board was switched off: the executor returns. Only a simulator can say so.
    fn powered(&mut self) -> bool {
        true
    }
    /// Restarts the chip. On real hardware this does not return; the simulator notes the request and returns.
    fn reset(&mut self, kind: ResetKind);
}
