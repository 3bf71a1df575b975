class Base(Exception): pass
class Sub(Base):
    def __init__(self, code, msg="m"):
        self.code = code
        super().__init__(msg)
try: raise Sub(4, "text")
except Base as e: print(e.code, e, repr(e), e.args)
class K(KeyError): pass
try: raise K("x")
except LookupError as e: print(str(e), repr(e))
try: raise StopIteration(5)
except StopIteration as e: print(e.value)
e = ValueError("a", 1); print(e.args, e, repr(e)); e.extra = 5; print(e.extra)
print(repr(ValueError()), str(ValueError()), repr(ValueError("x")), str(KeyError("k")))
try:
    try: 1/0
    finally: raise ValueError("v")
except ValueError as v: print(type(v.__context__).__name__)
