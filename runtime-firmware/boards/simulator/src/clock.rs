//! Time of the simulated board: the desktop's, or one that jumps to the next thing that is due.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hal::Clock;

/// Which time the board has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Time {
    /// The desktop's.
    #[default]
    Real,
    /// Waiting takes no time, the clock jumps; for tests whose programs sleep.
    Jumping,
}

/// Locks a mutex; a panic elsewhere does not matter to what is kept here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes the board when something happens: input, an edge, the plug.
#[derive(Default)]
pub(crate) struct Wake {
    happened: Mutex<bool>,
    condition: Condvar,
    /// Bytes are on a slow line: look again soon, they make no sound when they arrive.
    pub(crate) arriving: AtomicBool,
}

impl Wake {
    pub(crate) fn wake(&self) {
        *lock(&self.happened) = true;
        self.condition.notify_all();
    }

    /// Waits until something happened, or for so long.
    pub(crate) fn wait(&self, longest: Duration) {
        let guard = lock(&self.happened);
        let (mut guard, _) = self
            .condition
            .wait_timeout_while(guard, longest, |happened| !*happened)
            .unwrap_or_else(PoisonError::into_inner);
        *guard = false;
    }
}

/// The clock of the board.
pub(crate) struct SimulatedClock {
    time: Time,
    start: Instant,
    jumped_us: u64,
    wake: Arc<Wake>,
}

impl SimulatedClock {
    pub(crate) fn new(time: Time, wake: Arc<Wake>) -> Self {
        SimulatedClock { time, start: Instant::now(), jumped_us: 0, wake }
    }
}

impl Clock for SimulatedClock {
    fn now_us(&mut self) -> u64 {
        self.start.elapsed().as_micros() as u64 + self.jumped_us
    }

    fn wait_until(&mut self, deadline_us: u64) {
        let mut wait_us = deadline_us.saturating_sub(self.now_us());
        if self.wake.arriving.load(Ordering::Relaxed) {
            wait_us = wait_us.min(500);
        }
        match self.time {
            Time::Real => self.wake.wait(Duration::from_micros(wait_us)),
            Time::Jumping => {
                // Look around for a moment, so that input from outside is not outrun by the clock.
                self.wake.wait(Duration::from_micros(wait_us.min(200)));
                self.jumped_us += deadline_us.saturating_sub(self.now_us()).min(100_000);
            }
        }
    }

    fn unix_time_s(&mut self) -> Option<u64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
    }
}
