import json
import io

config = {"name": "node", "pins": [1, 2, 3], "rate": 0.5}
with open("config.json", "w") as f:
    json.dump(config, f)
with open("config.json") as f:
    loaded = json.load(f)
print(loaded == config, loaded)
loaded["count"] = 3
with open("config.json", "w") as f:
    f.write(json.dumps(loaded))
print(json.load(open("config.json")))
s = io.StringIO()
json.dump([1, 2], s, indent=1)
print(s.getvalue())
print(json.load(io.StringIO('{"a": [1]}')))
