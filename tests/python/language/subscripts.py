class Sl:
    def __getitem__(self, k): return k
s = Sl(); print(s[1:2], s[::2], s[1:2, 3], s[..., None], s["a"], s[-1], s[:])
class Del:
    def __init__(self): self.d = {}
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __getattr__(self, n): return "auto_" + n
d = Del(); d["a"] = 1; d["b"] = 2; del d["a"]; print(d.d, d.foo)
