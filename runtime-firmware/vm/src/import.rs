//! `import`: finds a module, runs its code in a frame of its own, and keeps it in `sys.modules`.
//!
//! An import that must run code pushes the frame and lets the instruction be run again afterwards: so `a.b.c` is
//! imported part by part, without native recursion.

use crate::call::Begun;
use crate::class_id;
use crate::frame::{Frame, Kind};
use crate::heap::{Heap, Root};
use crate::layout::Tag;
use crate::names;
use crate::value::*;
use crate::vm::Vm;

/// Longest dotted name of a module, in bytes.
const MAX_NAME: usize = 128;
/// Longest path of a module's file, in bytes.
const MAX_PATH: usize = 256;

/// A short text under construction.
struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    fn new() -> Self {
        Text { bytes: [0; N], length: 0 }
    }

    /// Appends; false if it does not fit.
    fn push(&mut self, part: &[u8]) -> bool {
        let Some(target) = self.bytes.get_mut(self.length..self.length + part.len()) else { return false };
        target.copy_from_slice(part);
        self.length += part.len();
        true
    }

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Where a module was found.
enum Source {
    /// Builtin: its word.
    Rom(u32),
    /// Bytecode: its place is in the slot that was given; so many bytes; a package or not.
    Code(usize, bool),
    /// A folder without `__init__`: a package that has no code of its own.
    Namespace,
}

impl Heap {
    pub(crate) fn imported<'h>(&'h self, name: &[u8]) -> Option<Val<'h>> {
        let modules = self.root(Root::Modules)?;
        let mut position = 0;
        // Names of modules are few; most are known names.
        if let Some(id) = self.find_name(name) {
            return self.dict_get_name(modules, id);
        }
        while let Some((at, key, value)) = self.table_next(modules, position) {
            if self.str_bytes(key) == Some(name) {
                return Some(value);
            }
            position = at + 1;
        }
        None
    }

    fn global_text(&self, frame: &Frame, name: u16) -> Option<&[u8]> {
        let globals = self.function_globals(self.callee(frame));
        self.str_bytes(self.dict_get_name(globals, name)?)
    }
}

