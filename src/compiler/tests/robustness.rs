//! No text makes the compiler panic, overflow the stack, or emit what the verifier refuses.

use compiler::{Mode, Options, Severity, Target, compile, imports, is_incomplete};

/// Compiles in a mode; what comes out must be sound, and "internal" errors are panics in disguise.
fn survives(source: &[u8], mode: Mode) -> bool {
    let options = Options { mode, target: Target::Upy, ..Options::default() };
    let output = compile(source, &options);
    for found in &output.diagnostics {
        let text = String::from_utf8_lossy(source);
        let shown: String = text.chars().take(2000).collect();
        assert_ne!(found.code, "internal", "{shown}\n{found:?}");
        assert!(found.span.0 <= found.span.1 && found.span.1 <= source.len() + 3, "{shown}\n{found:?}");
    }
    let refused = output.diagnostics.iter().any(|found| found.severity == Severity::Error);
    assert_eq!(refused, output.module.is_none());
    let Some(module) = output.module else { return false };
    let bytes = mpy::encode(&module).expect("an encodable module");
    let file = mpy::reader::File::open(&bytes).expect("a readable file");
    let verified = mpy::verify::verify_file(&file);
    let shown: String = String::from_utf8_lossy(source).chars().take(2000).collect();
    assert!(verified.is_ok(), "{shown}\n{verified:?}");
    true
}

fn compiles(source: &str) -> bool {
    survives(source.as_bytes(), Mode::Exec)
}

const SAMPLES: [&str; 4] = [
    include_str!("python/scopes.py"),
    include_str!("python/match.py"),
    include_str!("python/strings.py"),
    include_str!("python/generators.py"),
];

#[test]
fn every_prefix_of_a_program_is_survived() {
    for sample in SAMPLES {
        for end in (0..=sample.len()).step_by(3) {
            survives(&sample.as_bytes()[..end], Mode::Exec);
            if let Some(text) = sample.get(..end) {
                is_incomplete(text);
            }
        }
    }
}

/// A small generator of numbers, so that failures can be repeated.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap_or(0)
}

#[test]
fn mutations_are_survived() {
    let mut state = 0x2545_f491_4f6c_dd1d;
    let pieces: [&[u8]; 24] = [
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b"\n",
        b"    ",
        b"\"\"\"",
        b"'",
        b"\\",
        b"\0",
        b"\xff",
        b"f'",
        b"*",
        b"lambda:",
        b"yield ",
        b"await ",
        b"async ",
        b"del ",
        b":=",
        b"\r",
        b"class A: ",
    ];
    for round in 0..1500 {
        let mut text = SAMPLES[round % SAMPLES.len()].as_bytes().to_vec();
        for _ in 0..=next(&mut state) % 4 {
            let at = next(&mut state) % text.len();
            match next(&mut state) % 4 {
                0 => drop(text.remove(at)),
                1 => text[at] = u8::try_from(next(&mut state) % 256).unwrap_or(0),
                2 => drop(text.splice(at..at, pieces[next(&mut state) % pieces.len()].iter().copied())),
                _ => {
                    let end = (at + next(&mut state) % 40).min(text.len());
                    drop(text.drain(at..end));
                }
            }
        }
        survives(&text, if round % 3 == 0 { Mode::Single } else { Mode::Exec });
        imports(&text);
    }
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("x[", "]"), ("(lambda: ", ")"), ("f'{", "}'")]
    {
        assert!(!compiles(&format!("x = {}1{}", open.repeat(10_000), close.repeat(10_000))), "{open}");
    }
    for prefix in ["not ", "- ", "~", "await ", "lambda: ", "lambda a, b: ", "1 if x else ", "2 ** "] {
        assert!(!compiles(&format!("x = {}1", prefix.repeat(10_000))), "{prefix}");
    }
    let functions: String = (0..1000).map(|level| format!("{}def f():\n", " ".repeat(level))).collect();
    assert!(!compiles(&format!("{functions}{}pass\n", " ".repeat(1000))));
    assert!(!compiles(&"(".repeat(100_000)));
    assert!(!compiles(&format!("match x:\n case {}y{}: pass\n", "[".repeat(5000), "]".repeat(5000))));
}

#[test]
fn long_chains_compile() {
    assert!(compiles(&format!("x = {}", vec!["a"; 10_000].join(" + "))));
    assert!(compiles(&format!("x = a{}", ".b".repeat(10_000))));
    assert!(compiles(&format!("x = a{}", "()".repeat(5_000))));
    assert!(compiles(&format!("x = {}", vec!["'a'"; 5_000].join(" "))));
    assert!(compiles(&format!("x = {}", vec!["a"; 5_000].join(" and "))));
    assert!(compiles(&format!("x = {}", vec!["a"; 500].join(" < "))));
    assert!(compiles(&format!("if a: pass\n{}", "elif b: pass\n".repeat(3_000))));
    assert!(compiles(&format!("x = [{}]", vec!["-1"; 20_000].join(", "))));
    assert!(compiles(&format!("x = [{}]", vec!["lambda: 1"; 2_000].join(", "))));
    assert!(compiles(&"x = 1\n".repeat(20_000)));
    assert!(compiles(&format!("x = {}", "9".repeat(20_000))));
    assert!(compiles(&format!("x = {}1{}", "(".repeat(199), ")".repeat(199))));
    assert!(compiles(&format!(
        "{}pass\n",
        (0..99).map(|level| format!("{}if x:\n", " ".repeat(level))).collect::<String>() + &" ".repeat(99)
    )));
}

