"""Containers that are written in Python; `deque` is native."""

from _collections import deque


class OrderedDict(dict):
    def popitem(self, last=True):
        if not self:
            raise KeyError("dictionary is empty")
        if last:
            for key in self:
                pass
        else:
            for key in self:
                break
        return key, self.pop(key)

    def move_to_end(self, key, last=True):
        value = self.pop(key)
        if last:
            self[key] = value
        else:
            rest = list(self.items())
            self.clear()
            self[key] = value
            self.update(rest)

    def __repr__(self):
        return "OrderedDict({" + ", ".join("{!r}: {!r}".format(key, self[key]) for key in self) + "})" if self else "OrderedDict()"

    def __eq__(self, other):
        if isinstance(other, OrderedDict):
            return list(self.items()) == list(other.items())
        return dict(self) == other

    def __reversed__(self):
        keys = list(self)
        keys.reverse()
        return iter(keys)


class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable or None")
        self.default_factory = default_factory
        dict.__init__(self, *args, **kwargs)

    def __getitem__(self, key):
        try:
            return dict.__getitem__(self, key)
        except KeyError:
            if self.default_factory is None:
                raise
        value = self.default_factory()
        self[key] = value
        return value

    def __repr__(self):
        return "defaultdict({!r}, {})".format(self.default_factory, dict.__repr__(self))


def _getter(index):
    return property(lambda self: self[index])


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    names = []
    for name in field_names:
        name = str(name)
        if not name.isidentifier() or name.startswith("_") or name in names:
            if not rename:
                if name in names:
                    raise ValueError("Encountered duplicate field name: {!r}".format(name))
                if name.startswith("_"):
                    raise ValueError("Field names cannot start with an underscore: {!r}".format(name))
                raise ValueError("Type names and field names must be valid identifiers: {!r}".format(name))
            name = "_{}".format(len(names))
        names.append(name)
    names = tuple(names)
    count = len(names)
    values = {}
    if defaults is not None:
        defaults = tuple(defaults)
        if len(defaults) > count:
            raise TypeError("Got more default values than field names")
        for index in range(len(defaults)):
            values[names[count - len(defaults) + index]] = defaults[index]

    def make(cls, args, kwargs):
        given = len(args)
        if given > count:
            raise TypeError("{}.__new__() takes {} positional arguments but {} were given".format(typename, count + 1, given + 1))
        row = list(args)
        for name in names[given:]:
            if name in kwargs:
                row.append(kwargs.pop(name))
            elif name in values:
                row.append(values[name])
            else:
                raise TypeError("{}.__new__() missing 1 required positional argument: '{}'".format(typename, name))
        for name in kwargs:
            raise TypeError("{}.__new__() got an unexpected keyword argument '{}'".format(typename, name))
        return tuple.__new__(cls, row)

    class Row(tuple):
        _fields = names
        _field_defaults = values

        def __new__(cls, *args, **kwargs):
            return make(cls, args, kwargs)

        @classmethod
        def _make(cls, iterable):
            row = tuple(iterable)
            if len(row) != count:
                raise TypeError("Expected {} arguments, got {}".format(count, len(row)))
            return tuple.__new__(cls, row)

        def _replace(self, **kwargs):
            row = []
            for index in range(count):
                row.append(kwargs.pop(names[index]) if names[index] in kwargs else self[index])
            if kwargs:
                raise TypeError("Got unexpected field names: {!r}".format(list(kwargs)))
            return self._make(row)

        def _asdict(self):
            return {names[index]: self[index] for index in range(count)}

        def __repr__(self):
            shown = ", ".join("{}={!r}".format(names[index], self[index]) for index in range(count))
            return "{}({})".format(type(self).__name__, shown)

    members = {"__slots__": ()}
    for index in range(count):
        members[names[index]] = _getter(index)
    return type(typename, (Row,), members)
