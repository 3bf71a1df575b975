def f5():
    try:
        try:
            raise ValueError("a")
        finally:
            raise KeyError("b")
    except KeyError as e:
        print(repr(e), repr(e.__context__))
f5()
try:
    try:
        raise KeyError("missing")
    except KeyError as e:
        raise ValueError("conv") from e
except ValueError as e:
    print(repr(e.__cause__), repr(e.__context__))
