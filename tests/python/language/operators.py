class A:
    count = 0
    def __init__(self, x): self._x = x; A.count += 1
    @property
    def x(self): "doc"; return self._x
    @x.setter
    def x(self, v): print("set", v); self._x = v
    @x.deleter
    def x(self): print("del"); del self._x
    @classmethod
    def make(cls, *a): return cls(*a)
    @staticmethod
    def st(a, b=2): return a + b
    def __repr__(self): return f"{type(self).__name__}({self._x!r})"
    def __eq__(self, o): return isinstance(o, A) and self._x == o._x
    def __hash__(self): return hash(self._x)
    def __lt__(self, o): return self._x < o._x
class B(A):
    def __init__(self, x, y): super().__init__(x); self.y = y
    @property
    def x(self): return super().x * 2
    def __add__(self, o): return B(self._x + (o._x if isinstance(o, A) else o), self.y)
    def __radd__(self, o): return self + o
    def __iadd__(self, o): self.y += o; return self
    def __contains__(self, o): return o == self.y
    def __len__(self): return 7
    def __bool__(self): return False
    def __call__(self, *a, **k): return (a, sorted(k.items()))
    def __getitem__(self, i): return i
    def __setitem__(self, i, v): print("setitem", i, v)
    def __delitem__(self, i): print("delitem", i)
    def __neg__(self): return "neg"
    def __abs__(self): return "abs"
    def __invert__(self): return "inv"
    def __int__(self): return 42
    def __float__(self): return 4.5
    def __index__(self): return 3
    def __enter__(self): return self
    def __exit__(self, *a): print("exit", a)
    def __format__(self, spec): return "fmt:" + spec
    def __str__(self): return "strB"
    def __getattr__(self, n):
        if n.startswith("dyn_"): return n[4:]
        raise AttributeError(n)
a = A(1); a.x = 5; print(a.x, A.make(3), A.st(1), a.st(2, 3)); del a.x
b = B(2, 3)
print(b.x, b + 1, 1 + b, sum([b, b], 0), 3 in b, 4 in b, len(b), bool(b), b(1, k=2), b[1:2], b[1, 2], b[...])
b[1] = 2; b[1:2] = 3; del b[4]
b += 10; print(b.y, -b, abs(b), ~b, int(b), float(b), [1, 2, 3, 4][b], f"{b:>10}", f"{b}", f"{b!r}", "{}".format(b), "%s" % b)
print(b.dyn_foo, getattr(b, "nope", "default"), hasattr(b, "zzz"))
try: b.zzz
except AttributeError as e: print("AE", e)
try: b.x = 3
except AttributeError as e: print("AE")
print(A.count, isinstance(b, A), issubclass(B, (int, A)), type(b) is B, B.__name__, B.__bases__[0] is A)
print({A.make(1): 2}[A.make(1)], A.make(1) != A.make(2), sorted([A.make(3), A.make(1)]), max(A.make(3), A.make(1)))
