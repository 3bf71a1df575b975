def f1():
    for i in range(3):
        try:
            if i == 1: continue
            print(i)
        finally:
            print("f", i)
    else:
        print("else")
f1()
def f2():
    while True:
        try:
            try:
                return 1
            finally:
                print("inner")
                break
        finally:
            print("outer")
    return 2
print(f2())
def f3():
    try:
        return "try"
    finally:
        return "finally"
print(f3())
def f4():
    for i in range(5):
        try:
            try:
                1/0
            except ZeroDivisionError:
                print("zde")
                continue
            finally:
                print("fin", i)
                if i == 2: break
        finally:
            print("o", i)
    return i
print(f4())
