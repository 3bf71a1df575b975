def f():
    def g():
        nonlocal x
        x += 1
        return x
    x = 10
    return g
g = f(); print(g(), g())
def acc():
    total = [0]
    def add(n):
        total[0] += n
        return total[0]
    return add
a = acc(); a(5); print(a(6))
def outer(a, *b, c=3, **d):
    def mid():
        def inner(): return a, b, c, d
        return inner
    return mid()()
print(outer(1, 2, c=4, e=5))
def gen_closure():
    for i in range(3):
        yield lambda: i
print([h() for h in gen_closure()], [h() for h in list(gen_closure())])
try:
    def bad():
        def inner(): return later
        r = inner()
        later = 1
        return r
    bad()
except NameError as e: print(type(e).__name__)
def delv():
    v = 1
    def i(): return v
    del v
    try: i()
    except NameError: return "gone"
print(delv())
fs = [lambda: i for i in range(3)]; print([f() for f in fs])
fs = [lambda i=i: i for i in range(3)]; print([f() for f in fs])
