//! The secret shared by sender and receiver, and the forms it is written in.

use crate::algorithm::Encoding;
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Prefix that Standard Webhooks secrets carry in front of their base64.
const WHSEC: &str = "whsec_";
/// The same of their private keys.
pub(crate) const WHSK: &str = "whsk_";
/// The same of their public keys.
pub(crate) const WHPK: &str = "whpk_";

/// Secrets shorter than this have no hint: four characters would give too much of them away.
const SHORTEST_HINTED: usize = 12;

/// A secret exactly as its owner wrote it, before any decoding.
///
/// Wiped from memory when dropped, absent from `Debug`, without any serialised form, compared in constant
/// time. Whoever needs the text asks for it by name: [`Secret::expose`].
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// How a scheme turns the written secret into the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretForm {
    /// The bytes of the whole text are the key, prefixes included.
    Raw,
    /// `whsec_` (which may be missing), then the key in padded standard base64.
    WhsecB64,
    /// The key in padded standard base64.
    Base64,
    /// The key in base64 of the alphabet for URLs; the padding may be missing.
    #[serde(rename = "base64url")]
    Base64Url,
    /// The key in hexadecimal, either case.
    Hex,
    /// `whsk_` (a private key) or `whpk_` (a public one), then the key in padded standard base64. For
    /// asymmetric algorithms.
    WhskB64,
    /// A key or a certificate in PEM. For asymmetric algorithms, all of which take PEM beside their own form.
    Pem,
}

/// The written secret is not in the form its scheme wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is not {wanted}")]
pub struct SecretMalformed {
    /// What it should be, in words.
    pub wanted: &'static str,
}

impl Secret {
    /// Takes over a secret as it was written.
    pub fn new(written: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(written.into()))
    }

    /// Makes a secret in the form's own spelling from random bytes: hexadecimal for [`SecretForm::Raw`] and
    /// [`SecretForm::Hex`], `whsec_` and base64 for [`SecretForm::WhsecB64`]. For keys of asymmetric schemes
    /// see [`Scheme::generate_secret`](crate::Scheme::generate_secret).
    pub fn generate(form: SecretForm, random_bytes: &[u8]) -> Self {
        match form {
            SecretForm::Raw | SecretForm::Hex => Self::spell("", Encoding::Hex, random_bytes),
            SecretForm::WhsecB64 => Self::spell(WHSEC, Encoding::Base64, random_bytes),
            SecretForm::WhskB64 => Self::spell(WHSK, Encoding::Base64, random_bytes),
            SecretForm::Base64 | SecretForm::Pem => Self::spell("", Encoding::Base64, random_bytes),
            SecretForm::Base64Url => Self::spell("", Encoding::Base64Url, random_bytes),
        }
    }

    /// Makes a secret from random bytes as `prefix` followed by the bytes in `encoding`.
    pub fn spell(prefix: &str, encoding: Encoding, random_bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(prefix.len() + 2 * random_bytes.len() + 4);
        text.push_str(prefix);
        match encoding {
            Encoding::Hex => HEXLOWER.encode_append(random_bytes, &mut text),
            Encoding::Base64 => BASE64.encode_append(random_bytes, &mut text),
            Encoding::Base64Url => BASE64URL_NOPAD.encode_append(random_bytes, &mut text),
        }
        Self::new(text)
    }

    /// The bytes as written. Name the place that shows or stores them in review.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The text as written, unless it is not UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Enough to tell two secrets apart on a screen: `…` and the last four characters. `None` for secrets
    /// too short to show a third of, and for those that are not text. Of `user:password` only the password counts.
    pub fn hint(&self) -> Option<String> {
        let text = self.expose_text()?;
        // The last line of a PEM text is the same for all of its kind.
        let text =
            text.lines().rev().find(|line| !line.is_empty() && !line.starts_with("-----")).unwrap_or(text);
        let text = text.split_once(':').map_or(text, |(_, password)| password);
        let length = text.chars().count();
        (length >= SHORTEST_HINTED).then(|| format!("…{}", text.chars().skip(length - 4).collect::<String>()))
    }

    /// True for a secret of no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that a scheme of this form computes with. A key of no bytes is malformed in every form:
    /// anybody could sign with it.
    pub(crate) fn key(&self, form: SecretForm) -> Result<Zeroizing<Vec<u8>>, SecretMalformed> {
        let written = self.0.as_slice();
        let key = match form {
            SecretForm::Raw => Some(written.to_vec()),
            SecretForm::WhsecB64 => BASE64.decode(without(written, &[WHSEC])).ok(),
            SecretForm::WhskB64 => BASE64.decode(without(written, &[WHSK, WHPK])).ok(),
            SecretForm::Base64 => BASE64.decode(written).ok(),
            SecretForm::Base64Url => BASE64URL_NOPAD.decode(unpadded(written)).ok(),
            SecretForm::Hex => HEXLOWER_PERMISSIVE.decode(written).ok(),
            SecretForm::Pem => None,
        };
        key.filter(|key| !key.is_empty()).map(Zeroizing::new).ok_or(SecretMalformed { wanted: form.wanted() })
    }
}

