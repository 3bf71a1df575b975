//! Values to JSON text.

use super::MAX_DEPTH;
use vm::{Heap, Raised, Sink, Val, class_id};

/// How the text looks.
struct Style<'h> {
    item: &'h [u8],
    key: &'h [u8],
    /// What one level of indentation is; `None`: all on one line.
    indent: Option<Indent<'h>>,
    sort: bool,
    ascii: bool,
    allow_nan: bool,
}

#[derive(Clone, Copy)]
enum Indent<'h> {
    Spaces(u32),
    Text(&'h [u8]),
}

/// A container that is being written.
#[derive(Clone, Copy)]
struct Level<'h> {
    container: Val<'h>,
    /// For dicts that are written in the order of their keys: the list of those.
    keys: Option<Val<'h>>,
    position: u32,
    started: bool,
}

/// Options in order: separators, indent, sort_keys, ensure_ascii, allow_nan.
pub(super) fn dumps<'h>(heap: &'h Heap, object: Val<'h>, options: [Option<Val<'h>>; 5]) -> Result<Val<'h>, Raised> {
    let style = style(heap, options)?;
    let mut stack: [Option<Level<'h>>; MAX_DEPTH] = [None; MAX_DEPTH];
    let mut depth = 0;
    // Sorted keys are listed before any text is written, so that the text stays the heap's last object.
    let mut sink = Sink::new(heap);
    if let Some(level) = write_value(heap, &mut sink, object, &style)? {
        stack[0] = Some(level);
        depth = 1;
    }
    while depth > 0 {
        let Some(Some(level)) = stack.get_mut(depth - 1) else { break };
        let is_dict = heap.is_dict(level.container);
        let entry = next_entry(heap, level)?;
        let Some((key, value)) = entry else {
            let started = level.started;
            depth -= 1;
            if started {
                new_line(&mut sink, &style, depth)?;
            }
            sink.push(if is_dict { b"}" } else { b"]" })?;
            continue;
        };
        if level.started {
            sink.push(style.item)?;
        }
        level.started = true;
        new_line(&mut sink, &style, depth)?;
        if let Some(key) = key {
            write_key(heap, &mut sink, key, &style)?;
            sink.push(style.key)?;
        }
        let Some(inner) = write_value(heap, &mut sink, value, &style)? else { continue };
        let inside = stack.iter().take(depth).flatten().any(|level| level.container == inner.container);
        if inside {
            return Err(heap.value_error("Circular reference detected"));
        }
        let Some(place) = stack.get_mut(depth) else {
            return Err(heap.error(class_id::RECURSION_ERROR, "JSON nesting is too deep"));
        };
        *place = Some(inner);
        depth += 1;
    }
    sink.finish()
}

fn style<'h>(heap: &'h Heap, options: [Option<Val<'h>>; 5]) -> Result<Style<'h>, Raised> {
    let [separators, indent, sort, ascii, nan] = options.map(|option| option.filter(|value| !value.is_none()));
    let truth = |value: Option<Val<'h>>, default| value.map_or(default, |value| heap.truth(value).unwrap_or(true));
    let indent = match indent {
        None => None,
        Some(value) => Some(match heap.str_bytes(value) {
            Some(text) => Indent::Text(text),
            None => Indent::Spaces(heap.expect_int(value)?.max(0) as u32),
        }),
    };
    let (mut item, mut key): (&[u8], &[u8]) = (if indent.is_some() { b"," } else { b", " }, b": ");
    if let Some(pair) = separators {
        let mut given = [None; 2];
        let mut count = 0;
        let iterable = heap.each(pair, |text| {
            if let Some(place) = given.get_mut(count) {
                *place = Some(heap.expect_str(text)?);
            }
            count += 1;
            Ok(())
        })?;
        if !iterable {
            return Err(heap.type_error("separators must be a pair of strings"));
        }
        let ([Some(first), Some(second)], 2) = (given, count) else {
            return Err(heap.value_error("separators must be a pair of strings"));
        };
        (item, key) = (first, second);
    }
    Ok(Style { item, key, indent, sort: truth(sort, false), ascii: truth(ascii, true), allow_nan: truth(nan, true) })
}

fn new_line(sink: &mut Sink<'_>, style: &Style<'_>, depth: usize) -> Result<(), Raised> {
    let Some(indent) = style.indent else { return Ok(()) };
    sink.push(b"\n")?;
    match indent {
        Indent::Spaces(width) => sink.fill(b' ', width * depth as u32),
        Indent::Text(text) => sink.repeat(text, depth as u32),
    }
}

type Entry<'h> = (Option<Val<'h>>, Val<'h>);

fn next_entry<'h>(heap: &'h Heap, level: &mut Level<'h>) -> Result<Option<Entry<'h>>, Raised> {
    let at = level.position;
    level.position = at + 1;
    let container = level.container;
    if let Some(keys) = level.keys {
        let Some(key) = heap.list_get(keys, at) else { return Ok(None) };
        return Ok(Some((Some(key), heap.dict_get(container, key)?.unwrap_or(Val::NONE))));
    }
    if heap.is_dict(container) {
        return Ok(heap.table_next(container, at).map(|(at, key, value)| {
            level.position = at + 1;
            (Some(key), value)
        }));
    }
    if heap.is_list(container) {
        return Ok(heap.list_get(container, at).map(|item| (None, item)));
    }
    Ok((at < heap.tuple_len(container)).then(|| (None, heap.tuple_get(container, at))))
}

/// Writes a value, or the opening of a container, which is then the caller's to go through.
fn write_value<'h>(
    heap: &'h Heap,
    sink: &mut Sink<'h>,
    value: Val<'h>,
    style: &Style<'_>,
) -> Result<Option<Level<'h>>, Raised> {
    let value = heap.builtin_part(value);
    if let Some(text) = heap.str_bytes(value) {
        write_text(sink, text, style.ascii)?;
    } else if value.is_none() {
        sink.push(b"null")?;
    } else if value == Val::TRUE {
        sink.push(b"true")?;
    } else if value == Val::FALSE {
        sink.push(b"false")?;
    } else if heap.is_integer(value) {
        heap.push_integer(sink, value, 10, b"")?;
    } else if let Some(x) = heap.as_float(value) {
        write_float(heap, sink, x, style)?;
    } else if heap.is_list(value) || heap.is_tuple(value) {
        sink.push(b"[")?;
        return Ok(Some(Level { container: value, keys: None, position: 0, started: false }));
    } else if heap.is_dict(value) {
        sink.push(b"{")?;
        let mut level = Level { container: value, keys: None, position: 0, started: false };
        if style.sort {
            let keys = heap.new_list(heap.table_len(value))?;
            heap.each(value, |key| heap.list_push(keys, key))?;
            if !heap.sort_by_keys(keys, keys, false)? {
                return Err(heap.type_error("'<' not supported between keys of different types"));
            }
            level.keys = Some(keys);
        }
        return Ok(Some(level));
    } else {
        let text = "Object of type {t} is not JSON serializable";
        return Err(heap.error_about(class_id::TYPE_ERROR, text, value, Val::NONE));
    }
    Ok(None)
}

