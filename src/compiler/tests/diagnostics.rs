//! Every diagnostic, from a table: `diagnostics.txt` holds sources with the codes and lines that must be reported.

use compiler::{Options, Severity, compile};

#[test]
fn sources_are_refused_for_the_reason_in_the_table() {
    let table = include_str!("diagnostics.txt");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in table.split("\n== ").skip(1) {
        let (expected, source) = case.split_once('\n').expect("a header line and a source");
        let source = source.replace('␀', "\0") + "\n";
        let output = compile(&source, &Options::default());
        let reported: Vec<String> =
            output.diagnostics.iter().map(|found| format!("{}:{}", found.code, found.line)).collect();
        if reported.join(" ") != expected {
            wrong.push(format!("{source}expected {expected}, reported {:#?}", output.diagnostics));
        }
        let refused = output.diagnostics.iter().any(|found| found.severity == Severity::Error);
        assert_eq!(output.module.is_none(), refused, "{source}");
        for found in &output.diagnostics {
            assert!(found.span.0 <= found.span.1 && found.span.1 <= source.len(), "{source}: {found:?}");
            assert!(found.column >= 1);
            // Only what the parser says about arbitrary text goes without advice.
            let terse = matches!(found.code, "invalid-syntax" | "invalid-token" | "multiple-pattern-captures")
                || found.code.starts_with("duplicate-");
            assert!(terse || found.help.is_some(), "no help for {}", found.code);
        }
        cases += 1;
    }
    assert!(cases > 60, "the table was not read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn spans_are_offsets_in_the_source_as_given() {
    let source = "\u{feff}x = 1\r\n\r\nreturn\r\n";
    let output = compile(source, &Options::default());
    let found = &output.diagnostics[0];
    assert_eq!(&source[found.span.0..found.span.1], "return");
    assert_eq!((found.line, found.column), (3, 1));
}

#[test]
fn invalid_utf8_is_reported_where_it_is() {
    let output = compile(b"x = 1\ny = '\xff'\n", &Options::default());
    let found = &output.diagnostics[0];
    assert_eq!((found.code, found.line, found.span.0), ("invalid-utf8", 2, 11));
}
