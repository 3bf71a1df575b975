//! Golden disassemblies: what each committed fixture looks like. `UPY_BLESS=1` writes them anew.

mod common;

#[test]
fn fixtures_look_as_they_did() {
    let mut differ = Vec::new();
    for sample in common::committed() {
        let module = mpy::decode(&sample.bytes).expect("a fixture");
        let text = mpy::disassemble(&module);
        let golden = std::path::Path::new(&sample.name).with_extension("txt");
        if std::env::var_os("UPY_BLESS").is_some() {
            std::fs::write(&golden, &text).expect("the golden file is written");
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if expected != text {
            let line = expected.lines().zip(text.lines()).take_while(|(expected, text)| expected == text).count() + 1;
            differ.push(format!("{} differs from line {line} on", golden.display()));
        }
    }
    assert!(differ.is_empty(), "{}\n(UPY_BLESS=1 writes them anew)", differ.join("\n"));
}

#[test]
fn damage_is_shown_not_hidden() {
    let module = mpy::Module {
        small_int_bits: 31,
        qstrs: vec![b"a.py".to_vec(), b"\xed\xa0\x80".to_vec()],
        constants: vec![mpy::Constant::Tuple(vec![mpy::Constant::Str(b"\xed\xa0\x80".to_vec())])],
        root: mpy::Function {
            n_state: 1,
            code: vec![0x23, 0, 0x23, 7, 0x12, 9, 0x32, 3, 0x10, 1, 0x42, 0x40, 0, 1],
            ..Default::default()
        },
    };
    let text = mpy::disassemble(&module);
    for part in [
        "(\"\\xed\\xa0\\x80\",)",
        "constant 7, which is not there",
        "qstr 9, which is not there",
        "LOAD_CONST_STRING     \"\\xed\\xa0\\x80\"",
        ">   12  UnknownOpcode: 00 01",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
