"""Filters the readings of a gateway's sensors: JSON lines in, anomalies out as JSON lines.

Each line is a reading such as {"sensor": "hall", "at": 12, "value": 20.5}. A reading is an anomaly when it is
impossible, when its sensor jumped away from the mean of its last readings, or when it comes late. What is not
an anomaly goes into the mean; what was not a reading is counted. A summary ends the output.
"""

import json
import sys

WINDOW = 6
WARM_UP = 3
TOLERANCE = 3.0
GAP_S = 30
RANGES = {"temperature": (-40, 85), "humidity": (0, 100)}


class ReadingError(ValueError):
    """A line that is not a reading."""


class Window:
    """The last values of a sensor, oldest first."""

    def __init__(self, size):
        self.size = size
        self.values = []

    def __len__(self):
        return len(self.values)

    def __iter__(self):
        return iter(self.values)

    def add(self, value):
        self.values.append(value)
        if len(self.values) > self.size:
            del self.values[0]

    def mean(self):
        return sum(self.values) / len(self.values)

    def spread(self):
        """Mean distance from the mean, but never so small that noise is an anomaly."""
        mean = self.mean()
        return max(sum([abs(value - mean) for value in self]) / len(self), 0.5)


class Sensor:
    """What is known of one sensor."""

    def __init__(self, name, kind):
        self.name = name
        self.kind = kind
        self.window = Window(WINDOW)
        self.last_at = None
        self.anomalies = 0

    def judge(self, at, value):
        """The reasons why a reading is an anomaly; an empty list for a good one, which then counts."""
        reasons = []
        low, high = RANGES[self.kind]
        if not low <= value <= high:
            reasons.append("impossible")
        elif len(self.window) >= WARM_UP:
            distance = abs(value - self.window.mean())
            if distance > TOLERANCE * self.window.spread():
                reasons.append("jump")
        if self.last_at is not None and at - self.last_at > GAP_S:
            reasons.append("late")
        self.last_at = at
        if "impossible" not in reasons and "jump" not in reasons:
            self.window.add(value)
        if reasons:
            self.anomalies += 1
        return reasons


def counter():
    """A pair of functions: one counts words, the other tells the counts."""
    counts = {}

    def count(word):
        counts[word] = counts.get(word, 0) + 1
        return counts[word]

    def told():
        return ", ".join(["{} {}".format(counts[word], word) for word in sorted(counts)])

    return count, told


def parse(line):
    """A line as (sensor, kind, at, value)."""
    try:
        reading = json.loads(line)
        name = reading["sensor"]
        kind = reading.get("kind", "temperature")
        at = int(reading["at"])
        value = float(reading["value"])
    except ValueError:
        raise ReadingError("not JSON, or not a number")
    except (KeyError, TypeError, AttributeError) as error:
        raise ReadingError("not a reading: {}".format(type(error).__name__))
    if kind not in RANGES:
        raise ReadingError("unknown kind: {}".format(kind))
    return name, kind, at, value


def readings(lines, count):
    """The readings in these lines, in order; the end is counted however the loop over them ends."""
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            try:
                yield parse(line)
            except ReadingError as error:
                sys.stderr.write("line {}: {}\n".format(number, error))
                count("skipped")
    finally:
        sys.stderr.write("{} lines\n".format(number))


def anomalies(source, sensors, count):
    """Yields each anomaly as a line of JSON."""
    for name, kind, at, value in source:
        if name not in sensors:
            sensors[name] = Sensor(name, kind)
        sensor = sensors[name]
        reasons = sensor.judge(at, value)
        count("anomalies" if reasons else "good")
        if reasons:
            mean = "{:.2f}".format(sensor.window.mean()) if len(sensor.window) else "null"
            yield '{{"sensor": {}, "at": {}, "value": {:.2f}, "mean": {}, "why": {}}}'.format(
                json.dumps(name), at, value, mean, json.dumps("+".join(reasons))
            )


def main(lines):
    sensors = {}
    count, told = counter()
    try:
        for line in anomalies(readings(lines, count), sensors, count):
            print(line)
    finally:
        for name in sorted(sensors):
            sensor = sensors[name]
            mean = "{:>7.2f}".format(sensor.window.mean()) if len(sensor.window) else "   none"
            print("# {:<8}{} mean, {} anomalies".format(name, mean, sensor.anomalies))
        print("# {}".format(told()))


if __name__ == "__main__":
    main(sys.stdin)
