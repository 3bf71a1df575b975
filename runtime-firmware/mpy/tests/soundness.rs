//! What the verifier accepts keeps its promises: bytecode, as compiled and broken at random, is run by a machine that
//! checks each promise where it is used (`common/model.rs`).

mod common;

use common::model::{Model, Random};
use mpy::reader::{File, FunctionView};
use mpy::verify::{Facts, Limits, scratch_words, verify_function};
use mpy::{Opcode, VerifyError};

fn verify(file: &File<'_>, function: &FunctionView<'_>) -> Result<Facts, VerifyError> {
    verify_function(Limits::of(file), function, &mut vec![0; scratch_words(function)])
}

/// Runs a function that was accepted, several times; gives what the model counted.
fn run(function: &FunctionView<'_>, facts: Facts, random: &mut Random, runs: usize) -> Result<[usize; 4], String> {
    let mut model = Model::new(function, facts);
    (0..runs).try_for_each(|_| model.run(random, 400))?;
    Ok(model.unwound)
}

fn add(total: &mut [usize; 4], more: [usize; 4]) {
    total.iter_mut().zip(more).for_each(|(total, more)| *total += usize::from(more > 0));
}

#[test]
fn compiled_code_keeps_the_promises() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut unwound = [0; 4];
    for sample in common::samples() {
        let Ok(file) = File::open(&sample.bytes) else { continue };
        for node in file.functions() {
            let facts = verify(&file, &node.function).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
            match run(&node.function, facts, &mut random, 8) {
                Ok(counts) => add(&mut unwound, counts),
                Err(broken) => panic!("{} function {}: {broken}", sample.name, node.index),
            }
        }
    }
    eprintln!("functions that unwound into, out of, past handlers, and swapped: {unwound:?}");
    assert!(unwound.iter().all(|&count| count > 0), "every way of unwinding is tried: {unwound:?}");
}

/// Changes one to three things in the code: an opcode, an operand, a jump, or the order of two stretches.
fn mutate(code: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(3) {
        let at = random.below(code.len());
        match random.below(8) {
            0 => code[at] = random.next() as u8,
            1 => code[at] ^= 1 << random.below(8),
            2 => code[at] = code[at].wrapping_add(random.below(9) as u8).wrapping_sub(4),
            3 => code[at] = Opcode::ALL[random.below(Opcode::ALL.len())] as u8,
            4 => {
                code.remove(at);
                if code.is_empty() {
                    code.push(0x63);
                }
            }
            5 => code.insert(at, Opcode::ALL[random.below(Opcode::ALL.len())] as u8),
            6 => {
                let end = (at + 1 + random.below(8)).min(code.len());
                let stretch = code[at..end].to_vec();
                let to = random.below(code.len());
                code.splice(to..to, stretch);
            }
            // Instructions that matter for blocks, more often than chance has them.
            _ => {
                let blocks =
                    [0x40, 0x42, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x53, 0x57, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5f, 0x63];
                code[at] = blocks[random.below(blocks.len())];
            }
        }
    }
}

