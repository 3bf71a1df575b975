class DD(dict):
    def __missing__(self, k):
        self[k] = v = [k]
        return v
d = DD(a=1); d["b"].append(2); print(d, d["a"], d.get("z"), "q" in d)
class LL(list):
    def __missing__(self, k): return 1
try: LL()[3]
except IndexError: print("IE")
