from collections import deque

d = deque([1, 2, 3])
d.append(4)
d.appendleft(0)
print(d, len(d), d[0], d[-1], list(d), 3 in d, 9 in d)
print(d.pop(), d.popleft(), d)
d.extend([5, 6])
d.extendleft("ab")
print(d)
d.rotate(2)
print(d)
d.rotate(-1)
print(d, d.index(5), d.count(2))
d.remove(5)
d.reverse()
print(d, d == deque(list(d)), d == [1], bool(d), bool(deque()))
d[1] = "x"
print(d.copy(), [x for x in reversed(d)])
m = deque(maxlen=3)
for i in range(5):
    m.append(i)
print(m, m.maxlen)
m.appendleft(9)
print(m, deque(range(6), 2), deque((x * x for x in range(4)), maxlen=3))
print(deque([], 0), deque("abc").maxlen)
for i in range(100):
    m.append(i)
    m.popleft()
    m.appendleft(i)
print(m)
d.clear()
for bad in (d.pop, d.popleft, lambda: d[0], lambda: d.remove(1), lambda: d.index(1), lambda: deque([], -1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
q = deque()
total = 0
for i in range(1000):
    q.append(i)
    if i % 3 == 2:
        total += q.popleft()
print(total, len(q))
try:
    for x in q:
        q.append(x)
except RuntimeError as e:
    print(e)
