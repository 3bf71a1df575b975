//! The file storage through the executor's `Files`, on flash whose power fails at every operation.

use std::collections::BTreeMap;

use executor::Machine;
use hal::{EntryKind, Error, Files, OpenMode, System};
use simulator::{BareBoard, Buffers, Cut, Moment, Profile, SimulatedFlash, bare_board};

const READ: OpenMode =
    OpenMode { read: true, write: false, truncate: false, create: false, exclusive: false, append: false };
const WRITE: OpenMode = OpenMode { read: false, write: true, truncate: true, create: true, ..READ };
const APPEND: OpenMode = OpenMode { read: false, write: true, create: true, append: true, ..READ };
const UPDATE: OpenMode = OpenMode { read: true, write: true, ..READ };

/// Runs `act` on the files of a freshly started board.
fn start<R>(board: &mut BareBoard, profile: &Profile, act: impl FnOnce(&mut dyn Files) -> R) -> R {
    let mut buffers = Buffers::new(&profile.sizes);
    let mut machine = Machine::new(board.board(), buffers.memory());
    act(System::files(&mut machine))
}

fn read(files: &mut dyn Files, path: &str) -> Result<Vec<u8>, Error> {
    let file = files.open(path, READ)?;
    let mut content = Vec::new();
    let mut buffer = [0; 100];
    loop {
        let count = files.read(file, &mut buffer)?;
        if count == 0 {
            files.close(file)?;
            return Ok(content);
        }
        content.extend_from_slice(&buffer[..count]);
    }
}

fn write(files: &mut dyn Files, path: &str, mode: OpenMode, content: &[u8]) -> Result<(), Error> {
    let file = files.open(path, mode)?;
    let written = content.chunks(50).try_for_each(|piece| files.write(file, piece));
    let closed = files.close(file);
    written.and(closed)
}

/// Everything in a directory and below: path and content, `None` for a directory.
fn tree(files: &mut dyn Files, path: &str, found: &mut BTreeMap<String, Option<Vec<u8>>>) {
    let mut index = 0;
    loop {
        let mut name = [0; 255];
        let Some(entry) = files.entry(path, index, &mut name).unwrap() else { return };
        let name = std::str::from_utf8(&name[..entry.name_length]).unwrap();
        let inner = format!("{}/{name}", path.trim_end_matches('/'));
        let before = match entry.stat.kind {
            EntryKind::Directory => found.insert(inner.clone(), None),
            EntryKind::File => {
                let content = read(files, &inner).unwrap_or_else(|error| panic!("{inner}: {error:?}"));
                assert_eq!(content.len() as u32, entry.stat.size, "{inner}");
                found.insert(inner.clone(), Some(content))
            }
        };
        assert!(before.is_none(), "{inner} is listed twice");
        if entry.stat.kind == EntryKind::Directory {
            tree(files, &inner, found);
        }
        index += 1;
    }
}

fn whole_tree(files: &mut dyn Files) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    tree(files, "/", &mut found);
    found
}

fn blank(profile: &Profile) -> BareBoard {
    bare_board(profile, SimulatedFlash::new(profile.geometry))
}

fn content(seed: usize, length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 7 + place / 100 + seed * 13) as u8).collect()
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    for profile in [Profile::simulator(), Profile::small()] {
        let mut board = blank(&profile);
        start(&mut board, &profile, |files| {
            write(files, "/config.json", WRITE, b"{}").unwrap();
            files.make_directory("/lib").unwrap();
            files.make_directory("/lib/deep").unwrap();
            write(files, "/lib/deep/data.bin", WRITE, &content(1, 3000)).unwrap();
            write(files, "/empty", WRITE, b"").unwrap();
            assert_eq!(files.make_directory("/lib"), Err(Error::Exists));
            assert_eq!(files.remove("/lib"), Err(Error::IsDirectory));
            assert_eq!(files.remove_directory("/lib"), Err(Error::NotEmpty));
            assert_eq!(files.remove("/none"), Err(Error::NotFound));
            assert_eq!(files.open("/lib", READ), Err(Error::IsDirectory));
            assert_eq!(files.open("/config.json/x", READ), Err(Error::NotDirectory));
            assert_eq!(files.open("/none/x", WRITE), Err(Error::NotFound));
            assert_eq!(files.rename("/lib", "/lib/deep/lib"), Err(Error::Invalid));
        });
        start(&mut board, &profile, |files| {
            assert_eq!(read(files, "/config.json").unwrap(), b"{}");
            assert_eq!(read(files, "lib/deep/data.bin").unwrap(), content(1, 3000), "relative to the root");
            assert_eq!(read(files, "/lib/./deep/../deep/data.bin").unwrap(), content(1, 3000));
            files.rename("/lib", "/other").unwrap();
            files.rename("/other/deep/data.bin", "/config.json").unwrap();
            files.remove_directory("/other/deep").unwrap();
            files.remove("/empty").unwrap();
        });
        start(&mut board, &profile, |files| {
            let expected = BTreeMap::from([("/config.json".into(), Some(content(1, 3000))), ("/other".into(), None)]);
            assert_eq!(whole_tree(files), expected);
        });
    }
}

