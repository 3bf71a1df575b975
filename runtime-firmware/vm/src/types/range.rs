//! `range`.

use super::protocol;
use super::slice::Indices;
use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::rom::{Member, Row};
use crate::value::*;
use crate::vm::Vm;

pub(crate) const METHODS: &[Row] = &[
    Row("__new__", Member::Keywords(new)),
    protocol::CONTAINS,
    protocol::GET,
    protocol::ITER,
    protocol::LEN,
    Row("start", Member::Getter(|heap, args| field(heap, args, 0))),
    Row("stop", Member::Getter(|heap, args| field(heap, args, 1))),
    Row("step", Member::Getter(|heap, args| field(heap, args, 2))),
    Row("index", Member::Leaf(index, 2, 2)),
    Row("count", Member::Leaf(count, 2, 2)),
];

impl Heap {
    /// A range. All three numbers must fit a word, as the items then do; OverflowError otherwise.
    pub fn new_range(&self, start: i64, stop: i64, step: i64) -> Result<Val<'_>, Raised> {
        if step == 0 {
            return Err(self.value_error("range() arg 3 must not be zero"));
        }
        let word = |n: i64| {
            let fits = (INT_MIN as i64..=INT_MAX as i64).contains(&n);
            if fits { Ok(n as i32) } else { Err(self.error(class_id::OVERFLOW_ERROR, "range() argument too large")) }
        };
        let numbers = [word(start)?, word(stop)?, word(step)?];
        let range = self.alloc(Tag::Range, 3)?;
        for (index, n) in numbers.into_iter().enumerate() {
            self.set_int_field(range, index as u32, n);
        }
        Ok(range)
    }

    /// Start, stop and step of a range.
    pub(crate) fn range_parts(&self, range: Val<'_>) -> Indices {
        let number = |index| self.int_field(range, index);
        Indices { start: number(0), stop: number(1), step: if number(2) == 0 { 1 } else { number(2) } }
    }

    /// Number of items of a range.
    pub(crate) fn range_len(&self, range: Val<'_>) -> u32 {
        self.range_parts(range).count()
    }

    /// Item `index` of a range; the caller knows that there is one.
    pub(crate) fn range_get(&self, range: Val<'_>, index: u32) -> Val<'_> {
        let parts = self.range_parts(range);
        Val::int((parts.start as i64 + parts.step as i64 * index as i64) as i32)
    }

    /// Position of a number in a range.
    pub(crate) fn range_find(&self, range: Val<'_>, n: i64) -> Option<u32> {
        let parts = self.range_parts(range);
        let (distance, step) = (n - parts.start as i64, parts.step as i64);
        if distance % step != 0 {
            return None;
        }
        let index = distance / step;
        (index >= 0 && index < parts.count() as i64).then_some(index as u32)
    }

    /// `range[slice]`, a range again.
    pub(crate) fn range_slice(&self, range: Val<'_>, indices: Indices) -> Result<Val<'_>, Raised> {
        let parts = self.range_parts(range);
        let (start, step) = (parts.start as i64, parts.step as i64);
        self.new_range(
            start + indices.start as i64 * step,
            start + indices.stop as i64 * step,
            step * indices.step as i64,
        )
    }

    fn expect_range<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        if self.is(value, Tag::Range) {
            return Ok(value);
        }
        Err(self.error_about(class_id::TYPE_ERROR, "expected range, not {t}", value, Val::NONE))
    }

    /// Position of a value in a range: floats that are integral count too.
    fn range_position(&self, args: Args) -> Result<Option<u32>, Raised> {
        let range = self.expect_range(self.arg(args, 0))?;
        let wanted = self.arg(args, 1);
        let n = self.as_int(wanted).or_else(|| {
            let x = self.as_float(wanted)?;
            (x == libm::trunc(x) && libm::fabs(x) < 1e18).then_some(x as i64)
        });
        Ok(n.and_then(|n| self.range_find(range, n)))
    }
}

fn field<'h>(heap: &'h Heap, args: Args, index: u32) -> Result<Val<'h>, Raised> {
    Ok(heap.value(heap.expect_range(heap.arg(args, 0))?, index))
}

fn index(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    match heap.range_position(args)? {
        Some(position) => heap.new_int(position as i64),
        None => Err(heap.error_about(class_id::VALUE_ERROR, "{} is not in range", heap.arg(args, 1), Val::NONE)),
    }
}

fn count(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Ok(Val::int(heap.range_position(args)?.is_some() as i32))
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let args = heap.constructor_args(args);
        heap.refuse_keywords(args)?;
        let number = |index| match heap.optional_arg(args, index) {
            None => Ok(None),
            Some(value) => match heap.as_int(heap.native_part(value)) {
                Some(n) => Ok(Some(n)),
                None => heap.expect_int(value).map(|n| Some(n as i64)),
            },
        };
        match (number(0)?, number(1)?, number(2)?) {
            (Some(stop), None, _) => heap.new_range(0, stop, 1),
            (Some(start), Some(stop), step) if args.count() <= 3 => heap.new_range(start, stop, step.unwrap_or(1)),
            _ => Err(heap.type_error("range expected 1 to 3 arguments")),
        }
    })
}
