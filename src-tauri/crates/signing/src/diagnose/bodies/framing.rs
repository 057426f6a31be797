//! Bodies with something around them that is no part of them: the framing of chunks, or Python's way to show bytes.

/// The content of a body whose chunk framing was left on, trailers included; `None` where it is not framed so from
/// its first byte to its last.
pub(super) fn from_chunks(body: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let mut rest = body;
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let (head, after) = (&rest[..end], &rest[end + 2..]);
        let digits = head.split(|byte| *byte == b';').next()?.trim_ascii();
        let length = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if length == 0 {
            return (after.is_empty() || after.ends_with(b"\r\n")).then_some(content);
        }
        let (chunk, after) = after.split_at_checked(length)?;
        content.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}

/// A body in a single chunk.
#[derive(Clone, Copy, Debug)]
pub(in crate::diagnose) struct OneChunk {
    /// Its length in capitals.
    capitals: bool,
    /// With the empty chunk that ends a body.
    ended: bool,
}

impl OneChunk {
    pub(super) const ALL: [Self; 4] = [
        Self { capitals: false, ended: true },
        Self { capitals: true, ended: true },
        Self { capitals: false, ended: false },
        Self { capitals: true, ended: false },
    ];
}

/// The body in the framing of one chunk.
pub(super) fn to_chunks(body: &[u8], how: OneChunk) -> Vec<u8> {
    let length = if how.capitals { format!("{:X}", body.len()) } else { format!("{:x}", body.len()) };
    let end: &[u8] = if how.ended { b"0\r\n\r\n" } else { b"" };
    [length.as_bytes(), b"\r\n", body, b"\r\n", end].concat()
}

/// The bytes as Python shows them: `b'…'`.
pub(super) fn to_python(body: &[u8]) -> Vec<u8> {
    let quote = if body.contains(&b'\'') && !body.contains(&b'"') { b'"' } else { b'\'' };
    let mut shown = vec![b'b', quote];
    for &byte in body {
        match byte {
            b'\\' => shown.extend(b"\\\\"),
            b'\n' => shown.extend(b"\\n"),
            b'\r' => shown.extend(b"\\r"),
            b'\t' => shown.extend(b"\\t"),
            _ if byte == quote => shown.extend([b'\\', byte]),
            b' '..=b'~' => shown.push(byte),
            _ => shown.extend(format!("\\x{byte:02x}").into_bytes()),
        }
    }
    shown.push(quote);
    shown
}

/// The bytes that Python shows so; `None` where it is no such text.
pub(super) fn from_python(body: &[u8]) -> Option<Vec<u8>> {
    let (quote, text) = body.strip_prefix(b"b")?.split_first()?;
    let mut text =
        text.strip_suffix(std::slice::from_ref(quote)).filter(|_| matches!(quote, b'\'' | b'"'))?;
    let mut bytes = Vec::with_capacity(text.len());
    while let Some((&byte, rest)) = text.split_first() {
        text = rest;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&escaped, rest) = text.split_first()?;
        text = rest;
        bytes.push(match escaped {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let (digits, rest) = text.split_at_checked(2)?;
                text = rest;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            b'\\' | b'\'' | b'"' => escaped,
            _ => return None,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_taken_apart_and_nothing_else_is() {
        let framed = b"7;x=y\r\n{\"a\":1}\r\n2\r\n\r\n\r\n0\r\nTrailer: 1\r\n\r\n";
        assert_eq!(from_chunks(framed).unwrap(), b"{\"a\":1}\r\n");
        for body in [
            &b""[..],
            b"{}",
            b"7\r\n{}\r\n0\r\n\r\n",
            b"2\r\n{}0\r\n\r\n",
            b"2\r\n{}\r\n",
            b"fffffffffffffff\r\n",
        ] {
            assert_eq!(from_chunks(body), None, "{body:?}");
        }
    }

    #[test]
    fn a_body_is_put_into_one_chunk() {
        let body = b"{\"a\":12345}";
        for how in OneChunk::ALL.into_iter().filter(|how| how.ended) {
            assert_eq!(from_chunks(&to_chunks(body, how)).unwrap(), body);
        }
        assert_eq!(to_chunks(body, OneChunk { capitals: true, ended: false }), b"B\r\n{\"a\":12345}\r\n");
        assert_eq!(to_chunks(b"", OneChunk::ALL[0]), b"0\r\n\r\n0\r\n\r\n");
    }

    #[test]
    fn bytes_are_shown_as_python_shows_them() {
        assert_eq!(to_python(b"{\"a\": 1}\n"), br#"b'{"a": 1}\n'"#);
        assert_eq!(to_python(b"it's\t\xc3\\"), br#"b"it's\t\xc3\\""#);
        assert_eq!(to_python(b"'\""), br#"b'\'"'"#);
        for body in [&b""[..], b"it's \"x\"", b"\x00\xff\\n\r\n\t"] {
            assert_eq!(from_python(&to_python(body)).as_deref(), Some(body));
        }
        for text in [&b"b"[..], b"b'", b"'a'", br"b'\q'", br"b'\x4'", b"b`a`"] {
            assert_eq!(from_python(text), None, "{text:?}");
        }
    }
}
