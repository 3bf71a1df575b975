//! Puts an app image on a device: written beside the active one, verified there, made active in one step.

use link::message::{AppStatus, SlotState};
use link::{ToDevice, ToHost};
use sha2::{Digest as _, Sha256};

use super::error::LinkError;
use super::image_cache;
use super::recipe::{Step, recipe};
use super::session::Session;
use crate::error::Error;
use crate::ui::Ui;

/// What a deploy did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deployed {
    /// The device holds this app already.
    Unchanged,
    /// So many bytes were sent; the rest of the image the device had already.
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
    let steps = steps(&status, image);
    let start = session.request(&ToDevice::AppBegin { length, sha256 }, DURING, |reply| match reply {
        ToHost::UploadReady { offset } => Some(offset),
        _ => None,
    })?;
    let mut bar = ui.progress("Sending", image.len() as u64);
    let mut sent = 0;
    // A deploy that was broken off goes on where it stopped.
    for step in steps.into_iter().filter_map(|step| step.from_offset(start as usize)) {
        match step {
            Step::Send { start, end } => {
                let bytes = image.get(start..end).unwrap_or_default();
                session.upload(bytes, start as u32, DURING, |done| bar.at(done as u64))?;
                sent += bytes.len() as u64;
            }
            Step::Copy { start, end, from } => {
                let length = (end - start) as u32;
                session.send(&ToDevice::AppCopy { offset: start as u32, from: from as u32, length }, DURING)?;
                bar.at(end as u64);
            }
        }
    }
    session.command(&ToDevice::AppCommit, "verifying the app")?;
    drop(bar);
    let status = app_status(session)?;
    if active_hash(&status) != Some(sha256) {
        return Err(LinkError::NotVerified.into());
    }
    Ok(Deployed::Sent(sent))
}

/// Keeps an image that was deployed, so that the next deploy to that device sends only what differs.
pub fn remember(image: &[u8]) {
    image_cache::store(&Sha256::digest(image).into(), image);
}

/// How to make the image of the one that the device has, if that is known here; else all of it is sent.
fn steps(status: &AppStatus, image: &[u8]) -> Vec<Step> {
    let old = active_hash(status).and_then(|hash| {
        let old = image_cache::load(&hash)?;
        (<[u8; 32]>::from(Sha256::digest(&old)) == hash).then_some(old)
    });
    recipe(&old.unwrap_or_default(), image)
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
