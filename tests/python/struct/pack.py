import struct

for format, values in [("<bBhHiIqQ", (-1, 255, -2, 65535, -3, 4294967295, -4, 2**64 - 1)), (">hIq", (1, 2, 3)), ("<3s2x?", (b"abcd", True)), ("<f", (1.5,)), (">d", (-2.25,)), ("<e", (0.333,)), ("<5p", (b"xyz",)), ("<c", (b"q",)), ("bi", (1, 2)), ("bhb", (1, 2, 3)), ("<4H", (1, 2, 3, 4)), ("!H", (258,))]:
    packed = struct.pack(format, *values)
    print(format, struct.calcsize(format), packed, struct.unpack(format, packed))
print(struct.unpack_from("<H", b"\x01\x02\x03\x04", 2), struct.unpack_from("<H", bytearray(b"\x01\x02\x03\x04")))
buffer = bytearray(6)
struct.pack_into("<HB", buffer, 1, 513, 7)
print(buffer, list(struct.iter_unpack("<H", b"\x01\x00\x02\x00")))
for bad in (lambda: struct.pack("<H"), lambda: struct.unpack("<H", b"x"), lambda: struct.pack("<z", 1), lambda: struct.unpack_from("<I", b"abc"), lambda: struct.pack_into("<I", bytearray(3), 0, 1)):
    try:
        bad()
        print("no error")
    except struct.error as e:
        print("error")
for half in (0.0, -0.0, 65504.0, 5.960464477539063e-08, 6.103515625e-05, 1e-8, float("inf"), 1.0009765625, 2047.5):
    print(struct.pack(">e", half), struct.unpack(">e", struct.pack(">e", half)))
