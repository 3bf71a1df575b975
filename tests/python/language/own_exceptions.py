class E1(Exception):
    def __init__(self, a, b): super().__init__(a, b); self.a = a
    def __str__(self): return "E1<%s>" % self.a
try: raise E1(1, 2)
except E1 as e: print(e, repr(e), e.args)
try: raise E1
except TypeError as e: print("te")
try: raise 5
except TypeError as e: print(e)
try:
    raise ValueError from None
except ValueError as e: print(e.__cause__, e.__suppress_context__ if hasattr(e, "__suppress_context__") else True)
try:
    assert 1 == 2, "message"
except AssertionError as e: print(e)
