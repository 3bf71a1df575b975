ba = bytearray(b"abc"); del ba[0]; del ba[-1]; print(ba)
try: del ba[7]
except IndexError: print("IE")
del ba[:]; print(ba)
try: "a" * 2**70
except OverflowError as e: print(e)
