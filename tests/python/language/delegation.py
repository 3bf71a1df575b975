def inner():
    try:
        r = yield 1
        print("inner got", r)
        r = yield 2
        print("inner got", r)
    finally:
        print("inner finally")
    return "result"
def outer():
    r = yield from inner()
    print("outer", r)
    yield from [10, 20]
    return "end"
g = outer()
print(next(g)); print(g.send("a")); print(g.send("b")); print(next(g))
try:
    next(g)
except StopIteration as e:
    print(e.value, e.args)
g = outer()
next(g)
try:
    g.throw(KeyError("k"))
except KeyError as e:
    print("KeyError", e)
