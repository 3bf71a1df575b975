"""Filters of readings: each takes an iterable of readings and yields some of them."""


class Window:
    """The last readings of one sensor, and their mean."""

    def __init__(self, size):
        self.size = size
        self.values = []

    def add(self, value):
        self.values.append(value)
        if len(self.values) > self.size:
            self.values.pop(0)

    def mean(self):
        return sum(self.values) / len(self.values)


def in_range(minimum, maximum):
    """A test for values that a sensor can mean."""

    def test(value):
        return minimum <= value <= maximum

    return test


def anomalies(readings, size, tolerance):
    """Readings further than `tolerance` from their sensor's mean so far."""
    windows = {}
    for reading in readings:
        sensor, value = reading["sensor"], reading["value"]
        window = windows.setdefault(sensor, Window(size))
        if window.values and abs(value - window.mean()) > tolerance:
            yield {"sensor": sensor, "value": value, "mean": round(window.mean(), 2)}
        else:
            window.add(value)
