//! The one file that knows how programs are run: everything else sees [`Runner`].

use hal::{FloatWidth, System};

pub use vm::Finish;

/// Runs compiled programs on one heap.
pub trait Runner {
    /// Empties the heap: no modules, no variables.
    fn reset(&mut self);
    /// Makes room in the heap for a module that will be found under this name.
    fn preload(&mut self, system: &mut dyn System, name: &str, length: usize) -> Result<(), Finish>;
    /// Fills in bytes of the module that was announced last.
    fn preload_write(&mut self, system: &mut dyn System, offset: usize, bytes: &[u8]);
    /// Sets `sys.argv`: each argument followed by a zero byte.
    fn set_arguments(&mut self, system: &mut dyn System, arguments: &[u8]);
    /// Runs a preloaded module.
    fn run_preloaded(&mut self, system: &mut dyn System, name: &str) -> Finish;
    /// Runs a module that lies in memory-mapped flash.
    fn run_in_place(&mut self, system: &mut dyn System, name: &str, mpy: &'static [u8]) -> Finish;
}

impl<R: Runner + ?Sized> Runner for &mut R {
    fn reset(&mut self) {
        (**self).reset();
    }

    fn preload(&mut self, system: &mut dyn System, name: &str, length: usize) -> Result<(), Finish> {
        (**self).preload(system, name, length)
    }

    fn preload_write(&mut self, system: &mut dyn System, offset: usize, bytes: &[u8]) {
        (**self).preload_write(system, offset, bytes);
    }

    fn set_arguments(&mut self, system: &mut dyn System, arguments: &[u8]) {
        (**self).set_arguments(system, arguments);
    }

    fn run_preloaded(&mut self, system: &mut dyn System, name: &str) -> Finish {
        (**self).run_preloaded(system, name)
    }

    fn run_in_place(&mut self, system: &mut dyn System, name: &str, mpy: &'static [u8]) -> Finish {
        (**self).run_in_place(system, name, mpy)
    }
}

/// Where the module `sys` keeps `argv`.
const ARGUMENTS: &[u8] = b"argv";

/// The virtual machine on its arena.
pub struct VmRunner {
    heap: vm::Heap,
    /// A part of the last preload did not fit.
    broken: bool,
}

impl VmRunner {
    /// A virtual machine with these builtin modules, on this memory.
    pub fn new(arena: &'static mut [u32], rom: &'static vm::Rom, width: FloatWidth) -> Self {
        VmRunner { heap: vm::Heap::new(arena, rom, width), broken: false }
    }
}

impl Runner for VmRunner {
    fn reset(&mut self) {
        self.heap.reset();
    }

    fn preload(&mut self, system: &mut dyn System, name: &str, length: usize) -> Result<(), Finish> {
        self.broken = false;
        vm::Vm::new(&mut self.heap, system).preload(name, length)
    }

    fn preload_write(&mut self, system: &mut dyn System, offset: usize, bytes: &[u8]) {
        self.broken |= !vm::Vm::new(&mut self.heap, system).preload_write(offset, bytes);
    }

    fn set_arguments(&mut self, system: &mut dyn System, arguments: &[u8]) {
        // Without the memory for them the program finds none, and most do not look.
        let _ = vm::Vm::new(&mut self.heap, system).retry(|heap| {
            let list = heap.new_list(2)?;
            let arguments = arguments.strip_suffix(&[0]).unwrap_or(arguments);
            for argument in arguments.split(|&byte| byte == 0) {
                heap.list_push(list, heap.new_str(argument)?)?;
            }
            heap.set_module_state(ARGUMENTS, list)
        });
    }

    fn run_preloaded(&mut self, system: &mut dyn System, name: &str) -> Finish {
        if self.broken {
            return Finish::Refused("the module did not arrive whole");
        }
        vm::Vm::new(&mut self.heap, system).run_preloaded(name)
    }

    fn run_in_place(&mut self, system: &mut dyn System, name: &str, mpy: &'static [u8]) -> Finish {
        vm::Vm::new(&mut self.heap, system).run_in_place(name, mpy)
    }
}
