//! `json`: as CPython writes and reads it.
//!
//! Both directions are leaf code with a stack of their own of [`MAX_DEPTH`] containers, so nesting costs no native
//! stack and the limit is the same everywhere.

mod read;
mod write;

use crate::class_id::JSON_DECODE_ERROR;
use vm::{Args, Member, Raised, Ret, Row, TypeDef, Val, Vm, class_id, names};

/// Deepest nesting of arrays and objects, in text and in values.
pub(crate) const MAX_DEPTH: usize = 64;

pub(crate) const MEMBERS: &[Row] = &[
    Row("JSONDecodeError", Member::Type(JSON_DECODE_ERROR)),
    Row("dump", Member::Keywords(dump)),
    Row("dumps", Member::Keywords(dumps)),
    Row("load", Member::General(load, 1, 1)),
    Row("loads", Member::Leaf(read::loads, 1, 1)),
];

pub(crate) const TYPES: &[TypeDef] =
    &[TypeDef { id: JSON_DECODE_ERROR, name: "JSONDecodeError", base: class_id::VALUE_ERROR, members: &[] }];

/// `dumps(obj, *, separators=None, indent=None, sort_keys=False, ensure_ascii=True)`.
fn dumps(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let names = &["obj", "separators", "indent", "sort_keys", "ensure_ascii", "allow_nan"];
        let [object, separators, indent, sort, ascii, nan] = heap.bind_arguments(args, names, 1)?;
        write::dumps(heap, object.unwrap_or(Val::NONE), [separators, indent, sort, ascii, nan])
    })
}

/// `dump(obj, file, …)`.
fn dump(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let names = &["obj", "fp", "separators", "indent", "sort_keys", "ensure_ascii", "allow_nan"];
    let [object, file, separators, indent, sort, ascii, nan] = vm.heap.bind_slots(args, names, 2)?;
    let text = vm.temp()?;
    vm.make(text, |heap| {
        let options = [separators, indent, sort, ascii, nan].map(|slot| slot.map(|slot| heap.get(slot)));
        write::dumps(heap, object.map_or(Val::NONE, |object| heap.get(object)), options)
    })?;
    let out = vm.temp()?;
    let file = file.unwrap_or(args.slot(1));
    if !vm.call_method(file, names::WRITE, &[text], out)? {
        let text = "'{t}' object has no attribute 'write'";
        return Err(vm.heap.error_about(class_id::ATTRIBUTE_ERROR, text, vm.heap.get(file), Val::NONE));
    }
    Ok(Ret::NONE)
}

/// `load(file)`: all of the file's text is read first.
fn load(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let name = vm.retry(|heap| heap.intern(b"read"))?;
    let text = vm.temp()?;
    if !vm.call_method(args.slot(0), name, &[], text)? {
        let text = "'{t}' object has no attribute 'read'";
        return Err(vm.heap.error_about(class_id::ATTRIBUTE_ERROR, text, vm.heap.arg(args, 0), Val::NONE));
    }
    vm.make_ret(|heap| read::parse(heap, heap.get(text)))
}
