if x not in y:
    a()
while True:
    if not x:
        break
if __debug__ and x:
    b()
