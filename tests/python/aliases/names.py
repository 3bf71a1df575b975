import ujson, utime, uos, usys, uio, ustruct, ubinascii, uerrno, ucollections, urandom, uheapq, uhashlib
import json, sys

print(ujson is json, usys is sys, ucollections.deque([1]), uerrno.ENOENT, uerrno.errorcode[2])
print(ustruct.pack("<H", 1), ubinascii.hexlify(b"a"), callable(uheapq.heappush), uio.StringIO("x").read())
try:
    import uabsent
except ImportError as e:
    print(e)
