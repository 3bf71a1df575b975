l = [3, 1, 2]; l.sort(); l.reverse(); l.extend(x for x in "ab"); l.insert(0, "z"); l.insert(-1, "y"); l.insert(100, "e"); print(l, l.index("a"), l.count(3), l.copy() is l, l * 2, l + [1], [1] * 3, l.pop(0), l.pop()); l.remove("y"); l += (1, 2); l *= 2; print(l); l.clear(); print(l)
t = (1, 2, 3, 2); print(t.index(2), t.count(2), t + (4,), t * 2, t[1:], t < (1, 3), hash(t) == hash((1, 2, 3, 2)), (1,), ())
x = [[0] * 2 for _ in range(2)]; x[0][1] = 5; print(x)
rows = [("bob", 3), ("al", 3), ("cy", 1)]; rows.sort(key=lambda r: (-r[1], r[0])); print(rows, min(rows, key=lambda r: r[1]), max(rows))
words = "the quick brown the lazy dog the end".split()
cnt = {}
for w in words: cnt[w] = cnt.get(w, 0) + 1
print(sorted(cnt.items(), key=lambda kv: (-kv[1], kv[0]))[:3])
