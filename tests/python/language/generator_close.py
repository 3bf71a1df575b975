def g2():
    try:
        yield 1
    except GeneratorExit:
        yield 2
x = g2(); next(x)
try:
    x.close()
except RuntimeError as e:
    print(e)
def g3():
    raise StopIteration(3)
    yield
try:
    next(g3())
except RuntimeError as e:
    print(e, type(e.__cause__))
def g4():
    yield from g4b()
def g4b():
    yield next(iter([]))
try:
    list(g4())
except RuntimeError as e:
    print(e)
