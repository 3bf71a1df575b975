import hashlib

print(hashlib.sha256(b"").hexdigest(), hashlib.sha256(b"abc").hexdigest())
h = hashlib.sha256()
for i in range(10):
    h.update(bytes([i]) * 37)
c = h.copy()
h.update(bytearray(b"more"))
print(h.hexdigest(), c.hexdigest(), h.digest()[:4], h.digest_size, h.block_size)
print(hashlib.new("sha256", b"x").hexdigest() == hashlib.sha256(b"x").hexdigest(), hashlib.sha256(b"a" * 119).hexdigest())
try:
    hashlib.sha256("text")
except TypeError as e:
    print(e)
