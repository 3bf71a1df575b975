x = 5
print(eval("x + 1"), eval("  x * 2"), eval("a + b", {"a": 1, "b": 2}), eval("a + x", {"a": 1, "x": 2}, {"a": 10}))
exec("y = x * 3\nprint('in exec', y)")
print(y, exec("pass"))
space = {}
exec("def f(n):\n    return n * k\nk = 7", space)
print(space["f"](6), sorted(k for k in space if not k.startswith("__")))
code = compile("x + 100", "<test>", "eval")
print(eval(code), eval(code, {"x": 1}))
program = compile("for i in range(3):\n    print(i)", "<test>", "exec")
exec(program)
exec(program)
for bad in ("1 +", "def", "x ="):
    try:
        eval(bad)
    except SyntaxError:
        print("SyntaxError")
try:
    eval("undefined_name")
except NameError as e:
    print(e)
try:
    exec("raise ValueError('inside')")
except ValueError as e:
    print(e)
print([eval("i * i", {"i": i}) for i in range(4)])
print(eval(b"[1, 2][1]"), eval("(lambda a: a + x)(1)"))
