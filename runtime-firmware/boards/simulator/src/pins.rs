//! Pins of the simulated board, driven by the program on one side and from outside on the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use hal::{Edges, Error, PinEvent, PinMode, Pins, Pull};

use crate::clock::lock;

/// Changes of outputs that are remembered.
const CHANGES: usize = 4096;
/// Edges that wait for the program.
const EVENTS: usize = 64;

/// One pin as seen from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinState {
    /// How the program set it up; `None` if it has not.
    pub mode: Option<PinMode>,
    /// The resistor.
    pub pull: Pull,
    /// The level now.
    pub level: bool,
    /// What drives it from outside.
    pub external: Option<bool>,
}

/// A pin changed its level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Which pin.
    pub pin: u16,
    /// Its new level.
    pub level: bool,
    /// Microseconds since the board was made.
    pub at_us: u64,
}

#[derive(Clone, Copy)]
struct Pin {
    mode: Option<PinMode>,
    pull: Pull,
    output: bool,
    external: Option<bool>,
    watched: Edges,
}

impl Pin {
    const IDLE: Pin = Pin {
        mode: None,
        pull: Pull::None,
        output: false,
        external: None,
        watched: Edges { rising: false, falling: false },
    };

    fn level(&self) -> bool {
        let released = self.external.unwrap_or(self.pull == Pull::Up);
        match self.mode {
            Some(PinMode::Output) => self.output,
            Some(PinMode::OpenDrain) => self.output && self.external.unwrap_or(true),
            Some(PinMode::Input) | None => released,
        }
    }
}

/// All pins, shared by the board and the handle.
pub(crate) struct Bank {
    pins: Vec<Pin>,
    events: VecDeque<PinEvent>,
    changes: VecDeque<Change>,
    start: Instant,
}

impl Bank {
    pub(crate) fn new(count: u16) -> Bank {
        Bank {
            pins: vec![Pin::IDLE; usize::from(count)],
            events: VecDeque::new(),
            changes: VecDeque::new(),
            start: Instant::now(),
        }
    }

    /// A restart: the program's settings are gone, what drives pins from outside stays.
    pub(crate) fn restart(&mut self) {
        for pin in &mut self.pins {
            *pin = Pin { external: pin.external, ..Pin::IDLE };
        }
        self.events.clear();
    }

    /// Changes a pin and notices what follows from it.
    fn change(&mut self, number: u16, change: impl FnOnce(&mut Pin)) -> Result<(), Error> {
        let pin = self.pins.get_mut(usize::from(number)).ok_or(Error::NoDevice)?;
        let before = pin.level();
        change(pin);
        let (level, watched) = (pin.level(), pin.watched);
        if level == before {
            return Ok(());
        }
        if self.changes.len() == CHANGES {
            self.changes.pop_front();
        }
        let at_us = self.start.elapsed().as_micros() as u64;
        self.changes.push_back(Change { pin: number, level, at_us });
        let edges = Edges { rising: level && watched.rising, falling: !level && watched.falling };
        if edges == Edges::default() {
            return Ok(());
        }
        match self.events.iter().position(|event| event.pin == number) {
            Some(place) => {
                let event = &mut self.events[place];
                event.edges.rising |= edges.rising;
                event.edges.falling |= edges.falling;
            }
            None if self.events.len() < EVENTS => self.events.push_back(PinEvent { pin: number, edges }),
            None => {}
        }
        Ok(())
    }

    pub(crate) fn drive(&mut self, pin: u16, level: Option<bool>) -> Result<(), Error> {
        self.change(pin, |pin| pin.external = level)
    }

    pub(crate) fn state(&self, pin: u16) -> Option<PinState> {
        let pin = self.pins.get(usize::from(pin))?;
        Some(PinState { mode: pin.mode, pull: pin.pull, level: pin.level(), external: pin.external })
    }

    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        self.changes.drain(..).collect()
    }
}

/// The board's side of the pins.
pub(crate) struct SimulatedPins {
    pub(crate) bank: Arc<Mutex<Bank>>,
}

impl Pins for SimulatedPins {
    fn count(&self) -> u16 {
        lock(&self.bank).pins.len() as u16
    }

    fn configure(&mut self, pin: u16, mode: PinMode, pull: Pull) -> Result<(), Error> {
        lock(&self.bank).change(pin, |pin| {
            pin.mode = Some(mode);
            pin.pull = pull;
        })
    }

    fn read(&mut self, pin: u16) -> Result<bool, Error> {
        lock(&self.bank).pins.get(usize::from(pin)).map(Pin::level).ok_or(Error::NoDevice)
    }

    fn write(&mut self, pin: u16, high: bool) -> Result<(), Error> {
        lock(&self.bank).change(pin, |pin| pin.output = high)
    }

    fn watch(&mut self, pin: u16, edges: Edges) -> Result<(), Error> {
        lock(&self.bank).change(pin, |pin| pin.watched = edges)
    }

    fn has_event(&mut self) -> bool {
        !lock(&self.bank).events.is_empty()
    }

    fn take_event(&mut self) -> Option<PinEvent> {
        lock(&self.bank).events.pop_front()
    }
}
