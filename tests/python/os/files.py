import os

os.mkdir("dir")
with open("dir/a.txt", "w") as f:
    f.write("hello")
print(os.listdir("dir"), sorted(os.listdir()))
os.rename("dir/a.txt", "dir/b.txt")
print(os.listdir("/dir"), os.stat("dir/b.txt")[6])
os.chdir("dir")
print(os.getcwd(), os.listdir(), open("b.txt").read(), open("../dir/./b.txt").read())
try:
    os.rmdir("/dir")
except OSError as e:
    print(e.errno)
os.remove("b.txt")
os.chdir("/")
os.rmdir("dir")
print(os.listdir())
for action in (lambda: os.remove("x"), lambda: os.listdir("x"), lambda: os.mkdir("a/b"), lambda: os.stat("q"), lambda: os.chdir("q")):
    try:
        action()
    except OSError as e:
        print(type(e).__name__, e.errno)
print(len(os.urandom(5)), type(os.urandom(3)), os.sep)
