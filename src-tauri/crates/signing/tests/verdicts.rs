//! Every verdict and reason, reached from a real signature.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_signing::{
    Message, Reason, Received, Scheme, SchemeCatalog, Secret, Verification, VerificationStatus, sign, verify,
};

const AT: i64 = 1_700_000_000_000;
const BODY: &[u8] = b"{\"a\":1}\n\xff\x00";
const URL: &str = "https://hooks.example/in?x=1";

type Headers = Vec<(String, Vec<u8>)>;

fn scheme(id: &str) -> &'static Scheme {
    SchemeCatalog::builtin().get(id).unwrap()
}

fn secret_for(scheme: &Scheme, seed: u8) -> Secret {
    Secret::generate(scheme.keyed().unwrap().secret, &[seed; 24])
}

fn signed(scheme: &Scheme, secrets: &[&Secret]) -> Headers {
    let message = Message { method: "POST", url: URL, headers: &[], body: BODY, timestamp: AT, id: "msg_1" };
    let signed = sign(scheme, secrets, &message).unwrap();
    signed.headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect()
}

fn check(scheme: &Scheme, secrets: &[&Secret], headers: &Headers, at: i64) -> Verification {
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    verify(scheme, secrets, &Received { method: "POST", url: URL, headers: &headers, body: BODY }, at)
}

fn outcome(verification: &Verification) -> (VerificationStatus, Option<Reason>) {
    (verification.status, verification.reason)
}

#[test]
fn every_scheme_verifies_what_it_signs() {
    for scheme in SchemeCatalog::builtin().iter() {
        let secret = secret_for(scheme, 7);
        let headers = signed(scheme, &[&secret]);
        let verification = check(scheme, &[&secret], &headers, AT);
        assert_eq!(outcome(&verification), (VerificationStatus::Valid, None), "{}", scheme.id());
        assert_eq!(
            verification.signed_at.is_some(),
            scheme.keyed().unwrap().timestamp.is_some(),
            "{}",
            scheme.id()
        );
        let other = check(scheme, &[&secret_for(scheme, 8)], &headers, AT);
        assert_eq!(other.reason, Some(Reason::SignatureMismatch), "{}", scheme.id());
    }
}

#[test]
fn the_signed_content_is_the_same_on_both_sides() {
    for scheme in SchemeCatalog::builtin().iter() {
        let secret = secret_for(scheme, 7);
        let message =
            Message { method: "POST", url: URL, headers: &[], body: BODY, timestamp: AT, id: "msg_1" };
        let signed_content = sign(scheme, &[&secret], &message).unwrap().signed_content;
        let verification = check(scheme, &[&secret], &signed(scheme, &[&secret]), AT);
        assert_eq!(verification.signed_content, Some(signed_content.clone()), "{}", scheme.id());
        let written = secret.expose();
        assert!(!signed_content.windows(written.len()).any(|run| run == written), "{}", scheme.id());
    }
}

#[test]
fn while_secrets_rotate_either_verifies_where_the_scheme_has_a_form_for_it() {
    for scheme in SchemeCatalog::builtin().iter() {
        let (new, old) = (secret_for(scheme, 1), secret_for(scheme, 2));
        let headers = signed(scheme, &[&new, &old]);
        assert_eq!(check(scheme, &[&new], &headers, AT).status, VerificationStatus::Valid, "{}", scheme.id());
        let by_old = check(scheme, &[&old], &headers, AT).status;
        let has_form = scheme.keyed().unwrap().several != hookbench_signing::Several::One;
        assert_eq!(by_old == VerificationStatus::Valid, has_form, "{}", scheme.id());
        // The receiver may rotate too: any of its secrets will do.
        let first = signed(scheme, &[&old]);
        assert_eq!(
            check(scheme, &[&new, &old], &first, AT).status,
            VerificationStatus::Valid,
            "{}",
            scheme.id()
        );
    }
}

#[test]
fn header_names_are_found_in_any_case() {
    for scheme in SchemeCatalog::builtin().iter() {
        let secret = secret_for(scheme, 7);
        let upper = signed(scheme, &[&secret])
            .into_iter()
            .map(|(name, value)| (name.to_ascii_uppercase(), value))
            .collect();
        assert_eq!(
            check(scheme, &[&secret], &upper, AT).status,
            VerificationStatus::Valid,
            "{}",
            scheme.id()
        );
    }
}

#[test]
fn a_request_without_the_header_is_unsigned_and_without_a_secret_unchecked() {
    let scheme = scheme("stripe");
    let secret = secret_for(scheme, 7);
    let unsigned = check(scheme, &[&secret], &vec![], AT);
    assert_eq!(outcome(&unsigned), (VerificationStatus::Unsigned, Some(Reason::HeaderMissing)));
    assert!(unsigned.message.contains("Stripe-Signature"), "{}", unsigned.message);
    let no_secret = check(scheme, &[], &signed(scheme, &[&secret]), AT);
    assert_eq!(outcome(&no_secret), (VerificationStatus::NoSecret, Some(Reason::SecretMissing)));
}

#[test]
fn a_secret_in_the_wrong_form_is_told_apart_from_a_wrong_secret() {
    let scheme = scheme("standardwebhooks");
    let (good, bad) = (secret_for(scheme, 7), Secret::from("whsec_not base64"));
    let headers = signed(scheme, &[&good]);
    let unusable = check(scheme, &[&bad], &headers, AT);
    assert_eq!(outcome(&unusable), (VerificationStatus::NotChecked, Some(Reason::SecretMalformed)));
    assert_eq!(check(scheme, &[&bad, &good], &headers, AT).status, VerificationStatus::Valid);
}

