class Meta(type):
    def __new__(m, n, b, d):
        d["added"] = 1
        return super().__new__(m, n, b, d)

    def __len__(cls): return 42
class X(metaclass=Meta):
    def __init__(self, v): self.v = v
print(X.added, X(3).v, len(X), type(X).__name__)
class Singleton(type):
    _inst = {}
    def __call__(cls, *args, **kwargs):
        if cls not in cls._inst:
            cls._inst[cls] = super().__call__(*args, **kwargs)
        return cls._inst[cls]
class Conf(metaclass=Singleton):
    def __init__(self, v=1, *, k=2): self.v = v; self.k = k
print(Conf(5, k=7) is Conf(), Conf().v, Conf().k)
