//! Flash in memory or in a file, with the manners of real NOR flash, and a plug that can be pulled at any
//! operation.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use hal::{Error, Flash, Geometry};

/// When, around an operation, the power fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Before it: nothing of it happened.
    Before,
    /// In it: a program stopped after some bytes, an erase left arbitrary bits.
    Middle,
    /// After it, before anything else could happen.
    After,
}

/// A power cut that is to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Number of the operation (program or erase), from 0, counted from when the cut was planned.
    pub operation: u64,
    /// When around it.
    pub moment: Moment,
    /// For [`Moment::Middle`]: the bytes that an interrupted program writes, modulo its length; and which bits an
    /// interrupted erase leaves.
    pub seed: u64,
}

/// Simulated flash.
pub struct SimulatedFlash {
    geometry: Geometry,
    bytes: Vec<u8>,
    file: Option<File>,
    operations: u64,
    cut: Option<Cut>,
    powered: bool,
    /// Parts that were mapped, as copies that live for ever: what maps them promises that they do not change.
    mapped: HashMap<(u32, u32), &'static [u8]>,
}

impl SimulatedFlash {
    /// Blank flash in memory.
    pub fn new(geometry: Geometry) -> SimulatedFlash {
        SimulatedFlash {
            geometry,
            bytes: vec![0xff; geometry.size as usize],
            file: None,
            operations: 0,
            cut: None,
            powered: true,
            mapped: HashMap::new(),
        }
    }

    /// Flash that is kept in a file, which is made if absent. A file of another size is refused.
    pub fn open(geometry: Geometry, path: &Path) -> std::io::Result<SimulatedFlash> {
        let mut flash = SimulatedFlash::new(geometry);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let length = file.metadata()?.len();
        if length == 0 {
            file.write_all(&flash.bytes)?;
        } else if length == u64::from(geometry.size) {
            file.read_exact(&mut flash.bytes)?;
        } else {
            let message = format!("the flash file has {length} bytes, this board's flash {}", geometry.size);
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
        }
        flash.file = Some(file);
        Ok(flash)
    }

    /// Flash with this content.
    pub fn with_content(geometry: Geometry, content: Vec<u8>) -> SimulatedFlash {
        assert_eq!(content.len(), geometry.size as usize, "the content has the size of the flash");
        SimulatedFlash { bytes: content, ..SimulatedFlash::new(geometry) }
    }

    /// Everything in it.
    pub fn content(&self) -> &[u8] {
        &self.bytes
    }

    /// Plans a power cut; counting begins now.
    pub fn plan_cut(&mut self, cut: Option<Cut>) {
        self.cut = cut;
        self.operations = 0;
    }

    /// Programs and erases since the last [`SimulatedFlash::plan_cut`].
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// False once a planned cut happened.
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// Switches the power off or on.
    pub fn set_power(&mut self, powered: bool) {
        self.powered = powered;
    }

    fn range(&self, offset: u32, length: usize, unit: u32) -> Result<std::ops::Range<usize>, Error> {
        let start = offset as usize;
        let end = start.checked_add(length).filter(|&end| end <= self.bytes.len()).ok_or(Error::Invalid)?;
        if !offset.is_multiple_of(unit) || !length.is_multiple_of(unit as usize) {
            return Err(Error::Invalid);
        }
        Ok(start..end)
    }

    /// How much of an operation on so many bytes happens: all of it, unless the power fails.
    fn happens(&mut self, length: usize) -> (usize, bool) {
        let operation = self.operations;
        self.operations += 1;
        match self.cut.filter(|cut| cut.operation == operation) {
            None => (length, false),
            Some(cut) => {
                self.powered = false;
                match cut.moment {
                    Moment::Before => (0, false),
                    Moment::Middle => ((cut.seed % length.max(1) as u64) as usize, true),
                    Moment::After => (length, false),
                }
            }
        }
    }

    fn store(&mut self, range: std::ops::Range<usize>) -> Result<(), Error> {
        self.mapped
            .retain(|&(offset, length), _| offset as usize >= range.end || (offset + length) as usize <= range.start);
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(range.start as u64)).map_err(|_| Error::Io)?;
            file.write_all(&self.bytes[range]).map_err(|_| Error::Io)?;
        }
        Ok(())
    }

    fn outcome(&self) -> Result<(), Error> {
        if self.powered { Ok(()) } else { Err(Error::Io) }
    }
}

fn scramble(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

impl Flash for SimulatedFlash {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn read(&mut self, offset: u32, buffer: &mut [u8]) -> Result<(), Error> {
        self.outcome()?;
        let range = self.range(offset, buffer.len(), 1)?;
        buffer.copy_from_slice(&self.bytes[range]);
        Ok(())
    }

    fn program(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        self.outcome()?;
        let range = self.range(offset, bytes.len(), self.geometry.write_unit)?;
        assert!(
            self.bytes[range.clone()].iter().all(|&byte| byte == 0xff),
            "flash at {offset:#x} is programmed twice without an erase"
        );
        let (count, _) = self.happens(bytes.len());
        self.bytes[range.start..range.start + count].copy_from_slice(&bytes[..count]);
        self.store(range)?;
        self.outcome()
    }

    fn erase(&mut self, offset: u32, length: u32) -> Result<(), Error> {
        self.outcome()?;
        let range = self.range(offset, length as usize, self.geometry.erase_block)?;
        let (count, interrupted) = self.happens(length as usize);
        if interrupted {
            // Some bits are erased, some are not: in any mixture, anywhere.
            let seed = scramble(self.operations) ^ scramble(count as u64);
            for (place, byte) in self.bytes[range.clone()].iter_mut().enumerate() {
                let noise = scramble(seed ^ place as u64);
                *byte = match seed % 3 {
                    0 => noise as u8,
                    1 if place < count => 0xff,
                    1 => *byte,
                    _ => *byte | noise as u8,
                };
            }
        } else {
            self.bytes[range.start..range.start + count].fill(0xff);
        }
        self.store(range)?;
        self.outcome()
    }

    fn map(&mut self, offset: u32, length: u32) -> Option<&'static [u8]> {
        let range = self.range(offset, length as usize, 1).ok()?;
        let bytes = &self.bytes;
        Some(self.mapped.entry((offset, length)).or_insert_with(|| bytes[range].to_vec().leak()))
    }
}
