//! The numbers and the order of fields on the wire. A change here is a new protocol version.

use link::message::{Activity, AppStatus, CompileMode, Finish, Hello, Reset, Slot, SlotState, Stat};
use link::{ErrorCode, ToDevice, ToHost};

fn encode<M: serde::Serialize>(message: &M) -> Vec<u8> {
    let mut buffer = [0; 400];
    postcard::to_slice(message, &mut buffer).unwrap().to_vec()
}

const HASH: [u8; 32] = [9; 32];

fn with(start: &[u8], rest: &[u8]) -> Vec<u8> {
    [start, rest].concat()
}

#[test]
fn messages_to_the_device() {
    let path = "/a";
    let expected: [(ToDevice<'_>, Vec<u8>); 32] = [
        (ToDevice::Identify, vec![0]),
        (ToDevice::Stdin(b"xy"), vec![1, 2, b'x', b'y']),
        (ToDevice::StdinEnd, vec![2]),
        (ToDevice::Interrupt, vec![3]),
        (ToDevice::Stop, vec![4]),
        (ToDevice::Cancel, vec![5]),
        (ToDevice::Reset(Reset::Hard), vec![6, 2]),
        (ToDevice::Fresh, vec![7]),
        (ToDevice::Preload { name: "m", length: 300 }, vec![8, 1, b'm', 0xac, 2]),
        (ToDevice::Data { offset: 128, bytes: b"z" }, vec![9, 0x80, 1, 1, b'z']),
        (ToDevice::RunPreloaded { name: "m", interactive: true, arguments: b"a\0" }, vec![10, 1, b'm', 1, 2, b'a', 0]),
        (ToDevice::AppStatus, vec![11]),
        (ToDevice::AppBegin { length: 5, sha256: HASH }, with(&[12, 5], &HASH)),
        (ToDevice::AppCopy { offset: 1, from: 2, length: 3 }, vec![13, 1, 2, 3]),
        (ToDevice::AppCommit, vec![14]),
        (ToDevice::AppRollback, vec![15]),
        (ToDevice::Stat { path }, vec![16, 2, b'/', b'a']),
        (ToDevice::List { path, start: 7 }, vec![17, 2, b'/', b'a', 7]),
        (ToDevice::Read { path, offset: 1, length: 2 }, vec![18, 2, b'/', b'a', 1, 2]),
        (ToDevice::WriteBegin { path, length: 1, sha256: HASH }, with(&[19, 2, b'/', b'a', 1], &HASH)),
        (ToDevice::WriteCommit, vec![20]),
        (ToDevice::Remove { path }, vec![21, 2, b'/', b'a']),
        (ToDevice::Rename { from: path, to: "/b" }, vec![22, 2, b'/', b'a', 2, b'/', b'b']),
        (ToDevice::MakeDirectory { path }, vec![23, 2, b'/', b'a']),
        (ToDevice::Usage { path }, vec![24, 2, b'/', b'a']),
        (ToDevice::Hash { path }, vec![25, 2, b'/', b'a']),
        (ToDevice::CompileReply { length: 1 }, vec![26, 1]),
        (ToDevice::CompileError { line: 3, message: "no" }, vec![27, 3, 2, b'n', b'o']),
        (ToDevice::Report, vec![28]),
        (ToDevice::ClearReport, vec![29]),
        (ToDevice::AppHash { offset: 1, length: 2 }, vec![30, 1, 2]),
        (ToDevice::AppRead { offset: 1, length: 2 }, vec![31, 1, 2]),
    ];
    for (message, bytes) in expected {
        assert_eq!(encode(&message), bytes, "{message:?}");
        assert_eq!(link::decode::<ToDevice<'_>>(&bytes), Some(message));
    }
}

#[test]
fn messages_to_the_host() {
    let hello = Hello {
        executor: "1",
        board: "b",
        machine: "m",
        unique_id: &[7],
        mpy_version: 6,
        small_int_bits: 31,
        float_bits: 64,
        heap_bytes: 1,
        message_bytes: 2,
        stdin_bytes: 3,
        app_bytes: 4,
        activity: Activity::SafeMode,
        has_report: true,
    };
    let slot = Slot { state: SlotState::Valid, sequence: 1, length: 2, sha256: HASH };
    let status = AppStatus { active: Some(1), slot_bytes: 5, slots: [slot; 2] };
    let slot_bytes = with(&[2, 1, 2], &HASH);
    let expected: [(ToHost<'_>, Vec<u8>); 18] = [
        (ToHost::Done, vec![0]),
        (ToHost::Error { code: ErrorCode::NoDevice, text: "t" }, vec![1, 22, 1, b't']),
        (ToHost::Hello(hello), vec![2, 1, b'1', 1, b'b', 1, b'm', 1, 7, 6, 31, 64, 1, 2, 3, 4, 2, 1]),
        (ToHost::Stdout(b"o"), vec![3, 1, b'o']),
        (ToHost::Stderr(b"e"), vec![4, 1, b'e']),
        (ToHost::StdinCredit(9), vec![5, 9]),
        (ToHost::Started { name: "m" }, vec![6, 1, b'm']),
        (ToHost::Finished { finish: Finish::NoMemory, status: -1, text: "" }, vec![7, 6, 1, 0]),
        (ToHost::AppStatus(status), [&[8, 1, 1, 5][..], &slot_bytes, &slot_bytes].concat()),
        (ToHost::UploadReady { offset: 4 }, vec![9, 4]),
        (ToHost::Stat(Stat { directory: true, size: 3 }), vec![10, 1, 3]),
        (ToHost::Entries { entries: &[1], more: true }, vec![11, 1, 1, 1]),
        (ToHost::Data { offset: 1, bytes: &[2] }, vec![12, 1, 1, 2]),
        (ToHost::Usage { block: 1, total: 2, free: 3 }, vec![13, 1, 2, 3]),
        (ToHost::Hash { sha256: HASH, length: 1 }, [&[14][..], &HASH, &[1]].concat()),
        (
            ToHost::CompileBegin { name: "n", mode: CompileMode::Single, length: 1, reply_bytes: 2 },
            vec![15, 1, b'n', 2, 1, 2],
        ),
        (ToHost::CompileData { offset: 1, bytes: &[2] }, vec![16, 1, 1, 2]),
        (ToHost::CompileCancel, vec![17]),
    ];
    for (message, bytes) in expected {
        assert_eq!(encode(&message), bytes, "{message:?}");
        assert_eq!(link::decode::<ToHost<'_>>(&bytes), Some(message));
    }
}

#[test]
fn nonsense_is_no_message() {
    assert_eq!(link::decode::<ToDevice<'_>>(&[]), None);
    assert_eq!(link::decode::<ToDevice<'_>>(&[32]), None);
    assert_eq!(link::decode::<ToDevice<'_>>(&[8, 200, b'm']), None, "a text longer than the message");
    assert_eq!(link::decode::<ToDevice<'_>>(&[16, 1, 0xff]), None, "not UTF-8");
    assert_eq!(link::decode::<ToDevice<'_>>(&[6, 9]), None);
    assert_eq!(link::decode::<ToHost<'_>>(&[18]), None);
}
