# repr of super objects and generators.
class A:
    def f(self): print(repr(super())[:7])
class B(A): pass
B().f()
def g():
    yield 1
x = g(); print(repr(x)[:19]); next(x); print(repr(x)[:19]); print(list(x)); print(repr(x)[:18])
def h():
    print(repr(me)[:18])
    yield
me = h(); next(me); me.close(); print(repr(me)[:18])
print(repr(i for i in [])[:18])
