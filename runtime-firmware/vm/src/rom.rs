//! The tables in flash: builtin types, modules, functions and names. A row names its string in place; this file
//! numbers all names at build time, so that flash holds each string once and a lookup compares numbers.
//!
//! To add a builtin or a method: one function, and one row in the table of its module or type.

use crate::names::{self, FIRST_FIXED, FIRST_TABLE, FIXED, hash_bytes};
use crate::value::{Raised, Ret, Val};
use crate::{Args, Heap, Vm};

/// A native function that neither collects nor runs Python. When memory runs out the dispatcher collects and
/// runs it once more: so it must allocate before its first write.
pub type Leaf = for<'h> fn(&'h Heap, Args) -> Result<Val<'h>, Raised>;
/// Any other native function: takes and leaves values in slots.
pub type General = fn(&mut Vm<'_>, Args) -> Result<Ret, Raised>;

/// What a row of a table holds.
#[derive(Clone, Copy)]
pub enum Member {
    /// A function, or a method of instances; positional arguments (self included), at least and at most.
    Leaf(Leaf, u8, u8),
    /// The same, general.
    General(General, u8, u8),
    /// A function that takes keyword arguments too and checks all arguments itself.
    Keywords(General),
    /// A function kept in a type without binding: `bytes.fromhex` on the class or an instance alike.
    Static(General, u8, u8),
    /// A function kept in a type that gets the class first: `dict.fromkeys`.
    Class(General, u8, u8),
    /// A read-only attribute computed from the instance.
    Getter(Leaf),
    /// A small integer.
    Int(i32),
    /// A float.
    Float(f64),
    /// A string.
    Str(&'static str),
    /// A builtin type, by class id.
    Type(u16),
    /// `None`, `True`, `False`, `Ellipsis`, `NotImplemented`.
    Value(Val<'static>),
    /// Kept in the program's own state, made at first use: `sys.path`, `sys.modules`.
    Computed(General),
}

/// A row: the name and what it stands for.
#[derive(Clone, Copy)]
pub struct Row(pub &'static str, pub Member);

/// A builtin type.
#[derive(Clone, Copy)]
pub struct TypeDef {
    /// Class id, see [`crate::class_id`].
    pub id: u16,
    /// `__name__`.
    pub name: &'static str,
    /// Class id of the base; `object`'s is its own.
    pub base: u16,
    /// Its attributes.
    pub members: &'static [Row],
}

/// A builtin module.
#[derive(Clone, Copy)]
pub struct ModuleDef {
    /// Its name.
    pub name: &'static str,
    /// Its attributes.
    pub members: &'static [Row],
}

/// A member in flash.
#[derive(Clone, Copy)]
pub struct MemberRow {
    pub(crate) name: u16,
    /// For strings: the number of the text.
    pub(crate) text: u16,
    pub(crate) member: Member,
}

/// A type in flash: its members are rows `first .. first + count`.
#[derive(Clone, Copy)]
pub struct TypeRow {
    pub(crate) name: u16,
    pub(crate) base: u16,
    pub(crate) first: u16,
    pub(crate) count: u16,
}

/// A module in flash.
#[derive(Clone, Copy)]
pub struct ModuleRow {
    pub(crate) name: u16,
    pub(crate) first: u16,
    pub(crate) count: u16,
}

/// A frozen module: Python compiled when the executor was built.
pub struct Frozen {
    /// Its name.
    pub name: &'static str,
    /// The .mpy file.
    pub mpy: &'static [u8],
}

/// All tables of an executor, made by [`crate::rom!`].
pub struct Rom {
    /// Strings of the names from 128 on.
    pub names: &'static [&'static str],
    /// Their hashes.
    pub hashes: &'static [u16],
    /// Numbers (from 0) sorted by text.
    pub order: &'static [u16],
    /// By class id; ids that no type has name the empty string.
    pub types: &'static [TypeRow],
    /// Sorted by name as given.
    pub modules: &'static [ModuleRow],
    /// All members of all types and modules.
    pub members: &'static [MemberRow],
    /// Python modules in flash.
    pub frozen: &'static [Frozen],
}

/// Builds the tables of an executor from the tables of its types and modules, at build time.
#[macro_export]
macro_rules! rom {
    ($types:expr, $modules:expr, $frozen:expr) => {{
        const TYPES: &[&[$crate::TypeDef]] = $types;
        const MODULES: &[$crate::ModuleDef] = $modules;
        const NAME_COUNT: usize = $crate::build::count_names(TYPES, MODULES);
        static NAMES: [&str; NAME_COUNT] = $crate::build::names(TYPES, MODULES);
        static HASHES: [u16; NAME_COUNT] = $crate::build::hashes(&$crate::build::names::<NAME_COUNT>(TYPES, MODULES));
        static ORDER: [u16; NAME_COUNT] = $crate::build::order(&$crate::build::names::<NAME_COUNT>(TYPES, MODULES));
        const TABLES: (
            [$crate::TypeRow; $crate::build::type_count(TYPES)],
            [$crate::ModuleRow; MODULES.len()],
            [$crate::MemberRow; $crate::build::member_count(TYPES, MODULES)],
        ) = $crate::build::tables(
            TYPES,
            MODULES,
            &$crate::build::names::<NAME_COUNT>(TYPES, MODULES),
            &$crate::build::order(&$crate::build::names::<NAME_COUNT>(TYPES, MODULES)),
        );
        static TYPE_ROWS: [$crate::TypeRow; $crate::build::type_count(TYPES)] = TABLES.0;
        static MODULE_ROWS: [$crate::ModuleRow; MODULES.len()] = TABLES.1;
        static MEMBER_ROWS: [$crate::MemberRow; $crate::build::member_count(TYPES, MODULES)] = TABLES.2;
        $crate::Rom {
            names: &NAMES,
            hashes: &HASHES,
            order: &ORDER,
            types: &TYPE_ROWS,
            modules: &MODULE_ROWS,
            members: &MEMBER_ROWS,
            frozen: $frozen,
        }
    }};
}

/// Build-time functions behind [`crate::rom!`]. They run in the compiler only.
pub mod build {
    use super::*;

    /// Longest list of distinct names.
    const LIMIT: usize = 4096;

    const fn less(a: &str, b: &str) -> bool {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        let mut index = 0;
        while index < a.len() && index < b.len() {
            if a[index] != b[index] {
                return a[index] < b[index];
            }
            index += 1;
        }
        a.len() < b.len()
    }

    const fn same(a: &str, b: &str) -> bool {
        !less(a, b) && !less(b, a)
    }

    /// Distinct names in order of first appearance (from the fixed ones on), with a sorted index for lookups.
    struct Collected {
        names: [&'static str; LIMIT],
        sorted: [u16; LIMIT],
        count: usize,
    }

    impl Collected {
        /// Position in `sorted` where `name` is or belongs.
        const fn position(&self, name: &str) -> usize {
            let (mut low, mut high) = (0, self.count);
            while low < high {
                let middle = (low + high) / 2;
                if less(self.names[self.sorted[middle] as usize], name) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        }

        const fn add(&mut self, name: &'static str) {
            if name.len() == 1 && name.as_bytes()[0] < 128 {
                return;
            }
            let position = self.position(name);
            if position < self.count && same(self.names[self.sorted[position] as usize], name) {
                return;
            }
            let mut index = self.count;
            while index > position {
                self.sorted[index] = self.sorted[index - 1];
                index -= 1;
            }
            self.sorted[position] = self.count as u16;
            self.names[self.count] = name;
            self.count += 1;
        }

        const fn add_rows(&mut self, rows: &[Row]) {
            let mut index = 0;
            while index < rows.len() {
                self.add(rows[index].0);
                if let Member::Str(text) = rows[index].1 {
                    self.add(text);
                }
                index += 1;
            }
        }
    }

    const fn collect(types: &[&[TypeDef]], modules: &[ModuleDef]) -> Collected {
        let mut all = Collected { names: [""; LIMIT], sorted: [0; LIMIT], count: 0 };
        let mut index = 0;
        while index < FIXED.len() {
            all.add(FIXED[index]);
            index += 1;
        }
        assert!(all.count == FIXED.len(), "a fixed name is listed twice");
        let mut group = 0;
        while group < types.len() {
            index = 0;
            while index < types[group].len() {
                all.add(types[group][index].name);
                all.add_rows(types[group][index].members);
                index += 1;
            }
            group += 1;
        }
        index = 0;
        while index < modules.len() {
            all.add(modules[index].name);
            all.add_rows(modules[index].members);
            index += 1;
        }
        all
    }

    /// Number of names in all.
    pub const fn count_names(types: &[&[TypeDef]], modules: &[ModuleDef]) -> usize {
        collect(types, modules).count
    }

    /// The names, fixed ones first.
    pub const fn names<const N: usize>(types: &[&[TypeDef]], modules: &[ModuleDef]) -> [&'static str; N] {
        let all = collect(types, modules);
        let mut names = [""; N];
        let mut index = 0;
        while index < N {
            names[index] = all.names[index];
            index += 1;
        }
        names
    }

    /// Their hashes.
    pub const fn hashes<const N: usize>(names: &[&str; N]) -> [u16; N] {
        let mut hashes = [0; N];
        let mut index = 0;
        while index < N {
            hashes[index] = hash_bytes(names[index].as_bytes());
            index += 1;
        }
        hashes
    }

    /// Their order by text.
    pub const fn order<const N: usize>(names: &[&'static str; N]) -> [u16; N] {
        let mut all = Collected { names: [""; LIMIT], sorted: [0; LIMIT], count: 0 };
        let mut index = 0;
        while index < N {
            all.add(names[index]);
            index += 1;
        }
        let mut order = [0; N];
        index = 0;
        while index < N {
            order[index] = all.sorted[index];
            index += 1;
        }
        order
    }

    /// One more than the largest class id.
    pub const fn type_count(types: &[&[TypeDef]]) -> usize {
        let (mut largest, mut group) = (0, 0);
        while group < types.len() {
            let mut index = 0;
            while index < types[group].len() {
                if types[group][index].id as usize > largest {
                    largest = types[group][index].id as usize;
                }
                index += 1;
            }
            group += 1;
        }
        largest + 1
    }

    /// Number of rows in all.
    pub const fn member_count(types: &[&[TypeDef]], modules: &[ModuleDef]) -> usize {
        let (mut count, mut group) = (0, 0);
        while group < types.len() {
            let mut index = 0;
            while index < types[group].len() {
                count += types[group][index].members.len();
                index += 1;
            }
            group += 1;
        }
        let mut index = 0;
        while index < modules.len() {
            count += modules[index].members.len();
            index += 1;
        }
        count
    }

    const fn number<const N: usize>(names: &[&str; N], order: &[u16; N], name: &str) -> u16 {
        if name.len() == 1 && name.as_bytes()[0] < 128 {
            return name.as_bytes()[0] as u16;
        }
        let (mut low, mut high) = (0, N);
        while low < high {
            let middle = (low + high) / 2;
            if less(names[order[middle] as usize], name) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        FIRST_FIXED + order[low]
    }

    /// The rows, with names by number.
    pub const fn tables<const T: usize, const M: usize, const R: usize, const N: usize>(
        types: &[&[TypeDef]],
        modules: &[ModuleDef],
        names: &[&'static str; N],
        order: &[u16; N],
    ) -> ([TypeRow; T], [ModuleRow; M], [MemberRow; R]) {
        let mut type_rows = [TypeRow { name: names::EMPTY, base: 0, first: 0, count: 0 }; T];
        let mut module_rows = [ModuleRow { name: names::EMPTY, first: 0, count: 0 }; M];
        let mut rows = [MemberRow { name: names::EMPTY, text: 0, member: Member::Int(0) }; R];
        let (mut next, mut group) = (0, 0);
        while group < types.len() {
            let mut index = 0;
            while index < types[group].len() {
                let def = types[group][index];
                assert!(type_rows[def.id as usize].name == names::EMPTY, "two types have one class id");
                let first = next;
                next = add_rows(def.members, names, order, &mut rows, next);
                type_rows[def.id as usize] = TypeRow {
                    name: number(names, order, def.name),
                    base: def.base,
                    first: first as u16,
                    count: (next - first) as u16,
                };
                index += 1;
            }
            group += 1;
        }
        let mut index = 0;
        while index < M {
            let first = next;
            next = add_rows(modules[index].members, names, order, &mut rows, next);
            module_rows[index] = ModuleRow {
                name: number(names, order, modules[index].name),
                first: first as u16,
                count: (next - first) as u16,
            };
            index += 1;
        }
        (type_rows, module_rows, rows)
    }

    const fn add_rows<const R: usize, const N: usize>(
        members: &[Row],
        names: &[&'static str; N],
        order: &[u16; N],
        rows: &mut [MemberRow; R],
        mut next: usize,
    ) -> usize {
        let mut index = 0;
        while index < members.len() {
            let Row(name, member) = members[index];
            let text = if let Member::Str(text) = member { number(names, order, text) } else { 0 };
            rows[next] = MemberRow { name: number(names, order, name), text, member };
            next += 1;
            index += 1;
        }
        next
    }
}

impl Rom {
    /// The text of a ROM name, if `id` is one.
    pub(crate) fn text(&self, id: u16) -> Option<&'static [u8]> {
        if id < FIRST_FIXED {
            return Some(names::ascii(id));
        }
        self.names.get((id - FIRST_FIXED) as usize).map(|name| name.as_bytes())
    }

    /// The hash of a ROM name.
    pub(crate) fn hash(&self, id: u16) -> u16 {
        if id < FIRST_FIXED {
            return hash_bytes(names::ascii(id));
        }
        self.hashes.get((id - FIRST_FIXED) as usize).copied().unwrap_or(0)
    }

    /// The number of `text`, if it is a ROM name.
    pub(crate) fn find(&self, text: &[u8]) -> Option<u16> {
        if let [byte @ 0..128] = text {
            return Some(*byte as u16);
        }
        let at = |index: &u16| self.names.get(*index as usize).map_or(&b""[..], |name| name.as_bytes());
        let found = self.order.binary_search_by(|index| at(index).cmp(text)).ok()?;
        Some(FIRST_FIXED + self.order[found])
    }

    /// First number that is free for names in RAM.
    pub(crate) fn name_end(&self) -> u16 {
        FIRST_FIXED + self.names.len() as u16
    }

    /// A member of a builtin type (not of its bases): its row number.
    pub(crate) fn type_member(&self, class: u16, name: u16) -> Option<u16> {
        let row = self.types.get(class as usize)?;
        self.member(row.first, row.count, name)
    }

    /// A member of a builtin module: its row number.
    pub(crate) fn module_member(&self, module: u16, name: u16) -> Option<u16> {
        let row = self.modules.get(module as usize)?;
        self.member(row.first, row.count, name)
    }

    fn member(&self, first: u16, count: u16, name: u16) -> Option<u16> {
        let rows = self.members.get(first as usize..first as usize + count as usize)?;
        rows.iter().position(|row| row.name == name).map(|index| first + index as u16)
    }

    /// True for a row of a module: a function that does not become a method when a class holds it.
    pub(crate) fn is_module_row(&self, row: u16) -> bool {
        self.modules.first().is_some_and(|module| row >= module.first)
    }

    /// The number of a builtin module.
    pub(crate) fn module(&self, name: u16) -> Option<u16> {
        self.modules.iter().position(|row| row.name == name).map(|index| index as u16)
    }
}

const _: () = assert!(FIRST_TABLE < 1024);
