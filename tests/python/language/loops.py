i = 0
while True:
    i += 1
    if i % 2: continue
    if i > 10: break
else: print("no")
print(i)
for i in range(3):
    for j in range(3):
        if j == 1: break
    else: print("inner else")
    if i == 1: continue
else: print("outer else", i, j)
for i in range(10, 0, -3): print(i, end=",")
print()
for i, (a, (b, c)) in enumerate([(1, (2, 3)), (4, (5, 6))]): print(i, a, b, c)
