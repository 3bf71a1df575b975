//! Programs from source to a simulated board and back: in this process, and over a pseudo-terminal.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::time::Duration;

use crate::board::Board;
use crate::support::{self, LIMIT, finish, folder, root, run, upy, wait};
use crate::terminal::{CONTROL_C, CONTROL_D, Terminal};

const TICKS: &str = "import time\nn = 0\nwhile True:\n    n += 1\n    print('NAME', n)\n    time.sleep_ms(20)\n";

fn ticks(name: &str) -> String {
    TICKS.replace("NAME", name)
}

// ---- in this process ----

#[test]
fn a_program() {
    let place = folder(&[("app.py", "import sys\nprint('hello', 6 * 7)\nsys.stderr.write('aside\\n')\nsys.exit(3)\n")]);
    let done = finish(upy().args(["run", "app.py"]).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str(), done.stderr.as_str()), (Some(3), "hello 42\n", "aside\n"));
}

#[test]
fn a_traceback() {
    let place = folder(&[("app.py", "def f():\n    return 1 // 0\n\nf()\n")]);
    let done = finish(upy().args(["run", "app.py"]).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str()), (Some(1), ""));
    for part in ["Traceback (most recent call last):", "\"app.py\", line 4", "\"app.py\", line 2", "ZeroDivisionError"]
    {
        assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
    }
}

#[test]
fn input_and_its_end() {
    let place = folder(&[(
        "app.py",
        "import sys\nname = input()\nprint('hello', name)\nfor line in sys.stdin:\n    print(len(line))\n",
    )]);
    let done = finish(upy().args(["run", "app.py"]).current_dir(&place), b"you\nab\n\nlast");
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "hello you\n3\n1\n4\n"), "{}", done.stderr);
}

#[test]
fn arguments_and_imports() {
    let place = folder(&[
        (
            "app.py",
            "import sys\nimport tools.text\nfrom tools import numbers as n\nprint(sys.argv, tools.text.shout('a'), n.TWO)\n",
        ),
        ("tools/__init__.py", ""),
        ("tools/text.py", "def shout(word):\n    return word.upper() + '!'\n"),
        ("tools/numbers.py", "TWO = 2\n"),
    ]);
    let done = finish(upy().args(["run", "app.py", "x", "-y"]).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "['app.py', 'x', '-y'] A! 2\n"), "{}", done.stderr);
}

#[test]
fn data_files() {
    let place = folder(&[("app.py", "print(open('note.txt').read())\n"), ("note.txt", "from the folder")]);
    let done = finish(upy().args(["run", "app.py"]).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "from the folder\n"), "{}", done.stderr);
}

#[test]
fn whatever_lies_beside_a_program() {
    use std::os::unix::ffi::OsStrExt as _;

    let place = folder(&[("app.py", "print('fine')\n"), ("reads.py", "print(open('large.bin').read(1))\n")]);
    std::fs::write(place.path().join("large.bin"), vec![b'x'; 300_000]).unwrap();
    std::fs::write(place.path().join("long-name".repeat(20)), "").unwrap();
    std::fs::write(place.path().join(std::ffi::OsStr::from_bytes(b"not-\xff-text")), "").unwrap();
    std::os::unix::fs::symlink("nowhere", place.path().join("dangling")).unwrap();
    let done = finish(upy().args(["run", "app.py"]).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str(), done.stderr.as_str()), (Some(0), "fine\n", ""));
    let done = finish(upy().args(["run", "reads.py"]).current_dir(&place), b"");
    assert_eq!(done.status, Some(1));
    assert!(done.stderr.starts_with("warning: the data file `large.bin` was left out"), "{}", done.stderr);
}

#[test]
fn a_compiled_program() {
    let place = folder(&[("app.py", "print('compiled')\n")]);
    assert_eq!(finish(upy().args(["build", "app.py"]).current_dir(&place), b"").status, Some(0));
    let done = finish(upy().args(["run", "app.mpy"]).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "compiled\n"), "{}", done.stderr);
}

#[test]
fn a_damaged_program_is_refused() {
    let place = folder(&[("app.py", "print('compiled')\n")]);
    assert_eq!(finish(upy().args(["build", "app.py"]).current_dir(&place), b"").status, Some(0));
    let path = place.path().join("app.mpy");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let done = finish(upy().args(["run", "app.mpy"]).current_dir(&place), b"");
    assert_eq!((done.status, done.stdout.as_str()), (Some(1), ""), "{}", done.stderr);
    assert!(done.stderr.contains("incompatible .mpy file"), "{}", done.stderr);
}

