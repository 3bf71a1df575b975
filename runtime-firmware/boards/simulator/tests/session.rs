//! A host and a simulated board over the link: runs, input and output, files, interrupts, restarts.

mod common;

use common::{Host, Reply, config, sha256, spawn, terminal};
use link::message::{Activity, Finish, Reset, ToDevice};
use link::{ErrorCode, State};
use simulator::{Config, Profile, Simulator};
use std::time::Duration;

#[test]
fn a_program_runs_with_output_input_and_status() {
    for profile in [Profile::simulator(), Profile::small()] {
        let simulator = spawn(profile);
        let mut host = Host::connect(simulator.line(), 1);
        let Reply::Hello(board, activity, has_report, stdin_bytes) = host.request(ToDevice::Identify) else { panic!() };
        assert_eq!((activity, has_report), (Activity::Idle, false));
        assert_eq!(board, simulator.description().name);
        assert!(stdin_bytes > 0);

        let (output, errors, finish, status) = host.run("print hello\narguments\n");
        assert_eq!(output, "hello\n[\"app.py\", \"-v\"]\n");
        assert_eq!((errors.as_str(), finish, status), ("", Finish::Done, 0));
        assert_eq!(host.run("exit 7").3, 7);
        let (_, errors, finish, status) = host.run("crash ValueError");
        assert_eq!((errors.as_str(), finish, status), ("Traceback: ValueError\n", Finish::Error, 1));
        assert_eq!(host.run("nonsense").2, Finish::Refused);

        let (output, ..) = host.run("flood 3000");
        assert_eq!(output, (0..3000).map(|number| format!("line {number}\n")).collect::<String>());
    }
}

#[test]
fn standard_input_is_paced_and_ends() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 2);
    let Reply::Hello(.., mut credit) = host.request(ToDevice::Identify) else { panic!() };
    host.start("echo\nprint end");
    let text: String = (0..500).map(|number| format!("input {number}\n")).collect();
    let (mut sent, mut output) = (0, Vec::new());
    loop {
        while credit > 0 && sent < text.len() {
            let count = (credit as usize).min(text.len() - sent).min(100);
            host.send(ToDevice::Stdin(&text.as_bytes()[sent..sent + count]));
            sent += count;
            credit -= count as u32;
            if sent == text.len() {
                host.send(ToDevice::StdinEnd);
            }
        }
        match host.next() {
            Reply::Stdout(bytes) => output.extend(bytes),
            Reply::Credit(count) => credit += count,
            Reply::Finished(finish, 0) => break assert_eq!(finish, Finish::Done),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(String::from_utf8(output).unwrap(), format!("{text}end\n"));
    // The next program has its standard input again.
    host.start("echo");
    host.send(ToDevice::Stdin(b"x"));
    host.send(ToDevice::StdinEnd);
    assert_eq!(host.finish().0, "x");
}

#[test]
fn interrupt_stop_and_commands_while_running() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 3);
    host.start("loop");
    assert_eq!(host.request(ToDevice::Preload { name: "x", length: 1 }), Reply::Error(ErrorCode::Busy));
    assert_eq!(host.request(ToDevice::Fresh), Reply::Error(ErrorCode::Busy));
    assert_eq!(host.request(ToDevice::MakeDirectory { path: "/d" }), Reply::Done);
    host.send(ToDevice::Interrupt);
    let (_, errors, finish, status) = host.finish();
    assert_eq!((errors.as_str(), finish, status), ("KeyboardInterrupt\n", Finish::Interrupted, 130));

    host.start("loop");
    assert_eq!(host.request(ToDevice::Stop), Reply::Finished(Finish::Stopped, 1));
    assert_eq!(host.reply(), Reply::Done);
    assert_eq!(host.request(ToDevice::Stop), Reply::Done, "nothing to stop");
    host.send(ToDevice::Interrupt);
    assert_eq!(host.run("print on").0, "on\n", "an interrupt while nothing runs means nothing");
}

