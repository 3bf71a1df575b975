# Small programs that live on numbers.
def pi_digits(n):
    out = []
    k, a, b, a1, b1 = 2, 4, 1, 12, 4
    while n > 0:
        p, q, k = k * k, 2 * k + 1, k + 1
        a, b, a1, b1 = a1, b1, p * a + q * a1, p * b + q * b1
        d, d1 = a // b, a1 // b1
        while d == d1:
            out.append(str(d)); n -= 1
            a, a1 = 10 * (a % b), 10 * (a1 % b1)
            d, d1 = a // b, a1 // b1
    return "".join(out)
print(pi_digits(100))
def fib(n):
    a, b = 0, 1
    while n: a, b, n = b, a + b, n - 1
    return a
print(fib(600))
def isqrt(n):
    x = 1 << ((n.bit_length() + 1) // 2)
    while True:
        y = (x + n // x) // 2
        if y >= x: return x
        x = y
print(isqrt(2 * 10**400))
def gcd(a, b):
    while b: a, b = b, a % b
    return a
print(gcd(fib(900), fib(600)))
h = 0xcbf29ce484222325
for c in b"hello world, this is a test":
    h = ((h ^ c) * 0x100000001b3) & 0xffffffffffffffff
print(hex(h))
s = 0.0
for i in range(1, 500): s += 1.0 / (i * i)
print(s)
x = 0.5
for i in range(100): x = 3.9 * x * (1.0 - x)
print(x)
for y in range(-10, 11, 4):
    line = ""
    for xx in range(-20, 10, 2):
        c = complex(xx / 10, y / 10); z = 0j; n = 0
        while n < 30 and z.real * z.real + z.imag * z.imag < 4.0:
            z = z * z + c; n += 1
        line += "{:3d}".format(n)
    print(line)
for v in (0, 1, -1, 255, 10**18, -(2**63), 2**64, 1.5, -0.0, 1e100, 1e-7, 123456.789, float("inf"), float("nan")):
    print("{!r:>24} {:+.3e} {:<12g}".format(v, v, v))
d = {1: "a", 2.0: "b", 2**64: "c", 1.5: "d", True: "e"}
print(d[1.0], d[2], d[18446744073709551616.0], d[3/2], len(d), d[1+0j])
class N(float):
    def __add__(self, o): return N(float(self) * 100)
print(N(2.0) + 1, N(2.0) - 1, N(3) * 2 == 6.0)
print(int("1" * 300) % 97, int("-" + "9" * 50), -7 % 3, 7 % -3, -7 // 3, 7.5 // -2, -7.5 % 2)
print(1e16, 1e15, 123456789012345678.0, 1e22, 1e23, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 100.0, 1e5)
print((1 << 100) >> 98, -1 >> 100, 1 << 0, 0 << 1000000, (-5) >> 1, ~0, ~(1 << 40), -(1 << 30), (1 << 30) - 1, 1 << 30)
print(10**30 / 10**28, 2**1000 / 2**999, (2**53 + 1) / 1, 7 / 2, -7 / 2, 10**400 // 10**398)
print(3 ** 5, 3 ** -2, (-2) ** 3, 2 ** 0.5, (-8) ** 2, 0 ** 0, 4.0 ** -1)
print(b"%d %x" % (5, 255), "%05d|%-5d|%+d|%5.1f|%e|%g" % (42, 42, 42, 3.14159, 12345.678, 0.0001))
print("{:,} {:_} {:#b} {:#o} {:X} {:e} {:%} {:n}".format(1234567, 1234567, 5, 8, 255, 1e10, 0.25, 5))
