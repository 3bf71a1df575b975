x = "global"
class C:
    x = "class"
    y = [x for _ in range(2)]
    def m(self): return x
    z = (lambda: x)()
print(C.y, C().m(), C.z)
def shadow():
    list = [1]
    return [list for list in range(3)], list
print(shadow())
