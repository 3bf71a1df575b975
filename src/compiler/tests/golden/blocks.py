def f(p):
    for x in p:
        with x as y:
            try:
                break
            except E as e:
                return e
            finally:
                y()
