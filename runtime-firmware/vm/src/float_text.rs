//! Text of floats: parsing, and the shortest text that reads back as the same number.
/// Parses a float as Python writes it.
pub(crate) fn parse_float(text: &[u8]) -> Option<f64> {
    core::str::from_utf8(text).ok()?.parse().ok()
}
