//! What a simulated board has: the sizes of its memory and flash.

use executor::Memory;
use hal::{Description, FloatWidth, Geometry};

/// Sizes of the executor's buffers in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Largest payload of an arriving frame.
    pub payload: usize,
    /// Messages that arrived.
    pub incoming: usize,
    /// Messages that wait to be sent.
    pub outgoing: usize,
    /// Standard input that was not read.
    pub stdin: usize,
    /// One piece of a file.
    pub piece: usize,
    /// Files that can be written at a time.
    pub writers: usize,
    /// The end of standard error that is kept after a crash.
    pub report: usize,
}

/// A board to simulate.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What the executor knows of it.
    pub description: Description,
    /// Its flash.
    pub geometry: Geometry,
    /// Its buffers.
    pub sizes: Sizes,
    /// Number of pins.
    pub pins: u16,
}

const KIB: u32 = 1024;

impl Profile {
    /// The board of `upy run` and `upy sim`: plenty of everything, double-precision floats.
    pub fn simulator() -> Profile {
        Profile {
            description: Description {
                name: "simulator",
                machine: "simulator",
                heap_bytes: 256 * KIB,
                float_width: FloatWidth::Double,
                slots: (0, 1024 * KIB),
                journal: 2048 * KIB,
                files: (2056 * KIB, 1016 * KIB),
            },
            geometry: Geometry { size: 3072 * KIB, erase_block: 4 * KIB, write_unit: 4 },
            sizes: Sizes {
                payload: 1024,
                incoming: 4096,
                outgoing: 4096,
                stdin: 2048,
                piece: 512,
                writers: 4,
                report: 1024,
            },
            pins: 40,
        }
    }

    /// A tight board: one KiB blocks and buffers as small as they may be, for tests.
    pub fn small() -> Profile {
        Profile {
            description: Description {
                name: "small",
                machine: "small simulated board",
                heap_bytes: 16 * KIB,
                float_width: FloatWidth::Single,
                slots: (0, 16 * KIB),
                journal: 32 * KIB,
                files: (34 * KIB, 16 * KIB),
            },
            geometry: Geometry { size: 50 * KIB, erase_block: KIB, write_unit: 4 },
            sizes: Sizes {
                payload: 128,
                incoming: 512,
                outgoing: 512,
                stdin: 128,
                piece: 128,
                writers: 2,
                report: 256,
            },
            pins: 20,
        }
    }
}

/// The executor's memory on the desktop's heap.
pub struct Buffers {
    frame: Vec<u8>,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    line: Vec<u8>,
    message: Vec<u8>,
    stdin: Vec<u8>,
    files: Vec<u8>,
    piece: usize,
    report: Vec<u8>,
}

impl Buffers {
    /// Buffers of these sizes.
    pub fn new(sizes: &Sizes) -> Buffers {
        let room = |bytes: usize| vec![0; bytes];
        Buffers {
            frame: room(link::frame::encoded_bytes(sizes.payload)),
            incoming: room(sizes.incoming),
            outgoing: room(sizes.outgoing),
            line: room(link::frame::encoded_bytes(link::HOST_PAYLOAD_BYTES.min(sizes.outgoing))),
            message: room(sizes.incoming),
            stdin: room(sizes.stdin),
            files: room(sizes.piece * sizes.writers),
            piece: sizes.piece,
            report: room(sizes.report),
        }
    }

    /// As the executor wants them.
    pub fn memory(&mut self) -> Memory<'_> {
        Memory {
            frame: &mut self.frame,
            incoming: &mut self.incoming,
            outgoing: &mut self.outgoing,
            line: &mut self.line,
            message: &mut self.message,
            stdin: &mut self.stdin,
            files: &mut self.files,
            piece: self.piece,
            report: &mut self.report,
        }
    }
}