#[test]
fn control_c() {
    let place = folder(&[(
        "app.py",
        "import time\ntry:\n    print('running')\n    while True:\n        time.sleep_ms(5)\nexcept KeyboardInterrupt:\n    print('caught')\n\
         print('on')\nwhile True:\n    pass\n",
    )]);
    let mut child =
        upy().args(["run", "app.py"]).current_dir(&place).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let process = child.id();
    let interrupt = || support::interrupt(process);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "running");
    interrupt();
    assert_eq!(lines.next().unwrap().unwrap(), "caught");
    assert_eq!(lines.next().unwrap().unwrap(), "on");
    interrupt();
    assert_eq!(wait(&mut child, LIMIT), Some(130));
}

#[test]
fn an_unknown_board() {
    let done = run(&["repl", "sim", "--board", "zx81"]);
    assert_eq!(done.status, Some(2));
    assert!(done.stderr.contains("no board of this name can be simulated: `zx81`"), "{}", done.stderr);
}

#[test]
fn the_edge_filter_says_what_cpython_says() {
    let program = root().join("templates/edge-filter/main.py");
    let input = std::fs::read(root().join("templates/edge-filter/readings.jsonl")).unwrap();
    let expected = std::fs::read_to_string(root().join("templates/edge-filter/anomalies.jsonl")).unwrap();
    let done = finish(upy().arg("run").arg(&program), &input);
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), expected.as_str()), "{}", done.stderr);
    match std::process::Command::new("python3").arg("--version").output() {
        Ok(_) => {
            let done = finish(std::process::Command::new("python3").arg(&program), &input);
            assert_eq!(done.stdout, expected, "CPython");
        }
        Err(_) => eprintln!("SKIPPED: no python3 to compare with"),
    }
}

#[test]
fn what_mpy_cross_compiles_runs_here() {
    if std::process::Command::new("mpy-cross").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no mpy-cross");
        return;
    }
    let place = folder(&[]);
    let input = std::fs::read(root().join("templates/edge-filter/readings.jsonl")).unwrap();
    let expected = std::fs::read_to_string(root().join("templates/edge-filter/anomalies.jsonl")).unwrap();
    let mpy = place.path().join("theirs.mpy");
    let mut compiler = std::process::Command::new("mpy-cross");
    compiler.arg(root().join("templates/edge-filter/main.py")).arg("-o").arg(&mpy);
    assert!(compiler.status().unwrap().success());
    let done = finish(upy().arg("run").arg(&mpy), &input);
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), expected.as_str()), "{}", done.stderr);
}

#[test]
fn a_repl_on_plain_input() {
    let done = finish(
        upy().args(["repl", "sim"]),
        b"1 + 1\nx = 20\ndef f(n):\n    return n * 2\n\nf(x) + 2\n'text'\nNone\nimport sys\n1 // 0\nprint('after')\nsys.exit(4)\nprint('never')\n",
    );
    assert_eq!(done.stdout, "2\n42\n'text'\nafter\n", "{}", done.stderr);
    assert!(done.stderr.contains("ZeroDivisionError"), "{}", done.stderr);
    assert_eq!(done.status, Some(4));
}

// ---- on a pseudo-terminal ----

#[test]
fn a_board_deploys_runs_and_talks() {
    let board = Board::start();
    board.write("app/main.py", ticks("deployed"));
    board.write("hello.py", "print('hello')\n");
    let done = board.upy(&["deploy", "./board", "app", "--no-follow"]);
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), ""), "{}", done.stderr);
    board.listen_for("deployed 3");
    let done = board.upy(&["run", "-d", "./board", "hello.py"]);
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "hello\n"), "nothing of the app's: {}", done.stderr);
    let done = board.upy_with(&["repl", "./board"], b"1+1\n");
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "2\n"), "{}", done.stderr);
    // It ran no more since the first visitor stopped it.
    assert_eq!(board.control("reset"), "ok");
    board.listen_for("deployed ");
}

#[test]
fn a_deploy_follows_until_control_c() {
    let board = Board::start();
    board.write("app/main.py", ticks("followed"));
    let mut child = upy()
        .args(["deploy", "./board", "app"])
        .current_dir(board.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "followed 1");
    assert_eq!(lines.next().unwrap().unwrap(), "followed 2");
    support::interrupt(child.id());
    assert_eq!(wait(&mut child, LIMIT), Some(0));
    // It runs on.
    board.listen_for("followed ");
}

