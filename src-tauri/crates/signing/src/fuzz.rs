//! Entries for fuzzing: each takes any bytes, drives one reader with them, and panics only where a promise
//! is broken. The fuzz targets are calls to these, and a test runs each over a corpus and its mutations.
//!
//! No part of the crate's interface.

use crate::algorithm::Algorithm;
use crate::catalog::SchemeCatalog;
use crate::keys::{Key, rsa};
use crate::scheme::Scheme;
use crate::secret::{Secret, SecretForm};
use crate::sign::{Message, sign};
use crate::time::TimestampUnit;
use crate::verdict::VerificationStatus;
use crate::verify::{Received, verify};

/// One entry.
pub type Entry = fn(&[u8]);

/// All entries by name.
pub const ENTRIES: [(&str, Entry); 9] = [
    ("signature_header", signature_header),
    ("timestamp", timestamp),
    ("authorization", authorization),
    ("sns_body", sns_body),
    ("adyen_body", adyen_body),
    ("mailgun_body", mailgun_body),
    ("contentful_headers", contentful_headers),
    ("secret", secret),
    ("scheme", scheme),
];

const AT: i64 = 1_700_000_000_000;
const URL: &str = "https://hooks.example/in?x=1";
/// A key in hexadecimal, which also is a key as any text is.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const CERTIFICATE: &str = include_str!("../fuzz/seeds/secret/rsa_1_crt");

