//! Names (qstrs): numbered strings. The first 128 are the one-character ASCII strings, so that `s[i]` and `chr`
//! allocate nothing; then the names that the interpreter itself uses; then, by table, those of the modules.

macro_rules! names {
    ($($constant:ident = $text:literal,)*) => {
        #[repr(u16)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { $($constant,)* Count }
        $(#[doc = concat!("`", $text, "`")] pub const $constant: u16 = 128 + Number::$constant as u16;)*
        /// The names that the interpreter uses, in the order of their numbers from 128 on.
        pub(crate) const FIXED: [&str; Number::Count as usize] = [$($text,)*];
    };
}

names! {
    EMPTY = "",
    MAIN = "__main__",
    NAME = "__name__",
    QUALNAME = "__qualname__",
    MODULE = "__module__",
    DICT = "__dict__",
    CLASS = "__class__",
    BASES = "__bases__",
    MRO = "__mro__",
    DOC = "__doc__",
    FILE = "__file__",
    PATH = "__path__",
    ALL = "__all__",
    PACKAGE = "__package__",
    BUILTINS = "builtins",
    GLOBALS = "__globals__",
    NEW = "__new__",
    INIT = "__init__",
    DEL = "__del__",
    GET = "__get__",
    SET = "__set__",
    DELETE = "__delete__",
    SET_NAME = "__set_name__",
    INIT_SUBCLASS = "__init_subclass__",
    CLASS_GETITEM = "__class_getitem__",
    GETATTR = "__getattr__",
    GETATTRIBUTE = "__getattribute__",
    SETATTR = "__setattr__",
    DELATTR = "__delattr__",
    SLOTS = "__slots__",
    CALL = "__call__",
    REPR = "__repr__",
    STR = "__str__",
    BYTES = "__bytes__",
    FORMAT = "__format__",
    HASH = "__hash__",
    BOOL = "__bool__",
    LEN = "__len__",
    ITER = "__iter__",
    NEXT = "__next__",
    AITER = "__aiter__",
    ANEXT = "__anext__",
    AENTER = "__aenter__",
    AEXIT = "__aexit__",
    AWAIT = "__await__",
    REVERSED = "__reversed__",
    CONTAINS = "__contains__",
    GETITEM = "__getitem__",
    MISSING = "__missing__",
    SETITEM = "__setitem__",
    DELITEM = "__delitem__",
    ENTER = "__enter__",
    EXIT = "__exit__",
    INDEX = "__index__",
    INT = "__int__",
    FLOAT = "__float__",
    COMPLEX = "__complex__",
    ABS = "__abs__",
    NEG = "__neg__",
    POS = "__pos__",
    INVERT = "__invert__",
    LT = "__lt__",
    GT = "__gt__",
    EQ = "__eq__",
    LE = "__le__",
    GE = "__ge__",
    NE = "__ne__",
    OR = "__or__",
    XOR = "__xor__",
    AND = "__and__",
    LSHIFT = "__lshift__",
    RSHIFT = "__rshift__",
    ADD = "__add__",
    SUB = "__sub__",
    MUL = "__mul__",
    MATMUL = "__matmul__",
    FLOORDIV = "__floordiv__",
    TRUEDIV = "__truediv__",
    MOD = "__mod__",
    POW = "__pow__",
    DIVMOD = "__divmod__",
    ROR = "__ror__",
    RXOR = "__rxor__",
    RAND = "__rand__",
    RLSHIFT = "__rlshift__",
    RRSHIFT = "__rrshift__",
    RADD = "__radd__",
    RSUB = "__rsub__",
    RMUL = "__rmul__",
    RMATMUL = "__rmatmul__",
    RFLOORDIV = "__rfloordiv__",
    RTRUEDIV = "__rtruediv__",
    RMOD = "__rmod__",
    RPOW = "__rpow__",
    IOR = "__ior__",
    IXOR = "__ixor__",
    IAND = "__iand__",
    ILSHIFT = "__ilshift__",
    IRSHIFT = "__irshift__",
    IADD = "__iadd__",
    ISUB = "__isub__",
    IMUL = "__imul__",
    IMATMUL = "__imatmul__",
    IFLOORDIV = "__ifloordiv__",
    ITRUEDIV = "__itruediv__",
    IMOD = "__imod__",
    IPOW = "__ipow__",
    TRACEBACK = "__traceback__",
    CAUSE = "__cause__",
    CONTEXT = "__context__",
    SUPPRESS_CONTEXT = "__suppress_context__",
    ARGS = "args",
    VALUE = "value",
    ERRNO = "errno",
    SEND = "send",
    THROW = "throw",
    CLOSE = "close",
    START = "start",
    STOP = "stop",
    STEP = "step",
    FGET = "fget",
    METACLASS = "metaclass",
    MODULE_TEXT = "<module>",
    REPL_PRINT = "__repl_print__",
    BUILD_CLASS = "__build_class__",
    IMPORT = "__import__",
    NOTES = "__notes__",
    KEYS = "keys",
    PRELUDE = "_prelude",
    INSTANTIATE = "instantiate",
    LIST_OF = "list_of",
    DICT_OF = "dict_of",
    ITERATE = "iterate",
    CONTAINS_IN = "contains",
    RETRY_WITH_LIST = "retry_with_list",
    UNDERSCORE_MAIN = "main",
    SYS = "sys",
    SYS_PATH = "path",
    PIN_IRQ = "pin_irq",
    STRICT = "strict",
    KEY = "key",
    REVERSE = "reverse",
    DEFAULT = "default",
    SEP = "sep",
    END = "end",
    FILE_ARGUMENT = "file",
    FLUSH = "flush",
    ENCODING = "encoding",
    ERRORS = "errors",
    MAXSPLIT = "maxsplit",
    WRITE = "write",
    SORT_LIST = "sort_list",
}

/// First number behind the one-character names.
pub(crate) const FIRST_FIXED: u16 = 128;
/// First number of the tables' names.
pub(crate) const FIRST_TABLE: u16 = FIRST_FIXED + FIXED.len() as u16;

const fn ascii_table() -> [u8; 128] {
    let mut table = [0; 128];
    let mut index = 0;
    while index < 128 {
        table[index] = index as u8;
        index += 1;
    }
    table
}

static ASCII: [u8; 128] = ascii_table();

/// The bytes of a one-character name.
pub(crate) fn ascii(id: u16) -> &'static [u8] {
    match ASCII.get(id as usize..id as usize + 1) {
        Some(text) => text,
        None => b"",
    }
}

/// Hash of a string's bytes: 16 bits of FNV-1a. One function for ROM tables (at build time) and strings.
pub const fn hash_bytes(bytes: &[u8]) -> u16 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u32).wrapping_mul(0x0100_0193);
        index += 1;
    }
    (hash ^ hash >> 16) as u16
}
