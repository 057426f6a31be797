//! A sender and a receiver for any scheme: bodies of the shape it wants, secrets of its form, and the message
//! as it goes over the wire.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]
#![allow(dead_code, reason = "not every test binary needs all of it")]

use data_encoding::BASE64;
use hookbench_signing::{
    Kind, Message, Received, Scheme, SchemeCatalog, Secret, Several, SignError, Signed, Verification, sign,
    verify,
};

pub(crate) const AT: i64 = 1_700_000_000_000;
pub(crate) const URL: &str = "https://hooks.example/in?x=1";

/// Headers of the message beside those that signing makes.
const OTHERS: [(&str, &[u8]); 2] =
    [("X-Contentful-Topic", b"ContentManagement.Entry.publish"), ("Accept", b"*/*")];

/// A message as it went out.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) content: Vec<u8>,
}

pub(crate) fn scheme(id: &str) -> &'static Scheme {
    SchemeCatalog::builtin().get(id).unwrap()
}

pub(crate) fn schemes() -> impl Iterator<Item = &'static Scheme> {
    SchemeCatalog::builtin().iter()
}

/// Bytes that look random and are the same for the same seed.
pub(crate) fn random(seed: u64) -> impl FnMut(&mut [u8]) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |bytes| {
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_le_bytes()[3];
        }
    }
}

/// A secret that signs. RSA keys take long to make, so there are two of them.
pub(crate) fn secret(scheme: &Scheme, seed: u64) -> Secret {
    let pem = [include_str!("../data/rsa_1.pem"), include_str!("../data/rsa_2.pem")][(seed % 2) as usize];
    match scheme.code().map(|code| code.kind) {
        Some(Kind::AwsSns) => Secret::from(pem),
        Some(Kind::Paypal) => Secret::new(format!("WEBHOOK{}\n{pem}", seed % 2)),
        _ => scheme.generate_secret(&mut random(seed)),
    }
}

/// A body that the scheme can sign, with the payload in a place that it signs (if it signs the body at all).
pub(crate) fn body(scheme: &Scheme, payload: &[u8]) -> Vec<u8> {
    let text = BASE64.encode(payload);
    match scheme.code().map(|code| code.kind) {
        Some(Kind::AwsSns) => format!(
            "{{\n  \"Type\" : \"Notification\",\n  \"MessageId\" : \"22b80b92\",\n  \
             \"TopicArn\" : \"arn:aws:sns:eu-west-1:123456789012:orders\",\n  \"Message\" : \"{text}\",\n  \
             \"Timestamp\" : \"2023-11-14T22:13:20.000Z\",\n  \"SignatureVersion\" : \"2\"\n}}"
        )
        .into_bytes(),
        Some(Kind::Adyen) => format!(
            r#"{{"live":"false","notificationItems":[{{"NotificationRequestItem":{{"amount":{{"value":1130,"currency":"EUR"}},"pspReference":"79","merchantReference":"{text}","success":"true"}}}},{{"NotificationRequestItem":{{"additionalData":{{"a":"b"}},"amount":{{"value":1.50,"currency":"EUR"}},"eventCode":"REFUND","merchantAccountCode":"Shop","merchantReference":"é","pspReference":"80","success":true}}}}]}}"#
        )
        .into_bytes(),
        Some(Kind::Mailgun) => {
            format!(r#"{{"signature": {{"token": "t"}}, "event-data": {{"message": "{text}"}}}}"#).into_bytes()
        }
        _ => payload.to_vec(),
    }
}

/// True where a change of the body's payload breaks the signature.
pub(crate) fn signs_body(scheme: &Scheme) -> bool {
    match scheme.code().map(|code| code.kind) {
        Some(Kind::Mailgun | Kind::Token | Kind::Basic | Kind::Bearer) => false,
        Some(_) => true,
        None => {
            scheme.keyed().is_some_and(|spec| spec.content.contains("body") || spec.content.contains("form"))
        }
    }
}

/// True where the secret itself is sent.
pub(crate) fn sends_secret(scheme: &Scheme) -> bool {
    matches!(scheme.code().map(|code| code.kind), Some(Kind::Token | Kind::Basic | Kind::Bearer))
}

/// True where several secrets sign one message.
pub(crate) fn has_several(scheme: &Scheme) -> bool {
    scheme.keyed().is_some_and(|spec| spec.several != Several::One)
}

pub(crate) fn signed(
    scheme: &Scheme,
    secrets: &[&Secret],
    url: &str,
    body: &[u8],
    at: i64,
) -> Result<Signed, SignError> {
    let message = Message { method: "POST", url, headers: &OTHERS, body, timestamp: at, id: "msg_1" };
    sign(scheme, secrets, &message)
}

/// Signs a body and puts the message together as it goes out.
pub(crate) fn send_to(scheme: &Scheme, secrets: &[&Secret], url: &str, body: &[u8], at: i64) -> Sent {
    let signed =
        signed(scheme, secrets, url, body, at).unwrap_or_else(|error| panic!("{}: {error:?}", scheme.id()));
    let mut headers: Vec<(String, Vec<u8>)> =
        OTHERS.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
    headers.extend(signed.headers.into_iter().map(|(name, value)| (name, value.into_bytes())));
    Sent {
        url: signed.url.unwrap_or_else(|| url.to_owned()),
        headers,
        body: signed.body.unwrap_or_else(|| body.to_vec()),
        content: signed.signed_content,
    }
}

/// As [`send_to`], with a body of the scheme's own shape around the payload.
pub(crate) fn send(scheme: &Scheme, secrets: &[&Secret], payload: &[u8]) -> Sent {
    send_to(scheme, secrets, URL, &body(scheme, payload), AT)
}

pub(crate) fn check(scheme: &Scheme, secrets: &[&Secret], sent: &Sent, at: i64) -> Verification {
    let headers: Vec<(&str, &[u8])> =
        sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let received = Received { method: "POST", url: &sent.url, headers: &headers, body: &sent.body };
    verify(scheme, secrets, &received, at)
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn with(self, name: &str, value: &[u8]) -> Self {
        let mut sent = self.without(name);
        sent.headers.push((name.to_owned(), value.to_vec()));
        sent
    }

    /// The payload exchanged in the body as it went out.
    pub(crate) fn tampered(mut self, scheme: &Scheme, payload: &[u8], other: &[u8]) -> Self {
        if body(scheme, payload) == payload {
            self.body = other.to_vec();
        } else {
            let text = String::from_utf8(self.body).unwrap();
            let (old, new) = (BASE64.encode(payload), BASE64.encode(other));
            self.body = text.replacen(&format!("\"{old}\""), &format!("\"{new}\""), 1).into_bytes();
        }
        self
    }
}
