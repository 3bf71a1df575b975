//! Stress modes, for tests: they make rare moments happen all the time.

use crate::heap::Heap;

/// Which modes are on.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Stress {
    /// The first try of everything that allocates is refused: so it collects, and is run a second time. Finds values
    /// that were kept across a collection, and leaf functions that write before they allocate.
    pub refuse_first_try: bool,
    /// The heap is checked after every collection; damage panics.
    pub check_heap: bool,
    /// Second tries are under way: nothing is refused.
    pub(crate) paused: bool,
}

impl Heap {
    /// Chooses the stress modes.
    pub fn set_stress(&self, stress: Stress) {
        self.stress.set(stress);
    }

    pub(crate) fn stress_refuses(&self) -> bool {
        let stress = self.stress.get();
        stress.refuse_first_try && !stress.paused
    }

    pub(crate) fn pause_stress(&self, paused: bool) {
        self.stress.set(Stress { paused, ..self.stress.get() });
    }

    pub(crate) fn check_after_collection(&self) {
        if self.stress.get().check_heap
            && let Err((what, index)) = self.check()
        {
            panic!("the heap is damaged: {what} at word {index}");
        }
    }
}
