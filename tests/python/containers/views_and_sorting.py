# memoryview, sort, and what walks over iterators.
m = memoryview(bytearray(b'abcdef'))
print(len(m), m[1], m[-1], bytes(m[1:3]), list(m[4:]), m.tolist(), m.tobytes(), m.readonly, m.itemsize, m.nbytes)
m[0] = 65; m[1:3] = b'XY'
print(bytes(m), m.obj, m == b'AXYdef', m[1:3] == bytearray(b'XY'), b'XY' == m[1:3])
s = m[2:5]; s[0] = 48
print(bytes(m), [x for x in s], 48 in s, bytearray(s), b''.join([s, b'!']))
try: memoryview(b'abc')[0] = 1
except TypeError as e: print('TypeError', e)
try: m[9]
except IndexError: print('IndexError')
try: memoryview(5)
except TypeError as e: print(e)
try: m[0:2] = b'abc'
except ValueError as e: print(e)
print(memoryview(b'\x01\xff').hex(), m[0:0] == b'', type(m))
b = bytearray(4)
v = memoryview(b)
v[1:3] = v[0:2]
b[0:2] = bytes(memoryview(b'zz'))
print(b)
class A:
    def __int__(self): return 123
    def __index__(self): return 255
    def __float__(self): return 1.5
print("%d %x %.1f" % (A(), A(), A()))
l = [(x * 7919) % 101 for x in range(60)]
l.sort(); print(l)
l.sort(key=lambda x: -x); print(l)
l.sort(key=lambda x: x % 10); print(l)
l.sort(key=lambda x: x % 10, reverse=True); print(l)
class C:
    def __init__(self, n): self.n = n
    def __lt__(self, o): return self.n < o.n
    def __repr__(self): return 'C%d' % self.n
l = [C(x * 37 % 23) for x in range(23)]
l.sort(); print(l)
l.sort(reverse=True); print(l)
print(sorted([(C(2), 1), (C(1), 2)]), sorted('hello'), sorted({3: 1, 1: 2}), sorted([[2, 1], [1, 9], [1]]))
try: sorted([1, 'a'])
except TypeError as e: print(e)
try: sorted([C(1), 5])
except (TypeError, AttributeError) as e: print(type(e))
print(min([3, 1]), max('abc'), sum([1, 2]), list(zip([1, 2], 'ab')), list(enumerate('ab')), list(map(str, [1, 2])), any([0, 1]), all([]))
print(list(reversed([1, 2])), list(reversed('ab')), list(filter(None, [0, 1, 2])))
print(dict(zip('ab', [1, 2])), set(map(int, '12')) == {1, 2}, tuple(reversed((1, 2))), ','.join(map(str, [1, 2])))
print({**{'a': 1}, 'b': 2}, [*range(3), *'ab'])
i = iter([1, 2, 3]); next(i); print(list(i), list(i))
i = iter('abc'); next(i); print(''.join(i), ''.join(i))
d = {}
for i in range(100): d[i % 37] = i
for i in range(0, 37, 2): del d[i]
print(d, len(d))
for i in range(50): d['k%d' % i] = i
print(len(d), d['k7'], list(d)[:5], list(d.items())[-2:])
while d: d.popitem()
print(d)
s = set(range(50)) - set(range(0, 50, 2))
print(len(s), sum(s), 3 in s, 4 in s)
x = [1, 2, 3]
x[len(x):] = [4, 5]; x[:0] = [0]; print(x)
x[1:3], y = [9], 1; print(x, y)
del x[:]; print(x)
a = 'x' * 1000; print(len(a + a), (a + 'y').find('y'), a.count('x'), len(a.replace('x', 'ab')))
print('%-10s|%10s|' % ('\u20ac', '\xe9'), '{:\u20ac>5}'.format('x'))
print("{:>{w}}".format('a', w=4), "{0:{1}}".format('a', 4), "{:{}}".format('a', 4))
print("{a.b}".format(a=type('T', (), {'b': 5})), "{0[a b]}".format({'a b': 1}), "{0[-1]}".format({'-1': 2}))
print('a\x00b', repr('a\x00b'), 'tab\t|'.expandtabs(4), b'\x00\xff')
print(str(1e20), repr(1e-7), 1.0, 100000000000000000.0, float('inf'), float('nan'), -0.0, 1/3)
print(2**100, -2**70, 10**30, hex(2**70), oct(8), bin(5))
print(1j, 1+2j, complex(0, -1), (-0.0+1j))
print(int('12'), int('ff', 16), float('1e3'), str(True), repr(None), [None, ...])
