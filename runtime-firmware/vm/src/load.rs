//! Loading a `.mpy`: verify, then keep what the file itself does not hold in a form that runs.
//!
//! The bytes stay where they are: in flash, or (loose files) in one Code object. RAM holds two bytes per qstr, four
//! per constant and sixteen per function. A [`Unit`](crate::layout::Tag::Unit) object is made only here, behind the
//! verifier: that it exists is the proof on which the interpreter's cursors rest.

use crate::heap::{Cause, Heap, Root};
use crate::layout::Tag;
use crate::value::*;
use crate::vm::Vm;
use crate::{class_id, names};
use core::cell::Cell;
use mpy::reader::{ConstantView, File};
use mpy::verify::{Limits, VerifyErrorKind, verify_function};

/// Fields of a Unit object.
pub(crate) mod field {
    /// The bytes: a Code object or a place in flash.
    pub(crate) const LOCATION: u32 = 0;
    /// Table of name numbers, 16 bits each, by the file's qstr index.
    pub(crate) const QSTRS: u32 = 1;
    /// Items: the constants.
    pub(crate) const CONSTANTS: u32 = 2;
    /// Table of descriptors, four words each.
    pub(crate) const DESCRIPTORS: u32 = 3;
    /// The namespace of the module that the code belongs to.
    pub(crate) const GLOBALS: u32 = 4;
    /// Number of fields.
    pub(crate) const COUNT: u32 = 5;
}

/// What a call needs to know of a function. In memory: four words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descriptor {
    /// Byte offset of the code in its file.
    pub(crate) code: u32,
    /// Byte offset of the argument names.
    pub(crate) arg_names: u32,
    pub(crate) positional: u32,
    pub(crate) keyword_only: u32,
    pub(crate) locals: u32,
    pub(crate) depth: u32,
    pub(crate) blocks: u32,
    pub(crate) first_child: u32,
    pub(crate) cells: u32,
    pub(crate) flags: u32,
}

const LIMIT_24: u32 = 1 << 24;

impl Descriptor {
    fn words(&self) -> Option<[u32; 4]> {
        let fits = self.code < LIMIT_24
            && self.arg_names < LIMIT_24
            && self.positional < 256
            && self.keyword_only < 256
            && self.locals < 1 << 13
            && self.depth < crate::frame::MAX_DEPTH
            && self.blocks <= crate::frame::MAX_BLOCKS
            && self.first_child < 1 << 16
            && self.cells < 256
            && self.flags < 256;
        fits.then_some([
            self.code << 8 | self.positional,
            self.arg_names << 8 | self.keyword_only,
            self.locals << 19 | self.depth << 6 | self.blocks,
            self.first_child << 16 | self.cells << 8 | self.flags,
        ])
    }

    fn from_words(words: [u32; 4]) -> Descriptor {
        Descriptor {
            code: words[0] >> 8,
            positional: words[0] & 0xff,
            arg_names: words[1] >> 8,
            keyword_only: words[1] & 0xff,
            locals: words[2] >> 19,
            depth: words[2] >> 6 & 0x1fff,
            blocks: words[2] & 0x3f,
            first_child: words[3] >> 16,
            cells: words[3] >> 8 & 0xff,
            flags: words[3] & 0xff,
        }
    }

    /// Words of a frame, the callee's included.
    pub(crate) fn frame_words(&self) -> u32 {
        1 + self.locals + 2 + 2 * self.blocks + self.depth
    }
}

impl Heap {
    /// The bytes of a file, by its location word.
    pub(crate) fn code_bytes(&self, location: Val<'_>) -> &[u8] {
        if let Some((region, offset)) = flash_of(location.word()) {
            let region = self.regions.borrow().get(region as usize).copied().unwrap_or_default();
            return region.get(offset as usize..).unwrap_or_default();
        }
        if !self.is(location, Tag::Code) {
            return &[];
        }
        self.arena.bytes(location.index() + 2, self.word(location, 0))
    }