/// Signature, time and id headers of every scheme of the keyed family: the first byte chooses the scheme,
/// then each line is a header's value, and the rest is the body.
pub fn signature_header(data: &[u8]) {
    let keyed: Vec<&Scheme> =
        SchemeCatalog::builtin().iter().filter(|scheme| scheme.keyed().is_some()).collect();
    let Some((first, rest)) = data.split_first() else { return };
    let scheme = keyed[usize::from(*first) % keyed.len()];
    let mut lines = rest.splitn(4, |&byte| byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let mut headers: Vec<(&str, &[u8])> =
        scheme.signature_headers().take(2).map(|name| (name, line())).collect();
    headers.extend(scheme.timestamp_header().map(|name| (name, line())));
    headers.extend(scheme.id_header().map(|name| (name, line())));
    judge(scheme, &scheme.generate_secret(&mut |bytes| bytes.fill(7)), &headers, line());
}

/// Times as schemes write them: what is read and can be written is written the same.
pub fn timestamp(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for unit in [TimestampUnit::S, TimestampUnit::Ms, TimestampUnit::Iso] {
        let Some(ms) = unit.read(text).and_then(|ms| i64::try_from(ms).ok()) else { continue };
        let again = unit.write(ms).and_then(|text| unit.read(&text));
        assert!(again == Some(i128::from(ms)) || unit == TimestampUnit::Iso, "{text}");
        let _ = unit.age_ms(i128::from(ms), i64::MIN);
    }
}

/// The `Authorization` header, and tokens.
pub fn authorization(data: &[u8]) {
    for scheme in ["basic", "bearer", "gitlab_token"].into_iter().filter_map(known) {
        let name = scheme.signature_headers().next().unwrap_or_default();
        judge(scheme, &Secret::from("user:password"), &[(name, data)], b"");
    }
}

/// Notifications of AWS SNS.
pub fn sns_body(data: &[u8]) {
    if let Some(scheme) = known("aws_sns") {
        judge(scheme, &Secret::from(CERTIFICATE), &[], data);
    }
}

/// Notifications of Adyen: what can be signed verifies.
pub fn adyen_body(data: &[u8]) {
    sign_and_judge("adyen", data);
}

/// Events of Mailgun: what can be signed verifies.
pub fn mailgun_body(data: &[u8]) {
    sign_and_judge("mailgun", data);
}

/// The headers of Contentful: a line each for signature, list, time and one that may be listed, then the URL.
pub fn contentful_headers(data: &[u8]) {
    let Some(scheme) = known("contentful") else { return };
    let mut lines = data.splitn(5, |&byte| byte == b'\n');
    let names = [
        "X-Contentful-Signature",
        "X-Contentful-Signed-Headers",
        "X-Contentful-Timestamp",
        "X-Contentful-Topic",
    ];
    let headers: Vec<(&str, &[u8])> =
        names.into_iter().map(|name| (name, lines.next().unwrap_or_default())).collect();
    let url = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let received = Received { method: "POST", url: &url, headers: &headers, body: b"" };
    let _ = verify(scheme, &[&Secret::from(KEY)], &received, AT);
    let message =
        Message { method: "POST", url: &url, headers: &headers, body: data, timestamp: AT, id: "msg_1" };
    if let Ok(signed) = sign(scheme, &[&Secret::from(KEY)], &message) {
        let mut sent: Vec<(&str, &[u8])> = headers[3..].to_vec();
        sent.extend(signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        let received = Received { headers: &sent, body: data, ..received };
        let again = verify(scheme, &[&Secret::from(KEY)], &received, AT);
        assert_eq!(again.status, VerificationStatus::Valid, "{again:?}");
    }
}

/// Secrets and keys in every form and under every algorithm. What signs has to verify.
pub fn secret(data: &[u8]) {
    let secret = Secret::new(data);
    for form in [
        SecretForm::Raw,
        SecretForm::WhsecB64,
        SecretForm::Base64,
        SecretForm::Base64Url,
        SecretForm::Hex,
        SecretForm::WhskB64,
        SecretForm::Pem,
    ] {
        let _ = secret.key(form);
        for algorithm in [Algorithm::HmacSha256, Algorithm::Ed25519, Algorithm::EcdsaP256] {
            let Ok(key) = Key::read(&secret, form, algorithm) else { continue };
            let Some(proof) = key.sign(&[b"message"], crate::algorithm::Encoding::Hex) else { continue };
            let text = proof.to_text();
            assert!(
                !key.is_asymmetric()
                    || bool::from(key.checks(&[b"message"], crate::algorithm::Encoding::Hex, &text))
            );
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = rsa::read(text);
    }
    for scheme in SchemeCatalog::builtin().iter() {
        let _ = scheme.check_secret(&secret);
    }
}

/// Schemes as JSON: what is taken can be written and read again, and verifies what it signs.
pub fn scheme(data: &[u8]) {
    let Some(own) = std::str::from_utf8(data).ok().and_then(|text| Scheme::from_json(text).ok()) else {
        return;
    };
    assert_eq!(Scheme::from_value(own.to_value()).as_ref(), Ok(&own));
    // RSA keys take too long to make.
    if own.code().is_some_and(|_| own.is_asymmetric()) {
        return;
    }
    let secret = own.generate_secret(&mut |bytes| bytes.fill(7));
    let body = br#"{"notificationItems":[{"NotificationRequestItem":{}}],"signature":{}}"#;
    let message = Message { method: "POST", url: URL, headers: &[], body, timestamp: AT, id: "msg_1" };
    let Ok(signed) = sign(&own, &[&secret], &message) else { return };
    let headers: Vec<(&str, &[u8])> =
        signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let received = Received {
        method: "POST",
        url: signed.url.as_deref().unwrap_or(URL),
        headers: &headers,
        body: signed.body.as_deref().unwrap_or(body),
    };
    let verification = verify(&own, &[&secret], &received, AT);
    assert_eq!(verification.status, VerificationStatus::Valid, "{own:?} {verification:?}");
}

fn known(id: &str) -> Option<&'static Scheme> {
    SchemeCatalog::builtin().get(id)
}

/// Checks, and holds the verdict to its promises.
fn judge(scheme: &Scheme, secret: &Secret, headers: &[(&str, &[u8])], body: &[u8]) {
    let received = Received { method: "POST", url: URL, headers, body };
    let verification = verify(scheme, &[secret], &received, AT);
    let valid = verification.status == VerificationStatus::Valid;
    assert_eq!(valid, verification.reason.is_none(), "{verification:?}");
    assert!(!valid || verification.secret == Some(0), "{verification:?}");
    assert!(!verification.message.is_empty(), "{verification:?}");
    assert_eq!(verification, verify(scheme, &[secret], &received, AT));
}

/// Checks a body as it is, and signs it and checks what came of that.
fn sign_and_judge(id: &str, body: &[u8]) {
    let Some(scheme) = known(id) else { return };
    let secret = Secret::from(KEY);
    judge(scheme, &secret, &[], body);
    let message = Message { method: "POST", url: URL, headers: &[], body, timestamp: AT, id: "msg_1" };
    let Ok(signed) = sign(scheme, &[&secret], &message) else { return };
    let signed_body = signed.body.as_deref().unwrap_or(body);
    let received = Received { method: "POST", url: URL, headers: &[], body: signed_body };
    let verification = verify(scheme, &[&secret], &received, AT);
    assert_eq!(verification.status, VerificationStatus::Valid, "{verification:?}");
    assert_eq!(verification.signed_content, Some(signed.signed_content));
}
