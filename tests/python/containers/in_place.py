# Operators that change their left operand in place keep its identity.
b = bytearray(b"ab"); c = b; b += b"cd"; b += memoryview(b"ef"); b += bytes(b); print(b, c is b)
l = [1, 2]; m = l; l *= 2; print(m, m is l); l *= 0; print(m)
b[1:3] = memoryview(b'XYZ'); print(b, b'ab' + memoryview(b'c'), bytearray(b'x') + b'y')
b[0:2] = [65, 66, 67]; print(b)
b[:] = b; print(b); b[2:2] = b; print(b)
class L(list): pass
l = L([1]); m = l; l += [2]; print(m, m is l)
x = b'a'; y = x; x += b'b'; print(x, y)
t = (1,); t += (2,); print(t)
s = 'a'; s += 'b'; s *= 3; print(s)
l = [0] * 5; l[1:4] *= 2 if False else 1; print(l)
try: b += 5
except TypeError as e: print('TypeError')
try: l *= 'a'
except TypeError as e: print('TypeError')
