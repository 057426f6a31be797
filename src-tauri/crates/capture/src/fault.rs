use http::StatusCode;

/// Why a request is refused before any inbox sees it. The text is what its sender is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("what arrived is not HTTP{}", tls_hint(*.0))]
    NotHttp(u8),
    #[error("a line ends in a bare line feed, and HTTP lines end in CR LF")]
    BareLineFeed,
    #[error("there are too many empty lines before the request line")]
    EmptyLines,
    #[error("the request line is not of the form METHOD TARGET HTTP/1.1")]
    RequestLine,
    #[error("this port speaks HTTP/1.0, HTTP/1.1 and HTTP/2, and the request asks for another version")]
    Version,
    #[error("the request's target is neither a path nor an http URL")]
    Target,
    #[error("the request's target is not UTF-8")]
    TargetNotText,
    #[error("CONNECT asks for a proxy, and this is none")]
    Connect,
    #[error("a header's name is not a token followed by a colon, or a header is folded over several lines")]
    HeaderName,
    #[error("a header's value holds control characters")]
    HeaderValue,
    #[error("the request's head is larger than {0} bytes")]
    HeadTooLarge(usize),
    #[error("the request has more than {0} headers")]
    TooManyHeaders(usize),
    #[error("the request's head took longer than {0} ms")]
    HeadTooSlow(u128),
    #[error("the request's head broke off before its end")]
    HeadBrokenOff,
    #[error("an HTTP/1.1 request needs a Host header")]
    HostMissing,
    #[error("the Host header came more than once")]
    HostTwice,
    #[error("the Host header is not a host and port")]
    HostMalformed,
    #[error("the request has both Content-Length and Transfer-Encoding, so nobody can say where it ends")]
    LengthAndEncoding,
    #[error("the Content-Length is not a plain number")]
    LengthMalformed,
    #[error("the Content-Length came several times with different values")]
    LengthConflict,
    #[error("the Transfer-Encoding does not end in a single `chunked`")]
    EncodingMalformed,
    #[error("the only Transfer-Encoding this receiver knows is `chunked`")]
    EncodingUnknown,
    #[error("HTTP/1.0 knows no Transfer-Encoding")]
    EncodingTooEarly,
    #[error("a chunk of the body is malformed")]
    Chunk,
    #[error("the trailers after the body are malformed")]
    Trailer,
    #[error("the trailers after the body are larger than {bytes} bytes, or more than {lines}")]
    TrailersTooLarge { bytes: usize, lines: usize },
    #[error(
        "the body is larger than the {0} bytes that this receiver takes (the setting capture_max_body raises that)"
    )]
    BodyTooLarge(u64),
    #[error("the body stood still, or took too long in all")]
    BodyTooSlow,
    #[error("the body broke off before its end")]
    BodyBrokenOff,
    #[error("the body has another length than the Content-Length says")]
    BodyLength,
    #[error("there was no room for the body, since too many large ones came at once; it can be sent again")]
    NoRoom,
    #[error(
        "what stands in the place of a request line is not what HTTP/2 asks for: a method, a scheme and a path, once each and first"
    )]
    PseudoHeader,
    #[error("a header's name is empty, or has capital letters or others that HTTP/2 forbids")]
    NameInHttp2,
    #[error("a header speaks of the connection, which HTTP/2 forbids")]
    HeaderOfConnection,
    #[error("the head is packed in a way that cannot be read")]
    HeadPacked,
    #[error("the connection broke a rule of HTTP/2 ({0})")]
    Http2(&'static str),
    #[error("the connection ended before the request was taken up")]
    NotTakenUp,
}

fn tls_hint(first: u8) -> &'static str {
    // A TLS record begins with its type, and 22 is a handshake.
    if first == 22 {
        ": it looks like TLS, and this port speaks plain HTTP (write http://, not https://, or switch TLS on in the settings)"
    } else {
        ""
    }
}

impl Fault {
    /// Its kind as a stable word of the contract.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotHttp(_) => "not_http",
            Self::BareLineFeed => "bare_line_feed",
            Self::EmptyLines => "empty_lines",
            Self::RequestLine => "request_line",
            Self::Version => "version",
            Self::Target => "target",
            Self::TargetNotText => "target_not_text",
            Self::Connect => "connect",
            Self::HeaderName | Self::NameInHttp2 => "header_name",
            Self::HeaderValue => "header_value",
            Self::HeadTooLarge(_) => "head_too_large",
            Self::TooManyHeaders(_) => "too_many_headers",
            Self::HeadTooSlow(_) => "head_too_slow",
            Self::HeadBrokenOff => "head_broken_off",
            Self::HostMissing => "host_missing",
            Self::HostTwice => "host_twice",
            Self::HostMalformed => "host_malformed",
            Self::LengthAndEncoding => "length_and_encoding",
            Self::LengthMalformed => "length_malformed",
            Self::LengthConflict => "length_conflict",
            Self::EncodingMalformed => "encoding_malformed",
            Self::EncodingUnknown => "encoding_unknown",
            Self::EncodingTooEarly => "encoding_too_early",
            Self::Chunk => "chunk",
            Self::Trailer => "trailer",
            Self::TrailersTooLarge { .. } => "trailers_too_large",
            Self::BodyTooLarge(_) => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::BodyBrokenOff => "body_broken_off",
            Self::BodyLength => "body_length",
            Self::NoRoom => "no_room",
            Self::PseudoHeader => "pseudo_header",
            Self::HeaderOfConnection => "header_of_connection",
            Self::HeadPacked => "head_packed",
            Self::Http2(_) => "http2",
            Self::NotTakenUp => "not_taken_up",
        }
    }

    /// Whether it is the body's, and not the head's.
    pub(crate) const fn is_of_body(&self) -> bool {
        matches!(
            self,
            Self::Chunk
                | Self::Trailer
                | Self::TrailersTooLarge { .. }
                | Self::BodyTooLarge(_)
                | Self::BodyTooSlow
                | Self::BodyBrokenOff
                | Self::BodyLength
                | Self::NoRoom
        )
    }

    /// What it is as a sentence of its own.
    pub(crate) fn sentence(&self) -> String {
        let text = self.to_string();
        let mut letters = text.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).chain(['.']).collect()
    }

    /// The status that says so.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::HeadTooLarge(_) | Self::TooManyHeaders(_) | Self::TrailersTooLarge { .. } => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::HeadTooSlow(_) | Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::Connect | Self::EncodingUnknown => StatusCode::NOT_IMPLEMENTED,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}
