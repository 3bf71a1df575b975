import json
data = {"name": "gw", "list": [1, 2.5, -3e10, True, None, "é\n\"q\"\\"], "nested": {"a": {"b": []}}, "empty": {}, "big": 123456789012345678901234567890, "f": 1e-7, "u": "\u20ac\U0001f600"}
s = json.dumps(data); print(s); print(json.loads(s) == data)
for t in ('{"a":1}', '[1, 2,3 ]', ' "x" ', '1', '-1.5e3', 'true', '"\\u20ac\\ud83d\\ude00"', '[]', '{}', '[[[]]]', '{"a": [1, {"b": null}]}'):
    print(json.loads(t))
for t in ('', '{', '[1,]', '{"a"}', "{'a': 1}", '01', 'nul', '"abc', '[1 2]', '{"a":1,}', '1.', '+1', '"\\x"', '[1]x'):
    try: print("??", t, json.loads(t))
    except ValueError as e: print("VE", t)
try: json.dumps({1: 2, "a": object()})
except TypeError as e: print("TE")
print(json.dumps({1: 2, None: 3, True: 4, 1.5: 6}), json.dumps((1, 2)), json.dumps("a"), json.dumps([1, 2], separators=(",", ":")))
try: json.dumps(float("nan"))
except ValueError: print("nan")
