print("abc"[::-1], [1,2,3,4,5][1:-1:2], (1,2,3)[-2:], b"abc"[1], b"abc"[1:], range(10)[2:8:3], "abc"[5:], [1,2,3][::-2])
l = list(range(10)); l[2:5] = "xy"; print(l); l[::2] = [0] * len(l[::2]); print(l); del l[1:3]; print(l); del l[::3]; print(l); l[1:1] = [7, 8]; print(l)
