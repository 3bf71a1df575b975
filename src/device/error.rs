//! What goes wrong between this tool and a device, each with its next step.

use crate::error::{Explain, Status};
use crate::ui;

/// Why there is no open port. All of them end with status 3, but a malformed name.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The name means nothing.
    #[error("not a valid port name: `{name}`: {reason}")]
    Malformed {
        /// As written.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No name was given, and there is no USB device.
    #[error("no device found")]
    NoDevice,
    /// No name was given, or it fits several devices.
    #[error("more than one device fits: {}", ports.join(", "))]
    Ambiguous {
        /// Their ports.
        ports: Vec<String>,
    },
    /// No attached device has this serial number or USB id.
    #[error("no attached device fits `{name}`")]
    NoMatch {
        /// As written.
        name: String,
    },
    /// The path does not exist.
    #[error("no such port: `{shown}`")]
    NotFound {
        /// As the user named it.
        shown: String,
    },
    /// A symbolic link whose port is gone.
    #[error("`{shown}` is a link to a port that is gone")]
    DanglingLink {
        /// As the user named it.
        shown: String,
    },
    /// Another program has it.
    #[error("port `{shown}` is in use{}", holder.as_ref().map(|holder| format!(" by {holder}")).unwrap_or_default())]
    Busy {
        /// As the user named it.
        shown: String,
        /// Which program, where the system tells.
        holder: Option<String>,
    },
    /// The user may not open it.
    #[error("no permission to open port `{shown}`")]
    Denied {
        /// As the user named it.
        shown: String,
        /// The group that may.
        group: Option<String>,
    },
    /// The path is not a serial port.
    #[error("`{shown}` is not a serial port")]
    NotSerial {
        /// As the user named it.
        shown: String,
    },
    /// A port without hardware.
    #[error("no hardware behind port `{shown}`")]
    NothingBehind {
        /// As the user named it.
        shown: String,
    },
    /// Anything else.
    #[error("failed to open port `{shown}`: {reason}")]
    Other {
        /// As the user named it.
        shown: String,
        /// What the system said.
        reason: String,
    },
}

impl Explain for PortError {
    fn status(&self) -> Status {
        match self {
            PortError::Malformed { .. } => Status::Usage,
            _ => Status::Device,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            PortError::Malformed { .. } => "upy::port::malformed",
            PortError::NoDevice => "upy::port::none",
            PortError::Ambiguous { .. } => "upy::port::ambiguous",
            PortError::NoMatch { .. } => "upy::port::no_match",
            PortError::NotFound { .. } => "upy::port::not_found",
            PortError::DanglingLink { .. } => "upy::port::dangling_link",
            PortError::Busy { .. } => "upy::port::busy",
            PortError::Denied { .. } => "upy::port::denied",
            PortError::NotSerial { .. } => "upy::port::not_serial",
            PortError::NothingBehind { .. } => "upy::port::nothing_behind",
            PortError::Other { .. } => "upy::port::open",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            PortError::Malformed { .. } => {
                "name a port by path, `COM3`, `a0`, `u0`, `id:SERIAL`, `usb:VID:PID` or `sim`; `upy devices` lists them"
                    .to_owned()
            }
            PortError::NoDevice => {
                "attach a board with a data cable (not a charging cable) and see `upy devices --all`, \
                                    or use the simulator: `sim` as the port, or `upy sim --link ./board`"
                    .to_owned()
            }
            PortError::Ambiguous { .. } => {
                "name the port, or set `UPY_PORT`; `upy devices` shows which is which".to_owned()
            }
            // A port of the system is never named so: a simulated board is.
            PortError::NotFound { shown } if shown.starts_with('.') => {
                format!(
                    "start a simulated board under this name with `upy sim --link {shown}`; `upy devices` lists real ones"
                )
            }
            PortError::NoMatch { .. } | PortError::NotFound { .. } => {
                "`upy devices --all` lists the ports there are; a board that was just attached may need a second"
                    .to_owned()
            }
            PortError::DanglingLink { shown } => {
                format!("attach the board again, or start the simulated one: `upy sim --link {shown}`")
            }
            PortError::Busy { .. } => {
                "close the other program (a serial monitor, an editor, another upy) and try again".to_owned()
            }
            PortError::Denied { group: Some(group), .. } => {
                format!("join the port's group and log in again: `sudo usermod -aG {group} $USER`")
            }
            PortError::Denied { group: None, shown } => {
                format!("no group may use it: have a udev rule give it one, or ask its owner; see `ls -l {shown}`")
            }
            PortError::NotSerial { .. } => {
                "name the port first, then the file or folder; `upy devices` lists the ports".to_owned()
            }
            PortError::NothingBehind { .. } => "choose another port; `upy devices` lists the boards".to_owned(),
            PortError::Other { .. } => return None,
        })
    }
}

