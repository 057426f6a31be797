use crate::Limits;
use crate::fault::Fault;

/// Empty lines that are passed over before a request line; RFC 9112 section 2.2 asks for one at least.
const EMPTY_LINES: u32 = 4;

/// Finds the end of a head as its bytes come in, looking at each byte once.
#[derive(Debug, Default)]
pub(crate) struct HeadScan {
    seen: usize,
    line: usize,
    head: usize,
    empty: u32,
}

impl HeadScan {
    /// Looks at what came since the last call; `wire` is everything since the scan began. Gives the head's
    /// bounds once it is whole: what lies before its start are empty lines.
    pub(crate) fn look(&mut self, wire: &[u8], limits: &Limits) -> Result<Option<(usize, usize)>, Fault> {
        self.check_first(wire)?;
        let seen = self.seen;
        for at in memchr::memchr_iter(b'\n', &wire[seen..]).map(|at| at + seen) {
            if at == 0 || wire[at - 1] != b'\r' {
                return Err(Fault::BareLineFeed);
            }
            let is_empty = at - self.line == 1;
            if is_empty && self.line > self.head {
                return within(at + 1 - self.head, limits).map(|()| Some((self.head, at + 1)));
            }
            if is_empty {
                self.empty += 1;
                self.head = at + 1;
            } else if self.line == self.head {
                check_request_line(&wire[self.line..=at])?;
            }
            self.line = at + 1;
            if self.empty > EMPTY_LINES {
                return Err(Fault::EmptyLines);
            }
            // What follows the empty lines has to be the start of a method.
            self.check_first(wire)?;
        }
        self.seen = wire.len();
        within(wire.len() - self.head, limits).map(|()| None)
    }

    /// A method begins with a token; TLS and other protocols are told at their first byte.
    fn check_first(&self, wire: &[u8]) -> Result<(), Fault> {
        match wire.get(self.head) {
            Some(byte) if !is_token(*byte) && *byte != b'\r' && *byte != b'\n' => Err(Fault::NotHttp(*byte)),
            _ => Ok(()),
        }
    }
}

fn within(length: usize, limits: &Limits) -> Result<(), Fault> {
    if length > limits.head_bytes { Err(Fault::HeadTooLarge(limits.head_bytes)) } else { Ok(()) }
}

/// Judges the request line as soon as it is there, so that nobody waits for headers that never come.
fn check_request_line(line: &[u8]) -> Result<(), Fault> {
    let mut words = line.trim_ascii_end().split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Fault::RequestLine);
    };
    if !method.iter().copied().all(is_token) || target.is_empty() {
        return Err(Fault::RequestLine);
    }
    if std::str::from_utf8(target).is_err() {
        return Err(Fault::TargetNotText);
    }
    match version {
        b"HTTP/1.0" | b"HTTP/1.1" => Ok(()),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(Fault::Version)
        }
        _ => Err(Fault::RequestLine),
    }
}

/// A character of a token, RFC 9110 section 5.6.2.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(wire: &[u8]) -> Result<Option<(usize, usize)>, Fault> {
        HeadScan::default().look(wire, &Limits::default())
    }

    fn byte_by_byte(wire: &[u8]) -> Result<Option<(usize, usize)>, Fault> {
        let mut scan = HeadScan::default();
        for end in 1..=wire.len() {
            if let Some(found) = scan.look(&wire[..end], &Limits::default())? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    #[test]
    fn the_end_is_found_however_the_bytes_come() {
        for (wire, expected) in [
            (&b"GET / HTTP/1.1\r\nA: b\r\n\r\nbody"[..], Ok(Some((0, 24)))),
            (b"GET / HTTP/1.1\r\n\r\n", Ok(Some((0, 18)))),
            (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", Ok(Some((4, 22)))),
            (b"GET / HTTP/1.1\r\nA: b\r\n", Ok(None)),
            (b"GET / HTTP/1.1\nA: b\r\n\r\n", Err(Fault::BareLineFeed)),
            (b"GET / HTTP/1.1\r\nA: b\r\n\n", Err(Fault::BareLineFeed)),
            (b"\nGET / HTTP/1.1\r\n\r\n", Err(Fault::BareLineFeed)),
            (b"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", Err(Fault::EmptyLines)),
            (b"GET /\r\n", Err(Fault::RequestLine)),
            (b"GET  / HTTP/1.1\r\n", Err(Fault::RequestLine)),
            (b"GET /a b HTTP/1.1\r\n", Err(Fault::RequestLine)),
            (b"GET / http/1.1\r\n", Err(Fault::RequestLine)),
            (b"PRI * HTTP/2.0\r\n\r\n", Err(Fault::Version)),
            (b"\x16\x03\x01", Err(Fault::NotHttp(22))),
            (b"\r\n {}", Err(Fault::NotHttp(b' '))),
        ] {
            assert_eq!(whole(wire), expected, "{}", String::from_utf8_lossy(wire));
            assert_eq!(byte_by_byte(wire), expected, "byte by byte: {}", String::from_utf8_lossy(wire));
        }
    }

    #[test]
    fn a_head_beyond_the_limit_is_refused_before_its_end() {
        let limits = Limits { head_bytes: 100, ..Limits::default() };
        let wire = format!("GET /{} HTTP/1.1", "a".repeat(100));
        let error = HeadScan::default().look(wire.as_bytes(), &limits);
        assert_eq!(error, Err(Fault::HeadTooLarge(100)));
    }
}