#[test]
fn sizes_beyond_the_format_are_errors() {
    let code = |source: &str| compile(source, &Options::default()).diagnostics.first().map(|found| found.code);
    assert_eq!(code(&format!("while x:\n{}", "    a.b(c, 12345)\n".repeat(6000))), Some("jump-too-far"));
    assert_eq!(code(&format!("with {}: pass", vec!["a"; 70].join(", "))), Some("too-many-blocks"));
    let lambdas = "(lambda: ".repeat(50) + "1" + &")".repeat(50);
    assert_eq!(code(&lambdas), Some("functions-too-deep"));
    let parameters: Vec<String> = (0..300).map(|n| format!("a{n}")).collect();
    assert_eq!(code(&format!("def f({}): pass", parameters.join(", "))), Some("too-many-parameters"));
    assert_eq!(code(&format!("{} = 1", "a".repeat(300))), Some("name-too-long"));
    let locals: String = (0..3000).map(|n| format!("    a{n} = 1\n")).collect();
    assert_eq!(code(&format!("def f():\n{locals}")), Some("function-too-large"));
    // Within the format, but close: locals beyond what cells can number, tuples in tuples.
    let locals: String = (0..300).map(|n| format!("    a{n} = 1\n")).collect();
    assert!(compiles(&format!("def f():\n{locals}    return lambda: (a0, a299)")));
    assert!(compiles(&format!("x = {}1{}", "(".repeat(100), ",)".repeat(100))));
    assert!(compiles(&format!("with {}: pass", vec!["a"; 60].join(", "))));
}

#[test]
fn odd_texts_are_survived() {
    for source in [
        &b""[..],
        b"\n",
        b"\r",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbfx = 1\r\n",
        b"\t\tx",
        b"x = 1\r\ny = 2\r",
        b"\x0c\nx = 1",
        b"#",
        b"\\",
        b"\\\n",
        b"x = \\\n1",
        b"'''",
        b"f'''{",
        b"f'{x!",
        b"f'{x:",
        b"f'{x:{",
        b"\xff\xfe",
        b"\0",
        b"x\0",
        b"'\\ud800'",
        b"'\\N{BULLET}'",
        b"'\\N{NOTHING}'",
        b"f'\\N{BULLET}{1}'",
        b"1e999",
        b"0_0",
        b"1__0",
        b"1j",
        b"b'\xc3'",
        b"match = 1",
        b"match(x)",
        b"type = 1\nprint(type)",
        b"case = _ = 1",
        b"@a\n@b\nclass A: pass",
        b"async = 1",
        b"def f(a, (b, c)): pass",
        b"x: int",
        b"(x): int = 1",
        b"x.y: int",
        b"x[0]: int = 1",
        b"global x",
        b"print 1",
        b"exec 'x'",
        b"class A:\n def f(self): super()",
        b"lambda: (yield)",
        b"[*a for a in b]",
        b"f(*)",
        b"a = yield",
        b"with (yield): pass",
        b"x = (yield)",
        b"del (a, b), [c]",
        b"del ()",
        b"() = x",
        b"[] = x",
        b"(a) = 1",
        b"a, = b",
        b"for x in *a, b: pass",
        b"try: pass\nfinally: pass",
        b"while 1: pass\nelse: x",
        b"if 1: x\nelse: y",
        b"...",
    ] {
        for mode in [Mode::Exec, Mode::Eval, Mode::Single] {
            survives(source, mode);
        }
    }
}

#[test]
fn lone_surrogates_keep_their_bytes() {
    let output = compile("x = '\\ud83d', '\\ufffd'", &Options::default());
    let module = output.module.expect("a module");
    let text = format!("{:?}", module.constants);
    assert!(text.contains("[237, 160, 189]") && text.contains("[239, 191, 189]"), "{text}");
}

#[test]
fn the_repl_knows_when_more_must_follow() {
    for incomplete in [
        "if x:",
        "def f():\n    pass",
        "(",
        "x = [1,",
        "'''abc",
        "x = \\",
        "@d",
        "for x in y: pass",
        "class A:\n",
        "try:\n    x\nexcept E:",
        "f'''{",
    ] {
        assert!(is_incomplete(incomplete), "{incomplete:?}");
    }
    for complete in [
        "",
        "x",
        "x = 1",
        "x = (1)",
        "if x:\n    pass\n",
        "def f(): pass\n",
        "x = )",
        "'abc",
        "match = 1",
        "1 +",
        "import a",
    ] {
        assert!(!is_incomplete(complete), "{complete:?}");
    }
}

#[test]
fn imports_are_listed() {
    let found = imports(
        "import a.b, c as d\ndef f():\n    from ..e import g, h\ntry:\n    from i import *\nexcept ImportError: pass\n",
    );
    let shown: Vec<String> = found
        .iter()
        .map(|one| format!("{}{} {}", ".".repeat(one.level as usize), one.module, one.names.join(",")))
        .collect();
    assert_eq!(shown, ["a.b ", "c ", "..e g,h", "i "]);
}

#[test]
fn eval_and_single_modes_do_as_they_say() {
    let eval = compile("1 + x", &Options { mode: Mode::Eval, ..Options::default() });
    assert!(eval.module.is_some());
    let statement = compile("x = 1", &Options { mode: Mode::Eval, ..Options::default() });
    assert!(statement.module.is_none());
    let single = compile("x", &Options { mode: Mode::Single, ..Options::default() }).module.expect("a module");
    assert!(single.qstrs.iter().any(|name| name == b"__repl_print__"));
}

#[test]
fn an_expression_may_have_space_around_it() {
    for source in ["1 + x", "  1 + x", "\t1 + x\n", "(1 +\n x)\n\n", "1 + x # comment"] {
        let output = compile(source, &Options { mode: Mode::Eval, ..Options::default() });
        assert!(output.module.is_some(), "{source:?}: {:?}", output.diagnostics);
    }
}
