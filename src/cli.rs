//! The command line: arguments, their help and nothing else. What a command does is in `commands/`.
//!
//! A new command is one variant here (and its place in `GROUPS`), one file there, one snapshot in `tests/cli`.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Effects, Styles};
use clap::{ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());

/// The commands as the overview shows them: by what people want to do.
const GROUPS: &[(&str, &[&str])] = &[
    ("Programs", &["new", "build", "run", "inspect"]),
    ("Devices", &["devices", "deploy", "repl", "sim"]),
    ("Tool", &["completions", "help"]),
];

/// Python for microcontrollers, compiled on the desktop
#[derive(Parser, Debug)]
#[command(
    name = "upy",
    version,
    styles = STYLES,
    arg_required_else_help = true,
    disable_help_subcommand = false,
    max_term_width = 110,
    after_help = "Exit status: 0 done, 1 failed as told, 2 wrong usage or internal fault, 3 device absent, busy or denied, \
                  4 device answers wrongly or not in time, 5 network, 130 Ctrl-C; `run` passes the program's own on."
)]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Debug, Default, Clone)]
pub struct Global {
    /// Say less: no status lines; twice: errors only through the exit status
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options", conflicts_with = "verbose")]
    pub quiet: u8,
    /// Say more: what is done and why
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
    /// Print results as one JSON document on standard output
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    pub color: Colour,
    /// Hide progress bars
    #[arg(long, global = true, env = "UPY_NO_PROGRESS", hide_env_values = true, help_heading = "Global options",
          value_parser = clap::builder::FalseyValueParser::new())]
    pub no_progress: bool,
}

/// When to use colours.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Colour {
    /// On terminals
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// One variant per command; the text is the command's help.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a project from a template
    #[command(after_long_help = "Examples:\n  \
        upy new thermostat                       a blinking LED to start from\n  \
        upy new gateway --template edge-filter   JSON lines in, anomalies out")]
    New(New),
    /// Compile a file, a folder or the project to .mpy files
    #[command(after_long_help = "Examples:\n  \
        upy build                      the project of this folder, into .upy/build\n  \
        upy build sensor.py            sensor.mpy beside it\n  \
        upy build sensor.py -o out/s.mpy -O2\n  \
        upy build lib/ -o out/         every .py beneath lib/")]
    Build(Build),
    /// Run a program on the simulator, or on a device with -d
    #[command(
        after_long_help = "Standard input goes to the program, its output comes out byte for byte, and its `sys.exit` status \
        becomes the exit status. Ctrl-C raises KeyboardInterrupt; a second one ends the program.\n\nExamples:\n  \
        upy run app.py\n  \
        upy run filter.py < readings.jsonl > anomalies.jsonl\n  \
        upy run -d /dev/ttyUSB0 app.py\n  \
        upy run                        the entry of the project of this folder"
    )]
    Run(Run),
    /// Show what is in a .mpy file: header, tables, functions, disassembly
    #[command(after_long_help = "Examples:\n  \
        upy inspect app.mpy\n  \
        upy inspect --json app.mpy")]
    Inspect(Inspect),
    /// List serial ports and the boards on them
    #[command(after_long_help = "Examples:\n  \
        upy devices\n  \
        upy devices --json | jq '.devices[].port'")]
    Devices(Devices),
    /// Compile a project, put it on a device and start it there
    #[command(
        after_long_help = "The new app is written beside the old one and takes its place only when it is complete and its hash \
        is right: a cable pulled at any time leaves the old app running.\n\nExamples:\n  \
        upy deploy /dev/ttyUSB0        the project of this folder\n  \
        upy deploy a0 examples/blink   a folder with a main.py\n  \
        upy deploy ./board app.py      one file and what it imports\n  \
        upy deploy --no-follow COM3    return when it runs"
    )]
    Deploy(Deploy),
    /// Talk Python with a device, or with the simulator
    #[command(
        after_long_help = "Lines are compiled here and run there. Ctrl-C interrupts what runs, or clears the line; Ctrl-D on an \
        empty line leaves.\n\nExamples:\n  \
        upy repl /dev/ttyACM0\n  \
        upy repl sim\n  \
        echo 'print(1 + 1)' | upy repl sim"
    )]
    Repl(Repl),
    /// Offer a simulated board on a pseudo-terminal
    #[command(
        after_long_help = "Every command takes the printed path (or --link) like the path of a serial port. Standard input and --control \
        take commands, one per line: `pin 0 low`, `pin 0 high`, `press 0`, `pins`, `reset`, `power-cycle`, `quit`.\n\n\
        The flash is kept in a file, so that apps and data survive: in a project `.upy/simulator.flash`, elsewhere \
        `upy/simulator.flash` in the user's state folder (`$XDG_STATE_HOME`, or `~/.local/state`); --flash names another.\n\nExamples:\n  \
        upy sim --link ./board &\n  \
        upy deploy ./board examples/blink\n  \
        echo 'press 0' | socat - UNIX-CONNECT:control.sock"
    )]
    Sim(Sim),
    /// Print a completion script for a shell
    #[command(after_long_help = "Examples:\n  \
        upy completions bash > ~/.local/share/bash-completion/completions/upy\n  \
        upy completions zsh > ~/.zfunc/_upy")]
    Completions(Completions),
}

