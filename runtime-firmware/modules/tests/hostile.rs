//! Damaged .mpy files never harm the executor: each is refused, or runs without a panic and leaves a sound heap.
//!
//! `UPY_HOSTILE_ROUNDS` sets the number of damaged files (10,000 by default). Run it with `--features
//! vm/checked-cursor` to turn a hole in the verifier into a panic.

mod support;

use support::Machine;

/// Words of the arena: small, so that running out of memory happens too.
const ARENA_WORDS: usize = 8 * 1024;
/// Backward jumps and calls that a damaged program may make.
const STEPS: u64 = 2_000;

fn program() -> Vec<u8> {
    let source = include_str!("../../../templates/edge-filter/main.py");
    let options = compiler::Options { target: compiler::Target::Upy, ..compiler::Options::default() };
    let output = compiler::compile(source, &options);
    mpy::encode(&output.module.expect("the example compiles")).expect("the example can be encoded")
}

/// How damaged files ended.
#[derive(Default, Debug)]
struct Counts {
    refused: u32,
    ran: u32,
}

struct Bench {
    heap: vm::Heap,
    input: Vec<u8>,
    counts: Counts,
}

impl Bench {
    fn new() -> Bench {
        let arena = Vec::leak(vec![0u32; ARENA_WORDS]);
        let heap = vm::Heap::new(arena, &modules::ROM, hal::FloatWidth::Double);
        let input = include_bytes!("../../../templates/edge-filter/readings.jsonl").to_vec();
        Bench { heap, input, counts: Counts::default() }
    }

    fn run(&mut self, mpy: &[u8]) -> vm::Finish {
        self.heap.reset();
        let mut machine = Machine::new(self.input.clone());
        let finish = {
            let mut vm = vm::Vm::new(&mut self.heap, &mut machine);
            vm.set_step_limit(STEPS);
            match vm.preload("__main__", mpy.len()) {
                Ok(()) => {
                    assert!(vm.preload_write(0, mpy));
                    vm.run_preloaded("__main__")
                }
                Err(finish) => finish,
            }
        };
        assert_eq!(self.heap.check(), Ok(()), "the heap is damaged");
        let refused = String::from_utf8_lossy(&machine.stderr).contains("incompatible .mpy file");
        if refused {
            self.counts.refused += 1;
        } else {
            self.counts.ran += 1;
        }
        finish
    }
}

/// A small generator of numbers, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn every_truncation_is_refused() {
    let program = program();
    let mut bench = Bench::new();
    for length in 0..program.len() {
        assert_eq!(bench.run(&program[..length]), vm::Finish::Error, "cut at {length}");
    }
    assert_eq!(bench.counts.ran, 0);
}

#[test]
fn flipped_bytes_do_no_harm() {
    let program = program();
    let rounds = std::env::var("UPY_HOSTILE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let mut bench = Bench::new();
    let mut random = Random(0x5eed);
    for _ in 0..rounds {
        let mut damaged = program.clone();
        for _ in 0..=random.below(3) {
            let place = random.below(damaged.len());
            damaged[place] ^= 1 << random.below(8);
            if random.below(4) == 0 {
                damaged[place] = random.below(256) as u8;
            }
        }
        bench.run(&damaged);
    }
    println!("{rounds} damaged files: {:?}", bench.counts);
    // The test would prove little if the verifier let nothing, or everything, through.
    assert!(bench.counts.refused > rounds / 20 && bench.counts.ran > rounds / 20, "{:?}", bench.counts);
}
