//! The verifier accepts what MicroPython's compiler makes, and says what is true of it.

mod common;

use mpy::reader::File;
use mpy::verify::{Limits, scratch_words, verify_function};
use mpy::{VerifyErrorKind, verify};

#[test]
fn every_sample_is_accepted() {
    let (mut functions, mut words, mut worst) = (0, 0, 0);
    let mut refused = Vec::new();
    for sample in common::samples() {
        let Ok(file) = File::open(&sample.bytes) else { continue };
        for node in file.functions() {
            let enough = scratch_words(&node.function);
            // What is in the scratch memory before does not matter.
            let mut scratch = vec![0xdead_beef; enough];
            match verify_function(Limits::of(&file), &node.function, &mut scratch) {
                Ok(facts) => {
                    assert!(facts.n_locals + facts.max_depth <= node.function.prelude.n_state);
                    assert!(u16::from(facts.max_blocks) <= node.function.prelude.n_exc_stack);
                }
                Err(error) => refused.push(format!("{} function {}: {error}", sample.name, node.index)),
            }
            functions += 1;
            words += enough;
            worst = worst.max(enough);
        }
    }
    eprintln!("{functions} functions, {words} words of scratch in all, {worst} at most");
    assert!(refused.is_empty(), "{} of {functions} refused:\n{}", refused.len(), refused.join("\n"));
}

#[test]
fn scratch_that_is_too_small_is_an_error() {
    for sample in common::committed() {
        let file = File::open(&sample.bytes).expect("a fixture");
        for node in file.functions() {
            let enough = scratch_words(&node.function);
            let mut accepted = false;
            for size in 0..=enough {
                match verify_function(Limits::of(&file), &node.function, &mut vec![0; size]) {
                    Ok(_) => accepted = true,
                    Err(error) => {
                        assert!(!accepted, "a smaller scratch was enough");
                        let VerifyErrorKind::ScratchTooSmall(words) = error.kind else { panic!("{error}") };
                        assert!(words as usize <= enough && words as usize > size);
                    }
                }
            }
            assert!(accepted);
        }
        assert_eq!(verify::verify_file(&file), Ok(file.function_count()));
    }
}
