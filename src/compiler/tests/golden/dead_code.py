def f(x):
    if 0:
        dead(lambda: 1)
    return x
    also_dead()
def g():
    while 1:
        pass
    dead()
