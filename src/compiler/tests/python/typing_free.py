# Annotations and type parameters cost nothing and need nothing at run time.
from __future__ import annotations
from typing import TYPE_CHECKING, List, Optional
if TYPE_CHECKING:
    from nowhere import Nothing
type Pair[T] = tuple[T, T]
x: List[Nothing] = [1]
y: Undefined
class Box[T]:
    item: T
    count: int = 0
    def __init__(self, item: T) -> None: self.item: T = item
    def get(self, default: Optional[T] = None, *args: Missing, **kw: Missing) -> T | None: return self.item
def first[T: int](items: list[T]) -> T: return items[0]
print(x, Box(3).get(), first([4]), Box.count)
def local():
    z: int
    try: return z
    except NameError: return 'declared, not bound'
print(local())
class Small[T](Box[T]):
    pass
print(Small(5).get(), isinstance(Small(1), Box))