    /// The location word of bytes in flash. Fails when more images are mapped than there are regions.
    pub(crate) fn flash_location(&self, bytes: &'static [u8]) -> Option<Val<'_>> {
        let start = bytes.as_ptr() as usize;
        let mut regions = self.regions.borrow_mut();
        for (number, region) in regions.iter_mut().enumerate() {
            if region.is_empty() {
                *region = bytes;
            }
            let offset = start.wrapping_sub(region.as_ptr() as usize);
            if offset < region.len() && offset < LIMIT_24 as usize {
                return Val::from_word(flash_word(number as u8, offset as u32));
            }
        }
        None
    }

    /// Names the whole of a memory-mapped image, so that the files in it share one region.
    pub fn add_region(&self, image: &'static [u8]) {
        let mut regions = self.regions.borrow_mut();
        if regions.iter().any(|region| core::ptr::eq(region.as_ptr(), image.as_ptr())) {
            return;
        }
        if let Some(region) = regions.iter_mut().find(|region| region.is_empty()) {
            *region = image;
        }
    }

    /// The name at index `index` of a unit's qstr table.
    #[inline]
    pub(crate) fn unit_name(&self, unit: Val<'_>, index: u32) -> u16 {
        self.table_name(self.value(unit, field::QSTRS), index)
    }

    #[inline(always)]
    pub(crate) fn table_name(&self, qstrs: Val<'_>, index: u32) -> u16 {
        let word = self.word(qstrs, index / 2);
        (if index & 1 == 0 { word } else { word >> 16 }) as u16
    }

    /// Descriptor `number` of a unit.
    pub(crate) fn descriptor(&self, unit: Val<'_>, number: u32) -> Descriptor {
        let table = self.value(unit, field::DESCRIPTORS);
        Descriptor::from_words(core::array::from_fn(|word| self.word(table, number * 4 + word as u32)))
    }

    /// The descriptor of a function.
    pub(crate) fn function_descriptor(&self, function: Val<'_>) -> Descriptor {
        self.descriptor(self.value(function, 0), self.int_field(function, 1) as u32)
    }

    /// The namespace in which a function runs.
    pub(crate) fn function_globals<'h>(&'h self, function: Val<'h>) -> Val<'h> {
        self.value(self.value(function, 0), field::GLOBALS)
    }

    /// `__name__` of a function. It stands in the file right before the argument names.
    pub(crate) fn function_name(&self, function: Val<'_>) -> u16 {
        let unit = self.value(function, 0);
        let code = self.code_bytes(self.value(unit, field::LOCATION));
        let end = self.function_descriptor(function).arg_names as usize;
        let mut start = end.saturating_sub(1);
        while start > 0 && code.get(start - 1).is_some_and(|byte| byte & 0x80 != 0) {
            start -= 1;
        }
        match mpy::varint::read_uint(code, start) {
            Ok((index, _)) => self.unit_name(unit, index),
            Err(_) => names::EMPTY,
        }
    }

    /// Name number of argument `index` (positional first, then keyword-only) of a function.
    pub(crate) fn argument_name(&self, unit: Val<'_>, descriptor: &Descriptor, index: u32) -> u16 {
        let code = self.code_bytes(self.value(unit, field::LOCATION));
        let mut at = descriptor.arg_names as usize;
        for position in 0..=index {
            match mpy::varint::read_uint(code, at) {
                Ok((_, next)) if position < index => at = next,
                Ok((name, _)) => return self.unit_name(unit, name),
                Err(_) => break,
            }
        }
        names::EMPTY
    }

    /// File name and line of a place in a function's code.
    pub(crate) fn source_line(&self, function: Val<'_>, ip: u32) -> (u16, u32) {
        let unit = self.value(function, 0);
        let number = self.int_field(function, 1) as u16;
        let file = self.unit_name(unit, 0);
        let Some(view) = self.file_of_unit(unit) else { return (file, 0) };
        let found = view.functions().find(|node| node.index == number);
        let line = found.map_or(0, |node| {
            let offset = ip.saturating_sub(node.function.code.start);
            mpy::line::source_line(node.function.line_info_bytes(), offset)
        });
        (file, line)
    }

    /// A function object for function `number` of a unit.
    pub(crate) fn new_function(&self, unit: Val<'_>, number: u32) -> Result<Val<'_>, Raised> {
        let function = self.alloc(Tag::Function, 2)?;
        self.set_field(function, 0, unit);
        self.set_int_field(function, 1, number as i32);
        Ok(function)
    }

    fn constant<'h>(&'h self, view: ConstantView<'_>) -> Result<Val<'h>, Raised> {
        Ok(match view {
            ConstantView::None => Val::NONE,
            ConstantView::False => Val::FALSE,
            ConstantView::True => Val::TRUE,
            ConstantView::Ellipsis => Val::ELLIPSIS,
            ConstantView::Str { bytes, .. } => self.new_str(bytes)?,
            ConstantView::Bytes { bytes, .. } => self.new_bytes(bytes)?,
            ConstantView::Integer(text) => self.parse_int(text.as_bytes(), 10)?,
            ConstantView::Float(text) => self.new_float(self.parse_float(text.as_bytes()).unwrap_or(0.0))?,
            ConstantView::Complex(text) => self.parse_complex(text.as_bytes())?,
            ConstantView::Tuple(items) => {
                let tuple = self.new_tuple(items.clone().count() as u32)?;
                for (index, item) in items.enumerate() {
                    self.tuple_set(tuple, index as u32, self.constant(item)?);
                }
                tuple
            }
        })
    }
}

/// Why a file was not loaded.
enum Refusal {
    /// The verifier needs more scratch memory.
    NoRoom,
    /// The file is not sound, and why.
    Unsound(&'static str),
}

impl Vm<'_> {
    /// Verifies the file at `location` and makes a Unit of it in `out`, its globals the dict in `globals`.
    ///
    /// A file that is refused raises ValueError, as MicroPython's "incompatible .mpy file" does.
    pub(crate) fn load_unit(&mut self, location: Slot, length: usize, globals: Slot, out: Slot) -> Result<(), Raised> {
        let descriptors = self.temp()?;
        self.verify(location, length, descriptors)?;
        self.retry(|heap| {
            let code = heap.code_bytes(heap.get(location));
            let file = code.get(..length).and_then(|code| File::open(code).ok());
            let Some(file) = file else { return Err(heap.value_error("incompatible .mpy file")) };
            let names = heap.alloc(Tag::Table, u32::from(file.qstr_count()).div_ceil(2))?;
            let items = heap.alloc(Tag::Items, file.constant_count().into())?;
            let unit = heap.alloc(Tag::Unit, field::COUNT + 1)?;
            heap.set_field(unit, field::LOCATION, heap.get(location));
            heap.set_field(unit, field::QSTRS, names);
            heap.set_field(unit, field::CONSTANTS, items);
            heap.set_field(unit, field::DESCRIPTORS, heap.get(descriptors));
            heap.set_field(unit, field::GLOBALS, heap.get(globals));
            heap.set_int_field(unit, field::COUNT, length as i32);
            heap.set(out, unit);
            Ok(())
        })?;
        self.resume(|heap, done| heap.load_names(heap.get(out), done))?;
        self.resume(|heap, done| heap.load_constants(heap.get(out), done))?;
        self.pop_temp(descriptors);
        Ok(())
    }

    /// Runs leaf code that counts its progress, collecting whenever memory runs out, for as long as that helps.
    fn resume(&mut self, work: impl Fn(&Heap, &Cell<u32>) -> Result<(), Raised>) -> Result<(), Raised> {
        let done = Cell::new(0);
        loop {
            let before = done.get();
            match self.retry(|heap| work(heap, &done)) {
                Err(_) if self.heap.cause.get() == Cause::Exception && done.get() > before => {}
                result => return result,
            }
        }
    }

    /// Proves that every function of a file can be run, and leaves their descriptors in a table in `out`.
    fn verify(&mut self, location: Slot, length: usize, out: Slot) -> Result<(), Raised> {
        let mut collected = false;
        loop {
            let word = self.heap.get(location).word();
            let verdict = match flash_of(word) {
                Some((region, offset)) => {
                    let region = self.heap.regions.borrow().get(region as usize).copied().unwrap_or_default();
                    let bytes = region.get(offset as usize..).and_then(|bytes| bytes.get(..length)).unwrap_or_default();
                    self.heap.arena.with_gap(|gap| verify_file(bytes, gap))
                }
                None => {
                    let index = self.heap.get(location).index();
                    self.heap.arena.with_bytes_and_gap(index + 2, length as u32, verify_file)
                }
            };
            match verdict {
                Ok(functions) => {
                    let table = self.heap.claim_gap(Tag::Table, functions * 4)?;
                    self.heap.set(out, table);
                    return Ok(());
                }
                Err(Refusal::NoRoom) if collected => return Err(self.memory_error()),
                Err(Refusal::NoRoom) => {
                    self.collect();
                    collected = true;
                }
                Err(Refusal::Unsound(reason)) => {
                    let heap = &*self.heap;
                    let reason = heap.new_str(reason.as_bytes()).unwrap_or(Val::NONE);
                    let template = "incompatible .mpy file: {}";
                    return Err(heap.error_about(class_id::VALUE_ERROR, template, reason, Val::NONE));
                }
            }
        }
    }

    /// Puts a loose .mpy's room into the heap and names it `Root::Incoming`.
    pub(crate) fn new_code(&mut self, length: usize) -> Result<(), Raised> {
        self.retry(|heap| {
            let words = u32::try_from(length.div_ceil(4)).unwrap_or(u32::MAX - 1);
            let code = heap.alloc(Tag::Code, words.saturating_add(1))?;
            heap.set_word(code, 0, length as u32);
            heap.set_root(Root::Incoming, Some(code));
            Ok(())
        })
    }

    /// Writes into the code that is being received.
    pub(crate) fn write_code(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let Some(code) = self.heap.root(Root::Incoming) else { return false };
        let length = self.heap.word(code, 0);
        let cells = self.heap.arena.cells(code.index() + 2, length);
        let Some(target) = offset.checked_add(bytes.len()).and_then(|end| cells.get(offset..end)) else { return false };
        target.iter().zip(bytes).for_each(|(cell, byte)| cell.set(*byte));
        true
    }
}

/// Verifies all functions of a file. Word 0 of `gap` is left for a header; the descriptors come behind it, and what
/// is left is the verifier's scratch.
fn verify_file(bytes: &[u8], gap: &mut [u32]) -> Result<u32, Refusal> {
    let file = File::open(bytes).map_err(|error| Refusal::Unsound(error.kind.text()))?;
    if file.small_int_bits() > 31 {
        return Err(Refusal::Unsound("its small ints have more than 31 bits"));
    }
    let functions = usize::from(file.function_count());
    let (table, scratch) = gap.split_at_mut_checked(1 + functions * 4).ok_or(Refusal::NoRoom)?;
    for node in file.functions() {
        let facts = verify_function(Limits::of(&file), &node.function, scratch).map_err(|error| match error.kind {
            VerifyErrorKind::ScratchTooSmall(_) => Refusal::NoRoom,
            kind => Refusal::Unsound(kind.text()),
        })?;
        let function = &node.function;
        let descriptor = Descriptor {
            code: function.code.start,
            arg_names: function.arg_names.start,
            positional: function.prelude.n_pos_args.into(),
            keyword_only: function.prelude.n_kwonly_args.into(),
            locals: facts.n_locals.into(),
            depth: facts.max_depth.into(),
            blocks: facts.max_blocks.into(),
            first_child: node.first_child.into(),
            cells: function.cells.len() as u32,
            flags: function.prelude.scope_flags.into(),
        };
        if function.code.len() as u32 >= crate::frame::MAX_CODE {
            return Err(Refusal::Unsound("a function is too large"));
        }
        let words = descriptor.words().ok_or(Refusal::Unsound("a function is too large"))?;
        let first = 1 + usize::from(node.index) * 4;
        table.get_mut(first..first + 4).ok_or(Refusal::NoRoom)?.copy_from_slice(&words);
    }
    Ok(functions as u32)
}

impl Heap {
    /// The bytes of a unit's own file.
    fn file_of_unit(&self, unit: Val<'_>) -> Option<File<'_>> {
        let length = self.int_field(unit, field::COUNT) as usize;
        File::open(self.code_bytes(self.value(unit, field::LOCATION)).get(..length)?).ok()
    }

    fn load_names(&self, unit: Val<'_>, done: &Cell<u32>) -> Result<(), Raised> {
        let Some(file) = self.file_of_unit(unit) else { return Ok(()) };
        let table = self.value(unit, field::QSTRS);
        for (number, entry) in file.qstrs().enumerate().skip(done.get() as usize) {
            let name = u32::from(self.intern(entry.bytes())?);
            let word = self.word(table, number as u32 / 2);
            let word = if number & 1 == 0 { word & 0xffff_0000 | name } else { word & 0xffff | name << 16 };
            self.set_word(table, number as u32 / 2, word);
            done.set(number as u32 + 1);
        }
        Ok(())
    }

    fn load_constants(&self, unit: Val<'_>, done: &Cell<u32>) -> Result<(), Raised> {
        let Some(file) = self.file_of_unit(unit) else { return Ok(()) };
        for (number, view) in file.constants().enumerate().skip(done.get() as usize) {
            let value = self.constant(view)?;
            self.set_field(self.value(unit, field::CONSTANTS), number as u32, value);
            done.set(number as u32 + 1);
        }
        Ok(())
    }
}
