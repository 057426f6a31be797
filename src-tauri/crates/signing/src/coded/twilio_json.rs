//! Twilio with a JSON body: the body's SHA-256 stands in the query as `bodySHA256`, and the URL is signed.

use super::shared::{hmac, signing_key};
use super::{Claimed, Code, CodedSpec, InParts, Maker, Part, Role};
use crate::algorithm::{Algorithm, Encoding};
use crate::case::{Case, Fault};
use crate::keys::SecretUse;
use crate::proof::Proof;
use crate::secret::{Secret, SecretForm, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::verdict::{Reason, Verification};

pub(super) struct TwilioJson;

const SIGNATURE: &str = "X-Twilio-Signature";
const HASH: &str = "bodySHA256";

impl Code for TwilioJson {
    fn sign(
        &self,
        spec: &CodedSpec,
        secrets: &[&Secret],
        message: &Message<'_>,
    ) -> Result<Signed, SignError> {
        let key = signing_key(spec, secrets, SecretForm::Raw)?;
        if message.url.is_empty() {
            return Err(SignError::UrlMissing { scheme: spec.id.clone() });
        }
        if message.url.contains('#') {
            let problem = "it has a fragment, which is never sent".to_owned();
            return Err(SignError::UrlUnfit { scheme: spec.id.clone(), problem });
        }
        let url = with_hash(message.url, &body_hash(message.body).to_text());
        let signature = sign(&key, &url).to_text();
        Ok(Signed {
            headers: vec![(SIGNATURE.to_owned(), signature)],
            body: None,
            signed_content: url.clone().into_bytes(),
            url: Some(url),
        })
    }

    fn verify(&self, _spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let sent = case.signature_value(SIGNATURE)?;
        let keys = case.keys(|secret| secret.key(SecretForm::Raw))?;
        let sent = std::str::from_utf8(sent).map_err(|_| case.malformed(SIGNATURE, "base64"))?;
        found.received = vec![sent.to_owned()];
        let url = case.url()?;
        found.signed_content = Some(url.as_bytes().to_vec());
        for (at, key) in &keys {
            let expected = sign(key, url);
            if bool::from(expected.matches(sent.as_bytes())) {
                found.secret.get_or_insert(*at);
            }
            found.expected.get_or_insert_with(|| expected.to_text());
        }
        let body_is_right =
            hash_in(url).map(|hash| bool::from(body_hash(case.received.body).matches(hash.as_bytes())));
        match (found.secret, body_is_right) {
            (Some(_), Some(true)) => Ok("The signature and the hash of the body are right.".to_owned()),
            (Some(_), Some(false)) => {
                found.secret = None;
                Err(Fault::invalid(
                    Reason::SignatureMismatch,
                    format!(
                        "The signature of the URL is right, and the body is not the one whose {HASH} stands in it."
                    ),
                ))
            }
            (Some(_), None) => {
                found.secret = None;
                Err(Fault::invalid(
                    Reason::UrlMalformed,
                    format!(
                        "The URL is signed and holds no {HASH}, so nothing says which body belongs to it."
                    ),
                ))
            }
            (None, _) => Err(Case::mismatch(1, keys.len())),
        }
    }

    fn in_parts(&self, case: &Case<'_>, _secret: &Secret) -> Option<InParts> {
        let url = case.url().ok()?;
        // Where the body is another one, no signature of the URL is the request's own.
        let of_body = body_hash(case.received.body);
        hash_in(url).filter(|hash| bool::from(of_body.matches(hash.as_bytes())))?;
        let signature = std::str::from_utf8(case.signature_value(SIGNATURE).ok()?).ok()?.to_owned();
        Some(InParts {
            maker: Maker::Shared {
                algorithm: Algorithm::HmacSha1,
                encoding: Encoding::Base64,
                secret: SecretForm::Raw,
            },
            between: "",
            behind: "",
            claims: vec![Claimed { signature, parts: vec![Part::new("url", Role::Other, url)] }],
        })
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        secret.key(SecretForm::Raw).map(|_| SecretUse::SignsAndVerifies)
    }

    fn secret_words(&self) -> &'static str {
        "the auth token of the account"
    }

    fn signs_url(&self) -> bool {
        true
    }

    fn signature_header<'a>(&self, _spec: &'a CodedSpec) -> Option<&'a str> {
        Some(SIGNATURE)
    }
}

fn sign(key: &[u8], url: &str) -> Proof {
    hmac(Algorithm::HmacSha1, Encoding::Base64, key, &[url.as_bytes()])
}

fn body_hash(body: &[u8]) -> Proof {
    hmac(Algorithm::Sha256, Encoding::Hex, &[], &[body])
}

/// The hash in the query of a URL; the last, if there are several.
fn hash_in(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.rfind(|(name, _)| *name == HASH).map(|(_, hash)| hash)
}

/// The URL with the hash of the body in its query, where it holds none.
pub(crate) fn with_the_hash_of(body: &[u8], url: &str) -> Option<String> {
    (!url.is_empty() && hash_in(url).is_none()).then(|| with_hash(url, &body_hash(body).to_text()))
}

/// The URL with the hash in its query, in the place of another one or at the end.
fn with_hash(url: &str, hash: &str) -> String {
    let new = format!("{HASH}={hash}");
    let Some((path, query)) = url.split_once('?') else { return format!("{url}?{new}") };
    let is_hash = |pair: &&str| pair.split('=').next() == Some(HASH);
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_hash(pair));
    let pairs: Vec<&str> = kept.chain([new.as_str()]).collect();
    format!("{path}?{}", pairs.join("&"))
}
