//! What a body says, with the codings undone that its sender packed it in, and UTF-16 as UTF-8: what is shown of it is
//! what is found.

use std::borrow::Cow;

use hookbench_model::HeaderValue;
use hookbench_signing::{Ending, unpacked};

use crate::{Result, header_bytes};

/// The most that a body is undone to, in bytes: a small one may stand for very much.
pub const LARGEST_UNPACKED: usize = 64 << 20;

/// SQL for whether the body `b` of a row `t` of `requests`, as it came, may say something else than its bytes.
macro_rules! coded {
    () => {
        "(substr(b.body, 1, 3) = x'1f8b08' OR substr(b.body, 1, 4) = x'28b52ffd' \
         OR substr(b.body, 1, 2) IN (x'fffe', x'feff') \
         OR instr(lower(ifnull(t.content_type, '')), 'utf-16') > 0 \
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

/// What a request says of how its body is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// The content codings; empty where it names none.
    codings: String,
    charset: Option<Utf16>,
}

/// What may be said of UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Utf16 {
    /// Not in which order its bytes stand.
    Either,
    Big,
    Little,
}

impl Said {
    /// What its headers, as they are kept, and its content type say.
    pub(crate) fn of(headers: &[u8], content_type: Option<&str>) -> Result<Self> {
        Ok(Self { codings: codings(headers)?, charset: content_type.and_then(charset) })
    }

    /// Whether something has to be unpacked to read this body.
    pub(crate) fn is_coded(&self, body: &[u8]) -> bool {
        !self.codings.is_empty() || body.starts_with(b"\x1f\x8b\x08") || body.starts_with(b"\x28\xb5\x2f\xfd")
    }
}

/// UTF-16, where a content type names that.
fn charset(content_type: &str) -> Option<Utf16> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|one| one.split_once('='));
    let (_, charset) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    match charset.trim().trim_matches('"').to_ascii_lowercase().as_str() {
        "utf-16" => Some(Utf16::Either),
        "utf-16be" => Some(Utf16::Big),
        "utf-16le" => Some(Utf16::Little),
        _ => None,
    }
}

/// The content codings that headers name, as they are kept; empty where they name none.
fn codings(headers: &[u8]) -> Result<String> {
    const NAME: &[u8] = b"content-encoding";
    let is_named = |line: &[u8]| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
    if !header_bytes::text(headers)?.split(|byte| *byte == b'\n').any(is_named) {
        return Ok(String::new());
    }
    let headers = header_bytes::decode(headers)?;
    let said: Vec<_> = headers.get_all("content-encoding").filter_map(HeaderValue::as_str).collect();
    Ok(said.join(","))
}

/// The beginning of what a body says, so many bytes at most where something has to be undone.
pub(crate) fn beginning<'b>(body: Cow<'b, [u8]>, said: &Said, limit: usize) -> Content<'b> {
    let mut says = Content { bytes: body, is_cut: false };
    if said.is_coded(&says.bytes) {
        let found = unpacked(&says.bytes, &said.codings, limit);
        says.is_cut = found.ending == Ending::Limit;
        if !found.undone.is_empty() {
            says.bytes = Cow::Owned(found.bytes);
        }
    }
    if let Some((order, text)) = utf16(&says.bytes, said.charset) {
        let within = &text[..text.len().min(limit)];
        says.is_cut |= within.len() < text.len();
        says.bytes = Cow::Owned(in_utf8(within, order));
    }
    says
}

/// What a body says, up to [`LARGEST_UNPACKED`]: that may take a while, so it is not for a thread that others wait for.
pub(crate) fn content<'b>(body: Cow<'b, [u8]>, said: &Said) -> Cow<'b, [u8]> {
    beginning(body, said, LARGEST_UNPACKED).bytes
}

/// In which order the bytes of each unit stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

/// What a text in UTF-16 begins with that is marked as such.
fn mark(body: &[u8]) -> Option<Order> {
    match body {
        [0xff, 0xfe, ..] => Some(Order::Little),
        [0xfe, 0xff, ..] => Some(Order::Big),
        _ => None,
    }
}

/// A text in UTF-16, without its mark; `None` where it is none. What is said to be UTF-16 is so unless it looks like
/// UTF-8: the signs of ASCII, which hardly any text is without, have a zero in UTF-16 and none in UTF-8.
fn utf16(body: &[u8], said: Option<Utf16>) -> Option<(Order, &[u8])> {
    const LOOKED_AT: usize = 256;
    if let Some(order) = mark(body) {
        return Some((order, &body[2..]));
    }
    let said = said?;
    let (pairs, _) = body[..body.len().min(LOOKED_AT)].as_chunks::<2>();
    let (high, low) = pairs.iter().fold((0, 0), |(high, low), pair| {
        (high + usize::from(pair[0] == 0), low + usize::from(pair[1] == 0))
    });
    // It may be cut in the middle of a letter.
    let fault = std::str::from_utf8(pairs.as_flattened()).err();
    if high + low == 0 && fault.is_none_or(|fault| fault.error_len().is_none()) {
        return None;
    }
    let order = match said {
        Utf16::Big => Order::Big,
        Utf16::Either if high > low => Order::Big,
        Utf16::Either | Utf16::Little => Order::Little,
    };
    Some((order, body))
}

