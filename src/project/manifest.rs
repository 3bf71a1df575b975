//! The text of `upy.toml`: parsed strictly, so that a misspelt key is an error at its place and never ignored.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::cli::Target;
use crate::ui::Report;

/// The newest version of the format that this tool reads.
const VERSION: u32 = 1;

/// `upy.toml`, version 1.
///
/// ```toml
/// version = 1                      # of this format; optional
///
/// [project]
/// name = "thermostat"              # letters, digits, `-` and `_`; default: the folder's name
/// source = "src"                   # folder that imports and device paths start from; default: this folder
/// entry = "main.py"                # the program, relative to `source`; default: main.py
/// target = "upy"                   # `upy` (this project's executor, the default) or `stock` (MicroPython)
/// board = "simulator"              # whose heap size, float width and modules the simulator takes
/// optimisation = 0                 # 0 to 3, as MicroPython's -O
/// include = ["**/*.py", "*.json"]  # only these files; default: all
/// exclude = ["tests/**"]           # without these; hidden files, `upy.*` and `__pycache__` never belong to it
///
/// [dependencies]                   # packages, by name
/// requests = "1.1"                 # a version or a range: "1", "^1.2", ">=1.2, <2", "*"
/// bme280 = { source = "github:someone/bme280", version = "main" }
/// ours = { path = "../ours" }
/// ```
///
/// Patterns are those of `.gitignore`-like globs on paths relative to `source`: `*` stays within a folder, `**`
/// crosses folders. A file `.upyignore` in any folder of the source, in the format of `.gitignore`, excludes too.
/// Unknown keys are errors.
#[derive(Debug)]
pub struct Manifest {
    /// `[project]`.
    pub project: Settings,
    /// `[dependencies]`.
    pub dependencies: BTreeMap<String, Dependency>,
}

/// `[project]`, checked.
#[derive(Debug)]
pub struct Settings {
    /// The project's name; the folder's when absent.
    pub name: Option<String>,
    /// Source root, relative to the project file.
    pub source: String,
    /// The program, relative to `source`.
    pub entry: String,
    /// Which runtime the code is for.
    pub target: Target,
    /// The simulator's profile.
    pub board: String,
    /// 0 to 3.
    pub optimisation: u8,
    /// Patterns of files that belong to it; empty for all.
    pub include: Vec<globset::Glob>,
    /// Patterns of files that do not.
    pub exclude: Vec<globset::Glob>,
}

/// One package that a project needs.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Dependency {
    /// Version or range; `*` for any, a branch or commit for git sources.
    pub version: String,
    /// Where from, such as `github:owner/name` or `pypi:name`; `None` is the package index.
    pub source: Option<String>,
    /// A local folder, relative to the project file.
    pub path: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    version: Option<Spanned<u32>>,
    #[serde(default)]
    project: RawProject,
    #[serde(default)]
    dependencies: BTreeMap<String, Spanned<RawDependency>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawProject {
    name: Option<Spanned<String>>,
    source: Option<Spanned<String>>,
    entry: Option<Spanned<String>>,
    target: Option<Target>,
    board: Option<Spanned<String>>,
    optimisation: Option<Spanned<u8>>,
    #[serde(default)]
    include: Vec<Spanned<String>>,
    #[serde(default)]
    exclude: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a version such as \"1.2\", or a table with `version`, `source` or `path`")]
enum RawDependency {
    Version(String),
    Table(RawDependencyTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDependencyTable {
    version: Option<String>,
    source: Option<String>,
    path: Option<String>,
}

impl Manifest {
    /// Parses and checks; every error found is reported with its place. `name` is the file name in the reports.
    pub fn parse(text: &str, name: &str) -> Result<Manifest, Vec<Report>> {
        let raw: RawManifest = toml::from_str(text).map_err(|error| {
            vec![Report::error("upy::project::syntax", error.message()).at(name, text, error.span())]
        })?;
        let mut check = Check { text, name, reports: Vec::new() };
        let manifest = check.manifest(raw);
        if check.reports.is_empty() { Ok(manifest) } else { Err(check.reports) }
    }
}

struct Check<'a> {
    text: &'a str,
    name: &'a str,
    reports: Vec<Report>,
}

impl Check<'_> {
    fn fail(&mut self, span: std::ops::Range<usize>, code: &'static str, message: String, help: &str) {
        self.reports.push(Report::error(code, message).at(self.name, self.text, Some(span)).help(help));
    }

