"""Keeps settings in a file: the copy that came with the program is the default, changes survive restarts."""

import json

FILE = "config.json"


def load():
    with open(FILE) as file:
        return json.load(file)


def save(config):
    with open(FILE, "w") as file:
        json.dump(config, file)


config = load()
config["starts"] += 1
save(config)

again = load()
print("sensor {}, every {} s, start {}".format(again["name"], again["interval_s"], again["starts"]))
