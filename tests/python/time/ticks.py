import time

print(time.ticks_add(5, 10), time.ticks_add(0, -1), time.ticks_diff(10, 4), time.ticks_diff(0, (1 << 30) - 1))
start = time.ticks_ms()
time.sleep_ms(50)
elapsed = time.ticks_diff(time.ticks_ms(), start)
print(50 <= elapsed < 60)
print(time.mktime((2000, 1, 1, 0, 0, 0, 0, 0)), time.gmtime(946684800))
