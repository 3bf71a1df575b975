//! Where REPL entries come from: a line editor on a terminal, plain lines otherwise.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor as LineEditor};

/// Before the first line of an entry.
const PROMPT: &str = ">>> ";
/// Before further lines of an entry.
const CONTINUATION: &str = "... ";
/// Lines kept of the history.
const HISTORY_LINES: usize = 2000;

/// What the person gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    /// Source text, whole.
    Source(String),
    /// Ctrl-C: the entry was thrown away.
    Cancelled,
    /// Ctrl-D, or the end of the input.
    End,
}

/// Reads entries.
pub struct Editor {
    terminal: Option<Terminal>,
}

struct Terminal {
    editor: LineEditor<(), FileHistory>,
    history: Option<PathBuf>,
}

impl Editor {
    /// On a terminal with editing and history (kept in the file `history`), else plain.
    pub fn new(history: Option<&Path>) -> Editor {
        let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        Editor { terminal: interactive.then(|| Terminal::new(history)).flatten() }
    }

    /// Whether a person is typing.
    pub fn is_interactive(&self) -> bool {
        self.terminal.is_some()
    }

    /// Reads lines until they make a whole entry.
    pub fn read(&mut self, is_incomplete: impl Fn(&str) -> bool) -> Entry {
        let mut source = String::new();
        loop {
            let line = match &mut self.terminal {
                Some(terminal) => match terminal.line(if source.is_empty() { PROMPT } else { CONTINUATION }) {
                    Ok(line) => line,
                    Err(ReadlineError::Interrupted) => return Entry::Cancelled,
                    Err(_) => return Entry::End,
                },
                None => match plain_line() {
                    Some(line) => line,
                    // An entry that the end of the input cuts off is compiled as it is, and says what is missing.
                    None if !source.is_empty() => return Entry::Source(source),
                    None => return Entry::End,
                },
            };
            if source.is_empty() {
                if line.trim().is_empty() {
                    continue;
                }
            } else {
                source.push('\n');
            }
            source.push_str(&line);
            if !is_incomplete(&source) {
                return Entry::Source(source);
            }
        }
    }
}

fn plain_line() -> Option<String> {
    let mut line = Vec::new();
    let count = std::io::stdin().lock().read_until(b'\n', &mut line).unwrap_or(0);
    if count == 0 {
        return None;
    }
    let text = String::from_utf8_lossy(&line);
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}

impl Terminal {
    fn new(history: Option<&Path>) -> Option<Terminal> {
        let config = Config::builder().max_history_size(HISTORY_LINES).ok()?.auto_add_history(true).tab_stop(4).build();
        let mut editor = LineEditor::with_history(config.clone(), FileHistory::with_config(&config)).ok()?;
        if let Some(history) = history {
            // The first time there is none.
            let _ = editor.load_history(history);
        }
        Some(Terminal { editor, history: history.map(Path::to_path_buf) })
    }

    fn line(&mut self, prompt: &str) -> Result<String, ReadlineError> {
        self.editor.readline(prompt)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(history) = &self.history {
            if let Some(folder) = history.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            // A history that cannot be kept is no reason to end with an error.
            let _ = self.editor.save_history(history);
        }
    }
}
