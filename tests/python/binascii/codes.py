import binascii

print(binascii.hexlify(b"\x00\xff\x10"), binascii.unhexlify("00ff10"), binascii.hexlify(b"abc", ":"), binascii.unhexlify(b"AbCd"))
for n in range(7):
    data = bytes(range(250, 250 + n)) if n < 6 else b"hello world!!"
    text = binascii.b2a_base64(data)
    print(text, binascii.a2b_base64(text) == data, binascii.b2a_base64(data, newline=False))
print(hex(binascii.crc32(b"123456789")), binascii.crc32(b""), binascii.crc32(b"6789", binascii.crc32(b"12345")) == binascii.crc32(b"123456789"))
for bad in (lambda: binascii.unhexlify("abc"), lambda: binascii.unhexlify("zz"), lambda: binascii.a2b_base64("a"), lambda: binascii.a2b_base64("abc"), lambda: binascii.hexlify("x")):
    try:
        print(bad())
    except (ValueError, TypeError) as e:
        print(isinstance(e, ValueError), e)
print(binascii.a2b_base64(b"aGVs\nbG8="), binascii.a2b_base64("aGVsbG8=extra"))
