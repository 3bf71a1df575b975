// Runs a .mpy on MicroPython for node: run.mjs PACKAGE_DIRECTORY FILE.mpy INPUT [FILE…]. INPUT is standard input, the
// other files lie in the current directory of MicroPython and are written back. What the program prints goes to stdout.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const [, , packageDirectory, program, input, ...files] = process.argv;
const { loadMicroPython } = await import(`${packageDirectory}/micropython.mjs`);
let output = "";
const python = await loadMicroPython({ heapsize: 4 << 20, stdout: (line) => (output += line + "\n"), stderr: () => {} });
python.FS.writeFile("/example.mpy", readFileSync(program));
python.FS.writeFile("/standard_input", readFileSync(input));
for (const file of files) python.FS.writeFile("/" + basename(file), readFileSync(file));
// The program's `sys` has an input that ends; `__name__` cannot be "__main__" in an import, so its `main` is called.
python.runPython(`
import sys, os, io
os.chdir("/")
class System:
    stdin = open("/standard_input")
    stdout = sys.stdout
    stderr = io.StringIO()
    argv = ["example"]
sys.modules["sys"] = System
sys.path.insert(0, "/")
import example
if hasattr(example, "main"):
    example.main(System.stdin)
`);
for (const file of files) writeFileSync(file, python.FS.readFile("/" + basename(file)));
process.stdout.write(output);
