//! Operators: natively for builtin types, then by the methods of the operands' classes.

use crate::call::Begun;
use crate::class_id;
use crate::frame::Kind;
use crate::heap::{Cause, Heap};
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::Vm;
use core::cmp::Ordering;
use mpy::BinaryOperator;

/// A method that may answer for an operator.
#[derive(Clone, Copy)]
struct Candidate {
    name: u16,
    /// The right operand is asked, with the left one as argument.
    swapped: bool,
    /// The answer's truth is to be negated.
    negated: bool,
}

const fn candidate(name: u16, swapped: bool, negated: bool) -> Option<Candidate> {
    Some(Candidate { name, swapped, negated })
}

/// The plain form of an in-place operator.
pub(crate) const fn plain(operator: BinaryOperator) -> Option<BinaryOperator> {
    use BinaryOperator::*;
    Some(match operator {
        InplaceOr => Or,
        InplaceXor => Xor,
        InplaceAnd => And,
        InplaceLshift => Lshift,
        InplaceRshift => Rshift,
        InplaceAdd => Add,
        InplaceSubtract => Subtract,
        InplaceMultiply => Multiply,
        InplaceMatMultiply => MatMultiply,
        InplaceFloorDivide => FloorDivide,
        InplaceTrueDivide => TrueDivide,
        InplaceModulo => Modulo,
        InplacePower => Power,
        _ => return None,
    })
}

/// Candidate `number` for an operator: its own method, then the reflected one.
const fn candidate_of(operator: BinaryOperator, number: u32) -> Option<Candidate> {
    use BinaryOperator::*;
    if let Some(plain) = plain(operator) {
        if number > 0 {
            return candidate_of(plain, number - 1);
        }
        return candidate(
            match operator {
                InplaceOr => names::IOR,
                InplaceXor => names::IXOR,
                InplaceAnd => names::IAND,
                InplaceLshift => names::ILSHIFT,
                InplaceRshift => names::IRSHIFT,
                InplaceAdd => names::IADD,
                InplaceSubtract => names::ISUB,
                InplaceMultiply => names::IMUL,
                InplaceMatMultiply => names::IMATMUL,
                InplaceFloorDivide => names::IFLOORDIV,
                InplaceTrueDivide => names::ITRUEDIV,
                InplaceModulo => names::IMOD,
                _ => names::IPOW,
            },
            false,
            false,
        );
    }
    let (own, reflected) = match operator {
        Less => (names::LT, names::GT),
        More => (names::GT, names::LT),
        Equal => (names::EQ, names::EQ),
        LessEqual => (names::LE, names::GE),
        MoreEqual => (names::GE, names::LE),
        NotEqual => {
            return match number {
                0 => candidate(names::NE, false, false),
                1 => candidate(names::EQ, false, true),
                2 => candidate(names::NE, true, false),
                3 => candidate(names::EQ, true, true),
                _ => None,
            };
        }
        Or => (names::OR, names::ROR),
        Xor => (names::XOR, names::RXOR),
        And => (names::AND, names::RAND),
        Lshift => (names::LSHIFT, names::RLSHIFT),
        Rshift => (names::RSHIFT, names::RRSHIFT),
        Add => (names::ADD, names::RADD),
        Subtract => (names::SUB, names::RSUB),
        Multiply => (names::MUL, names::RMUL),
        MatMultiply => (names::MATMUL, names::RMATMUL),
        FloorDivide => (names::FLOORDIV, names::RFLOORDIV),
        TrueDivide => (names::TRUEDIV, names::RTRUEDIV),
        Modulo => (names::MOD, names::RMOD),
        Power => (names::POW, names::RPOW),
        _ => return None,
    };
    match number {
        0 => candidate(own, false, false),
        1 => candidate(reflected, true, false),
        _ => None,
    }
}

