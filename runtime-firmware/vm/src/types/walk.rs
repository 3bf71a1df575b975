//! Walking over builtin containers in leaf code. Everything else that can be iterated is Python's business: see
//! [`Vm::materialise`].

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::layout::Tag;
use crate::names;
use crate::text::character;
use crate::value::*;
use crate::vm::Vm;

impl Heap {
    /// True for what [`Heap::walk_next`] can walk: builtin containers, not instances of programs' classes.
    pub(crate) fn is_walkable(&self, value: Val<'_>) -> bool {
        match self.tag(value) {
            Some(
                Tag::List
                | Tag::Tuple
                | Tag::Dict
                | Tag::Set
                | Tag::FrozenSet
                | Tag::Range
                | Tag::Str
                | Tag::Bytes
                | Tag::ByteArray,
            ) => true,
            Some(Tag::Native) => self.is_dict_view(value) || self.is_memoryview(value),
            _ => is_name(value.word()),
        }
    }

    /// Number of items at most.
    pub(crate) fn walk_len(&self, value: Val<'_>) -> u32 {
        match self.tag(value) {
            Some(Tag::List) => self.list_len(value),
            Some(Tag::Tuple) => self.tuple_len(value),
            Some(Tag::Dict | Tag::Set | Tag::FrozenSet) => self.table_len(value),
            Some(Tag::Range) => self.range_len(value),
            Some(Tag::Bytes | Tag::ByteArray) => self.buffer_len(value),
            Some(Tag::Native) if self.is_memoryview(value) => self.buffer_len(value),
            Some(Tag::Native) => self.table_len(self.native_field(value, 0)),
            _ => self.str_bytes(value).map_or(0, |text| text.len() as u32),
        }
    }

    /// The next item of a container; `position` starts at 0 and means something else for every kind.
    pub(crate) fn walk_next<'h>(&'h self, value: Val<'h>, position: &mut u32) -> Result<Option<Val<'h>>, Raised> {
        let at = *position;
        *position = at + 1;
        Ok(match self.tag(value) {
            Some(Tag::List) => self.list_get(value, at),
            Some(Tag::Tuple) => (at < self.tuple_len(value)).then(|| self.tuple_get(value, at)),
            Some(Tag::Dict | Tag::Set | Tag::FrozenSet) => match self.table_next(value, at) {
                Some((at, key, _)) => {
                    *position = at + 1;
                    Some(key)
                }
                None => None,
            },
            Some(Tag::Range) => (at < self.range_len(value)).then(|| self.range_get(value, at)),
            Some(Tag::Bytes | Tag::ByteArray) => self.buffer_get(value, at).map(|byte| Val::int(byte as i32)),
            Some(Tag::Native) if self.is_memoryview(value) => {
                self.buffer_get(value, at).map(|byte| Val::int(byte as i32))
            }
            Some(Tag::Native) => return self.view_next(value, position, at),
            _ => {
                let rest = self.str_bytes(value).and_then(|text| text.get(at as usize..)).unwrap_or(b"");
                let width = character::width(rest);
                if width == 0 {
                    return Ok(None);
                }
                *position = at + width as u32;
                Some(self.new_str(&rest[..width])?)
            }
        })
    }

    fn view_next<'h>(&'h self, view: Val<'h>, position: &mut u32, at: u32) -> Result<Option<Val<'h>>, Raised> {
        let Some((at, key, value)) = self.table_next(self.native_field(view, 0), at) else { return Ok(None) };
        *position = at + 1;
        Ok(Some(match self.class_of(view) {
            class_id::DICT_KEYS => key,
            class_id::DICT_VALUES => value,
            _ => self.new_tuple_of(&[key, value])?,
        }))
    }

    /// True for `dict.keys()`, `.values()` and `.items()`.
    pub(crate) fn is_dict_view(&self, value: Val<'_>) -> bool {
        self.is(value, Tag::Native)
            && matches!(self.class_of(value), class_id::DICT_KEYS | class_id::DICT_VALUES | class_id::DICT_ITEMS)
    }

    /// A list of the items of a walkable container.
    pub(crate) fn list_of<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        let list = self.new_list(self.walk_len(value))?;
        let mut position = 0;
        while let Some(item) = self.walk_next(value, &mut position)? {
            self.list_push(list, item)?;
        }
        Ok(list)
    }
}

impl Vm<'_> {
    /// True if leaf code can walk over the value in the slot. An iterator of a builtin container is used up for it:
    /// the slot then holds a list of what it had left.
    pub(crate) fn make_walkable(&mut self, slot: Slot) -> Result<bool, Raised> {
        if self.heap.is(self.heap.get(slot), Tag::Iterator) {
            self.make(slot, |heap| {
                let list = heap.new_list(0)?;
                heap.each(heap.get(slot), |item| heap.list_push(list, item))?;
                Ok(list)
            })?;
        }
        let value = self.heap.get(slot);
        let part = self.heap.native_part(value);
        let own = |found: Val<'_>| found.is_heap();
        if part != value && !self.heap.find_class_attribute(self.heap.class_of(value), names::ITER).is_some_and(own) {
            // A class that extends a container and leaves iteration to it.
            self.heap.set(slot, part);
        }
        Ok(self.heap.is_walkable(self.heap.get(slot)))
    }

    /// Calls the running function again with argument `index` made a list, in Python. TypeError for kinds of values
    /// that cannot be iterated.
    pub(crate) fn walk_later(&mut self, args: Args, index: u32) -> Result<Ret, Raised> {
        let value = self.heap.arg(args, index);
        match self.heap.tag(value) {
            Some(Tag::Instance | Tag::Exception | Tag::Generator | Tag::Native | Tag::Iterator | Tag::Class) => {
                self.materialise(args, index)
            }
            _ => Err(self.heap.error_about(class_id::TYPE_ERROR, "'{t}' object is not iterable", value, Val::NONE)),
        }
    }

    /// Runs leaf code that walks argument `index`; if that is not a builtin container it is made a list first, and
    /// the function is called again with it.
    pub(crate) fn walk_argument<F>(&mut self, args: Args, index: u32, work: F) -> Result<Ret, Raised>
    where
        F: for<'h> Fn(&'h Heap) -> Result<Val<'h>, Raised>,
    {
        if index < args.count() && !self.make_walkable(args.slot(index))? {
            return self.walk_later(args, index);
        }
        self.make_ret(work)
    }
}