#[test]
fn broken_code_keeps_the_promises_or_is_refused() {
    let rounds = std::env::var("UPY_MPY_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut tried, mut accepted) = (0, 0);
    for sample in common::committed() {
        let original = mpy::decode(&sample.bytes).expect("a fixture");
        let mut functions = Vec::new();
        collect(&original.root, &mut functions);
        for function in functions {
            for _ in 0..rounds {
                // The function alone, as the module's own code, keeping its children.
                let mut module = original.clone();
                module.root = function.clone();
                mutate(&mut module.root.code, &mut random);
                let bytes = mpy::encode(&module).expect("the tree still fits the format");
                let file = File::open(&bytes).expect("what was encoded opens");
                let root = file.root().expect("a root");
                tried += 1;
                if let Ok(facts) = verify(&file, &root) {
                    accepted += 1;
                    if let Err(broken) = run(&root, facts, &mut random, 12) {
                        panic!("{}: {broken}\n{:02x?}", sample.name, module.root.code);
                    }
                }
            }
        }
    }
    eprintln!("{tried} broken functions, {accepted} accepted");
    assert!(accepted > 0 && accepted < tried);
}

fn collect(function: &mpy::Function, functions: &mut Vec<mpy::Function>) {
    functions.push(function.clone());
    function.children.iter().for_each(|child| collect(child, functions));
}

/// Code from nothing: mostly sensible where it is read in a straight line, with jumps that mostly meet equal depths.
fn invent(random: &mut Random) -> Vec<u8> {
    const JUMPS: [u8; 9] = [0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4b];
    let count = 6 + random.below(24);
    // Opcode, where it starts, and the depth before it; operands are filled in later.
    let mut parts: Vec<(u8, usize, usize)> = Vec::new();
    let (mut depth, mut length, mut waiting) = (0_usize, 0, Vec::<(u8, usize)>::new());
    for _ in 0..count {
        let opcode = match random.below(22) {
            0..=2 => 0x51,
            3 => 0x53,
            4 | 5 if depth > 0 => 0x59,
            6 if depth > 1 => 0x5a,
            7 if depth > 1 => 0x5b,
            8 if depth > 0 => 0x57,
            9 if depth > 0 => 0x5f,
            10 if depth > 3 => 0x4b,
            11 | 12 => 0x42 + random.below(5) as u8,
            13 => 0x48,
            14 => 0x49,
            15 if depth > 0 => 0x47,
            16 if !waiting.is_empty() => 0x4a,
            17 if !waiting.is_empty() => 0x40,
            18 if waiting.last().is_some_and(|block| block.0 == 0x47) => 0x5c,
            18..=20 if !waiting.is_empty() => 0x5d,
            21 if depth > 0 => 0x63,
            _ => 0x5b,
        };
        parts.push((opcode, length, depth));
        length += match opcode {
            0x40 => 4,
            0x4a => 3,
            jump if JUMPS.contains(&jump) => 3,
            _ => 1,
        };
        match opcode {
            0x51 | 0x53 | 0x57 | 0x4b => depth += 1,
            0x59 | 0x43..=0x46 | 0x63 => depth = depth.saturating_sub(1),
            0x5f => depth += 3,
            0x47 => {
                depth += 2;
                waiting.push((opcode, depth - 1));
            }
            0x48 | 0x49 => waiting.push((opcode, depth)),
            0x5c => depth = depth.saturating_sub(2),
            0x4a => {
                waiting.pop();
            }
            0x5d => {
                depth = depth.saturating_sub(1);
                waiting.pop();
            }
            _ => (),
        }
    }
    parts.push((0x51, length, depth));
    parts.push((0x63, length + 1, depth + 1));

    let mut code = Vec::new();
    for &(opcode, at, depth) in &parts {
        code.push(opcode);
        if !(0x40..=0x4b).contains(&opcode) {
            continue;
        }
        let signed = opcode < 0x45;
        let arrives = match opcode {
            0x43 | 0x44 => depth.saturating_sub(1),
            0x47 => depth + 2,
            0x48 | 0x49 => depth + 1,
            0x4b => depth.saturating_sub(4),
            _ => depth,
        };
        let fits = |part: &&(u8, usize, usize)| (signed || part.1 >= at + 3) && (part.2 == arrives || opcode == 0x40);
        let choices: Vec<_> = parts.iter().filter(fits).collect();
        let target = match choices.len() {
            0 => parts[parts.len() - 2].1,
            count => choices[random.below(count)].1,
        };
        let bias = if signed { 0x4000 } else { 0 };
        let raw = (target + bias).saturating_sub(at + 3);
        code.extend([0x80 | (raw & 0x7f) as u8, (raw >> 7) as u8]);
        if opcode == 0x40 {
            code.push([1, 1, 2, 0x81][random.below(4)]);
        }
    }
    code
}

#[test]
fn invented_code_keeps_the_promises_or_is_refused() {
    let rounds = std::env::var("UPY_MPY_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30) * 500;
    let mut random = Random(0x0ddb_1a5e_5bad_5eed);
    let (mut accepted, mut unwound) = ([0; 4], [0; 4]);
    for _ in 0..rounds {
        let code = invent(&mut random);
        let module = mpy::Module {
            small_int_bits: 31,
            qstrs: vec![b"invented.py".to_vec()],
            constants: vec![],
            root: mpy::Function { n_state: 40, n_exc_stack: 4, code, ..Default::default() },
        };
        let bytes = mpy::encode(&module).expect("fits the format");
        let file = File::open(&bytes).expect("opens");
        let root = file.root().expect("a root");
        if let Ok(facts) = verify(&file, &root) {
            accepted[usize::from(facts.max_blocks).min(3)] += 1;
            match run(&root, facts, &mut random, 12) {
                Ok(counts) => add(&mut unwound, counts),
                Err(broken) => panic!("{broken}\n{:02x?}", module.root.code),
            }
        }
    }
    eprintln!("{rounds} inventions; accepted with 0, 1, 2 and more blocks: {accepted:?}; unwound {unwound:?}");
    assert!(accepted[0] > 0 && accepted[1] > 0 && accepted[2] > 0);
}
