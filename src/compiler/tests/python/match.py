class P:
    __match_args__ = ('x', 'y')
    def __init__(self, x, y): self.x, self.y = x, y
def t(v):
    match v:
        case 0 | 1: return 'small'
        case 'a' | "b" as s: return 's' + s
        case None: return 'none'
        case True: return 'true'
        case []: return 'empty'
        case [x]: return ('one', x)
        case [1, *rest, 9]: return ('r', rest)
        case (a, b) if a == b: return 'eq'
        case [_, [q, *_]] | [q, _, _]: return ('q', q)
        case {'k': k, **rest}: return (k, sorted(rest.items()))
        case {'z': P(x=1)}: return 'zp1'
        case P(0, y): return ('p0', y)
        case P(x=xx, y=[m, n]): return (xx, m, n)
        case int(n) | float(n): return ('num', n)
        case str(): return 'str'
        case _: return 'other'
for v in [0, 1, 'a', 'b', None, True, [], [5], [1,2,3,9], (3,3), [1,[2,3]], [7,8,9], {'k':1,'j':2}, {'z': P(1,2)}, {'z':1}, P(0,4), P(1,[2,3]), 42, 2.5, 'zzz', b'x', object]:
    print(t(v))
match (1, 2):
    case (a, b): print(a, b)
import math
match 3.0:
    case math.pi: print('pi')
    case -3 | 3: print('three')
def pos(a, b=2, /, c=3, *, d): return (a,b,c,d)
print(pos(1, d=5), pos(1,2,3,d=4))
def kws(a, /, **kw): return a, kw
print(kws(1, a=2))
def f300(*a, **k): return len(a), len(k)
print(f300(*range(10)))
def captures(v):
    a = 'before'
    match v:
        case [a, 2]: return a
        case [1, b] if b > 5: return ('guard', a, b)
        case {**rest} if rest: return ('rest', sorted(rest))
    return a
print(captures([1, 2]), captures([1, 9]), captures([1, 3]), captures({'x': 1}))
def shadow(len, isinstance, list):
    match (len, isinstance, list):
        case (1, [x, y], z): return x, y, z
print(shadow(1, [2, 3], 4))
for item in [1, [1], {'a': [1, (2, 3)]}]:
    match item:
        case {'a': [1, (x, y)]}: print('deep', x, y)
        case [z] | z if z == 1: print('one')
        case _: print('none')
def loop(items):
    for item in items:
        match item:
            case 0: continue
            case 9: break
            case n: yield n * 2
print(list(loop([0, 1, 2, 0, 3, 9, 4])))
