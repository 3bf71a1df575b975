# The part of the builtins that runs Python code of the program (callbacks, iterators of any kind). Written in
# Python, so that it uses no native stack and exceptions, generators and memory need no special care.
# Native functions call these in their place; see `builtins/mod.rs`. `_sort_rows` and `_is_native` are native.


def list_of(iterable):
    return [item for item in iterable]


def dict_of(mapping):
    return {key: mapping[key] for key in mapping.keys()}


def iterate(sequence):
    # The old protocol: __getitem__ from 0 on until IndexError.
    index = 0
    while True:
        try:
            item = sequence[index]
        except (IndexError, StopIteration):
            return
        yield item
        index += 1


def contains(container, wanted):
    for item in container:
        if item is wanted or item == wanted:
            return True
    return False


def instantiate(cls, *args, **kwargs):
    new = cls.__new__
    # object.__new__ leaves the arguments to __init__.
    instance = new(cls) if new is object.__new__ else new(cls, *args, **kwargs)
    if isinstance(instance, cls):
        init = getattr(type(instance), "__init__", None)
        if init is not None:
            init(instance, *args, **kwargs)
    return instance


def retry_with_list(function, index, *args, **kwargs):
    args = list(args)
    args[index] = [item for item in args[index]]
    return function(*args, **kwargs)


def sort_list(items, key, reverse):
    rows = list(items)
    keys = list(items) if key is None else [key(item) for item in rows]
    if not _sort_rows(rows, list(keys), reverse):
        rows = list(items)
        # Their order is a program's business: merge runs bottom up, comparing with `<` only.
        count = len(rows)
        order = list(range(count))
        if reverse:
            order.reverse()
        width = 1
        while width < count:
            merged = []
            for start in range(0, count, 2 * width):
                left = start
                middle = min_of_two(start + width, count)
                right = middle
                end = min_of_two(start + 2 * width, count)
                while left < middle and right < end:
                    if keys[order[right]] < keys[order[left]]:
                        merged.append(order[right])
                        right += 1
                    else:
                        merged.append(order[left])
                        left += 1
                merged.extend(order[left:middle])
                merged.extend(order[right:end])
            order = merged
            width *= 2
        if reverse:
            order.reverse()
        rows = [rows[index] for index in order]
    if len(items) != len(rows):
        raise ValueError("list modified during sort")
    items[:] = rows


def min_of_two(a, b):
    return a if a < b else b


def sorted(iterable, *, key=None, reverse=False):
    result = list(iterable)
    result.sort(key=key, reverse=reverse)
    return result


def next_or(iterator, default):
    try:
        return iterator.__next__()
    except StopIteration:
        return default


def call_until(function, sentinel):
    while True:
        value = function()
        if value == sentinel:
            return
        yield value


def map(function, *iterables):
    if not iterables:
        raise TypeError("map() must have at least two arguments.")
    if len(iterables) == 1:
        return map_one(function, iter(iterables[0]))
    return map_many(function, [iter(iterable) for iterable in iterables])


def map_one(function, iterator):
    for item in iterator:
        yield function(item)


def map_many(function, iterators):
    while True:
        args = []
        for iterator in iterators:
            try:
                args.append(iterator.__next__())
            except StopIteration:
                return
        yield function(*args)


def filter(function, iterable):
    return filter_true(iter(iterable)) if function is None else filter_by(function, iter(iterable))


def filter_true(iterator):
    for item in iterator:
        if item:
            yield item


def filter_by(function, iterator):
    for item in iterator:
        if function(item):
            yield item


def zip(*iterables, strict=False):
    return zip_rows([iter(iterable) for iterable in iterables], strict)


def zip_rows(iterators, strict):
    if not iterators:
        return
    while True:
        row = []
        for iterator in iterators:
            try:
                row.append(iterator.__next__())
            except StopIteration:
                if strict:
                    zip_check(iterators, len(row))
                return
        yield tuple(row)


def zip_check(iterators, ended):
    if ended:
        plural = "s 1-" if ended > 1 else " "
        raise ValueError("zip() argument {} is shorter than argument{}{}".format(ended + 1, plural, ended))
    for index in range(1, len(iterators)):
        try:
            iterators[index].__next__()
        except StopIteration:
            continue
        plural = "s 1-" if index > 1 else " "
        raise ValueError("zip() argument {} is longer than argument{}{}".format(index + 1, plural, index))


