class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration("val")
        return self.n
def y():
    v = yield from It()
    print("v", v)
print(list(y()))
