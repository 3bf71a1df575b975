//! Numbers of the builtin classes. Native modules number theirs from [`FIRST_MODULE`], programs' classes follow
//! from [`FIRST_USER`].

macro_rules! ids {
    ($first:literal: $($constant:ident $text:literal,)*) => {
        ids!(@ $first; $($constant $text,)*);
    };
    (@ $n:expr; $constant:ident $text:literal, $($rest:tt)*) => {
        #[doc = concat!("`", $text, "`")]
        pub const $constant: u16 = $n;
        ids!(@ $n + 1; $($rest)*);
    };
    (@ $n:expr;) => {};
}

ids! { 0:
    OBJECT "object",
    TYPE "type",
    NONE_TYPE "NoneType",
    BOOL "bool",
    INT "int",
    FLOAT "float",
    COMPLEX "complex",
    STR "str",
    BYTES "bytes",
    BYTEARRAY "bytearray",
    MEMORYVIEW "memoryview",
    TUPLE "tuple",
    LIST "list",
    DICT "dict",
    SET "set",
    FROZENSET "frozenset",
    RANGE "range",
    SLICE "slice",
    FUNCTION "function",
    BUILTIN_FUNCTION "builtin_function",
    BOUND_METHOD "bound_method",
    GENERATOR "generator",
    MODULE "module",
    PROPERTY "property",
    CLASSMETHOD "classmethod",
    STATICMETHOD "staticmethod",
    SUPER "super",
    ELLIPSIS "ellipsis",
    NOT_IMPLEMENTED "NotImplementedType",
    CELL "cell",
    ITERATOR "iterator",
    DICT_KEYS "dict_keys",
    DICT_VALUES "dict_values",
    DICT_ITEMS "dict_items",
    TRACEBACK "traceback",
}

/// First exception class; all ids up to [`LAST_EXCEPTION`] are exceptions.
pub const FIRST_EXCEPTION: u16 = 48;

ids! { 48:
    BASE_EXCEPTION "BaseException",
    EXCEPTION "Exception",
    SYSTEM_EXIT "SystemExit",
    KEYBOARD_INTERRUPT "KeyboardInterrupt",
    GENERATOR_EXIT "GeneratorExit",
    ARITHMETIC_ERROR "ArithmeticError",
    OVERFLOW_ERROR "OverflowError",
    ZERO_DIVISION_ERROR "ZeroDivisionError",
    ASSERTION_ERROR "AssertionError",
    ATTRIBUTE_ERROR "AttributeError",
    BUFFER_ERROR "BufferError",
    EOF_ERROR "EOFError",
    IMPORT_ERROR "ImportError",
    MODULE_NOT_FOUND_ERROR "ModuleNotFoundError",
    LOOKUP_ERROR "LookupError",
    INDEX_ERROR "IndexError",
    KEY_ERROR "KeyError",
    MEMORY_ERROR "MemoryError",
    NAME_ERROR "NameError",
    UNBOUND_LOCAL_ERROR "UnboundLocalError",
    OS_ERROR "OSError",
    BLOCKING_IO_ERROR "BlockingIOError",
    CONNECTION_ERROR "ConnectionError",
    FILE_EXISTS_ERROR "FileExistsError",
    FILE_NOT_FOUND_ERROR "FileNotFoundError",
    IS_A_DIRECTORY_ERROR "IsADirectoryError",
    NOT_A_DIRECTORY_ERROR "NotADirectoryError",
    PERMISSION_ERROR "PermissionError",
    TIMEOUT_ERROR "TimeoutError",
    RUNTIME_ERROR "RuntimeError",
    NOT_IMPLEMENTED_ERROR "NotImplementedError",
    RECURSION_ERROR "RecursionError",
    STOP_ITERATION "StopIteration",
    STOP_ASYNC_ITERATION "StopAsyncIteration",
    SYNTAX_ERROR "SyntaxError",
    INDENTATION_ERROR "IndentationError",
    SYSTEM_ERROR "SystemError",
    TYPE_ERROR "TypeError",
    VALUE_ERROR "ValueError",
    UNICODE_ERROR "UnicodeError",
    VIPER_TYPE_ERROR "ViperTypeError",
    WARNING "Warning",
    DEPRECATION_WARNING "DeprecationWarning",
}

/// Last exception class.
pub const LAST_EXCEPTION: u16 = DEPRECATION_WARNING;
/// `array.array`: the one class of a module whose bytes the builtin types read. Its fields are the type code, a
/// bytearray and the number of items.
pub const ARRAY: u16 = 127;
/// First class of native modules.
pub const FIRST_MODULE: u16 = 128;
/// First class of programs.
pub const FIRST_USER: u16 = 256;
