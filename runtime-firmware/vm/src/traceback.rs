//! Printing an exception: its traceback, its text, and the exceptions it came from.

use crate::layout::Tag;
use crate::message::Message;
use crate::value::*;
use crate::vm::Vm;

/// Longest chain of causes that is printed.
const MAX_CHAIN: usize = 8;

impl Vm<'_> {
    /// Prints an exception to the system's stderr as CPython does.
    pub fn print_exception(&mut self, exception: Slot) {
        // The chain, innermost cause first.
        let Ok(link) = self.temp() else { return };
        let mut length = 0;
        self.heap.set(link, self.heap.get(exception));
        while let Some(next) = self.chained(link)
            && length < MAX_CHAIN
        {
            self.heap.arena.stack_store(link.0, next);
            length += 1;
        }
        for depth in (0..=length).rev() {
            self.heap.set(link, self.heap.get(exception));
            for _ in 0..depth {
                if let Some(next) = self.chained(link) {
                    self.heap.arena.stack_store(link.0, next);
                }
            }
            self.print_one(link);
            if depth > 0 {
                // The next one out says how it came about.
                self.heap.set(link, self.heap.get(exception));
                for _ in 0..depth - 1 {
                    if let Some(next) = self.chained(link) {
                        self.heap.arena.stack_store(link.0, next);
                    }
                }
                let heap = &*self.heap;
                let explicit = heap.flags(heap.get(link)) & 1 != 0;
                self.system.stderr(if explicit {
                    b"\nThe above exception was the direct cause of the following exception:\n\n"
                } else {
                    b"\nDuring handling of the above exception, another exception occurred:\n\n"
                });
            }
        }
        self.pop_temp(link);
    }

    fn chained(&self, link: Slot) -> Option<u32> {
        let heap = &*self.heap;
        let exception = heap.get(link);
        if !heap.is(exception, Tag::Exception) {
            return None;
        }
        let next = heap.field(exception, 3)?;
        heap.is(next, Tag::Exception).then(|| next.word())
    }

    fn print_one(&mut self, exception: Slot) {
        let heap = &*self.heap;
        let value = heap.get(exception);
        if !heap.is(value, Tag::Exception) {
            return;
        }
        if let Some(list) = heap.field(value, 2)
            && heap.is_list(list)
        {
            self.system.stderr(b"Traceback (most recent call last):\n");
            let mut index = heap.list_len(list) & !1;
            while index >= 2 {
                index -= 2;
                let (Some(function), Some(place)) = (heap.list_get(list, index), heap.list_get(list, index + 1)) else {
                    continue;
                };
                if !heap.is(function, Tag::Function) {
                    continue;
                }
                let (file, line) = heap.source_line(function, place.small_int().unwrap_or(0) as u32);
                let mut text = Message::new();
                text.push(b"  File \"");
                text.push(heap.name_bytes(file));
                text.push(b"\", line ");
                text.number(line);
                text.push(b", in ");
                text.push(heap.name_bytes(heap.function_name(function)));
                text.push(b"\n");
                self.system.stderr(text.bytes());
            }
        }
        let class = self.heap.class_of(self.heap.get(exception));
        self.system.stderr(self.heap.class_name(class));
        let Ok(text) = self.temp() else { return };
        if self.str(exception, text).is_ok() {
            let bytes = self.heap.str_bytes(self.heap.get(text)).unwrap_or(b"");
            if !bytes.is_empty() {
                self.system.stderr(b": ");
                self.system.stderr(bytes);
            }
        }
        self.system.stderr(b"\n");
        self.pop_temp(text);
    }
}
