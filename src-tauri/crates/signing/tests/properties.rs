//! Properties over all schemes: tampering never passes, and nothing that arrives makes verifying panic.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod support;

use hookbench_signing::{Kind, Received, Scheme, Secret, VerificationStatus, verify};
use proptest::prelude::*;
use serde_json::json;
use support::{AT, Sent, URL, body, check, schemes, secret, send, send_to, signed, signs_body};

fn any_scheme() -> impl Strategy<Value = &'static Scheme> {
    prop::sample::select(schemes().collect::<Vec<_>>())
}

fn scheme_that_signs_time() -> impl Strategy<Value = &'static Scheme> {
    prop::sample::select(schemes().filter(|scheme| signs_time(scheme)).collect::<Vec<_>>())
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

fn status(scheme: &Scheme, secret: &Secret, sent: &Sent, at: i64) -> VerificationStatus {
    check(scheme, &[secret], sent, at).status
}

/// What the scheme signs of a payload: for form schemes two spellings of one form are one payload.
fn content(scheme: &Scheme, payload: &[u8]) -> Vec<u8> {
    signed(scheme, &[&secret(scheme, 1)], URL, &body(scheme, payload), AT).unwrap().signed_content
}

/// True where the time of signing is among what is signed, outside the body.
fn signs_time(scheme: &Scheme) -> bool {
    match scheme.code().map(|code| code.kind) {
        Some(kind) => matches!(kind, Kind::Paypal | Kind::Contentful),
        None => scheme.keyed().is_some_and(|spec| spec.content.contains("{ts}")),
    }
}

