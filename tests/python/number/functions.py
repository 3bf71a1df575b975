# Builtin functions on numbers, and instances used as numbers.
def t(f):
    try: print(f())
    except Exception as e: print(type(e), e)
print(abs(-5), abs(-2**70), abs(3-4j), abs(-1.5), abs(True))
print(divmod(7, -2), divmod(-7.5, 2), divmod(2**70, 10**9), divmod(True, 2))
print(pow(2, 100), pow(3, 200, 1000007), pow(3, -1, 7), pow(2, -2), pow(-2, 3, -5), pow(2.0, 0.5), pow(0, 0), pow(7, 2**80, 10**18))
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234567, -3), round(15, -1), round(25, -1), round(1e300, 2), round(0.15, 1), round(5), round(True), round(1.5, None), round(2**70, -10))
t(lambda: round(float("nan"))); t(lambda: round(float("inf"))); t(lambda: pow(2, 3, 0)); t(lambda: pow(2, -1, 4)); t(lambda: divmod(1, 0)); t(lambda: divmod(1.0, 0)); t(lambda: pow(2.0, 3, 5)); t(lambda: round("x")); t(lambda: abs("x")); t(lambda: 0.0 ** -1); t(lambda: pow(0, -1))
print(sum([1, 2.5, 2**70]), max(1, 2.5, 2**65), min(3, -1.5), sorted([3, 1.5, 2**64, -1, True]))
print(hex(255), oct(8), bin(5), hex(-2**70), bin(-5), chr(65), ord("a"))
print(isinstance(True, int), isinstance(1.5, float), isinstance(2**70, int), int.from_bytes(b"ab", "big"), int("12") + float("1.5"))
class I(int):
    pass
p = I(7)
print(round(p), abs(I(-7)), divmod(p, 2), pow(p, 2), pow(2, p, 100), hex(p), bin(p), chr(I(65)), [1, 2, 3][I(1)], range(I(3)), list(range(I(3))), "ab" * I(2), hash(p) == hash(7), {7: 1}.get(p), bool(I(0)), p == 7, p in [7], max(p, 3))
class F:
    def __index__(self): return 3
print([1, 2, 3, 4][F()], (5).to_bytes(F(), "big"), int(F()))
print(len(str(7 ** 3000)), str(7**3000)[:20], int(str(7**3000)) == 7**3000)
print(all(int(str(x)) == x for x in [2**k for k in range(0, 400, 7)]), all(float(repr(x)) == x for x in [1 / k for k in range(1, 300)]))
n = 0
for k in range(1, 60): n = n * 31 + k * k
print(n, n % 1000000007, n // 3, -n // 3, n ^ (n >> 3), n & -n, n | 1, ~n)
print("%s %r %d" % (2**70, 1.5, 2**70), "{:>30}|{:<10.3f}|{:^+9.2e}".format(2**70, 1 / 3, 12345.6789), f"{2**70:_x} {-5:#06b} {1e6:,.1f} {0.256:.1%}")
import json
print(json.dumps([1, 2.5, 2**70, 1e100, True]), json.loads("[1, 2.5, -3e10, 123456789012345678901234567890, 0.1]"))
print(complex(1, 2) * 3, (1 + 2j) / (3 - 4j), (1j) ** 2, abs(1j), complex("3+4j") == 3 + 4j, (2 + 0j) == 2, hash(2 + 0j) == hash(2))
print(1e15, 1e16, 1.0, 1e-4, 1e-5, 123.456, 1 / 3, 2 / 3, 1e300 * 1e10, -1e300 * 1e10)
class A(int):
    def __lt__(self, o): return "lt"
    def __ge__(self, o): return "ge"
class B(float): pass
print(A(5) < 3, 3 > A(5), A(5) > 3, A(5) >= 1, 1 <= A(5), 1 < A(5), bool(A(0)), bool(B(0.0)), bool(B(1)), "abc"[A(1)], not A(0), B(2) < B(3), sorted([B(3), B(1)]))
l = [1, 2, 3, 4, 5]
l[F()] = 9; l[I(0)] = 8
del l[F()]
print(l, "abcdef"[F()], (1, 2, 3, 4)[F()], b"abcd"[F()], range(10)[F()])
t(lambda: [1][2**70]); t(lambda: l[F()])
t(lambda: l.pop(I(0)))
t(lambda: round(2.345, I(1)))
t(lambda: l.index(I(5)))
t(lambda: '%d' % I(3))
t(lambda: '%x' % I(3))
t(lambda: '%c' % I(65))
t(lambda: 'a'.center(I(5)))
t(lambda: [0] * I(2))
t(lambda: 1 << F())
t(lambda: hex(F()))
