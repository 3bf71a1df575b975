//! A program and the local modules that it imports, directly or not: what `upy run` sends along.
//!
//! A module is looked for beside the program and in the project's source root. What is not found there is
//! the device's own, or missing: the device says so when the import runs.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use super::Unit;
use crate::error::Error;

/// The name that a program runs under.
pub const MAIN: &str = "__main__";

/// One module of a closure.
#[derive(Debug)]
pub struct Module {
    /// Its name with dots; [`MAIN`] for the program.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Whether it is a package's `__init__`.
    pub is_package: bool,
    /// What is in it.
    pub content: Content,
}

impl Module {
    /// Its source, where it has one.
    pub fn unit(&self) -> Option<&Unit> {
        match &self.content {
            Content::Source(unit) => Some(unit),
            Content::Compiled(_) => None,
        }
    }

    /// The name under which a device takes it into memory: a package's ends in `.__init__`, by which it is known as one.
    pub fn preload_name(&self) -> String {
        if self.is_package { format!("{}.__init__", self.name) } else { self.name.clone() }
    }
}

/// Source to compile, or a module that was compiled before.
#[derive(Debug)]
pub enum Content {
    /// Python source.
    Source(Unit),
    /// A .mpy, sent as it is.
    Compiled(Vec<u8>),
}

/// The program at `entry` first, then the modules it needs, in the order of their names.
///
/// # Errors
/// A file that exists and cannot be read.
pub fn closure(entry: &Path, source_name: &str, roots: &[PathBuf]) -> Result<Vec<Module>, Error> {
    let program = read(entry, MAIN, source_name, false)?;
    let mut found: BTreeMap<String, Option<Module>> = BTreeMap::new();
    let mut waiting: VecDeque<String> = wanted(&program, None);
    while let Some(name) = waiting.pop_front() {
        if found.contains_key(&name) {
            continue;
        }
        let module = match locate(&name, roots) {
            Some(place) => Some(read(&place.path, &name, &place.source_name, place.is_package)?),
            None => None,
        };
        if let Some(module) = &module {
            waiting.extend(wanted(module, Some((name.as_str(), module.is_package))));
        }
        found.insert(name, module);
    }
    let mut modules = vec![program];
    modules.extend(found.into_values().flatten());
    Ok(modules)
}

/// Where modules are looked for: the folders, and the `lib` folder of each, as `sys.path` has them on a device.
pub fn roots(folders: &[&Path]) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    for folder in folders {
        for root in [folder.to_path_buf(), folder.join("lib")] {
            if !roots.contains(&root) {
                roots.push(root);
            }
        }
    }
    roots
}

fn read(path: &Path, name: &str, source_name: &str, is_package: bool) -> Result<Module, Error> {
    let content = if path.extension().is_some_and(|ending| ending == "mpy") {
        Content::Compiled(std::fs::read(path).map_err(Error::file("read", path))?)
    } else {
        Content::Source(Unit::read(path, source_name)?)
    };
    Ok(Module { name: name.to_owned(), path: path.to_path_buf(), is_package, content })
}

struct Place {
    path: PathBuf,
    source_name: String,
    is_package: bool,
}

/// Source before compiled, packages before modules, as imports on a device go.
fn locate(name: &str, roots: &[PathBuf]) -> Option<Place> {
    let relative: PathBuf = name.split('.').collect();
    for root in roots {
        for ending in ["py", "mpy"] {
            let file = relative.join(format!("__init__.{ending}"));
            if root.join(&file).is_file() {
                return Some(place(root, file, true));
            }
        }
        for ending in ["py", "mpy"] {
            let file = relative.with_extension(ending);
            if root.join(&file).is_file() {
                return Some(place(root, file, false));
            }
        }
    }
    None
}

fn place(root: &Path, file: PathBuf, is_package: bool) -> Place {
    let source_name = crate::project::files::device_name(&file).unwrap_or_else(|| file.display().to_string());
    Place { path: root.join(&file), source_name, is_package }
}

/// The names that a module may import, each with the packages around it. `whose` is the module's own name and
/// whether it is a package, which relative imports start from; the program has none.
fn wanted(module: &Module, whose: Option<(&str, bool)>) -> VecDeque<String> {
    let imports = match &module.content {
        Content::Source(unit) => compiler::imports(&unit.text),
        // What a .mpy imports is in its code; its modules must be named by a source, or be on the device.
        Content::Compiled(_) => Vec::new(),
    };
    let mut names = VecDeque::new();
    for import in imports {
        let Some(base) = absolute(&import.module, import.level, whose) else { continue };
        with_packages(&base, &mut names);
        for name in &import.names {
            // `from package import name` may mean a module.
            let joined = if base.is_empty() { name.clone() } else { format!("{base}.{name}") };
            with_packages(&joined, &mut names);
        }
    }
    names
}

/// The absolute name of a module that an import names with `level` leading dots.
fn absolute(module: &str, level: u32, whose: Option<(&str, bool)>) -> Option<String> {
    if level == 0 {
        return Some(module.to_owned());
    }
    let (own, is_package) = whose?;
    let mut parts: Vec<&str> = own.split('.').collect();
    // One dot is the package that a module is in, or the package itself.
    let up = level as usize - usize::from(is_package);
    if up > parts.len() {
        return None;
    }
    parts.truncate(parts.len() - up);
    if !module.is_empty() {
        parts.push(module);
    }
    Some(parts.join("."))
}

fn with_packages(name: &str, names: &mut VecDeque<String>) {
    for (place, _) in name.match_indices('.') {
        names.extend(name.get(..place).map(str::to_owned));
    }
    if !name.is_empty() {
        names.push_back(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_names() {
        assert_eq!(absolute("a.b", 0, None).as_deref(), Some("a.b"));
        assert_eq!(absolute("x", 1, Some(("p.m", false))).as_deref(), Some("p.x"));
        assert_eq!(absolute("x", 1, Some(("p", true))).as_deref(), Some("p.x"));
        assert_eq!(absolute("", 1, Some(("p", true))).as_deref(), Some("p"));
        assert_eq!(absolute("x", 2, Some(("p.q.m", false))).as_deref(), Some("p.x"));
        assert_eq!(absolute("x", 1, None), None);
        assert_eq!(absolute("x", 5, Some(("p.m", false))), None);
    }

    #[test]
    fn what_a_program_needs() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("main.py", "import json, filters, tree.branch\nfrom shared import helper\nif 0:\n    import absent\n"),
            ("filters.py", "def f():\n    import late\n"),
            ("late.py", "import filters\n"),
            ("unused.py", ""),
            ("tree/__init__.py", "from . import leaf\nfrom .branch import twig\n"),
            ("tree/branch.py", "from .leaf import *\ntwig = 1\n"),
            ("tree/leaf.py", ""),
            ("tree/other.py", ""),
            ("lib/shared/__init__.py", ""),
            ("lib/shared/helper.py", ""),
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let modules = closure(&folder.path().join("main.py"), "main.py", &roots(&[folder.path()])).unwrap();
        let names: Vec<(&str, bool)> = modules.iter().map(|module| (module.name.as_str(), module.is_package)).collect();
        assert_eq!(
            names,
            [
                ("__main__", false),
                ("filters", false),
                ("late", false),
                ("shared", true),
                ("shared.helper", false),
                ("tree", true),
                ("tree.branch", false),
                ("tree.leaf", false)
            ]
        );
    }
}
