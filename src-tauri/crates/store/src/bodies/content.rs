//! What a body says, with the codings undone that its sender packed it in: what is shown of it is what is found.

use std::borrow::Cow;

use hookbench_model::HeaderValue;
use hookbench_signing::{Ending, unpacked};

use crate::{Result, StoreError, header_bytes};

/// The most that a body is undone to, in bytes: a small one may stand for very much.
pub const LARGEST_UNPACKED: usize = 64 << 20;
/// So much is undone where it is needed, which takes a millisecond at most; more than that on a thread for such work.
const LITTLE: usize = 256 << 10;

/// SQL for whether the body `b` of a row `t` of `requests`, as it came, may be packed.
macro_rules! coded {
    () => {
        "(substr(b.body, 1, 3) = x'1f8b08' OR substr(b.body, 1, 4) = x'28b52ffd' \
         OR instr(lower(CAST(t.headers AS TEXT)), 'content-encoding:') > 0)"
    };
}
pub(crate) use coded;

/// What a body says, or the beginning of it.
pub(crate) struct Content<'b> {
    pub(crate) bytes: Cow<'b, [u8]>,
    /// Whether it says more than that.
    pub(crate) is_cut: bool,
}

/// The content codings that headers name, as they are kept; empty where they name none.
pub(crate) fn codings(headers: &[u8]) -> Result<String> {
    const NAME: &[u8] = b"content-encoding";
    let is_named = |line: &[u8]| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
    if !header_bytes::text(headers)?.split(|byte| *byte == b'\n').any(is_named) {
        return Ok(String::new());
    }
    let headers = header_bytes::decode(headers)?;
    let said: Vec<_> = headers.get_all("content-encoding").filter_map(HeaderValue::as_str).collect();
    Ok(said.join(","))
}

/// Whether anything may have to be undone.
pub(crate) fn may_be_coded(body: &[u8], codings: &str) -> bool {
    !codings.is_empty() || body.starts_with(b"\x1f\x8b\x08") || body.starts_with(b"\x28\xb5\x2f\xfd")
}

/// The beginning of what a body says, so many bytes at most where something has to be undone.
pub(crate) fn beginning<'b>(body: Cow<'b, [u8]>, codings: &str, limit: usize) -> Content<'b> {
    if !may_be_coded(&body, codings) {
        return Content { bytes: body, is_cut: false };
    }
    let found = unpacked(&body, codings, limit);
    let bytes = if found.undone.is_empty() { body } else { Cow::Owned(found.bytes) };
    Content { bytes, is_cut: found.ending == Ending::Limit }
}

/// What a body says, up to [`LARGEST_UNPACKED`].
pub(crate) async fn content<'b>(body: Cow<'b, [u8]>, codings: &str) -> Result<Cow<'b, [u8]>> {
    if !may_be_coded(&body, codings) {
        return Ok(body);
    }
    if body.len() <= LITTLE {
        let found = unpacked(&body, codings, LITTLE);
        if found.ending != Ending::Limit {
            return Ok(if found.undone.is_empty() { body } else { Cow::Owned(found.bytes) });
        }
    }
    let (body, codings) = (body.into_owned(), codings.to_owned());
    let undone = tokio::task::spawn_blocking(move || unpacked(&body, &codings, LARGEST_UNPACKED).bytes);
    Ok(Cow::Owned(undone.await.map_err(|_| StoreError::Panicked)?))
}

#[cfg(test)]
mod tests {
    use hookbench_model::HeaderPairs;

    use super::*;

    /// `{"data":{"to":"ada lovelace"},"n":4711}` in gzip.
    const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x49\x2c\x49\x54\xb2\xaa\x56\x2a\xc9\x57\
                          \xb2\x52\x4a\x4c\x49\x54\xc8\xc9\x2f\x4b\xcd\x49\x4c\x4e\x55\xaa\xd5\x51\xca\x53\xb2\x32\x31\
                          \x37\x34\xac\x05\x00\xc3\x9c\x92\x3c\x27\x00\x00\x00";
    const TEXT: &[u8] = b"{\"data\":{\"to\":\"ada lovelace\"},\"n\":4711}";

    #[test]
    fn codings_are_read_off_headers_in_whatever_case() {
        let said = |pairs: &[(&str, &str)]| {
            let headers: HeaderPairs = pairs.iter().copied().collect();
            codings(&header_bytes::encode(&headers)).unwrap()
        };
        assert_eq!(said(&[("Content-Encoding", "gzip"), ("X", "y"), ("content-encoding", "br")]), "gzip,br");
        assert_eq!(said(&[("X-Content-Encoding", "gzip"), ("Accept", "content-encoding: br")]), "");
        assert_eq!(said(&[]), "");
    }

    #[tokio::test]
    async fn what_is_packed_says_what_is_in_it_and_what_only_claims_to_be_says_itself() {
        for (body, codings, wanted) in [
            (GZIP, "gzip", TEXT),
            (GZIP, "", TEXT),
            (TEXT, "", TEXT),
            (TEXT, "gzip", TEXT),
            (GZIP, "something", GZIP),
            (b"", "gzip", b""),
        ] {
            assert_eq!(&*content(Cow::Borrowed(body), codings).await.unwrap(), wanted, "{codings}");
            let begun = beginning(Cow::Borrowed(body), codings, 1000);
            assert!(*begun.bytes == *wanted && !begun.is_cut, "{codings}");
        }
        let begun = beginning(Cow::Borrowed(GZIP), "gzip", 5);
        assert!(*begun.bytes == TEXT[..5] && begun.is_cut);
    }

    #[tokio::test]
    async fn of_a_bomb_no_more_is_undone_than_the_bound() {
        let bomb = zstd::bulk::compress(&vec![b'x'; LARGEST_UNPACKED + (4 << 20)], 1).unwrap();
        assert!(bomb.len() < 1 << 20);
        assert_eq!(content(Cow::Owned(bomb.clone()), "zstd").await.unwrap().len(), LARGEST_UNPACKED);
        assert_eq!(beginning(Cow::Owned(bomb), "zstd", 100).bytes.len(), 100);
    }
}