/// Why talking to a device failed. All of them end with status 4, but a device that went away (3).
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nothing came at all.
    #[error("no answer from `{port}` within {} s", timeout.as_secs_f32())]
    Silent {
        /// The port.
        port: String,
        /// How long it was asked.
        timeout: std::time::Duration,
    },
    /// A stock MicroPython prompt answered.
    #[error("the board on `{port}` runs stock MicroPython{}", version.as_ref().map(|version| format!(" ({version})")).unwrap_or_default())]
    StockMicroPython {
        /// The port.
        port: String,
        /// From its banner.
        version: Option<String>,
    },
    /// A CircuitPython prompt answered.
    #[error("the board on `{port}` runs CircuitPython")]
    CircuitPython {
        /// The port.
        port: String,
    },
    /// What was sent comes back.
    #[error("port `{port}` only echoes what it is sent")]
    Echo {
        /// The port.
        port: String,
    },
    /// Readable text, but no answer.
    #[error("something else answers on `{port}`: {sample}")]
    OtherProgram {
        /// The port.
        port: String,
        /// The start of what it said.
        sample: String,
    },
    /// Bytes that make no sense.
    #[error("only garbage arrives on `{port}`: {bytes} bytes, such as {sample}")]
    Garbage {
        /// The port.
        port: String,
        /// How many bytes.
        bytes: usize,
        /// Some of them in hexadecimal.
        sample: String,
    },
    /// The executor on the device speaks another version of the link.
    #[error("the device on `{port}` speaks link version {theirs}, this upy speaks version {ours}")]
    Version {
        /// The port.
        port: String,
        /// The device's.
        theirs: u8,
        /// Ours.
        ours: u8,
    },
    /// The device or the simulator went away.
    #[error("the device on `{port}` is gone while {during}")]
    Gone {
        /// The port.
        port: String,
        /// What was going on.
        during: &'static str,
    },
    /// The device restarted in the middle of a session.
    #[error("the device on `{port}` restarted while {during}")]
    Restarted {
        /// The port.
        port: String,
        /// What was going on.
        during: &'static str,
    },
    /// The device stopped answering.
    #[error("the device on `{port}` stopped answering while {during}")]
    TimedOut {
        /// The port.
        port: String,
        /// What was going on.
        during: &'static str,
    },
    /// The device said no.
    #[error("the device refused while {during}: {}{}", describe(*code), if text.is_empty() { String::new() } else { format!(": {text}") })]
    Refused {
        /// What was going on.
        during: &'static str,
        /// Why.
        code: link::ErrorCode,
        /// More, from the device.
        text: String,
    },
    /// The device said something that makes no sense here.
    #[error("unexpected answer from the device while {during}")]
    Unexpected {
        /// What was going on.
        during: &'static str,
    },
    /// An app larger than the device's slot.
    #[error("the app is too large: {} of {}", ui::size(*size), ui::size(*room))]
    TooLarge {
        /// The image, in bytes.
        size: u64,
        /// The slot, in bytes.
        room: u64,
    },
    /// What the device holds after a deploy is not what was sent.
    #[error("the device holds another app than the one that was sent")]
    NotVerified,
}

