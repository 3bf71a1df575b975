// Runs .mpy files on MicroPython for node: run.mjs PACKAGE_DIRECTORY FILE.mpy [--json FILE.mpy...]. Prints what the
// program prints; with --json one line of JSON per file, with how it ended.
import { readFileSync } from "node:fs";

const [, , packageDirectory, ...rest] = process.argv;
const json = rest.includes("--json");
const files = rest.filter((argument) => argument !== "--json");
const { loadMicroPython } = await import(`${packageDirectory}/micropython.mjs`);
for (const file of files) {
    let output = "";
    const write = (line) => (output += line + "\n");
    const python = await loadMicroPython({ heapsize: 4 << 20, stdout: write, stderr: write });
    python.FS.writeFile("/program.mpy", readFileSync(file));
    let error = null;
    try {
        python.runPython("import sys\nsys.path.insert(0, '/')\nimport program\n");
    } catch (caught) {
        error = String(caught.message ?? caught);
    }
    if (json) console.log(JSON.stringify({ file, output, error }));
    else process.stdout.write(output + (error === null ? "" : error + "\n"));
}
