# __build_class__ reached through its module: the call leaves one result, however often it is made.
import builtins


def body():
    pass


def make(count):
    made = None
    for number in range(count):
        made = builtins.__build_class__(body, "Made")
        builtins.__build_class__(body, "Dropped", made)
    return made


print(make(40).__name__)
print([builtins.__build_class__(body, "A").__name__, 1, 2])