proptest! {
    #[test]
    fn what_was_signed_verifies(scheme in any_scheme(), payload in payload(), seed in any::<u64>()) {
        let key = secret(scheme, seed);
        let sent = send(scheme, &[&key], &payload);
        prop_assert_eq!(status(scheme, &key, &sent, AT), VerificationStatus::Valid);
    }

    #[test]
    fn a_tampered_payload_is_invalid_where_it_is_signed(
        scheme in any_scheme(),
        payload in payload(),
        other in payload(),
    ) {
        prop_assume!(!signs_body(scheme) || content(scheme, &payload) != content(scheme, &other));
        let key = secret(scheme, 1);
        let sent = send(scheme, &[&key], &payload).tampered(scheme, &payload, &other);
        let expected =
            if signs_body(scheme) { VerificationStatus::Invalid } else { VerificationStatus::Valid };
        prop_assert_eq!(status(scheme, &key, &sent, AT), expected);
    }

    #[test]
    fn one_flipped_bit_is_invalid_unless_it_left_what_is_signed_alone(
        scheme in any_scheme(),
        payload in payload(),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let key = secret(scheme, 1);
        let mut sent = send(scheme, &[&key], &payload);
        prop_assume!(signs_body(scheme) && !sent.body.is_empty());
        let at = at.index(sent.body.len());
        sent.body[at] ^= 1 << bit;
        let verification = check(scheme, &[&key], &sent, AT);
        if verification.status == VerificationStatus::Valid {
            prop_assert_eq!(verification.signed_content, Some(sent.content));
            // Of these the whole body counts, whatever the content says.
            let kind = scheme.code().map(|code| code.kind);
            prop_assert!(!matches!(kind, Some(Kind::TwilioJson | Kind::Paypal | Kind::Contentful)));
        }
    }

    #[test]
    fn another_secret_is_invalid(scheme in any_scheme(), payload in payload(), seed in any::<u64>()) {
        // Seeds one apart make different keys of every kind.
        let (key, other) = (secret(scheme, seed), secret(scheme, seed ^ 1));
        prop_assume!(key != other);
        let sent = send(scheme, &[&key], &payload);
        prop_assert_eq!(status(scheme, &other, &sent, AT), VerificationStatus::Invalid);
    }

    #[test]
    fn another_url_is_invalid_where_it_is_signed(scheme in any_scheme(), path in "[a-z]{3,12}") {
        let key = secret(scheme, 1);
        let mut sent = send(scheme, &[&key], b"{}");
        sent.url = sent.url.replace("/in", &format!("/{path}"));
        let expected =
            if scheme.signs_url() { VerificationStatus::Invalid } else { VerificationStatus::Valid };
        prop_assert_eq!(status(scheme, &key, &sent, AT), expected);
    }

    #[test]
    fn another_time_is_invalid_where_it_is_signed(scheme in scheme_that_signs_time(), seconds in 1..250i64) {
        let key = secret(scheme, 1);
        let at = AT + seconds * 1000;
        let first = send(scheme, &[&key], b"{}");
        let later = send_to(scheme, &[&key], URL, &body(scheme, b"{}"), at);
        let own = check(scheme, &[&key], &later, at);
        prop_assert_eq!(own.status, VerificationStatus::Valid);
        // The earlier signature under the later time, wherever that stands.
        let earlier = check(scheme, &[&key], &first, AT).received.remove(0);
        let mut forged = later.clone();
        for (_, value) in &mut forged.headers {
            *value = String::from_utf8_lossy(value).replace(&own.received[0], &earlier).into_bytes();
        }
        prop_assert_eq!(status(scheme, &key, &forged, at), VerificationStatus::Invalid);
    }

    #[test]
    fn another_id_is_invalid_where_it_is_signed(scheme in any_scheme(), id in "[a-z0-9]{1,20}") {
        let Some(header) = scheme.id_header() else { return Ok(()) };
        let key = secret(scheme, 1);
        let sent = send(scheme, &[&key], b"{}").with(header, id.as_bytes());
        prop_assert_eq!(status(scheme, &key, &sent, AT), VerificationStatus::Invalid);
    }

    #[test]
    fn arbitrary_headers_and_bodies_never_panic_and_never_pass(
        scheme in any_scheme(),
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 8),
        at in any::<i64>(),
        url in "\\PC{0,40}",
        payload in payload(),
        shaped in any::<bool>(),
    ) {
        let key = secret(scheme, 1);
        let names = scheme.made_headers();
        let headers: Vec<(&str, &[u8])> =
            names.into_iter().zip(values.iter().map(Vec::as_slice)).collect();
        let payload = if shaped { body(scheme, &payload) } else { payload };
        let received = Received { method: "POST", url: &url, headers: &headers, body: &payload };
        let verification = verify(scheme, &[&key], &received, at);
        prop_assert_ne!(verification.status, VerificationStatus::Valid);
        prop_assert!(!verification.message.is_empty() && verification.reason.is_some());
    }

    #[test]
    fn near_misses_of_the_format_never_panic(
        scheme in any_scheme(),
        text in "(t=|ts=|v1=|v0=|v1,|v1a,|h1=|sha256=|Basic |Bearer |,|;| |[0-9]{0,21}|[a-f0-9]{0,70}){0,8}",
        at in any::<i64>(),
    ) {
        let key = secret(scheme, 1);
        let headers: Vec<(&str, &[u8])> =
            scheme.made_headers().into_iter().map(|name| (name, text.as_bytes())).collect();
        let received = Received { method: "POST", url: URL, headers: &headers, body: b"{}" };
        prop_assert_ne!(verify(scheme, &[&key], &received, at).status, VerificationStatus::Valid);
    }

    #[test]
    fn a_scheme_of_ones_own_verifies_what_it_signs_or_is_refused_at_a_field(
        separator in "[,;. :|]{1,2}",
        prefixes in ("(t=|ts=|v|)", "(v1=|v|)"),
        signature_first in any::<bool>(),
        place in prop_oneof![Just(None), Just(Some(json!({"header": "X-T"}))), Just(Some(json!({})))],
        unit in "(s|ms|iso)",
        content in prop_oneof!["(\\{ts\\}[.:|]|)\\{body\\}", "[{}a-z.:]{0,20}"],
        several in prop_oneof![
            Just(json!("one")), Just(json!("parts")), Just(json!("repeated_header")),
            Just(json!({"headers": ["X-Sig-2"]})),
        ],
        algorithm in "(hmac-sha256|sha256|hmac-sha1|ed25519|ecdsa-p256)",
        encoding in "(hex|base64|base64url)",
        secret_form in "(raw|hex|base64|base64url|whsec_b64|whsk_b64)",
        payload in payload(),
    ) {
        let in_signature = place.as_ref().is_some_and(|place| place.get("header").is_none());
        let mut parts = vec![format!("{}{{sig}}", prefixes.1)];
        if in_signature {
            parts.insert(usize::from(signature_first), format!("{}{{ts}}", prefixes.0));
        }
        let format = parts.join(&separator);
        let timestamp = place.map(|mut place| {
            place["unit"] = json!(unit);
            place
        });
        let written = json!({
            "id": "own", "name": "Own", "signature_header": "X-Sig", "signature_format": format,
            "separator": separator, "several": several, "timestamp": timestamp, "content": content,
            "algorithm": algorithm, "encoding": encoding, "secret": secret_form,
        });
        match Scheme::from_value(written) {
            Err(error) => prop_assert!(!error.field.is_empty() && !error.problem.is_empty()),
            Ok(own) => {
                let (new, old) = (secret(&own, 1), secret(&own, 2));
                let sent = send(&own, &[&new, &old], &payload);
                prop_assert_eq!(status(&own, &new, &sent, AT), VerificationStatus::Valid);
                if support::has_several(&own) {
                    prop_assert_eq!(status(&own, &old, &sent, AT), VerificationStatus::Valid);
                }
                prop_assert_eq!(Scheme::from_value(own.to_value()).unwrap(), own);
            }
        }
    }
}