#[test]
fn appending_updating_and_seeking() {
    let profile = Profile::simulator();
    let mut board = blank(&profile);
    start(&mut board, &profile, |files| {
        let mut expected = Vec::new();
        for line in 0..60 {
            let text = format!("line {line}\n");
            write(files, "/log", APPEND, text.as_bytes()).unwrap();
            expected.extend_from_slice(text.as_bytes());
        }
        assert_eq!(read(files, "/log").unwrap(), expected);

        let file = files.open("/log", UPDATE).unwrap();
        for (place, bytes) in [(3, &b"AAA"[..]), (400, b"BBBB"), (0, b"C"), (1, b"DD")] {
            files.seek(file, place, 0).unwrap();
            files.write(file, bytes).unwrap();
            expected[place as usize..place as usize + bytes.len()].copy_from_slice(bytes);
        }
        let end = files.seek(file, 10, 2).unwrap() as usize;
        assert_eq!(end, expected.len() + 10);
        files.write(file, b"end").unwrap();
        expected.resize(end, 0);
        expected.extend_from_slice(b"end");
        // The file reads its own writes, and nobody else does.
        files.seek(file, 0, 0).unwrap();
        let mut own = vec![0; expected.len() + 10];
        assert_eq!(files.read(file, &mut own).unwrap(), expected.len());
        assert_eq!(own[..expected.len()], expected);
        assert_ne!(read(files, "/log").unwrap(), expected);
        files.flush(file).unwrap();
        assert_eq!(read(files, "/log").unwrap(), expected);
        assert_eq!(files.open("/log", WRITE), Err(Error::Busy));
        files.close(file).unwrap();
        assert_eq!(read(files, "/log").unwrap(), expected);
    });
}

#[test]
fn a_reader_keeps_what_it_opened() {
    let profile = Profile::small();
    let mut board = blank(&profile);
    start(&mut board, &profile, |files| {
        write(files, "/a", WRITE, &content(1, 1000)).unwrap();
        let reader = files.open("/a", READ).unwrap();
        // Enough traffic that everything is moved several times.
        for round in 0..40 {
            write(files, "/a", WRITE, &content(round, 1500)).unwrap();
        }
        let mut kept = vec![0; 1000];
        assert_eq!(files.read(reader, &mut kept).unwrap(), 1000);
        assert_eq!(kept, content(1, 1000));
        files.close(reader).unwrap();
        assert_eq!(read(files, "/a").unwrap(), content(39, 1500));
    });
}

