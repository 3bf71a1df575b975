def f13():
    r = []
    for a in range(3):
        for b in range(3):
            try:
                if b == 1: continue
                if a == 1: break
                try:
                    r.append((a, b))
                finally:
                    if a == 2: break
            finally:
                r.append("x")
        else:
            r.append("e")
    return r
print(f13())
