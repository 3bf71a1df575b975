class CM:
    def __enter__(self): raise RuntimeError("enter")
    def __exit__(self, *a): print("never")
try:
    with CM(): pass
except RuntimeError as e: print(e)
class CM2:
    def __enter__(self): return 1
    def __exit__(self, *a): raise KeyError("exit")
try:
    with CM2(): raise ValueError("body")
except KeyError as e: print(e, repr(e.__context__))

