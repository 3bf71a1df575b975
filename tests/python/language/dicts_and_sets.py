d = {"a": 1, "b": 2, "c": 3}
print(d.pop("a"), d.pop("z", 0), d.setdefault("q", []), d.get("zz"), list(d), d.copy() == d, "b" in d, len(d), list(d.values()), list(d.items()), d | {"n": 1}); d.update({"b": 9}, z=1); d.update([("k", 2)]); print(d); del d["b"]; d |= {"m": 1}; print(d, dict.fromkeys("ab", 0), dict(zip("ab", [1, 2])), {**d}.keys() == d.keys(), sorted(d.keys() & {"z", "k"}), list(reversed(d)))
d.clear(); print(d, not d)
s = {1, 2, 3}; t = {2, 3, 4}
print(s | t, s & t, s - t, s ^ t, s <= t, s.issubset({1, 2, 3, 4}), s.union([9], (8,)) == {1, 2, 3, 8, 9}, s.isdisjoint({7}), frozenset([1]) | {2}, {frozenset([1]): 2}[frozenset({1})])
s.add(5); s.discard(99); s.remove(1); s.update([7]); s &= {2, 3, 7, 8}; s -= {7}; s |= {1}; s ^= {1, 10}; print(sorted(s), s.copy() == s, len(s)); s.intersection_update({2}); s.difference_update([2]); s.symmetric_difference_update({4}); print(s, s.pop(), s)
