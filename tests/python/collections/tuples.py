from collections import namedtuple, OrderedDict, defaultdict

P = namedtuple("P", "x y")
p = P(1, y=2)
print(p, p.x, p.y, p[0], len(p), tuple(p), p == (1, 2), isinstance(p, tuple))
x, y = p
print(x, y, p._fields, p._replace(y=5), p._asdict(), P._make([7, 8]))
Q = namedtuple("Q", ["a", "b", "c"], defaults=[10, 20])
print(Q(1), Q(1, 2, c=3), Q._field_defaults)
print({p: 1}[P(1, 2)], sorted([P(2, 1), P(1, 3)]), P(3, 4) > P(3, 3))
for bad in (lambda: P(1), lambda: P(1, 2, 3), lambda: P(1, z=1), lambda: namedtuple("R", "a a"), lambda: namedtuple("R", "_a"), lambda: namedtuple("R", "1a")):
    try:
        bad()
    except (TypeError, ValueError) as e:
        print(type(e).__name__)


class Point(namedtuple("Base", "x y")):
    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5


print(Point(3, 4).norm(), Point(3, 4))
o = OrderedDict([("b", 1), ("a", 2)])
o["c"] = 3
print(list(o), o["a"], len(o), "b" in o, list(o.items()))
o.move_to_end("b")
print(list(o), o.popitem(), o.popitem(last=False), o)
d = defaultdict(list)
d["a"].append(1)
d["a"].append(2)
d["b"]
print(d["a"], len(d), "z" in d, d.get("z"), sorted(d.items()))
n = defaultdict(int)
for c in "hello":
    n[c] += 1
print(sorted(n.items()))
try:
    defaultdict(None)["q"]
except KeyError as e:
    print("KeyError", e)
