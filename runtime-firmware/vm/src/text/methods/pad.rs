//! Filling up: `center`, `ljust`, `rjust`, `zfill`, `expandtabs`.

use super::{TextKind, leaf};
use crate::Args;
use crate::heap::Heap;
use crate::text::{Sink, character};
use crate::value::*;
use crate::vm::Vm;

/// Pads to a width; `left` of `missing` characters says how many go before the text.
fn padded(heap: &Heap, args: Args, left: fn(u32, u32) -> u32) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let width = heap.expect_int(heap.arg(args, 1))?.max(0) as u32;
    let fill = match heap.optional_arg(args, 2) {
        Some(fill) => heap.text_argument(text.kind, fill)?,
        None => b" ",
    };
    let one = if text.kind == TextKind::Str { character::count(fill) == 1 } else { fill.len() == 1 };
    if !one {
        return Err(heap.type_error("the fill character must be exactly one character long"));
    }
    let length = text.len();
    if width <= length {
        return heap.text_part(text, text.bytes);
    }
    let before = left(width - length, width);
    let mut sink = Sink::new(heap);
    sink.repeat(fill, before)?;
    sink.push(text.bytes)?;
    sink.repeat(fill, width - length - before)?;
    sink.finish_as(text.kind)
}

pub(crate) fn ljust(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    padded(heap, args, |_, _| 0)
}

pub(crate) fn rjust(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    padded(heap, args, |missing, _| missing)
}

pub(crate) fn center(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    // An odd space goes where CPython puts it.
    padded(heap, args, |missing, width| missing / 2 + (missing & width & 1))
}

pub(crate) fn zfill(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let text = heap.text(heap.arg(args, 0))?;
    let width = heap.expect_int(heap.arg(args, 1))?.max(0) as u32;
    let length = text.len();
    if width <= length {
        return heap.text_part(text, text.bytes);
    }
    let sign = usize::from(matches!(text.bytes.first(), Some(b'+' | b'-')));
    let (sign, digits) = text.bytes.split_at(sign);
    let mut sink = Sink::new(heap);
    sink.push(sign)?;
    sink.fill(b'0', width - length)?;
    sink.push(digits)?;
    sink.finish_as(text.kind)
}

pub(crate) fn expandtabs(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    leaf(vm, args, |heap, args| {
        let [receiver, size] = heap.bind_arguments(args, &["", "tabsize"], 1)?;
        let text = heap.text(receiver.unwrap_or(Val::NONE))?;
        let size = match size {
            Some(size) => heap.expect_int(size)?.max(0) as u32,
            None => 8,
        };
        let mut sink = Sink::new(heap);
        let mut column = 0;
        for byte in text.bytes {
            match byte {
                b'\t' => {
                    let spaces = if size == 0 { 0 } else { size - column % size };
                    sink.fill(b' ', spaces)?;
                    column += spaces;
                }
                b'\n' | b'\r' => {
                    sink.push(&[*byte])?;
                    column = 0;
                }
                _ => {
                    sink.push(&[*byte])?;
                    column += u32::from(text.kind != TextKind::Str || character::is_start(*byte));
                }
            }
        }
        sink.finish_as(text.kind)
    })
}
