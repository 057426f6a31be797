//! Contentful: method, path, a list of headers and body, a line each, under HMAC-SHA256. Which headers are
//! signed stands in a header of its own, which is signed too.

use super::shared::{hmac, signing_key};
use super::{Claimed, Code, CodedSpec, InParts, Maker, Part, Role, Setting};
use crate::algorithm::{Algorithm, Encoding};
use crate::case::{Case, Fault};
use crate::keys::SecretUse;
use crate::secret::{Secret, SecretForm, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::time::TimestampUnit;
use crate::verdict::{Reason, Verification};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;

pub(super) struct Contentful;

const SIGNATURE: &str = "X-Contentful-Signature";
const SIGNED_HEADERS: &str = "X-Contentful-Signed-Headers";
const TIMESTAMP: &str = "X-Contentful-Timestamp";

/// What JavaScript's `encodeURIComponent` escapes, which is how the query is written.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What `encodeURI` escapes, which is applied to the whole.
const WHOLE: &AsciiSet = &COMPONENT
    .remove(b';')
    .remove(b',')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b'#');

impl Code for Contentful {
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
        let time = TimestampUnit::Ms
            .write(message.timestamp)
            .ok_or(SignError::TimeOutOfRange { unix_ms: message.timestamp })?;
        let mut headers = BTreeMap::new();
        for name in &spec.signed_headers {
            let sent = message.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
            if let Some(value) = sent.and_then(|(_, value)| std::str::from_utf8(value).ok()) {
                headers.insert(name.to_ascii_lowercase(), value.trim_ascii().to_owned());
            }
        }
        let names = complete(&mut headers, &time);
        let head = head(message.method, message.url, &headers);
        let content: [&[u8]; 2] = [head.as_bytes(), message.body];
        let signature = hmac(Algorithm::HmacSha256, Encoding::Hex, &key, &content).to_text();
        let headers = [(SIGNATURE, signature), (SIGNED_HEADERS, names), (TIMESTAMP, time)];
        Ok(Signed {
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            url: None,
            body: None,
            signed_content: content.concat(),
        })
    }

    fn verify(&self, spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let sent = case.signature_value(SIGNATURE)?;
        let keys = case.keys(|secret| secret.key(SecretForm::Raw))?;
        let sent = std::str::from_utf8(sent).map_err(|_| case.malformed(SIGNATURE, "hexadecimal"))?;
        found.received = vec![sent.to_owned()];
        let time = time(case)?;
        let signed_at = TimestampUnit::Ms.read(time);
        found.signed_at = signed_at.and_then(|ms| i64::try_from(ms).ok());
        let url = case.url()?;
        let head = head(case.received.method, url, &listed(case, time)?);
        let content: [&[u8]; 2] = [head.as_bytes(), case.received.body];
        found.signed_content = Some(content.concat());
        for (at, key) in &keys {
            let expected = hmac(Algorithm::HmacSha256, Encoding::Hex, key, &content);
            if bool::from(expected.matches(sent.as_bytes())) {
                found.secret.get_or_insert(*at);
            }
            found.expected.get_or_insert_with(|| expected.to_text());
        }
        if found.secret.is_none() {
            return Err(Case::mismatch(1, keys.len()));
        }
        if spec.tolerance.rules() {
            return case.judge_time(spec.tolerance, TimestampUnit::Ms, signed_at);
        }
        Ok("The signature is right.".to_owned())
    }

    fn in_parts(&self, case: &Case<'_>, _secret: &Secret) -> Option<InParts> {
        let signature = std::str::from_utf8(case.signature_value(SIGNATURE).ok()?).ok()?.to_owned();
        let headers = listed(case, time(case).ok()?).ok()?;
        let parts = vec![
            Part::new("method", Role::Method, case.received.method.to_ascii_uppercase()),
            Part::new("path", Role::Other, normal_path(case.url().ok()?)),
            Part::new("headers", Role::Other, lines(&headers)),
            Part::new("body", Role::Body, ""),
        ];
        Some(InParts {
            maker: Maker::Shared {
                algorithm: Algorithm::HmacSha256,
                encoding: Encoding::Hex,
                secret: SecretForm::Raw,
            },
            between: "\n",
            behind: "",
            claims: vec![Claimed { signature, parts }],
        })
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        secret.key(SecretForm::Raw).map(|_| SecretUse::SignsAndVerifies)
    }

    fn secret_words(&self) -> &'static str {
        "the signing secret, as it was given"
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting::SignedHeaders, Setting::Tolerance]
    }

    fn signs_url(&self) -> bool {
        true
    }

    fn signature_header<'a>(&self, _spec: &'a CodedSpec) -> Option<&'a str> {
        Some(SIGNATURE)
    }

    fn timestamp_header(&self) -> Option<&'static str> {
        Some(TIMESTAMP)
    }

    fn further_headers(&self) -> &'static [&'static str] {
        &[SIGNED_HEADERS]
    }
}

/// The time of signing, as it came.
fn time<'a>(case: &Case<'a>) -> Result<&'a str, Fault> {
    let missing = || {
        Fault::invalid(
            Reason::TimestampMissing,
            format!(
                "The {TIMESTAMP} header is missing, and {} needs the time of signing.",
                case.scheme.name()
            ),
        )
    };
    let value = case.only(TIMESTAMP)?.ok_or_else(missing)?;
    std::str::from_utf8(value).map_err(|_| case.malformed(TIMESTAMP, "a number of milliseconds"))
}

/// The headers that the request says are signed, with the two that always are.
fn listed(case: &Case<'_>, time: &str) -> Result<BTreeMap<String, String>, Fault> {
    let mut headers = BTreeMap::new();
    let names = case.needed_text(SIGNED_HEADERS)?.split(',').map(str::trim);
    for name in names.filter(|name| !name.is_empty()) {
        headers.insert(name.to_ascii_lowercase(), case.needed_text(name)?.to_owned());
    }
    complete(&mut headers, time);
    Ok(headers)
}

/// Adds the two headers that are always signed. The names of all, in order, are the value of one of them.
fn complete(headers: &mut BTreeMap<String, String>, time: &str) -> String {
    headers.insert(TIMESTAMP.to_ascii_lowercase(), time.to_owned());
    headers.insert(SIGNED_HEADERS.to_ascii_lowercase(), String::new());
    let names = headers.keys().map(String::as_str).collect::<Vec<_>>().join(",");
    headers.insert(SIGNED_HEADERS.to_ascii_lowercase(), names.clone());
    names
}

/// All that is signed in front of the body.
fn head(method: &str, url: &str, headers: &BTreeMap<String, String>) -> String {
    format!("{}\n{}\n{}\n", method.to_ascii_uppercase(), normal_path(url), lines(headers))
}

fn lines(headers: &BTreeMap<String, String>) -> String {
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    headers.join(";")
}

/// Path and query as Contentful's own libraries write them: the query escaped whole, and then all of it once
/// more.
fn normal_path(url: &str) -> String {
    let mut parts = target(url).split('?');
    let path = parts.next().unwrap_or_default();
    let whole = match parts.next().filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{}", utf8_percent_encode(query, COMPONENT)),
        None => path.to_owned(),
    };
    utf8_percent_encode(&whole, WHOLE).to_string()
}

/// Path and query of a URL as they are written.
fn target(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    let Some((_, rest)) = url.split_once("://") else { return url };
    match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('/') => &rest[at..],
        _ => "/",
    }
}
