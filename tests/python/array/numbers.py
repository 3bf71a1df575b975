from array import array
import struct

a = array("h", [1, -2, 300])
a.append(4)
print(a, len(a), a[0], a[-1], list(a), a.typecode, a.itemsize, 300 in a, 5 in a)
a[1] = 7
print(a, a[1:3], a[::2], a + array("h", [9]), a == array("h", [1, 7, 300, 4]), a == array("i", [1, 7, 300, 4]), a == [1])
a.extend([5, 6])
a.extend(array("h", [8]))
a.extend(x for x in range(2))
print(a, a.pop(), a.pop(0), a.index(300), a.count(4))
a.insert(1, 99)
a.remove(4)
del a[0]
a.reverse()
a[0:2] = array("h", [1, 1, 1])
print(a, a.tolist(), a.tobytes())
print(array("B", b"abc"), array("B", bytearray(3)), array("d", [1, 2.5]), array("f", (0.5, 1)), array("b"), array("q", [2**62, -1]), array("Q", [2**64 - 1]), array("I", range(3)))
print(bytes(array("B", [1, 2])), struct.unpack("<HH", array("H", [1, 2])), bytearray(array("B", [5])))
a += array("h", [42])
print(a[-1], [x * 2 for x in a], sum(a), max(a))
buffer = array("B", [0] * 4)
struct.pack_into("<H", buffer, 1, 0x1234)
print(buffer)
with open("a.bin", "wb") as f:
    f.write(array("H", [1, 2, 3]))
with open("a.bin", "rb") as f:
    print(f.readinto(buffer), buffer)
for bad in (lambda: a[100], lambda: array("z"), lambda: array("h", "x"), lambda: a.append("x"), lambda: a + [1], lambda: array("b").pop()):
    try:
        bad()
        print("no error")
    except Exception as e:
        print(type(e).__name__)
print(bytes(array("H", [258, 3])), array("b", [1]) < array("b", [2]), bytearray(array("h", [-1])))