impl Vm<'_> {
    /// IMPORT_NAME: `[level][names]` become the module.
    pub(crate) fn import_name(&mut self, frame: &Frame, at: u32, name: u16) -> Result<(), Raised> {
        let (level, wanted) = (self.heap.top_slot(1), self.heap.top_slot(0));
        let level = self.heap.expect_int(self.heap.get(level))?;
        let from = !self.heap.get(wanted).is_none();
        let mut full = Text::<MAX_NAME>::new();
        let fits = if level > 0 {
            self.package_name(frame, level as u32, &mut full)?
                && (self.heap.name_bytes(name).is_empty() || full.length == 0 || full.push(b"."))
                && full.push(self.heap.name_bytes(name))
        } else {
            full.push(self.heap.name_bytes(name))
        };
        if !fits {
            return Err(self.heap.error(class_id::IMPORT_ERROR, "module name is too long"));
        }
        if full.length == 0 {
            return Err(self.heap.value_error("Empty module name"));
        }
        // Each part in turn; one that must run code comes back here.
        let text = full.get();
        let mut end = 0;
        let (first, module) = (self.temp()?, self.temp()?);
        loop {
            let part_start = end;
            end = text.iter().skip(end + 1).position(|byte| *byte == b'.').map_or(text.len(), |dot| end + 1 + dot);
            let prefix = text.get(..end).unwrap_or_default();
            match self.heap.imported(prefix) {
                Some(found) => self.heap.set(module, found),
                None => {
                    self.heap.save_ip(frame, at);
                    let sp = level_slot(first);
                    if self.begin_import(prefix, module, sp)? {
                        return Ok(());
                    }
                    let next = self.next_after(frame, at);
                    self.heap.save_ip(frame, next);
                }
            }
            if part_start == 0 {
                self.heap.set(first, self.heap.get(module));
            }
            if end >= text.len() {
                break;
            }
        }
        let result = if from || level > 0 { module } else { first };
        let word = self.heap.get(result).word();
        self.heap.arena.set_sp(first.0 + 2);
        self.heap.poke_word(0, word);
        Ok(())
    }

    /// The offset behind the IMPORT_… instruction at `at`.
    fn next_after(&self, frame: &Frame, at: u32) -> u32 {
        let heap = &*self.heap;
        let unit = heap.value(heap.callee(frame), 0);
        let code = heap.code_bytes(heap.value(unit, crate::load::field::LOCATION));
        mpy::varint::read_uint(code, at as usize + 1).map_or(at, |(_, next)| next as u32)
    }

    /// The package that a relative import starts from.
    fn package_name(&mut self, frame: &Frame, level: u32, out: &mut Text<MAX_NAME>) -> Result<bool, Raised> {
        let heap = &*self.heap;
        let globals = heap.function_globals(heap.callee(frame));
        let own = heap.global_text(frame, names::NAME).unwrap_or(b"");
        let is_package = heap.dict_get_name(globals, names::PATH).is_some();
        let mut package = own;
        for _ in 0..(level - u32::from(is_package)) {
            match package.iter().rposition(|byte| *byte == b'.') {
                Some(dot) => package = package.get(..dot).unwrap_or_default(),
                None => {
                    return Err(heap.error(class_id::IMPORT_ERROR, "can't perform relative import"));
                }
            }
        }
        Ok(out.push(package))
    }

    /// Finds a module that is not in `sys.modules`. True if a frame for its code was pushed: the frame's result is
    /// dropped, the stack cut to `sp`. Otherwise the module is in `module`.
    fn begin_import(&mut self, name: &[u8], module: Slot, sp: u32) -> Result<bool, Raised> {
        let location = self.temp()?;
        let (length, package) = match self.find_module(name, location)? {
            Some(Source::Rom(word)) => {
                self.heap.arena.stack_store(module.0, word);
                self.register(name, module)?;
                self.pop_temp(location);
                return Ok(false);
            }
            Some(Source::Code(length, package)) => (length, package),
            Some(Source::Namespace) => {
                self.new_module(name, module, true)?;
                self.register(name, module)?;
                self.make(location, |heap| heap.new_str(name))?;
                self.bind_to_package(location)?;
                self.pop_temp(location);
                return Ok(false);
            }
            None => {
                let mut text = crate::message::Message::new();
                text.push(b"no module named '");
                text.push(name);
                text.push(b"'");
                return Err(self.error_with_text(class_id::MODULE_NOT_FOUND_ERROR, text.bytes()));
            }
        };
        let globals = self.new_module(name, module, package)?;
        self.register(name, module)?;
        let unit = self.temp()?;
        let loaded = self.load_unit(location, length, globals, unit);
        if loaded.is_err() {
            self.forget(name);
            return Err(Raised);
        }
        // [name][function] above the importing frame's operands.
        let key = self.temp()?;
        self.make(key, |heap| heap.new_str(name))?;
        let function = self.temp()?;
        self.make(function, |heap| heap.new_function(heap.get(unit), 0))?;
        let (key, function) = (self.heap.get(key).word(), self.heap.get(function).word());
        self.heap.arena.set_sp(sp - 2);
        self.heap.poke_word(1, key);
        self.heap.poke_word(0, function);
        match self.begin_call(sp - 2, 0, 0, Kind::Import, false) {
            Ok(Begun::Frame) => Ok(true),
            Ok(Begun::Value(_)) => Err(self.heap.type_error("a module's code must not yield")),
            Err(raised) => {
                self.forget(name);
                Err(raised)
            }
        }
    }

    /// Makes a module that was just loaded an attribute of its package; `name` is its full name.
    pub(crate) fn bind_to_package(&mut self, name: Slot) -> Result<(), Raised> {
        self.retry(|heap| {
            let full = heap.str_bytes(heap.get(name)).unwrap_or(b"");
            let Some(dot) = full.iter().rposition(|byte| *byte == b'.') else { return Ok(()) };
            let (package, own) = (full.get(..dot).unwrap_or_default(), full.get(dot + 1..).unwrap_or_default());
            let id = heap.intern(own)?;
            match (heap.imported(package), heap.imported(full)) {
                (Some(package), Some(module)) if heap.is(package, Tag::Module) => {
                    heap.dict_set_name(heap.value(package, 1), id, module)
                }
                _ => Ok(()),
            }
        })
    }

    fn forget(&mut self, name: &[u8]) {
        let cause = self.heap.cause.get();
        if let (Some(modules), Some(id)) = (self.heap.root(Root::Modules), self.heap.find_name(name)) {
            let _ = self.heap.table_remove(modules, Val::name(id));
        }
        self.heap.cause.set(cause);
    }

    /// `sys.modules`.
    pub fn modules(&mut self, out: Slot) -> Result<(), Raised> {
        self.make(out, |heap| match heap.root(Root::Modules) {
            Some(modules) => Ok(modules),
            None => {
                let modules = heap.new_dict(0)?;
                heap.set_root(Root::Modules, Some(modules));
                Ok(modules)
            }
        })
    }

    fn register(&mut self, name: &[u8], module: Slot) -> Result<(), Raised> {
        let modules = self.temp()?;
        self.modules(modules)?;
        self.retry(|heap| {
            let id = heap.intern(name)?;
            heap.dict_set_name(heap.get(modules), id, heap.get(module))
        })?;
        self.pop_temp(modules);
        Ok(())
    }

    /// A module object with `__name__` (and `__path__` for packages) in `module`; its namespace's slot.
    pub(crate) fn new_module(&mut self, name: &[u8], module: Slot, package: bool) -> Result<Slot, Raised> {
        let globals = self.temp()?;
        self.make(globals, |heap| heap.new_dict(4))?;
        self.retry(|heap| {
            let id = heap.intern(name)?;
            let dict = heap.get(globals);
            heap.dict_set_name(dict, names::NAME, Val::name(id))?;
            if package {
                heap.dict_set_name(dict, names::PATH, Val::name(id))?;
            }
            Ok(())
        })?;
        self.make(module, |heap| {
            let object = heap.alloc(Tag::Module, 2)?;
            let id = heap.intern(name)?;
            heap.set_field(object, 0, Val::name(id));
            heap.set_field(object, 1, heap.get(globals));
            Ok(object)
        })?;
        Ok(globals)
    }

    fn find_module(&mut self, name: &[u8], location: Slot) -> Result<Option<Source>, Raised> {
        // What the host sent for this run comes first.
        let heap = &*self.heap;
        let mut namespace = false;
        if let Some(preloaded) = heap.root(Root::Preloaded) {
            for (suffix, package) in [(&b""[..], false), (&b".__init__"[..], true)] {
                let mut position = 0;
                while let Some((at, key, code)) = heap.table_next(preloaded, position) {
                    let text = heap.str_bytes(key).unwrap_or(b"");
                    namespace |= text.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"."));
                    if text.strip_prefix(name) == Some(suffix) {
                        let length = heap.word(code, 0) as usize;
                        heap.set(location, code);
                        return Ok(Some(Source::Code(length, package)));
                    }
                    position = at + 1;
                }
            }
        }
        // MicroPython's old names of its modules begin with a `u`.
        for name in [name, name.strip_prefix(b"u").unwrap_or(name)] {
            if let Some(id) = heap.rom.find(name)
                && let Some(module) = heap.rom.module(id)
            {
                return Ok(Some(Source::Rom(rom_word(RomKind::Module, module))));
            }
            if let Some(frozen) = heap.rom.frozen.iter().find(|frozen| frozen.name.as_bytes() == name) {
                let Some(place) = heap.flash_location(frozen.mpy) else {
                    return Err(heap.error(class_id::MEMORY_ERROR, "too many flash regions"));
                };
                let word = place.word();
                heap.arena.stack_store(location.0, word);
                return Ok(Some(Source::Code(frozen.mpy.len(), false)));
            }
        }
        match self.find_file(name, location)? {
            None if namespace => Ok(Some(Source::Namespace)),
            found => Ok(found),
        }
    }

    fn find_file(&mut self, name: &[u8], location: Slot) -> Result<Option<Source>, Raised> {
        let entries = self.heap.search_path_len();
        let mut namespace = false;
        for entry in 0..entries {
            for (suffix, package) in [(&b"/__init__.mpy"[..], true), (&b".mpy"[..], false), (&b""[..], true)] {
                let mut path = Text::<MAX_PATH>::new();
                let fits = self.heap.search_path(entry, |directory| {
                    path.push(directory) && (directory.ends_with(b"/") || path.push(b"/"))
                });
                let fits = fits
                    && name
                        .split(|byte| *byte == b'.')
                        .enumerate()
                        .all(|(index, part)| (index == 0 || path.push(b"/")) && path.push(part))
                    && path.push(suffix);
                let Ok(path) = core::str::from_utf8(path.get()) else { continue };
                if !fits {
                    continue;
                }
                let Ok(stat) = self.system.files().stat(path) else { continue };
                if stat.kind != hal::EntryKind::File {
                    namespace |= suffix.is_empty();
                    continue;
                }
                if suffix.is_empty() {
                    continue;
                }
                let length = self.read_code(path, stat.size, location)?;
                return Ok(Some(Source::Code(length, package)));
            }
        }
        Ok(namespace.then_some(Source::Namespace))
    }

    /// Makes a file's bytes usable as code: in place where it is mapped, else copied into the heap.
    fn read_code(&mut self, path: &str, size: u32, location: Slot) -> Result<usize, Raised> {
        if let Some(bytes) = self.system.files().map(path) {
            let Some(place) = self.heap.flash_location(bytes) else {
                return Err(self.heap.error(class_id::MEMORY_ERROR, "too many flash regions"));
            };
            let word = place.word();
            self.heap.arena.stack_store(location.0, word);
            return Ok(bytes.len());
        }
        let mode = hal::OpenMode { read: true, ..hal::OpenMode::default() };
        let file = self.system.files().open(path, mode).map_err(|error| self.heap.os_error(error))?;
        let read = self.read_file(file, size as usize);
        let closed = self.system.files().close(file);
        read?;
        closed.map_err(|error| self.heap.os_error(error))?;
        if let Some(code) = self.heap.root(Root::Incoming) {
            let word = code.word();
            self.heap.arena.stack_store(location.0, word);
        }
        self.heap.set_root(Root::Incoming, None);
        Ok(size as usize)
    }

    fn read_file(&mut self, file: hal::FileId, size: usize) -> Result<(), Raised> {
        self.new_code(size)?;
        let mut offset = 0;
        let mut buffer = [0; 128];
        while offset < size {
            let got = self.system.files().read(file, &mut buffer).map_err(|error| self.heap.os_error(error))?;
            let part = buffer.get(..got.min(size - offset)).unwrap_or_default();
            if part.is_empty() || !self.write_code(offset, part) {
                return Err(self.heap.os_error(hal::Error::Io));
            }
            offset += part.len();
        }
        Ok(())
    }

    /// IMPORT_FROM: pushes an attribute of the module on top, or a submodule of the package.
    pub(crate) fn import_from(&mut self, name: u16) -> Result<(), Raised> {
        use crate::attribute::Found;
        let module = self.heap.top_slot(0);
        let found = self.retry(|heap| {
            Ok(match heap.find_attribute(heap.get(module), name)? {
                Found::Value(value) => Some(value.word()),
                _ => None,
            })
        })?;
        if let Some(word) = found {
            self.heap.push_word(word);
            return Ok(());
        }
        // Values that a function computes (`sys.path`), or a module's `__getattr__`.
        let out = self.temp()?;
        if self.get_attribute(module, name, out)? {
            return Ok(());
        }
        self.pop_temp(out);
        // A submodule that nobody has imported yet.
        let heap = &*self.heap;
        let value = heap.get(module);
        let mut full = Text::<MAX_NAME>::new();
        let mut is_package = false;
        if heap.is(value, Tag::Module) {
            let dict = heap.value(value, 1);
            is_package = heap.dict_get_name(dict, names::PATH).is_some();
            let own = heap.dict_get_name(dict, names::NAME).and_then(|name| heap.str_bytes(name)).unwrap_or(b"");
            is_package &= full.push(own) && full.push(b".") && full.push(heap.name_bytes(name));
        }
        if is_package && let Some(frame) = self.heap.frame() {
            let next = self.heap.saved_ip(&frame);
            let at = self.instruction_before(&frame, next);
            let sub = self.temp()?;
            if let Some(found) = self.heap.imported(full.get()) {
                self.heap.set(sub, found);
                return Ok(());
            }
            let location = self.temp()?;
            let exists = self.find_module(full.get(), location)?.is_some();
            self.pop_temp(location);
            if exists {
                self.heap.save_ip(&frame, at);
                let sp = sub.0 + 1;
                if self.begin_import(full.get(), sub, sp)? {
                    return Ok(());
                }
                self.heap.save_ip(&frame, next);
                return Ok(());
            }
            self.pop_temp(sub);
        }
        let heap = &*self.heap;
        let own = heap.find_attribute(heap.get(module), names::NAME);
        let own = if let Ok(Found::Value(text)) = own { text } else { Val::NONE };
        let template = "cannot import name '{}' from '{}'";
        Err(heap.error_about(class_id::IMPORT_ERROR, template, Val::name(name), own))
    }

    /// The start of the IMPORT_FROM that ends before `next`.
    fn instruction_before(&self, frame: &Frame, next: u32) -> u32 {
        let heap = &*self.heap;
        let unit = heap.value(heap.callee(frame), 0);
        let code = heap.code_bytes(heap.value(unit, crate::load::field::LOCATION));
        for length in 2..=4 {
            let at = next.saturating_sub(length);
            let starts = code.get(at as usize) == Some(&(mpy::Opcode::ImportFrom as u8));
            if starts && mpy::varint::read_uint(code, at as usize + 1).is_ok_and(|(_, end)| end as u32 == next) {
                return at;
            }
        }
        next
    }

    /// IMPORT_STAR: all public names of the module on top.
    pub(crate) fn import_star(&mut self, frame: &Frame) -> Result<(), Raised> {
        let module = self.heap.top_slot(0);
        self.retry(|heap| {
            let globals = heap.function_globals(heap.callee(frame));
            let value = heap.get(module);
            if let Some((RomKind::Module, number)) = rom_of(value.word()) {
                let Some(row) = heap.rom.modules.get(number as usize) else { return Ok(()) };
                for member in row.first..row.first + row.count {
                    let Some(entry) = heap.member(member) else { continue };
                    if !heap.name_bytes(entry.name).starts_with(b"_") {
                        heap.dict_set_name(globals, entry.name, heap.member_value(member)?)?;
                    }
                }
                return Ok(());
            }
            if !heap.is(value, Tag::Module) {
                return Ok(());
            }
            let dict = heap.value(value, 1);
            if let Some(all) = heap.dict_get_name(dict, names::ALL) {
                heap.each(all, |name| {
                    let id = heap.name_of_str(name)?;
                    match heap.dict_get_name(dict, id) {
                        Some(found) => heap.dict_set_name(globals, id, found),
                        None => {
                            let template = "module has no attribute '{}'";
                            Err(heap.error_about(class_id::ATTRIBUTE_ERROR, template, name, Val::NONE))
                        }
                    }
                })?;
                return Ok(());
            }
            let mut position = 0;
            while let Some((at, key, found)) = heap.table_next(dict, position) {
                if heap.str_bytes(key).is_some_and(|text| !text.starts_with(b"_")) {
                    heap.table_set(globals, key, found)?;
                }
                position = at + 1;
            }
            Ok(())
        })?;
        self.heap.drop_operands(1);
        Ok(())
    }
}

/// Where the stack is cut for an imported module's frame: right below the importing instruction's operands.
fn level_slot(first: Slot) -> u32 {
    first.0 + 1
}

impl Heap {
    /// Number of places to search for modules: `sys.path`, or the default.
    fn search_path_len(&self) -> u32 {
        match self.path_list() {
            Some(list) => self.list_len(list),
            None => DEFAULT_PATH.len() as u32,
        }
    }

    fn search_path(&self, entry: u32, visit: impl FnOnce(&[u8]) -> bool) -> bool {
        let text = match self.path_list() {
            Some(list) => self.list_get(list, entry).and_then(|text| self.str_bytes(text)),
            None => DEFAULT_PATH.get(entry as usize).map(|text| text.as_bytes()),
        };
        text.is_some_and(visit)
    }

    /// The list that `sys.path` has become, once a program has looked at it.
    fn path_list(&self) -> Option<Val<'_>> {
        let state = self.root(Root::State)?;
        let found = self.dict_get_name(state, names::SYS_PATH)?;
        self.is_list(found).then_some(found)
    }
}

/// `sys.path` at the start.
pub const DEFAULT_PATH: [&str; 4] = ["", "/lib", "/app", "/app/lib"];
