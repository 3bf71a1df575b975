//! `slice`: from what Python writes to positions in a sequence.

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    Row("start", Member::Getter(|heap, args| field(heap, args, 0))),
    Row("stop", Member::Getter(|heap, args| field(heap, args, 1))),
    Row("step", Member::Getter(|heap, args| field(heap, args, 2))),
    Row("indices", Member::Leaf(indices, 2, 2)),
];

/// Positions of a slice in a sequence of known length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Indices {
    /// First position; for empty slices it may be the length (or -1 with a negative step).
    pub(crate) start: i32,
    /// Position behind the last; -1 if a negative step takes in the first item.
    pub(crate) stop: i32,
    /// Never 0.
    pub(crate) step: i32,
}

impl Indices {
    /// Number of positions.
    pub(crate) fn count(self) -> u32 {
        let (start, stop, step) = (self.start as i64, self.stop as i64, self.step as i64);
        let count = if step > 0 { (stop - start + step - 1) / step } else { (start - stop - step - 1) / -step };
        count.clamp(0, u32::MAX as i64) as u32
    }

    /// The `index`-th position.
    pub(crate) fn at(self, index: u32) -> u32 {
        (self.start as i64 + index as i64 * self.step as i64).max(0) as u32
    }
}

impl Heap {
    /// The positions that a slice object takes from a sequence of `length` items. ValueError for step 0, TypeError
    /// for what is no integer.
    pub(crate) fn slice_indices(&self, slice: Val<'_>, length: u32) -> Result<Indices, Raised> {
        let (start, stop, step) = (self.value(slice, 0), self.value(slice, 1), self.value(slice, 2));
        let step = self.slice_number(step)?.unwrap_or(1);
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let length = length.min(i32::MAX as u32) as i32;
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let place = |given: Option<i32>, default: i32| match given {
            None => default,
            Some(n) if n < 0 => n.saturating_add(length).max(low),
            Some(n) => n.min(high),
        };
        let start = place(self.slice_number(start)?, if step > 0 { low } else { high });
        let stop = place(self.slice_number(stop)?, if step > 0 { high } else { low });
        Ok(Indices { start, stop, step })
    }

    /// A bound of a slice: `None`, or a number cut to 32 bits.
    pub(crate) fn slice_number(&self, value: Val<'_>) -> Result<Option<i32>, Raised> {
        let value = self.native_part(value);
        if value.is_none() {
            return Ok(None);
        }
        if let Some(n) = self.as_int(value) {
            return Ok(Some(n.clamp(-i32::MAX as i64, i32::MAX as i64) as i32));
        }
        if self.is(value, Tag::BigInt) {
            let negative = self.flags(value) & 1 != 0;
            return Ok(Some(if negative { -i32::MAX } else { i32::MAX }));
        }
        Err(self.type_error("slice indices must be integers or None or have an __index__ method"))
    }

    /// A position argument such as `start` of `str.find`: negative ones count from the end, all are cut to
    /// `0..=length`.
    pub(crate) fn position_argument(&self, value: Option<Val<'_>>, default: u32, length: u32) -> Result<u32, Raised> {
        let Some(value) = value else { return Ok(default) };
        Ok(match self.slice_number(value)? {
            None => default,
            Some(n) if n < 0 => (n as i64 + length as i64).max(0) as u32,
            Some(n) => (n as u32).min(length),
        })
    }

    fn expect_slice<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        if self.is(value, Tag::Slice) {
            return Ok(value);
        }
        Err(self.error_about(class_id::TYPE_ERROR, "expected slice, not {t}", value, Val::NONE))
    }
}

fn field<'h>(heap: &'h Heap, args: Args, index: u32) -> Result<Val<'h>, Raised> {
    Ok(heap.value(heap.expect_slice(heap.arg(args, 0))?, index))
}

fn indices(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let length = heap.expect_int(heap.arg(args, 1))?;
    if length < 0 {
        return Err(heap.value_error("length should not be negative"));
    }
    let found = heap.slice_indices(heap.expect_slice(heap.arg(args, 0))?, length as u32)?;
    let number = |n: i32| heap.new_int(n as i64);
    heap.new_tuple_of(&[number(found.start)?, number(found.stop)?, number(found.step)?])
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let args = heap.constructor_args(args);
        heap.refuse_keywords(args)?;
        let arg = |index| heap.optional_arg(args, index).unwrap_or(Val::NONE);
        match args.count() {
            1 => heap.new_slice(Val::NONE, arg(0), Val::NONE),
            2 | 3 => heap.new_slice(arg(0), arg(1), arg(2)),
            _ => Err(heap.type_error("slice expected 1 to 3 arguments")),
        }
    })
}
