# Ints of thousands of digits.
n = int("7" * 4000)
text = str(n)
print(len(text), text == "7" * 4000)
m = n * n // 7
print(m % (10**9 + 7), m // n == n // 7, (m >> 13000) & 0xffff, -m // n == -(m // n) - 1)
print(pow(n, n, 10**40 + 121), pow(3, -1, 2**521 - 1) * 3 % (2**521 - 1))
print(n / (n + 1), n / 3**8000 == 0, n.bit_length(), (n - 1) & n == 0)
a, b = n, m
while b: a, b = b, a % b
print(a == n or a % 7)
