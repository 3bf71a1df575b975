//! Damaged files are refused or read, never a panic; and what is read can be walked, verified, printed and written.

mod common;

use common::model::Random;
use mpy::reader::{ConstantView, Constants, File, ReadErrorKind};
use mpy::verify::{Limits, scratch_words, verify_function};

/// Reads all that there is of a file, in every way. Gives whether it was accepted, and whether all its functions were.
fn read_all(bytes: &[u8]) -> (bool, bool) {
    let Ok(file) = File::open(bytes) else {
        assert!(mpy::decode(bytes).is_err(), "what cannot be opened cannot be decoded");
        return (false, false);
    };
    assert_eq!(file.qstrs().count(), usize::from(file.qstr_count()), "the table reads to its end");
    assert_eq!(count(file.constants()), usize::from(file.constant_count()));
    assert_eq!(file.functions().count(), usize::from(file.function_count()));
    let mut sound = true;
    for node in file.functions() {
        let function = &node.function;
        let arguments = usize::from(function.prelude.n_pos_args) + usize::from(function.prelude.n_kwonly_args);
        assert_eq!(function.arg_names().count(), arguments);
        assert_eq!(function.children().count(), usize::from(function.child_count));
        let mut scratch = vec![0; scratch_words(function)];
        let result = verify_function(Limits::of(&file), function, &mut scratch);
        // So much was said to be enough.
        assert!(!matches!(result, Err(error) if matches!(error.kind, mpy::VerifyErrorKind::ScratchTooSmall(_))));
        sound &= result.is_ok();
    }
    if let Ok(module) = mpy::decode(bytes) {
        mpy::disassemble(&module);
        if let Ok(again) = mpy::encode(&module) {
            assert!(mpy::decode(&again).is_ok_and(|decoded| decoded == module), "what is written reads the same");
        }
    }
    (true, sound)
}

fn count(constants: Constants<'_>) -> usize {
    let mut table = 0;
    for constant in constants {
        if let ConstantView::Tuple(items) = constant {
            let length = items.len();
            assert_eq!(count(items), length);
        }
        table += 1;
    }
    table
}

#[test]
fn every_prefix_is_refused() {
    for sample in common::committed() {
        assert_eq!(read_all(&sample.bytes), (true, true), "{}", sample.name);
        for length in 0..sample.bytes.len() {
            assert_eq!(read_all(&sample.bytes[..length]), (false, false), "{} cut to {length}", sample.name);
        }
        let longer = [sample.bytes.as_slice(), &[0]].concat();
        assert_eq!(File::open(&longer).map_err(|error| error.kind).err(), Some(ReadErrorKind::TrailingBytes));
    }
}

#[test]
fn headers_of_other_kinds_are_refused_by_name() {
    let bytes = &common::committed()[0].bytes;
    let change = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        File::open(&bytes).err().map(|error| (error.kind, error.at))
    };
    assert_eq!(change(0, b'X'), Some((ReadErrorKind::NotMpy, 0)));
    assert_eq!(change(1, 5), Some((ReadErrorKind::Version, 1)));
    assert_eq!(change(2, 2 << 2), Some((ReadErrorKind::NativeCode, 2)));
    assert_eq!(change(2, 3), Some((ReadErrorKind::NativeCode, 2)));
    assert_eq!(change(3, 0), Some((ReadErrorKind::SmallIntBits, 3)));
    assert_eq!(change(3, 64), Some((ReadErrorKind::SmallIntBits, 3)));
    assert_eq!(change(3, 63), None);
}

#[test]
fn random_damage_never_panics() {
    let mut random = Random(0x5eed_0f5e_ed0f_5eed);
    // The smallest file most often: there damage is soonest met.
    let mut samples = common::committed();
    samples.sort_by_key(|sample| sample.bytes.len());
    let (mut opened, mut sound) = (0, 0);
    for round in 0..20_000 {
        let mut bytes = samples[if round % 8 == 0 { round / 8 % samples.len() } else { 0 }].bytes.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[at] ^= 1 << random.below(8),
                1 => bytes[at] = random.next() as u8,
                _ => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            }
        }
        let (opens, accepted) = read_all(&bytes);
        opened += u32::from(opens);
        sound += u32::from(accepted);
    }
    eprintln!("20000 damaged files: {opened} opened, {sound} of them with sound functions only");
    assert!(opened > 0 && sound > 0 && sound < opened);
}

/// Counts and lengths that promise more than there is must not make anyone wait or run out of memory.
#[test]
fn huge_counts_are_refused_at_once() {
    let header = [b'M', 6, 0, 31];
    let huge = [0x8f, 0xff, 0xff, 0xff, 0x7f];
    let files: [&[u8]; 5] = [
        // Qstrs, constants.
        &[huge.as_slice(), &[0]].concat(),
        &[&[0], huge.as_slice()].concat(),
        // The length of a qstr, of a tuple, of a function.
        &[&[1, 0], huge.as_slice()].concat(),
        &[&[0, 1, 10], huge.as_slice()].concat(),
        &[&[0, 0], huge.as_slice()].concat(),
    ];
    for rest in files {
        let bytes = [&header, rest].concat();
        assert!(File::open(&bytes).is_err(), "{bytes:x?}");
    }
}

/// Code whose paths lead backwards through it, so that what is learned at its end comes to its front step by step, for
/// one operand after the other. A little of that is verified, too much is given up.
#[test]
fn tangled_code_is_given_up() {
    let jump_if_true = |code: &mut Vec<u8>, to: usize| {
        let raw = 0x4000 + to - (code.len() + 4);
        code.extend([0x51, 0x43, 0x80 | (raw & 0x7f) as u8, (raw >> 7) as u8]);
    };
    let tangle = |operands: usize| {
        let mut code = vec![0x51; operands];
        let mut last = code.len();
        for _ in 0..1000 {
            let here = code.len();
            jump_if_true(&mut code, last);
            last = here;
        }
        for operand in 1..=operands {
            // NULL in the place of one operand.
            code.extend(vec![0x59; operand]);
            code.push(0x53);
            code.extend(vec![0x51; operand - 1]);
            jump_if_true(&mut code, last);
            // A jump to the next instruction, which so becomes a place of its own.
            code.extend([0x42, 0x40]);
        }
        code.extend([0x51, 0x63]);
        let module = mpy::Module {
            small_int_bits: 31,
            qstrs: vec![b"tangled.py".to_vec()],
            constants: vec![],
            root: mpy::Function { n_state: 200, code, ..Default::default() },
        };
        let bytes = mpy::encode(&module).expect("fits the format");
        let file = File::open(&bytes).expect("opens");
        let root = file.root().expect("a root");
        let result = verify_function(Limits::of(&file), &root, &mut vec![0; scratch_words(&root)]);
        result.map_err(|error| error.kind)
    };
    assert!(tangle(3).is_ok());
    assert_eq!(tangle(100), Err(mpy::VerifyErrorKind::TooComplex));
}
