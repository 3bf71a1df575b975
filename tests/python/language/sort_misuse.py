l = [3, 2, 1]
try:
    l.sort(key=lambda v: l.append(v) or v)
except ValueError as e:
    print(e)
try:
    sorted([1, "a"])
except TypeError as e:
    print(e)
rows = [("bob", 3), ("al", 3), ("cy", 1)]
rows.sort(key=lambda r: (-r[1], r[0]))
print(rows, sorted("bCa", key=str.lower), sorted([3, -1, 2], key=abs, reverse=True))
