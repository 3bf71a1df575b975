def f(a, b):
    for x in a:
        if x:
            if b:
                continue
        else:
            y()
    return 1 if a else 2
def g(a):
    while a:
        try:
            if a.x: continue
            break
        except E:
            pass
