use std::ops::Range;

use bytes::Bytes;

use crate::{HeaderPairs, HeaderValue};

/// A head that is not one: as much of it as can be read without a doubt about its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenHead {
    /// The first word of its first line.
    pub method: String,
    /// The second, where it is text.
    pub target: String,
    /// Whether something follows the target: what breaks off in it may have meant another.
    pub target_ends: bool,
    /// What follows the target on its line.
    pub version: String,
    /// The lines that have a name and a colon, in their order.
    pub headers: HeaderPairs,
    /// How many bytes of it are head; what follows came after an empty line.
    pub length: usize,
}

impl BrokenHead {
    /// Reads what there is: lines end in a line feed, whatever stands before it.
    pub fn read(bytes: &[u8]) -> Self {
        let mut broken = Self {
            method: String::new(),
            target: String::new(),
            target_ends: false,
            version: String::new(),
            headers: HeaderPairs::new(),
            length: bytes.len(),
        };
        let first = request_line(bytes);
        let line = &bytes[first.clone()];
        let mut words = line.splitn(3, |byte| *byte == b' ');
        let mut word = || words.next().map(|word| String::from_utf8_lossy(word).into_owned());
        broken.method = word().unwrap_or_default();
        broken.target = word().unwrap_or_default();
        let rest = word();
        broken.target_ends = rest.is_some() || first.end < bytes.len();
        broken.version = rest.unwrap_or_default();
        for line in header_lines(bytes, first.end) {
            match line {
                Line::Pair(name, value) => {
                    let value = HeaderValue::from(Bytes::copy_from_slice(&bytes[value]));
                    broken.headers.push(String::from_utf8_lossy(&bytes[name]), value);
                }
                Line::Other => {}
                Line::End(at) => broken.length = at,
            }
        }
        broken
    }
}

/// A head as it is shown: `arrived` are its headers and its query as they stand in it, `shown` as they are shown.
pub fn shown_head(
    head: &[u8],
    arrived: (&HeaderPairs, Option<&str>),
    shown: (&HeaderPairs, Option<&str>),
) -> Vec<u8> {
    let first = request_line(head);
    let mut exchanges: Vec<(Range<usize>, &[u8])> = Vec::new();
    if let (Some(arrived), Some(shown)) = (arrived.1, shown.1)
        && arrived != shown
        && let Some(at) = query_at(&head[first.clone()])
    {
        let start = first.start + at;
        let end = (start + arrived.len()).min(first.end);
        exchanges.push((start..end, shown.as_bytes()));
    }
    let pairs = header_lines(head, first.end).filter_map(|line| match line {
        Line::Pair(_, value) => Some(value),
        Line::Other | Line::End(_) => None,
    });
    for ((value, (_, arrived)), (_, shown)) in pairs.zip(arrived.0.iter()).zip(shown.0.iter()) {
        if arrived != shown {
            exchanges.push((value, shown.as_bytes()));
        }
    }
    let mut made = Vec::with_capacity(head.len());
    let mut from = 0;
    for (range, shown) in exchanges {
        made.extend_from_slice(&head[from..range.start]);
        made.extend_from_slice(shown);
        from = range.end;
    }
    made.extend_from_slice(&head[from..]);
    made
}

/// Where the query begins in a request line: behind the first question mark of its target.
fn query_at(line: &[u8]) -> Option<usize> {
    let target = line.iter().position(|byte| *byte == b' ')?;
    line[target..].iter().position(|byte| *byte == b'?').map(|at| target + at + 1)
}

/// The pairs of well-formed trailers.
pub fn trailer_pairs(trailers: &Bytes) -> HeaderPairs {
    let pair = |line| match line {
        Line::Pair(name, value) => {
            let name = String::from_utf8_lossy(&trailers[name]).into_owned();
            Some((name, HeaderValue::from(trailers.slice(value))))
        }
        Line::Other | Line::End(_) => None,
    };
    header_lines(trailers, 0).filter_map(pair).collect()
}

/// Where the request line stands: behind empty lines, and without its line end.
fn request_line(bytes: &[u8]) -> Range<usize> {
    let start = bytes.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(bytes.len());
    let end = bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| start + at);
    let end = if end > start && bytes[end - 1] == b'\r' && end < bytes.len() { end - 1 } else { end };
    start..end
}

/// A line behind the first.
enum Line {
    /// Where its name and its value stand; what follows folded on further lines is part of the value.
    Pair(Range<usize>, Range<usize>),
    /// It has no colon.
    Other,
    /// The empty line, and where what comes after it begins.
    End(usize),
}

