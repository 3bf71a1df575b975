"""Readings come in as JSON lines; anomalies go out as JSON lines."""

import json
import sys

from filters import anomalies, in_range


def readings(lines, is_possible):
    """The readings that make sense; the others are counted on standard error."""
    skipped = 0
    for line in lines:
        try:
            reading = json.loads(line)
            if not is_possible(reading["value"]):
                raise ValueError("out of range")
            yield reading
        except (ValueError, KeyError, TypeError):
            skipped += 1
    print("skipped {} lines".format(skipped), file=sys.stderr)


with open("config.json") as file:
    config = json.load(file)

is_possible = in_range(config["minimum"], config["maximum"])
for anomaly in anomalies(readings(sys.stdin, is_possible), config["window"], config["tolerance"]):
    print(json.dumps(anomaly))
