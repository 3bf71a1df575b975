# Name resolution: class scope, comprehensions, nonlocal, global, __class__, walrus.
x = 'global'
class A:
    x = 'class'
    y = [x for _ in range(1)]
    z = x
    def m(self): return x
    def cls(self): return __class__.__name__
print(A.y, A.z, A().m(), A().cls())
def outer():
    x = 'outer'
    class B:
        x = 'inner class'
        def m(self): return x
        class C:
            def m(self): return x
    def mid():
        def inner():
            nonlocal x
            x += '!'
            return x
        return inner
    return B().m(), B.C().m(), mid()(), x
print(outer())
def g():
    global made
    made = [1]
    def h():
        global made
        made += [2]
    h()
g()
print(made)
def w():
    if any((last := n) > 2 for n in [1, 2, 3, 4]): pass
    return last, [y := 1, y ** 2], (z := 5) + z
print(w())
print([(lambda a: a + i)(1) for i in range(3)], {k: [k * j for j in range(k)] for k in range(3)} == {0: [], 1: [0], 2: [0, 2]})
total = 0
print([total := total + v for v in [1, 2, 3]], total)
def args(a, b=x, *c, d=[x for x in 'ab'], **e):
    def get(): return a, b, c, d, e
    return get()
print(args(1), args(1, 2, 3, d=4, f=5))
class Base:
    def __init__(self): self.log = ['base']
    def add(self, n): self.log.append(n)
class Derived(Base):
    def __init__(self):
        super().__init__()
        [super().add(n) for n in (1, 2)]
        f = lambda self: super().add(3)
        f(self)
        super(Derived, self).add(4)
print(Derived().log)
def deleter():
    v = 1
    del v
    try: v
    except NameError: return 'unbound'
print(deleter())
try: raise ValueError('q')
except ValueError as err: pass
try: err
except NameError: print('err is gone')
def cells():
    fs = []
    for i in range(3):
        def f(i=i): return i + n
        fs.append(f)
    n = 10
    return [f() for f in fs]
print(cells())
def gen_scope():
    n = 3
    return sum(i * n for i in range(n) for n2 in range(i) if n2 != n)
print(gen_scope())
