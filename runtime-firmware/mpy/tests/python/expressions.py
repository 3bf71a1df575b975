# Every kind of operand.
import sys
from sys import path, modules as loaded

CONSTANT = (1, 2.5, "text that is too long to be a qstr", b"bytes", None, True, False, ..., (3j, ("é", 1 << 70)))
numbers = [0, -16, 47, 48, -17, 8191, -8193, 1 << 29, -(1 << 30), 1e100, float("inf"), -0.0]


def arguments(a, b=2, *c, d, e=5, **f):
    del b
    a[1:2] = c
    a[1:2:3] += [d]
    del a[0], e
    a.x = a.y = 1
    a.z += 1
    del a.x
    first, *middle, last = f
    (x, y), z = c
    return arguments(1, b=2), arguments(*a, **f), a.method(1, k=2), a.method(1, *c, k=2, **f), x, y, z, first, middle, last


def operators(a, b):
    a += b; a -= b; a *= b; a @= b; a //= b; a /= b; a %= b; a **= b; a <<= b; a >>= b; a |= b; a ^= b; a &= b
    r = a + b - a * b @ a // b / a % b ** a << b >> a | b ^ a & b
    s = +a, -a, ~a, not a
    t = a < b <= a > b >= a == b != a, a in b, a not in b, a is b, a is not b
    return r, s, t, a and b or r, a if b else r


def comprehensions(x):
    n = 0
    return (
        [i for i in x if i],
        {i: j for i in x for j in i},
        {i + n for i in x},
        list(i for i in x if i for j in i),
        [[j * n for j in i] for i in x],
    )


def many_locals(a):
    b = c = d = e = f = g = h = i = j = k = l = m = n = o = p = q = a
    r = q
    del r
    return [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]


def closure(a):
    b = a

    def inner(c=b, *, d=a):
        nonlocal b
        b = c + d
        del b
        return lambda: a

    return inner


class Base:
    attribute = 1

    def method(self):
        global CONSTANT
        CONSTANT = self
        return super().method()


class Derived(Base, metaclass=type):
    x = [CONSTANT for _ in range(3)]

    @property
    def name(self):
        assert self, "no self"
        raise ValueError from None


def generator(x):
    y = yield x
    z = yield from y
    return (yield z)


from os import *

if sys.argv:
    print(f"{CONSTANT} {numbers!r:>20}")
for i in range(10):
    if i:
        break
else:
    pass
