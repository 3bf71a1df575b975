# try, finally, with, and every way out of them.
log = []
def ways(n):
    for i in range(3):
        try:
            try:
                if n == 0: return 'return'
                if n == 1: break
                if n == 2: continue
                if n == 3: raise ValueError(i)
                if n == 4: 1 // 0
            except ValueError as e:
                log.append(('value', e.args[0]))
                if i == 1: return 'from handler'
            else:
                log.append('else')
            finally:
                log.append(('inner', i))
        except ZeroDivisionError:
            log.append('zero')
        finally:
            log.append(('outer', i))
    else:
        return 'exhausted'
    return 'end'
for n in range(6):
    print(ways(n), log)
    log.clear()
class CM:
    def __init__(self, name, swallow=False): self.name, self.swallow = name, swallow
    def __enter__(self):
        print('enter', self.name)
        return self.name
    def __exit__(self, kind, value, trace):
        print('exit', self.name, kind and kind.__name__)
        return self.swallow
def with_ways(n):
    for i in range(2):
        with CM('a') as a, CM('b', True) as (b):
            if n == 0: return a + b
            if n == 1: break
            if n == 2: continue
            if n == 3: raise KeyError(1)
        print('after', i)
    return 'done'
for n in range(5): print(with_ways(n))
with (CM('p') as p, CM('q')): print('paren', p)
def override():
    try: return 1
    finally: return 2
def nested():
    try:
        try: raise ValueError
        finally:
            try: raise KeyError
            except KeyError: print('key')
    except ValueError: return 'value'
print(override(), nested())
def finally_loop():
    while True:
        try:
            for x in [1, 2]:
                try: return 'r'
                finally:
                    if x == 1: break
        finally:
            return 'f'
print(finally_loop())
def reraise():
    try:
        try: raise TypeError('t')
        except TypeError: raise
    except Exception as e: return type(e).__name__, e.args
print(reraise())
try:
    raise ValueError('v') from None
except (KeyError, ValueError) as e: print(e)
def g():
    try: yield 1
    finally: print('closed')
it = g(); next(it); it.close()
def many():
    for a in range(2):
        for b in range(2):
            try:
                if b: break
            finally:
                for c in range(2):
                    if c: continue
                    yield a, b, c
print(list(many()))
try: assert False, 'message'
except AssertionError as e: print('assert', e)
def handler_in_loop():
    out = []
    for n in [1, 0, 2]:
        try: out.append(4 // n)
        except ZeroDivisionError: continue
        except: break
        out.append('ok')
    return out
print(handler_in_loop())
def handler_names(n):
    try:
        if n == 0: raise ValueError('a')
        if n == 1: raise KeyError('b')
    except ValueError as e:
        return e.args
    except KeyError as e:
        out = e.args
        try: raise TypeError('c')
        except TypeError as e: out += e.args
        try: return out + e.args
        except NameError: return out + ('unbound',)
    return 'none'
for n in range(3): print(handler_names(n))
def handler_after():
    try: raise ValueError
    except ValueError as e: pass
    try: return e
    except NameError: return 'unbound'
def handler_cell():
    try: raise ValueError('x')
    except ValueError as e:
        f = lambda: e.args
        out = f()
    try: return f()
    except NameError: return out
print(handler_after(), handler_cell())