/// The lines from the line feed at or after `from` on.
fn header_lines(bytes: &[u8], from: usize) -> impl Iterator<Item = Line> {
    let next_line =
        |at: usize| bytes[at..].iter().position(|byte| *byte == b'\n').map(|found| at + found + 1);
    let mut at = if from == 0 { Some(0) } else { next_line(from) };
    std::iter::from_fn(move || {
        let start = at.filter(|at| *at < bytes.len())?;
        let mut end = next_line(start);
        let stop = end.unwrap_or(bytes.len());
        if matches!(&bytes[start..stop], b"\n" | b"\r\n") {
            at = None;
            return Some(Line::End(stop));
        }
        while let Some(next) = end.filter(|next| matches!(bytes.get(*next), Some(b' ' | b'\t'))) {
            end = next_line(next);
        }
        at = end;
        let line = start..end.unwrap_or(bytes.len());
        let Some(colon) = colon_of(&bytes[line.clone()]) else { return Some(Line::Other) };
        Some(Line::Pair(start..start + colon, trimmed(bytes, start + colon + 1..line.end)))
    })
}

/// Where the name of a line ends. One that begins with a colon is that of a pseudo header where another follows it.
fn colon_of(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let word = line[colon + 1..].iter().take_while(|byte| of_word(byte)).count();
    let end = colon + 1 + word;
    Some(if colon == 0 && word > 0 && line.get(end) == Some(&b':') { end } else { colon })
}

/// A range without the white space at its ends.
fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let part = &bytes[range.clone()];
    let start = range.start + (part.len() - part.trim_ascii_start().len());
    start..start + part.trim_ascii().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(headers: &HeaderPairs) -> Vec<(&str, &str)> {
        headers.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect()
    }

    #[test]
    fn of_a_broken_head_what_can_be_read_is_there() {
        let head =
            b"\r\nPOST /in/a?b HTTP/1.1\nHost: h\r\nno colon\nA : b\r\n folded\r\nX:\xff\r\n\r\nbody\r\n\r\n";
        let broken = BrokenHead::read(head);
        assert_eq!((broken.method.as_str(), broken.target.as_str()), ("POST", "/in/a?b"));
        assert_eq!((broken.version.as_str(), broken.target_ends), ("HTTP/1.1", true));
        assert_eq!(&head[broken.length..], b"body\r\n\r\n");
        let pairs: Vec<(&str, &[u8])> =
            broken.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        assert_eq!(pairs, [("Host", &b"h"[..]), ("A ", b"b\r\n folded"), ("X", b"\xff")]);
    }

    #[test]
    fn what_breaks_off_in_its_target_is_told() {
        for (head, target, ends) in [
            ("GET /i", "/i", false),
            ("GET /in ", "/in", true),
            ("GET /in\r\n", "/in", true),
            ("GET", "", false),
            ("", "", false),
        ] {
            let broken = BrokenHead::read(head.as_bytes());
            assert_eq!(
                (broken.target.as_str(), broken.target_ends, broken.length),
                (target, ends, head.len()),
                "{head}"
            );
        }
    }

    #[test]
    fn a_head_is_shown_without_its_secrets_and_otherwise_to_the_byte() {
        let head = b"\r\nGET /in?t=abc&u=1 HTTP/1.1\r\nA:\t x \r\nX-Key:k7\r\nX-Key: k8\r\n\r\n";
        let arrived = HeaderPairs::from_iter([("A", "x"), ("X-Key", "k7"), ("X-Key", "k8")]);
        let shown = HeaderPairs::from_iter([("A", "x"), ("X-Key", "(the secret)"), ("X-Key", "k8")]);
        let made = shown_head(head, (&arrived, Some("t=abc&u=1")), (&shown, Some("t=(the secret)&u=1")));
        let expected =
            "\r\nGET /in?t=(the secret)&u=1 HTTP/1.1\r\nA:\t x \r\nX-Key:(the secret)\r\nX-Key: k8\r\n\r\n";
        assert_eq!(String::from_utf8(made).unwrap(), expected);
        assert_eq!(shown_head(head, (&arrived, None), (&arrived, None)), head);
        // A question mark of what is no method.
        let (none, odd) = (HeaderPairs::new(), b"G?T /in?t=abc HTTP/1.1\r\n\r\n");
        let made = shown_head(odd, (&none, Some("t=abc")), (&none, Some("t=x")));
        assert_eq!(made, b"G?T /in?t=x HTTP/1.1\r\n\r\n");
    }

    #[test]
    fn trailers_are_pairs() {
        let pairs = trailer_pairs(&Bytes::from_static(b"X-T: 1\r\nx-t:\r\n"));
        assert_eq!(values(&pairs), [("X-T", "1"), ("x-t", "")]);
        assert!(trailer_pairs(&Bytes::new()).is_empty());
        let odd = trailer_pairs(&Bytes::from_static(b":path: /a:b\r\n: v\r\n:a b: v\r\n"));
        assert_eq!(values(&odd), [(":path", "/a:b"), ("", "v"), ("", "a b: v")]);
    }
}