impl Heap {
    /// An operator on builtin values: `Ok(None)` where the classes must be asked.
    pub(crate) fn operate<'h>(
        &'h self,
        operator: BinaryOperator,
        a: Val<'h>,
        b: Val<'h>,
    ) -> Result<Option<Val<'h>>, Raised> {
        use BinaryOperator::*;
        match operator {
            Is => return Ok(Some(Val::bool(self.is_same(a, b)))),
            ExceptionMatch => return self.exception_match(a, b).map(|found| Some(Val::bool(found))),
            In => return self.contains(b, a),
            Equal | NotEqual => {
                if self.has_own_equality(a)
                    || self.has_own_equality(b)
                    || self.has_own(b, names::NE)
                    || self.has_own(a, names::NE)
                {
                    return Ok(None);
                }
                let (a, b) = (self.native_part(a), self.native_part(b));
                return self.equal(a, b).map(|equal| Some(Val::bool(equal == (operator == Equal))));
            }
            Less | More | LessEqual | MoreEqual => {
                let (own, reflected) = match operator {
                    Less => (names::LT, names::GT),
                    More => (names::GT, names::LT),
                    LessEqual => (names::LE, names::GE),
                    _ => (names::GE, names::LE),
                };
                if self.has_own(a, own) || self.has_own(b, reflected) {
                    return Ok(None);
                }
                let (x, y) = (self.native_part(a), self.native_part(b));
                if self.is_set(x) && self.is_set(y) {
                    return self.compare_sets(operator, x, y).map(|truth| Some(Val::bool(truth)));
                }
                return Ok(self.order(x, y)?.map(|order| {
                    Val::bool(match (order, operator) {
                        (None, _) => false,
                        (Some(order), Less) => order == Ordering::Less,
                        (Some(order), More) => order == Ordering::Greater,
                        (Some(order), LessEqual) => order != Ordering::Greater,
                        (Some(order), _) => order != Ordering::Less,
                    })
                }));
            }
            _ => {}
        }
        if self.is(a, Tag::Instance) || self.is(b, Tag::Instance) {
            return Ok(None);
        }
        if operator == InplaceAdd && self.is_list(a) {
            return self.extend_list(a, b);
        }
        if self.is(a, Tag::Set)
            && self.is_set(b)
            && matches!(operator, InplaceOr | InplaceAnd | InplaceSubtract | InplaceXor)
        {
            let result = self.set_operation(plain(operator).unwrap_or(Or), a, b)?;
            self.set_word(a, 1, self.word(result, 1));
            self.set_word(a, 0, self.word(result, 0));
            self.set_flags(a, self.flags(result));
            return Ok(Some(a));
        }
        if operator == InplaceAdd
            && self.is(a, Tag::ByteArray)
            && let Some(bytes) = self.bytes_like(b)?
        {
            self.bytearray_splice(a, self.buffer_len(a), 0, bytes)?;
            return Ok(Some(a));
        }
        if operator == InplaceMultiply
            && self.is_list(a)
            && let Some(count) = self.as_int(b)
        {
            let result = self.list_repeat(a, count)?;
            self.set_word(a, 1, self.word(result, 1));
            self.set_word(a, 0, self.word(result, 0));
            return Ok(Some(a));
        }
        if operator == InplaceOr && self.is_dict(a) && self.is_dict(b) {
            self.dict_merge(a, b)?;
            return Ok(Some(a));
        }
        let operator = plain(operator).unwrap_or(operator);
        if let Some(result) = self.arithmetic(operator, a, b)? {
            return Ok(Some(result));
        }
        match operator {
            Add => self.concatenate(a, b),
            Multiply => match (self.as_int(a), self.as_int(b)) {
                (_, Some(count)) => self.repeat(a, count),
                (Some(count), _) => self.repeat(b, count),
                _ if self.is(a, Tag::BigInt) || self.is(b, Tag::BigInt) => {
                    let sequence = if self.is(a, Tag::BigInt) { b } else { a };
                    if self.repeat(sequence, 0)?.is_none() {
                        return Ok(None);
                    }
                    Err(self.error(class_id::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer"))
                }
                _ => Ok(None),
            },
            Or | And | Subtract | Xor if self.is_set_like(a) && self.is_set_like(b) => {
                self.set_operation(operator, a, b).map(Some)
            }
            Or if self.is_dict(a) && self.is_dict(b) => self.dict_union(a, b).map(Some),
            _ => Ok(None),
        }
    }

    /// `a is b`. Strings of one text may be several objects; names are one.
    fn is_same(&self, a: Val<'_>, b: Val<'_>) -> bool {
        a == b
    }

    fn has_own(&self, value: Val<'_>, name: u16) -> bool {
        self.is(value, Tag::Instance) && self.find_class_attribute(self.class_of(value), name).is_some()
    }

    fn is_set_like(&self, value: Val<'_>) -> bool {
        self.is_set(value)
            || (self.is(value, Tag::Native)
                && matches!(self.class_of(value), class_id::DICT_KEYS | class_id::DICT_ITEMS))
    }

    /// `except` with a class or a tuple of classes.
    fn exception_match(&self, exception: Val<'_>, wanted: Val<'_>) -> Result<bool, Raised> {
        if self.is_tuple(wanted) {
            for index in 0..self.tuple_len(wanted) {
                let class = self.tuple_get(wanted, index);
                // As in CPython, tuples do not nest here; so this does not recurse further.
                if self.is_tuple(class) {
                    let text = "catching classes that do not inherit from BaseException is not allowed";
                    return Err(self.type_error(text));
                }
                if self.exception_match(exception, class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if !self.is_class(wanted) || !self.is_subclass(self.class_id(wanted), class_id::BASE_EXCEPTION) {
            return Err(self.type_error("catching classes that do not inherit from BaseException is not allowed"));
        }
        // Asked of a class (`issubclass`) or of an instance; a marker matches nothing.
        let class = if self.is_class(exception) { self.class_id(exception) } else { self.class_of(exception) };
        Ok(self.is_subclass(class, self.class_id(wanted)) && self.is_subclass(class, class_id::BASE_EXCEPTION))
    }

    /// `item in container` for builtin containers.
    fn contains<'h>(&'h self, container: Val<'h>, item: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        if self.has_own(container, names::CONTAINS) || self.has_own(container, names::ITER) {
            return Ok(None);
        }
        let container = self.native_part(container);
        if self.is_str(container) {
            let Some(wanted) = self.str_bytes(item) else {
                return Err(self.error_about(
                    class_id::TYPE_ERROR,
                    "'in <string>' requires string as left operand, not {t}",
                    item,
                    Val::NONE,
                ));
            };
            let text = self.str_bytes(container).unwrap_or(b"");
            return Ok(Some(Val::bool(crate::text::find(text, wanted).is_some())));
        }
        match self.tag(container) {
            Some(Tag::Dict | Tag::Set | Tag::FrozenSet) => {
                Ok(Some(Val::bool(self.table_find(container, item)?.is_some())))
            }
            Some(Tag::Bytes | Tag::ByteArray) => {
                let length = self.buffer_len(container);
                let found = match (self.as_int(item), self.tag(item)) {
                    (Some(byte), _) => {
                        (0..length).any(|index| self.buffer_get(container, index).map(i64::from) == Some(byte))
                    }
                    (None, Some(Tag::Bytes | Tag::ByteArray)) => {
                        let wanted = self.buffer_len(item);
                        wanted <= length
                            && (0..=length - wanted).any(|start| {
                                (0..wanted).all(|index| {
                                    self.buffer_get(container, start + index) == self.buffer_get(item, index)
                                })
                            })
                    }
                    _ => return Err(self.type_error("a bytes-like object is required")),
                };
                Ok(Some(Val::bool(found)))
            }
            Some(Tag::Range) => match self.as_int(item) {
                Some(n) => {
                    let (start, stop, step) = (
                        i64::from(self.int_field(container, 0)),
                        i64::from(self.int_field(container, 1)),
                        i64::from(self.int_field(container, 2)),
                    );
                    let within = if step > 0 { n >= start && n < stop } else { n <= start && n > stop };
                    Ok(Some(Val::bool(within && (n - start) % step == 0)))
                }
                None => self.contains_by_walk(container, item),
            },
            _ => self.contains_by_walk(container, item),
        }
    }

    fn contains_by_walk<'h>(&'h self, container: Val<'h>, item: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        let Some(mut words) = self.iterator_words(container) else { return Ok(None) };
        while let Some((candidate, next)) = self.iterator_step(words)? {
            if candidate == item || self.equal(candidate, item)? {
                return Ok(Some(Val::TRUE));
            }
            words[2] = next;
        }
        Ok(Some(Val::FALSE))
    }

    fn compare_sets(&self, operator: BinaryOperator, a: Val<'_>, b: Val<'_>) -> Result<bool, Raised> {
        use BinaryOperator::*;
        let (small, large) = if matches!(operator, Less | LessEqual) { (a, b) } else { (b, a) };
        let strict = matches!(operator, Less | More);
        if self.table_len(small) > self.table_len(large) || (strict && self.table_len(small) == self.table_len(large)) {
            return Ok(false);
        }
        let mut position = 0;
        while let Some((at, key, _)) = self.table_next(small, position) {
            if self.table_find(large, key)?.is_none() {
                return Ok(false);
            }
            position = at + 1;
        }
        Ok(true)
    }

    /// `| & - ^` on sets and dict views; the result has the left operand's type (a view gives a set).
    pub(crate) fn set_operation<'h>(
        &'h self,
        operator: BinaryOperator,
        a: Val<'h>,
        b: Val<'h>,
    ) -> Result<Val<'h>, Raised> {
        let tag = if self.is(a, Tag::FrozenSet) { Tag::FrozenSet } else { Tag::Set };
        let (a, b) = (self.as_set(a)?, self.as_set(b)?);
        let result = self.new_table(tag, 0)?;
        let mut position = 0;
        while let Some((at, key, _)) = self.table_next(a, position) {
            let in_both = self.table_find(b, key)?.is_some();
            let wanted = match operator {
                BinaryOperator::Or => true,
                BinaryOperator::And => in_both,
                _ => !in_both,
            };
            if wanted {
                self.table_set(result, key, Val::NONE)?;
            }
            position = at + 1;
        }
        if matches!(operator, BinaryOperator::Or | BinaryOperator::Xor) {
            position = 0;
            while let Some((at, key, _)) = self.table_next(b, position) {
                if self.table_find(a, key)?.is_none() {
                    self.table_set(result, key, Val::NONE)?;
                }
                position = at + 1;
            }
        }
        Ok(result)
    }

    fn as_set<'h>(&'h self, value: Val<'h>) -> Result<Val<'h>, Raised> {
        if self.is_set(value) {
            return Ok(value);
        }
        let set = self.new_set(0)?;
        self.each(value, |item| self.table_set(set, item, Val::NONE))?;
        Ok(set)
    }

    /// `a + b` of sequences of one kind.
    fn concatenate<'h>(&'h self, a: Val<'h>, b: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        if let (Some(x), Some(y)) = (self.str_bytes(a), self.str_bytes(b)) {
            return self.new_str_of(&[x, y]).map(Some);
        }
        match (self.tag(a), self.tag(b)) {
            (Some(Tag::List), Some(Tag::List)) => self.list_concat(a, b).map(Some),
            (Some(Tag::Tuple), Some(Tag::Tuple)) => self.tuple_concat(a, b).map(Some),
            (Some(kind @ (Tag::Bytes | Tag::ByteArray)), Some(_)) if self.is_buffer(b) => {
                let (first, second) = (self.buffer_len(a), self.buffer_len(b));
                let byte = |index: u32| {
                    let found =
                        if index < first { self.buffer_get(a, index) } else { self.buffer_get(b, index - first) };
                    found.unwrap_or(0)
                };
                self.new_buffer(kind, first + second, byte).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A bytes or bytearray object of computed bytes.
    pub(crate) fn new_buffer(&self, kind: Tag, length: u32, byte: impl Fn(u32) -> u8) -> Result<Val<'_>, Raised> {
        if kind == Tag::ByteArray {
            let array = self.new_bytearray(length)?;
            if let Some(cells) = self.bytearray_cells(array) {
                cells.iter().enumerate().for_each(|(index, cell)| cell.set(byte(index as u32)));
            }
            return Ok(array);
        }
        self.new_bytes_with(length as usize, |fill| (0..length).for_each(|index| fill.push(&[byte(index)])))
    }

    /// `sequence * count`.
    fn repeat<'h>(&'h self, sequence: Val<'h>, count: i64) -> Result<Option<Val<'h>>, Raised> {
        let count = usize::try_from(count).unwrap_or(0);
        let limit = |length: usize| match length.checked_mul(count) {
            Some(total) if total < 1 << 22 => Ok(total),
            _ => Err(self.error(class_id::MEMORY_ERROR, "memory allocation failed")),
        };
        if let Some(text) = self.str_bytes(sequence) {
            let total = limit(text.len())?;
            return self.new_str_with(total, |fill| (0..count).for_each(|_| fill.push(text))).map(Some);
        }
        Ok(match self.tag(sequence) {
            Some(kind @ (Tag::Bytes | Tag::ByteArray)) => {
                let length = self.buffer_len(sequence);
                let total = limit(length as usize)? as u32;
                let byte = |index: u32| self.buffer_get(sequence, index % length.max(1)).unwrap_or(0);
                Some(self.new_buffer(kind, total, byte)?)
            }
            Some(Tag::List) => {
                limit(self.list_len(sequence) as usize)?;
                Some(self.list_repeat(sequence, count as i64)?)
            }
            Some(Tag::Tuple) => {
                limit(self.tuple_len(sequence) as usize)?;
                Some(self.tuple_repeat(sequence, count as i64)?)
            }
            _ => None,
        })
    }

    /// `list += iterable` for builtin iterables; `Ok(None)` for others.
    fn extend_list<'h>(&'h self, list: Val<'h>, items: Val<'h>) -> Result<Option<Val<'h>>, Raised> {
        if !self.is_native_iterable(items) {
            return Ok(None);
        }
        let length = self.list_len(list);
        let mut limit = if list == items { length } else { u32::MAX };
        let done = self.each(items, |item| {
            if limit == 0 {
                return Err(Raised);
            }
            limit -= 1;
            self.list_push(list, item)
        });
        match done {
            Ok(_) => Ok(Some(list)),
            Err(_) if limit == 0 => Ok(Some(list)),
            Err(raised) => {
                // To be run again: as if nothing had happened.
                self.list_truncate(list, length);
                Err(raised)
            }
        }
    }
}

