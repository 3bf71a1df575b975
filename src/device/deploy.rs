//! Puts an app image on a device: written beside the active one, verified there, made active in one step.

use link::message::{AppStatus, SlotState};
use link::{ToDevice, ToHost};
use sha2::{Digest as _, Sha256};

use super::error::LinkError;
use super::session::Session;
use crate::error::Error;
use crate::ui::Ui;

/// What a deploy did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deployed {
    /// The device holds this app already.
    Unchanged,
    /// So many bytes were sent.
    Sent(u64),
}

/// Makes `image` the device's active app, unless it is already. What runs there is ended first.
pub fn deploy(session: &mut Session<'_>, ui: &Ui, image: &[u8]) -> Result<Deployed, Error> {
    const DURING: &str = "deploying";
    let sha256: [u8; 32] = Sha256::digest(image).into();
    session.make_idle()?;
    let status = app_status(session)?;
    if active_hash(&status) == Some(sha256) {
        return Ok(Deployed::Unchanged);
    }
    let length = u32::try_from(image.len()).unwrap_or(u32::MAX);
    if length > status.slot_bytes {
        return Err(LinkError::TooLarge { size: image.len() as u64, room: u64::from(status.slot_bytes) }.into());
    }
    let start = session.request(&ToDevice::AppBegin { length, sha256 }, DURING, |reply| match reply {
        ToHost::UploadReady { offset } => Some(offset),
        _ => None,
    })?;
    // A deploy that was broken off goes on where it stopped.
    let rest = image.get(start as usize..).ok_or(LinkError::Unexpected { during: DURING })?;
    let mut bar = ui.progress("Sending", image.len() as u64);
    session.upload(rest, start, DURING, |sent| bar.at(u64::from(start) + sent as u64))?;
    session.command(&ToDevice::AppCommit, "verifying the app")?;
    drop(bar);
    let status = app_status(session)?;
    if active_hash(&status) != Some(sha256) {
        return Err(LinkError::NotVerified.into());
    }
    Ok(Deployed::Sent(rest.len() as u64))
}

fn app_status(session: &mut Session<'_>) -> Result<AppStatus, Error> {
    session.request(&ToDevice::AppStatus, "asking for its apps", |reply| match reply {
        ToHost::AppStatus(status) => Some(status),
        _ => None,
    })
}

fn active_hash(status: &AppStatus) -> Option<[u8; 32]> {
    let slot = status.slots.get(usize::from(status.active?))?;
    (slot.state == SlotState::Valid).then_some(slot.sha256)
}