#[test]
fn a_full_storage_says_so_and_can_be_emptied() {
    let profile = Profile::small();
    let mut board = blank(&profile);
    start(&mut board, &profile, |files| {
        write(files, "/keep", WRITE, &content(5, 700)).unwrap();
        let mut count = 0;
        let error = loop {
            match write(files, &format!("/file{count}"), WRITE, &content(count, 500)) {
                Ok(()) => count += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error, Error::NoSpace);
        assert!(count > 8, "only {count} files of 500 bytes in 16 KiB");
        assert!(files.usage("/").unwrap().free < 4096);
        for number in 0..count {
            assert_eq!(read(files, &format!("/file{number}")).unwrap(), content(number, 500));
            files.remove(&format!("/file{number}")).unwrap();
        }
        assert!(files.usage("/").unwrap().free > 10_000);
        write(files, "/large", WRITE, &content(9, 8000)).unwrap();
        assert_eq!(read(files, "/keep").unwrap(), content(5, 700));
        assert_eq!(read(files, "/large").unwrap(), content(9, 8000));
    });
}

#[test]
fn a_long_life_against_a_model() {
    let profile = Profile::small();
    let mut board = blank(&profile);
    let mut model: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
    let mut random = 12345_u64;
    let mut below = |bound: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % bound as u64) as usize
    };
    for round in 0..60 {
        start(&mut board, &profile, |files| {
            for step in 0..20 {
                let path = format!("/f{}", below(6));
                match below(5) {
                    0 | 1 => {
                        let bytes = content(round * 20 + step, below(900));
                        if write(files, &path, WRITE, &bytes).is_ok() {
                            model.insert(path, Some(bytes));
                        }
                    }
                    2 => {
                        let bytes = content(step, below(60));
                        if write(files, &path, APPEND, &bytes).is_ok() {
                            model.entry(path).or_insert(Some(Vec::new())).as_mut().unwrap().extend(bytes);
                        }
                    }
                    3 => {
                        let removed = files.remove(&path);
                        assert_eq!(removed.is_ok(), model.remove(&path).is_some(), "{removed:?}");
                    }
                    _ => {
                        let to = format!("/f{}", below(6));
                        let renamed = files.rename(&path, &to);
                        assert_eq!(renamed.is_ok(), model.contains_key(&path), "{renamed:?}");
                        if let Some(bytes) = model.remove(&path) {
                            model.insert(to, bytes);
                        }
                    }
                }
            }
        });
        start(&mut board, &profile, |files| assert_eq!(whole_tree(files), model));
    }
}

/// One change to a tree that holds some files, cut at every flash operation, at every moment; in the middle of an
/// operation after a few of its bytes.
fn cut_everywhere(name: &str, prepare: &dyn Fn(&mut dyn Files), change: &dyn Fn(&mut dyn Files) -> Result<(), Error>) {
    cut_after(&[22, 101], name, prepare, change);
}

fn cut_after(
    bytes: &[u64],
    name: &str,
    prepare: &dyn Fn(&mut dyn Files),
    change: &dyn Fn(&mut dyn Files) -> Result<(), Error>,
) {
    let profile = Profile::small();
    let mut board = blank(&profile);
    start(&mut board, &profile, prepare);
    let image = board.flash(|flash| flash.content().to_vec());
    let at = |image: &Vec<u8>| bare_board(&profile, SimulatedFlash::with_content(profile.geometry, image.clone()));

    let old = start(&mut at(&image), &profile, whole_tree);
    let mut whole = at(&image);
    start(&mut whole, &profile, |files| change(files).unwrap());
    let operations = whole.flash(|flash| flash.operations());
    let new = start(&mut whole, &profile, whole_tree);
    assert_ne!(old, new);
    println!("{name}: {operations} operations");

    for operation in 0..operations {
        for moment in [Moment::Before, Moment::Middle, Moment::After] {
            let seeds: &[u64] = if moment == Moment::Middle { bytes } else { &[0] };
            for &seed in seeds {
                let mut board = at(&image);
                board.flash(|flash| flash.plan_cut(Some(Cut { operation, moment, seed })));
                let outcome = start(&mut board, &profile, change);
                let after = board.flash(|flash| flash.content().to_vec());
                let mut board = at(&after);
                let found = start(&mut board, &profile, whole_tree);
                let place = format!("{name}, operation {operation} of {operations}, {moment:?}, seed {seed}");
                assert!(found == old || found == new, "{place}: {outcome:?}: {:?}", found.keys());
                assert!(outcome.is_err() || found == new, "{place}: it said it was done");
                // The board works on: the same change succeeds, and what it leaves is as without a cut.
                let again = start(&mut board, &profile, |files| change(files));
                let settled = start(&mut board, &profile, whole_tree);
                assert!(again.is_ok() || found == new, "{place}: again: {again:?}");
                assert!(settled == new, "{place}: {:?}", settled.keys());
                // And the cut may come again while the board recovers.
                for second in 0..2 {
                    let mut board = at(&after);
                    let cut = Cut { operation: second, moment: Moment::Middle, seed };
                    board.flash(|flash| flash.plan_cut(Some(cut)));
                    start(&mut board, &profile, |files| {
                        let _ = change(files);
                    });
                    let after = board.flash(|flash| flash.content().to_vec());
                    let found = start(&mut at(&after), &profile, whole_tree);
                    assert!(found == old || found == new, "{place}, then {second}: {:?}", found.keys());
                }
            }
        }
    }
}

