import sys
def f():
    try:
        sys.exit(3)
    except SystemExit as e:
        print(e.code, e.args)
    try:
        sys.exit()
    except SystemExit as e:
        print(e.code, e.args)
    try:
        sys.exit("bye")
    except SystemExit as e:
        print(e.code, e.args)
    try: raise SystemExit(1, 2)
    except SystemExit as e: print(e.code, e.args)
f()
