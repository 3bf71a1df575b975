//! `array.array`: numbers of one kind, packed.
//!
//! What treats the items as a list (slices, insertion, removal) is in the prelude.

use crate::packing::{read_one, write_one};
use core::cell::Cell;
use vm::class_id::ARRAY;
use vm::{Args, Heap, Member, Raised, Ret, Row, TypeDef, Val, Vm, class_id};

pub(crate) const MEMBERS: &[Row] = &[Row("array", Member::Type(ARRAY))];

macro_rules! prelude {
    ($name:literal, $least:literal, $most:literal) => {
        Member::General(|vm, args| vm.forward_to_prelude_as(args, $name), $least, $most)
    };
}

/// Fields: type code (a character's number), bytearray with room for at least the items, number of items.
pub(crate) const TYPES: &[TypeDef] = &[TypeDef {
    id: ARRAY,
    name: "array",
    base: class_id::OBJECT,
    members: &[
        Row("__add__", prelude!(b"array_add", 2, 2)),
        Row("__contains__", prelude!(b"contains", 2, 2)),
        Row("__delitem__", prelude!(b"array_delete", 2, 2)),
        Row("__eq__", prelude!(b"array_equal", 2, 2)),
        Row("__getitem__", Member::General(get_item, 2, 2)),
        Row("__iadd__", prelude!(b"array_extend", 2, 2)),
        Row("__ge__", prelude!(b"array_ge", 2, 2)),
        Row("__gt__", prelude!(b"array_gt", 2, 2)),
        Row("__iter__", prelude!(b"iterate", 1, 1)),
        Row("__le__", prelude!(b"array_le", 2, 2)),
        Row("__len__", Member::Leaf(|heap, args| Ok(Val::int(Array::of(heap, args)?.count as i32)), 1, 1)),
        Row("__lt__", prelude!(b"array_lt", 2, 2)),
        Row("__new__", Member::General(new, 1, 3)),
        Row("__repr__", prelude!(b"array_repr", 1, 1)),
        Row("__setitem__", Member::General(set_item, 3, 3)),
        Row("_assign", Member::Leaf(assign, 2, 2)),
        Row("append", Member::Leaf(append, 2, 2)),
        Row("count", prelude!(b"deque_count", 2, 2)),
        Row("extend", Member::General(extend, 2, 2)),
        Row("index", prelude!(b"array_index", 2, 2)),
        Row("insert", prelude!(b"array_insert", 3, 3)),
        Row("itemsize", Member::Getter(|heap, args| Ok(Val::int(Array::of(heap, args)?.size as i32)))),
        Row("pop", prelude!(b"array_pop", 1, 2)),
        Row("remove", prelude!(b"array_remove", 2, 2)),
        Row("reverse", prelude!(b"array_reverse", 1, 1)),
        Row("tobytes", Member::Leaf(|heap, args| heap.new_bytes(bytes(heap, args)?), 1, 1)),
        Row("tolist", prelude!(b"list_of", 1, 1)),
        Row("typecode", Member::Getter(|heap, args| heap.new_str(&[Array::of(heap, args)?.code]))),
    ],
}];

/// Bytes of an item; `None` for letters that are no type code.
fn size_of(code: u8) -> Option<usize> {
    Some(match code {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'i' | b'I' | b'l' | b'L' | b'f' => 4,
        b'q' | b'Q' | b'd' => 8,
        _ => return None,
    })
}

/// An array, looked at for one call.
struct Array<'h> {
    heap: &'h Heap,
    object: Val<'h>,
    code: u8,
    size: usize,
    count: usize,
}

impl<'h> Array<'h> {
    fn of(heap: &'h Heap, args: Args) -> Result<Array<'h>, Raised> {
        Array::at(heap, heap.arg(args, 0))
    }

    fn at(heap: &'h Heap, value: Val<'h>) -> Result<Array<'h>, Raised> {
        let object = heap.expect_native(heap.builtin_part(value), ARRAY)?;
        let number = |index| heap.native_field(object, index).small_int().unwrap_or(0);
        let code = number(0) as u8;
        Ok(Array { heap, object, code, size: size_of(code).unwrap_or(1), count: number(2) as usize })
    }

    fn make(heap: &'h Heap, code: u8, count: usize) -> Result<Array<'h>, Raised> {
        let size = size_of(code).unwrap_or(1);
        let bytes = heap.new_bytearray((count * size) as u32)?;
        let object = heap.new_native(ARRAY, 3)?;
        heap.set_native_field(object, 0, Val::int(i32::from(code)));
        heap.set_native_field(object, 1, bytes);
        heap.set_native_field(object, 2, Val::int(0));
        Ok(Array { heap, object, code, size, count: 0 })
    }

    fn cells(&self) -> &'h [Cell<u8>] {
        self.heap.bytearray_cells(self.heap.native_field(self.object, 1)).unwrap_or(&[])
    }

