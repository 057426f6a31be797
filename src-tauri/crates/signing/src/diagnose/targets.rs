//! Digests that a written signature can mean, exact spelling or not.

use super::cause::{Cause, CauseCode};
use crate::algorithm::Encoding;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use subtle::ConstantTimeEq;

/// Fewer bytes of a digest than this prove nothing.
pub(super) const FEWEST_BYTES: usize = 8;

/// A digest that the request claims.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) bytes: Vec<u8>,
    /// What was assumed to read it so; nothing where it is exactly as the scheme writes it.
    pub(super) causes: Vec<Cause>,
    pub(super) place: Place,
}

/// In whose header a digest stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The scheme's own.
    Own,
    /// The sender's older or newer one beside the scheme's (`X-Hub-Signature` and `X-Hub-Signature-256`), in a
    /// form of its own, and so with an algorithm of its own.
    Beside,
    /// Another that the scheme does not read.
    Elsewhere,
}

/// How a digest compares with a claimed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    Equal,
    /// The claimed one is the beginning of the digest.
    Beginning,
}

impl Target {
    /// `None` where they differ.
    pub(super) fn compare(&self, digest: &[u8]) -> Option<Likeness> {
        let claimed = self.bytes.as_slice();
        if claimed.len() == digest.len() {
            return bool::from(claimed.ct_eq(digest)).then_some(Likeness::Equal);
        }
        let short = (FEWEST_BYTES..digest.len()).contains(&claimed.len());
        (short && bool::from(claimed.ct_eq(&digest[..claimed.len()]))).then_some(Likeness::Beginning)
    }
}

/// What a spelling is called.
pub(super) fn spelling(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Hex => "lower-case hexadecimal",
        Encoding::Base64 => "base64",
        Encoding::Base64Url => "URL-safe base64 without padding",
    }
}

/// Everything that the text can mean, the exact meaning first.
pub(super) fn meanings(text: &str, encoding: Encoding) -> Vec<(Vec<u8>, Vec<Cause>)> {
    let mut found: Vec<(Vec<u8>, Vec<Cause>)> = Vec::new();
    let mut add = |bytes: Option<Vec<u8>>, cause: Option<Cause>| {
        let bytes = bytes.filter(|bytes| bytes.len() >= FEWEST_BYTES);
        if let Some(bytes) = bytes
            && !found.iter().any(|(have, _)| *have == bytes)
        {
            found.push((bytes, cause.into_iter().collect()));
        }
    };
    let raw = text.as_bytes();
    let hex = encoding == Encoding::Hex;
    let base64 = encoding == Encoding::Base64;
    if encoding == Encoding::Base64Url {
        add(BASE64URL_NOPAD.decode(raw).ok(), None);
    }
    let other = |used: &str| Some(encoding_cause(used, encoding));
    // A cut may leave half a byte; what is whole is enough.
    let even = &raw[..raw.len() & !1];
    if hex {
        add(HEXLOWER.decode(even).ok(), None);
        add(HEXLOWER_PERMISSIVE.decode(even).ok(), Some(case_cause()));
    }
    if base64 {
        add(BASE64.decode(raw).ok(), None);
    }
    add(BASE64.decode(raw).ok(), other("base64"));
    add(whole(BASE64_NOPAD.decode(raw).ok()), other("base64 without padding"));
    add(whole(BASE64URL.decode(raw).ok()), other("URL-safe base64"));
    add(whole(BASE64URL_NOPAD.decode(raw).ok()), other("URL-safe base64 without padding"));
    if base64 {
        add(cut_base64(raw), None);
    }
    add(HEXLOWER_PERMISSIVE.decode(even).ok(), other("hexadecimal"));
    let unwrapped = |bytes: Option<Vec<u8>>| bytes.filter(|bytes| bytes.is_ascii());
    if let Some(inner) = unwrapped(BASE64.decode(raw).ok()) {
        add(HEXLOWER_PERMISSIVE.decode(&inner).ok(), other("the base64 of the hexadecimal text"));
        add(BASE64.decode(&inner).ok(), other("base64 twice over"));
    }
    if let Some(inner) = unwrapped(HEXLOWER_PERMISSIVE.decode(raw).ok()) {
        add(BASE64.decode(&inner).ok(), other("the hexadecimal of the base64 text"));
        add(HEXLOWER_PERMISSIVE.decode(&inner).ok(), other("hexadecimal twice over"));
    }
    found
}