#[test]
fn files_over_the_link() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 4);
    let content: Vec<u8> = (0..5000_u32).map(|place| (place * 7) as u8).collect();
    let sha256 = sha256(&content);
    let length = content.len() as u32;
    assert_eq!(host.request(ToDevice::MakeDirectory { path: "/lib" }), Reply::Done);
    assert_eq!(host.request(ToDevice::WriteBegin { path: "/lib/x", length, sha256 }), Reply::Ready(0));
    assert!(host.upload(0, &content[..2000]));
    assert_eq!(host.request(ToDevice::Stat { path: "/lib/x" }), Reply::Error(ErrorCode::NotFound), "not before commit");
    // A dropped session is resumed where it was.
    host.endpoint.close();
    host.exchange(5);
    let mut host = Host::connect(simulator.line(), 5);
    assert_eq!(host.request(ToDevice::WriteBegin { path: "/lib/x", length, sha256 }), Reply::Ready(2000));
    assert!(host.upload(2000, &content));
    assert_eq!(host.request(ToDevice::WriteCommit), Reply::Done);
    assert_eq!(host.request(ToDevice::Stat { path: "/lib/x" }), Reply::Stat(false, length));
    assert_eq!(host.request(ToDevice::Hash { path: "/lib/x" }), Reply::Hash(sha256, length));

    host.send(ToDevice::Read { path: "/lib/x", offset: 100, length: 3000 });
    let mut read = Vec::new();
    loop {
        match host.reply() {
            Reply::Data(offset, bytes) => {
                assert_eq!(offset as usize, 100 + read.len());
                read.extend(bytes);
            }
            Reply::Done => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(read, content[100..3100]);

    // Wrong data is not given the name.
    assert_eq!(host.request(ToDevice::WriteBegin { path: "/lib/x", length: 3, sha256 }), Reply::Ready(0));
    host.upload(0, b"bad");
    assert_eq!(host.request(ToDevice::WriteCommit), Reply::Error(ErrorCode::HashMismatch));
    assert_eq!(host.request(ToDevice::Hash { path: "/lib/x" }), Reply::Hash(sha256, length));
    assert_eq!(host.request(ToDevice::WriteCommit), Reply::Error(ErrorCode::OutOfOrder));

    for number in 0..60 {
        let path = format!("/lib/a rather long file name {number}");
        assert_eq!(host.request(ToDevice::MakeDirectory { path: &path }), Reply::Done);
    }
    let mut names = Vec::new();
    loop {
        let start = names.len() as u32;
        let Reply::Entries(page, more) = host.request(ToDevice::List { path: "/lib", start }) else { panic!() };
        assert!(!page.is_empty());
        names.extend(page);
        if !more {
            break;
        }
    }
    assert_eq!(names.len(), 61);
    assert!(names.contains(&(false, length, "x".into())));
    assert_eq!(host.request(ToDevice::Rename { from: "/lib/x", to: "/y" }), Reply::Done);
    assert_eq!(host.request(ToDevice::Remove { path: "/lib" }), Reply::Error(ErrorCode::NotEmpty));
    assert_eq!(host.request(ToDevice::Remove { path: "/y" }), Reply::Done);
    assert_eq!(host.request(ToDevice::Remove { path: "/y" }), Reply::Error(ErrorCode::NotFound));
}

#[test]
fn a_long_read_can_be_cancelled() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 6);
    let content = vec![7; 300_000];
    let (length, hash) = (content.len() as u32, sha256(&content));
    assert_eq!(host.request(ToDevice::WriteBegin { path: "/big", length, sha256: hash }), Reply::Ready(0));
    assert!(host.upload(0, &content));
    assert_eq!(host.request(ToDevice::WriteCommit), Reply::Done);
    host.send(ToDevice::Read { path: "/big", offset: 0, length });
    host.send(ToDevice::Cancel);
    let mut received = 0;
    loop {
        match host.reply() {
            Reply::Data(_, bytes) => received += bytes.len(),
            Reply::Error(code) => break assert_eq!(code, ErrorCode::Cancelled),
            other => panic!("{other:?}"),
        }
    }
    assert!(received < content.len());
    assert_eq!(host.request(ToDevice::Stat { path: "/big" }), Reply::Stat(false, length));
}