/// A tree with garbage in every block and something alive in most, so that the next change has to move things.
fn crowded(files: &mut dyn Files) {
    files.make_directory("/lib").unwrap();
    write(files, "/other", WRITE, &content(77, 900)).unwrap();
    write(files, "/lib/inner", WRITE, &content(78, 300)).unwrap();
    for round in 0..9 {
        write(files, "/file", WRITE, &content(round, 700)).unwrap();
        write(files, &format!("/lib/live{round}"), WRITE, &content(round, 250)).unwrap();
    }
    write(files, "/log", WRITE, &content(3, 200)).unwrap();
}

#[test]
fn power_cut_while_replacing_a_file() {
    cut_everywhere("replace", &crowded, &|files| write(files, "/file", WRITE, &content(99, 2500)));
}

#[test]
fn power_cut_while_making_a_file() {
    cut_everywhere("make", &crowded, &|files| match write(files, "/lib/new", WRITE, &content(99, 1500)) {
        Err(Error::Exists) => Ok(()),
        other => other,
    });
}

#[test]
fn power_cut_while_updating_a_file() {
    cut_everywhere("update", &crowded, &|files| {
        let file = files.open("/file", UPDATE)?;
        let done = files.seek(file, 300, 0).and_then(|_| files.write(file, b"something else"));
        files.close(file).and(done)
    });
}

#[test]
fn power_cut_while_appending() {
    // Appending twice would not be the same change, so the text goes to a fixed place.
    cut_everywhere("append", &crowded, &|files| {
        let file = files.open("/log", UPDATE)?;
        let done = files.seek(file, 200, 0).and_then(|_| files.write(file, &content(8, 300)));
        files.close(file).and(done)
    });
}

#[test]
fn power_cut_while_removing() {
    cut_everywhere("remove", &crowded, &|files| files.remove("/file"));
}

#[test]
fn power_cut_while_renaming() {
    // Every byte of a record's header and payload, since there are few.
    let every: Vec<u64> = (0..64).collect();
    cut_after(&every, "rename", &crowded, &|files| files.rename("/file", "/lib/moved"));
    cut_everywhere("rename over", &crowded, &|files| files.rename("/file", "/other"));
    cut_everywhere("rename a directory", &crowded, &|files| files.rename("/lib", "/library"));
}

#[test]
fn power_cut_whatever_the_log_is_like() {
    // Different lengths of history put the change at different places of a block, and of the emptying of blocks.
    for rounds in (5..29).step_by(8) {
        let prepare = move |files: &mut dyn Files| {
            write(files, "/kept", WRITE, &content(1, 2000)).unwrap();
            write(files, "/gone", WRITE, &content(2, 300)).unwrap();
            for round in 0..rounds {
                write(files, "/file", WRITE, &content(round, 500)).unwrap();
                write(files, &format!("/live{}", round % 12), WRITE, &content(round, 150)).unwrap();
            }
            // Fill the block at hand, so that the next record needs another.
            for fill in 0..rounds % 8 {
                files.make_directory(&format!("/{fill}")).unwrap();
            }
        };
        cut_after(&[3, 30], "remove", &prepare, &|files| files.remove("/gone"));
        cut_after(&[3, 30], "rename over", &prepare, &|files| files.rename("/gone", "/kept"));
        cut_after(&[3, 30], "replace", &prepare, &|files| write(files, "/kept", WRITE, &content(9, 500)));
    }
}

#[test]
fn power_cut_while_making_and_removing_directories() {
    cut_everywhere("make directory", &crowded, &|files| files.make_directory("/lib/deeper"));
    cut_everywhere(
        "remove directory",
        &|files| {
            crowded(files);
            files.make_directory("/gone").unwrap();
        },
        &|files| files.remove_directory("/gone"),
    );
}

