def f(a, b=1, /, *c, d, e=2, **g):
    def h():
        nonlocal a
        a += d
    return [h for _ in c]
class A(B):
    def m(self):
        return super().m(self.x, *self.y, k=1)
