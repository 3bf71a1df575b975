//! The serial ports of this machine.

use serde::Serialize;
use serialport::SerialPortType;

/// One port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The path or name to open.
    pub port: String,
    /// How it is attached: `usb`, `pci`, `bluetooth` or `unknown`.
    pub kind: &'static str,
    /// USB vendor.
    pub vendor_id: Option<u16>,
    /// USB product.
    pub product_id: Option<u16>,
    /// Serial number.
    pub serial_number: Option<String>,
    /// Maker, in words.
    pub manufacturer: Option<String>,
    /// Product, in words.
    pub product: Option<String>,
}

impl Listed {
    /// Whether it is a USB device; boards are, while most others are unused ports of the machine.
    pub fn is_usb(&self) -> bool {
        self.kind == "usb"
    }
}

/// The ports, sorted by name. A system that cannot list has none: explicit paths still open.
pub fn list() -> Vec<Listed> {
    let mut ports: Vec<Listed> = serialport::available_ports()
        .unwrap_or_default()
        .into_iter()
        // On macOS each port has two names; opening `tty.*` waits for a carrier that boards never raise.
        .filter(|port| !cfg!(target_os = "macos") || !port.port_name.starts_with("/dev/tty."))
        .map(|port| match port.port_type {
            SerialPortType::UsbPort(usb) => Listed {
                port: port.port_name,
                kind: "usb",
                vendor_id: Some(usb.vid),
                product_id: Some(usb.pid),
                serial_number: usb.serial_number,
                manufacturer: usb.manufacturer,
                product: usb.product,
            },
            other => Listed {
                port: port.port_name,
                kind: match other {
                    SerialPortType::PciPort => "pci",
                    SerialPortType::BluetoothPort => "bluetooth",
                    _ => "unknown",
                },
                vendor_id: None,
                product_id: None,
                serial_number: None,
                manufacturer: None,
                product: None,
            },
        })
        .collect();
    ports.sort_by(|one, other| one.port.cmp(&other.port));
    ports.dedup_by(|one, other| one.port == other.port);
    ports
}
