//! The builtin types: their names, bases and attributes.

pub(crate) mod bool;
pub(crate) mod bytearray;
pub(crate) mod bytes;
pub(crate) mod complex;
mod construct;
mod descriptor;
pub(crate) mod dict;
mod exception;
pub(crate) mod float;
mod generator;
pub(crate) mod int;
pub(crate) mod list;
pub(crate) mod memoryview;
mod object;
mod protocol;
pub(crate) mod range;
pub(crate) mod set;
pub(crate) mod slice;
mod sort;
pub(crate) mod str;
pub(crate) mod tuple;
mod walk;

use crate::class_id::*;
use crate::rom::{Row, TypeDef};

/// A type that derives from `object`.
const fn plain(id: u16, name: &'static str, members: &'static [Row]) -> TypeDef {
    TypeDef { id, name, base: OBJECT, members }
}

/// An exception class.
const fn exception(id: u16, name: &'static str, base: u16) -> TypeDef {
    TypeDef { id, name, base, members: &[] }
}

/// All builtin types of this crate.
pub const TYPES: &[TypeDef] = &[
    plain(OBJECT, "object", object::METHODS),
    plain(TYPE, "type", descriptor::TYPE_METHODS),
    plain(NONE_TYPE, "NoneType", &[]),
    TypeDef { id: BOOL, name: "bool", base: INT, members: bool::METHODS },
    plain(INT, "int", int::METHODS),
    plain(FLOAT, "float", float::METHODS),
    plain(COMPLEX, "complex", complex::METHODS),
    plain(STR, "str", str::METHODS),
    plain(BYTES, "bytes", bytes::METHODS),
    plain(BYTEARRAY, "bytearray", bytes::BYTEARRAY_METHODS),
    plain(MEMORYVIEW, "memoryview", memoryview::METHODS),
    plain(TUPLE, "tuple", tuple::METHODS),
    plain(LIST, "list", list::METHODS),
    plain(DICT, "dict", dict::METHODS),
    plain(SET, "set", set::METHODS),
    plain(FROZENSET, "frozenset", set::FROZEN_METHODS),
    plain(RANGE, "range", range::METHODS),
    plain(SLICE, "slice", slice::METHODS),
    plain(FUNCTION, "function", &[]),
    plain(BUILTIN_FUNCTION, "builtin_function", &[]),
    plain(BOUND_METHOD, "bound_method", &[]),
    plain(GENERATOR, "generator", generator::METHODS),
    plain(MODULE, "module", &[]),
    plain(PROPERTY, "property", descriptor::PROPERTY_METHODS),
    plain(CLASSMETHOD, "classmethod", descriptor::CLASSMETHOD_METHODS),
    plain(STATICMETHOD, "staticmethod", descriptor::STATICMETHOD_METHODS),
    plain(SUPER, "super", descriptor::SUPER_METHODS),
    plain(ELLIPSIS, "ellipsis", &[]),
    plain(NOT_IMPLEMENTED, "NotImplementedType", &[]),
    plain(CELL, "cell", &[]),
    plain(ITERATOR, "iterator", generator::ITERATOR_METHODS),
    plain(DICT_KEYS, "dict_keys", dict::VIEW_METHODS),
    plain(DICT_VALUES, "dict_values", dict::VALUES_METHODS),
    plain(DICT_ITEMS, "dict_items", dict::VIEW_METHODS),
    plain(TRACEBACK, "traceback", &[]),
    plain(BASE_EXCEPTION, "BaseException", exception::METHODS),
    exception(EXCEPTION, "Exception", BASE_EXCEPTION),
    TypeDef { id: SYSTEM_EXIT, name: "SystemExit", base: BASE_EXCEPTION, members: exception::SYSTEM_EXIT_METHODS },
    exception(KEYBOARD_INTERRUPT, "KeyboardInterrupt", BASE_EXCEPTION),
    exception(GENERATOR_EXIT, "GeneratorExit", BASE_EXCEPTION),
    exception(ARITHMETIC_ERROR, "ArithmeticError", EXCEPTION),
    exception(OVERFLOW_ERROR, "OverflowError", ARITHMETIC_ERROR),
    exception(ZERO_DIVISION_ERROR, "ZeroDivisionError", ARITHMETIC_ERROR),
    exception(ASSERTION_ERROR, "AssertionError", EXCEPTION),
    exception(ATTRIBUTE_ERROR, "AttributeError", EXCEPTION),
    exception(BUFFER_ERROR, "BufferError", EXCEPTION),
    exception(EOF_ERROR, "EOFError", EXCEPTION),
    exception(IMPORT_ERROR, "ImportError", EXCEPTION),
    exception(MODULE_NOT_FOUND_ERROR, "ModuleNotFoundError", IMPORT_ERROR),
    exception(LOOKUP_ERROR, "LookupError", EXCEPTION),
    exception(INDEX_ERROR, "IndexError", LOOKUP_ERROR),
    exception(KEY_ERROR, "KeyError", LOOKUP_ERROR),
    exception(MEMORY_ERROR, "MemoryError", EXCEPTION),
    exception(NAME_ERROR, "NameError", EXCEPTION),
    exception(UNBOUND_LOCAL_ERROR, "UnboundLocalError", NAME_ERROR),
    TypeDef { id: OS_ERROR, name: "OSError", base: EXCEPTION, members: exception::OS_ERROR_METHODS },
    exception(BLOCKING_IO_ERROR, "BlockingIOError", OS_ERROR),
    exception(CONNECTION_ERROR, "ConnectionError", OS_ERROR),
    exception(FILE_EXISTS_ERROR, "FileExistsError", OS_ERROR),
    exception(FILE_NOT_FOUND_ERROR, "FileNotFoundError", OS_ERROR),
    exception(IS_A_DIRECTORY_ERROR, "IsADirectoryError", OS_ERROR),
    exception(NOT_A_DIRECTORY_ERROR, "NotADirectoryError", OS_ERROR),
    exception(PERMISSION_ERROR, "PermissionError", OS_ERROR),
    exception(TIMEOUT_ERROR, "TimeoutError", OS_ERROR),
    exception(RUNTIME_ERROR, "RuntimeError", EXCEPTION),
    exception(NOT_IMPLEMENTED_ERROR, "NotImplementedError", RUNTIME_ERROR),
    exception(RECURSION_ERROR, "RecursionError", RUNTIME_ERROR),
    exception(STOP_ITERATION, "StopIteration", EXCEPTION),
    exception(STOP_ASYNC_ITERATION, "StopAsyncIteration", EXCEPTION),
    exception(SYNTAX_ERROR, "SyntaxError", EXCEPTION),
    exception(INDENTATION_ERROR, "IndentationError", SYNTAX_ERROR),
    exception(SYSTEM_ERROR, "SystemError", EXCEPTION),
    exception(TYPE_ERROR, "TypeError", EXCEPTION),
    exception(VALUE_ERROR, "ValueError", EXCEPTION),
    exception(UNICODE_ERROR, "UnicodeError", VALUE_ERROR),
    exception(VIPER_TYPE_ERROR, "ViperTypeError", TYPE_ERROR),
    exception(WARNING, "Warning", EXCEPTION),
    exception(DEPRECATION_WARNING, "DeprecationWarning", WARNING),
];
