def f8():
    with C() as c:
        for i in range(3):
            with C(i):
                if i == 1:
                    return i
class C:
    def __init__(self, n="o", s=False): self.n = n; self.s = s
    def __enter__(self): print("enter", self.n); return self
    def __exit__(self, t, v, tb): print("exit", self.n, t and t.__name__, v); return self.s
print(f8())
def f9():
    for i in range(3):
        with C(i, True):
            if i == 0: continue
            if i == 1: raise ValueError("sup")
            break
    print("after", i)
f9()
