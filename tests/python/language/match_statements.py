def m(x):
    match x:
        case 0: return "zero"
        case 1 | 2: return "one-two"
        case [a]: return ("one", a)
        case [a, *rest]: return ("seq", a, rest)
        case {"k": v, **rest}: return ("map", v, rest)
        case str() as s if len(s) > 3: return "long " + s
        case str(): return "short"
        case int(n): return n
        case None | True: return "nt"
        case P(x=0, y=yy): return ("P", yy)
        case P(1, b): return ("P1", b)
        case _: return "other"
class P:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
for t in (0, 2, [5], (1, 2, 3), {"k": 1, "z": 2}, "abcd", "ab", 99, None, P(0, 7), P(1, 8), P(2, 2), 2.5, []): print(m(t))
