//! Signed examples that providers and their libraries publish: each verifies, and signing gives the same
//! signature back.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_signing::{
    Message, Reason, Received, SchemeCatalog, Secret, Signed, VerificationStatus, sign, verify,
};
use serde::Deserialize;

/// One published example. `now` is a time (Unix seconds) at which it verifies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    name: String,
    scheme: String,
    secret: String,
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
    fn verify_at(&self, at_s: i64) -> hookbench_signing::Verification {
        let scheme = SchemeCatalog::builtin().get(&self.scheme).unwrap();
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let received =
            Received { method: "POST", url: &self.url, headers: &headers, body: self.body.as_bytes() };
        verify(scheme, &[&Secret::from(self.secret.as_str())], &received, at_s * 1000)
    }

    fn sign(&self) -> Signed {
        let scheme = SchemeCatalog::builtin().get(&self.scheme).unwrap();
        let id =
            scheme.keyed().unwrap().id_header.as_ref().and_then(|name| self.header(name)).unwrap_or_default();
        let message = Message {
            method: "POST",
            url: &self.url,
            headers: &[],
            body: self.body.as_bytes(),
            timestamp: self.now * 1000,
            id,
        };
        sign(scheme, &[&Secret::from(self.secret.as_str())], &message).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

#[test]
fn every_published_example_verifies() {
    assert_eq!(examples().len(), 7);
    for example in examples() {
        let verification = example.verify_at(example.now);
        assert_eq!(verification.status, VerificationStatus::Valid, "{}: {verification:?}", example.name);
        assert!(verification.received.contains(&verification.expected.unwrap()), "{}", example.name);
    }
}

#[test]
fn signing_gives_the_published_signature() {
    // Box's example writes its time with an offset that a sender of UTC times cannot reproduce.
    for example in examples().into_iter().filter(|example| example.scheme != "box") {
        let scheme = SchemeCatalog::builtin().get(&example.scheme).unwrap();
        let signed = example.sign();
        let (_, signature) = signed
            .headers
            .iter()
            .find(|(name, _)| *name == scheme.keyed().unwrap().signature_header)
            .unwrap();
        assert_eq!(
            Some(signature.as_str()),
            example.header(&scheme.keyed().unwrap().signature_header),
            "{}",
            example.name
        );
    }
}

#[test]
fn a_changed_body_breaks_every_example() {
    for mut example in examples() {
        example.body.push_str("&x");
        let verification = example.verify_at(example.now);
        assert_eq!(verification.reason, Some(Reason::SignatureMismatch), "{}", example.name);
    }
}

#[test]
fn boxes_second_key_verifies_by_its_own_header() {
    let mut example = examples().into_iter().find(|example| example.scheme == "box").unwrap();
    example.secret = "SampleSecondaryKey".to_owned();
    assert_eq!(example.verify_at(example.now).status, VerificationStatus::Valid);
}

#[test]
fn examples_with_a_time_go_stale() {
    for example in examples().iter().filter(|example| example.now != 0) {
        let scheme = SchemeCatalog::builtin().get(&example.scheme).unwrap();
        let past_s = i64::from(scheme.keyed().unwrap().tolerance.past_s.unwrap());
        assert_eq!(example.verify_at(example.now + past_s).status, VerificationStatus::Valid);
        let stale = example.verify_at(example.now + past_s + 1);
        assert_eq!(stale.reason, Some(Reason::TimeStale), "{}", example.name);
        assert!(stale.message.starts_with("The signature is right, the time is not"), "{}", stale.message);
    }
}
