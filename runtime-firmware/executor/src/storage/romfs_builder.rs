//! Builds ROMFS images on the host, so that the writer lives beside the reader that checks it.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::romfs::{DEPTH, KIND_DATA, KIND_DIRECTORY, KIND_FILE, KIND_IMAGE, NAME_BYTES};

/// Why a path cannot be in an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuildError {
    /// The path is empty, or a name in it is empty, `.`, `..` or too long.
    BadPath,
    /// Directories are nested too deep.
    TooDeep,
    /// The path, or a directory on the way, is there already as something else.
    Exists,
}

enum Node {
    File(Vec<u8>),
    Directory(BTreeMap<String, Node>),
}

/// Collects files and makes an image of them. The same files make the same image, in whatever order.
#[derive(Default)]
pub struct Builder {
    root: BTreeMap<String, Node>,
}

fn put_number(value: u32, out: &mut Vec<u8>) {
    let mut shift = 28;
    while shift > 0 && value >> shift == 0 {
        shift -= 7;
    }
    while shift > 0 {
        out.push((value >> shift) as u8 & 0x7f | 0x80);
        shift -= 7;
    }
    out.push(value as u8 & 0x7f);
}

fn put_record(kind: u32, payload: &[u8], out: &mut Vec<u8>) {
    put_number(kind, out);
    put_number(payload.len() as u32, out);
    out.extend_from_slice(payload);
}

impl Builder {
    /// An empty image.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file; directories on its path are made.
    pub fn file(&mut self, path: &str, content: &[u8]) -> Result<(), BuildError> {
        let (directory, name) = path.trim_start_matches('/').rsplit_once('/').unwrap_or(("", path));
        let directory = self.open(directory)?;
        let name = check(name.trim_start_matches('/'))?;
        match directory.entry(name.to_owned()) {
            alloc::collections::btree_map::Entry::Occupied(_) => Err(BuildError::Exists),
            alloc::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Node::File(content.to_owned()));
                Ok(())
            }
        }
    }

    /// Adds a directory, and those on its path.
    pub fn directory(&mut self, path: &str) -> Result<(), BuildError> {
        self.open(path).map(|_| ())
    }

    fn open(&mut self, path: &str) -> Result<&mut BTreeMap<String, Node>, BuildError> {
        let mut place = &mut self.root;
        for (depth, name) in path.split('/').filter(|name| !name.is_empty()).enumerate() {
            if depth + 2 >= DEPTH {
                return Err(BuildError::TooDeep);
            }
            let node = place.entry(check(name)?.to_owned()).or_insert_with(|| Node::Directory(BTreeMap::new()));
            match node {
                Node::Directory(inner) => place = inner,
                Node::File(_) => return Err(BuildError::Exists),
            }
        }
        Ok(place)
    }

    /// The image.
    pub fn finish(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        put_directory(&self.root, &mut payload);
        let mut image = Vec::new();
        put_number(KIND_IMAGE, &mut image);
        let mut length = Vec::new();
        put_number(payload.len() as u32, &mut length);
        if (image.len() + length.len() + payload.len()) % 2 == 1 {
            // An image has an even length; a number may have a leading zero digit.
            image.push(0x80);
        }
        image.extend_from_slice(&length);
        image.extend_from_slice(&payload);
        image
    }
}

fn check(name: &str) -> Result<&str, BuildError> {
    let bad = name.is_empty() || name == "." || name == ".." || name.len() > NAME_BYTES || name.contains(['/', '\0']);
    if bad { Err(BuildError::BadPath) } else { Ok(name) }
}

fn put_directory(nodes: &BTreeMap<String, Node>, out: &mut Vec<u8>) {
    for (name, node) in nodes {
        let mut payload = Vec::new();
        put_number(name.len() as u32, &mut payload);
        payload.extend_from_slice(name.as_bytes());
        let kind = match node {
            Node::File(content) => {
                put_record(KIND_DATA, content, &mut payload);
                KIND_FILE
            }
            Node::Directory(inner) => {
                put_directory(inner, &mut payload);
                KIND_DIRECTORY
            }
        };
        put_record(kind, &payload, out);
    }
}
