//! The head of an answer that is passed back or that somebody has set, in place of the one that the HTTP library would
//! write: that knows neither the case of names nor their order, and adds a date.
//!
//! The library frames the message, so what it says of that and of the connection stays.

use bytes::Bytes;
use hookbench_model::HeaderPairs;
use http::StatusCode;

/// A head as it is to go out; found among a response's extensions.
#[derive(Clone, Debug)]
pub(crate) struct OwnHead {
    /// The words behind the status.
    pub(crate) reason: Bytes,
    /// The headers. Where the length and the transfer coding stand among them they say how they are written and where
    /// they go; what they say is what is so.
    pub(crate) headers: HeaderPairs,
    /// Whether the library's date goes out with it, where the headers have none.
    pub(crate) dated: bool,
}

impl OwnHead {
    /// That of an answer of our own with these headers; `None` where the library's says as much.
    pub(crate) fn ours(status: StatusCode, headers: HeaderPairs) -> Option<Self> {
        let reason = Bytes::from_static(status.canonical_reason().unwrap_or_default().as_bytes());
        (!headers.is_empty()).then_some(Self { reason, headers, dated: true })
    }
}

/// Where the head of the next answer is laid down.
pub(crate) type HeadSlot = hookbench_heads::HeadSlot<OwnHead>;

/// A connection on which the heads of answers can be exchanged.
pub(crate) type Headed<S> = hookbench_heads::Headed<S, OwnHead>;

impl hookbench_heads::OwnHead for OwnHead {
    fn in_place_of(self, theirs: &[u8]) -> Vec<u8> {
        merged(&self, theirs)
    }
}

/// What the library says of how a message is framed, and of the connection.
const ITS_OWN: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];

/// The head that goes out: our own, with what the library says of its framing in it or behind it.
fn merged(own: &OwnHead, theirs: &[u8]) -> Vec<u8> {
    let mut lines = theirs.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next().unwrap_or_default();
    let mut parts = first.splitn(3, |byte| *byte == b' ');
    let (version, status) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut head = [version, b" ", status, b" ", &own.reason, b"\r\n"].concat();
    let mut write = |name: &[u8], value: &[u8]| {
        for piece in [name, b": ", value, b"\r\n"] {
            head.extend_from_slice(piece);
        }
    };
    let takes_date = own.dated && own.headers.get("date").is_none();
    let is_its_own = |name: &str| {
        ITS_OWN.iter().any(|known| name.eq_ignore_ascii_case(known))
            || (takes_date && name.eq_ignore_ascii_case("date"))
    };
    let pair = |line: &[u8]| {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) =
            (str::from_utf8(&line[..at]).ok()?.to_owned(), line[at + 1..].trim_ascii().to_vec());
        is_its_own(&name).then_some((name, value))
    };
    let mut said: Vec<(String, Vec<u8>)> = lines.filter_map(pair).collect();
    for (name, value) in own.headers.iter() {
        if is_its_own(name) {
            if let Some(at) = said.iter().position(|(known, _)| name.eq_ignore_ascii_case(known)) {
                write(name.as_bytes(), &said.remove(at).1);
            }
        } else {
            write(name.as_bytes(), value.as_bytes());
        }
    }
    for (name, value) in said {
        write(name.as_bytes(), &value);
    }
    head.extend_from_slice(b"\r\n");
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&str, &str)]) -> OwnHead {
        let headers = headers.iter().copied().collect();
        OwnHead { reason: Bytes::from_static(b"As It Says"), headers, dated: false }
    }

    #[test]
    fn an_answer_of_our_own_has_a_date_once() {
        let theirs = b"HTTP/1.1 200 OK\r\nx-b: 1\r\ncontent-length: 0\r\ndate: today\r\n\r\n";
        let ours = |headers: &[(&str, &str)]| {
            let head = OwnHead::ours(StatusCode::OK, headers.iter().copied().collect()).unwrap();
            String::from_utf8(merged(&head, theirs)).unwrap()
        };
        let wanted = "HTTP/1.1 200 OK\r\nX-B: 1\r\ncontent-length: 0\r\ndate: today\r\n\r\n";
        assert_eq!(ours(&[("X-B", "1")]), wanted);
        let wanted = "HTTP/1.1 200 OK\r\nDATE: then\r\nX-B: 1\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(ours(&[("DATE", "then"), ("X-B", "1")]), wanted);
        assert!(OwnHead::ours(StatusCode::OK, HeaderPairs::new()).is_none());
    }

    #[test]
    fn what_is_framed_stands_where_it_stood_and_nothing_is_added() {
        let theirs = b"HTTP/1.1 207 Multi-Status\r\nx-b: 1\r\ncontent-length: 5\r\ndate: today\r\n\r\n";
        let head = merged(&own(&[("X-b", "1"), ("CONTENT-Length", "9"), ("x-B", "2")]), theirs);
        let wanted = "HTTP/1.1 207 As It Says\r\nX-b: 1\r\nCONTENT-Length: 5\r\nx-B: 2\r\n\r\n";
        assert_eq!(String::from_utf8(head).unwrap(), wanted);
        let theirs = b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\ndate: x\r\n\r\n";
        let head = merged(&own(&[("Date", "theirs"), ("Content-Length", "9")]), theirs);
        let wanted = "HTTP/1.1 200 As It Says\r\nDate: theirs\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(String::from_utf8(head).unwrap(), wanted);
    }
}
