def f10():
    try:
        pass
    except:
        print("no")
    else:
        print("else")
        return 3
    finally:
        print("fin")
print(f10())
def f11():
    try:
        raise
    except RuntimeError as e:
        print(e)
f11()
def f12():
    try:
        1/0
    except (KeyError, ZeroDivisionError):
        try:
            {}["a"]
        except KeyError:
            pass
        raise
try: f12()
except Exception as e: print(repr(e), e.__context__)
def f14():
    try:
        return 1/0
    except ZeroDivisionError as e:
        return "r" + str(e)
    finally:
        print("cleanup")
print(f14())
def f15():
    n = 0
    while n < 5:
        n += 1
        try:
            try:
                if n == 2: continue
                if n == 4: return n
            finally:
                print("A", n)
        finally:
            print("B", n)
print(f15())
