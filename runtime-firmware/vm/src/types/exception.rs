//! Exceptions: their attributes and methods. How they are made and raised is the interpreter's.

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::names;
use crate::rom::{Member, Row};
use crate::value::*;

pub(crate) const METHODS: &[Row] = &[
    Row("__cause__", Member::Getter(|heap, args| field(heap, args, 3))),
    Row("__context__", Member::Getter(|heap, args| field(heap, args, 3))),
    Row("__init__", Member::Keywords(super::construct::exception_init)),
    Row("__new__", Member::Static(super::construct::exception_new, 0, u8::MAX)),
    Row("__str__", Member::General(super::object::plain_str, 1, 1)),
    Row("__traceback__", Member::Getter(traceback)),
    Row("add_note", Member::Leaf(add_note, 2, 2)),
    Row("args", Member::Getter(|heap, args| field(heap, args, 1))),
    Row("errno", Member::Getter(first)),
    Row("value", Member::Getter(first)),
    Row("with_traceback", Member::Leaf(with_traceback, 2, 2)),
];

/// `OSError` also tells what its number means.
pub(crate) const OS_ERROR_METHODS: &[Row] = &[Row("strerror", Member::Getter(strerror))];

/// `SystemExit` calls its argument `code`.
pub(crate) const SYSTEM_EXIT_METHODS: &[Row] = &[Row("code", Member::Getter(exit_code))];

impl Heap {
    fn expect_exception<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        if self.is(value, Tag::Exception) {
            return Ok(value);
        }
        Err(self.error_about(class_id::TYPE_ERROR, "expected exception, not {t}", value, Val::NONE))
    }
}

fn field<'h>(heap: &'h Heap, args: Args, index: u32) -> Result<Val<'h>, Raised> {
    Ok(heap.value(heap.expect_exception(heap.arg(args, 0))?, index))
}

/// `value` and `errno`: the first argument, or `None`.
fn first(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(heap.tuple_get(field(heap, args, 1)?, 0))
}

/// The only argument, or all of them.
fn exit_code(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let arguments = field(heap, args, 1)?;
    Ok(if heap.tuple_len(arguments) > 1 { arguments } else { heap.tuple_get(arguments, 0) })
}

fn strerror(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let arguments = field(heap, args, 1)?;
    if heap.tuple_len(arguments) > 1 {
        return Ok(heap.tuple_get(arguments, 1));
    }
    let name = heap.as_int(heap.tuple_get(arguments, 0)).and_then(crate::text::errno_name);
    name.map_or(Ok(Val::NONE), |name| heap.new_str(name.as_bytes()))
}

/// The raw traceback inside an object that Python may hold.
fn traceback(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let exception = heap.expect_exception(heap.arg(args, 0))?;
    let Some(items) = heap.field(exception, 2) else { return Ok(Val::NONE) };
    let object = heap.new_native(class_id::TRACEBACK, 1)?;
    heap.set_native_field(object, 0, items);
    Ok(object)
}

fn with_traceback(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let exception = heap.expect_exception(heap.arg(args, 0))?;
    let given = heap.arg(args, 1);
    if given.is_none() {
        heap.set_word(exception, 2, NULL);
    } else {
        let object = heap.expect_native(given, class_id::TRACEBACK)?;
        heap.set_field(exception, 2, heap.native_field(object, 0));
    }
    Ok(exception)
}

fn add_note(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let exception = heap.expect_exception(heap.arg(args, 0))?;
    let note = heap.arg(args, 1);
    if !heap.is_str(heap.native_part(note)) {
        return Err(heap.error_about(class_id::TYPE_ERROR, "note must be a str, not '{t}'", note, Val::NONE));
    }
    match heap.instance_get(exception, names::NOTES) {
        Some(notes) if heap.is_list(notes) => heap.list_push(notes, note)?,
        _ => {
            let notes = heap.new_list(1)?;
            heap.list_push(notes, note)?;
            heap.instance_set(exception, names::NOTES, notes)?;
        }
    }
    Ok(Val::NONE)
}
