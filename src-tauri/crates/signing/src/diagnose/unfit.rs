//! Values that cannot be a signature of the scheme, whatever was signed.

use super::Diagnosis;
use super::digests;
use super::hashing::Hash;
use super::targets::spelling;
use crate::algorithm::{Algorithm, Encoding};
use crate::spec::SchemeSpec;
use crate::verdict::{Reason, Verification};
use subtle::ConstantTimeEq;

/// What a signature of a scheme has to look like.
struct Shape {
    /// With its article: "an HMAC-SHA256".
    name: String,
    encoding: Encoding,
    /// Bytes before they are written.
    bytes: usize,
}

/// The secret that was sent where a signature belongs, with or without what the scheme writes before one.
pub(super) fn secret_itself(d: &Diagnosis<'_>) -> Option<(String, String)> {
    let spec = d.scheme.keyed()?;
    let shape = Shape::of(spec)?;
    let header = &spec.signature_header;
    let sent = d.received.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(header));
    let is_secret = |value: &[u8]| {
        let value = value.trim_ascii();
        d.secrets.iter().any(|secret| {
            let secret = secret.expose();
            let before = value.len().checked_sub(secret.len());
            let parted = |at: usize| at == 0 || matches!(value[at - 1], b'=' | b' ' | b':' | b',');
            before.is_some_and(|at| !secret.is_empty() && parted(at) && bool::from(value[at..].ct_eq(secret)))
        })
    };
    sent.into_iter().any(|(_, value)| is_secret(value)).then(|| {
        (
            format!("What stands in {header} is the secret itself, where {} belongs.", shape.name),
            "Let the sender sign with the secret instead of sending it, and replace this secret: whoever saw the \
             request knows it."
                .to_owned(),
        )
    })
}

/// Why nothing that stands in the scheme's headers can be its signature, and what mends it; `None` where
/// something could.
pub(super) fn signature(d: &Diagnosis<'_>, verdict: &Verification) -> Option<(String, String)> {
    let spec = d.scheme.keyed()?;
    let shape = Shape::of(spec)?;
    if verdict.reason != Some(Reason::SignatureMismatch) {
        return None;
    }
    let text = verdict.received.first()?;
    let header = &spec.signature_header;
    if verdict.received.iter().any(|text| shape.decodes(text)) {
        return None;
    }
    let Shape { name, encoding, .. } = &shape;
    let (have, due, spelt) = (text.chars().count(), shape.characters(), spelling(*encoding));
    let wrong = if have == due {
        format!("there are characters in it that are no {spelt}")
    } else {
        let s = if have == 1 { "" } else { "s" };
        format!("it has {have} character{s} where {due} belong")
    };
    Some((
        format!("What stands in {header} cannot be {name} in {spelt}: {wrong}."),
        format!(
            "Find out what writes that value, or shortens it on the way; {name} in {spelt} has {due} characters."
        ),
    ))
}

impl Shape {
    fn of(spec: &SchemeSpec) -> Option<Self> {
        let encoding = spec.encoding;
        let (name, bytes) = match (Hash::of(spec.algorithm), spec.algorithm) {
            (Some((hash, true)), _) => (format!("an {}", digests::name(hash, true)), hash.length()),
            (Some((hash, false)), _) => (digests::name(hash, false), hash.length()),
            (None, Algorithm::Ed25519) => ("an Ed25519 signature".to_owned(), 64),
            // Signatures of other curves have no one length.
            (None, _) => return None,
        };
        Some(Self { name, encoding, bytes })
    }

    /// True where the text decodes to as many bytes as it should, letters of either case.
    fn decodes(&self, text: &str) -> bool {
        let decoded = match self.encoding {
            Encoding::Hex => self.encoding.decode(&text.to_ascii_lowercase()),
            _ => self.encoding.decode(text),
        };
        decoded.is_some_and(|bytes| bytes.len() == self.bytes)
    }

    fn characters(&self) -> usize {
        match self.encoding {
            Encoding::Hex => self.bytes * 2,
            Encoding::Base64 => self.bytes.div_ceil(3) * 4,
            Encoding::Base64Url => (self.bytes * 4).div_ceil(3),
        }
    }
}
