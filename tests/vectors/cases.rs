//! What is signed, and the ways in which it is spoilt.

use hookbench_signing::{Message, Received, Scheme, SchemeCatalog, Secret, VerificationStatus, sign, verify};
use std::fmt;

/// 2026-01-15, 12:00:00.123 UTC.
const NOW: i64 = 1_768_478_400_123;

/// One message to be signed.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) scheme: Scheme,
    pub(crate) secret: Secret,
    pub(crate) other_secret: Secret,
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) id: &'static str,
    pub(crate) now: i64,
    pub(crate) body: Vec<u8>,
    kind: &'static str,
}

/// A signed message as the receiver sees it, and the receiver's clock.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) scheme: Scheme,
    pub(crate) secret: Secret,
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) now: i64,
}

/// The messages of one scheme: several bodies under one secret.
pub(crate) fn of(scheme: &str) -> Vec<Case> {
    let scheme = SchemeCatalog::builtin().get(scheme).unwrap_or_else(|| panic!("no scheme {scheme}")).clone();
    let (secret, other_secret) = (secret_of(&scheme, 7), secret_of(&scheme, 8));
    bodies(scheme.id())
        .into_iter()
        .map(|(kind, body)| Case {
            scheme: scheme.clone(),
            secret: secret.clone(),
            other_secret: other_secret.clone(),
            method: "POST",
            url: "https://hooks.example.com/in/webhooks?tenant=7".to_owned(),
            id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
            now: NOW,
            body,
            kind,
        })
        .collect()
}

/// A secret of the scheme's own kind, the same one for the same seed.
fn secret_of(scheme: &Scheme, seed: u8) -> Secret {
    let mut state = u64::from(seed);
    scheme.generate_secret(&mut |bytes: &mut [u8]| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
    })
}

fn bodies(scheme: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bodies: &[(&str, &str)] = match scheme {
        "twilio" => &[
            ("plain form", "From=%2B14155550123&To=%2B14155550100&Body=Hello&NumMedia=0"),
            ("form with spaces and accents", "Body=Caf%C3%A9+%26+more&AccountSid=AC00&Empty=&a=1&B=2"),
        ],
        "linear" => &[(
            "issue",
            r#"{"action":"create","type":"Issue","data":{"title":"Fa\u00e7ade größer"},"webhookTimestamp":1768478400123}"#,
        )],
        "adyen" => &[(
            "authorisation",
            r#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"cardSummary":"1111"},"amount":{"currency":"EUR","value":1130},"pspReference":"7914073381342284","eventCode":"AUTHORISATION","eventDate":"2026-01-15T12:00:00+01:00","merchantAccountCode":"HookbenchPOS","merchantReference":"TestPayment-1407325143704","operations":["CANCEL"],"paymentMethod":"visa","success":"true"}}]}"#,
        )],
        // The library takes the parsed body and writes it again, so only compact JSON is fair.
        "workos" => &[
            ("compact", r#"{"id":"wh_1","event":"user.created","data":{"n":3}}"#),
            ("compact, not ASCII", r#"{"id":"wh_2","name":"Zoë 🦀","nested":[1,{"a":null}]}"#),
        ],
        _ => &[
            ("compact", r#"{"type":"invoice.paid","data":{"id":"in_1","amount":1999}}"#),
            ("not ASCII", r#"{"name":"Zoë Çelik","note":"größer 🦀","price":"€ 9,99"}"#),
            ("indented, with a line end", "{\n  \"a\": 1.0,\n  \"b\": \"x/y\"\n}\r\n"),
        ],
    };
    bodies.iter().map(|&(kind, body)| (kind, body.as_bytes().to_vec())).collect()
}

impl Case {
    /// Signs it, as a provider would send it.
    pub(crate) fn signed(&self) -> Sent {
        let message = Message {
            method: self.method,
            url: &self.url,
            headers: &[("content-type", b"application/json")],
            body: &self.body,
            timestamp: self.now,
            id: self.id,
        };
        let signed = sign(&self.scheme, &[&self.secret], &message).expect("the case can be signed");
        Sent {
            scheme: self.scheme.clone(),
            secret: self.secret.clone(),
            method: self.method,
            url: signed.url.unwrap_or_else(|| self.url.clone()),
            headers: signed.headers,
            body: signed.body.unwrap_or_else(|| self.body.clone()),
            now: self.now,
        }
    }

    /// Where a library is known to accept what we refuse.
    pub(crate) fn library_is_lenient(&self, what: &str) -> bool {
        // These two check the signature and leave the age to their caller.
        what == "stale" && matches!(self.scheme.id(), "sendgrid" | "discord")
    }
}

impl Sent {
    /// Our own verdict.
    pub(crate) fn is_valid(&self) -> bool {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let received = Received { method: self.method, url: &self.url, headers: &headers, body: &self.body };
        let secret = self.receivers_secret();
        verify(&self.scheme, &[&secret], &received, self.now).status == VerificationStatus::Valid
    }

    fn receivers_secret(&self) -> Secret {
        self.scheme.public_half(&self.secret).unwrap_or_else(|| self.secret.clone())
    }

    /// What the receiver holds: the secret itself, or its public half.
    pub(crate) fn secret_of_the_receiver(&self) -> String {
        self.receivers_secret().expose_text().expect("these secrets are text").to_owned()
    }
}

/// The message as it was sent, and spoilt in every way that its signature must notice.
pub(crate) fn variations(case: &Case, sent: &Sent) -> Vec<(&'static str, Sent)> {
    let mut all = vec![
        ("untouched", sent.clone()),
        ("a letter of the body changed", Sent { body: with_a_letter_changed(&sent.body), ..sent.clone() }),
        ("another secret", Sent { secret: case.other_secret.clone(), ..sent.clone() }),
    ];
    if sent.scheme.signs_url() {
        let url = sent.url.replace("/in/", "/out/");
        all.push(("another URL", Sent { url, ..sent.clone() }));
    }
    if let Some(limit_s) = sent.scheme.keyed().and_then(|spec| spec.tolerance.past_s) {
        all.push(("stale", Sent { now: sent.now + i64::from(limit_s) * 1000 + 5000, ..sent.clone() }));
    }
    all
}

/// The body with one letter inside a value changed: it parses as before and means something else.
pub(crate) fn with_a_letter_changed(body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    let marks: &[&[u8]] = &[
        b"AUTHORISATION",
        b"invoice",
        b"size",
        "größer".as_bytes(),
        b"user",
        b"Zo",
        b"Hello",
        b"more",
        b"x/y",
    ];
    let place = marks.iter().find_map(|mark| body.windows(mark.len()).position(|window| window == *mark));
    let place = place.expect("each body has a word to change");
    body[place] = if body[place] == b'Q' { b'q' } else { b'Q' };
    body
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.scheme.id(), self.kind)
    }
}
