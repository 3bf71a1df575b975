
use builtin;
use str;

set edit:completion:arg-completer[upy] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'upy'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'upy'= {
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand new 'Make a project from a template'
            cand build 'Compile a file, a folder or the project to .mpy files'
            cand run 'Run a program on the simulator, or on a device with -d'
            cand inspect 'Show what is in a .mpy file: header, tables, functions, disassembly'
            cand devices 'List serial ports and the boards on them'
            cand deploy 'Compile a project, put it on a device and start it there'
            cand repl 'Talk Python with a device, or with the simulator'
            cand sim 'Offer a simulated board on a pseudo-terminal'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'upy;new'= {
            cand -t 'What to start from'
            cand --template 'What to start from'
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;build'= {
            cand -o 'Where to write: a file for a file, a folder for a folder'
            cand --output 'Where to write: a file for a file, a folder for a folder'
            cand --target 'Which runtime the code is for [default: `stock` for files and folders, the project''s own for a project]'
            cand -O 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too'
            cand --optimise 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too'
            cand --source-name 'The file name that tracebacks show (for a single file)'
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand --strip 'Leave line numbers out'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;run'= {
            cand -d 'Device to run on'
            cand --device 'Device to run on'
            cand --baud 'Line rate of a serial port, in baud'
            cand --trace-wire 'Write every byte sent and received to this file: what a bug report needs'
            cand --board 'Simulated board''s profile [default: the project''s, else `simulator`]'
            cand -O 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too'
            cand --optimise 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too'
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand --strip 'Leave line numbers out'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;inspect'= {
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;devices'= {
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand -a 'Also list ports that are not USB devices'
            cand --all 'Also list ports that are not USB devices'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;deploy'= {
            cand --baud 'Line rate of a serial port, in baud'
            cand --trace-wire 'Write every byte sent and received to this file: what a bug report needs'
            cand -O 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too'
            cand --optimise 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too'
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand --no-follow 'Return when the app has started instead of showing its output; --json does too'
            cand --strip 'Leave line numbers out'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;repl'= {
            cand --baud 'Line rate of a serial port, in baud'
            cand --trace-wire 'Write every byte sent and received to this file: what a bug report needs'
            cand --board 'Simulated board''s profile (for `sim`)'
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;sim'= {
            cand --link 'Keep a symbolic link to the pseudo-terminal here'
            cand --flash 'The file that holds the flash'
            cand --board 'Board profile: heap size, float width, modules [default: the project''s, else `simulator`]'
            cand --control 'Take commands from a Unix socket here as well'
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;completions'= {
            cand --color 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured'
            cand -q 'Say less: no status lines; twice: errors only through the exit status'
            cand --quiet 'Say less: no status lines; twice: errors only through the exit status'
            cand -v 'Say more: what is done and why'
            cand --verbose 'Say more: what is done and why'
            cand --json 'Print results as one JSON document on standard output'
            cand --no-progress 'Hide progress bars'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'upy;help'= {
            cand new 'Make a project from a template'
            cand build 'Compile a file, a folder or the project to .mpy files'
            cand run 'Run a program on the simulator, or on a device with -d'
            cand inspect 'Show what is in a .mpy file: header, tables, functions, disassembly'
            cand devices 'List serial ports and the boards on them'
            cand deploy 'Compile a project, put it on a device and start it there'
            cand repl 'Talk Python with a device, or with the simulator'
            cand sim 'Offer a simulated board on a pseudo-terminal'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'upy;help;new'= {
        }
        &'upy;help;build'= {
        }
        &'upy;help;run'= {
        }
        &'upy;help;inspect'= {
        }
        &'upy;help;devices'= {
        }
        &'upy;help;deploy'= {
        }
        &'upy;help;repl'= {
        }
        &'upy;help;sim'= {
        }
        &'upy;help;completions'= {
        }
        &'upy;help;help'= {
        }
    ]
    $completions[$command]
}
