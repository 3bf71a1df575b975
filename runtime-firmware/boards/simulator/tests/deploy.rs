//! Deploys over the link onto simulated flash: flip, rollback, the join of app and files, bad images, and power
//! cuts at every flash operation.

mod common;

use common::{Host, Reply, config, sha256, spawn, terminal};
use executor::storage::{Builder, romfs};
use link::ErrorCode;
use link::message::{Finish, Reset, SlotState, ToDevice};
use simulator::{Config, Cut, Moment, Profile, Simulator};

fn image(main: &str) -> Vec<u8> {
    let mut builder = Builder::new();
    builder.file("main.mpy", main.as_bytes()).unwrap();
    builder.file("config.json", b"from the app").unwrap();
    builder.file("data/table.bin", &[7; 3000]).unwrap();
    builder.finish()
}

fn upload(host: &mut Host, image: &[u8]) -> Option<Reply> {
    let begin = ToDevice::AppBegin { length: image.len() as u32, sha256: sha256(image) };
    if !host.send(begin) {
        return None;
    }
    match host.next_within(std::time::Duration::from_secs(2))? {
        Reply::Ready(offset) => host.upload(offset, image).then_some(Reply::Done),
        other => Some(other),
    }
}

fn deploy(host: &mut Host, image: &[u8]) {
    assert_eq!(upload(host, image), Some(Reply::Done));
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Done);
    assert_eq!(host.request(ToDevice::Reset(Reset::Idle)), Reply::Done);
}

fn restart(host: &mut Host) -> String {
    assert_eq!(host.request(ToDevice::Reset(Reset::Soft)), Reply::Done);
    host.finish().0
}

fn slots(host: &mut Host) -> (Option<u8>, [SlotState; 2]) {
    let Reply::Status(status) = host.request(ToDevice::AppStatus) else { panic!() };
    (status.active, status.slots.map(|slot| slot.state))
}

#[test]
fn deploy_flip_and_rollback() {
    for profile in [Profile::simulator(), Profile::small()] {
        let mut simulator = spawn(profile);
        let mut host = Host::connect(simulator.line(), 1);
        assert_eq!(slots(&mut host), (None, [SlotState::Empty; 2]));
        assert_eq!(host.request(ToDevice::AppRollback), Reply::Error(ErrorCode::NoOlderApp));
        deploy(&mut host, &image("print one"));
        assert_eq!(slots(&mut host), (Some(0), [SlotState::Valid, SlotState::Empty]));
        assert_eq!(restart(&mut host), "one\n");
        deploy(&mut host, &image("print two"));
        assert_eq!(restart(&mut host), "two\n");
        assert_eq!(slots(&mut host), (Some(1), [SlotState::Valid; 2]));
        assert_eq!(host.request(ToDevice::AppRollback), Reply::Done);
        assert_eq!(restart(&mut host), "one\n");
        assert_eq!(host.request(ToDevice::AppRollback), Reply::Done);
        simulator.power_cycle().unwrap();
        assert!(terminal(&simulator.line(), "PORT\r\n").contains("two\n"));
        // Enough flips that the journal changes blocks several times.
        let mut host = Host::connect(simulator.line(), 2);
        for _ in 0..301 {
            assert_eq!(host.request(ToDevice::AppRollback), Reply::Done);
        }
        assert_eq!(restart(&mut host), "one\n");
        simulator.power_cycle().unwrap();
        assert!(terminal(&simulator.line(), "one\n").contains("one\n"));
    }
}

#[test]
fn the_app_runs_while_the_next_is_written() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 3);
    deploy(&mut host, &image("print one\nloop"));
    assert_eq!(host.request(ToDevice::Reset(Reset::Soft)), Reply::Done);
    assert_eq!(host.reply(), Reply::Started("main".into()));
    assert_eq!(host.reply(), Reply::Stdout(b"one\n".to_vec()));
    assert_eq!(upload(&mut host, &image("print two")), Some(Reply::Done));
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Done);
    // The slot that runs is not touched by yet another deploy.
    let next = image("print three");
    let begin = ToDevice::AppBegin { length: next.len() as u32, sha256: sha256(&next) };
    assert_eq!(host.request(begin), Reply::Error(ErrorCode::Busy));
    assert_eq!(host.request(ToDevice::Reset(Reset::Soft)), Reply::Done);
    assert_eq!(host.finish().2, Finish::Stopped);
    assert_eq!(host.finish().0, "two\n");
}

