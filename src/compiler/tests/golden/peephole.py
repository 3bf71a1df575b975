def f(x):
    (y := x)
    del y.z, y[0]
