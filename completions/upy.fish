# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_upy_global_optspecs
    string join \n q/quiet v/verbose json color= no-progress h/help V/version
end

function __fish_upy_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_upy_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_upy_using_subcommand
    set -l cmd (__fish_upy_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c upy -n "__fish_upy_needs_command" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_needs_command" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_needs_command" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_needs_command" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_needs_command" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_needs_command" -s V -l version -d 'Print version'
complete -c upy -n "__fish_upy_needs_command" -f -a "new" -d 'Make a project from a template'
complete -c upy -n "__fish_upy_needs_command" -f -a "build" -d 'Compile a file, a folder or the project to .mpy files'
complete -c upy -n "__fish_upy_needs_command" -f -a "run" -d 'Run a program on the simulator, or on a device with -d'
complete -c upy -n "__fish_upy_needs_command" -f -a "inspect" -d 'Show what is in a .mpy file: header, tables, functions, disassembly'
complete -c upy -n "__fish_upy_needs_command" -f -a "devices" -d 'List serial ports and the boards on them'
complete -c upy -n "__fish_upy_needs_command" -f -a "deploy" -d 'Compile a project, put it on a device and start it there'
complete -c upy -n "__fish_upy_needs_command" -f -a "repl" -d 'Talk Python with a device, or with the simulator'
complete -c upy -n "__fish_upy_needs_command" -f -a "sim" -d 'Offer a simulated board on a pseudo-terminal'
complete -c upy -n "__fish_upy_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c upy -n "__fish_upy_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c upy -n "__fish_upy_using_subcommand new" -s t -l template -d 'What to start from' -r -f -a "blink\t'A pin that toggles'
button\t'A pin\'s interrupt calls a function'
config\t'Settings in a file that survive restarts'
edge-filter\t'JSON lines in, anomalies out'"
complete -c upy -n "__fish_upy_using_subcommand new" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand new" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand new" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand new" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand new" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand build" -s o -l output -d 'Where to write: a file for a file, a folder for a folder' -r -F
complete -c upy -n "__fish_upy_using_subcommand build" -l target -d 'Which runtime the code is for [default: `stock` for files and folders, the project\'s own for a project]' -r -f -a "stock\t'Stock MicroPython 1.19 and later'
upy\t'This project\'s executor'"
complete -c upy -n "__fish_upy_using_subcommand build" -s O -l optimise -d 'Optimisation level, as MicroPython\'s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too' -r
complete -c upy -n "__fish_upy_using_subcommand build" -l source-name -d 'The file name that tracebacks show (for a single file)' -r
complete -c upy -n "__fish_upy_using_subcommand build" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand build" -l strip -d 'Leave line numbers out'
complete -c upy -n "__fish_upy_using_subcommand build" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand build" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand build" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand build" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand run" -s d -l device -d 'Device to run on' -r
complete -c upy -n "__fish_upy_using_subcommand run" -l baud -d 'Line rate of a serial port, in baud' -r
complete -c upy -n "__fish_upy_using_subcommand run" -l trace-wire -d 'Write every byte sent and received to this file: what a bug report needs' -r -F
complete -c upy -n "__fish_upy_using_subcommand run" -l board -d 'Simulated board\'s profile [default: the project\'s, else `simulator`]' -r
complete -c upy -n "__fish_upy_using_subcommand run" -s O -l optimise -d 'Optimisation level, as MicroPython\'s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too' -r
complete -c upy -n "__fish_upy_using_subcommand run" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand run" -l strip -d 'Leave line numbers out'
complete -c upy -n "__fish_upy_using_subcommand run" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand run" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand run" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand run" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand inspect" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand inspect" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand inspect" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand inspect" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand inspect" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand devices" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand devices" -s a -l all -d 'Also list ports that are not USB devices'
complete -c upy -n "__fish_upy_using_subcommand devices" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand devices" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand devices" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand devices" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand devices" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand deploy" -l baud -d 'Line rate of a serial port, in baud' -r
complete -c upy -n "__fish_upy_using_subcommand deploy" -l trace-wire -d 'Write every byte sent and received to this file: what a bug report needs' -r -F
complete -c upy -n "__fish_upy_using_subcommand deploy" -s O -l optimise -d 'Optimisation level, as MicroPython\'s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too' -r
complete -c upy -n "__fish_upy_using_subcommand deploy" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand deploy" -l no-follow -d 'Return when the app has started instead of showing its output; --json does too'
complete -c upy -n "__fish_upy_using_subcommand deploy" -l strip -d 'Leave line numbers out'
complete -c upy -n "__fish_upy_using_subcommand deploy" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand deploy" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand deploy" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand deploy" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand deploy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand repl" -l baud -d 'Line rate of a serial port, in baud' -r
complete -c upy -n "__fish_upy_using_subcommand repl" -l trace-wire -d 'Write every byte sent and received to this file: what a bug report needs' -r -F
complete -c upy -n "__fish_upy_using_subcommand repl" -l board -d 'Simulated board\'s profile (for `sim`)' -r
complete -c upy -n "__fish_upy_using_subcommand repl" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand repl" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand repl" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand repl" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand repl" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand repl" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand sim" -l link -d 'Keep a symbolic link to the pseudo-terminal here' -r -F
complete -c upy -n "__fish_upy_using_subcommand sim" -l flash -d 'The file that holds the flash' -r -F
complete -c upy -n "__fish_upy_using_subcommand sim" -l board -d 'Board profile: heap size, float width, modules [default: the project\'s, else `simulator`]' -r
complete -c upy -n "__fish_upy_using_subcommand sim" -l control -d 'Take commands from a Unix socket here as well' -r -F
complete -c upy -n "__fish_upy_using_subcommand sim" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand sim" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand sim" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand sim" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand sim" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand sim" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand completions" -l color -d 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured' -r -f -a "auto\t'On terminals'
always\t'Always'
never\t'Never'"
complete -c upy -n "__fish_upy_using_subcommand completions" -s q -l quiet -d 'Say less: no status lines; twice: errors only through the exit status'
complete -c upy -n "__fish_upy_using_subcommand completions" -s v -l verbose -d 'Say more: what is done and why'
complete -c upy -n "__fish_upy_using_subcommand completions" -l json -d 'Print results as one JSON document on standard output'
complete -c upy -n "__fish_upy_using_subcommand completions" -l no-progress -d 'Hide progress bars'
complete -c upy -n "__fish_upy_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "new" -d 'Make a project from a template'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "build" -d 'Compile a file, a folder or the project to .mpy files'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "run" -d 'Run a program on the simulator, or on a device with -d'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "inspect" -d 'Show what is in a .mpy file: header, tables, functions, disassembly'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "devices" -d 'List serial ports and the boards on them'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "deploy" -d 'Compile a project, put it on a device and start it there'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "repl" -d 'Talk Python with a device, or with the simulator'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "sim" -d 'Offer a simulated board on a pseudo-terminal'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c upy -n "__fish_upy_using_subcommand help; and not __fish_seen_subcommand_from new build run inspect devices deploy repl sim completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
