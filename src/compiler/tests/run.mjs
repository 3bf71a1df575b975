// Runs .mpy files on MicroPython for node: run.mjs PACKAGE_DIRECTORY FILE.mpy... Prints one JSON line per file, with
// what the program printed and how it ended.
import { readFileSync } from "node:fs";

const [, , packageDirectory, ...files] = process.argv;
const { loadMicroPython } = await import(`${packageDirectory}/micropython.mjs`);
for (const file of files) {
    const lines = [];
    const python = await loadMicroPython({ heapsize: 4 << 20, stdout: (line) => lines.push(line), stderr: (line) => lines.push(line) });
    python.FS.writeFile("/program.mpy", readFileSync(file));
    let error = null;
    try {
        python.runPython("import sys\nsys.path.insert(0, '/')\nimport program\n");
    } catch (caught) {
        error = String(caught.message ?? caught);
    }
    console.log(JSON.stringify({ file, output: lines.map((line) => line + "\n").join(""), error }));
}