#[test]
fn a_board_on_a_terminal() {
    let board = Board::start();
    let mut command = upy();
    command.args(["repl", "./board"]).current_dir(board.path()).env("XDG_STATE_HOME", board.path());
    let Some(mut terminal) = Terminal::start(&command) else { return };
    terminal.expect(">>> ");
    terminal.keys("1+1\r");
    terminal.expect("\n2\r\n");
    terminal.expect(">>> ");
    terminal.keys("for i in range(2):\r");
    terminal.expect("... ");
    terminal.keys("    print('row', i)\r");
    terminal.expect("... ");
    terminal.keys("\r");
    terminal.expect("row 0");
    terminal.expect("row 1");
    terminal.expect(">>> ");
    terminal.keys("while True: pass\r");
    terminal.expect("... ");
    terminal.keys("\r");
    std::thread::sleep(Duration::from_millis(200));
    terminal.keys(CONTROL_C);
    terminal.expect("KeyboardInterrupt");
    terminal.expect(">>> ");
    terminal.keys("name = input('who? ')\r");
    terminal.expect("who? ");
    std::thread::sleep(Duration::from_millis(500));
    terminal.keys("me\r");
    terminal.expect(">>> ");
    terminal.keys("name\r");
    terminal.expect("'me'");
    terminal.expect(">>> ");
    terminal.keys(CONTROL_D);
    assert_eq!(terminal.end(), Some(0));
}

#[test]
fn a_board_killed_in_the_middle_of_a_deploy_runs_its_old_app() {
    let mut board = Board::start();
    board.write("old/main.py", ticks("old"));
    assert_eq!(board.upy(&["deploy", "./board", "old", "--no-follow"]).status, Some(0));
    let mut noise = 1u32;
    let data: Vec<u8> = (0..900_000)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .collect();
    board.write("new/main.py", ticks("new"));
    board.write("new/data.bin", &data);
    let mut broken_off = 0;
    for pause_ms in [20, 60, 120] {
        let mut deploy = upy()
            .args(["deploy", "./board", "new", "--no-follow"])
            .current_dir(board.path())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause_ms));
        board.kill();
        let status = wait(&mut deploy, LIMIT);
        let mut stderr = String::new();
        deploy.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        board.switch_on();
        if status == Some(0) {
            // A machine so fast that the deploy was over: that is no broken deploy.
            break;
        }
        broken_off += 1;
        assert_eq!(status, Some(3), "{stderr}");
        assert!(stderr.contains("is gone"), "{stderr}");
        board.listen_for("old ");
    }
    assert!(broken_off > 0, "no deploy was slow enough to be broken off");
    let done = board.upy(&["deploy", "./board", "new", "--no-follow"]);
    assert_eq!(done.status, Some(0), "{}", done.stderr);
    board.listen_for("new ");
}

/// A visitor that cannot tidy up, and the board after it.
fn kill_a_visitor(board: &Board) {
    board.write("loop.py", "print('started')\nwhile True:\n    pass\n");
    board.write("hello.py", "print('hello')\n");
    let mut child = board
        .command()
        .args(["run", "-d", "./board", "loop.py"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut started = [0; 8];
    child.stdout.as_mut().unwrap().read_exact(&mut started).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    // The simulator sees it leave.
    std::thread::sleep(Duration::from_millis(200));
    let done = board.upy(&["run", "-d", "./board", "hello.py"]);
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "hello\n"), "{}", done.stderr);
}

#[test]
fn a_visitor_that_is_killed_leaves_the_board_usable() {
    kill_a_visitor(&Board::start());
}

#[test]
fn a_visitor_that_is_killed_leaves_the_board_usable_for_users_without_rights() {
    if let Some(board) = Board::start_unprivileged() {
        kill_a_visitor(&board);
    }
}

#[test]
fn settings_survive_restarts_and_deploys() {
    let mut board = Board::start();
    let example = root().join("templates/config");
    board.write("app/main.py", std::fs::read(example.join("main.py")).unwrap());
    board.write("app/config.json", std::fs::read(example.join("config.json")).unwrap());
    let first = board.upy(&["deploy", "./board", "app"]);
    assert_eq!(
        (first.status, first.stdout.as_str()),
        (Some(0), "sensor hall, every 60 s, start 1\n"),
        "{}",
        first.stderr
    );
    let again = board.upy(&["deploy", "./board", "app"]);
    assert_eq!(again.stdout, "sensor hall, every 60 s, start 2\n", "{}", again.stderr);
    board.kill();
    board.switch_on();
    // The board has started by itself once more.
    std::thread::sleep(Duration::from_millis(300));
    let last = board.upy(&["deploy", "./board", "app"]);
    assert_eq!(last.stdout, "sensor hall, every 60 s, start 4\n", "{}", last.stderr);
}

