def reent():
    yield next(me)
me = reent()
try:
    next(me)
except ValueError as e:
    print(e)
def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)
print(list(tree(4)))