impl Explain for LinkError {
    fn status(&self) -> Status {
        match self {
            LinkError::Gone { .. } => Status::Device,
            LinkError::TooLarge { .. } => Status::Failure,
            _ => Status::Protocol,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            LinkError::Silent { .. } => "upy::link::silent",
            LinkError::StockMicroPython { .. } => "upy::link::stock_micropython",
            LinkError::CircuitPython { .. } => "upy::link::circuitpython",
            LinkError::Echo { .. } => "upy::link::echo",
            LinkError::OtherProgram { .. } => "upy::link::other_program",
            LinkError::Garbage { .. } => "upy::link::garbage",
            LinkError::Version { .. } => "upy::link::version",
            LinkError::Gone { .. } => "upy::link::gone",
            LinkError::Restarted { .. } => "upy::link::restarted",
            LinkError::TimedOut { .. } => "upy::link::timed_out",
            LinkError::Refused { .. } => "upy::link::refused",
            LinkError::Unexpected { .. } => "upy::link::unexpected",
            LinkError::TooLarge { .. } => "upy::link::too_large",
            LinkError::NotVerified => "upy::link::not_verified",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            LinkError::Silent { .. } => {
                "check that the board has power and runs upy's executor, that the line rate is right \
                                         (`--baud`), or press its reset button and try again"
                    .to_owned()
            }
            LinkError::StockMicroPython { .. } => {
                "this command needs upy's executor on the board so far; `upy build` makes \
                                                   .mpy files that this board can import"
                    .to_owned()
            }
            LinkError::CircuitPython { .. } => "this command needs upy's executor on the board".to_owned(),
            LinkError::Echo { .. } => {
                "no board is on the other side of this line: check the wiring, or choose another port".to_owned()
            }
            LinkError::OtherProgram { .. } => {
                "this does not look like upy's executor; see `upy devices` for other ports".to_owned()
            }
            LinkError::Garbage { .. } => {
                "the line rate is probably wrong: set the board's with `--baud`; else check ground and wiring"
                    .to_owned()
            }
            LinkError::Version { theirs, ours, .. } if theirs < ours => {
                "put the executor of this upy on the board, or use the upy that came with the board's".to_owned()
            }
            LinkError::Version { .. } => "update upy: the board's executor is newer".to_owned(),
            LinkError::Gone { .. } => {
                "attach the board again (or start the simulator) and repeat the command".to_owned()
            }
            LinkError::Restarted { .. } => {
                "repeat the command; if it happens again the board's supply may be too weak".to_owned()
            }
            LinkError::TimedOut { .. } => "press the board's reset button and try again".to_owned(),
            LinkError::Refused { code, .. } => return hint_for(*code).map(str::to_owned),
            LinkError::Unexpected { .. } => "host and device may be of different versions".to_owned(),
            LinkError::TooLarge { .. } => "leave files out with `exclude` in `upy.toml`, or build with -O2".to_owned(),
            LinkError::NotVerified => "the old app is untouched; repeat the command".to_owned(),
        })
    }
}

/// A device's refusal in words.
fn describe(code: link::ErrorCode) -> &'static str {
    use link::ErrorCode as Code;
    match code {
        Code::Unsupported => "it does not know this command",
        Code::Invalid => "invalid request",
        Code::Busy => "a program is running",
        Code::NotFound => "not found",
        Code::Exists => "it exists already",
        Code::NotDirectory => "not a directory",
        Code::IsDirectory => "is a directory",
        Code::NotEmpty => "the directory is not empty",
        Code::NoSpace => "no space left",
        Code::NoMemory => "not enough memory",
        Code::ReadOnly => "read-only",
        Code::Io => "its storage failed",
        Code::NameTooLong => "the name is too long",
        Code::HashMismatch => "the data arrived damaged",
        Code::BadImage => "the app image is not valid",
        Code::OutOfOrder => "requests out of order",
        Code::TooLarge => "too large",
        Code::Cancelled => "cancelled",
        Code::NoOlderApp => "there is no older app",
        Code::TooManyOpen => "too many open files",
        Code::TimedOut => "it took too long",
        Code::NotPermitted => "not permitted",
        Code::NoDevice => "no such device",
    }
}

fn hint_for(code: link::ErrorCode) -> Option<&'static str> {
    use link::ErrorCode as Code;
    match code {
        Code::Unsupported => Some("the board's executor is older than this upy: update it"),
        Code::NoSpace => Some("remove files from the device"),
        Code::NoMemory => Some(
            "the program and what it imports are too large for the board's memory; `upy deploy` runs it from flash",
        ),
        Code::HashMismatch | Code::BadImage => Some("the old app is untouched; repeat the command"),
        _ => None,
    }
}
