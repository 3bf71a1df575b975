# Comprehensions that await.
class Aiter:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 0: raise StopAsyncIteration
        self.n -= 1
        return self.n
async def double(v): return v * 2
async def main():
    k = 3
    print([x async for x in Aiter(k)])
    print(sorted({x % 2 async for x in Aiter(4)}))
    print({x: x * k async for x in Aiter(2)} == {0: 0, 1: 3})
    print([await double(x) for x in range(3) if await double(x) != 2])
    print([(x, y) async for x in Aiter(3) for y in range(x) if y != x - k])
    print([(x, y) for x in range(2) async for y in Aiter(2)])
    print([[await double(y) async for y in Aiter(x)] for x in range(3)])
    print(await double(await double(1)), [await double(1)])
    return 'end'
def run(coroutine):
    try:
        while True: coroutine.send(None)
    except StopIteration as stop: return stop.value
print(run(main()))