#[test]
fn a_button_is_pressed() {
    let board = Board::start();
    board.write("app/main.py", std::fs::read(root().join("templates/button/main.py")).unwrap());
    let mut child = upy()
        .args(["deploy", "./board", "app"])
        .current_dir(board.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "press the button three times");
    for number in 1..=3 {
        assert_eq!(board.control("press 0"), "ok");
        assert_eq!(lines.next().unwrap(), format!("press {number}, the pin reads 0"));
    }
    assert_eq!(lines.next().unwrap(), "done");
    assert_eq!(wait(&mut child, LIMIT), Some(0));
}

#[test]
fn an_led_blinks() {
    let board = Board::start();
    board.write("app/main.py", std::fs::read(root().join("templates/blink/main.py")).unwrap());
    assert_eq!(board.upy(&["deploy", "./board", "app", "--no-follow"]).status, Some(0));
    let mut levels = Vec::new();
    for _ in 0..200 {
        let level = board.control("pins");
        if levels.last() != Some(&level) {
            levels.push(level);
        }
        if levels.len() > 3 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(levels.contains(&"pin 15: high (output)".to_owned()), "{levels:?}");
    assert!(levels.contains(&"pin 15: low (output)".to_owned()), "{levels:?}");
}

#[test]
fn the_simulator_tidies_up() {
    let mut board = Board::start();
    assert_eq!(board.control("quit"), "ok");
    assert_eq!(wait(&mut board.take_child(), LIMIT), Some(0));
    assert!(std::fs::symlink_metadata(board.port()).is_err());
    assert!(!board.path().join("control").exists());
    // A link that was left behind is replaced, a flash in use is not shared.
    board.switch_on();
    board.kill();
    assert!(std::fs::symlink_metadata(board.port()).is_ok());
    board.switch_on();
    let done = board.upy(&["sim", "--flash", "flash.bin"]);
    assert_eq!(done.status, Some(2));
    assert!(done.stderr.contains("belongs to a simulator that is running"), "{}", done.stderr);
}

#[test]
fn a_crash_is_told_at_the_next_visit() {
    let board = Board::start();
    board.write("app/main.py", "print('began')\nraise ValueError('a fault of the app')\n");
    board.write("hello.py", "print('hello')\n");
    assert_eq!(board.upy(&["deploy", "./board", "app"]).status, Some(1));
    let done = board.upy(&["run", "-d", "./board", "hello.py"]);
    assert_eq!(done.stdout, "hello\n");
    assert!(done.stderr.contains("warning: the app on ./board crashed:\n  Traceback"), "{}", done.stderr);
    assert!(done.stderr.contains("  ValueError: a fault of the app\n"), "{}", done.stderr);
    let done = board.upy(&["run", "-d", "./board", "hello.py"]);
    assert!(!done.stderr.contains("crashed"), "told once: {}", done.stderr);
}

#[test]
fn a_deploy_sends_what_differs() {
    let board = Board::start();
    for number in 0..50 {
        board.write(
            &format!("app/module{number}.py"),
            format!("NUMBER = {number}\nTEXT = 'the text of module {number}, not short'\n"),
        );
    }
    board.write("app/main.py", "import module7\nprint(module7.NUMBER)\n");
    let bytes = |done: &crate::support::Done| {
        let document: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        (document["deploy"]["image_bytes"].as_u64().unwrap(), document["deploy"]["result"]["sent"].as_u64())
    };
    let (whole, sent) = bytes(&board.upy(&["deploy", "./board", "app", "--json"]));
    assert_eq!(sent, Some(whole));
    board.write("app/module7.py", "NUMBER = 77\nTEXT = 'another text'\n");
    let (_, sent) = bytes(&board.upy(&["deploy", "./board", "app", "--json"]));
    assert!(sent.unwrap() < whole / 10, "{sent:?} of {whole}");
    let done = board.upy(&["deploy", "./board", "app"]);
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), "77\n"), "{}", done.stderr);
}
