import heapq

data = [(i * 7919) % 101 for i in range(40)]
heap = []
for item in data:
    heapq.heappush(heap, item)
print(heap)
print([heapq.heappop(heap) for _ in range(40)] == sorted(data))
other = list(data)
heapq.heapify(other)
print(other)
print(heapq.heapreplace(other, 50), heapq.heappushpop(other, 3), heapq.heappushpop(other, 0), other[:5])
print(heapq.nlargest(3, data), heapq.nsmallest(3, data, key=lambda x: -x))
try:
    heapq.heappop([])
except IndexError as e:
    print("IndexError")
