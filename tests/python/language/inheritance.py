class Base:
    def __init__(self, **k): print("Base", k)
    def hook(self): return "base"
    def run(self): return self.hook()
class Mix:
    def __init__(self, m=0, **k): print("Mix", m); super().__init__(**k)
class Der(Mix, Base):
    def __init__(self, d, **k): print("Der", d); super().__init__(**k)
    def hook(self): return "der+" + super().hook()
print(Der(1, m=2, z=3).run(), [c.__name__ for c in Der.__mro__])
