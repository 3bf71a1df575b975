//! Every instruction that can raise is attributed to its own line, loop conditions included. In `lines.py` each name
//! `lN` is read on line N only.

use compiler::{Options, Target, compile};
use mpy::{Argument, Instruction, Opcode};

fn check(module: &mpy::Module, function: &mpy::Function, seen: &mut Vec<u32>, wrong: &mut Vec<String>) {
    let mut at = 0;
    while (at as usize) < function.code.len() {
        let instruction = Instruction::decode(&function.code, at).expect("an instruction");
        if let (Opcode::LoadName | Opcode::LoadGlobal, Argument::Qstr(qstr)) =
            (instruction.opcode, instruction.argument)
            && let Ok(name) = std::str::from_utf8(&module.qstrs[qstr as usize])
            && let Some(Ok(expected)) = name.strip_prefix('l').map(str::parse::<u32>)
        {
            seen.push(expected);
            let line = mpy::line::source_line(&function.line_info, at);
            if line != expected {
                wrong.push(format!("{name} is said to be on line {line}"));
            }
        }
        at = instruction.next;
    }
    for child in &function.children {
        check(module, child, seen, wrong);
    }
}

#[test]
fn instructions_have_the_line_of_their_statement() {
    let source = include_str!("lines.py");
    for target in [Target::Stock, Target::Upy] {
        let output = compile(source, &Options { target, ..Options::default() });
        let module = output.module.unwrap_or_else(|| panic!("{:?}", output.diagnostics));
        let (mut seen, mut wrong) = (Vec::new(), Vec::new());
        check(&module, &module.root, &mut seen, &mut wrong);
        assert!(seen.len() > 60, "the names were not found: {seen:?}");
        assert!(wrong.is_empty(), "{target:?}: {}", wrong.join("\n"));
    }
}

#[test]
fn stripped_code_has_no_lines() {
    for options in [Options { strip: true, ..Options::default() }, Options { optimisation: 3, ..Options::default() }] {
        let module = compile(include_str!("lines.py"), &options).module.expect("a module");
        assert!(module.root.line_info.is_empty());
    }
}
