use std::mem::MaybeUninit;

use bytes::{BufMut as _, Bytes, BytesMut};
use hookbench_model::{HeaderPairs, HeaderValue};

use super::Target;
use super::framing::Framing;
use crate::Limits;
use crate::fault::Fault;

/// The HTTP version of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Http10,
    Http11,
    Http2,
}

impl Version {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2.0",
        }
    }
}

/// A request's head, with everything that its sender wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: Target,
    pub(crate) version: Version,
    pub(crate) headers: HeaderPairs,
    /// The size of the body, where the head says it.
    pub(crate) announced: Option<u64>,
    /// As it stood on the wire, with empty lines before it; `None` over HTTP/2, which has no such text.
    pub(crate) raw: Option<Bytes>,
}

impl Head {
    /// Reads a whole head, its closing empty line included, and says where the body ends.
    pub(crate) fn read(bytes: &Bytes, limits: &Limits) -> Result<(Self, Framing), Fault> {
        let most = limits.headers.min(Limits::MOST_HEADERS);
        let mut room = [const { MaybeUninit::uninit() }; Limits::MOST_HEADERS];
        let mut request = httparse::Request::new(&mut []);
        match request.parse_with_uninit_headers(bytes, &mut room[..most]) {
            Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
            Ok(_) => return Err(Fault::RequestLine),
            Err(error) => return Err(fault_of(error, most)),
        }
        let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version)
        else {
            return Err(Fault::RequestLine);
        };
        if method == "CONNECT" {
            return Err(Fault::Connect);
        }
        let version = if version == 0 { Version::Http10 } else { Version::Http11 };
        let headers: HeaderPairs = request
            .headers
            .iter()
            .map(|header| (header.name, HeaderValue::from(bytes.slice_ref(header.value))))
            .collect();
        check_host(&headers, version)?;
        let framing = Framing::of(&headers, version)?;
        let target = Target::read(target)?;
        let announced = match framing {
            Framing::Sized(length) => Some(length),
            Framing::Chunked => None,
        };
        let raw = Some(bytes.clone());
        Ok((Self { method: method.to_owned(), target, version, headers, announced, raw }, framing))
    }

    /// The whole URL as the sender addressed it; empty where it did not say the host.
    pub(crate) fn url(&self) -> String {
        self.target.url(self.headers.get_str("host")).unwrap_or_default()
    }

    /// The beginning of that URL, up to the path below the slug; empty likewise.
    pub(crate) fn addressed(&self) -> String {
        let mut url = self.url();
        let below = self.target.path_and_query().len() - 1 - self.target.slug().len();
        url.truncate(url.len().saturating_sub(below));
        url
    }

    /// The head that hyper is given in the place of this one: what decides about framing and about the
    /// connection, and nothing that the sender made up.
    pub(crate) fn write_plain(&self, framing: Framing, out: &mut BytesMut) {
        out.put_slice(if self.method == "HEAD" { b"HEAD" } else { b"POST" });
        out.put_slice(if self.version == Version::Http10 { b" / HTTP/1.0\r\n" } else { b" / HTTP/1.1\r\n" });
        match framing {
            Framing::Sized(0) => {}
            // Refused by its size anyway, once as much is read as is taken; hyper keeps the highest numbers for itself.
            Framing::Sized(length) => {
                out.put_slice(format!("content-length: {}\r\n", length.min(1 << 60)).as_bytes());
            }
            Framing::Chunked => out.put_slice(b"transfer-encoding: chunked\r\n"),
        }
        if self.lists("connection", "close") {
            out.put_slice(b"connection: close\r\n");
        } else if self.version == Version::Http10 && self.lists("connection", "keep-alive") {
            out.put_slice(b"connection: keep-alive\r\n");
        }
        if self.version == Version::Http11 && self.lists("expect", "100-continue") {
            out.put_slice(b"expect: 100-continue\r\n");
        }
        // Trailers of an answer go to nobody else.
        if self.version == Version::Http11 && self.lists("te", "trailers") {
            out.put_slice(b"te: trailers\r\n");
        }
        out.put_slice(b"\r\n");
    }

    /// Whether a header that is a list names this.
    pub(crate) fn lists(&self, name: &str, wanted: &str) -> bool {
        self.headers
            .get_all(name)
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()))
    }
}

