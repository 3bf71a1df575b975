def counter():
    total = 0
    while True:
        try:
            x = yield total
        except ValueError as e:
            print("caught", e)
            x = 100
        except GeneratorExit:
            print("closing")
            raise
        if x is None:
            x = 1
        total += x
g = counter()
print(next(g), g.send(5), next(g), g.throw(ValueError("bad")))
g.close()
try:
    next(g)
except StopIteration as e:
    print("stop", e.value)

