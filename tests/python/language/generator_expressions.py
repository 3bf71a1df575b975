def fib():
    a, b = 0, 1
    while 1:
        yield a
        a, b = b, a + b
import sys
for i, f in enumerate(fib()):
    if i > 10: break
    print(f, end=" ")
print()
print(sum(x * x for x in range(10) if x % 2), max((i for i in range(5)), key=lambda v: -v))
gg = (i for i in range(3))
print(next(gg), list(gg), next(gg, "done"))