/// `upy new`.
#[derive(Args, Debug)]
pub struct New {
    /// Folder to make; its name becomes the project's
    pub path: PathBuf,
    /// What to start from
    #[arg(short, long, value_enum, default_value = "blink")]
    pub template: Template,
}

/// The templates of `upy new`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Template {
    /// A pin that toggles
    Blink,
    /// A pin's interrupt calls a function
    Button,
    /// Settings in a file that survive restarts
    Config,
    /// JSON lines in, anomalies out
    EdgeFilter,
}

/// Options of everything that compiles.
#[derive(Args, Debug, Default, Clone)]
pub struct Compiling {
    /// Optimisation level, as MicroPython's: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too
    #[arg(short = 'O', long = "optimise", value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=3), help_heading = "Compiling")]
    pub optimisation: Option<u8>,
    /// Leave line numbers out
    #[arg(long, help_heading = "Compiling")]
    pub strip: bool,
}

/// Which runtime the code is for.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Stock MicroPython 1.19 and later
    Stock,
    /// This project's executor
    Upy,
}

/// `upy build`.
#[derive(Args, Debug)]
pub struct Build {
    /// A .py file or a folder; the project of this folder when absent
    pub path: Option<PathBuf>,
    /// Where to write: a file for a file, a folder for a folder
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Which runtime the code is for [default: `stock` for files and folders, the project's own for a project]
    #[arg(long, help_heading = "Compiling")]
    pub target: Option<Target>,
    /// Common options.
    #[command(flatten)]
    pub compiling: Compiling,
    /// The file name that tracebacks show (for a single file)
    #[arg(long, value_name = "NAME", help_heading = "Compiling")]
    pub source_name: Option<String>,
}

/// `upy run`.
#[derive(Args, Debug)]
pub struct Run {
    /// A .py or .mpy file; the project's entry when absent
    pub file: Option<PathBuf>,
    /// Arguments of the program: `sys.argv[1:]`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
    /// Device to run on
    #[arg(short, long, value_name = "PORT", env = "UPY_PORT", help_heading = "Device")]
    pub device: Option<String>,
    /// The line.
    #[command(flatten)]
    pub line: Line,
    /// Simulated board's profile [default: the project's, else `simulator`]
    #[arg(long, value_name = "NAME", help_heading = "Device")]
    pub board: Option<String>,
    /// Common options.
    #[command(flatten)]
    pub compiling: Compiling,
}

/// `upy inspect`.
#[derive(Args, Debug)]
pub struct Inspect {
    /// The file
    pub file: PathBuf,
}

/// `upy devices`.
#[derive(Args, Debug)]
pub struct Devices {
    /// Also list ports that are not USB devices
    #[arg(short, long)]
    pub all: bool,
}

/// How to talk over a line.
#[derive(Args, Debug, Clone)]
pub struct Line {
    /// Line rate of a serial port, in baud
    #[arg(long, env = "UPY_BAUD", default_value_t = 115_200, help_heading = "Device")]
    pub baud: u32,
    /// Write every byte sent and received to this file: what a bug report needs
    #[arg(long, value_name = "FILE", help_heading = "Device")]
    pub trace_wire: Option<PathBuf>,
}

/// Which device a command talks to.
#[derive(Args, Debug)]
pub struct Port {
    /// Port: a path, `COM3`, `a0`, `u0`, `c0` (ttyACM, ttyUSB, cu.usbmodem), `id:SERIAL`, `usb:VID:PID[:SERIAL]` or
    /// `sim`; the only USB board when absent
    #[arg(value_name = "PORT", env = "UPY_PORT")]
    pub port: Option<String>,
    /// The line.
    #[command(flatten)]
    pub line: Line,
}

/// `upy deploy`.
#[derive(Args, Debug)]
pub struct Deploy {
    /// Device.
    #[command(flatten)]
    pub port: Port,
    /// A project, a folder with a main.py, or a file; the project of this folder when absent
    pub path: Option<PathBuf>,
    /// Return when the app has started instead of showing its output; --json does too
    #[arg(long)]
    pub no_follow: bool,
    /// Common options.
    #[command(flatten)]
    pub compiling: Compiling,
}

/// `upy repl`.
#[derive(Args, Debug)]
pub struct Repl {
    /// Device.
    #[command(flatten)]
    pub port: Port,
    /// Simulated board's profile (for `sim`)
    #[arg(long, value_name = "NAME", help_heading = "Device")]
    pub board: Option<String>,
}

/// `upy sim`.
#[derive(Args, Debug)]
pub struct Sim {
    /// Keep a symbolic link to the pseudo-terminal here
    #[arg(long, value_name = "PATH")]
    pub link: Option<PathBuf>,
    /// The file that holds the flash
    #[arg(long, value_name = "FILE")]
    pub flash: Option<PathBuf>,
    /// Board profile: heap size, float width, modules [default: the project's, else `simulator`]
    #[arg(long, value_name = "NAME")]
    pub board: Option<String>,
    /// Take commands from a Unix socket here as well
    #[arg(long, value_name = "PATH")]
    pub control: Option<PathBuf>,
}

/// `upy completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// Shell
    pub shell: clap_complete::Shell,
}

