class Vec:
    def __init__(self, *c): self.c = list(c)
    def __getitem__(self, i):
        if isinstance(i, slice): return Vec(*self.c[i])
        return self.c[i]
    def __len__(self): return len(self.c)
    def __mul__(self, k):
        if isinstance(k, (int, float)): return Vec(*[x * k for x in self.c])
        return NotImplemented
    __rmul__ = __mul__
    def __eq__(self, o):
        if not isinstance(o, Vec): return NotImplemented
        return self.c == o.c
    def __repr__(self): return "Vec(%s)" % ", ".join(map(repr, self.c))
    def __iter__(self): return iter(self.c)
    def __contains__(self, x): return x in self.c
    def __add__(self, o): return Vec(*[a + b for a, b in zip(self, o)])
    def __isub__(self, o): self.c = [a - b for a, b in zip(self, o)]; return self
v = Vec(1, 2, 3)
print(v * 2, 2 * v, v[1:], v == Vec(1, 2, 3), v == 5, v != Vec(1), v + v, 2 in v, [*v], sum(v), max(v), sorted(v, reverse=True))
v -= Vec(1, 1, 1); print(v)
a, b, c = v; print(a, b, c)
try: hash(v)
except TypeError as e: print(e)
