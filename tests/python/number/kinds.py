# Constructors, attributes and errors of int, float and complex; instances that are or become numbers.
def t(f):
    try: print(f())
    except Exception as e: print(type(e), e)
a, b, c, d, z = 1j, 2, 1.5, "x", 0
big = 2**70
for f in (lambda: a % b, lambda: a < b, lambda: c & b, lambda: ~c, lambda: -d, lambda: b << c, lambda: True + True, lambda: a // b, lambda: a / z, lambda: c // z, lambda: c % z, lambda: big // z, lambda: big % z, lambda: big / z, lambda: z ** -b, lambda: a == b, lambda: a != 1j, lambda: big == float(big), lambda: big < c, lambda: c < big, lambda: big > a):
    t(f)
x = 5; x += 2**40; x -= 1; x *= -3; x //= 7; x %= 1000003; x <<= 70; x |= 1; x ^= 3; x &= -4; x >>= 3; x **= 2
print(x)
y = 1.5; y += 1; y *= 2; y /= 4; y -= 3; y //= 0.25; y %= 2; y **= 2
print(y)
class A(int):
    def __add__(self, o): return "add"
    def __radd__(self, o): return "radd"
    def __lt__(self, o): return "lt"
p = A(5)
print(p + 1, 1 + p, p * 2, p == 5, {5: "five"}[p], -p, ~p, bool(p), p.real, p & 4)
print([1,2,3][p - 4], "%d" % p, "{}".format(p), str(p), f"{p:03d}")
class B(float): pass
q = B(2.5)
print(q + 1, q * q, q == 2.5, q, str(q), "%.2f" % q, q < 3, 3 < q, int(q), -q)
print(True == 1, True is True, (True & 1), (True | False), (True ^ True), True << 3, -True, ~True)
print(float("1e400"), float("-1e-400"), float("  12  "), float("1_000.5"), float(b"2.5"), float(True))
print(int(" -42 "), int("0o17", 8), int("0O17", 0), int("z", 36), int("1_000"), int(bytearray(b"77")))
for s in ("", " ", "1 2", "1__0", "0x", "abc", "1e5"): t(lambda: int(s))
for s in ("", "1e", "nanx", "in", "1..2", "--1"): t(lambda: float(s))
for s in ("", "1+", "1+2", "j1", "(1+2j", "1 +2j"): t(lambda: complex(s))
class I:
    def __int__(self): return "no"
class J:
    def __float__(self): return 1
class K:
    def __index__(self): return 1.5
class L: pass
for k in (I, J, K, L):
    t(lambda: int(k())); t(lambda: float(k())); t(lambda: complex(k()))
t(lambda: int("5", base=6)); t(lambda: int(5, 6)); t(lambda: int("7", 2)); t(lambda: complex("1", 1)); t(lambda: complex(1, "1")); t(lambda: complex(1j, 1j)); t(lambda: complex(real=2, imag=3)); t(lambda: bool("")); t(lambda: bool([0]))
t(lambda: (300).to_bytes(1, "big")); t(lambda: (5).to_bytes(2, "middle")); t(lambda: (5).to_bytes(-1, "big")); t(lambda: int.from_bytes(5, "big")); t(lambda: (5).to_bytes()); t(lambda: int.from_bytes(b"\x80\x00", "big", signed=True)); t(lambda: (5).from_bytes(b"\x01")); t(lambda: int.from_bytes(bytearray(b"\x01\x02"), byteorder="little"))
t(lambda: (1.0).as_integer_ratio()); t(lambda: float("inf").as_integer_ratio()); t(lambda: (-0.75).as_integer_ratio()); t(lambda: (1e300).as_integer_ratio()); t(lambda: (5e-324).hex()); t(lambda: (-0.0).hex()); t(lambda: float("-inf").hex()); t(lambda: (10**20).as_integer_ratio()); t(lambda: (255).bit_count()); t(lambda: (-(2**100)).bit_count()); t(lambda: (2.5).real); t(lambda: (1+2j).conjugate()); t(lambda: (True).real); t(lambda: (7).denominator); t(lambda: (1+2j).imag)
