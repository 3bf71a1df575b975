//! `upy devices`: the serial ports there are, boards first.

use crate::cli::Devices;
use crate::device::listing::{self, Listed};
use crate::error::{Error, Status};
use crate::ui::Ui;

pub(super) fn run(arguments: &Devices, ui: &Ui) -> Result<Status, Error> {
    let ports: Vec<Listed> = listing::list().into_iter().filter(|port| arguments.all || port.is_usb()).collect();
    if ui.wants_json() {
        ui.json("devices", &ports);
        return Ok(Status::Success);
    }
    if ports.is_empty() {
        ui.status("Found", if arguments.all { "no serial ports" } else { "no boards" });
        let more = if arguments.all { "" } else { "; `upy devices --all` lists other serial ports too" };
        ui.hint(format_args!("attach a board with a data cable{more}; `upy sim --link ./board` simulates one"));
        return Ok(Status::Success);
    }
    let width = ports.iter().map(|port| port.port.len()).max().unwrap_or_default();
    for port in &ports {
        ui.line(format!("{:width$}  {}", port.port, describe(port)).trim_end());
    }
    Ok(Status::Success)
}

fn describe(port: &Listed) -> String {
    let mut words = Vec::new();
    if let (Some(vendor), Some(product)) = (port.vendor_id, port.product_id) {
        words.push(format!("usb:{vendor:04x}:{product:04x}"));
    } else {
        words.push(port.kind.to_owned());
    }
    if let Some(serial) = &port.serial_number {
        words.push(format!("id:{serial}"));
    }
    words.extend(port.manufacturer.iter().cloned());
    words.extend(port.product.iter().cloned());
    words.join("  ")
}