#[test]
fn an_interrupt_overtakes_a_long_read() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 30);
    let content = vec![7; 100_000];
    let (length, hash) = (content.len() as u32, sha256(&content));
    assert_eq!(host.request(ToDevice::WriteBegin { path: "/big", length, sha256: hash }), Reply::Ready(0));
    assert!(host.upload(0, &content));
    assert_eq!(host.request(ToDevice::WriteCommit), Reply::Done);
    host.start("loop");
    host.send(ToDevice::Read { path: "/big", offset: 0, length });
    host.send(ToDevice::Interrupt);
    let (mut received, mut finished) = (0, None);
    loop {
        match host.reply() {
            Reply::Data(_, bytes) => received += bytes.len(),
            Reply::Finished(finish, _) => finished = Some((finish, received)),
            Reply::Stderr(_) => {}
            Reply::Done => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(received, content.len());
    let (finish, before) = finished.expect("the program ended before the read");
    assert_eq!(finish, Finish::Interrupted);
    assert!(before < content.len());
}

#[test]
fn the_host_compiles_for_the_program() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 7);
    host.start("compile 1 + 1\ncompile 1 +");
    assert_eq!(host.reply(), Reply::Compile("<string>".into(), 5));
    assert_eq!(host.reply(), Reply::Source(b"1 + 1".to_vec()));
    host.send(ToDevice::CompileReply { length: 4 });
    host.send(ToDevice::Data { offset: 0, bytes: &[1, 2] });
    host.send(ToDevice::Data { offset: 2, bytes: &[3, 4] });
    assert_eq!(host.reply(), Reply::Stdout(b"[1, 2, 3, 4]\n".to_vec()));
    assert_eq!(host.reply(), Reply::Compile("<string>".into(), 3));
    assert_eq!(host.reply(), Reply::Source(b"1 +".to_vec()));
    host.send(ToDevice::CompileError { line: 1, message: "invalid syntax" });
    assert_eq!(host.finish().0, "line 1: invalid syntax\n");
}

#[test]
fn pins_from_outside() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 8);
    host.start("press 4");
    assert_eq!(host.reply(), Reply::Stdout(b"press\n".to_vec()));
    assert!(simulator.pin(4).unwrap().level);
    simulator.set_input(4, Some(false)).unwrap();
    assert_eq!(host.finish().0, "pin 4 Edges { rising: false, falling: true }\n");
    assert!(simulator.set_input(400, Some(true)).is_err());
    let levels: Vec<bool> = simulator.take_changes().iter().map(|change| change.level).collect();
    assert_eq!(levels, [true, false]);
}

#[test]
fn plain_text_shows_output_and_takes_input() {
    let simulator = spawn(Profile::small());
    let line = simulator.line();
    assert!(terminal(&line, "PORT\r\n").contains("waiting; try: upy repl PORT"));
    line.write(b"\r");
    assert!(terminal(&line, "PORT\r\n").contains("waiting"), "a key shows the hint again");

    // A program that was started in a session goes on when the host leaves, and then speaks plain text.
    let mut host = Host::connect(line.clone(), 9);
    host.start("echo");
    host.endpoint.close();
    host.exchange(5);
    assert_eq!(host.endpoint.state(), State::Closed(link::ClosedReason::Left));
    std::thread::sleep(Duration::from_millis(20));
    line.write(b"typed\r");
    assert!(terminal(&line, "typed\n").contains("typed\n"));
    line.write(b"\x03");
    assert!(terminal(&line, "waiting").contains("KeyboardInterrupt"));
}

#[test]
fn a_session_opens_while_a_text_program_runs_and_in_the_middle_of_another() {
    let simulator = spawn(Profile::small());
    let line = simulator.line();
    let mut host = Host::connect(line.clone(), 10);
    host.start("loop");
    // The old host vanishes in the middle of a frame.
    line.write(b"\0\x05abc");
    let mut host = Host::connect(line, 11);
    let Reply::Hello(_, activity, ..) = host.request(ToDevice::Identify) else { panic!() };
    assert_eq!(activity, Activity::Running);
    host.send(ToDevice::Interrupt);
    assert_eq!(host.finish().2, Finish::Interrupted);
}

#[test]
fn power_cycle_ends_the_session() {
    let mut simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 12);
    host.run("write /kept text");
    simulator.power_cycle().unwrap();
    host.send(ToDevice::Identify);
    assert_eq!(host.next_within(Duration::from_secs(3)), None);
    assert_eq!(host.endpoint.state(), State::Closed(link::ClosedReason::Restarted));
    let mut host = Host::connect(simulator.line(), 13);
    assert_eq!(host.run("read /kept").0, "text\n");
}