    fn manifest(&mut self, raw: RawManifest) -> Manifest {
        if let Some(version) = &raw.version
            && *version.get_ref() != VERSION
        {
            self.fail(
                version.span(),
                "upy::project::version",
                format!("version {} of the project file is not known to this upy", version.get_ref()),
                "this upy reads version 1; a newer upy may read more",
            );
        }
        let project = raw.project;
        if let Some(name) = &project.name
            && !valid_name(name.get_ref())
        {
            self.fail(
                name.span(),
                "upy::project::name",
                format!("not a valid project name: `{}`", name.get_ref()),
                "use letters, digits, `-` and `_`, at most 64",
            );
        }
        let source = project.source.map_or_else(|| ".".to_owned(), |source| self.inside(source, "source"));
        let entry = match project.entry {
            None => super::DEFAULT_ENTRY.to_owned(),
            Some(entry) => {
                let span = entry.span();
                let entry = self.inside(entry, "entry");
                if !entry.ends_with(".py") && !entry.ends_with(".mpy") {
                    self.fail(
                        span,
                        "upy::project::entry",
                        format!("not a Python file: `{entry}`"),
                        "`entry` names a .py or .mpy file, relative to `source`",
                    );
                }
                entry
            }
        };
        let optimisation = project.optimisation.map_or(0, |level| {
            if *level.get_ref() > 3 {
                self.fail(
                    level.span(),
                    "upy::project::optimisation",
                    format!("no such optimisation level: {}", level.get_ref()),
                    "levels are 0 to 3, as MicroPython's -O",
                );
            }
            *level.get_ref()
        });
        let board = project.board.map_or_else(
            || super::DEFAULT_BOARD.to_owned(),
            |board| {
                if !valid_name(board.get_ref()) {
                    self.fail(
                        board.span(),
                        "upy::project::board",
                        format!("not a board's name: `{}`", board.get_ref()),
                        "such as `simulator`",
                    );
                }
                board.into_inner()
            },
        );
        Manifest {
            project: Settings {
                name: project.name.map(Spanned::into_inner),
                source,
                entry,
                target: project.target.unwrap_or(Target::Upy),
                board,
                optimisation,
                include: self.globs(project.include),
                exclude: self.globs(project.exclude),
            },
            dependencies: raw
                .dependencies
                .into_iter()
                .map(|(name, dependency)| {
                    let dependency = self.dependency(&name, dependency);
                    (name, dependency)
                })
                .collect(),
        }
    }