def enumerate(iterable, start=0):
    return enumerate_from(iter(iterable), start)


def enumerate_from(iterator, number):
    for item in iterator:
        yield number, item
        number += 1


def reversed(sequence):
    own = getattr(type(sequence), "__reversed__", None)
    if own is not None:
        return own(sequence)
    if isinstance(sequence, dict):
        sequence = list(sequence)
    elif isinstance(sequence, (set, frozenset)) or not hasattr(type(sequence), "__getitem__"):
        if not isinstance(sequence, (list, tuple, str, bytes, bytearray, range)):
            try:
                sequence = reversible(sequence)
            except TypeError:
                raise TypeError("'{}' object is not reversible".format(type(sequence).__name__)) from None
    return reverse_items(sequence, len(sequence))


def reversible(sequence):
    # Builtin sequences of modules have no __getitem__ to look up, but take an index; dict views are made a list.
    if _is_view(sequence):
        return list(sequence)
    if len(sequence):
        sequence[0]
    return sequence


def reverse_items(sequence, index):
    while index > 0:
        index -= 1
        yield sequence[index]


def any(iterable):
    for item in iterable:
        if item:
            return True
    return False


def all(iterable):
    for item in iterable:
        if not item:
            return False
    return True


def sum(iterable, /, start=0):
    if isinstance(start, str):
        raise TypeError("sum() can't sum strings [use ''.join(seq) instead]")
    if isinstance(start, (bytes, bytearray)):
        raise TypeError("sum() can't sum bytes [use b''.join(seq) instead]")
    for item in iterable:
        start = start + item
    return start


class _Absent:
    pass


def min(*args, key=None, default=_Absent):
    return extreme("min", args, key, default, False)


def max(*args, key=None, default=_Absent):
    return extreme("max", args, key, default, True)


def extreme(name, args, key, default, largest):
    if len(args) == 1:
        args = args[0]
    elif not args:
        raise TypeError("{} expected at least 1 argument, got 0".format(name))
    elif default is not _Absent:
        raise TypeError("Cannot specify a default for {}() with multiple positional arguments".format(name))
    best = best_key = _Absent
    for item in args:
        item_key = item if key is None else key(item)
        if best is _Absent or (item_key > best_key if largest else item_key < best_key):
            best = item
            best_key = item_key
    if best is _Absent:
        if default is _Absent:
            raise ValueError("{}() iterable argument is empty".format(name))
        return default
    return best


def dict_from(target, pairs):
    number = 0
    for pair in pairs:
        row = tuple(pair)
        if len(row) != 2:
            raise ValueError(
                "dictionary update sequence element #{} has length {}; 2 is required".format(number, len(row))
            )
        target[row[0]] = row[1]
        number += 1


def read_lines(stream):
    lines = []
    while True:
        line = stream.readline()
        if not line:
            return lines
        lines.append(line)


def write_lines(stream, lines):
    for line in lines:
        stream.write(line)


def prod(iterable, /, *, start=1):
    for item in iterable:
        start = start * item
    return start