#[test]
fn a_name_given_up_stays_given_up() {
    // Cut a replacement everywhere, then rename the new file away: the old one must not come back.
    let profile = Profile::small();
    let mut board = blank(&profile);
    start(&mut board, &profile, |files| write(files, "/a", WRITE, b"old").unwrap());
    let image = board.flash(|flash| flash.content().to_vec());
    for operation in 0..8 {
        for moment in [Moment::Before, Moment::Middle, Moment::After] {
            let mut board = bare_board(&profile, SimulatedFlash::with_content(profile.geometry, image.clone()));
            board.flash(|flash| flash.plan_cut(Some(Cut { operation, moment, seed: 1 })));
            start(&mut board, &profile, |files| {
                let _ = write(files, "/a", WRITE, b"new");
            });
            let after = board.flash(|flash| flash.content().to_vec());
            let mut board = bare_board(&profile, SimulatedFlash::with_content(profile.geometry, after));
            start(&mut board, &profile, |files| {
                let content = read(files, "/a").unwrap();
                files.rename("/a", "/b").unwrap();
                let renamed = BTreeMap::from([("/b".into(), Some(content))]);
                assert_eq!(whole_tree(files), renamed);
                // Everything is moved: what only hides the old file is gone then.
                let churn = |files: &mut dyn Files| {
                    for round in 0..40 {
                        write(files, "/churn", WRITE, &self::content(round, 1200)).unwrap();
                    }
                    files.remove("/churn").unwrap();
                };
                churn(files);
                assert_eq!(whole_tree(files), renamed, "operation {operation} {moment:?}");
                files.remove("/b").unwrap();
                churn(files);
                assert_eq!(whole_tree(files), BTreeMap::new());
            });
        }
    }
}

#[test]
fn leftovers_of_an_interrupted_append_stay_dead() {
    let profile = Profile::small();
    let mut board = blank(&profile);
    start(&mut board, &profile, |files| write(files, "/log", WRITE, &content(1, 300)).unwrap());
    let image = board.flash(|flash| flash.content().to_vec());
    for operation in 0..12 {
        for moment in [Moment::Before, Moment::Middle, Moment::After] {
            let mut board = bare_board(&profile, SimulatedFlash::with_content(profile.geometry, image.clone()));
            board.flash(|flash| flash.plan_cut(Some(Cut { operation, moment, seed: 9 })));
            start(&mut board, &profile, |files| {
                let _ = write(files, "/log", APPEND, &content(2, 500));
            });
            let after = board.flash(|flash| flash.content().to_vec());
            let mut board = bare_board(&profile, SimulatedFlash::with_content(profile.geometry, after));
            let mut expected = start(&mut board, &profile, |files| read(files, "/log").unwrap());
            for (seed, length) in [(3, 70), (4, 200), (5, 500)] {
                // Each after a restart, with a rename in between: that writes a newer entry for the same content.
                start(&mut board, &profile, |files| {
                    files.rename("/log", "/moved").unwrap();
                    files.rename("/moved", "/log").unwrap();
                    write(files, "/log", APPEND, &content(seed, length)).unwrap();
                    expected.extend(content(seed, length));
                    assert!(read(files, "/log").unwrap() == expected, "operation {operation} {moment:?} {length}");
                });
            }
        }
    }
}

#[test]
fn damaged_flash_never_panics() {
    let profile = Profile::small();
    let mut board = blank(&profile);
    start(&mut board, &profile, crowded);
    let image = board.flash(|flash| flash.content().to_vec());
    let mut random = 99_u64;
    for _ in 0..400 {
        let mut damaged = image.clone();
        for _ in 0..8 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (base, size) = profile.description.files;
            let place = base as usize + (random >> 33) as usize % size as usize;
            damaged[place] = (random >> 20) as u8;
        }
        let mut board = bare_board(&profile, SimulatedFlash::with_content(profile.geometry, damaged));
        start(&mut board, &profile, |files| {
            for path in ["/file", "/other", "/lib/inner", "/log"] {
                // What is read is right, or there is an error.
                let _ = read(files, path);
            }
            let _ = write(files, "/file", WRITE, &content(1, 600));
            let _ = files.usage("/");
        });
    }
}
