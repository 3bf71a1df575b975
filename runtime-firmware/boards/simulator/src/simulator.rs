//! The handle of a simulated board: the thread it runs on, the plug, the pins, the line.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

use executor::{Executor, Exit, Runner, VmRunner};
use hal::{Description, Error};

use crate::board::{SharedFlash, SimulatedBoard};
use crate::clock::{SimulatedClock, Time, Wake, lock};
use crate::console::{Line, Pipes, SimulatedConsole};
use crate::flash::{Cut, SimulatedFlash};
use crate::pins::{Bank, Change, PinState, SimulatedPins};
use crate::profile::{Buffers, Profile};

/// Stack of the thread that the executor runs on.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Makes what runs programs; called at every start of the board.
pub type RunnerFactory = Arc<dyn Fn(&'static Description) -> Box<dyn Runner> + Send + Sync>;

/// Runs programs on the virtual machine with these builtin modules.
pub fn virtual_machine(rom: &'static vm::Rom) -> RunnerFactory {
    Arc::new(move |description| {
        // The heap lives as long as a board would: a small leak at every start.
        let words = description.heap_bytes as usize / 4;
        Box::new(VmRunner::new(vec![0; words].leak(), rom, description.float_width))
    })
}

/// What to simulate.
#[derive(Clone)]
pub struct Config {
    /// The board.
    pub profile: Profile,
    /// Where its flash is kept; in memory if absent.
    pub flash_file: Option<PathBuf>,
    /// Content of the flash in memory; blank if absent.
    pub flash_content: Option<Vec<u8>>,
    /// Which time it has.
    pub time: Time,
    /// Speed of the line in bits a second; a line that takes no time if absent.
    pub baud: Option<u32>,
    /// What runs programs.
    pub runner: RunnerFactory,
}

impl Config {
    /// This board with blank flash in memory, and this to run programs.
    pub fn new(profile: Profile, runner: RunnerFactory) -> Config {
        Config { profile, flash_file: None, flash_content: None, time: Time::Real, baud: None, runner }
    }
}

/// A simulated board. Dropping it pulls the plug.
pub struct Simulator {
    config: Config,
    description: &'static Description,
    flash: Arc<Mutex<SimulatedFlash>>,
    bank: Arc<Mutex<Bank>>,
    pipes: Arc<Pipes>,
    wake: Arc<Wake>,
    power: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Makes the board and switches it on. Fails when the flash file cannot be used, or no thread can be had.
    pub fn spawn(config: Config) -> std::io::Result<Simulator> {
        let geometry = config.profile.geometry;
        let flash = match (&config.flash_file, &config.flash_content) {
            (Some(path), _) => SimulatedFlash::open(geometry, path)?,
            (None, Some(content)) => SimulatedFlash::with_content(geometry, content.clone()),
            (None, None) => SimulatedFlash::new(geometry),
        };
        // One small leak for each simulated board: a description lives as long as a board.
        let description = Box::leak(Box::new(config.profile.description));
        let mut simulator = Simulator {
            description,
            flash: Arc::new(Mutex::new(flash)),
            bank: Arc::new(Mutex::new(Bank::new(config.profile.pins))),
            pipes: Arc::default(),
            wake: Arc::default(),
            power: Arc::new(AtomicBool::new(false)),
            thread: None,
            config,
        };
        simulator.power_on()?;
        Ok(simulator)
    }

    /// The host's end of the console. It stays the same over power cycles.
    pub fn line(&self) -> Line {
        Line::new(Arc::clone(&self.pipes), Arc::clone(&self.wake))
    }

    /// Facts of the board.
    pub fn description(&self) -> &'static Description {
        self.description
    }

    /// The board is on: nobody pulled the plug, and no planned cut happened.
    pub fn is_on(&self) -> bool {
        self.power.load(Ordering::Relaxed) && self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Drives a pin from outside, high or low, or lets go of it. Fails when there is no such pin.
    pub fn set_input(&self, pin: u16, level: Option<bool>) -> Result<(), Error> {
        lock(&self.bank).drive(pin, level)?;
        self.wake.wake();
        Ok(())
    }

    /// The state of a pin; `None` when there is no such pin.
    pub fn pin(&self, pin: u16) -> Option<PinState> {
        lock(&self.bank).state(pin)
    }

    /// What changed on the pins since this was last asked.
    pub fn take_changes(&self) -> Vec<Change> {
        lock(&self.bank).take_changes()
    }

    /// The content of the flash now.
    pub fn flash_content(&self) -> Vec<u8> {
        lock(&self.flash).content().to_vec()
    }

    /// Plans a power cut at a flash operation, counted from now.
    pub fn plan_cut(&self, cut: Option<Cut>) {
        lock(&self.flash).plan_cut(cut);
    }

    /// Programs and erases since the last [`Simulator::plan_cut`].
    pub fn flash_operations(&self) -> u64 {
        lock(&self.flash).operations()
    }

    /// Pulls the plug: the executor stops wherever it is, and flash stays as it is.
    pub fn power_off(&mut self) {
        self.power.store(false, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            while !thread.is_finished() {
                self.wake.wake();
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            // A panic was already caught and reported on the thread.
            let _ = thread.join();
        }
    }

    /// Switches the board on again.
    pub fn power_on(&mut self) -> std::io::Result<()> {
        self.power_off();
        {
            let mut flash = lock(&self.flash);
            flash.plan_cut(None);
            flash.set_power(true);
        }
        self.power.store(true, Ordering::Relaxed);
        let board = Start {
            profile: self.config.profile.clone(),
            description: self.description,
            flash: Arc::clone(&self.flash),
            bank: Arc::clone(&self.bank),
            pipes: Arc::clone(&self.pipes),
            wake: Arc::clone(&self.wake),
            power: Arc::clone(&self.power),
            time: self.config.time,
            baud: self.config.baud,
            runner: Arc::clone(&self.config.runner),
        };
        let thread = Builder::new().name("upy-simulator".into()).stack_size(STACK_BYTES);
        self.thread = Some(thread.spawn(move || board.run())?);
        Ok(())
    }

    /// Off and on again.
    pub fn power_cycle(&mut self) -> std::io::Result<()> {
        self.power_off();
        self.power_on()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.power_off();
    }
}

/// What the thread needs to start the executor, again and again.
struct Start {
    profile: Profile,
    description: &'static Description,
    flash: Arc<Mutex<SimulatedFlash>>,
    bank: Arc<Mutex<Bank>>,
    pipes: Arc<Pipes>,
    wake: Arc<Wake>,
    power: Arc<AtomicBool>,
    time: Time,
    baud: Option<u32>,
    runner: RunnerFactory,
}

impl Start {
    fn run(&self) {
        let mut fault = None;
        while self.power.load(Ordering::Relaxed) {
            lock(&self.bank).restart();
            match catch_unwind(AssertUnwindSafe(|| self.run_once(fault.take()))) {
                Ok(Exit::PowerOff) => return,
                Ok(Exit::Reset(_)) => {}
                Err(panic) => {
                    // What a chip's panic handler does: remember, restart.
                    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
                    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
                    fault = Some(format!("panic: {}\n", text.unwrap_or_default()));
                }
            }
        }
    }

    fn run_once(&self, fault: Option<String>) -> Exit {
        let mut board = SimulatedBoard {
            description: self.description,
            console: SimulatedConsole::new(Arc::clone(&self.pipes), Arc::clone(&self.wake), self.baud),
            clock: SimulatedClock::new(self.time, Arc::clone(&self.wake)),
            flash: SharedFlash { flash: Arc::clone(&self.flash), power: Arc::clone(&self.power) },
            pins: SimulatedPins { bank: Arc::clone(&self.bank) },
            power: Arc::clone(&self.power),
            fault,
        };
        let mut buffers = Buffers::new(&self.profile.sizes);
        let mut runner = (self.runner)(self.description);
        Executor::new(&mut board, buffers.memory(), &mut *runner).run()
    }
}
