class L(list):
    def __init__(self, *a): super().__init__(a); self.tag = 1
    def append(self, v): super().append(v * 2)
l = L(1, 2); l.append(3); print(l, len(l), l[-1], l.tag, l == [1, 2, 6], [1] + l, isinstance(l, list), sorted(l, reverse=True))
class Dd(dict):
    def __missing__(self, k): return k * 2
    def __getattr__(self, k): 
        try: return self[k]
        except KeyError: raise AttributeError(k)
dd = Dd(a=1); print(dd["a"], dd["zz"], dd.a, dd.get("q"), "zz" in dd, dict(dd))
class St(str):
    def shout(self): return self.upper() + "!"
print(St("abc").shout(), St("a") + "b", {St("k"): 1}["k"], len(St("abc")))
class I(int):
    def __add__(self, o): return I(int(self) + int(o) + 1)
    def __repr__(self): return "I(%d)" % int(self)
print(I(3) + 4, I(2) * 3, [I(1)], I(5) > 4)
