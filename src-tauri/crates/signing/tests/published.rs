//! Signed examples that providers and their libraries publish: each verifies, and signing gives the same
//! signature back.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_signing::{
    Message, Reason, Received, Scheme, SchemeCatalog, Secret, SecretUse, Signed, VerificationStatus, sign,
    verify,
};
use serde::Deserialize;

/// One published example. `now` is a time (Unix seconds) at which it verifies; `public` is the public half
/// of a private key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    name: String,
    scheme: String,
    secret: String,
    public: Option<String>,
    #[serde(default)]
    now: i64,
    #[serde(default)]
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn examples() -> Vec<Example> {
    serde_json::from_str(include_str!("data/published.json")).unwrap()
}

impl Example {
    fn scheme(&self) -> &'static Scheme {
        SchemeCatalog::builtin().get(&self.scheme).unwrap()
    }

    fn secret(&self) -> Secret {
        Secret::from(self.secret.as_str())
    }

    fn verify_at(&self, at_s: i64) -> hookbench_signing::Verification {
        self.verify_with(&self.secret, at_s)
    }

    fn verify_with(&self, secret: &str, at_s: i64) -> hookbench_signing::Verification {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let received =
            Received { method: "POST", url: &self.url, headers: &headers, body: self.body.as_bytes() };
        verify(self.scheme(), &[&Secret::from(secret)], &received, at_s * 1000)
    }

    fn sign(&self) -> Signed {
        let id = self.scheme().id_header().and_then(|name| self.header(name)).unwrap_or_default();
        let message = Message {
            method: "POST",
            url: &self.url,
            headers: &[],
            body: self.body.as_bytes(),
            timestamp: self.now * 1000,
            id,
        };
        sign(self.scheme(), &[&self.secret()], &message).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Box's example writes its time with an offset that a sender of UTC times cannot reproduce, and
    /// SendGrid publishes no private key.
    fn can_be_signed_again(&self) -> bool {
        self.scheme != "box" && self.scheme().check_secret(&self.secret()) == Ok(SecretUse::SignsAndVerifies)
    }
}

#[test]
fn every_published_example_verifies() {
    assert_eq!(examples().len(), 11);
    for example in examples() {
        let verification = example.verify_at(example.now);
        assert_eq!(verification.status, VerificationStatus::Valid, "{}: {verification:?}", example.name);
        if let Some(expected) = verification.expected {
            assert!(verification.received.contains(&expected), "{}", example.name);
        }
        assert_eq!(verification.secret, Some(0), "{}", example.name);
    }
}

#[test]
fn signing_gives_the_published_signature() {
    assert_eq!(examples().iter().filter(|example| example.can_be_signed_again()).count(), 9);
    for example in examples().into_iter().filter(Example::can_be_signed_again) {
        let signed = example.sign();
        for header in example.scheme().signature_headers().take(1) {
            let (_, signature) = signed.headers.iter().find(|(name, _)| *name == header).unwrap();
            assert_eq!(Some(signature.as_str()), example.header(header), "{}", example.name);
        }
        // What is written into the URL or the body stands there already.
        assert!(signed.url.is_none_or(|url| url == example.url), "{}", example.name);
        assert!(signed.body.is_none_or(|body| body == example.body.as_bytes()), "{}", example.name);
    }
}

#[test]
fn public_halves_verify_and_do_not_sign() {
    let example = examples().into_iter().find(|example| example.public.is_some()).unwrap();
    let public = example.public.clone().unwrap();
    assert_eq!(example.verify_with(&public, example.now).status, VerificationStatus::Valid);
    let half = example.scheme().public_half(&example.secret()).unwrap();
    assert_eq!(half.expose_text(), Some(public.as_str()));
    assert_eq!(example.scheme().check_secret(&half), Ok(SecretUse::OnlyVerifies));
}

#[test]
fn a_changed_body_breaks_every_example() {
    for mut example in examples() {
        example.body = match example.scheme.as_str() {
            "adyen" => example.body.replace("1130", "1131"),
            _ => format!("{}&x", example.body),
        };
        let verification = example.verify_at(example.now);
        assert_eq!(verification.reason, Some(Reason::SignatureMismatch), "{}", example.name);
        assert_eq!(verification.secret, None, "{}", example.name);
    }
}

#[test]
fn the_line_ending_of_sendgrids_body_is_signed() {
    let mut example = examples().into_iter().find(|example| example.scheme == "sendgrid").unwrap();
    example.body.truncate(example.body.len() - 2);
    assert_eq!(example.verify_at(example.now).reason, Some(Reason::SignatureMismatch));
}

#[test]
fn boxes_second_key_verifies_by_its_own_header() {
    let example = examples().into_iter().find(|example| example.scheme == "box").unwrap();
    assert_eq!(example.verify_with("SampleSecondaryKey", example.now).status, VerificationStatus::Valid);
}

#[test]
fn examples_with_a_time_go_stale() {
    let mut seen = 0;
    for example in examples() {
        let Some(past_s) = example.scheme().tolerance().past_s.map(i64::from) else { continue };
        seen += 1;
        assert_eq!(example.verify_at(example.now + past_s).status, VerificationStatus::Valid);
        let stale = example.verify_at(example.now + past_s + 1);
        assert_eq!(stale.reason, Some(Reason::TimeStale), "{}", example.name);
        assert!(stale.message.starts_with("The signature is right, the time is not"), "{}", stale.message);
        assert_eq!(stale.secret, Some(0), "{}", example.name);
    }
    assert_eq!(seen, 4);
}
