//! A host that sends nonsense: the executor refuses it, and goes on.

mod common;

use common::{Host, Reply, spawn};
use link::message::{Reset, ToDevice};
use serde::ser::{Serialize, SerializeTuple as _, Serializer};
use simulator::Profile;
use std::time::Duration;

/// Bytes in place of a message.
struct Raw<'b>(&'b [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for byte in self.0 {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}

fn samples() -> Vec<Vec<u8>> {
    let hash = [3; 32];
    let messages = [
        ToDevice::Identify,
        ToDevice::Stdin(&[1; 60]),
        ToDevice::StdinEnd,
        ToDevice::Interrupt,
        ToDevice::Stop,
        ToDevice::Cancel,
        ToDevice::Reset(Reset::Soft),
        ToDevice::Fresh,
        ToDevice::Preload { name: "__main__", length: 9 },
        ToDevice::Data { offset: 0, bytes: b"print abc" },
        ToDevice::RunPreloaded { name: "__main__", interactive: true, arguments: b"a\0b\0" },
        ToDevice::AppStatus,
        ToDevice::AppBegin { length: 64, sha256: hash },
        ToDevice::AppCopy { offset: 0, from: 0, length: 64 },
        ToDevice::AppCommit,
        ToDevice::AppRollback,
        ToDevice::Stat { path: "/lib/x" },
        ToDevice::List { path: "/", start: 0 },
        ToDevice::Read { path: "/lib/x", offset: 1, length: 500 },
        ToDevice::WriteBegin { path: "/lib/x", length: 9, sha256: hash },
        ToDevice::WriteCommit,
        ToDevice::Remove { path: "/lib" },
        ToDevice::Rename { from: "/a", to: "/lib/b" },
        ToDevice::MakeDirectory { path: "/lib" },
        ToDevice::Usage { path: "/app" },
        ToDevice::Hash { path: "/lib/x" },
        ToDevice::CompileReply { length: 4 },
        ToDevice::CompileError { line: 1, message: "no" },
        ToDevice::Report,
        ToDevice::ClearReport,
        ToDevice::AppHash { offset: 0, length: 3 },
        ToDevice::AppRead { offset: 0, length: 3 },
    ];
    let mut buffer = [0; 200];
    messages.iter().map(|message| postcard::to_slice(message, &mut buffer).unwrap().to_vec()).collect()
}

#[test]
fn hostile_messages_never_panic_the_executor() {
    let simulator = spawn(Profile::small());
    let samples = samples();
    let mut random = 1_u64;
    let mut below = |bound: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % bound
    };
    let mut nonce = 1;
    let mut host = Host::connect(simulator.line(), nonce);
    for _ in 0..6000 {
        let mut message = samples[below(samples.len())].clone();
        // A third as it is, in any order; the others damaged.
        for _ in 0..below(3) {
            let place = below(message.len());
            match below(4) {
                0 => message[place] = below(256) as u8,
                1 => message.truncate(place + 1),
                2 => message[place] ^= 1 << below(8),
                _ => message.insert(place, below(256) as u8),
            }
        }
        while host.endpoint.is_open() && host.endpoint.send(&Raw(&message)).is_err() {
            host.next_within(Duration::from_millis(1));
        }
        if below(10) == 0 {
            while host.next_within(Duration::ZERO).is_some() {}
        }
        if !host.endpoint.is_open() {
            nonce += 1;
            host = Host::connect(simulator.line(), nonce);
        }
    }
    // It still listens, and no restart came from a panic.
    nonce += 1;
    let mut host = Host::connect(simulator.line(), nonce);
    let report = host.request(ToDevice::Report);
    assert!(!matches!(&report, Reply::Data(_, text) if text.starts_with(b"panic")), "{report:?}");
    while host.next_within(Duration::from_millis(100)).is_some() {}
    assert!(matches!(host.request(ToDevice::Identify), Reply::Hello(..)));
}
