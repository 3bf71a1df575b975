//! `os`: the storage's directories, and facts of the board.

use crate::path::Path;
use hal::{EntryKind, Error};
use vm::{Args, Member, Raised, Ret, Row, Slot, Val, Vm};

/// `st_mode` and `ilistdir` type of a directory.
const DIRECTORY: i32 = 0x4000;
/// The same of a file.
const REGULAR: i32 = 0x8000;
/// Longest name that a directory entry may have, in bytes.
const NAME_LIMIT: usize = 256;

pub(crate) const MEMBERS: &[Row] = &[
    Row("chdir", Member::General(chdir, 1, 1)),
    Row("getcwd", Member::Leaf(getcwd, 0, 0)),
    Row("ilistdir", Member::General(ilistdir, 0, 1)),
    Row("listdir", Member::General(listdir, 0, 1)),
    Row("mkdir", Member::General(mkdir, 1, 1)),
    Row("remove", Member::General(remove, 1, 1)),
    Row("rename", Member::General(rename, 2, 2)),
    Row("rmdir", Member::General(rmdir, 1, 1)),
    Row("sep", Member::Str("/")),
    Row("stat", Member::General(stat, 1, 1)),
    Row("statvfs", Member::General(statvfs, 1, 1)),
    Row("sync", Member::Leaf(|_, _| Ok(Val::NONE), 0, 0)),
    Row("uname", Member::General(uname, 0, 0)),
    Row("unlink", Member::General(remove, 1, 1)),
    Row("urandom", Member::General(urandom, 1, 1)),
];

fn raise(vm: &Vm<'_>, result: Result<(), Error>) -> Result<Ret, Raised> {
    result.map(|()| Ret::NONE).map_err(|error| vm.heap.os_error(error))
}

/// The path in the first argument, or the current directory.
fn path_argument(vm: &mut Vm<'_>, args: Args) -> Result<Path, Raised> {
    if args.count() > 0 {
        return Path::of(vm, args.slot(0));
    }
    let empty = vm.temp()?;
    vm.heap.set(empty, Val::name(vm::names::EMPTY));
    Path::of(vm, empty)
}

fn getcwd(heap: &vm::Heap, _args: Args) -> Result<Val<'_>, Raised> {
    match heap.module_state(b"os.cwd") {
        Some(path) => Ok(path),
        None => heap.new_str(b"/"),
    }
}

fn chdir(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let path = Path::of(vm, args.slot(0))?;
    // The root is a directory, whether or not the storage can tell.
    if path.text() != "/" {
        let stat = vm.system.files().stat(path.text()).map_err(|error| vm.heap.os_error(error))?;
        if stat.kind != EntryKind::Directory {
            return Err(vm.heap.os_error(Error::NotDirectory));
        }
    }
    vm.retry(|heap| heap.set_module_state(b"os.cwd", heap.new_str(path.text().as_bytes())?))?;
    Ok(Ret::NONE)
}

fn mkdir(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let path = Path::of(vm, args.slot(0))?;
    let done = vm.system.files().make_directory(path.text());
    raise(vm, done)
}

fn rmdir(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let path = Path::of(vm, args.slot(0))?;
    let done = vm.system.files().remove_directory(path.text());
    raise(vm, done)
}

fn remove(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let path = Path::of(vm, args.slot(0))?;
    let done = vm.system.files().remove(path.text());
    raise(vm, done)
}

fn rename(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let from = Path::of(vm, args.slot(0))?;
    let to = Path::of(vm, args.slot(1))?;
    let done = vm.system.files().rename(from.text(), to.text());
    raise(vm, done)
}

/// A list of entries: names, or the tuples of `ilistdir`.
fn entries(vm: &mut Vm<'_>, args: Args, details: bool, list: Slot) -> Result<(), Raised> {
    let path = path_argument(vm, args)?;
    vm.make(list, |heap| heap.new_list(8))?;
    let mut name = [0; NAME_LIMIT];
    let mut index = 0;
    loop {
        let entry = vm.system.files().entry(path.text(), index, &mut name).map_err(|error| vm.heap.os_error(error))?;
        let Some(entry) = entry else { return Ok(()) };
        let name = name.get(..entry.name_length).unwrap_or(&name);
        vm.retry(|heap| {
            let text = heap.new_str(name)?;
            if !details {
                return heap.list_push(heap.get(list), text);
            }
            let kind = Val::int(if entry.stat.kind == EntryKind::Directory { DIRECTORY } else { REGULAR });
            let size = heap.new_unsigned(u64::from(entry.stat.size))?;
            let row = heap.new_tuple_of(&[text, kind, Val::int(0), size])?;
            heap.list_push(heap.get(list), row)
        })?;
        index += 1;
    }
}

fn listdir(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let list = vm.temp()?;
    entries(vm, args, false, list)?;
    Ok(vm.heap.get(list).ret())
}

fn ilistdir(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let list = vm.temp()?;
    entries(vm, args, true, list)?;
    vm.make_ret(|heap| Ok(heap.native_iterator(heap.get(list))?.unwrap_or(Val::NONE)))
}

fn stat(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let path = Path::of(vm, args.slot(0))?;
    let stat = vm.system.files().stat(path.text()).map_err(|error| vm.heap.os_error(error))?;
    vm.make_ret(|heap| {
        let tuple = heap.new_tuple(10)?;
        for index in 0..10 {
            heap.tuple_set(tuple, index, Val::int(0));
        }
        heap.tuple_set(tuple, 0, Val::int(if stat.kind == EntryKind::Directory { DIRECTORY } else { REGULAR }));
        heap.tuple_set(tuple, 6, heap.new_unsigned(u64::from(stat.size))?);
        Ok(tuple)
    })
}

fn statvfs(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let path = Path::of(vm, args.slot(0))?;
    let usage = vm.system.files().usage(path.text()).map_err(|error| vm.heap.os_error(error))?;
    let block = usage.block.max(1);
    vm.make_ret(|heap| {
        let number = |n: u32| heap.new_unsigned(u64::from(n));
        let (total, free) = (number(usage.total / block)?, number(usage.free / block)?);
        let block = number(block)?;
        let zero = Val::int(0);
        heap.new_tuple_of(&[block, block, total, free, free, zero, zero, zero, zero, Val::int(255)])
    })
}

fn uname(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    let machine = vm.system.description().machine;
    vm.make_ret(|heap| {
        let text = |text: &str| heap.new_str(text.as_bytes());
        heap.new_tuple_of(&[
            text("upy")?,
            text("upy")?,
            text(crate::sys::RELEASE)?,
            text(crate::sys::VERSION)?,
            text(machine)?,
        ])
    })
}

fn urandom(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let count = vm.heap.expect_int(vm.heap.arg(args, 0))?;
    let Ok(count) = usize::try_from(count) else { return Err(vm.heap.value_error("negative argument not allowed")) };
    let out = vm.temp()?;
    vm.make(out, |heap| heap.new_bytearray(count as u32))?;
    let mut chunk = [0; 32];
    let mut filled = 0;
    while filled < count {
        vm.system.entropy(&mut chunk);
        let cells = vm.heap.bytearray_cells(vm.heap.get(out)).unwrap_or(&[]);
        for (cell, byte) in cells.iter().skip(filled).zip(chunk) {
            cell.set(byte);
        }
        filled += chunk.len();
    }
    vm.make_ret(|heap| crate::stream::bytes_of(heap, heap.bytearray_cells(heap.get(out)).unwrap_or(&[])))
}
