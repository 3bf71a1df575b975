class Prop:
    def __init__(self): self._t = 20
    @property
    def temp(self): return self._t
    @temp.setter
    def temp(self, v):
        if v < 0: raise ValueError("neg")
        self._t = v
    area = property(lambda self: self._t ** 2)
p = Prop(); p.temp = 30; print(p.temp, p.area)
try: p.temp = -1
except ValueError as e: print(e)
try: p.area = 3
except AttributeError as e: print("AE")
p.temp += 5; print(p.temp)
