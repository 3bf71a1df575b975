def nest():
    try:
        try:
            try:
                raise ValueError(1)
            except KeyError:
                print("no")
            finally:
                print("f1")
        except ValueError as e:
            print("v", e)
            raise RuntimeError("r") from e
        finally:
            print("f2")
    except RuntimeError as r:
        print(repr(r.__cause__))
        return "ok"
    finally:
        print("f3")
print(nest())
def lam():
    for i in range(2):
        for j in range(2):
            try:
                try:
                    if j: return (i, j)
                finally:
                    continue
            finally:
                print("x", i, j)
    return "done"
print(lam())
def many():
    out = []
    it = iter(range(10))
    while True:
        try:
            v = next(it)
        except StopIteration:
            break
        else:
            if v % 2: continue
            out.append(v)
        finally:
            out.append("f")
    return out
print(many())
def exc_in_else():
    try:
        pass
    except ValueError:
        print("no")
    else:
        raise ValueError("else")
try: exc_in_else()
except ValueError as e: print(e)