    /// A relative path that stays within the project.
    fn inside(&mut self, path: Spanned<String>, key: &str) -> String {
        let span = path.span();
        let text = path.into_inner();
        let escapes = text.is_empty()
            || text.contains('\\')
            || std::path::Path::new(&text)
                .components()
                .any(|part| !matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
        if escapes {
            self.fail(
                span,
                "upy::project::path",
                format!("`{key}` must be a path within the project: `{text}`"),
                "write a relative path with `/`, without `..`",
            );
        }
        text
    }

    fn globs(&mut self, patterns: Vec<Spanned<String>>) -> Vec<globset::Glob> {
        let mut globs = Vec::new();
        for pattern in patterns {
            match globset::GlobBuilder::new(pattern.get_ref()).literal_separator(true).build() {
                Ok(glob) => globs.push(glob),
                Err(error) => self.fail(
                    pattern.span(),
                    "upy::project::pattern",
                    format!("not a valid pattern: {}", error.kind()),
                    "`*` stays within a folder, `**` crosses folders, `[ab]` is a set",
                ),
            }
        }
        globs
    }

    fn dependency(&mut self, name: &str, raw: Spanned<RawDependency>) -> Dependency {
        let span = raw.span();
        if !valid_package_name(name) {
            self.fail(
                span.clone(),
                "upy::project::dependency",
                format!("not a valid package name: `{name}`"),
                "use letters, digits, `-`, `_` and `.`",
            );
        }
        let dependency = match raw.into_inner() {
            RawDependency::Version(version) => Dependency { version, source: None, path: None },
            RawDependency::Table(table) => Dependency {
                version: table.version.unwrap_or_else(|| "*".to_owned()),
                source: table.source,
                path: table.path,
            },
        };
        if dependency.source.is_some() && dependency.path.is_some() {
            self.fail(
                span.clone(),
                "upy::project::dependency",
                format!("`{name}` has both `source` and `path`"),
                "keep one of them",
            );
        }
        if dependency.source.is_none() && !valid_range(&dependency.version) {
            self.fail(
                span,
                "upy::project::dependency",
                format!("not a version or range: `{}`", dependency.version),
                "such as \"1.2\", \"^1.2\", \">=1.2, <2\" or \"*\"",
            );
        }
        dependency
    }
}

fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

fn valid_package_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

/// Comparators joined by commas; each an optional operator and a dotted version.
fn valid_range(range: &str) -> bool {
    if range.trim() == "*" {
        return true;
    }
    range.split(',').all(|part| {
        let part = part.trim();
        let version = ["==", ">=", "<=", "!=", "~=", "^", "~", ">", "<", "="]
            .iter()
            .find_map(|operator| part.strip_prefix(operator))
            .unwrap_or(part)
            .trim();
        version.starts_with(|letter: char| letter.is_ascii_digit())
            && version.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        Manifest::parse(text, "upy.toml").unwrap_err().iter().map(|report| report.message.clone()).collect()
    }

    #[test]
    fn defaults() {
        let manifest = Manifest::parse("", "upy.toml").unwrap();
        assert_eq!(manifest.project.name, None);
        assert_eq!(manifest.project.entry, "main.py");
        assert_eq!(manifest.project.source, ".");
        assert_eq!(manifest.project.target, Target::Upy);
        assert_eq!(manifest.project.board, "simulator");
        assert_eq!(manifest.project.optimisation, 0);
    }

    #[test]
    fn everything() {
        let text = "version = 1\n[project]\nname = \"a\"\nsource = \"src\"\nentry = \"app.py\"\ntarget = \"stock\"\n\
                    board = \"microbit\"\noptimisation = 3\ninclude = [\"**/*.py\"]\nexclude = [\"tests/**\"]\n\
                    [dependencies]\nrequests = \">=1.1, <2\"\nb = { source = \"github:o/b\", version = \"main\" }\n\
                    c = { path = \"../c\" }\n";
        let manifest = Manifest::parse(text, "upy.toml").unwrap();
        assert_eq!(manifest.project.target, Target::Stock);
        assert_eq!(manifest.dependencies["b"].source.as_deref(), Some("github:o/b"));
        assert_eq!(manifest.dependencies["c"].path.as_deref(), Some("../c"));
        assert_eq!(manifest.dependencies["c"].version, "*");
    }

    #[test]
    fn all_errors_in_one_run() {
        let text = "version = 2\n[project]\nname = \"a b\"\nsource = \"../up\"\nentry = \"main.txt\"\noptimisation = 4\n\
                    include = [\"[\"]\n[dependencies]\nx = \"new\"\n";
        assert_eq!(errors(text).len(), 7, "{:?}", errors(text));
    }

    #[test]
    fn unknown_keys_have_a_place() {
        let text = "[project]\nname = \"a\"\nentri = \"x.py\"\n";
        let reports = Manifest::parse(text, "upy.toml").unwrap_err();
        assert!(reports[0].message.contains("entri"), "{}", reports[0].message);
        let (start, end) = reports[0].span.unwrap();
        assert_eq!(&text[start..end], "entri");
    }

    #[test]
    fn ranges() {
        for good in ["1", "1.2.3", "^1.2", "~1", ">=1, <2", "*", "0.9.1.post2", "==1.*"] {
            assert!(valid_range(good), "{good}");
        }
        for bad in ["", "new", "^", "1 2", "1,,2", ">=", "1/2"] {
            assert!(!valid_range(bad), "{bad}");
        }
    }
}
