//! Python on the virtual machine of a simulated board, over the link.

mod common;

use common::{Host, Reply};
use compiler::Options;
use link::message::{Finish, ToDevice};
use simulator::{Config, Profile, Simulator, virtual_machine};
use std::time::Duration;

/// No builtins: these tests are about the machine, not the library.
static ROM: vm::Rom = vm::rom!(&[], &[], &[]);

fn compile(source: &str) -> Vec<u8> {
    let output = compiler::compile(source, &Options { source_name: "app.py".into(), ..Options::default() });
    let module = output.module.unwrap_or_else(|| panic!("{:?}", output.diagnostics));
    mpy::encode(&module).unwrap()
}

fn spawn(profile: Profile) -> Simulator {
    Simulator::spawn(Config::new(profile, virtual_machine(&ROM))).unwrap()
}

#[test]
fn a_program_runs_to_its_end_and_leaves_its_names() {
    for profile in [Profile::simulator(), Profile::small()] {
        let simulator = spawn(profile);
        let mut host = Host::connect(simulator.line(), 1);
        host.start_bytes(&compile("def f(n):\n    return n + 1\ni = 0\nwhile i < 20000:\n    i = f(i)\n"));
        assert_eq!(host.finish().2, Finish::Done);
        // The name is there for the next line.
        host.start_bytes(&compile("i = i + 1\n"));
        assert_eq!(host.finish().2, Finish::Done);
    }
}

#[test]
fn an_endless_program_is_stopped() {
    let simulator = spawn(Profile::simulator());
    let mut host = Host::connect(simulator.line(), 2);
    let endless = compile("while True:\n    pass\n");
    host.start_bytes(&endless);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(host.request(ToDevice::Stop), Reply::Finished(Finish::Stopped, 1));
    assert_eq!(host.reply(), Reply::Done);
}
