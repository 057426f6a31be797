use hookbench_model::HeaderPairs;

use super::Version;
use crate::fault::Fault;

/// Where a request's body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After so many bytes; none is zero.
    Sized(u64),
    /// After the last chunk and its trailers.
    Chunked,
}

impl Framing {
    /// What the headers say, by RFC 9112 section 6.3; whatever two readers could understand differently
    /// is refused.
    pub(crate) fn of(headers: &HeaderPairs, version: Version) -> Result<Self, Fault> {
        let length = content_length(headers)?;
        let mut encodings = headers.get_all("transfer-encoding").peekable();
        if encodings.peek().is_none() {
            return Ok(Self::Sized(length.unwrap_or(0)));
        }
        if length.is_some() {
            return Err(Fault::LengthAndEncoding);
        }
        if version == Version::Http10 {
            return Err(Fault::EncodingTooEarly);
        }
        let codings: Vec<&[u8]> = encodings
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .collect();
        let is_chunked = |coding: &&[u8]| coding.eq_ignore_ascii_case(b"chunked");
        match codings.split_last() {
            Some((last, [])) if is_chunked(last) => Ok(Self::Chunked),
            Some((last, before))
                if is_chunked(last) && !before.iter().any(|c| is_chunked(c) || c.is_empty()) =>
            {
                Err(Fault::EncodingUnknown)
            }
            _ => Err(Fault::EncodingMalformed),
        }
    }
}

pub(super) fn content_length(headers: &HeaderPairs) -> Result<Option<u64>, Fault> {
    let mut length = None;
    for value in headers.get_all("content-length") {
        let read = number(value.as_bytes())?;
        if length.is_some_and(|known| known != read) {
            return Err(Fault::LengthConflict);
        }
        length = Some(read);
    }
    Ok(length)
}

/// Digits only: no sign, no list. A number beyond 64 bits is larger than any body we take.
fn number(text: &[u8]) -> Result<u64, Fault> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(Fault::LengthMalformed);
    }
    let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Ok(text.iter().fold(0, add))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(headers: &[(&str, &str)]) -> Result<Framing, Fault> {
        Framing::of(&headers.iter().copied().collect(), Version::Http11)
    }

    #[test]
    fn a_body_ends_where_the_headers_say() {
        assert_eq!(framing(&[]), Ok(Framing::Sized(0)));
        assert_eq!(framing(&[("content-length", "12")]), Ok(Framing::Sized(12)));
        assert_eq!(framing(&[("Content-Length", "12"), ("content-length", "12")]), Ok(Framing::Sized(12)));
        assert_eq!(framing(&[("Content-Length", "99999999999999999999999")]), Ok(Framing::Sized(u64::MAX)));
        assert_eq!(framing(&[("Transfer-Encoding", "Chunked")]), Ok(Framing::Chunked));
    }

    #[test]
    fn what_two_readers_could_understand_differently_is_refused() {
        let (length, encoding) = ("Content-Length", "Transfer-Encoding");
        for (headers, fault) in [
            (vec![(length, "3"), (encoding, "chunked")], Fault::LengthAndEncoding),
            (vec![(length, "3"), (length, "4")], Fault::LengthConflict),
            (vec![(length, "-1")], Fault::LengthMalformed),
            (vec![(length, "+1")], Fault::LengthMalformed),
            (vec![(length, "1, 1")], Fault::LengthMalformed),
            (vec![(length, "0x10")], Fault::LengthMalformed),
            (vec![(length, "")], Fault::LengthMalformed),
            (vec![(encoding, "chunked, gzip")], Fault::EncodingMalformed),
            (vec![(encoding, "chunked"), (encoding, "chunked")], Fault::EncodingMalformed),
            (vec![(encoding, "xchunked")], Fault::EncodingMalformed),
            (vec![(encoding, ", chunked")], Fault::EncodingMalformed),
            (vec![(encoding, "")], Fault::EncodingMalformed),
            (vec![(encoding, "gzip, chunked")], Fault::EncodingUnknown),
        ] {
            assert_eq!(framing(&headers), Err(fault), "{headers:?}");
        }
        let old = Framing::of(&[(encoding, "chunked")].into_iter().collect(), Version::Http10);
        assert_eq!(old, Err(Fault::EncodingTooEarly));
    }
}
