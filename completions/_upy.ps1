
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'upy' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'upy'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'upy' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a project from a template')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Compile a file, a folder or the project to .mpy files')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a program on the simulator, or on a device with -d')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what is in a .mpy file: header, tables, functions, disassembly')
            [CompletionResult]::new('devices', 'devices', [CompletionResultType]::ParameterValue, 'List serial ports and the boards on them')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Compile a project, put it on a device and start it there')
            [CompletionResult]::new('repl', 'repl', [CompletionResultType]::ParameterValue, 'Talk Python with a device, or with the simulator')
            [CompletionResult]::new('sim', 'sim', [CompletionResultType]::ParameterValue, 'Offer a simulated board on a pseudo-terminal')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'upy;new' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'What to start from')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'What to start from')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;build' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where to write: a file for a file, a folder for a folder')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where to write: a file for a file, a folder for a folder')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Which runtime the code is for [default: `stock` for files and folders, the project''s own for a project]')
            [CompletionResult]::new('-O', '-O ', [CompletionResultType]::ParameterName, 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too')
            [CompletionResult]::new('--optimise', '--optimise', [CompletionResultType]::ParameterName, 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too')
            [CompletionResult]::new('--source-name', '--source-name', [CompletionResultType]::ParameterName, 'The file name that tracebacks show (for a single file)')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('--strip', '--strip', [CompletionResultType]::ParameterName, 'Leave line numbers out')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;run' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Device to run on')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Device to run on')
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Line rate of a serial port, in baud')
            [CompletionResult]::new('--trace-wire', '--trace-wire', [CompletionResultType]::ParameterName, 'Write every byte sent and received to this file: what a bug report needs')
            [CompletionResult]::new('--board', '--board', [CompletionResultType]::ParameterName, 'Simulated board''s profile [default: the project''s, else `simulator`]')
            [CompletionResult]::new('-O', '-O ', [CompletionResultType]::ParameterName, 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too')
            [CompletionResult]::new('--optimise', '--optimise', [CompletionResultType]::ParameterName, 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('--strip', '--strip', [CompletionResultType]::ParameterName, 'Leave line numbers out')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;inspect' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;devices' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Also list ports that are not USB devices')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also list ports that are not USB devices')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;deploy' {
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Line rate of a serial port, in baud')
            [CompletionResult]::new('--trace-wire', '--trace-wire', [CompletionResultType]::ParameterName, 'Write every byte sent and received to this file: what a bug report needs')
            [CompletionResult]::new('-O', '-O ', [CompletionResultType]::ParameterName, 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too')
            [CompletionResult]::new('--optimise', '--optimise', [CompletionResultType]::ParameterName, 'Optimisation level, as MicroPython''s: 1 and 2 drop assertions and make `__debug__` false, 3 drops line numbers too')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('--no-follow', '--no-follow', [CompletionResultType]::ParameterName, 'Return when the app has started instead of showing its output; --json does too')
            [CompletionResult]::new('--strip', '--strip', [CompletionResultType]::ParameterName, 'Leave line numbers out')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;repl' {
            [CompletionResult]::new('--baud', '--baud', [CompletionResultType]::ParameterName, 'Line rate of a serial port, in baud')
            [CompletionResult]::new('--trace-wire', '--trace-wire', [CompletionResultType]::ParameterName, 'Write every byte sent and received to this file: what a bug report needs')
            [CompletionResult]::new('--board', '--board', [CompletionResultType]::ParameterName, 'Simulated board''s profile (for `sim`)')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;sim' {
            [CompletionResult]::new('--link', '--link', [CompletionResultType]::ParameterName, 'Keep a symbolic link to the pseudo-terminal here')
            [CompletionResult]::new('--flash', '--flash', [CompletionResultType]::ParameterName, 'The file that holds the flash')
            [CompletionResult]::new('--board', '--board', [CompletionResultType]::ParameterName, 'Board profile: heap size, float width, modules [default: the project''s, else `simulator`]')
            [CompletionResult]::new('--control', '--control', [CompletionResultType]::ParameterName, 'Take commands from a Unix socket here as well')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are honoured')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no status lines; twice: errors only through the exit status')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is done and why')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results as one JSON document on standard output')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Hide progress bars')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'upy;help' {
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make a project from a template')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Compile a file, a folder or the project to .mpy files')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a program on the simulator, or on a device with -d')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show what is in a .mpy file: header, tables, functions, disassembly')
            [CompletionResult]::new('devices', 'devices', [CompletionResultType]::ParameterValue, 'List serial ports and the boards on them')
            [CompletionResult]::new('deploy', 'deploy', [CompletionResultType]::ParameterValue, 'Compile a project, put it on a device and start it there')
            [CompletionResult]::new('repl', 'repl', [CompletionResultType]::ParameterValue, 'Talk Python with a device, or with the simulator')
            [CompletionResult]::new('sim', 'sim', [CompletionResultType]::ParameterValue, 'Offer a simulated board on a pseudo-terminal')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'upy;help;new' {
            break
        }
        'upy;help;build' {
            break
        }
        'upy;help;run' {
            break
        }
        'upy;help;inspect' {
            break
        }
        'upy;help;devices' {
            break
        }
        'upy;help;deploy' {
            break
        }
        'upy;help;repl' {
            break
        }
        'upy;help;sim' {
            break
        }
        'upy;help;completions' {
            break
        }
        'upy;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
