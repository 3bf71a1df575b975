class Reg:
    subs = []
    def __init_subclass__(cls, tag=None, **k): Reg.subs.append((cls.__name__, tag))
class S1(Reg, tag="a"): pass
class S2(S1): pass
print(Reg.subs)
class T:
    def __class_getitem__(cls, k): return (cls.__name__, k)
print(T[int] == ("T", int))