fn fault_of(error: httparse::Error, most: usize) -> Fault {
    match error {
        httparse::Error::HeaderName => Fault::HeaderName,
        httparse::Error::HeaderValue | httparse::Error::NewLine => Fault::HeaderValue,
        httparse::Error::TooManyHeaders => Fault::TooManyHeaders(most),
        httparse::Error::Version => Fault::Version,
        httparse::Error::Token | httparse::Error::Status => Fault::RequestLine,
    }
}

fn check_host(headers: &HeaderPairs, version: Version) -> Result<(), Fault> {
    let mut hosts = headers.get_all("host");
    let Some(host) = hosts.next() else {
        return if version == Version::Http10 { Ok(()) } else { Err(Fault::HostMissing) };
    };
    if hosts.next().is_some() {
        return Err(Fault::HostTwice);
    }
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte);
    if host.as_bytes().iter().all(fits) { Ok(()) } else { Err(Fault::HostMalformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<(Head, Framing), Fault> {
        Head::read(&Bytes::copy_from_slice(text), &Limits::default())
    }

    fn plain(text: &[u8]) -> String {
        let (head, framing) = read(text).unwrap();
        let mut out = BytesMut::new();
        head.write_plain(framing, &mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn everything_the_sender_wrote_is_there() {
        let (head, framing) =
            read(b"pOst /in/x%20?q HTTP/1.1\r\nHOST: h:1\r\nx-B:  two  words \r\nX-b:\xff\r\nContent-Length: 3\r\n\r\n")
                .unwrap();
        assert_eq!((head.method.as_str(), head.version), ("pOst", Version::Http11));
        assert_eq!(head.target.path_and_query(), "/in/x%20?q");
        let pairs: Vec<(&str, &[u8])> =
            head.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        let expected: [(&str, &[u8]); 4] =
            [("HOST", b"h:1"), ("x-B", b"two  words"), ("X-b", b"\xff"), ("Content-Length", b"3")];
        assert_eq!(pairs, expected);
        assert_eq!((framing, head.announced), (Framing::Sized(3), Some(3)));
    }

    #[test]
    fn hyper_is_told_the_framing_and_the_connection_only() {
        assert_eq!(
            plain(b"PUT /in HTTP/1.1\r\nHost: h\r\nX: y\r\nUpgrade: h2c\r\nContent-Length: 007\r\n\r\n"),
            "POST / HTTP/1.1\r\ncontent-length: 7\r\n\r\n"
        );
        assert_eq!(
            plain(b"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\nExpect: 100-Continue\r\n\r\n"),
            "HEAD / HTTP/1.1\r\nconnection: close\r\nexpect: 100-continue\r\n\r\n"
        );
        assert_eq!(
            plain(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            "POST / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
        );
        assert_eq!(
            plain(b"GET / HTTP/1.1\r\nHost: h\r\nTE: gzip, Trailers\r\n\r\n"),
            "POST / HTTP/1.1\r\nte: trailers\r\n\r\n"
        );
    }

    #[test]
    fn heads_that_are_not_http_are_named() {
        for (text, fault) in [
            (&b"GET / HTTP/1.1\r\n\r\n"[..], Fault::HostMissing),
            (b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", Fault::HostTwice),
            (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Fault::HostMalformed),
            (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", Fault::HeaderName),
            (b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", Fault::HeaderName),
            (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", Fault::HeaderValue),
            (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", Fault::Version),
            (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", Fault::Connect),
        ] {
            assert_eq!(read(text).unwrap_err(), fault, "{}", String::from_utf8_lossy(text));
        }
        let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "a: b\r\n".repeat(256));
        assert_eq!(read(many.as_bytes()).unwrap_err(), Fault::TooManyHeaders(256));
    }
}
