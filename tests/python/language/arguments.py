def count(n=[0]): n[0] += 1; return n[0]
count(); print(count())
print((lambda x, *a, k=1, **kw: (x, a, k, kw))(1, 2, 3, k=4, z=5))
def kw(a, b): return a - b
print(kw(b=1, a=5), kw(*[3], **{"b": 1}))
def f(a, b=2, *args, c, d=4, **kw): return a, b, args, c, d, sorted(kw.items())
print(f(1, c=3), f(1, 2, 3, 4, c=5, e=6), f(*[1, 2], **{"c": 3, "z": 1}), f(*(1,), *(2, 3), c=1, **{"x": 1}, **{"y": 2}))
for bad in (lambda: f(), lambda: f(1), lambda: f(1, c=1, a=2), lambda: (lambda: 0)(1), lambda: (lambda x: 0)(y=1), lambda: f(**{"c": 1, "a": 1}, **{"c": 2})):
    try: bad()
    except TypeError as e: print("TE")
def po(a, /, b, *, c): return a, b, c
print(po(1, 2, c=3), po(1, b=2, c=3))
