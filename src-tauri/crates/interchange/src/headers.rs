//! Headers as formats spell them.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue, is_pseudo};

use crate::{Bounds, Fault};

/// Whether this is a token of HTTP: a method, the name of a header.
pub(crate) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

/// Whether headers could have stood on the wire, and are not too many; those of a broken head may be any, and those of
/// HTTP/2 begin with pseudo headers.
pub(crate) fn check(
    headers: &HeaderPairs,
    bounds: &Bounds,
    (is_two, is_broken): (bool, bool),
) -> Result<(), Fault> {
    let size: usize = headers.iter().map(|(name, value)| name.len() + value.as_bytes().len()).sum();
    if is_broken {
        // It may be malformed because it is too large.
        return if size > bounds.broken_head() { Err(Fault::HeadTooLarge) } else { Ok(()) };
    }
    if headers.len() > bounds.headers || size > bounds.head {
        return Err(Fault::HeadTooLarge);
    }
    for (name, value) in headers.iter() {
        let name_itself = name.strip_prefix(':').filter(|_| is_two).unwrap_or(name);
        if !is_token(name_itself) {
            return Err(Fault::HeaderName);
        }
        if value.as_bytes().iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(Fault::HeaderValue(name.to_owned()));
        }
    }
    Ok(())
}

/// Sets a header's value where it is first named, or adds it.
pub(crate) fn set(headers: &mut HeaderPairs, name: &str, value: &str) {
    let mut found = false;
    let mut pairs: Vec<(String, HeaderValue)> = Vec::with_capacity(headers.len() + 1);
    for (known, old) in headers.iter() {
        if !known.eq_ignore_ascii_case(name) {
            pairs.push((known.to_owned(), old.clone()));
        } else if !found {
            found = true;
            pairs.push((known.to_owned(), HeaderValue::from(value)));
        }
    }
    if !found {
        pairs.push((name.to_owned(), HeaderValue::from(value)));
    }
    *headers = pairs.into_iter().collect();
}

/// Adds a header unless there is one of that name.
pub(crate) fn unless_there(headers: &mut HeaderPairs, name: &str, value: &str) {
    if headers.get(name).is_none() {
        headers.push(name, value);
    }
}

/// Whether a header belongs to the connection it came over, so that whoever sends it again makes their own; the pseudo
/// headers of HTTP/2 do too.
pub(crate) fn is_of_the_connection(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    is_pseudo(name) || NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a body comes in chunks, by its head.
pub(crate) fn is_chunked(headers: &HeaderPairs) -> bool {
    let codings = headers.get_all("transfer-encoding").filter_map(HeaderValue::as_str);
    codings.last().is_some_and(|text| text.trim().to_ascii_lowercase().ends_with("chunked"))
}

/// Bytes as the text that has a character for each of them.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// A value of text; bytes where it says so.
pub(crate) fn value(text: String, base64: Option<&str>) -> Result<HeaderValue, Fault> {
    match base64 {
        Some(base64) => decoded(base64, "header").map(HeaderValue::from),
        None => Ok(HeaderValue::from(text)),
    }
}

/// Bytes that are written in base64.
pub(crate) fn decoded(base64: &str, what: &'static str) -> Result<Bytes, Fault> {
    // Some tools break its lines.
    let compact: Vec<u8> = base64.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let decoded = data_encoding::BASE64.decode(&compact);
    decoded
        .or_else(|_| data_encoding::BASE64_NOPAD.decode(&compact))
        .map(Bytes::from)
        .map_err(|_| Fault::Base64(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_have_stood_on_the_wire_is_refused() {
        let bounds = Bounds { headers: 2, head: 20, ..Bounds::default() };
        let check = |pairs: &[(&str, &str)]| check(&pairs.iter().copied().collect(), &bounds, (false, false));
        assert_eq!(check(&[("A", "b c\t")]), Ok(()));
        assert_eq!(check(&[("A b", "c")]), Err(Fault::HeaderName));
        assert_eq!(super::check(&HeaderPairs::from_iter([("A b", "c\n")]), &bounds, (false, true)), Ok(()));
        assert_eq!(check(&[(":path", "/")]), Err(Fault::HeaderName));
        let pseudo = HeaderPairs::from_iter([(":path", "/")]);
        assert_eq!(super::check(&pseudo, &bounds, (true, false)), Ok(()));
        assert_eq!(check(&[("", "c")]), Err(Fault::HeaderName));
        assert_eq!(check(&[("A", "c\r\nB: d")]), Err(Fault::HeaderValue("A".to_owned())));
        assert_eq!(check(&[("A", "1"), ("A", "2"), ("A", "3")]), Err(Fault::HeadTooLarge));
        assert_eq!(check(&[("A", "12345678901234567890")]), Err(Fault::HeadTooLarge));
    }

    #[test]
    fn a_header_is_set_where_it_was() {
        let mut headers = HeaderPairs::from_iter([("A", "1"), ("x-B", "2"), ("X-b", "3")]);
        set(&mut headers, "X-B", "4");
        set(&mut headers, "C", "5");
        assert_eq!(headers, HeaderPairs::from_iter([("A", "1"), ("x-B", "4"), ("C", "5")]));
    }
}
