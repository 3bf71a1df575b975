def f(x):
    for i in x:
        try:
            with i:
                if x:
                    continue
                return [j for j in i]
        finally:
            print(i, end="")
    yield 1.5, "a long string constant"
