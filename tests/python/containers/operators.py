# Operators, slices and constructors of strings and containers.
def sorted_(l):
    l.sort()
    return l
def hash_(x): return {x: 1}[(1, 2)]
class CD(dict):
    def __getitem__(self, k): return super().__getitem__(k) * 2
    def __setitem__(self, k, v): super().__setitem__(k, v + 1)
    def __len__(self): return super().__len__() + 100
    def __contains__(self, k): return k == 'zz' or super().__contains__(k)
    def __iter__(self): return super().__iter__()
def f():
    c = CD()
    c['a'] = 1
    return [c['a'], 'zz' in c, 'a' in c, 'b' in c, [k for k in c]]
def reversed_(l): return l[::-1]
d = {'a': 1, 'b': 2}
print('a' in d.keys(), 2 in d.values(), ('a', 1) in d.items(), len(list(d.keys())))
for k in d.keys(): print(k)
for k, v in d.items(): print(k, v)
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
t(lambda: d.keys() & {'a'} == {'a'})
t(lambda: d.keys() | {'c'} == {'a', 'b', 'c'})
t(lambda: d.keys() - {'a'} == {'b'})
t(lambda: d.keys() ^ {'a'} == {'b'})
t(lambda: d.keys() == {'a', 'b'})
t(lambda: d.items() == {('a', 1), ('b', 2)})
t(lambda: d.keys() == {'b': 0, 'a': 1}.keys())
t(lambda: d.keys().isdisjoint(['z']))
s = 'h\xe9llo w\u20acrld'
t(lambda: [s[i] for i in range(-3, 3)])
t(lambda: [s[1:4], s[::-1], s[-3:], s[::2], s[5:1:-2], s[100:], s[3:1]])
t(lambda: 'ell' in 'hello')
t(lambda: '\u20acr' in s)
t(lambda: 'abc' * 3 + 'd')
t(lambda: 'abc' < 'abd')
t(lambda: b'abc'[1])
t(lambda: b'abc'[::-1])
t(lambda: bytearray(b'abc')[1:])
t(lambda: [1, 2, 3][::-1] + [4] * 2)
t(lambda: (1, 2, 3)[1:] + (4,) * 2)
def f():
    l = list(range(10))
    l[2:4] = 'xyz'
    print(l)
    l[::3] = [0] * 4
    print(l)
    del l[1:3]
    print(l)
    del l[::-2]
    print(l)
    l[1:1] = l
    print(l)
    l[:] = []
    print(l)
    l += (1, 2)
    l += range(3)
    l += l
    print(l)
    l *= 2
    return l
t(f)
def f():
    l = [1, 2, 3]
    l[::2] = [1]
t(f)
def f():
    b = bytearray(b'abcdef')
    b[1:3] = b'XYZ'
    b[0] = 30
    b += b'end'
    del b[1:3]
    return b
t(f)
t(lambda: {1, 2} | {3} | {4})
t(lambda: {1, 2, 3} & {2, 3} - {3})
t(lambda: {1} < {1, 2} <= {1, 2})
t(lambda: frozenset({1}) == {1})
t(lambda: {frozenset({1}): 2}[frozenset([1])])
t(lambda: {'a': 1} == {'a': 1.0})
t(lambda: range(10)[2:8:2])
t(lambda: range(10)[-1])
t(lambda: len([]) == 0 and range(3) == range(0, 3))
t(lambda: 5 in range(0, 10, 5))
t(lambda: list(reversed_([1, 2])))
t(lambda: '%s' % (1,))
t(lambda: '%d%%' % 5)
t(lambda: '{:08.3f}|{:+d}|{:,}|{:e}|{!r:^9}|{:#010x}'.format(3.14159, 5, 123456789, 12345.678, 'x', 255))
t(lambda: f"{3.14159:.2f} {'a':>5} {5!r} {[1, 2]} {'x' * 3:-^9}")
w = 7
t(lambda: f"{'a':{w}}|{3.14159:{w}.{2}}|{{}}")
class L(list): pass
class D(dict): pass
class S(str): pass
class T(tuple): pass
l = L([1, 2])
t(lambda: [bool(L()), bool(l), len([x for x in l]), l == [1, 2], l + [3], 1 in l, l[0], l[-1:]])
def f():
    l[0] = 9
    del l[-1]
    return l
t(f)
x = D(a=1)
t(lambda: [x['a'], x.get('b'), 'a' in x, bool(D()), list(x), x == {'a': 1}])
t(lambda: [S('ab') + 'c', S('ab') == 'ab', {S('k'): 1}, S('abc')[1], 'b' in S('abc'), S('x').join(['1', '2']), ','.join([S('p')])])
t(lambda: {S('k'): 1}['k'])
t(lambda: T((1, 2))[1])
t(lambda: hash_(T((1, 2))))
t(f)
class CL(list):
    def __getitem__(self, i): return super().__getitem__(i) * 2
    def __len__(self): return super().__len__() + 100
    def append(self, x): super().append(x); super().append(x)
def f():
    c = CL([1])
    c.append(5)
    return [c[0], c[1], c[2], [x for x in c]]
t(f)
t(lambda: sorted_([3, 1, 2]))
t(lambda: [1, 'a'].sort())
t(lambda: 'a,b'.split(',', maxsplit=0))
t(lambda: dict(a=1, **{'b': 2}))
t(lambda: dict([[1, 2]], x=3))
t(lambda: str(b'abc', 'utf-8'))
t(lambda: str(object=5))
t(lambda: bytes('abc', encoding='utf-8'))
t(lambda: tuple(x for x in range(3)))
t(lambda: ','.join(str(x) for x in range(3)))
t(lambda: set(x for x in 'aab') == {'a', 'b'})
t(lambda: dict((x, x * 2) for x in range(2)))
t(lambda: bytes(x for x in range(3)))
t(lambda: [].extend(x for x in range(3)))
t(lambda: str.upper('abc'))
t(lambda: str.maketrans({'a': 'b'}))
t(lambda: 'abc'.translate(str.maketrans('ab', 'xy')))
t(lambda: dict.fromkeys(['a'], 1))
t(lambda: D.fromkeys(['a'], 1))
t(lambda: bytes.fromhex('00ff'))
t(lambda: bytearray.fromhex('00ff'))
