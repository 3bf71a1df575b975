//! The way from source text to module, with a stack that suits the source.

use crate::ast::{self, TextRange};
use crate::code::Names;
use crate::error::Findings;
use crate::lower::Unit;
use crate::scope::Scopes;
use crate::source::Source;
use crate::{Mode, Options, Output, check, emit, limits, lower, optimise};

/// Stack for a source of ordinary shape, in bytes; only the part that is touched takes memory.
const STACK_BASE_BYTES: usize = 64 << 20;

/// Stack for each link of the longest chain (`a + b + ...`, `a.b.c...`), whose tree is as deep as it is long.
const STACK_PER_LINK_BYTES: usize = 16 << 10;

/// Compiles source text. Never panics, whatever the text.
pub fn compile(source: impl AsRef<[u8]>, options: &Options) -> Output {
    let mut findings = Findings::default();
    let source = Source::new(source.as_ref(), &mut findings);
    let source = if options.mode == Mode::Eval { source.trim_start() } else { source };
    let chain = limits::check(&source.text, &mut findings);
    let module = if findings.has_errors() {
        None
    } else {
        on_large_stack(chain, &mut findings, |findings| compile_source(&source, options, findings))
    };
    let module = module.filter(|_| !findings.has_errors());
    Output { module, diagnostics: findings.into_diagnostics(&source) }
}

/// Runs a job on a thread whose stack holds the recursion that a chain of this length needs.
pub(crate) fn on_large_stack<T: Send>(
    chain: usize,
    findings: &mut Findings,
    job: impl FnOnce(&mut Findings) -> Option<T> + Send,
) -> Option<T> {
    let stack_bytes = STACK_BASE_BYTES.saturating_add(chain.saturating_mul(STACK_PER_LINK_BYTES));
    let outcome = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(stack_bytes);
        let worker = builder.spawn_scoped(scope, || {
            let mut own = Findings::default();
            let result = job(&mut own);
            (result, own)
        });
        worker.ok().and_then(|worker| worker.join().ok())
    });
    match outcome {
        Some((result, own)) => {
            findings.append(own);
            result
        }
        None => {
            findings.error("internal", TextRange::default(), "the compiler failed on this source: please report it");
            None
        }
    }
}

fn compile_source(source: &Source, options: &Options, findings: &mut Findings) -> Option<mpy::Module> {
    let tree = ast::parse(&source.text, options.mode == Mode::Eval, findings);
    if findings.has_errors() {
        return None;
    }
    check::check(&tree, &source.text, findings);
    let mut names = Names::default();
    let mut scopes = Scopes::new(&tree, &mut names, findings);
    scopes.is_open |= options.mode != Mode::Exec;
    let mut code = {
        let mut unit = Unit {
            source,
            options,
            names: &mut names,
            scopes: &scopes,
            findings,
            constants: std::collections::HashMap::new(),
        };
        lower::lower(&tree, &mut unit)
    };
    if findings.has_errors() {
        return None;
    }
    optimise::optimise(&mut code);
    emit::emit(&code, &names, options, findings)
}
