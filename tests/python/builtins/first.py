print("hello", 1, 2.5, None, True)
print(1, 2, sep="-", end="!\n")
print(isinstance(1, int), isinstance(True, int), isinstance("a", (int, str)), issubclass(bool, int))
for i in range(3):
    print(i)
print(len([1, 2, 3]), len("abc"), len({}), len((1,)))
print(sum([1, 2, 3]), sum([1.5, 2.5]), sum([[1], [2]], []), sum(x for x in range(10)))
print(min(3, 1, 2), max([3, 1, 2]), min("b", "a"), max([1, 2, 3], key=lambda x: -x), min([], default=5))
print(any([0, 1]), all([1, 0]), any(x > 2 for x in range(5)), all([]))
print(list(map(lambda x: x * 2, [1, 2, 3])))
print(list(filter(None, [0, 1, 2, 0, 3])), list(filter(lambda x: x % 2, range(6))))
print(list(zip([1, 2, 3], "abc")), list(enumerate("ab", start=1)))
print(list(reversed([1, 2, 3])), list(reversed("abc")), list(reversed(range(4))))
print(sorted([3, 1, 2]), sorted("hello", reverse=True), sorted([(1, "b"), (1, "a")], key=lambda r: r[0]))
print(abs(-5), abs(-2.5), divmod(7, 2), divmod(-7, 2), pow(2, 10), pow(3, 4, 5))
print(bin(10), oct(8), hex(255), hex(-255), chr(97), ord("a"), chr(8364), ord("€"))
print(round(2.5), round(3.5), round(2.675, 2), round(1234, -2), round(-2.5))
print(repr("it's"), ascii("é"), repr([1, "a"]))
it = iter([1, 2])
print(next(it), next(it), next(it, "end"))
try:
    next(it)
except StopIteration:
    print("stop")


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __repr__(self):
        return f"Point({self.x}, {self.y})"

    def __lt__(self, other):
        return self.x < other.x


p = Point(1, 2)
print(getattr(p, "x"), getattr(p, "z", 3), hasattr(p, "y"), hasattr(p, "q"))
setattr(p, "z", 9)
print(p.z, p)
delattr(p, "z")
print(hasattr(p, "z"))
print(sorted([Point(3, 0), Point(1, 0), Point(2, 0)]))
print(callable(print), callable(p), callable(Point), callable(3))
print([x for x in dir(p) if not x.startswith("_")])
print(format(3.14159, ".2f"), format(5, "05d"), format("a", ">4"))
print(hash(5) == hash(5.0), id(p) == id(p))
print(list(zip(range(3), range(4))))
try:
    list(zip([1], [1, 2], strict=True))
except ValueError as e:
    print(e)
for bad in (lambda: len(5), lambda: int("x"), lambda: {}["k"], lambda: chr(-1), lambda: iter(5)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
