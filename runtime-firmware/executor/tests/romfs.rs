//! The ROMFS builder against the reader, and both against an image that MicroPython's own tool made.
#![cfg(feature = "alloc")]

use executor::storage::{BuildError, Builder, romfs};
use hal::EntryKind;

fn sample() -> Builder {
    let mut builder = Builder::new();
    builder.file("main.py", b"1").unwrap();
    builder.file("/lib/pkg/x.bin", &[0; 300]).unwrap();
    builder.file("a.txt", b"hello").unwrap();
    builder.directory("empty").unwrap();
    builder
}

/// What `mpremote romfs build` of MicroPython 1.29 writes for the same files.
fn reference() -> Vec<u8> {
    let mut image = vec![0xd2, 0xcd, 0x31, 0x80, 0x82, 0x6a];
    image.extend_from_slice(b"\x05\x0d\x05a.txt\x02\x05hello");
    image.extend_from_slice(b"\x04\x06\x05empty");
    image.extend_from_slice(b"\x04\x82\x43\x03lib\x04\x82\x3c\x03pkg\x05\x82\x35\x05x.bin\x02\x82\x2c");
    image.extend_from_slice(&[0; 300]);
    image.extend_from_slice(b"\x05\x0b\x07main.py\x02\x011");
    image
}

#[test]
fn the_image_is_the_one_that_micropythons_tool_makes() {
    assert_eq!(sample().finish(), reference());
}

#[test]
fn what_was_built_is_found() {
    let image = sample().finish();
    let length = image.len() as u32;
    assert_eq!(image.len() % 2, 0);
    romfs::validate(&mut &image[..], length).unwrap();
    assert_eq!(romfs::image_length(&mut &image[..], length), Ok(length));
    let find = |path: &str| romfs::find(&mut &image[..], length, path).unwrap();
    let text = find("/a.txt").unwrap();
    assert_eq!(text.kind, EntryKind::File);
    assert_eq!(&image[text.content.start as usize..text.content.end as usize], b"hello");
    assert_eq!(find("lib/pkg/x.bin").unwrap().content.length(), 300);
    assert_eq!(find("empty").unwrap().kind, EntryKind::Directory);
    assert_eq!(find("").unwrap().kind, EntryKind::Directory);
    assert_eq!(find("a.txt/x"), None);
    assert_eq!(find("lib/none"), None);
}

#[test]
fn every_length_is_even_and_valid() {
    for size in 0..400 {
        let mut builder = Builder::new();
        builder.file("f", &vec![b'x'; size]).unwrap();
        let image = builder.finish();
        assert_eq!(image.len() % 2, 0, "{size}");
        romfs::validate(&mut &image[..], image.len() as u32).unwrap();
    }
}

#[test]
fn bad_paths_are_refused() {
    let mut builder = sample();
    assert_eq!(builder.file("", b""), Err(BuildError::BadPath));
    assert_eq!(builder.file("lib/..", b""), Err(BuildError::BadPath));
    assert_eq!(builder.file("a.txt", b""), Err(BuildError::Exists));
    assert_eq!(builder.file("a.txt/b", b""), Err(BuildError::Exists));
    assert_eq!(builder.file("lib", b""), Err(BuildError::Exists));
    assert_eq!(builder.file(&"d/".repeat(20), b""), Err(BuildError::TooDeep));
    assert_eq!(builder.file(&"n".repeat(256), b""), Err(BuildError::BadPath));
}

#[test]
fn indirect_data_and_unknown_records_are_read() {
    // Data first, then a record of an unknown kind, then a file that points at the data (5 bytes at offset 2).
    let image = b"\xd2\xcd\x31\x17\x02\x05hello\x09\x02??\x05\x08\x01f\x01\x00\x03\x02\x05\x02\x01\x00";
    let mut image = image.to_vec();
    image[3] = (image.len() - 4) as u8;
    let length = image.len() as u32;
    romfs::validate(&mut &image[..], length).unwrap();
    let node = romfs::find(&mut &image[..], length, "f").unwrap().unwrap();
    assert_eq!(&image[node.content.start as usize..node.content.end as usize], b"hello");
}
