import random

random.seed(5)
a = [random.random() for _ in range(5)]
random.seed(5)
print(a == [random.random() for _ in range(5)], all(0 <= x < 1 for x in a))
print(all(1 <= random.randint(1, 6) <= 6 for _ in range(200)), set(random.randint(1, 3) for _ in range(200)) == {1, 2, 3})
print(set(random.randrange(0, 10, 3) for _ in range(200)) == {0, 3, 6, 9}, set(random.randrange(3) for _ in range(100)) == {0, 1, 2}, set(random.randrange(5, 0, -2) for _ in range(100)) == {1, 3, 5})
print(random.getrandbits(0), all(random.getrandbits(8) < 256 for _ in range(100)), random.getrandbits(200) < 2**200, random.getrandbits(200) > 2**150)
items = list(range(20))
random.shuffle(items)
print(sorted(items) == list(range(20)), items != list(range(20)))
print(random.choice([7]), random.choice("abc") in "abc", len(random.sample(range(10), 4)), len(set(random.sample(range(10), 10))))
print(all(2 <= random.uniform(2, 3) <= 3 for _ in range(50)))
print(0.4 < sum(random.random() for _ in range(2000)) / 2000 < 0.6)
for bad in (lambda: random.randrange(0), lambda: random.choice([]), lambda: random.getrandbits(-1)):
    try:
        bad()
    except (ValueError, IndexError) as e:
        print(type(e).__name__)
