import sys

print(sys.platform, sys.implementation.name, sys.implementation._mpy, sys.byteorder, sys.maxsize)
print(sys.path, sys.argv, sys.version_info[0], type(sys.modules))
sys.path.append("/x")
print(sys.path[-1], sys.path is sys.path)
sys.stdout.write("written\n")
sys.stdout.buffer.write(b"bytes\n")
print("to stderr", file=sys.stderr)
print("file", file=sys.stdout)
try:
    sys.exit(3)
except SystemExit as e:
    print("exit", e.args, e.code)
sys.exit()
