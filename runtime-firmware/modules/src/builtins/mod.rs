//! The builtin names: functions, types, exceptions.
//!
//! What takes callbacks or iterators of any kind is written in Python (`prelude.py`); its rows here point at
//! [`in_prelude`], which looks the function up by the row's own name when it is first called.

mod evaluate;
mod iteration;
mod number;
mod object;
mod output;

use vm::class_id as class;
use vm::{Args, Member, Raised, Ret, Row, TypeDef, Val, Vm};

pub(crate) const TYPES: &[TypeDef] = evaluate::TYPES;

pub(crate) const MEMBERS: &[Row] = &[
    Row("__build_class__", Member::Keywords(build_class)),
    Row("__debug__", Member::Value(Val::TRUE)),
    Row("__repl_print__", Member::General(output::repl_print, 1, 1)),
    Row("_bits", Member::General(crate::random::getrandbits, 1, 1)),
    Row("_calcsize", Member::Leaf(crate::packing::calcsize, 1, 1)),
    Row("_is_view", Member::Leaf(iteration::is_view, 1, 1)),
    Row("_random", Member::General(crate::random::random, 0, 0)),
    Row("_sort_rows", Member::Leaf(iteration::sort_rows, 3, 3)),
    Row("_unpack_from", Member::General(crate::packing::unpack_from, 2, 3)),
    Row("abs", Member::General(number::abs, 1, 1)),
    Row("all", Member::General(iteration::all, 1, 1)),
    Row("any", Member::General(iteration::any, 1, 1)),
    Row("ascii", Member::General(output::ascii, 1, 1)),
    Row("bin", Member::General(number::bin, 1, 1)),
    Row("callable", Member::Leaf(object::callable, 1, 1)),
    Row("chr", Member::Leaf(number::chr, 1, 1)),
    Row("compile", Member::Keywords(evaluate::compile)),
    Row("delattr", Member::General(object::delattr, 2, 2)),
    Row("dir", Member::General(object::dir, 0, 1)),
    Row("divmod", Member::General(number::divmod, 2, 2)),
    Row("enumerate", Member::Keywords(in_prelude)),
    Row("eval", Member::General(evaluate::eval, 1, 3)),
    Row("exec", Member::General(evaluate::exec, 1, 3)),
    Row("filter", Member::General(in_prelude, 2, 2)),
    Row("format", Member::General(output::format, 1, 2)),
    Row("getattr", Member::General(object::getattr, 2, 3)),
    Row("globals", Member::Leaf(object::globals, 0, 0)),
    Row("hasattr", Member::General(object::hasattr, 2, 2)),
    Row("hash", Member::General(number::hash, 1, 1)),
    Row("hex", Member::General(number::hex, 1, 1)),
    Row("id", Member::General(number::id, 1, 1)),
    Row("input", Member::General(output::input, 0, 1)),
    Row("isinstance", Member::Leaf(object::isinstance, 2, 2)),
    Row("issubclass", Member::Leaf(object::issubclass, 2, 2)),
    Row("iter", Member::General(iteration::iter, 1, 2)),
    Row("len", Member::General(iteration::len, 1, 1)),
    Row("locals", Member::Leaf(object::globals, 0, 0)),
    Row("map", Member::Keywords(in_prelude)),
    Row("max", Member::Keywords(iteration::max)),
    Row("min", Member::Keywords(iteration::min)),
    Row("next", Member::General(iteration::next, 1, 2)),
    Row("oct", Member::General(number::oct, 1, 1)),
    Row("open", Member::Keywords(crate::io::open)),
    Row("ord", Member::Leaf(number::ord, 1, 1)),
    Row("pow", Member::Keywords(number::pow)),
    Row("print", Member::Keywords(output::print)),
    Row("repr", Member::General(output::repr, 1, 1)),
    Row("reversed", Member::General(in_prelude, 1, 1)),
    Row("round", Member::Keywords(number::round)),
    Row("setattr", Member::General(object::setattr, 3, 3)),
    Row("sorted", Member::Keywords(in_prelude)),
    Row("sum", Member::Keywords(iteration::sum)),
    Row("vars", Member::General(object::vars, 0, 1)),
    Row("zip", Member::Keywords(in_prelude)),
    // Constants.
    Row("Ellipsis", Member::Value(Val::ELLIPSIS)),
    Row("NotImplemented", Member::Value(Val::NOT_IMPLEMENTED)),
    // Types.
    Row("bool", Member::Type(class::BOOL)),
    Row("bytearray", Member::Type(class::BYTEARRAY)),
    Row("bytes", Member::Type(class::BYTES)),
    Row("classmethod", Member::Type(class::CLASSMETHOD)),
    Row("complex", Member::Type(class::COMPLEX)),
    Row("dict", Member::Type(class::DICT)),
    Row("float", Member::Type(class::FLOAT)),
    Row("frozenset", Member::Type(class::FROZENSET)),
    Row("int", Member::Type(class::INT)),
    Row("list", Member::Type(class::LIST)),
    Row("memoryview", Member::Type(class::MEMORYVIEW)),
    Row("object", Member::Type(class::OBJECT)),
    Row("property", Member::Type(class::PROPERTY)),
    Row("range", Member::Type(class::RANGE)),
    Row("set", Member::Type(class::SET)),
    Row("slice", Member::Type(class::SLICE)),
    Row("staticmethod", Member::Type(class::STATICMETHOD)),
    Row("str", Member::Type(class::STR)),
    Row("super", Member::Type(class::SUPER)),
    Row("tuple", Member::Type(class::TUPLE)),
    Row("type", Member::Type(class::TYPE)),
    // Exceptions.
    Row("ArithmeticError", Member::Type(class::ARITHMETIC_ERROR)),
    Row("AssertionError", Member::Type(class::ASSERTION_ERROR)),
    Row("AttributeError", Member::Type(class::ATTRIBUTE_ERROR)),
    Row("BaseException", Member::Type(class::BASE_EXCEPTION)),
    Row("BlockingIOError", Member::Type(class::BLOCKING_IO_ERROR)),
    Row("BufferError", Member::Type(class::BUFFER_ERROR)),
    Row("ConnectionError", Member::Type(class::CONNECTION_ERROR)),
    Row("DeprecationWarning", Member::Type(class::DEPRECATION_WARNING)),
    Row("EOFError", Member::Type(class::EOF_ERROR)),
    Row("Exception", Member::Type(class::EXCEPTION)),
    Row("FileExistsError", Member::Type(class::FILE_EXISTS_ERROR)),
    Row("FileNotFoundError", Member::Type(class::FILE_NOT_FOUND_ERROR)),
    Row("GeneratorExit", Member::Type(class::GENERATOR_EXIT)),
    Row("IOError", Member::Type(class::OS_ERROR)),
    Row("ImportError", Member::Type(class::IMPORT_ERROR)),
    Row("IndentationError", Member::Type(class::INDENTATION_ERROR)),
    Row("IndexError", Member::Type(class::INDEX_ERROR)),
    Row("IsADirectoryError", Member::Type(class::IS_A_DIRECTORY_ERROR)),
    Row("KeyError", Member::Type(class::KEY_ERROR)),
    Row("KeyboardInterrupt", Member::Type(class::KEYBOARD_INTERRUPT)),
    Row("LookupError", Member::Type(class::LOOKUP_ERROR)),
    Row("MemoryError", Member::Type(class::MEMORY_ERROR)),
    Row("ModuleNotFoundError", Member::Type(class::MODULE_NOT_FOUND_ERROR)),
    Row("NameError", Member::Type(class::NAME_ERROR)),
    Row("NotADirectoryError", Member::Type(class::NOT_A_DIRECTORY_ERROR)),
    Row("NotImplementedError", Member::Type(class::NOT_IMPLEMENTED_ERROR)),
    Row("OSError", Member::Type(class::OS_ERROR)),
    Row("OverflowError", Member::Type(class::OVERFLOW_ERROR)),
    Row("PermissionError", Member::Type(class::PERMISSION_ERROR)),
    Row("RecursionError", Member::Type(class::RECURSION_ERROR)),
    Row("RuntimeError", Member::Type(class::RUNTIME_ERROR)),
    Row("StopAsyncIteration", Member::Type(class::STOP_ASYNC_ITERATION)),
    Row("StopIteration", Member::Type(class::STOP_ITERATION)),
    Row("SyntaxError", Member::Type(class::SYNTAX_ERROR)),
    Row("SystemError", Member::Type(class::SYSTEM_ERROR)),
    Row("SystemExit", Member::Type(class::SYSTEM_EXIT)),
    Row("TimeoutError", Member::Type(class::TIMEOUT_ERROR)),
    Row("TypeError", Member::Type(class::TYPE_ERROR)),
    Row("UnboundLocalError", Member::Type(class::UNBOUND_LOCAL_ERROR)),
    Row("UnicodeError", Member::Type(class::UNICODE_ERROR)),
    Row("ValueError", Member::Type(class::VALUE_ERROR)),
    Row("ViperTypeError", Member::Type(class::VIPER_TYPE_ERROR)),
    Row("Warning", Member::Type(class::WARNING)),
    Row("ZeroDivisionError", Member::Type(class::ZERO_DIVISION_ERROR)),
];

/// A function of the prelude under the name of its row, with the same arguments.
pub(crate) fn in_prelude(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let name = vm.heap.native_function_name(vm.heap.get(args.callee()));
    vm.forward_to_prelude(args, name)
}

/// The class body runs in the interpreter.
fn build_class(_vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    Ok(Ret::BUILD_CLASS)
}
