//! App images that were deployed before, by hash: what a device has need not be sent again.

use std::path::{Path, PathBuf};

/// Images kept.
const KEPT: usize = 16;

/// The image with this hash, if it is kept. Whoever uses it checks the hash: the cache may be damaged.
pub(super) fn load(sha256: &[u8; 32]) -> Option<Vec<u8>> {
    std::fs::read(folder()?.join(name(sha256))).ok()
}

/// Keeps an image; a cache that cannot be written only makes the next deploy longer.
pub(super) fn store(sha256: &[u8; 32], image: &[u8]) {
    let Some(folder) = folder() else { return };
    let path = folder.join(name(sha256));
    // Written aside and renamed, so that two deploys at a time do not read each other's halves.
    let aside = folder.join(format!("{}.{}.tmp", name(sha256), std::process::id()));
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&aside, image))
        .and_then(|()| std::fs::rename(&aside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(aside);
    }
    forget_old(&folder);
}

fn folder() -> Option<PathBuf> {
    Some(crate::project::user_cache_folder()?.join("images"))
}

fn name(sha256: &[u8; 32]) -> String {
    sha256.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn forget_old(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut images: Vec<_> =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    images.sort();
    let surplus = images.len().saturating_sub(KEPT);
    for (_, path) in images.into_iter().take(surplus) {
        let _ = std::fs::remove_file(path);
    }
}
