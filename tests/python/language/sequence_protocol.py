class Old:
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i * i
print(list(Old()), 9 in Old(), [x for x in Old()], tuple(Old()), max(Old()))
x, *y = Old(); print(x, y)
