//! The static strings of `.mpy` v6: names that every reader of the format knows by number, so files need not carry them.
//! Their order is part of the format and never changes.

/// Index is the static id. Id 0 is the null qstr, which no file may name; id 1 is the empty string.
pub static STATIC_QSTRS: &[&str] = &[
    "", // 0: null
    "", // 1
    "__dir__",
    "\n",
    " ",
    "*",
    "/",
    "<module>",
    "_",
    "__call__",
    "__class__", // 10
    "__delitem__",
    "__enter__",
    "__exit__",
    "__getattr__",
    "__getitem__",
    "__hash__",
    "__init__",
    "__int__",
    "__iter__",
    "__len__", // 20
    "__main__",
    "__module__",
    "__name__",
    "__new__",
    "__next__",
    "__qualname__",
    "__repr__",
    "__setitem__",
    "__str__",
    "ArithmeticError", // 30
    "AssertionError",
    "AttributeError",
    "BaseException",
    "EOFError",
    "Ellipsis",
    "Exception",
    "GeneratorExit",
    "ImportError",
    "IndentationError",
    "IndexError", // 40
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "NameError",
    "NoneType",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "RuntimeError", // 50
    "StopIteration",
    "SyntaxError",
    "SystemExit",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
    "abs",
    "all",
    "any",
    "append", // 60
    "args",
    "bool",
    "builtins",
    "bytearray",
    "bytecode",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "clear", // 70
    "close",
    "const",
    "copy",
    "count",
    "dict",
    "dir",
    "divmod",
    "end",
    "endswith",
    "eval", // 80
    "exec",
    "extend",
    "find",
    "format",
    "from_bytes",
    "get",
    "getattr",
    "globals",
    "hasattr",
    "hash", // 90
    "id",
    "index",
    "insert",
    "int",
    "isalpha",
    "isdigit",
    "isinstance",
    "islower",
    "isspace",
    "issubclass", // 100
    "isupper",
    "items",
    "iter",
    "join",
    "key",
    "keys",
    "len",
    "list",
    "little",
    "locals", // 110
    "lower",
    "lstrip",
    "main",
    "map",
    "micropython",
    "next",
    "object",
    "open",
    "ord",
    "pop", // 120
    "popitem",
    "pow",
    "print",
    "range",
    "read",
    "readinto",
    "readline",
    "remove",
    "replace",
    "repr", // 130
    "reverse",
    "rfind",
    "rindex",
    "round",
    "rsplit",
    "rstrip",
    "self",
    "send",
    "sep",
    "set", // 140
    "setattr",
    "setdefault",
    "sort",
    "sorted",
    "split",
    "start",
    "startswith",
    "staticmethod",
    "step",
    "stop", // 150
    "str",
    "strip",
    "sum",
    "super",
    "throw",
    "to_bytes",
    "tuple",
    "type",
    "update",
    "upper", // 160
    "utf-8",
    "value",
    "values",
    "write",
    "zip",
];

/// The static id of a string, if it has one.
pub fn static_id(bytes: &[u8]) -> Option<u16> {
    // The list is short and this runs on the host only, so a plain scan will do.
    STATIC_QSTRS.iter().skip(1).position(|text| text.as_bytes() == bytes).and_then(|at| u16::try_from(at + 1).ok())
}

/// The string of a static id; `None` for the null qstr and for ids that v6 does not have.
pub fn static_text(id: u32) -> Option<&'static str> {
    if id == 0 {
        return None;
    }
    STATIC_QSTRS.get(usize::try_from(id).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_v6() {
        assert_eq!(static_id(b""), Some(1));
        assert_eq!(static_id(b"<module>"), Some(7));
        assert_eq!(static_id(b"zip"), Some(165));
        assert_eq!(STATIC_QSTRS.len(), 166);
        assert_eq!(static_id(b"not in the list"), None);
        assert_eq!(static_text(0), None);
        assert_eq!(static_text(1), Some(""));
        assert_eq!(static_text(166), None);
    }
}
