# Dicts and sets of objects with their own __eq__ and __hash__.
class K:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return type(o) is K and self.n == o.n
    def __hash__(self): return hash(self.n)
    def __repr__(self): return "K%d" % self.n
a, b, c = K(1), K(2), K(3)
print({K(1)} | {K(1)}, {K(1), K(2)} & {K(2)}, {K(1), K(2)} - {K(2)}, {K(1), K(2)} ^ {K(2), K(3)})
print({K(1)} == {K(1)}, {K(1)} != {K(1)}, {K(1)} < {K(1), K(2)}, {K(1)} <= {K(1)}, {K(1), K(2)} > {K(2)}, {K(1)} >= {K(2)})
s = {K(1)}; t = s; s |= {K(2)}; print(s is t, s); s &= {K(2)}; print(s is t, s); s -= {K(2)}; print(t)
d = {K(1): 1}; e = d; d |= {K(1): 2, K(2): 3}; print(d is e, d, {K(1): 0} | {K(1): 5})
d = {1: 1}; e = d; d |= {2: 2}; print(e, d is e)
print({K(1): 0}.keys() & {K(1)}, {K(1): 0}.keys() == {K(1)}, K(1) in {K(1): 0}.keys(), frozenset([K(1)]) | {K(2)})
print([K(1), 2] == [K(1), 2], (K(1),) < (K(1), 1), {'x': K(1)} == {'x': K(1)}, [K(1)] in [[K(1)]], {'a': 1}.keys() == {'a'})
print({(K(1), 2): 3}[(K(1), 2)], {frozenset([1]): 2}[frozenset([1])])
print({1, 2}.keys if False else sorted({1, 2} | {3}), {1, 2}.issubset(range(5)))
try: print({1} | [2])
except TypeError as x: print(x)
