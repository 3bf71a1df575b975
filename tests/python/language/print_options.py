print(*range(3), sep="-", end="!\n")
print("a", 1, None, [1, "b"], sep="|")
