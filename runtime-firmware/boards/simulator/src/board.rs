//! The board that the executor sees: what is shared with the handle, behind the hal's traits.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use hal::{Board, Clock, Console, Description, Error, Flash, Geometry, Pins, ResetKind};

use crate::clock::{SimulatedClock, Time, Wake, lock};
use crate::console::SimulatedConsole;
use crate::flash::SimulatedFlash;
use crate::pins::{Bank, SimulatedPins};
use crate::profile::Profile;

/// Flash that the handle may look at while the board runs.
pub(crate) struct SharedFlash {
    pub(crate) flash: Arc<Mutex<SimulatedFlash>>,
    pub(crate) power: Arc<AtomicBool>,
}

impl SharedFlash {
    fn with<R>(&self, act: impl FnOnce(&mut SimulatedFlash) -> Result<R, Error>) -> Result<R, Error> {
        if !self.power.load(Ordering::Relaxed) {
            return Err(Error::Io);
        }
        let mut flash = lock(&self.flash);
        let result = act(&mut flash);
        if !flash.is_powered() {
            self.power.store(false, Ordering::Relaxed);
        }
        result
    }
}

impl Flash for SharedFlash {
    fn geometry(&self) -> Geometry {
        lock(&self.flash).geometry()
    }

    fn read(&mut self, offset: u32, buffer: &mut [u8]) -> Result<(), Error> {
        self.with(|flash| flash.read(offset, buffer))
    }

    fn program(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        self.with(|flash| flash.program(offset, bytes))
    }

    fn erase(&mut self, offset: u32, length: u32) -> Result<(), Error> {
        self.with(|flash| flash.erase(offset, length))
    }

    fn map(&mut self, offset: u32, length: u32) -> Option<&'static [u8]> {
        lock(&self.flash).map(offset, length)
    }
}

/// A board with this flash that nobody else can reach, to use the executor's parts without a thread.
pub fn bare_board(profile: &Profile, flash: SimulatedFlash) -> BareBoard {
    let wake = Arc::<Wake>::default();
    let power = Arc::new(AtomicBool::new(true));
    let flash = Arc::new(Mutex::new(flash));
    BareBoard(SimulatedBoard {
        description: Box::leak(Box::new(profile.description)),
        console: SimulatedConsole::new(Arc::default(), Arc::clone(&wake), None),
        clock: SimulatedClock::new(Time::Real, wake),
        flash: SharedFlash { flash, power: Arc::clone(&power) },
        pins: SimulatedPins { bank: Arc::new(Mutex::new(Bank::new(profile.pins))) },
        power,
        fault: None,
    })
}

/// See [`bare_board`].
pub struct BareBoard(SimulatedBoard);

impl BareBoard {
    /// The board.
    pub fn board(&mut self) -> &mut dyn Board {
        &mut self.0
    }

    /// Its flash.
    pub fn flash<R>(&mut self, act: impl FnOnce(&mut SimulatedFlash) -> R) -> R {
        act(&mut lock(&self.0.flash.flash))
    }
}

/// The board.
pub(crate) struct SimulatedBoard {
    pub(crate) description: &'static Description,
    pub(crate) console: SimulatedConsole,
    pub(crate) clock: SimulatedClock,
    pub(crate) flash: SharedFlash,
    pub(crate) pins: SimulatedPins,
    pub(crate) power: Arc<AtomicBool>,
    /// What the last run's panic said.
    pub(crate) fault: Option<String>,
}

const UNIQUE_ID: [u8; 8] = *b"upy-sim0";

impl Board for SimulatedBoard {
    fn description(&self) -> &'static Description {
        self.description
    }

    fn console(&mut self) -> &mut dyn Console {
        &mut self.console
    }

    fn clock(&mut self) -> &mut dyn Clock {
        &mut self.clock
    }

    fn flash(&mut self) -> &mut dyn Flash {
        &mut self.flash
    }

    fn pins(&mut self) -> &mut dyn Pins {
        &mut self.pins
    }

    fn entropy(&mut self, buffer: &mut [u8]) {
        // Every RandomState has keys of its own, from the system.
        for piece in buffer.chunks_mut(8) {
            let bytes = RandomState::new().build_hasher().finish().to_le_bytes();
            piece.copy_from_slice(&bytes[..piece.len()]);
        }
    }

    fn unique_id(&mut self) -> &[u8] {
        &UNIQUE_ID
    }

    fn take_fault(&mut self, buffer: &mut [u8]) -> usize {
        let Some(fault) = self.fault.take() else { return 0 };
        let count = fault.len().min(buffer.len());
        buffer[..count].copy_from_slice(&fault.as_bytes()[..count]);
        count
    }

    fn powered(&mut self) -> bool {
        self.power.load(Ordering::Relaxed)
    }

    fn reset(&mut self, _kind: ResetKind) {
        // The thread starts the executor again when it returns.
    }
}