#[test]
fn files_of_the_app_are_defaults_at_the_root() {
    let mut simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 4);
    deploy(&mut host, &image("read config.json\nwrite /config.json changed\nread /config.json\nread /app/config.json"));
    assert_eq!(restart(&mut host), "from the app\nchanged\nfrom the app\n");
    simulator.power_cycle().unwrap();
    let text = terminal(&simulator.line(), "PORT");
    assert!(text.contains("changed\nchanged\nfrom the app\n"), "{text}");
    let mut host = Host::connect(simulator.line(), 5);
    assert_eq!(host.request(ToDevice::Stat { path: "/data/table.bin" }), Reply::Stat(false, 3000));
    assert_eq!(host.request(ToDevice::Stat { path: "/app" }), Reply::Stat(true, 0));
    assert_eq!(host.request(ToDevice::Remove { path: "/data/table.bin" }), Reply::Error(ErrorCode::ReadOnly));
    assert_eq!(host.request(ToDevice::Remove { path: "/app/config.json" }), Reply::Error(ErrorCode::ReadOnly));
    assert_eq!(host.request(ToDevice::MakeDirectory { path: "/app/x" }), Reply::Error(ErrorCode::ReadOnly));
    let Reply::Entries(names, false) = host.request(ToDevice::List { path: "/", start: 0 }) else { panic!() };
    assert_eq!(names, [(false, 7, "config.json".into()), (true, 0, "app".into())]);
    let Reply::Entries(names, false) = host.request(ToDevice::List { path: "/app", start: 0 }) else { panic!() };
    let names: Vec<&str> = names.iter().map(|(_, _, name)| name.as_str()).collect();
    assert_eq!(names, ["config.json", "data", "main.mpy"]);
}

#[test]
fn a_redeploy_copies_what_did_not_change() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 6);
    let (one, two) = (image("print one"), image("print two"));
    deploy(&mut host, &one);
    let same = one.iter().zip(&two).take_while(|(a, b)| a == b).count();
    let rest = one.iter().rev().zip(two.iter().rev()).take_while(|(a, b)| a == b).count();
    let after = two.len() - rest;
    let begin = ToDevice::AppBegin { length: two.len() as u32, sha256: sha256(&two) };
    assert_eq!(host.request(begin), Reply::Ready(0));
    assert_eq!(
        host.request(ToDevice::AppHash { offset: 0, length: same as u32 }),
        Reply::Hash(sha256(&two[..same]), same as u32)
    );
    host.send(ToDevice::AppCopy { offset: 0, from: 0, length: same as u32 });
    host.send(ToDevice::Data { offset: same as u32, bytes: &two[same..after] });
    host.send(ToDevice::AppCopy { offset: after as u32, from: after as u32, length: rest as u32 });
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Done);
    assert_eq!(restart(&mut host), "two\n");
}

