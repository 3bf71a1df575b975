//! The only place that prints: results and device output on standard output, everything else on standard error.
//!
//! Standard output carries data only, so that `upy run x.py | next` and `upy devices --json | jq` work; status
//! lines, warnings, errors and progress go to standard error.

mod editor;
mod progress;
mod report;

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Effects, Style};
use serde::Serialize;

use crate::cli::{Colour, Global};
use crate::error::{Error, Explain};

pub use editor::{Editor, Entry};
pub use progress::Progress;
pub use report::{Report, Severity};

const GREEN: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
const YELLOW: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const RED: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const CYAN: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);

/// Version of the JSON documents that `--json` prints; grows when a key changes its meaning.
const JSON_VERSION: u32 = 1;
/// Width of the verb column of status lines, as cargo's.
const VERB_WIDTH: usize = 12;

/// How much to say and how; passed to every command.
#[derive(Debug)]
pub struct Ui {
    /// Below 0 quiet, above 0 verbose.
    verbosity: i16,
    json: bool,
    progress: bool,
}

impl Ui {
    /// From the global options; sets the process's colour choice.
    pub fn new(global: &Global) -> Ui {
        match global.color {
            Colour::Auto => {}
            Colour::Always => anstream::ColorChoice::Always.write_global(),
            Colour::Never => anstream::ColorChoice::Never.write_global(),
        }
        let verbosity = i16::from(global.verbose) - i16::from(global.quiet);
        Ui {
            verbosity,
            json: global.json,
            // Status lines of -v would tear a bar apart.
            progress: verbosity == 0 && !global.no_progress && !global.json && io::stderr().is_terminal(),
        }
    }

    /// Whether the result is wanted as JSON.
    pub fn wants_json(&self) -> bool {
        self.json
    }

    /// A status line: `    Compiled 3 files in 12 ms`.
    pub fn status(&self, verb: &str, what: impl Display) {
        if self.verbosity >= 0 && !self.json {
            self.error_line(format_args!("{GREEN}{verb:>VERB_WIDTH$}{GREEN:#} {what}"));
        }
    }

    /// A line for those who asked for more.
    pub fn detail(&self, verb: &str, what: impl Display) {
        if self.verbosity > 0 {
            self.error_line(format_args!("{CYAN}{verb:>VERB_WIDTH$}{CYAN:#} {what}"));
        }
    }

    /// Something to know that does not stop the command.
    pub fn warning(&self, message: impl Display) {
        if self.verbosity >= -1 {
            self.error_line(format_args!("{YELLOW}warning{YELLOW:#}: {message}"));
        }
    }

    /// A next step that belongs to no error.
    pub fn hint(&self, message: impl Display) {
        if self.verbosity >= 0 && !self.json {
            self.error_line(format_args!("{CYAN}hint{CYAN:#}: {message}"));
        }
    }

    /// A finding in source text, with its lines.
    pub fn report(&self, report: &Report) {
        let least = if report.severity == Severity::Note { 0 } else { -1 };
        if self.verbosity >= least && !self.json {
            self.error_line(report.render(colours()).trim_end());
        }
    }

    /// The one error that a command ended with, and the findings that it carries.
    pub fn error(&self, error: &Error) {
        if self.json {
            let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
            self.json(
                "error",
                &serde_json::json!({
                    "code": error.code(),
                    "message": error.to_string(),
                    "causes": causes,
                    "hint": error.hint(),
                    "exit_status": error.status().code(),
                    "diagnostics": error.reports(),
                }),
            );
            return;
        }
        if self.verbosity < -1 {
            return;
        }
        for report in error.reports() {
            self.report(report);
            // A line of space before what comes next.
            self.error_line("");
        }
        let mut text = format!("{RED}error{RED:#}: {error}");
        for cause in causes(error) {
            text.push_str(&format!("\n  {RED}cause{RED:#}: {cause}"));
        }
        if let Some(hint) = error.hint() {
            text.push_str(&format!("\n\n{CYAN}hint{CYAN:#}: {hint}"));
        }
        self.error_line(text);
    }

    /// The command's result as one JSON document: `{"version": 1, "<kind>": value}`.
    pub fn json<T: Serialize>(&self, kind: &str, value: &T) {
        let mut document = serde_json::Map::new();
        document.insert("version".to_owned(), JSON_VERSION.into());
        // Only maps with keys that are not strings fail to convert; there are none.
        document.insert(kind.to_owned(), serde_json::to_value(value).unwrap_or_default());
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        self.line(text);
    }

    /// One line of a result, on standard output.
    pub fn line(&self, text: impl Display) {
        // Nobody reads any more: there is nobody to tell either.
        let _ = writeln!(anstream::stdout(), "{text}");
    }

    /// Text of a result as it is, on standard output.
    pub fn text(&self, text: &str) {
        let _ = anstream::stdout().write_all(text.as_bytes());
    }

    /// A device's standard output: byte for byte, at once.
    pub fn device_output(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// A device's standard error.
    pub fn device_error(&self, bytes: &[u8]) {
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(bytes);
        let _ = stderr.flush();
    }

    /// A bar for something of `total` bytes; shows nothing where bars are not wanted.
    pub fn progress(&self, verb: &'static str, total: u64) -> Progress {
        Progress::new(verb, total, self.progress)
    }

    fn error_line(&self, text: impl Display) {
        let _ = writeln!(anstream::stderr(), "{text}");
    }
}

/// Shows clap's help, version or usage error; returns the exit status.
pub fn usage(error: &clap::Error) -> i32 {
    // clap chooses the stream: help on standard output, errors on standard error.
    let _ = error.print();
    error.exit_code()
}

/// The answer to a command that came over standard input, from a thread without a [`Ui`].
pub fn answer(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// Bytes for humans: `512 bytes`, `12.3 KiB`.
pub fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    }
    let kibibytes = bytes as f64 / 1024.0;
    if kibibytes < 1024.0 { format!("{kibibytes:.1} KiB") } else { format!("{:.1} MiB", kibibytes / 1024.0) }
}

/// `1 file`, `3 files`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A duration for humans.
pub fn duration(time: std::time::Duration) -> String {
    if time.as_millis() < 1000 { format!("{} ms", time.as_millis()) } else { format!("{:.1} s", time.as_secs_f64()) }
}

/// Seen from the current folder where that is shorter, as people read it in messages.
pub fn relative(path: &Path) -> PathBuf {
    let shorter = match std::env::current_dir() {
        Ok(here) => path.strip_prefix(&here).unwrap_or(path),
        Err(_) => path,
    };
    let bare = shorter.strip_prefix(".").unwrap_or(shorter);
    if bare.as_os_str().is_empty() { PathBuf::from(".") } else { bare.to_path_buf() }
}

fn colours() -> bool {
    !matches!(anstream::AutoStream::choice(&io::stderr()), anstream::ColorChoice::Never)
}

fn causes(error: &Error) -> impl Iterator<Item = &dyn std::error::Error> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}
