# Arguments and displays of every shape.
def f(*args, **kwargs): return args, sorted(kwargs.items())
print(f(1, *[2, 3], 4, *(5,), k=6, **{'l': 7}, m=8, **{'n': 9}))
print(f(a=1, *[2]), f(*'ab', *[]), f(**{}, **{'z': 1}))
def pos(a, b=2, /, c=3, *d, e, g=5, **h): return a, b, c, d, e, g, h
print(pos(1, e=4), pos(1, 2, 3, 4, 5, e=6, g=7, a=8))
try: print((lambda a, /: a)(a=1))
except TypeError: print('positional only')
print([*range(3), 3, *[4]], (*'ab', *[1]), sorted({*[1, 2], 2, *(3,)}), {**{'a': 1}, 'a': 2, **{'b': 3}} == {'a': 2, 'b': 3})
def r(): return 1, *[2, 3]
print(r())
for v in 1, *[2]: print(v)
d = {(1, 2): 'x'}
print(d[(*[1, 2],)])
print(len(f(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, *[33])[0]))
class M:
    def m(self, *a, k=0): return a, k
m = M()
print(m.m(1, *[2], k=3), m.m(*[], **{'k': 1}), M().m())
def deco(n):
    def wrap(fn): return lambda *a: fn(*a) + n
    return wrap
decorators = [deco(1), deco(10)]
@decorators[0]
@(lambda fn: decorators[1](fn))
def plain(x): return x
print(plain(1))
print((lambda: 1)(), (lambda *a, k=2, **b: (a, k, b))(1, x=3))
print("{} {}".format(*[1, 2]), '%d-%s' % (1, 'b'), max(1, 2, key=lambda q: -q))
class Slices:
    def __getitem__(self, i): return i
    def __delitem__(self, i): print('del', i)
    def __setitem__(self, i, v): print('set', i, v)
s = Slices()
print(s[1:2].start, s[1:2, 3][1], s[...], s[::2].step)
del s[1], s[4]
s[0] = s[1] = 5, *[6]
a = b = c = []
print(a is b is c, 1 < 2 < 3 != 4, 1 > 2 > (1 // 0), 'a' in 'abc' not in [None])
x = [1, 2, 3]
x[0], x[1:] = x[1], x[0:1]
print(x)
(i, j), *k, [l] = (1, 2), 3, 4, [5]
print(i, j, k, l)
[x[0]] = [9]
print(x)
i += 1; x[0] += i; m.v = 1; m.v *= 5
print(i, x, m.v)
