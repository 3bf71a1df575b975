//! Bytes that arrive in pieces, and the standard streams of the program.

use core::cell::Cell;
use hal::Input;
use vm::{Heap, Raised, Slot, Val, Vm, class_id};

/// How long one wait for input lasts, in microseconds; input and interrupts end it earlier.
const INPUT_WAIT_US: u64 = 100_000;

/// Bytes that are collected in a bytearray in a slot, so that they survive collections between two pieces. The
/// bytearray is larger than what was collected.
pub(crate) struct Gather {
    pub(crate) slot: Slot,
    pub(crate) length: u32,
}

impl Gather {
    /// Begins; the bytearray goes to `slot`.
    pub(crate) fn new(vm: &mut Vm<'_>, slot: Slot, capacity: u32) -> Result<Gather, Raised> {
        vm.make(slot, |heap| heap.new_bytearray(capacity))?;
        Ok(Gather { slot, length: 0 })
    }

    /// Appends bytes that are not in the heap.
    pub(crate) fn push(&mut self, vm: &mut Vm<'_>, bytes: &[u8]) -> Result<(), Raised> {
        let needed = self.length as usize + bytes.len();
        let capacity = vm.heap.bytearray_cells(vm.heap.get(self.slot)).map_or(0, <[_]>::len);
        if needed > capacity {
            let wanted = u32::try_from(needed.max(capacity * 2)).unwrap_or(u32::MAX);
            let (slot, length) = (self.slot, self.length as usize);
            vm.make(slot, |heap| {
                let larger = heap.new_bytearray(wanted)?;
                let (to, from) = (heap.bytearray_cells(larger), heap.bytearray_cells(heap.get(slot)));
                for (to, from) in to.unwrap_or(&[]).iter().zip(from.unwrap_or(&[])).take(length) {
                    to.set(from.get());
                }
                Ok(larger)
            })?;
        }
        let cells = vm.heap.bytearray_cells(vm.heap.get(self.slot)).unwrap_or(&[]);
        for (cell, byte) in cells.iter().skip(self.length as usize).zip(bytes) {
            cell.set(*byte);
        }
        self.length = needed as u32;
        Ok(())
    }

    /// What was collected, as a str or as bytes, in `out`.
    pub(crate) fn finish(&self, vm: &mut Vm<'_>, text: bool, out: Slot) -> Result<(), Raised> {
        let (slot, length) = (self.slot, self.length as usize);
        vm.make(out, |heap| {
            let cells = heap.bytearray_cells(heap.get(slot)).unwrap_or(&[]);
            let cells = cells.get(..length).unwrap_or(cells);
            if text { text_of(heap, cells) } else { bytes_of(heap, cells) }
        })
    }
}

/// A str of bytes; bytes that are no UTF-8 raise UnicodeError.
pub(crate) fn text_of<'h>(heap: &'h Heap, cells: &[Cell<u8>]) -> Result<Val<'h>, Raised> {
    let text = heap.new_str_with(cells.len(), |fill| cells.iter().for_each(|cell| fill.push(&[cell.get()])))?;
    match heap.str_bytes(text).map(core::str::from_utf8) {
        Some(Ok(_)) => Ok(text),
        _ => Err(heap.error(class_id::UNICODE_ERROR, "invalid UTF-8 in text")),
    }
}

/// Bytes of bytes.
pub(crate) fn bytes_of<'h>(heap: &'h Heap, cells: &[Cell<u8>]) -> Result<Val<'h>, Raised> {
    heap.new_bytes_with(cells.len(), |fill| cells.iter().for_each(|cell| fill.push(&[cell.get()])))
}

/// Takes up to `buffer.len()` bytes of standard input, waiting for the first; 0 at its end. Ctrl-C raises
/// KeyboardInterrupt, and pin handlers run, while it waits.
pub(crate) fn read_some(vm: &mut Vm<'_>, buffer: &mut [u8]) -> Result<usize, Raised> {
    let mut waited = true;
    loop {
        match vm.system.stdin(buffer) {
            Input::Bytes(count) => return Ok(count.min(buffer.len())),
            Input::End => return Ok(0),
            // Attending to events may take in what came meanwhile: look once more before waiting for more.
            Input::Empty if waited => {
                vm.attend()?;
                waited = false;
            }
            Input::Empty => {
                let deadline = vm.system.clock().now_us().saturating_add(INPUT_WAIT_US);
                vm.system.wait_until(deadline);
                waited = true;
            }
        }
    }
}

/// Reads a line of standard input, its end included, of at most `limit` bytes. The bytes go to a bytearray in
/// `out`; the result is how many. 0: there is no more.
pub(crate) fn read_line(vm: &mut Vm<'_>, out: Slot, limit: u32) -> Result<u32, Raised> {
    let mut gathered = Gather::new(vm, out, 64)?;
    let mut piece = [0; 64];
    loop {
        // One byte at a time: nothing behind the line may be taken.
        let mut length = 0;
        while length < piece.len() && gathered.length + (length as u32) < limit {
            let mut byte = [0];
            if read_some(vm, &mut byte)? == 0 {
                gathered.push(vm, piece.get(..length).unwrap_or(&[]))?;
                return Ok(gathered.length);
            }
            if let Some(place) = piece.get_mut(length) {
                *place = byte[0];
            }
            length += 1;
            if byte[0] == b'\n' {
                gathered.push(vm, piece.get(..length).unwrap_or(&[]))?;
                return Ok(gathered.length);
            }
        }
        gathered.push(vm, piece.get(..length).unwrap_or(&[]))?;
        if gathered.length >= limit {
            return Ok(gathered.length);
        }
    }
}
