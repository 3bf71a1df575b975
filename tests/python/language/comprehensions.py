lam = [lambda x, n=n: x ** n for n in range(3)]; print([f(2) for f in lam])
print({k: [v for v in range(k)] for k in range(3)}, {(a, b) for a in "x" for b in "y"}, [c for r in [[1, 2], [3]] for c in r if c != 2])
print(sum(1 for _ in (x for x in range(5) if x > 1)), [y := 5, y ** 2], (z := 3) + z)
def wh():
    n = 3
    while (n := n - 1) > 0: yield n
print(list(wh()))