impl SecretForm {
    fn wanted(self) -> &'static str {
        match self {
            Self::Raw => "at least one character",
            Self::WhsecB64 => "base64, with or without whsec_ in front",
            Self::Base64 => "base64",
            Self::Base64Url => "base64 of the alphabet for URLs",
            Self::Hex => "hexadecimal",
            Self::WhskB64 => "base64, with whsk_ or whpk_ in front",
            Self::Pem => "a key in PEM",
        }
    }
}

/// The text without the first of the prefixes that it begins with.
fn without<'a>(written: &'a [u8], prefixes: &[&str]) -> &'a [u8] {
    prefixes.iter().find_map(|prefix| written.strip_prefix(prefix.as_bytes())).unwrap_or(written)
}

/// Base64 of the alphabet for URLs comes with and without padding.
fn unpadded(written: &[u8]) -> &[u8] {
    let padding = written.iter().rev().take_while(|&&byte| byte == b'=').count();
    &written[..written.len() - padding.min(2)]
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Secret {}

impl From<&str> for Secret {
    fn from(written: &str) -> Self {
        Self::new(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        assert_eq!(format!("{:?}", Secret::from("whsec_verysecret")), "Secret(…)");
    }

    #[test]
    fn the_hint_is_the_last_four_characters_and_nothing_for_short_secrets() {
        assert_eq!(Secret::from("whsec_abcdefXy9z").hint().as_deref(), Some("…Xy9z"));
        assert_eq!(Secret::from("12345678901").hint(), None);
        assert_eq!(Secret::new(vec![0xff; 40]).hint(), None);
        assert_eq!(Secret::from("administrator:1234").hint(), None, "it would be the password");
        assert_eq!(Secret::from("administrator:correct horse").hint().as_deref(), Some("…orse"));
        let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAabcdefghij\nklmnopqrstuvW9k=\n-----END PUBLIC KEY-----\n";
        assert_eq!(Secret::from(pem).hint().as_deref(), Some("…W9k="));
    }

    #[test]
    fn whsec_keys_decode_with_and_without_the_prefix() {
        let with = Secret::from("whsec_AAEC").key(SecretForm::WhsecB64).unwrap();
        let without = Secret::from("AAEC").key(SecretForm::WhsecB64).unwrap();
        assert_eq!(with.as_slice(), [0, 1, 2]);
        assert_eq!(without.as_slice(), [0, 1, 2]);
    }

    #[test]
    fn raw_keys_keep_their_prefix() {
        assert_eq!(Secret::from("whsec_AAEC").key(SecretForm::Raw).unwrap().as_slice(), b"whsec_AAEC");
    }

    #[test]
    fn a_secret_in_the_wrong_form_is_refused_without_being_quoted() {
        let error = Secret::from("not base64!").key(SecretForm::WhsecB64).unwrap_err();
        assert_eq!(error.to_string(), "the secret is not base64, with or without whsec_ in front");
        assert!(Secret::from("abc").key(SecretForm::Hex).is_err());
    }

    #[test]
    fn an_empty_key_is_refused_in_every_form() {
        for (written, form) in [
            ("", SecretForm::Raw),
            ("whsec_", SecretForm::WhsecB64),
            ("", SecretForm::WhsecB64),
            ("", SecretForm::Hex),
            ("", SecretForm::Base64),
            ("==", SecretForm::Base64Url),
            ("whsk_", SecretForm::WhskB64),
        ] {
            assert_eq!(Secret::from(written).key(form), Err(SecretMalformed { wanted: form.wanted() }));
        }
    }

    #[test]
    fn a_generated_secret_decodes_to_the_bytes_it_was_made_of() {
        let random: Vec<u8> = (0..32).collect();
        for form in [
            SecretForm::WhsecB64,
            SecretForm::WhskB64,
            SecretForm::Base64,
            SecretForm::Base64Url,
            SecretForm::Hex,
        ] {
            assert_eq!(Secret::generate(form, &random).key(form).unwrap().as_slice(), random);
        }
        assert_eq!(Secret::generate(SecretForm::Raw, &[0xab, 0xcd]).expose(), b"abcd");
    }
}
