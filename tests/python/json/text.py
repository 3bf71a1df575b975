import json

print(json.dumps({"a": 1, "b": [1, 2.5, None, True, False], "c": "x"}))
print(json.dumps([], indent=2), json.dumps({}, indent=2))
print(json.dumps({"a": [1, {"b": 2}], "c": {}}, indent=2))
print(json.dumps([1, [2, [3]]], indent="\t"))
print(json.dumps({"b": 1, "a": 2}, sort_keys=True), json.dumps([1, 2], separators=(",", ":")))
print(json.dumps({"b": 1, "a": [2, 3]}, separators=(",", ":")))
print(json.dumps("é€😀\n\t\"\\/\x01"), json.dumps("é€😀", ensure_ascii=False))
print(json.dumps({1: 2, None: 3, True: 4, 2.5: 5}))
print(json.dumps((1, 2)), json.dumps(10**20), json.dumps(-0.0), json.dumps(1e100))
print(json.dumps([float("inf"), float("-inf"), float("nan")]))
print(json.loads("[1, 2, 3]"), json.loads('{"a": {"b": [null, true, false]}}'))
print(json.loads(' "a\\u00e9\\ud83d\\ude00\\n" '), json.loads("1e3"), json.loads("-12.5"), json.loads("123456789012345678901234567890"))
print(json.loads(b'{"a": 1}'), json.loads("[]"), json.loads("{}"), json.loads("[[[]]]"))
for text in ["", "[", "[1", "[1,", "[1,]", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{1:2}", "nul", "01", "-", "1.", "[1 2]", '"abc', '"\\x"', '"\\u12"', '"a\nb"', "1 2", "\n\n  x", "é x"]:
    try:
        print(json.loads(text))
    except ValueError as e:
        print(type(e).__name__, e)
for bad in [{1, 2}, {(1, 2): 3}, b"x", object]:
    try:
        json.dumps(bad)
    except TypeError as e:
        print(e)
try:
    json.loads(5)
except TypeError as e:
    print(e)
a = []
a.append(a)
try:
    json.dumps(a)
except ValueError as e:
    print(e)


class D(dict):
    pass


d = D()
d["x"] = 1
print(json.dumps(d), json.dumps([d]))
for value in [{"k": [1, 2, {"z": None}]}, "quote\"", [1.5, -3, 0.1]]:
    print(json.loads(json.dumps(value)) == value)
