//! Every way a command can fail, each with an exit status, a code and the next step.
//!
//! The layers have their own closed error types ([`crate::project::ProjectError`], [`crate::device::PortError`],
//! [`crate::device::LinkError`], …); [`Error`] joins them, and [`Explain`] is what reporting needs of each.
//! Messages follow one style: no trailing period, literals in backticks, values after a colon, and the hint
//! says what to do next.

use std::path::PathBuf;

use crate::build::BuildError;
use crate::device::{LinkError, PortError};
use crate::project::ProjectError;
use crate::ui::Report;

/// How the process ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// 0: done.
    Success,
    /// 1: an expected failure: source that does not compile, a program that raised, a file not found.
    Failure,
    /// 2: wrong usage, or a fault in this tool.
    Usage,
    /// 3: the device is absent, busy or not accessible.
    Device,
    /// 4: the device answers something else than expected, or not in time.
    Protocol,
    /// 5: the network failed.
    Network,
    /// 130: ended by Ctrl-C.
    Interrupted,
    /// The program's own `sys.exit` status.
    Program(i32),
}

impl Status {
    /// The number given to the shell; of a program's status the low 8 bits, as operating systems do.
    pub fn code(self) -> i32 {
        match self {
            Status::Success => 0,
            Status::Failure => 1,
            Status::Usage => 2,
            Status::Device => 3,
            Status::Protocol => 4,
            Status::Network => 5,
            Status::Interrupted => 130,
            Status::Program(code) => code & 0xff,
        }
    }
}

/// What a report says about an error beside its message.
pub trait Explain: std::error::Error {
    /// The exit status it leads to.
    fn status(&self) -> Status;
    /// A stable name for scripts and for searching, such as `upy::port::busy`.
    fn code(&self) -> &'static str;
    /// The next step.
    fn hint(&self) -> Option<String> {
        None
    }
    /// The places in source text, where the error has any.
    fn reports(&self) -> &[Report] {
        &[]
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The project file or its files.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// Compiling and packing.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Finding and opening a port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Talking to a device.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A file of the user's.
    #[error("failed to {action} `{}`", path.display())]
    File {
        /// The verb: `read`, `write`, `create` …
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Our own standard output, such as a file on a full disk.
    #[error("failed to write the program's output")]
    Output {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A request that cannot be met as it was put.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to write instead.
        hint: Option<String>,
    },
    /// A file whose content is not what it should be.
    #[error("{message}")]
    Content {
        /// What is wrong.
        message: String,
        /// The next step.
        hint: Option<String>,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// For `map_err` on file operations.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { action, path, source }
    }
}

impl Explain for Error {
    fn status(&self) -> Status {
        match self {
            Error::Project(error) => error.status(),
            Error::Build(error) => error.status(),
            Error::Port(error) => error.status(),
            Error::Link(error) => error.status(),
            Error::File { .. } | Error::Output { .. } | Error::Content { .. } => Status::Failure,
            Error::Usage { .. } => Status::Usage,
            Error::Interrupted => Status::Interrupted,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Error::Project(error) => error.code(),
            Error::Build(error) => error.code(),
            Error::Port(error) => error.code(),
            Error::Link(error) => error.code(),
            Error::File { .. } => "upy::file",
            Error::Output { .. } => "upy::output",
            Error::Content { .. } => "upy::content",
            Error::Usage { .. } => "upy::usage",
            Error::Interrupted => "upy::interrupted",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Project(error) => error.hint(),
            Error::Build(error) => error.hint(),
            Error::Port(error) => error.hint(),
            Error::Link(error) => error.hint(),
            Error::File { .. } | Error::Output { .. } | Error::Interrupted => None,
            Error::Usage { hint, .. } | Error::Content { hint, .. } => hint.clone(),
        }
    }

    fn reports(&self) -> &[Report] {
        match self {
            Error::Project(error) => error.reports(),
            Error::Build(error) => error.reports(),
            _ => &[],
        }
    }
}