#[test]
fn resets_keep_or_end_the_session() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 14);
    host.run("write /main.mpy print main");
    assert_eq!(host.request(ToDevice::Reset(Reset::Soft)), Reply::Done);
    assert_eq!(host.finish().0, "main\n");
    host.run("write /main.mpy loop");
    assert_eq!(host.request(ToDevice::Reset(Reset::Soft)), Reply::Done);
    assert_eq!(host.reply(), Reply::Started("main".into()));
    assert_eq!(host.request(ToDevice::Reset(Reset::Idle)), Reply::Done);
    assert_eq!(host.finish().2, Finish::Stopped);
    assert_eq!(host.request(ToDevice::Stat { path: "/main.mpy" }), Reply::Stat(false, 4));
    assert_eq!(host.request(ToDevice::Reset(Reset::Hard)), Reply::Done);
    // The board restarts, and says so to the old session.
    let mut restarted = false;
    for _ in 0..500 {
        host.exchange(10);
        restarted |= host.endpoint.state() == State::Closed(link::ClosedReason::Restarted);
        if restarted {
            break;
        }
        host.send(ToDevice::AppStatus);
    }
    assert!(restarted);
}

#[test]
fn three_crashes_lead_to_safe_mode_with_the_report_kept() {
    let mut simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 15);
    host.run("write /main.mpy crash at start");
    for crash in 0..3 {
        simulator.power_cycle().unwrap();
        let text = terminal(&simulator.line(), "PORT\r\n");
        assert!(text.contains("Traceback: at start"), "start {crash}: {text}");
    }
    simulator.power_cycle().unwrap();
    assert!(terminal(&simulator.line(), "PORT\r\n").contains("safe mode"));
    let mut host = Host::connect(simulator.line(), 16);
    let Reply::Hello(_, activity, has_report, _) = host.request(ToDevice::Identify) else { panic!() };
    assert_eq!((activity, has_report), (Activity::SafeMode, true));
    assert_eq!(host.request(ToDevice::Report), Reply::Data(0, b"Traceback: at start\n".to_vec()));
    assert_eq!(host.reply(), Reply::Done);
    assert_eq!(host.request(ToDevice::ClearReport), Reply::Done);
    assert_eq!(host.request(ToDevice::Report), Reply::Done);
    // A person may try again.
    assert_eq!(host.request(ToDevice::Reset(Reset::Soft)), Reply::Done);
    assert_eq!(host.finish().2, Finish::Error);
}

#[test]
fn a_panic_is_a_crash_and_restarts_the_board() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 17);
    host.start("panic out of order");
    assert_eq!(host.next_within(Duration::from_secs(3)), None);
    assert_eq!(host.endpoint.state(), State::Closed(link::ClosedReason::Restarted));
    let mut host = Host::connect(simulator.line(), 18);
    assert_eq!(host.request(ToDevice::Report), Reply::Data(0, b"panic: out of order\n".to_vec()));
}

#[test]
fn source_only_main_waits_for_a_compiler() {
    let mut simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 19);
    host.run("write /main.py print('x')");
    simulator.power_cycle().unwrap();
    assert!(terminal(&simulator.line(), "PORT\r\n").contains("needs a host to compile"));
    let mut host = Host::connect(simulator.line(), 20);
    let Reply::Hello(_, activity, ..) = host.request(ToDevice::Identify) else { panic!() };
    assert_eq!(activity, Activity::NeedsCompiler);
}

#[test]
fn a_slow_line_is_used_well() {
    let config = Config { baud: Some(115_200), ..config(Profile::simulator()) };
    let simulator = Simulator::spawn(config).unwrap();
    let mut host = Host::connect(simulator.line(), 31);
    let content: Vec<u8> = (0..20_000_u32).map(|place| (place * 7) as u8).collect();
    let (length, hash) = (content.len() as u32, sha256(&content));
    let start = std::time::Instant::now();
    assert_eq!(host.request(ToDevice::WriteBegin { path: "/x", length, sha256: hash }), Reply::Ready(0));
    assert!(host.upload(0, &content));
    assert_eq!(host.request(ToDevice::WriteCommit), Reply::Done);
    let down = content.len() as f64 / 11_520.0 / start.elapsed().as_secs_f64();
    let start = std::time::Instant::now();
    host.send(ToDevice::Read { path: "/x", offset: 0, length });
    while let Reply::Data(..) = host.reply() {}
    let up = content.len() as f64 / 11_520.0 / start.elapsed().as_secs_f64();
    println!("of the line {down:.2} down, {up:.2} up are useful bytes");
    assert!(down > 0.8 && up > 0.8, "{down:.2} down, {up:.2} up");
}
