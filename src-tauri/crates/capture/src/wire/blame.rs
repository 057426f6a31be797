use super::scan::is_token;
use crate::fault::Fault;

/// At which byte of a head its fault shows; `None` where no byte of it is to blame.
pub(crate) fn blame(fault: &Fault, head: &[u8]) -> Option<usize> {
    match fault {
        Fault::NotHttp(_) | Fault::EmptyLines | Fault::RequestLine | Fault::Connect => Some(start(head)),
        Fault::BareLineFeed => memchr::memchr_iter(b'\n', head).find(|at| *at == 0 || head[at - 1] != b'\r'),
        Fault::Version => word(head, 2),
        Fault::Target | Fault::TargetNotText => word(head, 1),
        Fault::HeaderName => lines(head).find(|(_, line)| !has_name(line)).map(|(at, _)| at),
        Fault::HeaderValue => lines(head).find_map(|(at, line)| odd_byte(line).map(|odd| at + odd)),
        Fault::HeadTooLarge(most) => Some(*most),
        Fault::TooManyHeaders(most) => lines(head).nth(*most).map(|(at, _)| at),
        Fault::HeadTooSlow(_) | Fault::HeadBrokenOff => Some(head.len()),
        Fault::HostTwice => named(head, "host").nth(1),
        Fault::HostMalformed => named(head, "host").next(),
        Fault::LengthMalformed => named(head, "content-length").next(),
        Fault::LengthConflict => named(head, "content-length").nth(1),
        Fault::LengthAndEncoding
        | Fault::EncodingMalformed
        | Fault::EncodingUnknown
        | Fault::EncodingTooEarly => named(head, "transfer-encoding").next(),
        Fault::HostMissing
        | Fault::Chunk
        | Fault::Trailer
        | Fault::TrailersTooLarge { .. }
        | Fault::BodyTooLarge(_)
        | Fault::BodyTooSlow
        | Fault::BodyBrokenOff
        | Fault::BodyLength
        | Fault::NoRoom
        | Fault::PseudoHeader
        | Fault::NameInHttp2
        | Fault::HeaderOfConnection
        | Fault::HeadPacked
        | Fault::Http2(_)
        | Fault::NotTakenUp => None,
    }
}

fn start(head: &[u8]) -> usize {
    head.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(head.len())
}

/// Where the word of the request line with this number begins.
fn word(head: &[u8], number: usize) -> Option<usize> {
    let start = start(head);
    (0..number)
        .try_fold(start, |at, _| head[at..].iter().position(|byte| *byte == b' ').map(|space| at + space + 1))
}

/// The lines behind the request line, without their ends, each with its place; up to the empty one.
fn lines(head: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let start = start(head);
    let mut at = memchr::memchr(b'\n', &head[start..]).map_or(head.len(), |end| start + end + 1);
    std::iter::from_fn(move || {
        let end = at + memchr::memchr(b'\n', &head[at..])?;
        let line = head[at..end].strip_suffix(b"\r").unwrap_or(&head[at..end]);
        let this = (at, line);
        at = end + 1;
        (!line.is_empty()).then_some(this)
    })
}

fn has_name(line: &[u8]) -> bool {
    let colon = line.iter().position(|byte| *byte == b':');
    colon.is_some_and(|colon| colon > 0 && line[..colon].iter().copied().all(is_token))
}

/// The first byte of a line that no value may hold.
fn odd_byte(line: &[u8]) -> Option<usize> {
    line.iter().position(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f)
}

/// Where the lines with this name begin.
fn named<'h>(head: &'h [u8], name: &'h str) -> impl Iterator<Item = usize> + 'h {
    let is_named = move |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':');
        colon.is_some_and(|colon| line[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    };
    lines(head).filter(move |(_, line)| is_named(line)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_that_is_to_blame_is_found() {
        for (fault, head, what) in [
            (Fault::BareLineFeed, "GET / HTTP/1.1\r\nA: b\nHost: h\r\n\r\n", Some("\nHost")),
            (Fault::RequestLine, "\r\nGET  / HTTP/1.1\r\n", Some("GET")),
            (Fault::Version, "GET / HTTP/3.0\r\n", Some("HTTP/3.0")),
            (Fault::Target, "GET in HTTP/1.1\r\n", Some("in HTTP")),
            (Fault::HeaderName, "GET / HTTP/1.1\r\nA: b\r\nB : c\r\n\r\n", Some("B : c")),
            (Fault::HeaderName, "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", Some(" folded")),
            (Fault::HeaderValue, "GET / HTTP/1.1\r\nA: b\0\r\n\r\n", Some("\0")),
            (Fault::HostTwice, "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", Some("host: b")),
            (
                Fault::LengthAndEncoding,
                "POST / HTTP/1.1\r\nA: b\r\nTransfer-encoding: chunked\r\n\r\n",
                Some("Transfer"),
            ),
            (Fault::TooManyHeaders(1), "GET / HTTP/1.1\r\nA: b\r\nB: c\r\n\r\n", Some("B: c")),
            (Fault::HeadBrokenOff, "GET / HT", Some("")),
            (Fault::HostMissing, "GET / HTTP/1.1\r\n\r\n", None),
        ] {
            let found = blame(&fault, head.as_bytes()).map(|at| &head[at..]);
            assert_eq!(found.is_some(), what.is_some(), "{fault:?}");
            assert!(found.unwrap_or_default().starts_with(what.unwrap_or_default()), "{fault:?}: {found:?}");
        }
    }
}