#[test]
fn the_time_is_judged_to_the_second_and_apart_from_the_signature() {
    for scheme in SchemeCatalog::builtin().iter() {
        let secret = secret_for(scheme, 7);
        let headers = signed(scheme, &[&secret]);
        let reason = |at| check(scheme, &[&secret], &headers, at).reason;
        let tolerance = scheme.keyed().unwrap().tolerance;
        for (limit_s, sign, expected) in
            [(tolerance.past_s, 1, Reason::TimeStale), (tolerance.future_s, -1, Reason::TimeFuture)]
        {
            let far = AT + sign * 1000 * 1_000_000;
            assert_eq!(reason(far), limit_s.map(|_| expected), "{}", scheme.id());
            if let Some(limit_s) = limit_s.map(i64::from) {
                assert_eq!(reason(AT + sign * 1000 * limit_s), None, "{}", scheme.id());
                assert_eq!(reason(AT + sign * 1000 * (limit_s + 1)), Some(expected), "{}", scheme.id());
            }
        }
    }
}

#[test]
fn a_wrong_signature_is_a_mismatch_however_old() {
    let scheme = scheme("slack");
    let headers = signed(scheme, &[&secret_for(scheme, 7)]);
    let verification = check(scheme, &[&secret_for(scheme, 8)], &headers, AT + 10_000_000);
    assert_eq!(outcome(&verification), (VerificationStatus::Invalid, Some(Reason::SignatureMismatch)));
}

#[test]
fn missing_and_malformed_parts_are_named() {
    let scheme = scheme("standardwebhooks");
    let secret = secret_for(scheme, 7);
    let sound = signed(scheme, &[&secret]);
    let without =
        |name: &str| -> Headers { sound.iter().filter(|(have, _)| have != name).cloned().collect() };
    let with = |name: &str, value: &[u8]| -> Headers {
        without(name).into_iter().chain([(name.to_owned(), value.to_vec())]).collect()
    };
    for (headers, reason, named) in [
        (without("webhook-id"), Reason::HeaderMissing, "webhook-id"),
        (without("webhook-timestamp"), Reason::TimestampMissing, "webhook-timestamp"),
        (with("webhook-signature", b""), Reason::HeaderMalformed, "webhook-signature"),
        (with("webhook-signature", b"v1,"), Reason::HeaderMalformed, "webhook-signature"),
        (with("webhook-signature", b"v2,abc"), Reason::HeaderMalformed, "webhook-signature"),
        (with("webhook-signature", b"\xff\xfe"), Reason::HeaderMalformed, "webhook-signature"),
        (with("webhook-signature", b"v1,AAAA"), Reason::SignatureMismatch, "signature"),
    ] {
        let verification = check(scheme, &[&secret], &headers, AT);
        assert_eq!(outcome(&verification), (VerificationStatus::Invalid, Some(reason)));
        assert!(verification.message.contains(named), "{}", verification.message);
    }
}

#[test]
fn a_time_that_is_signed_and_unreadable_is_malformed_not_a_mismatch() {
    let scheme = scheme("slack");
    let secret = Secret::from("k");
    // Signed by hand over the text `soon`, as a careless sender might.
    let own = Scheme::from_value(serde_json::json!({
        "id": "careless", "name": "Careless", "signature_header": "X-Slack-Signature",
        "signature_format": "v0={sig}", "content": "v0:soon:{body}",
        "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
    }))
    .unwrap();
    let mut headers = signed(&own, &[&secret]);
    headers.push(("X-Slack-Request-Timestamp".to_owned(), b"soon".to_vec()));
    assert_eq!(check(scheme, &[&secret], &headers, AT).reason, Some(Reason::TimestampMalformed));
}

#[test]
fn duplicates_that_disagree_are_a_conflict_where_one_is_due() {
    let scheme = scheme("github");
    let secret = Secret::from("k");
    let mut headers = signed(scheme, &[&secret]);
    headers.push(headers[0].clone());
    assert_eq!(check(scheme, &[&secret], &headers, AT).status, VerificationStatus::Valid);
    headers.insert(0, ("x-hub-signature-256".to_owned(), b"sha256=00".to_vec()));
    let verification = check(scheme, &[&secret], &headers, AT);
    assert_eq!(outcome(&verification), (VerificationStatus::Invalid, Some(Reason::HeaderConflict)));
    assert!(verification.message.contains("3 times"), "{}", verification.message);
}

#[test]
fn lists_may_be_spread_over_several_headers() {
    for id in ["mollie", "standardwebhooks", "circleci"] {
        let scheme = scheme(id);
        let (new, old) = (secret_for(scheme, 1), secret_for(scheme, 2));
        let mut headers = signed(scheme, &[&new]);
        headers.extend(
            signed(scheme, &[&old])
                .into_iter()
                .filter(|(name, _)| *name == scheme.keyed().unwrap().signature_header),
        );
        for secret in [&new, &old] {
            assert_eq!(check(scheme, &[secret], &headers, AT).status, VerificationStatus::Valid, "{id}");
        }
    }
}

#[test]
fn upper_case_hex_is_refused() {
    let scheme = scheme("pulsewave");
    let secret = Secret::from("whsec_k");
    let mut headers = signed(scheme, &[&secret]);
    headers[0].1.make_ascii_uppercase();
    assert_eq!(check(scheme, &[&secret], &headers, AT).reason, Some(Reason::SignatureMismatch));
}

#[test]
fn a_missing_url_is_said_where_the_scheme_signs_it() {
    let scheme = scheme("square");
    let secret = Secret::from("k");
    let headers = signed(scheme, &[&secret]);
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let received = Received { method: "POST", url: "", headers: &headers, body: BODY };
    let verification = verify(scheme, &[&secret], &received, AT);
    assert_eq!(outcome(&verification), (VerificationStatus::NotChecked, Some(Reason::UrlMissing)));
}
