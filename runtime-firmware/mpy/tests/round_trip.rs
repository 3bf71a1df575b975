//! Reading and writing give back the bytes that MicroPython's compiler wrote.

mod common;

use mpy::reader::{File, ReadErrorKind};

#[test]
fn every_sample_round_trips() {
    let (mut files, mut functions, mut native) = (0, 0, 0);
    for sample in common::samples() {
        let file = match File::open(&sample.bytes) {
            // Samples of MicroPython's own hold functions of its native emitters.
            Err(error) if error.kind == ReadErrorKind::NativeCode => {
                native += 1;
                continue;
            }
            other => other.unwrap_or_else(|error| panic!("{}: {error}", sample.name)),
        };
        let module = mpy::decode(&sample.bytes).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        let again = mpy::encode(&module).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        assert!(again == sample.bytes, "{} came back different", sample.name);
        files += 1;
        functions += u32::from(file.function_count());
    }
    eprintln!("{files} files with {functions} functions round-trip; {native} with native code are refused");
    assert!(files > 0);
}

#[test]
fn functions_are_numbered_with_siblings_together() {
    for sample in common::samples() {
        let Ok(file) = File::open(&sample.bytes) else { continue };
        let nodes: Vec<_> = file.functions().collect();
        assert_eq!(nodes.len(), usize::from(file.function_count()));
        let mut seen = vec![false; nodes.len()];
        for node in &nodes {
            assert!(!std::mem::replace(&mut seen[usize::from(node.index)], true), "numbers are unique");
            let Some(parent) = node.parent else { continue };
            let parent = nodes.iter().find(|other| other.index == parent).expect("parents come first");
            assert_eq!(node.index, parent.first_child + node.child);
            let found = parent.function.child(u32::from(node.child)).expect("the child is there");
            assert_eq!(found.data, node.function.data);
            assert_eq!(parent.depth + 1, node.depth);
        }
    }
}
