# Generators, coroutines, and what flows through them.
def echo():
    got = None
    while True:
        got = yield got
        if got is None: return 'end'
e = echo(); next(e)
print(e.send(1), e.send(2))
try: e.send(None)
except StopIteration as stop: print(stop.value)
def inner():
    x = yield 1
    print('inner got', x)
    return x
def outer():
    r = yield from inner()
    print('outer got', r)
    yield from [7, 8]
o = outer(); next(o)
print(o.send('s'), list(o))
lam = lambda: (yield 5)
print(list(lam()))
class Aiter:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 0: raise StopAsyncIteration
        self.n -= 1
        return self.n
class Acm:
    async def __aenter__(self):
        print('aenter'); return 'cm'
    async def __aexit__(self, kind, value, trace):
        print('aexit', kind and kind.__name__)
        return kind is KeyError
async def value(v): return v
async def main():
    out = []
    async for n in Aiter(3): out.append(n)
    else: out.append('else')
    async for n in Aiter(5):
        if n == 3: continue
        if n == 1: break
        out.append(n)
    async with Acm() as cm, Acm():
        out.append(cm)
        raise KeyError
    for i in range(2):
        async with Acm():
            if i == 0: continue
            return out + [await value(1) + await value(2)]
def run(coroutine):
    try:
        while True: coroutine.send(None)
    except StopIteration as stop: return stop.value
print(run(main()))
def tree(n): return n and (yield n) or (yield from tree(n - 1)) if n else None
print(list(tree(2)))
g = (a * b for a in range(3) for b in range(a) if a != b)
print(sum(g))
