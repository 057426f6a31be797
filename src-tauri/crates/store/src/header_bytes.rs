//! Header pairs as bytes: first the text as it is searched (`Name: value` and a line feed for each), then
//! the lengths by which it is cut apart again. Length digits are bytes below 16, which no search text
//! that a person types can match.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue, is_credential_name};
use zeroize::Zeroizing;

use crate::vault::Vault;
use crate::{Result, StoreError};

/// Eight digits of four bits: lengths up to 4 GiB.
const DIGITS: usize = 8;

pub(crate) fn encode(headers: &HeaderPairs) -> Vec<u8> {
    let text: usize = headers.iter().map(|(name, value)| name.len() + value.as_bytes().len() + 3).sum();
    let mut bytes = Vec::with_capacity(text + (2 * headers.len() + 1) * DIGITS);
    for (name, value) in headers.iter() {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(b'\n');
    }
    for (name, value) in headers.iter() {
        push_number(&mut bytes, name.len());
        push_number(&mut bytes, value.as_bytes().len());
    }
    push_number(&mut bytes, headers.len());
    bytes
}

/// Ends what is encrypted: no length ends in such a byte.
const SEALED: u8 = 0xff;

/// As [`encode`] does, and encrypted for that place where a name among them tells a credential.
pub(crate) fn encode_sealed(vault: &Vault, place: &[u8], headers: &HeaderPairs) -> Result<Vec<u8>> {
    if !headers.iter().any(|(name, _)| is_credential_name(name)) {
        return Ok(encode(headers));
    }
    let mut bytes = vault.seal(place, &Zeroizing::new(encode(headers)))?;
    bytes.push(SEALED);
    Ok(bytes)
}

/// What [`encode_sealed`] made.
pub(crate) fn decode_sealed(vault: &Vault, place: &[u8], bytes: &[u8]) -> Result<HeaderPairs> {
    match bytes.split_last() {
        Some((&SEALED, sealed)) => decode(&vault.open(place, sealed)?),
        _ => decode(bytes),
    }
}

/// Headers and a query, encrypted for that place: kept beside how they are shown.
pub(crate) fn seal_whole(
    vault: &Vault,
    place: &[u8],
    headers: &HeaderPairs,
    query: Option<&str>,
) -> Result<Vec<u8>> {
    let mut bytes = Zeroizing::new(encode(headers));
    bytes.push(u8::from(query.is_some()));
    let headers = bytes.len();
    bytes.extend_from_slice(query.unwrap_or_default().as_bytes());
    let length =
        u32::try_from(headers).map_err(|error| StoreError::undecodable("headers too long", error))?;
    bytes.extend_from_slice(&length.to_le_bytes());
    vault.seal(place, &bytes)
}

/// What [`seal_whole`] made.
pub(crate) fn open_whole(
    vault: &Vault,
    place: &[u8],
    sealed: &[u8],
) -> Result<(HeaderPairs, Option<String>)> {
    let opened = vault.open(place, sealed)?;
    let (headers, query) = cut_whole(&opened)
        .ok_or_else(|| StoreError::corrupt("sealed headers and a query that cannot be read"))?;
    Ok((decode(headers)?, query.map(ToOwned::to_owned)))
}

fn cut_whole(opened: &[u8]) -> Option<(&[u8], Option<&str>)> {
    let (rest, length) = opened.split_last_chunk::<4>()?;
    let (head, query) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let (has_query, headers) = head.split_last()?;
    let query = std::str::from_utf8(query).ok()?;
    Some((headers, (*has_query == 1).then_some(query)))
}

pub(crate) fn decode(bytes: &[u8]) -> Result<HeaderPairs> {
    cut(bytes).ok_or_else(|| StoreError::corrupt("headers that cannot be cut apart"))
}

/// The text of what [`encode`] made, as it is searched.
pub(crate) fn text(bytes: &[u8]) -> Result<&[u8]> {
    let cut = || {
        let (rest, count) = pop_number(bytes)?;
        rest.get(..rest.len().checked_sub(count.checked_mul(2 * DIGITS)?)?)
    };
    cut().ok_or_else(|| StoreError::corrupt("headers that cannot be cut apart"))
}

fn cut(bytes: &[u8]) -> Option<HeaderPairs> {
    let (rest, count) = pop_number(bytes)?;
    let table = count.checked_mul(2 * DIGITS)?;
    let (mut text, mut lengths) = rest.split_at_checked(rest.len().checked_sub(table)?)?;
    let mut headers = HeaderPairs::new();
    for _ in 0..count {
        let (name, value);
        (name, text, lengths) = piece(text, lengths)?;
        text = text.strip_prefix(b": ")?;
        (value, text, lengths) = piece(text, lengths)?;
        text = text.strip_prefix(b"\n")?;
        headers.push(std::str::from_utf8(name).ok()?, HeaderValue::from(Bytes::copy_from_slice(value)));
    }
    text.is_empty().then_some(headers)
}

fn piece<'a>(text: &'a [u8], lengths: &'a [u8]) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
    let (digits, lengths) = lengths.split_at_checked(DIGITS)?;
    let (piece, text) = text.split_at_checked(number(digits))?;
    Some((piece, text, lengths))
}

fn push_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((0..DIGITS).rev().map(|digit| u8::try_from(number >> (4 * digit) & 15).unwrap_or(0)));
}

fn pop_number(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (rest, digits) = bytes.split_at_checked(bytes.len().checked_sub(DIGITS)?)?;
    Some((rest, number(digits)))
}

fn number(digits: &[u8]) -> usize {
    digits.iter().fold(0, |number, digit| number << 4 | usize::from(digit & 15))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_headers_read_back(
            pairs in prop::collection::vec((".{0,12}", prop::collection::vec(any::<u8>(), 0..40)), 0..8),
        ) {
            let headers: HeaderPairs =
                pairs.into_iter().map(|(name, value)| (name, Bytes::from(value))).collect();
            prop_assert_eq!(decode(&encode(&headers)).unwrap(), headers);
        }

        #[test]
        fn any_bytes_are_headers_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn the_text_can_be_searched_as_it_is_read() {
        let bytes = encode(&HeaderPairs::from_iter([("X-One", "a\"b"), ("Accept", "*/*")]));
        assert!(bytes.starts_with(b"X-One: a\"b\nAccept: */*\n"));
        assert_eq!(text(&bytes).unwrap(), b"X-One: a\"b\nAccept: */*\n");
        assert!(bytes[b"X-One: a\"b\nAccept: */*\n".len()..].iter().all(|byte| *byte < 16));
    }
}
