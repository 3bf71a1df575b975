class Desc:
    def __set_name__(self, o, n): self.n = n
    def __get__(self, i, o): return self if i is None else i.__dict__.get("_" + self.n, "unset")
    def __set__(self, i, v): setattr(i, "_" + self.n, v * 2)
class D:
    f = Desc(); g = Desc()
d = D(); print(d.f); d.f = 4; print(d.f, d.g)
