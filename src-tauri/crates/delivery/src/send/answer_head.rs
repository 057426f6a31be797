//! The head of an answer as it stands on the wire: the HTTP library's map of headers keeps neither the case of names nor
//! their order among others.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue};
use http::HeaderMap;

/// As much as most heads take, in bytes.
const USUAL: usize = 512;

/// What comes in of an answer over HTTP/1.1, up to the end of its head. Interim heads (1xx) and empty lines before it are
/// passed over, and of its body nothing is taken. How large it gets is bounded by the library, which ends the connection
/// over a head that is too large.
#[derive(Debug, Default)]
pub(super) struct WireHead {
    bytes: Vec<u8>,
    /// Where the line begins that is coming in.
    line: usize,
    is_whole: bool,
}

impl WireHead {
    /// Takes what belongs to the head of what has just come in.
    pub(super) fn take_in(&mut self, mut bytes: &[u8]) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(bytes.len().min(USUAL));
        }
        while !self.is_whole && !bytes.is_empty() {
            let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
            let (line, rest) = bytes.split_at(end);
            self.bytes.extend_from_slice(line);
            bytes = rest;
            if line.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if !matches!(&self.bytes[self.line..], b"\n" | b"\r\n") {
            self.line = self.bytes.len();
        } else if self.line == 0 || self.is_interim() {
            self.bytes.clear();
            self.line = 0;
        } else {
            self.is_whole = true;
        }
    }

    /// Whether another head follows this one. A server that switches protocols says nothing more.
    fn is_interim(&self) -> bool {
        let status = self.bytes.get("HTTP/1.1 ".len()..).unwrap_or_default();
        status.starts_with(b"1") && !status.starts_with(b"101")
    }

    /// The words behind the status, and the headers in the order and the case in which they stood. Where the library has
    /// read other headers, what it read holds, and no words.
    pub(super) fn of_answer(this: Option<Self>, read: &HeaderMap) -> (Bytes, HeaderPairs) {
        let on_wire = this.and_then(Self::parts).filter(|(_, headers)| headers.len() == read.len());
        on_wire.unwrap_or_else(|| {
            let pairs = read.iter();
            let pairs = pairs.map(|(name, value)| (name.as_str(), Bytes::copy_from_slice(value.as_bytes())));
            (Bytes::new(), pairs.collect())
        })
    }

    fn parts(self) -> Option<(Bytes, HeaderPairs)> {
        if !self.is_whole {
            return None;
        }
        let head = Bytes::from(self.bytes);
        let mut lines =
            head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let reason = lines.next()?.splitn(3, |byte| *byte == b' ').nth(2).unwrap_or_default();
        let pair = |line: &[u8]| {
            let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
            let value = HeaderValue::from(head.slice_ref(value[1..].trim_ascii()));
            Some((str::from_utf8(name).ok()?.to_owned(), value))
        };
        let headers: Option<Vec<_>> = lines.take_while(|line| !line.is_empty()).map(pair).collect();
        Some((head.slice_ref(reason), headers?.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &[u8] =
        b"\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 207 Multi  Status\r\nx-B: 2\r\n\
        Set-Cookie:a=1\r\nX-Last: \r\nX-b:\t 3 \nX-Raw: \xff\r\n\r\nbody: no header\r\n\r\n";

    fn head(pieces: &[&[u8]]) -> WireHead {
        let mut head = WireHead::default();
        for piece in pieces {
            head.take_in(piece);
        }
        head
    }

    fn parts(raw: &[u8]) -> Option<(Bytes, HeaderPairs)> {
        head(&[raw]).parts()
    }

    #[test]
    fn it_is_read_as_it_stands_however_it_is_cut_and_nothing_behind_it_is_taken() {
        let wanted =
            [("x-B", &b"2"[..]), ("Set-Cookie", b"a=1"), ("X-Last", b""), ("X-b", b"3"), ("X-Raw", b"\xff")];
        for cut in 0..RAW.len() {
            let head = head(&[&RAW[..cut], &RAW[cut..]]);
            assert!(head.bytes.ends_with(b"\xff\r\n\r\n"), "{cut}: {}", head.bytes.escape_ascii());
            let (reason, headers) = head.parts().unwrap();
            assert_eq!(reason, &b"Multi  Status"[..], "{cut}");
            let pairs: Vec<_> = headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
            assert_eq!(pairs, wanted, "{cut}");
        }
    }

    #[test]
    fn interim_heads_take_no_room() {
        let mut head = WireHead::default();
        for _ in 0..1000 {
            head.take_in(b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
        }
        assert!(head.bytes.is_empty());
    }

    #[test]
    fn what_is_no_whole_head_gives_none() {
        assert_eq!(parts(b"HTTP/1.1 204\r\n\r\n").unwrap().0, &b""[..]);
        assert_eq!(parts(b"HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n").unwrap().1.len(), 1);
        for none in [&b""[..], b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: b\r\n"] {
            assert!(parts(none).is_none(), "{}", none.escape_ascii());
        }
    }

    #[test]
    fn what_the_library_read_holds_where_that_is_something_else() {
        let read = HeaderMap::from_iter([(http::header::DATE, http::HeaderValue::from_static("today"))]);
        for other in [None, Some(head(&[RAW])), Some(head(&[&RAW[..50]]))] {
            let (reason, headers) = WireHead::of_answer(other, &read);
            assert_eq!((&reason[..], headers), (&b""[..], HeaderPairs::from_iter([("date", "today")])));
        }
        let same = head(&[b"HTTP/1.1 200 OK\r\nDATE: today\r\n\r\n"]);
        let (_, headers) = WireHead::of_answer(Some(same), &read);
        assert_eq!(headers, HeaderPairs::from_iter([("DATE", "today")]));
    }
}
