//! Python on the virtual machine of a simulated board, over the link.

mod common;

use common::{Host, Reply};
use compiler::Options;
use link::message::{Finish, Reset, ToDevice};
use simulator::{Config, Profile, Simulator, virtual_machine};
use std::time::Duration;

fn compile(source: &str) -> Vec<u8> {
    let output = compiler::compile(source, &Options { source_name: "app.py".into(), ..Options::default() });
    let module = output.module.unwrap_or_else(|| panic!("{:?}", output.diagnostics));
    mpy::encode(&module).unwrap()
}

fn spawn(profile: Profile) -> Simulator {
    Simulator::spawn(Config::new(profile, virtual_machine(&modules::ROM))).unwrap()
}

#[test]
fn a_program_runs_to_its_end_and_leaves_its_names() {
    for profile in [Profile::simulator(), Profile::small()] {
        let simulator = spawn(profile);
        let mut host = Host::connect(simulator.line(), 1);
        host.start_bytes(&compile("def f(n):\n    return n + 1\ni = 0\nwhile i < 20000:\n    i = f(i)\n"));
        assert_eq!(host.finish().2, Finish::Done);
        // The name is there for the next line, and gone after a restart.
        host.start_bytes(&compile("i = i + 1\n"));
        assert_eq!(host.finish().2, Finish::Done);
        assert_eq!(host.request(ToDevice::Reset(Reset::Idle)), Reply::Done);
        host.start_bytes(&compile("i = i + 1\n"));
        assert_eq!(host.finish().2, Finish::Error);
    }
}

#[test]
fn output_input_arguments_and_status() {
    for profile in [Profile::simulator(), Profile::small()] {
        let simulator = spawn(profile);
        let mut host = Host::connect(simulator.line(), 4);
        host.start_bytes(&compile(
            "import sys\nprint(sys.argv)\nfor n in range(3):\n    print(n, input())\nsys.exit(5)\n",
        ));
        host.send(ToDevice::Stdin(b"one\ntwo\nthree\n"));
        let (output, errors, finish, status) = host.finish();
        assert_eq!(output, "['app.py', '-v']\n0 one\n1 two\n2 three\n");
        assert_eq!((errors.as_str(), finish, status), ("", Finish::Exit, 5));
        host.start_bytes(&compile("def f(x):\n    return 1 // x\nf(0)\n"));
        let (_, errors, finish, status) = host.finish();
        assert_eq!((finish, status), (Finish::Error, 1));
        assert!(errors.contains("app.py\", line 2") && errors.contains("ZeroDivisionError"), "{errors}");
    }
}

#[test]
fn an_app_runs_in_place_with_its_modules_and_its_data() {
    let mut simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 5);
    let mut builder = executor::storage::Builder::new();
    let main = "import json, helper\nwith open('config.json') as f:\n    config = json.load(f)\n\
                config['count'] = helper.add(config['count'])\n\
                with open('config.json', 'w') as f:\n    json.dump(config, f)\nprint(config['count'])\n";
    builder.file("main.mpy", &compile(main)).unwrap();
    builder.file("lib/helper.mpy", &compile("def add(n):\n    return n + 1\n")).unwrap();
    builder.file("config.json", b"{\"count\": 41}").unwrap();
    let image = builder.finish();
    let begin = ToDevice::AppBegin { length: image.len() as u32, sha256: common::sha256(&image) };
    assert_eq!(host.request(begin), Reply::Ready(0));
    host.upload(0, &image);
    assert_eq!(host.request(ToDevice::AppCommit), Reply::Done);
    for count in 42..45 {
        simulator.power_cycle().unwrap();
        let text = common::terminal(&simulator.line(), "PORT\r\n");
        assert!(text.starts_with(&format!("{count}\n")), "{text}");
    }
}

#[test]
fn pins_are_driven_from_both_sides() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 6);
    let source = "from machine import Pin\nimport time\npressed = []\n\
                  led = Pin(15, Pin.OUT)\nbutton = Pin(4, Pin.IN, Pin.PULL_UP)\n\
                  button.irq(trigger=Pin.IRQ_FALLING, handler=lambda pin: pressed.append(pin.value()))\n\
                  led.value(1)\nprint('ready')\n\
                  while not pressed:\n    time.sleep_ms(1000)\nled.value(0)\nprint(pressed)\n";
    host.start_bytes(&compile(source));
    assert_eq!(host.reply(), Reply::Stdout(b"ready\n".to_vec()));
    assert!(simulator.pin(15).unwrap().level);
    simulator.set_input(4, Some(false)).unwrap();
    let (output, errors, finish, _) = host.finish();
    assert_eq!((output.as_str(), errors.as_str(), finish), ("[0]\n", "", Finish::Done));
    assert!(!simulator.pin(15).unwrap().level);
}

#[test]
fn endless_programs_are_interrupted_and_stopped() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 2);
    let endless = compile("i = 0\nwhile True:\n    i = i + 1\n");
    host.start_bytes(&endless);
    std::thread::sleep(Duration::from_millis(50));
    host.send(ToDevice::Interrupt);
    let (_, _, finish, status) = host.finish();
    assert_eq!((finish, status), (Finish::Interrupted, 130));
    host.start_bytes(&endless);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(host.request(ToDevice::Stop), Reply::Finished(Finish::Stopped, 1));
    assert_eq!(host.reply(), Reply::Done);
}

#[test]
fn a_damaged_program_is_refused_or_runs_without_harm() {
    let simulator = spawn(Profile::small());
    let mut host = Host::connect(simulator.line(), 3);
    let good = compile(
        "class A:\n    def f(self, x):\n        try:\n            return [x, 'text', 1.5]\n        finally:\n            pass\nA().f(3)\n",
    );
    let mut random = 5_u64;
    for round in 0..400 {
        let mut bad = good.clone();
        if round < good.len() {
            bad.truncate(round + 1);
        } else {
            for _ in 0..2 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (random >> 33) as usize % bad.len();
                bad[place] ^= 1 << (random >> 60 & 7);
            }
        }
        assert_eq!(host.request(ToDevice::Fresh), Reply::Done);
        host.start_bytes(&bad);
        // A flipped jump may loop for ever: that is no harm.
        let mut finished = false;
        for _ in 0..2 {
            match host.next_within(Duration::from_millis(300)) {
                Some(Reply::Finished(..)) => finished = true,
                Some(_) => {}
                None => break,
            }
            if finished {
                break;
            }
        }
        if !finished {
            host.send(ToDevice::Stop);
            while host.next() != Reply::Done {}
        }
    }
    let Reply::Done = host.request(ToDevice::Report) else { panic!("the board restarted") };
}
