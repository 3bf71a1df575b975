//! Files in, .mpy out: reads sources, calls the compiler, gathers every finding of every file.
//!
//! | file | what |
//! |---|---|
//! | [`closure`] | a program and the local modules that it imports |
//! | [`image`] | a project as an app image |

pub mod closure;
pub mod image;

use std::path::{Path, PathBuf};

use crate::cli::Target;
use crate::error::{Error, Explain, Status};
use crate::ui::{self, Report, Severity};

/// Why something could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Source that does not compile; the findings say where.
    #[error("{} in {}", ui::count(*errors, "error"), ui::count(*files, "file"))]
    Compile {
        /// Number of errors.
        errors: usize,
        /// Number of files with errors.
        files: usize,
        /// All errors, in the order of files and lines.
        reports: Vec<Report>,
    },
    /// Two files that a device would see under one name.
    #[error("`{}` and `{}` would both become `{name}` on the device", one.display(), other.display())]
    Conflict {
        /// The name.
        name: String,
        /// A file.
        one: PathBuf,
        /// Another.
        other: PathBuf,
    },
    /// A .mpy that the device would refuse.
    #[error("`{}` is no .mpy file that a device would run: {reason}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The app image cannot hold it.
    #[error("failed to make the app image: {reason}")]
    Image {
        /// Why.
        reason: String,
    },
}

impl Explain for BuildError {
    fn status(&self) -> Status {
        Status::Failure
    }

    fn code(&self) -> &'static str {
        match self {
            BuildError::Compile { .. } => "upy::build::compile",
            BuildError::Conflict { .. } => "upy::build::conflict",
            BuildError::Refused { .. } => "upy::build::refused",
            BuildError::Image { .. } => "upy::build::image",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            BuildError::Compile { .. } => None,
            BuildError::Conflict { .. } => Some("rename one, or leave it out with `exclude` in `upy.toml`".to_owned()),
            BuildError::Refused { .. } => {
                Some("build it again from its source, or leave it out with `exclude` in `upy.toml`".to_owned())
            }
            BuildError::Image { .. } => Some("leave files out with `exclude` in `upy.toml`".to_owned()),
        }
    }

    fn reports(&self) -> &[Report] {
        match self {
            BuildError::Compile { reports, .. } => reports,
            _ => &[],
        }
    }
}

/// How to compile, for all files of a run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What runs the result.
    pub target: Target,
    /// 0 to 3.
    pub optimisation: u8,
    /// Without line numbers.
    pub strip: bool,
    /// Width of small integers on the target, in bits.
    pub small_int_bits: u8,
}

impl Settings {
    /// The compiler's options for one file.
    pub fn options(&self, source_name: &str, mode: compiler::Mode) -> compiler::Options {
        compiler::Options {
            source_name: source_name.to_owned(),
            optimisation: self.optimisation,
            target: match self.target {
                Target::Stock => compiler::Target::Stock,
                Target::Upy => compiler::Target::Upy,
            },
            mode,
            small_int_bits: self.small_int_bits,
            strip: self.strip,
        }
    }
}

/// One source file, read.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its path in findings.
    pub shown: String,
    /// Its name in tracebacks.
    pub source_name: String,
    /// Its content.
    pub text: Vec<u8>,
}

impl Unit {
    /// Reads a file.
    pub fn read(path: &Path, source_name: &str) -> Result<Unit, Error> {
        let text = std::fs::read(path).map_err(Error::file("read", path))?;
        Ok(Unit { shown: ui::relative(path).display().to_string(), source_name: source_name.to_owned(), text })
    }
}

/// Compiles the files of one run, and keeps all findings so that one run shows them all.
#[derive(Debug)]
pub struct Batch {
    settings: Settings,
    errors: Vec<Report>,
    warnings: Vec<Report>,
    failed_files: usize,
}

impl Batch {
    /// An empty run.
    pub fn new(settings: Settings) -> Batch {
        Batch { settings, errors: Vec::new(), warnings: Vec::new(), failed_files: 0 }
    }

    /// Compiles one file; nothing when it has errors.
    pub fn compile(&mut self, unit: &Unit, mode: compiler::Mode) -> Option<Vec<u8>> {
        let output = compiler::compile(&unit.text, &self.settings.options(&unit.source_name, mode));
        let mut failed = false;
        for diagnostic in &output.diagnostics {
            let report = report(unit, diagnostic);
            match report.severity {
                Severity::Error => {
                    failed = true;
                    self.errors.push(report);
                }
                Severity::Warning | Severity::Note => self.warnings.push(report),
            }
        }
        let encoded = output.module.as_ref().map(mpy::encode);
        match encoded {
            Some(Ok(bytes)) if !failed => return Some(bytes),
            Some(Err(error)) => self.errors.push(unencodable(unit, &error)),
            None if !failed => self.errors.push(nothing_made(unit)),
            _ => {}
        }
        self.failed_files += 1;
        None
    }

    /// Whether every file so far compiled.
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// Ends the run: shows the warnings, and makes the errors one error.
    pub fn finish(self, ui: &ui::Ui) -> Result<Vec<Report>, BuildError> {
        for warning in &self.warnings {
            ui.report(warning);
        }
        if self.errors.is_empty() {
            return Ok(self.warnings);
        }
        Err(BuildError::Compile { errors: self.errors.len(), files: self.failed_files, reports: self.errors })
    }
}

fn report(unit: &Unit, diagnostic: &compiler::Diagnostic) -> Report {
    let severity = match diagnostic.severity {
        compiler::Severity::Error => Severity::Error,
        compiler::Severity::Warning => Severity::Warning,
        compiler::Severity::Note => Severity::Note,
    };
    let (start, end) = diagnostic.span;
    let code = format!("upy::compile::{}", diagnostic.code);
    let mut report = Report::new(severity, code, &diagnostic.message);
    report = match std::str::from_utf8(&unit.text) {
        Ok(text) => report.at(&unit.shown, text, Some(start..end)),
        // Offsets count bytes of the file, which do not fit a text with replacement characters: no snippet.
        Err(_) => report.at(&unit.shown, "", None),
    };
    report.line = Some(diagnostic.line as usize);
    report.column = Some(diagnostic.column as usize);
    report.help = diagnostic.help.clone();
    report
}

/// The compiler made something that the format cannot hold: too many names, code too long.
fn unencodable(unit: &Unit, error: &mpy::EncodeError) -> Report {
    Report::error("upy::compile::format", format!("{}: does not fit the .mpy format: {error}", unit.shown))
        .help("split the module in two")
}

fn nothing_made(unit: &Unit) -> Report {
    Report::error("upy::compile::internal", format!("{}: the compiler made nothing and did not say why", unit.shown))
        .help("this is a fault of upy: please report it with the file")
}

/// Compiles a text without files or reports, for requests of a device: the .mpy, or line and message of the first
/// error.
pub fn compile_bytes(source: &[u8], options: &compiler::Options) -> Result<Vec<u8>, (u32, String)> {
    let output = compiler::compile(source, options);
    if let Some(error) = output.diagnostics.iter().find(|found| found.severity == compiler::Severity::Error) {
        return Err((error.line, error.message.clone()));
    }
    match output.module.as_ref().map(mpy::encode) {
        Some(Ok(bytes)) => Ok(bytes),
        Some(Err(error)) => Err((1, error.to_string())),
        None => Err((1, "not compiled".to_owned())),
    }
}