    fn place(&self, index: usize) -> &'h [Cell<u8>] {
        self.cells().get(index * self.size..(index + 1) * self.size).unwrap_or(&[])
    }

    fn set_count(&mut self, count: usize) {
        self.count = count;
        self.heap.set_native_field(self.object, 2, Val::int(count as i32));
    }

    fn reserve(&self, count: usize) -> Result<(), Raised> {
        let cells = self.cells();
        if count * self.size <= cells.len() {
            return Ok(());
        }
        let wanted = count.max(self.count + self.count / 2) * self.size;
        let larger = self.heap.new_bytearray(wanted as u32)?;
        let target = self.heap.bytearray_cells(larger).unwrap_or(&[]);
        target.iter().zip(cells).for_each(|(to, from)| to.set(from.get()));
        self.heap.set_native_field(self.object, 1, larger);
        Ok(())
    }

    fn push(&mut self, value: Val<'_>) -> Result<(), Raised> {
        self.reserve(self.count + 1)?;
        write_one(self.heap, self.code, value, self.place(self.count), false)?;
        self.set_count(self.count + 1);
        Ok(())
    }

    fn position(&self, index: Val<'_>) -> Result<usize, Raised> {
        let index = i64::from(self.heap.expect_int(index)?);
        let index = if index < 0 { index + self.count as i64 } else { index };
        match usize::try_from(index) {
            Ok(index) if index < self.count => Ok(index),
            _ => Err(self.heap.error(class_id::INDEX_ERROR, "array index out of range")),
        }
    }
}

/// `array(typecode[, initial])`.
fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let own = vm.heap.without_class(args);
    let heap = &*vm.heap;
    let code = heap.expect_str(heap.arg(own, 0))?;
    let code = match code {
        [code] if size_of(*code).is_some() => *code,
        _ => return Err(heap.value_error("bad typecode (must be b, B, h, H, i, I, l, L, q, Q, f or d)")),
    };
    if own.count() > 1 {
        let initial = heap.arg(own, 1);
        let class = heap.class_of(initial);
        if class != ARRAY && !heap.is_native_iterable(initial) {
            return vm.materialise(args, args.count() - 1);
        }
    }
    vm.make_ret(|heap| {
        let Some(initial) = heap.optional_arg(own, 1) else { return Ok(Array::make(heap, code, 0)?.object) };
        if heap.is_str(initial) {
            return Err(heap.type_error("cannot use a str to initialize an array"));
        }
        if heap.class_of(initial) == ARRAY {
            let source = Array::at(heap, initial)?;
            let mut array = Array::make(heap, code, source.count)?;
            for index in 0..source.count {
                array.push(item(&source, index)?)?;
            }
            return Ok(array.object);
        }
        if heap.bytes_bytes(initial).is_some() || heap.bytearray_cells(initial).is_some() {
            let bytes = heap.buffer(initial)?.unwrap_or(b"");
            let size = size_of(code).unwrap_or(1);
            if bytes.len() % size != 0 {
                return Err(heap.value_error("bytes length not a multiple of item size"));
            }
            let mut array = Array::make(heap, code, bytes.len() / size)?;
            array.cells().iter().zip(bytes).for_each(|(cell, byte)| cell.set(*byte));
            array.set_count(bytes.len() / size);
            return Ok(array.object);
        }
        let mut array = Array::make(heap, code, heap.length(initial).unwrap_or(0) as usize)?;
        heap.each(initial, |item| array.push(item))?;
        Ok(array.object)
    })
}

fn item<'h>(array: &Array<'h>, index: usize) -> Result<Val<'h>, Raised> {
    let mut bytes = [0; 8];
    let place = array.place(index);
    bytes.iter_mut().zip(place).for_each(|(byte, cell)| *byte = cell.get());
    read_one(array.heap, array.code, bytes.get(..place.len()).unwrap_or(&bytes), false)
}

fn bytes(heap: &Heap, args: Args) -> Result<&[u8], Raised> {
    Ok(heap.buffer(heap.arg(args, 0))?.unwrap_or(b""))
}

fn get_item(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if vm.heap.class_of(vm.heap.arg(args, 1)) == class_id::SLICE {
        return vm.forward_to_prelude_as(args, b"array_slice");
    }
    vm.make_ret(|heap| {
        let array = Array::of(heap, args)?;
        item(&array, array.position(heap.arg(args, 1))?)
    })
}

fn set_item(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if vm.heap.class_of(vm.heap.arg(args, 1)) == class_id::SLICE {
        return vm.forward_to_prelude_as(args, b"array_assign_slice");
    }
    let heap = &*vm.heap;
    let array = Array::of(heap, args)?;
    let index = array.position(heap.arg(args, 1))?;
    write_one(heap, array.code, heap.arg(args, 2), array.place(index), false)?;
    Ok(Ret::NONE)
}

fn append(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    Array::of(heap, args)?.push(heap.arg(args, 1))?;
    Ok(Val::NONE)
}

/// `_assign(list)` for the prelude: replaces all items.
fn assign(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let list = heap.arg(args, 1);
    let count = heap.list_len(list) as usize;
    let mut array = Array::of(heap, args)?;
    array.reserve(count)?;
    // Items that do not fit the type leave the array as it was: they are tried out first.
    let scratch = [const { Cell::new(0u8) }; 8];
    for index in 0..count {
        let value = heap.list_get(list, index as u32).unwrap_or(Val::NONE);
        write_one(heap, array.code, value, scratch.get(..array.size).unwrap_or(&scratch), false)?;
    }
    for index in 0..count {
        let value = heap.list_get(list, index as u32).unwrap_or(Val::NONE);
        write_one(heap, array.code, value, array.place(index), false)?;
    }
    array.set_count(count);
    Ok(Val::NONE)
}

fn extend(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    vm.forward_to_prelude_as(args, b"array_extend_only")
}