def isqrt_large(n):
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    root = 1 << (n.bit_length() + 1) // 2
    while True:
        better = (root + n // root) >> 1
        if better >= root:
            return root
        root = better


# random: `_bits` is random.getrandbits.


def _below(n):
    bits = n.bit_length()
    number = _bits(bits)
    while number >= n:
        number = _bits(bits)
    return number


def randrange(start, stop=None, step=1):
    if stop is None:
        stop = start
        start = 0
    if step == 0:
        raise ValueError("zero step for randrange()")
    count = (stop - start + step + (-1 if step > 0 else 1)) // step
    if count <= 0:
        raise ValueError("empty range for randrange()")
    return start + step * _below(count)


def randint(a, b):
    return randrange(a, b + 1)


def choice(sequence):
    if not len(sequence):
        raise IndexError("Cannot choose from an empty sequence")
    return sequence[_below(len(sequence))]


def shuffle(items):
    for index in range(len(items) - 1, 0, -1):
        other = _below(index + 1)
        items[index], items[other] = items[other], items[index]


def sample(population, k):
    pool = list(population)
    if not 0 <= k <= len(pool):
        raise ValueError("Sample larger than population or is negative")
    result = []
    for _ in range(k):
        index = _below(len(pool))
        result.append(pool[index])
        pool[index] = pool[-1]
        pool.pop()
    return result


def uniform(a, b):
    return a + (b - a) * _random()


def iter_unpack(format, buffer):
    size = _calcsize(format)
    if not size or len(buffer) % size:
        raise ValueError("iterative unpacking requires a buffer of a multiple of {} bytes".format(size))
    return iter_unpack_rows(format, buffer, size)


def iter_unpack_rows(format, buffer, size):
    for offset in range(0, len(buffer), size):
        yield _unpack_from(format, buffer, offset)


# deque.


def deque_iterate(deque):
    count = len(deque)
    for index in range(count):
        if len(deque) != count:
            raise RuntimeError("deque mutated during iteration")
        yield deque[index]
    if len(deque) != count:
        raise RuntimeError("deque mutated during iteration")


def deque_repr(deque):
    items = repr(list(deque))
    if deque.maxlen is None:
        return "deque({})".format(items)
    return "deque({}, maxlen={})".format(items, deque.maxlen)


def deque_equal(deque, other):
    if not isinstance(other, type(deque)):
        return NotImplemented
    return list(deque) == list(other)


def deque_copy(deque):
    return type(deque)(list(deque), deque.maxlen)


def deque_count(deque, wanted):
    return list(deque).count(wanted)


def deque_index(deque, wanted):
    for index in range(len(deque)):
        if deque[index] == wanted:
            return index
    raise ValueError("{!r} is not in deque".format(wanted))


def deque_remove(deque, wanted):
    items = list(deque)
    if wanted not in items:
        raise ValueError("{!r} is not in deque".format(wanted))
    items.remove(wanted)
    deque.clear()
    deque.extend(items)


def run_and_forget(function):
    function()


def run_with_locals(function, both, globals, locals):
    try:
        function()
    finally:
        for name in both:
            value = both[name]
            if name in locals or name not in globals or globals[name] is not value:
                locals[name] = value


# array.


def array_repr(array):
    if not len(array):
        return "array('{}')".format(array.typecode)
    return "array('{}', {})".format(array.typecode, [item for item in array])


def array_slice(array, index):
    return type(array)(array.typecode, [item for item in array][index])


def array_assign_slice(array, index, value):
    if not isinstance(value, type(array)):
        raise TypeError("can only assign array (not \"{}\") to array slice".format(type(value).__name__))
    if value.typecode != array.typecode:
        raise TypeError("bad argument type for built-in operation")
    items = [item for item in array]
    items[index] = [item for item in value]
    array._assign(items)


def array_delete(array, index):
    items = [item for item in array]
    del items[index]
    array._assign(items)


def array_equal(array, other):
    if not isinstance(other, type(array)):
        return NotImplemented
    return [item for item in array] == [item for item in other]


def array_add(array, other):
    if not isinstance(other, type(array)):
        raise TypeError("can only append array (not \"{}\") to array".format(type(other).__name__))
    if other.typecode != array.typecode:
        raise TypeError("bad argument type for built-in operation")
    return type(array)(array.typecode, [item for item in array] + [item for item in other])


def array_extend(array, other):
    array_extend_only(array, other)
    return array


def array_extend_only(array, other):
    if isinstance(other, type(array)) and other.typecode != array.typecode:
        raise TypeError("can only extend with array of same kind")
    for item in [item for item in other]:
        array.append(item)


def array_index(array, wanted):
    for index in range(len(array)):
        if array[index] == wanted:
            return index
    raise ValueError("array.index(x): x not in array")


def array_insert(array, index, value):
    items = [item for item in array]
    items.insert(index, value)
    array._assign(items)


def array_pop(array, index=-1):
    items = [item for item in array]
    if not items:
        raise IndexError("pop from empty array")
    if not -len(items) <= index < len(items):
        raise IndexError("pop index out of range")
    item = items.pop(index)
    array._assign(items)
    return item


def array_remove(array, wanted):
    array_delete(array, array_index(array, wanted))


def array_reverse(array):
    items = [item for item in array]
    items.reverse()
    array._assign(items)


def array_lt(array, other):
    if not isinstance(other, type(array)):
        return NotImplemented
    return [item for item in array] < [item for item in other]


def array_le(array, other):
    if not isinstance(other, type(array)):
        return NotImplemented
    return [item for item in array] <= [item for item in other]


def array_gt(array, other):
    if not isinstance(other, type(array)):
        return NotImplemented
    return [item for item in array] > [item for item in other]


def array_ge(array, other):
    if not isinstance(other, type(array)):
        return NotImplemented
    return [item for item in array] >= [item for item in other]
