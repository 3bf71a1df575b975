# repr, str and format that ask the program's classes, containers of such objects, and classes that extend builtin types.
class A:
    def __repr__(self): return "A!"
class B:
    def __str__(self): return "B!"
class C(A):
    def __str__(self): return "Cs"
    def __format__(self, spec): return "C<" + spec + ">"
a = A(); b = B(); c = C()
print(a, [a], (a,), {a: a}, {1: [a, b is b]}, {a})
print(str(b), repr(c), str(c), [c], "%s %r" % (c, c), "{} {!r} {:>5} {!s:>5}".format(c, c, c, c))
print(f"{c:xyz} {a!r:>6}|")
l = [1]; l.append(l); print(l)
l.append(a); print(l)
d = {}; d[1] = d; d[2] = a; print(d)
class E(Exception): pass
class F(Exception):
    def __str__(self): return "F text"
print(repr(E("x")), str(E("x", 1)), str(F(1)), repr(F(1)), [E(a)])
print(str(E(a)), str(KeyError(a)))
class L(list): pass
class D(dict): pass
class S(str): pass
x = L([1, a]); print(x, repr(x), x[0], len([0]))
x.append(3); print(x)
s = S("abc"); print(s, repr(s), s.upper(), "%s" % s, [s])
print(D([(1, 2)]), D({1: 3}))
class L2(list):
    def __init__(self, n):
        super().__init__([n, n])
print(L2(5))
class R(list):
    def __repr__(self): return "R" + super().__repr__()
print(R([1, 2]))
try:
    print("{0.x}".format(a))
except AttributeError as e:
    print("AE", e)
class P:
    x = 5
    y = [1, {"k": "v"}]
print("{0.x} {0.y[0]} {0.y[1][k]} {p.x}".format(P(), p=P()))
class K:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return isinstance_(o) and self.n == o.n
    def __hash__(self): return 1
    def __repr__(self): return "K%d" % self.n
def isinstance_(o): return type(o) is K
d = {K(1): 'a', K(2): 'b'}
print(d, d[K(2)], d.get(K(3)), d.pop(K(1)), d, K(2) in d)
print([K(1), K(2)].index(K(2)), [K(1), K(1)].count(K(1)), (K(3),).count(K(3)))
l = [K(1), K(2)]; l.remove(K(1)); print(l)
st = {K(1), K(1), K(2)}; print(st, K(1) in st)
print({K(1)}.union({K(1), K(2)}))
print(d.setdefault(K(9), 1), d)
e = dict.fromkeys([K(1), K(1)]); print(e)
d.update({K(2): 'z'}); print(d)
print({1: 2} | {3: 4})
def gen():
    yield 1
    yield 2
print({'a': 1}.keys(), {'a': 1}.items(), {'a': a}.values(), {'a': a}.items())
print("%(x)s" % {'x': a})
try: "%d" % a
except TypeError as e: print(e)
try: [1, 2].index(a)
except ValueError as e: print(e)
class M:
    def keys(self): return ['a']
    def __getitem__(self, k): return k + '!'
print(dict(M()), "{a}".format_map(M()), "%(zz)s" % M())
class N:
    def __repr__(self): return 5
try: repr(N())
except TypeError as e: print(e)
class Deep:
    def __init__(self, x): self.x = x
    def __repr__(self): return "D(" + repr(self.x) + ")"
x = 1
for i in range(20): x = Deep(x)
print(x)
