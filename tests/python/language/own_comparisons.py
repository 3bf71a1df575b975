class Cmp:
    def __init__(s, v): s.v = v
    def __le__(s, o): return s.v <= o.v
    def __gt__(s, o): return s.v > o.v
    def __rsub__(s, o): return ("rsub", o)
    def __matmul__(s, o): return "mm"
    def __divmod__(s, o): return "dm"
    def __pow__(s, o): return "pow"
    def __rpow__(s, o): return "rpow"
    def __lshift__(s, o): return "ls"
    def __ror__(s, o): return "ror"
    def __reversed__(s): return iter("rev")
    def __round__(s, n=None): return ("round", n)
print(Cmp(1) <= Cmp(2), Cmp(1) < Cmp(0), 1 - Cmp(2), Cmp(1) @ 2, divmod(Cmp(1), 2), Cmp(1) ** 2, 2 ** Cmp(1), Cmp(1) << 1, 1 | Cmp(1), list(reversed(Cmp(1))))
try: Cmp(1) + 1
except TypeError as e: print(e)
try: Cmp(1) & 1
except TypeError as e: print(e)
class A:
    def __init__(s,x): s._x=x
    def __lt__(self, o): return self._x < o._x
a,b=A(1),A(2)
print(a>b, b>a)
