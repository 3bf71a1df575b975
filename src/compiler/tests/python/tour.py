def f(a, b=2, *args, c, d=4, **kw):
    print(a, b, args, c, d, sorted(kw.items()))
f(1, c=3)
f(1, 5, 6, 7, c=3, d=9, e=10)
class A:
    x = 1
    def __init__(self, y): self.y = y
    def m(self): return [self.x + i for i in range(self.y)]
class B(A):
    def __init__(self, y):
        super().__init__(y + 1)
        self.z = lambda q: q * self.y
    def m(self):
        return super().m() + [self.z(3)]
print(A(3).m(), B(3).m())
def gen(n):
    for i in range(n):
        try:
            x = yield i
            if x: print('got', x)
        finally:
            print('fin', i)
def g2():
    r = yield from gen(3)
    return r
print(list(g2()))
def loops():
    out = []
    for i in range(10):
        if i == 2: continue
        if i == 5: break
        out.append(i)
    else:
        out.append('else')
    n = 0
    while n < 5:
        n += 1
        try:
            if n == 2: continue
            if n == 4: break
        finally:
            out.append(('f', n))
    else:
        out.append('never')
    return out
print(loops())
def tr():
    try:
        1/0
    except ValueError:
        print("no")
    except (ZeroDivisionError, TypeError) as e:
        print("yes", type(e).__name__)
    else:
        print('else')
    finally:
        print('finally')
    try:
        return 'r'
    finally:
        print('ret fin')
print(tr())
class CM:
    def __enter__(self): print('enter'); return 5
    def __exit__(self, *a): print('exit', a[0]); return True
with CM() as v, CM():
    print(v)
    raise KeyError
def counter():
    n = 0
    def inc():
        nonlocal n
        n += 1
        return n
    return inc
c = counter(); c(); print(c())
a, *b, (d, e) = 1, 2, 3, (4, 5)
print(a, b, d, e)
x, y = 1, 2
x, y = y, x
print(x, y, f"{x=} {y!r:>5} {{}} {x+y:{'>'}{8}}")
print(1 < x < 3, not x, x if y else 0, x and y or 3, {**{'a': 1}, 'b': 2}, [*range(3), 4], (*'ab', 1))
if (n := 10) > 5: print(n)
print({k: v for k, v in zip('ab', [1, 2])} == {'a':1,'b':2}, sorted({i % 3 for i in range(10)}), sum(i for i in range(5) if i % 2))
l = [1,2,3,4]
del l[0], l[:1]
print(l, l[::-1], l[0:1])
l[0] += 5
print(l)
import sys as s, math
from math import pi as PI, sqrt
print(math.floor(PI), sqrt(4))
def k(*a, **kw): return a, kw
print(k(*[1,2], 3, *(4,), x=1, **{'y': 2}) == ((1,2,3,4), {'x':1,'y':2}))
async def co(x): return x
async def main():
    return await co(3) + await co(4)
try:
    main().send(None)
except StopIteration as e:
    print(e.value)
for i in range(3): pass
else: print('done', i)
assert x == 2, "no"
print(0x10, 1_000, 1e3, -5, 10**20, "a" "b", b"x\x00")
global_ = [lambda i=i: i for i in range(3)]
print([q() for q in global_])