#[test]
fn bad_images_are_refused_and_leave_the_old_app() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 7);
    deploy(&mut host, &image("print one"));
    let good = image("print two");

    let begin = ToDevice::AppBegin { length: good.len() as u32, sha256: [1; 32] };
    assert_eq!(host.request(begin), Reply::Ready(0));
    host.upload(0, &good);
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Error(ErrorCode::HashMismatch));

    let mut bad = good.clone();
    bad[9] = 0xff;
    assert_eq!(upload(&mut host, &bad), Some(Reply::Done));
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Error(ErrorCode::BadImage));

    assert_eq!(upload(&mut host, &good[..good.len() - 1]), Some(Reply::Done));
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Error(ErrorCode::BadImage));
    let begin = ToDevice::AppBegin { length: good.len() as u32, sha256: sha256(&good) };
    assert_eq!(host.request(begin), Reply::Ready(0));
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Error(ErrorCode::OutOfOrder));
    assert_eq!(
        host.request(ToDevice::Data { offset: 5, bytes: b"gap" }),
        Reply::Error(ErrorCode::Invalid),
        "data must come in order"
    );
    let begin = ToDevice::AppBegin { length: 1 << 20, sha256: [1; 32] };
    assert_eq!(host.request(begin), Reply::Error(ErrorCode::TooLarge));
    assert_eq!(restart(&mut host), "one\n");
    assert_eq!(slots(&mut host).0, Some(0));
}

#[test]
fn a_dropped_session_resumes_the_upload() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 8);
    let app = image("print one");
    let begin = ToDevice::AppBegin { length: app.len() as u32, sha256: sha256(&app) };
    assert_eq!(host.request(begin), Reply::Ready(0));
    host.upload(0, &app[..1234]);
    host.request(ToDevice::Identify);
    let mut host = Host::connect(simulator.line(), 9);
    assert_eq!(host.request(begin), Reply::Ready(1234));
    host.upload(1234, &app);
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Done);
    assert_eq!(restart(&mut host), "one\n");
}

/// Starts a board with this flash, and returns what its main prints.
fn boot(config: &Config, flash: Vec<u8>) -> (String, Simulator) {
    let simulator = Simulator::spawn(Config { flash_content: Some(flash), ..config.clone() }).unwrap();
    let text = terminal(&simulator.line(), "PORT\r\n");
    let app = text.lines().next().unwrap_or_default().to_string();
    (app, simulator)
}

/// Runs `act` on a board with `flash`, with the power cut at every operation at every moment, and calls `check`
/// with what the board prints when it is started again.
fn cut_everywhere(flash: &[u8], act: fn(&mut Host), check: &dyn Fn(&str, &str)) {
    let config = config(Profile::small());
    let (_, simulator) = boot(&config, flash.to_vec());
    let mut host = Host::connect(simulator.line(), 100);
    simulator.plan_cut(None);
    act(&mut host);
    let operations = simulator.flash_operations();
    assert!(operations > 0);
    println!("{operations} operations");
    drop(simulator);
    for operation in 0..operations {
        for (moment, seed) in [
            (Moment::Before, 0),
            (Moment::Middle, 1),
            (Moment::Middle, 13),
            (Moment::Middle, 50),
            (Moment::Middle, 200),
            (Moment::After, 0),
        ] {
            let place = format!("operation {operation} of {operations}, {moment:?} {seed}");
            let (_, simulator) = boot(&config, flash.to_vec());
            let mut host = Host::connect(simulator.line(), 100);
            simulator.plan_cut(Some(Cut { operation, moment, seed }));
            act(&mut host);
            while simulator.is_on() {
                std::thread::yield_now();
            }
            let (app, simulator) = boot(&config, simulator.flash_content());
            check(&app, &place);
            // And the board takes the next deploy.
            let mut host = Host::connect(simulator.line(), 101);
            deploy(&mut host, &image("print three"));
            assert_eq!(restart(&mut host), "three\n", "{place}");
            assert_eq!(host.run("read /file").0, "untouched\n", "{place}");
        }
    }
}

/// Flash with app one active, app zero in the other slot, and a file.
fn prepared() -> Vec<u8> {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 10);
    deploy(&mut host, &image("print zero"));
    deploy(&mut host, &image("print one"));
    host.run("write /file untouched");
    simulator.flash_content()
}

#[test]
fn power_cut_anywhere_in_a_deploy() {
    let attempt = |host: &mut Host| {
        if upload(host, &image("print two")) == Some(Reply::Done) && host.send(ToDevice::AppCommit) {
            host.next_within(std::time::Duration::from_millis(300));
        }
    };
    let check = |app: &str, place: &str| {
        assert!(app == "one" || app == "two", "{place}: {app:?}");
    };
    cut_everywhere(&prepared(), attempt, &check);
}

