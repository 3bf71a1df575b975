//! Damaged .mpy files are refused or shown, never a panic: what `upy inspect` does, within one process.

const PROGRAM: &str = "
import json

CONFIG = {'window': 4, 'name': 'a long string that is kept as it is', 'big': 123456789012345678901234567890}

class Window:
    def __init__(self, size, *rest, key=1.5, **more):
        self.values = [size, rest, key, more]

    def mean(self):
        try:
            return sum(self.values) / len(self.values)
        except (ZeroDivisionError, TypeError) as error:
            raise ValueError('no mean') from error
        finally:
            self.values = None

def readings(lines):
    seen = 0
    def count():
        nonlocal seen
        seen += 1
        return seen
    for line in lines:
        with open(line) as file:
            yield count(), json.load(file), b'bytes', (1, 2.5, 3j, None, ...)
";

fn program() -> Vec<u8> {
    let output = compiler::compile(PROGRAM, &compiler::Options::default());
    assert!(output.diagnostics.is_empty(), "{:?}", output.diagnostics);
    mpy::encode(&output.module.unwrap()).unwrap()
}

/// Returns whether it was accepted.
fn inspect(bytes: &[u8]) -> bool {
    match mpy::decode(bytes) {
        Ok(module) => {
            assert!(!mpy::disassemble(&module).is_empty());
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

#[test]
fn every_truncation() {
    let program = program();
    assert!(inspect(&program));
    for length in 0..program.len() {
        assert!(!inspect(&program[..length]), "cut at {length}");
    }
}

#[test]
fn random_damage() {
    let program = program();
    let mut state = 1u64;
    let mut random = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..10_000 {
        let mut damaged = program.clone();
        for _ in 0..=random(3) {
            let place = random(damaged.len());
            damaged[place] ^= 1 << random(8);
        }
        if inspect(&damaged) {
            accepted += 1;
        } else {
            refused += 1;
        }
    }
    // Both happen, so both ways are tried.
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
}
