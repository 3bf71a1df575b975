# Folding must not change what a program prints.
try: from micropython import const
except ImportError: const = lambda x: x
A = const(1)
_B = const(A + 2)
_C = const((A << 4) | _B)
def f(): return A, _B, _C
print(f(), A + _B)
print(1 + 2 * 3, 7 // 2, -7 // 2, -7 % 3, 7 % -3, 2 ** 10, 1 << 70, ~5, -(-3), 0.1 + 0.2, 1 / 4, 5 - 10, 3 & 5 | 8 ^ 1)
print('a' + 'b', (1, 2, (3,)), not (), not 1, 1 == 1, 1 < 0, 1.0 == 1)
if 0: print('no')
elif 1: print('yes')
else: print('no')
while False: print('no')
else: print('loop else')
print(1 and 2, 0 or 3, '' and 1, None or False, 1 if () else 2, __debug__)
def g():
    while True:
        if A: return 'out'
        print('no')
print(g())
def h(x):
    return x
    print('dead')
print(h(1), -0.0, (1, -1, 1.5, 'x', b'y', None, True, ...))
for i in range(3, 0, -1): print(i, end=' ')
for i in range(A, 4): pass
print(i)
n = 3
for i in range(n):
    n = 10
    i = 5
print(i, n)
def shadowed(range): 
    for i in range(2): return i
print(shadowed(lambda n: 'q'))
class C1:
    X = const(1)
    _Y = const(2)
    def get(self): return self.X
class C2:
    X = 5
    Z = X + 1
    def get(self): return self.X, self.Z
W = const(3)
W = 4
def local():
    _V = const(7)
    return _V + W
print(C1().get(), C2().get(), W, local())