#[test]
fn power_cut_anywhere_in_a_rollback() {
    let attempt = |host: &mut Host| {
        host.send(ToDevice::AppRollback);
        host.next_within(std::time::Duration::from_millis(300));
    };
    let check = |app: &str, place: &str| {
        assert!(app == "one" || app == "zero", "{place}: {app:?}");
    };
    cut_everywhere(&prepared(), attempt, &check);
    // The same when the journal has to change blocks: a block holds 64 records.
    let (_, simulator) = boot(&config(Profile::small()), prepared());
    let mut host = Host::connect(simulator.line(), 11);
    loop {
        simulator.plan_cut(None);
        let before = simulator.flash_content();
        assert_eq!(host.request(ToDevice::AppRollback), Reply::Done);
        if simulator.flash_operations() > 1 {
            cut_everywhere(&before, attempt, &check);
            return;
        }
    }
}

#[test]
fn malformed_images_never_panic() {
    let good = image("print one");
    for length in 0..good.len() {
        assert!(romfs::validate(&mut &good[..length], length as u32).is_err(), "cut to {length}");
    }
    assert!(romfs::validate(&mut &good[..], good.len() as u32).is_ok());
    let mut random = 7_u64;
    for _ in 0..20_000 {
        let mut bad = good.clone();
        for _ in 0..3 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = (random >> 33) as usize % bad.len().min(120);
            bad[place] = (random >> 25) as u8;
        }
        let length = bad.len() as u32;
        let _ = romfs::validate(&mut &bad[..], length);
        // Reading is bounded too, for an image that was never validated.
        for path in ["main.mpy", "data/table.bin", "data", "none"] {
            if let Ok(Some(node)) = romfs::find(&mut &bad[..], length, path) {
                assert!(node.content.start <= node.content.end && node.content.end <= length);
            }
        }
    }
}

#[test]
fn a_bad_line_carries_a_deploy_and_files() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 12);
    host.damaged_per_thousand = 10;
    for round in 0..2 {
        deploy(&mut host, &image(&format!("print {round}")));
        let content: Vec<u8> = (0..4000_u32).map(|place| (place * 7 + round) as u8).collect();
        let (length, hash) = (content.len() as u32, sha256(&content));
        assert_eq!(host.request(ToDevice::WriteBegin { path: "/x", length, sha256: hash }), Reply::Ready(0));
        assert!(host.upload(0, &content));
        assert_eq!(host.request(ToDevice::WriteCommit), Reply::Done);
        host.send(ToDevice::Read { path: "/x", offset: 0, length });
        let mut read = Vec::new();
        while let Reply::Data(_, bytes) = host.reply() {
            read.extend(bytes);
        }
        assert_eq!(read, content);
    }
    assert!(host.endpoint.statistics().damaged > 20);
    assert_eq!(restart(&mut host), "1\n");
}

#[test]
fn damaged_headers_and_journals_never_run_a_wrong_image() {
    let flash = prepared();
    let profile = Profile::small();
    let config = config(profile.clone());
    let mut random = 3_u64;
    for _ in 0..150 {
        let mut bad = flash.clone();
        for _ in 0..3 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let within = (random >> 33) as usize;
            let (slot, journal) = (profile.description.slots.1 as usize, profile.description.journal as usize);
            let place = match within % 3 {
                0 => within / 3 % 80,
                1 => slot + within / 3 % 80,
                _ => journal + within / 3 % 64,
            };
            bad[place] ^= 1 << (random >> 60 & 7);
        }
        let (app, simulator) = boot(&config, bad);
        assert!(app == "one" || app == "zero" || app.is_empty(), "{app:?}");
        let mut host = Host::connect(simulator.line(), 102);
        assert_eq!(host.request(ToDevice::Report), Reply::Done, "no crash, no panic");
        deploy(&mut host, &image("print three"));
        assert_eq!(restart(&mut host), "three\n");
    }
}