/// The whole command line as clap sees it, with the commands in groups.
pub fn command() -> clap::Command {
    let command = Arguments::command();
    let template = overview(&command);
    command.help_template(template)
}

impl Arguments {
    /// Parses the process's arguments.
    pub fn parse_process() -> Result<Arguments, clap::Error> {
        let matches = command().try_get_matches()?;
        Arguments::from_arg_matches(&matches)
    }
}

/// clap knows one heading for all subcommands, so the overview's template is made here.
fn overview(command: &clap::Command) -> String {
    let header = STYLES.get_header();
    let literal = STYLES.get_literal();
    let mut text = String::from("{about}\n\n{usage-heading} {usage}\n");
    for (title, names) in GROUPS {
        text.push_str(&format!("\n{header}{title}:{header:#}\n"));
        for name in *names {
            let about = match command.find_subcommand(name) {
                Some(found) => found.get_about().map(ToString::to_string).unwrap_or_default(),
                None => "Print help of upy or of a command".to_owned(),
            };
            text.push_str(&format!("  {literal}{name:<12}{literal:#} {about}\n"));
        }
    }
    text.push_str(&format!("\n{header}Options:{header:#}\n{{options}}{{after-help}}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_command_is_in_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        grouped.sort_unstable();
        let built = command();
        let mut known: Vec<&str> = built.get_subcommands().map(clap::Command::get_name).collect();
        known.push("help");
        known.sort_unstable();
        assert_eq!(grouped, known);
    }
}
