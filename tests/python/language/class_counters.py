class Cnt:
    n = 0
    def __init__(self): type(self).n += 1; self.id = self.n
    @classmethod
    def total(cls): return cls.n
class Cnt2(Cnt): n = 10
Cnt(); Cnt(); Cnt2(); print(Cnt.total(), Cnt2.total(), Cnt.n, Cnt().id)
