import io

with open("data.txt", "w") as f:
    print(f.write("one\ntwo\n"), f.write("thréé\n"))
    print("four", file=f)
    f.writelines(["five\n", "six"])
f = open("data.txt")
print(f.read())
f.close()
print(f.closed)
try:
    f.read()
except ValueError as e:
    print(e)
with open("data.txt") as f:
    print(repr(f.readline()), repr(f.read(6)), repr(f.readline()), f.readlines())
with open("data.txt") as f:
    for line in f:
        print(repr(line))
with open("data.txt", "rb") as f:
    print(f.read(5), f.tell(), f.seek(-3, 2), f.read(), f.read())
    buffer = bytearray(4)
    f.seek(0)
    print(f.readinto(buffer), buffer)
with open("data.txt", "a") as f:
    f.write("!")
with open("data.txt", "r+") as f:
    f.write("ONE")
    f.seek(0)
    print(f.read().split("\n"))
for mode in ["q", "rw", "rbt", ""]:
    try:
        open("data.txt", mode)
    except ValueError as e:
        print(mode, "refused")
try:
    open("absent.txt")
except FileNotFoundError as e:
    print(type(e).__name__, e.errno)
try:
    open("data.txt", "x")
except OSError as e:
    print(type(e).__name__, e.errno)
with open("data.txt", "w") as f:
    try:
        f.read()
    except io.UnsupportedOperation as e:
        print("unsupported", e)
with open("bin", "wb") as f:
    print(f.write(b"\x00\x01\xff" * 50), f.write(bytearray(b"xyz")))
with open("bin", "rb") as f:
    data = f.read()
    print(len(data), data[:4], data[-4:])
s = io.StringIO("a\nbé\nc")
print(repr(s.read(1)), repr(s.readline()), s.readlines(), repr(s.read()))
s = io.StringIO()
s.write("hello ")
s.write("world")
print(s.getvalue(), s.tell())
s.seek(0)
s.write("J")
print(s.getvalue(), s.read())
b = io.BytesIO(b"abcdef")
print(b.read(2), b.tell(), b.read(), b.getvalue())
b.seek(10)
b.write(b"z")
print(b.getvalue())
b.seek(3)
print(b.truncate(), b.getvalue())
for line in io.BytesIO(b"1\n2\n3"):
    print(line)
with io.StringIO("x") as s:
    print(s.read())
try:
    s.read()
except ValueError as e:
    print(e)
print(hasattr(s, "write"), list(io.StringIO("q\nr\n")))
with open("view", "wb") as f:
    print(f.write(memoryview(b"abcdef")[1:3]), f.write(memoryview(bytearray(b"xyz"))[1:]))
with open("view", "rb") as f:
    target = bytearray(6)
    print(f.readinto(memoryview(target)[2:4]), target, f.read())