/// What is malformed stands as the sign for that.
fn in_utf8(text: &[u8], order: Order) -> Vec<u8> {
    let (pairs, odd) = text.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| match order {
        Order::Big => u16::from_be_bytes(*pair),
        Order::Little => u16::from_le_bytes(*pair),
    };
    let letters = char::decode_utf16(pairs.iter().map(unit));
    let mut read: String = letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    if !odd.is_empty() {
        read.push(char::REPLACEMENT_CHARACTER);
    }
    read.into_bytes()
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

    #[test]
    fn what_is_packed_says_what_is_in_it_and_what_only_claims_to_be_says_itself() {
        for (body, codings, wanted) in [
            (GZIP, "gzip", TEXT),
            (GZIP, "", TEXT),
            (TEXT, "", TEXT),
            (TEXT, "gzip", TEXT),
            (GZIP, "something", GZIP),
            (b"", "gzip", b""),
        ] {
            let said = said(codings, None);
            assert_eq!(&*content(Cow::Borrowed(body), &said), wanted, "{codings}");
            let begun = beginning(Cow::Borrowed(body), &said, 1000);
            assert!(*begun.bytes == *wanted && !begun.is_cut, "{codings}");
        }
        let begun = beginning(Cow::Borrowed(GZIP), &said("gzip", None), 5);
        assert!(*begun.bytes == TEXT[..5] && begun.is_cut);
    }

    fn said(codings: &str, content_type: Option<&str>) -> Said {
        let headers: HeaderPairs = [("Content-Encoding", codings)].into_iter().collect();
        let headers = if codings.is_empty() { HeaderPairs::new() } else { headers };
        Said::of(&header_bytes::encode(&headers), content_type).unwrap()
    }

    fn utf16_of(text: &str, order: Order) -> Vec<u8> {
        let bytes = |unit: u16| if order == Order::Big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf_16_is_read_by_its_mark_or_else_as_it_is_said_to_be() {
        const SAYS: &str = "{\"n\":\"gr\u{f6}\u{df}e \u{1f600}\"}";
        let (big, little) = (utf16_of(SAYS, Order::Big), utf16_of(SAYS, Order::Little));
        let marked = [&b"\xff\xfe"[..], &little].concat();
        let packed = zstd::bulk::compress(&marked, 1).unwrap();
        for (body, content_type, wanted) in [
            (&marked, None, SAYS.as_bytes()),
            (&marked, Some("text/plain; charset=utf-8"), SAYS.as_bytes()),
            (&[&b"\xfe\xff"[..], &big].concat(), Some("application/json; charset=utf-16le"), SAYS.as_bytes()),
            (&packed, None, SAYS.as_bytes()),
            (&big, Some("application/json; a=b; Charset=\"UTF-16\""), SAYS.as_bytes()),
            (&little, Some("application/json;charset=utf-16"), SAYS.as_bytes()),
            (&big, Some("application/json; charset=utf-16be"), SAYS.as_bytes()),
            (&little, Some("application/json; charset=utf-16LE"), SAYS.as_bytes()),
            (&little, Some("application/json"), &little[..]),
            (&TEXT.to_vec(), Some("application/json; charset=utf-16"), TEXT),
            (&Vec::new(), Some("application/json; charset=utf-16"), b""),
            (
                &utf16_of("\u{6642}\u{9593}", Order::Little),
                Some("a/b; charset=utf-16"),
                "\u{6642}\u{9593}".as_bytes(),
            ),
            (&b"\xff\xfea\0\0\xd8b".to_vec(), None, "a\u{fffd}\u{fffd}".as_bytes()),
        ] {
            let said = said("", content_type);
            assert_eq!(&*content(Cow::Borrowed(body), &said), wanted, "{content_type:?} {body:?}");
            let begun = beginning(Cow::Borrowed(body), &said, 1000);
            assert!(*begun.bytes == *wanted && !begun.is_cut, "{content_type:?} {body:?}");
        }
        let begun = beginning(Cow::Borrowed(&marked), &said("", None), 8);
        assert!(*begun.bytes == SAYS.as_bytes()[..4] && begun.is_cut);
    }

    #[test]
    fn of_a_bomb_no_more_is_undone_than_the_bound() {
        let bomb = zstd::bulk::compress(&vec![b'x'; LARGEST_UNPACKED + (4 << 20)], 1).unwrap();
        assert!(bomb.len() < 1 << 20);
        assert_eq!(content(Cow::Owned(bomb.clone()), &said("zstd", None)).len(), LARGEST_UNPACKED);
        assert_eq!(beginning(Cow::Owned(bomb), &said("zstd", None), 100).bytes.len(), 100);
    }
}
