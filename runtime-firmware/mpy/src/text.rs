//! What a string may be: UTF-8, except that lone surrogates (`'\ud800'`) are allowed, encoded like other code points of
//! three bytes, because Python's strings may hold them.

/// Whether the bytes are a string's.
pub fn is_text(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        match core::str::from_utf8(rest) {
            Ok(_) => return true,
            Err(error) => match rest.get(error.valid_up_to()..) {
                Some([0xed, 0xa0..=0xbf, 0x80..=0xbf, tail @ ..]) => rest = tail,
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn surrogates_are_text() {
        assert!(is_text("naïve 🐍".as_bytes()));
        assert!(is_text(b"a\xed\xa0\x80b\xed\xbf\xbf"));
        for bytes in [&b"\xed\xa0"[..], b"\xff", b"\xc0\x80", b"\xed\xa0\x80\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
            assert!(!is_text(bytes), "{bytes:x?}");
        }
    }
}
