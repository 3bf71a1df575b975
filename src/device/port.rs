//! Names of ports as people write them, and which port each means.

use std::path::{Path, PathBuf};

use super::PortError;
use super::listing::{self, Listed};

/// A port's name, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PortName {
    /// `sim`: the simulator in this process.
    Simulator,
    /// A path, or a name of the system such as `COM3`.
    Path(PathBuf),
    /// `id:SERIAL`: the USB device with this serial number.
    Id(String),
    /// `usb:VID:PID[:SERIAL]`, the numbers in hexadecimal.
    Usb {
        /// Vendor.
        vendor: u16,
        /// Product.
        product: u16,
        /// Serial number, where several are attached.
        serial: Option<String>,
    },
}

impl PortName {
    /// Understands a name.
    pub fn parse(text: &str) -> Result<PortName, PortError> {
        let malformed = |reason: &'static str| PortError::Malformed { name: text.to_owned(), reason };
        if text.is_empty() {
            return Err(malformed("it is empty"));
        }
        if text == "sim" {
            return Ok(PortName::Simulator);
        }
        if let Some(path) = text.strip_prefix("port:") {
            return Ok(PortName::Path(PathBuf::from(path)));
        }
        if let Some(serial) = text.strip_prefix("id:") {
            if serial.is_empty() {
                return Err(malformed("the serial number is missing"));
            }
            return Ok(PortName::Id(serial.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("usb:") {
            let mut fields = rest.splitn(3, ':');
            let mut number = || fields.next().and_then(|field| u16::from_str_radix(field, 16).ok());
            let (Some(vendor), Some(product)) = (number(), number()) else {
                return Err(malformed("it must be `usb:VID:PID` with hexadecimal numbers"));
            };
            return Ok(PortName::Usb { vendor, product, serial: fields.next().map(str::to_owned) });
        }
        if text.contains("://") {
            return Err(malformed("network ports are not supported yet"));
        }
        Ok(PortName::Path(expand(text)))
    }
}

/// `a0`, `u1`, `c3` and `com3` as mpremote has them; anything else is itself.
fn expand(text: &str) -> PathBuf {
    let numbered = |prefix: usize| {
        let digits = text.get(prefix..)?;
        (!digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|digit| digit.is_ascii_digit()))
            .then_some(digits)
    };
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("com")
        && let Some(number) = numbered(3)
    {
        return PathBuf::from(format!("COM{number}"));
    }
    match (lower.as_bytes().first(), numbered(1)) {
        (Some(b'a'), Some(number)) => PathBuf::from(format!("/dev/ttyACM{number}")),
        (Some(b'u'), Some(number)) => PathBuf::from(format!("/dev/ttyUSB{number}")),
        (Some(b'c'), Some(number)) => PathBuf::from(format!("COM{number}")),
        _ => PathBuf::from(text),
    }
}

/// Where a name leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Destination {
    /// The simulator in this process.
    Simulator,
    /// A serial port or pseudo-terminal.
    Serial(PathBuf),
}

/// Finds the port; with no name the only USB device there is, never a guess.
pub fn resolve(name: Option<&str>) -> Result<Destination, PortError> {
    let Some(text) = name else {
        let mut ports: Vec<Listed> = listing::list().into_iter().filter(Listed::is_usb).collect();
        return match (ports.pop(), ports.is_empty()) {
            (None, _) => Err(PortError::NoDevice),
            (Some(only), true) => Ok(Destination::Serial(PathBuf::from(only.port))),
            (Some(last), false) => {
                ports.push(last);
                Err(PortError::Ambiguous { ports: ports.into_iter().map(|port| port.port).collect() })
            }
        };
    };
    match PortName::parse(text)? {
        PortName::Simulator => Ok(Destination::Simulator),
        // Links are followed, so that `./board` works; what does not exist is reported when it is opened.
        PortName::Path(path) => Ok(Destination::Serial(followed(&path))),
        PortName::Id(serial) => find(text, |port| port.serial_number.as_deref() == Some(serial.as_str())),
        PortName::Usb { vendor, product, serial } => find(text, |port| {
            port.vendor_id == Some(vendor)
                && port.product_id == Some(product)
                && (serial.is_none() || port.serial_number == serial)
        }),
    }
}

fn followed(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

fn find(name: &str, matches: impl Fn(&Listed) -> bool) -> Result<Destination, PortError> {
    let mut found: Vec<String> = listing::list().into_iter().filter(matches).map(|port| port.port).collect();
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(PortError::NoMatch { name: name.to_owned() }),
        (Some(only), true) => Ok(Destination::Serial(PathBuf::from(only))),
        (Some(last), false) => {
            found.push(last);
            Err(PortError::Ambiguous { ports: found })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> PortName {
        PortName::Path(PathBuf::from(text))
    }

    #[test]
    fn names() {
        for (text, meaning) in [
            ("sim", PortName::Simulator),
            ("/dev/ttyUSB0", path("/dev/ttyUSB0")),
            ("./board", path("./board")),
            ("board", path("board")),
            ("port:a0", path("a0")),
            ("a0", path("/dev/ttyACM0")),
            ("u12", path("/dev/ttyUSB12")),
            ("c3", path("COM3")),
            ("com7", path("COM7")),
            ("COM10", path("COM10")),
            ("a0b", path("a0b")),
            ("id:E660", PortName::Id("E660".to_owned())),
            ("usb:2e8a:0005", PortName::Usb { vendor: 0x2e8a, product: 5, serial: None }),
            ("usb:2E8A:5:x:y", PortName::Usb { vendor: 0x2e8a, product: 5, serial: Some("x:y".to_owned()) }),
        ] {
            assert_eq!(PortName::parse(text).unwrap(), meaning, "{text}");
        }
        for text in ["", "id:", "usb:", "usb:1", "usb:xyz:1", "tcp://host:1"] {
            assert!(PortName::parse(text).is_err(), "{text}");
        }
    }
}
