import time

print(time.gmtime(0)[:8], time.gmtime(951782400)[:8], time.gmtime(-1)[:8], time.gmtime(4102444799)[:8])
a = time.monotonic()
time.sleep(0.01)
print(time.monotonic() - a >= 0.01)
print(type(time.perf_counter()), time.time() > 0)
try:
    time.sleep(-1)
except ValueError as e:
    print(e)
