//! Properties over all schemes: tampering never passes, and nothing that arrives makes verifying panic.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_signing::{Message, Received, Scheme, SchemeCatalog, Secret, VerificationStatus, sign, verify};
use proptest::prelude::*;

const AT: i64 = 1_700_000_000_000;
const URL: &str = "https://a.example/";

fn any_scheme() -> impl Strategy<Value = &'static Scheme> {
    let schemes: Vec<&'static Scheme> = SchemeCatalog::builtin().iter().collect();
    prop::sample::select(schemes)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

struct Case {
    scheme: &'static Scheme,
    secret: Secret,
    headers: Vec<(String, String)>,
}

impl Case {
    fn new(scheme: &'static Scheme, key: &[u8], url: &str, body: &[u8]) -> Self {
        let secret = Secret::generate(scheme.keyed().unwrap().secret, key);
        let message = Message { method: "POST", url, headers: &[], body, timestamp: AT, id: "msg_1" };
        let headers = sign(scheme, &[&secret], &message).unwrap().headers;
        Self { scheme, secret, headers }
    }

    fn status(&self, secret: &Secret, url: &str, body: &[u8], at: i64) -> VerificationStatus {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        verify(self.scheme, &[secret], &Received { method: "POST", url, headers: &headers, body }, at).status
    }
}

/// What the scheme signs of a body: for form schemes two spellings of one form are one body.
fn content(scheme: &Scheme, body: &[u8]) -> Vec<u8> {
    let secret = Secret::generate(scheme.keyed().unwrap().secret, &[1]);
    let message = Message { method: "POST", url: URL, headers: &[], body, timestamp: AT, id: "msg_1" };
    sign(scheme, &[&secret], &message).unwrap().signed_content
}

proptest! {
    #[test]
    fn what_was_signed_verifies(
        scheme in any_scheme(),
        body in body(),
        key in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let case = Case::new(scheme, &key, URL, &body);
        prop_assert_eq!(case.status(&case.secret, URL, &body, AT), VerificationStatus::Valid);
    }

    #[test]
    fn a_tampered_body_is_invalid(scheme in any_scheme(), body in body(), other in body()) {
        prop_assume!(content(scheme, &body) != content(scheme, &other));
        let case = Case::new(scheme, b"key", URL, &body);
        prop_assert_eq!(case.status(&case.secret, URL, &other, AT), VerificationStatus::Invalid);
    }

    #[test]
    fn one_flipped_bit_is_invalid(
        scheme in any_scheme(),
        mut body in body(),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        prop_assume!(!body.is_empty());
        let case = Case::new(scheme, b"key", URL, &body);
        let signed = content(scheme, &body);
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        prop_assume!(content(scheme, &body) != signed);
        prop_assert_eq!(case.status(&case.secret, URL, &body, AT), VerificationStatus::Invalid);
    }

    #[test]
    fn another_secret_is_invalid(
        scheme in any_scheme(),
        body in body(),
        key in any::<[u8; 24]>(),
        other in any::<[u8; 24]>(),
    ) {
        prop_assume!(key != other);
        let case = Case::new(scheme, &key, URL, &body);
        let other = Secret::generate(scheme.keyed().unwrap().secret, &other);
        prop_assert_eq!(case.status(&other, URL, &body, AT), VerificationStatus::Invalid);
    }

    #[test]
    fn another_url_is_invalid_where_it_is_signed(scheme in any_scheme(), path in "[a-z]{1,12}") {
        let url = format!("https://a.example/{path}");
        let case = Case::new(scheme, b"key", URL, b"");
        let expected =
            if scheme.signs_url() { VerificationStatus::Invalid } else { VerificationStatus::Valid };
        prop_assert_eq!(case.status(&case.secret, &url, b"", AT), expected);
    }

    #[test]
    fn another_time_in_the_headers_is_invalid_where_it_is_signed(scheme in any_scheme(), seconds in 1..250i64) {
        let mut case = Case::new(scheme, b"key", URL, b"{}");
        let at = AT + seconds * 1000;
        let later = Message { method: "POST", url: URL, headers: &[], body: b"{}", timestamp: at, id: "msg_1" };
        let later = sign(scheme, &[&case.secret], &later).unwrap().headers;
        let is_signature = |name: &str| scheme.signature_headers().any(|own| own == name);
        let Some(time) = scheme.keyed().unwrap().timestamp.as_ref() else { return Ok(()) };
        prop_assume!(time.header.is_some());
        // The earlier signature under the later time.
        let pairs = later.into_iter().zip(case.headers);
        case.headers = pairs.map(|(later, first)| if is_signature(&first.0) { first } else { later }).collect();
        prop_assert_eq!(case.status(&case.secret, URL, b"{}", at), VerificationStatus::Invalid);
    }

    #[test]
    fn arbitrary_headers_never_panic_and_never_pass(
        scheme in any_scheme(),
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 3),
        at in any::<i64>(),
        body in body(),
    ) {
        let secret = Secret::generate(scheme.keyed().unwrap().secret, b"key");
        let id = scheme.keyed().unwrap().id_header.clone().unwrap_or_default();
        let time = scheme.keyed().unwrap().timestamp.as_ref().and_then(|time| time.header.clone()).unwrap_or_default();
        let headers: Vec<(&str, &[u8])> = vec![
            (scheme.keyed().unwrap().signature_header.as_str(), values[0].as_slice()),
            (&id, &values[1]),
            (&time, &values[2]),
        ];
        let received = Received { method: "POST", url: URL, headers: &headers, body: &body };
        prop_assert_ne!(verify(scheme, &[&secret], &received, at).status, VerificationStatus::Valid);
    }

    #[test]
    fn near_misses_of_the_format_never_panic(
        scheme in any_scheme(),
        text in "(t=|ts=|v1=|v0=|v1,|h1=|sha256=|,|;| |[0-9]{0,21}|[a-f0-9]{0,70}){0,8}",
        at in any::<i64>(),
    ) {
        let secret = Secret::generate(scheme.keyed().unwrap().secret, b"key");
        let id = scheme.keyed().unwrap().id_header.clone().unwrap_or_default();
        let time = scheme.keyed().unwrap().timestamp.as_ref().and_then(|time| time.header.clone()).unwrap_or_default();
        let headers: Vec<(&str, &[u8])> = vec![
            (scheme.keyed().unwrap().signature_header.as_str(), text.as_bytes()),
            (&id, b"msg_1"),
            (&time, text.as_bytes()),
        ];
        let received = Received { method: "POST", url: URL, headers: &headers, body: b"{}" };
        prop_assert_ne!(verify(scheme, &[&secret], &received, at).status, VerificationStatus::Valid);
    }

    #[test]
    fn reading_a_scheme_never_panics(
        format in "[{}a-z=,;]{0,20}",
        content in "[{}a-z.:]{0,20}",
        separator in "[,;]{0,2}",
    ) {
        let written = serde_json::json!({
            "id": "own", "name": "Own", "signature_header": "X-Sig", "signature_format": format,
            "separator": separator, "content": content,
            "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
        });
        if let Err(error) = Scheme::from_value(written) {
            prop_assert!(!error.field.is_empty());
        }
    }
}