/// A digest, or a signature of an elliptic curve or of RSA, that nothing was cut from: what is shorter is a cut
/// one, whose padding went with the cut.
fn whole(bytes: Option<Vec<u8>>) -> Option<Vec<u8>> {
    bytes.filter(|bytes| matches!(bytes.len(), 20 | 32 | 48 | 64 | 68..=72 | 256 | 384 | 512))
}

/// The whole bytes of base64 that was cut anywhere.
fn cut_base64(text: &[u8]) -> Option<Vec<u8>> {
    let unpadded = text.len() - text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let whole = unpadded / 4 * 4;
    let head = BASE64.decode(&text[..whole]).ok()?;
    let rest = &text[whole..unpadded];
    // The last, partial group: bits that belong to no whole byte are dropped.
    let mut bits = 0_u32;
    for &letter in rest {
        bits = bits << 6 | u32::from(sextet(letter)?);
    }
    let tail = match rest.len() {
        2 => vec![u8::try_from(bits >> 4).ok()?],
        3 => vec![u8::try_from(bits >> 10).ok()?, u8::try_from(bits >> 2 & 0xff).ok()?],
        _ => Vec::new(),
    };
    Some([head, tail].concat())
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

fn encoding_cause(used: &str, wanted: Encoding) -> Cause {
    let wanted = spelling(wanted);
    Cause::new(
        CauseCode::DigestEncoding,
        format!("The signature is right, and written as {used} where the scheme writes {wanted}."),
        format!("Decode the signature before comparing bytes, or let the sender write {wanted}."),
    )
}

fn case_cause() -> Cause {
    Cause::new(
        CauseCode::DigestCase,
        "The signature is right, and its hexadecimal letters are capitals where the scheme writes small ones.",
        "Compare decoded bytes instead of text, or lower the letters' case before comparing.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: [u8; 32] = *b"\xf0\x01\x02\xfb\xff\xfe012345678901234567890123AB";

    fn codes(text: &str, encoding: Encoding) -> Option<Vec<CauseCode>> {
        let target = |(bytes, causes): (Vec<u8>, Vec<Cause>)| Target { bytes, causes, place: Place::Own };
        let hit = meanings(text, encoding)
            .into_iter()
            .map(target)
            .find(|target| target.compare(&DIGEST).is_some())?;
        Some(hit.causes.iter().map(|cause| cause.code).collect())
    }

    #[test]
    fn spellings_are_told_apart() {
        let hex = HEXLOWER.encode(&DIGEST);
        let base64 = BASE64.encode(&DIGEST);
        assert_eq!(codes(&hex, Encoding::Hex), Some(vec![]));
        assert_eq!(codes(&hex.to_uppercase(), Encoding::Hex), Some(vec![CauseCode::DigestCase]));
        assert_eq!(codes(&hex, Encoding::Base64), Some(vec![CauseCode::DigestEncoding]));
        assert_eq!(codes(&base64, Encoding::Base64), Some(vec![]));
        for text in [
            base64.clone(),
            BASE64URL.encode(&DIGEST),
            BASE64URL_NOPAD.encode(&DIGEST),
            BASE64_NOPAD.encode(&DIGEST),
            BASE64.encode(hex.as_bytes()),
            HEXLOWER.encode(base64.as_bytes()),
            HEXLOWER.encode(hex.as_bytes()),
        ] {
            assert_eq!(codes(&text, Encoding::Hex), Some(vec![CauseCode::DigestEncoding]), "{text}");
        }
        assert_eq!(codes("zz", Encoding::Hex), None);
    }

    #[test]
    fn beginnings_count_from_eight_bytes_on() {
        let hex = HEXLOWER.encode(&DIGEST);
        for (length, found) in [(14, false), (15, false), (16, true), (17, true), (63, true)] {
            assert_eq!(codes(&hex[..length], Encoding::Hex).is_some(), found, "{length}");
        }
        let base64 = BASE64.encode(&DIGEST);
        for (length, found) in [(10, false), (11, true), (12, true), (13, true), (22, true), (42, true)] {
            assert_eq!(codes(&base64[..length], Encoding::Base64).is_some(), found, "{length}");
        }
    }
}