fn write_float(heap: &Heap, sink: &mut Sink<'_>, x: f64, style: &Style<'_>) -> Result<(), Raised> {
    if x.is_finite() {
        return heap.push_float(sink, x);
    }
    if !style.allow_nan {
        return Err(heap.value_error("Out of range float values are not JSON compliant"));
    }
    sink.push(if x.is_nan() {
        b"NaN"
    } else if x > 0.0 {
        b"Infinity"
    } else {
        b"-Infinity"
    })
}

/// Keys are strings; numbers, bools and `None` become some.
fn write_key<'h>(heap: &'h Heap, sink: &mut Sink<'h>, key: Val<'h>, style: &Style<'_>) -> Result<(), Raised> {
    let key = heap.builtin_part(key);
    if let Some(text) = heap.str_bytes(key) {
        return write_text(sink, text, style.ascii);
    }
    if !key.is_none() && !heap.is_integer(key) && heap.as_float(key).is_none() {
        let text = "keys must be str, int, float, bool or None, not {t}";
        return Err(heap.error_about(class_id::TYPE_ERROR, text, key, Val::NONE));
    }
    sink.push(b"\"")?;
    write_value(heap, sink, key, style)?;
    sink.push(b"\"")
}

fn write_text(sink: &mut Sink<'_>, text: &[u8], ascii: bool) -> Result<(), Raised> {
    sink.push(b"\"")?;
    let mut rest = text;
    while !rest.is_empty() {
        // The longest part that stands for itself goes out at once.
        let plain = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20) || (ascii && *byte >= 0x7f))
            .unwrap_or(rest.len());
        let (part, behind) = rest.split_at(plain);
        sink.push(part)?;
        let Some(first) = behind.first() else { break };
        let width = match first {
            0xf0..=0xf7 => 4,
            0xe0..=0xef => 3,
            0xc0..=0xdf => 2,
            _ => 1,
        };
        let (character, behind) = behind.split_at(width.min(behind.len()));
        match first {
            b'"' => sink.push(b"\\\"")?,
            b'\\' => sink.push(b"\\\\")?,
            b'\n' => sink.push(b"\\n")?,
            b'\r' => sink.push(b"\\r")?,
            b'\t' => sink.push(b"\\t")?,
            8 => sink.push(b"\\b")?,
            12 => sink.push(b"\\f")?,
            0x7f => sink.push(b"\x7f")?,
            _ => write_escaped(sink, character)?,
        }
        rest = behind;
    }
    sink.push(b"\"")
}

/// `\uXXXX`, in two parts beyond the basic plane.
fn write_escaped(sink: &mut Sink<'_>, character: &[u8]) -> Result<(), Raised> {
    let lead = [0x7f, 0x7f, 0x1f, 0x0f, 0x07].get(character.len()).copied().unwrap_or(0x7f);
    let code = match character.split_first() {
        Some((first, rest)) => rest.iter().fold(u32::from(first & lead), |code, byte| code << 6 | u32::from(byte & 63)),
        None => return Ok(()),
    };
    let parts = if code >= 0x10000 {
        [Some(0xd800 + ((code - 0x10000) >> 10)), Some(0xdc00 + (code & 0x3ff))]
    } else {
        [Some(code), None]
    };
    for part in parts.into_iter().flatten() {
        sink.push(b"\\u")?;
        sink.push_hex(part, 4)?;
    }
    Ok(())
}