impl Vm<'_> {
    /// An operator on the two operands on top of the stack: the result takes their place, at once or when the frame
    /// that was pushed returns.
    pub(crate) fn operate(&mut self, operator: BinaryOperator) -> Result<(), Raised> {
        let (a, b) = (self.heap.top_slot(1), self.heap.top_slot(0));
        match self.operate_native(operator, a, b)? {
            Some(word) => {
                self.heap.drop_operands(1);
                self.heap.poke_word(0, word);
                Ok(())
            }
            None if operator == BinaryOperator::In => self.contains_by_method(),
            None => self.operate_from(operator, 0),
        }
    }

    /// Natively, or with `__eq__` calls inside containers; `None` where the operands' classes must be asked.
    fn operate_native(&mut self, operator: BinaryOperator, a: Slot, b: Slot) -> Result<Option<u32>, Raised> {
        let done = self.retry(|heap| Ok(heap.operate(operator, heap.get(a), heap.get(b))?.map(Val::word)));
        match done {
            Err(_) if self.heap.is_cause(Cause::NeedVm) => {}
            done => return done,
        }
        let sp = self.heap.arena.sp();
        let word = self.nested(|vm| vm.operate_slowly(operator, a, b))?;
        // Its temporaries go; the result is stored before anything can move.
        self.heap.arena.set_sp(sp);
        Ok(Some(word))
    }

    /// Comparisons and membership of builtin containers that hold objects with their own `__eq__`.
    fn operate_slowly(&mut self, operator: BinaryOperator, a: Slot, b: Slot) -> Result<u32, Raised> {
        use BinaryOperator::*;
        let heap = &*self.heap;
        if operator == In {
            let container = heap.get(b);
            if heap.is_dict(container) || heap.is_set(container) {
                return Ok(bool_word(self.table_find(b, a)?.is_some()));
            }
            let Some(mut words) = heap.iterator_words(container) else { return Ok(FALSE) };
            let item = self.temp()?;
            loop {
                let container = self.heap.get(b);
                words[1] = match words[0] {
                    ITER_RANGE => words[1],
                    _ if self.heap.is_dict_view(container) => self.heap.native_field(container, 0).word(),
                    _ => container.word(),
                };
                let step = self.retry(|heap| {
                    Ok(heap.iterator_step(words)?.map(|(found, next)| {
                        heap.set(item, found);
                        next
                    }))
                })?;
                let Some(next) = step else { break };
                words[2] = next;
                if self.equal(item, a)? {
                    return Ok(TRUE);
                }
            }
            return Ok(FALSE);
        }
        let (x, y) = (heap.get(a), heap.get(b));
        let sequences = matches!(
            (heap.tag(x), heap.tag(y)),
            (Some(Tag::List), Some(Tag::List)) | (Some(Tag::Tuple), Some(Tag::Tuple))
        );
        if sequences {
            let (left, right) = (self.temp()?, self.temp()?);
            let mut index = 0;
            loop {
                let heap = &*self.heap;
                let (x, y) = (heap.get(a), heap.get(b));
                let (length, other) = (heap.sequence_len(x), heap.sequence_len(y));
                if index >= length || index >= other {
                    let order = length.cmp(&other);
                    return Ok(bool_word(match operator {
                        Equal => order == Ordering::Equal,
                        NotEqual => order != Ordering::Equal,
                        Less => order == Ordering::Less,
                        More => order == Ordering::Greater,
                        LessEqual => order != Ordering::Greater,
                        _ => order != Ordering::Less,
                    }));
                }
                heap.set(left, heap.sequence_get(x, index));
                heap.set(right, heap.sequence_get(y, index));
                if !self.equal(left, right)? {
                    if operator == Equal || operator == NotEqual {
                        return Ok(bool_word(operator == NotEqual));
                    }
                    let out = self.temp()?;
                    self.binary(operator, left, right, out)?;
                    return Ok(bool_word(self.truth(out)?));
                }
                index += 1;
            }
        }
        if heap.is_dict(x) && heap.is_dict(y) && matches!(operator, Equal | NotEqual) {
            if heap.table_len(x) != heap.table_len(y) {
                return Ok(bool_word(operator == NotEqual));
            }
            let (key, value, other) = (self.temp()?, self.temp()?, self.temp()?);
            let mut position = 0;
            loop {
                let heap = &*self.heap;
                let Some((at, k, v)) = heap.table_next(heap.get(a), position) else { break };
                heap.set(key, k);
                heap.set(value, v);
                position = at + 1;
                let Some(found) = self.table_find(b, key)? else { return Ok(bool_word(operator == NotEqual)) };
                let heap = &*self.heap;
                let Some((_, v)) = heap.table_entry(heap.get(b), found) else {
                    return Ok(bool_word(operator == NotEqual));
                };
                heap.set(other, v);
                if !self.equal(value, other)? {
                    return Ok(bool_word(operator == NotEqual));
                }
            }
            return Ok(bool_word(operator == Equal));
        }
        match self.operate_on_tables(operator, a, b)? {
            Some(word) => Ok(word),
            None => Err(self.heap.type_error("unsupported operand types: they hold objects with their own __eq__")),
        }
    }

    /// Asks the operands' classes, from candidate `number` on.
    pub(crate) fn operate_from(&mut self, operator: BinaryOperator, number: u32) -> Result<(), Raised> {
        let mut number = number;
        while let Some(candidate) = candidate_of(operator, number) {
            let (own, other) = if candidate.swapped { (0, 1) } else { (1, 0) };
            let owner = self.heap.top_slot(own);
            let argument = self.heap.top_slot(other);
            if !self.asks_class(owner, argument, candidate) {
                number += 1;
                continue;
            }
            self.reserve_stack(4)?;
            let sp = self.heap.arena.sp();
            self.heap.push_word(int_word(number as i32));
            let function = self.temp()?;
            let receiver = self.temp()?;
            if self.load_special_method(owner, candidate.name, function, receiver)? {
                let bound = self.heap.get_optional(receiver).is_some();
                if !bound {
                    self.pop_temp(receiver);
                }
                self.temp_of(argument)?;
                let count = 1 + u16::from(bound);
                match self.begin_call(function.0, count, 0, Kind::Operator, false)? {
                    Begun::Frame => return Ok(()),
                    Begun::Value(value) => {
                        let word = value.0.get();
                        self.heap.arena.set_sp(sp);
                        if self.operator_result(operator, number, word)? {
                            return Ok(());
                        }
                    }
                }
            }
            self.heap.arena.set_sp(sp);
            number += 1;
        }
        self.operate_without_class(operator)
    }

    /// True if the owner's class can know better than the native operators did.
    fn asks_class(&self, owner: Slot, other: Slot, candidate: Candidate) -> bool {
        let (owner, other) = (self.heap.get(owner), self.heap.get(other));
        if candidate.negated && self.heap.has_own(owner, names::NE) {
            // `__eq__` stands in for a missing `__ne__` only.
            return false;
        }
        match self.heap.tag(owner) {
            Some(Tag::Instance | Tag::Native | Tag::Exception) => {
                // A right operand of the same class has had its say as the left one; but a comparison's mirror is
                // another method.
                !candidate.swapped
                    || self.heap.class_of(owner) != self.heap.class_of(other)
                    || matches!(candidate.name, names::EQ | names::NE | names::LT | names::GT | names::LE | names::GE)
            }
            Some(Tag::Class) => self.heap.metaclass_of(owner) != class_id::TYPE,
            _ => false,
        }
    }

    /// Takes a candidate's answer, the operands being on top of the stack: false if it was NotImplemented.
    pub(crate) fn operator_result(&mut self, operator: BinaryOperator, number: u32, word: u32) -> Result<bool, Raised> {
        if word == NOT_IMPLEMENTED {
            return Ok(false);
        }
        let negated = candidate_of(operator, number).is_some_and(|candidate| candidate.negated);
        self.heap.drop_operands(1);
        self.heap.poke_word(0, word);
        if negated {
            let slot = self.heap.top_slot(0);
            let truth = self.truth(slot)?;
            self.heap.poke_word(0, bool_word(!truth));
        }
        Ok(true)
    }

    fn operate_without_class(&mut self, operator: BinaryOperator) -> Result<(), Raised> {
        use BinaryOperator::*;
        let heap = &*self.heap;
        let (a, b) = (heap.peek(1), heap.peek(0));
        if matches!(operator, Equal | NotEqual) {
            let same = a == b;
            heap.drop_operands(1);
            heap.poke_word(0, bool_word(same == (operator == Equal)));
            return Ok(());
        }
        // Instances of classes that extend builtin types behave like these.
        let (x, y) = (heap.native_part(a), heap.native_part(b));
        if x != a || y != b {
            let in_place = x != a && plain(operator).is_some();
            let (x, y) = (x.word(), y.word());
            if in_place {
                // What changes the builtin part in place leaves the object the same.
                let sp = heap.arena.sp();
                let (part, other) = (self.temp()?, self.temp()?);
                self.heap.set(part, self.heap.native_part(self.heap.get(Slot(sp + 1))));
                self.heap.set(other, self.heap.native_part(self.heap.get(Slot(sp))));
                let result = self.operate_native(operator, part, other)?;
                let same = result == Some(self.heap.get(part).word());
                self.heap.arena.set_sp(sp);
                if let Some(word) = result {
                    self.heap.drop_operands(1);
                    if !same {
                        self.heap.poke_word(0, word);
                    }
                    return Ok(());
                }
                let heap = &*self.heap;
                let (x, y) = (heap.native_part(heap.peek(1)).word(), heap.native_part(heap.peek(0)).word());
                heap.poke_word(1, x);
                heap.poke_word(0, y);
                return self.operate(operator);
            }
            heap.poke_word(1, x);
            heap.poke_word(0, y);
            return self.operate(operator);
        }
        if operator == InplaceAdd && heap.is_list(a) {
            return self.retry_with_list(0);
        }
        if matches!(operator, Modulo | InplaceModulo) && (heap.is_str(a) || heap.is(a, Tag::Bytes)) {
            let (a, b) = (heap.top_slot(1), heap.top_slot(0));
            self.percent(a, b, a)?;
            self.heap.drop_operands(1);
            return Ok(());
        }
        let mut text = crate::message::Message::new();
        let comparison = matches!(operator, Less | More | LessEqual | MoreEqual);
        if comparison {
            text.push(b"'");
            text.push(operator.symbol().as_bytes());
            text.push(b"' not supported between instances of '");
        } else {
            text.push(b"unsupported operand type(s) for ");
            text.push(operator.symbol().as_bytes());
            text.push(b": '");
        }
        text.push(heap.class_name(heap.class_of(a)));
        text.push(b"' and '");
        text.push(heap.class_name(heap.class_of(b)));
        text.push(b"'");
        Err(self.error_with_text(class_id::TYPE_ERROR, text.bytes()))
    }

    /// `item in container` by the container's `__contains__`, or by iterating it.
    fn contains_by_method(&mut self) -> Result<(), Raised> {
        let container = self.heap.top_slot(0);
        let sp = self.heap.arena.sp();
        self.reserve_stack(4)?;
        let function = self.temp()?;
        let receiver = self.temp()?;
        let found = self.load_special_method(container, names::CONTAINS, function, receiver)?;
        if !found {
            self.load_prelude(names::CONTAINS_IN, function)?;
        }
        // From here on nothing collects.
        let (item, object) = (self.heap.arena.stack_load(sp + 1), self.heap.arena.stack_load(sp));
        if found {
            let (function, receiver) = (self.heap.arena.stack_load(function.0), self.heap.arena.stack_load(receiver.0));
            let receiver = if receiver == NULL { object } else { receiver };
            self.heap.arena.set_sp(sp - 1);
            self.heap.arena.stack_store(sp + 1, function);
            self.heap.arena.stack_store(sp, receiver);
            self.heap.arena.stack_store(sp - 1, item);
        } else {
            let function = self.heap.arena.stack_load(function.0);
            self.heap.arena.set_sp(sp - 1);
            self.heap.arena.stack_store(sp + 1, function);
            self.heap.arena.stack_store(sp, object);
            self.heap.arena.stack_store(sp - 1, item);
        }
        if let Begun::Value(value) = self.begin_call(sp + 1, 2, 0, Kind::Bool, false)? {
            let word = value.0.get();
            self.heap.arena.set_sp(sp + 1);
            self.heap.poke_word(0, word);
            let slot = self.heap.top_slot(0);
            let truth = self.truth(slot)?;
            self.heap.poke_word(0, bool_word(truth));
        }
        Ok(())
    }

    /// An operator for native code: runs to its end.
    pub fn binary(&mut self, operator: BinaryOperator, a: Slot, b: Slot, out: Slot) -> Result<(), Raised> {
        if let Some(word) = self.operate_native(operator, a, b)? {
            self.heap.arena.stack_store(out.0, word);
            return Ok(());
        }
        let base = self.temp_of(a)?;
        self.temp_of(b)?;
        let mut number = 0;
        while let Some(candidate) = candidate_of(operator, number) {
            let (own, other) = if candidate.swapped { (0, 1) } else { (1, 0) };
            let (owner, argument) = (self.heap.top_slot(own), self.heap.top_slot(other));
            if self.asks_class(owner, argument, candidate) {
                let answer = self.temp()?;
                let asked = self.call_method(owner, candidate.name, &[argument], answer)?;
                let word = self.heap.get(answer).word();
                self.pop_temp(answer);
                if asked && self.operator_result(operator, number, word)? {
                    let word = self.heap.peek_word(0);
                    self.pop_temp(base);
                    self.heap.arena.stack_store(out.0, word);
                    return Ok(());
                }
            }
            number += 1;
        }
        let heap = &*self.heap;
        let (x, y) = (heap.native_part(heap.peek(1)), heap.native_part(heap.peek(0)));
        if x != heap.peek(1) || y != heap.peek(0) {
            let (x, y) = (x.word(), y.word());
            heap.poke_word(1, x);
            heap.poke_word(0, y);
            let (left, right) = (heap.top_slot(1), heap.top_slot(0));
            self.binary(operator, left, right, out)?;
            self.pop_temp(base);
            return Ok(());
        }
        self.operate_without_class(operator)?;
        let word = self.heap.peek_word(0);
        self.pop_temp(base);
        self.heap.arena.stack_store(out.0, word);
        Ok(())
    }
}
