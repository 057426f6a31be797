//! Every verdict and reason, reached from a real signature.

mod support;

use hookbench_signing::{
    Reason, Received, Scheme, Secret, SignError, Verification, VerificationStatus, verify,
};
use support::{AT, Sent, URL, check, scheme, schemes, secret, send, send_to, sends_secret, signed};

const BODY: &[u8] = b"{\"a\":1}\n\xff\x00";

fn outcome(verification: &Verification) -> (VerificationStatus, Option<Reason>) {
    (verification.status, verification.reason)
}

#[test]
fn every_scheme_verifies_what_it_signs() {
    for scheme in schemes() {
        let key = secret(scheme, 7);
        let sent = send(scheme, &[&key], BODY);
        let verification = check(scheme, &[&key], &sent, AT);
        assert_eq!(
            outcome(&verification),
            (VerificationStatus::Valid, None),
            "{}: {verification:?}",
            scheme.id()
        );
        assert_eq!(verification.secret, Some(0), "{}", scheme.id());
        let other = check(scheme, &[&secret(scheme, 8)], &sent, AT);
        assert_eq!(other.reason, Some(Reason::SignatureMismatch), "{}", scheme.id());
        assert_eq!(other.secret, None, "{}", scheme.id());
    }
}

#[test]
fn the_secret_that_matched_is_named() {
    for scheme in schemes() {
        let (first, second) = (secret(scheme, 1), secret(scheme, 2));
        let sent = send(scheme, &[&second], BODY);
        let verification = check(scheme, &[&first, &second, &second], &sent, AT);
        assert_eq!(verification.secret, Some(1), "{}", scheme.id());
    }
}

#[test]
fn the_signed_content_is_the_same_on_both_sides_and_holds_no_secret() {
    for scheme in schemes() {
        let key = secret(scheme, 7);
        let sent = send(scheme, &[&key], BODY);
        let verification = check(scheme, &[&key], &sent, AT);
        assert_eq!(verification.signed_content.unwrap_or_default(), sent.content, "{}", scheme.id());
        let written = key.expose();
        assert!(!sent.content.windows(written.len()).any(|run| run == written), "{}", scheme.id());
        assert!(
            !format!("{:?}", (verification.expected, verification.received))
                .contains(key.expose_text().unwrap())
        );
    }
}

#[test]
fn what_is_expected_is_what_was_received_where_the_sender_can_be_played() {
    for scheme in schemes().filter(|scheme| !sends_secret(scheme)) {
        let key = secret(scheme, 7);
        let verification = check(scheme, &[&key], &send(scheme, &[&key], BODY), AT);
        assert_eq!(verification.expected, Some(verification.received.join(" ")), "{}", scheme.id());
    }
}

#[test]
fn header_names_are_found_in_any_case() {
    for scheme in schemes() {
        let key = secret(scheme, 7);
        let mut sent = send(scheme, &[&key], BODY);
        sent.headers.iter_mut().for_each(|(name, _)| name.make_ascii_uppercase());
        assert_eq!(check(scheme, &[&key], &sent, AT).status, VerificationStatus::Valid, "{}", scheme.id());
    }
}

#[test]
fn a_request_without_a_signature_is_unsigned_and_without_a_secret_unchecked() {
    for scheme in schemes() {
        let key = secret(scheme, 7);
        let sent = send(scheme, &[&key], BODY);
        let no_secret = check(scheme, &[], &sent, AT);
        assert_eq!(
            outcome(&no_secret),
            (VerificationStatus::NoSecret, Some(Reason::SecretMissing)),
            "{}",
            scheme.id()
        );
        let bare = match scheme.signature_headers().next() {
            Some(name) => sent.without(name),
            None => {
                Sent { body: br#"{"notificationItems":[{"NotificationRequestItem":{}}]}"#.to_vec(), ..sent }
            }
        };
        let unsigned = check(scheme, &[&key], &bare, AT);
        let (reason, place) = match scheme.signature_headers().next() {
            Some(name) => (Reason::HeaderMissing, name),
            None => (Reason::SignatureMissing, "ignature"),
        };
        assert_eq!(outcome(&unsigned), (VerificationStatus::Unsigned, Some(reason)), "{}", scheme.id());
        assert!(unsigned.message.contains(place), "{}", unsigned.message);
    }
}

#[test]
fn a_secret_in_the_wrong_form_is_told_apart_from_a_wrong_secret() {
    for scheme in schemes() {
        let bad = Secret::from("");
        let key = secret(scheme, 7);
        let sent = send(scheme, &[&key], BODY);
        let unusable = check(scheme, &[&bad], &sent, AT);
        assert_eq!(
            outcome(&unusable),
            (VerificationStatus::NotChecked, Some(Reason::SecretMalformed)),
            "{}",
            scheme.id()
        );
        let with_good = check(scheme, &[&bad, &key], &sent, AT);
        assert_eq!((with_good.status, with_good.secret), (VerificationStatus::Valid, Some(1)));
        let refused = signed(scheme, &[&bad], URL, BODY, AT);
        assert!(matches!(refused, Err(SignError::SecretMalformed { .. })), "{}: {refused:?}", scheme.id());
    }
}

#[test]
fn the_time_is_judged_to_the_second_and_apart_from_the_signature() {
    let mut judged = 0;
    for scheme in schemes() {
        let key = secret(scheme, 7);
        let payload: &[u8] = if scheme.id() == "linear" { br#"{"webhookTimestamp":1}"# } else { BODY };
        let sent = send(scheme, &[&key], payload);
        let verdict = |at| check(scheme, &[&key], &sent, at);
        let tolerance = scheme.tolerance();
        for (limit_s, sign, expected) in
            [(tolerance.past_s, 1, Reason::TimeStale), (tolerance.future_s, -1, Reason::TimeFuture)]
        {
            let far = verdict(AT + sign * 1000 * 1_000_000);
            assert_eq!(far.reason, limit_s.map(|_| expected), "{}", scheme.id());
            assert_eq!(far.secret, Some(0), "{}", scheme.id());
            if let Some(limit_s) = limit_s.map(i64::from) {
                judged += 1;
                assert_eq!(verdict(AT + sign * 1000 * limit_s).reason, None, "{}", scheme.id());
                let beyond = verdict(AT + sign * 1000 * (limit_s + 1));
                assert_eq!(beyond.reason, Some(expected), "{}", scheme.id());
                assert_eq!(beyond.signed_at, Some(AT), "{}", scheme.id());
            }
        }
    }
    assert!(judged > 30, "{judged}");
}

#[test]
fn tolerances_of_schemes_with_code_are_settings_too() {
    for id in ["aws_sns", "paypal", "mailgun"] {
        let mut written = scheme(id).to_value();
        written["tolerance"] = serde_json::json!({"past_s": 60, "future_s": 5});
        let own = Scheme::from_value(written).unwrap();
        let key = secret(&own, 7);
        let sent = send(&own, &[&key], BODY);
        assert_eq!(check(&own, &[&key], &sent, AT + 60_000).reason, None, "{id}");
        assert_eq!(check(&own, &[&key], &sent, AT + 61_000).reason, Some(Reason::TimeStale), "{id}");
        assert_eq!(check(&own, &[&key], &sent, AT - 6_000).reason, Some(Reason::TimeFuture), "{id}");
    }
}

#[test]
fn a_wrong_signature_is_a_mismatch_however_old() {
    let scheme = scheme("slack");
    let sent = send(scheme, &[&secret(scheme, 7)], BODY);
    let verification = check(scheme, &[&secret(scheme, 8)], &sent, AT + 10_000_000);
    assert_eq!(outcome(&verification), (VerificationStatus::Invalid, Some(Reason::SignatureMismatch)));
}

#[test]
fn missing_and_malformed_parts_are_named() {
    for id in ["standardwebhooks", "standardwebhooks_v1a"] {
        let scheme = scheme(id);
        let key = secret(scheme, 7);
        let sound = send(scheme, &[&key], BODY);
        let with = |name: &str, value: &[u8]| sound.clone().with(name, value);
        let own = if id == "standardwebhooks" { "v1," } else { "v1a," };
        for (sent, reason, named) in [
            (sound.clone().without("webhook-id"), Reason::HeaderMissing, "webhook-id"),
            (sound.clone().without("webhook-timestamp"), Reason::TimestampMissing, "webhook-timestamp"),
            (with("webhook-signature", b""), Reason::HeaderMalformed, "webhook-signature"),
            (with("webhook-signature", own.as_bytes()), Reason::HeaderMalformed, "webhook-signature"),
            (with("webhook-signature", b"v2,abc"), Reason::HeaderMalformed, "webhook-signature"),
            (with("webhook-signature", b"\xff\xfe"), Reason::HeaderMalformed, "webhook-signature"),
            (
                with("webhook-signature", format!("{own}AAAA").as_bytes()),
                Reason::SignatureMismatch,
                "signature",
            ),
        ] {
            let verification = check(scheme, &[&key], &sent, AT);
            assert_eq!(outcome(&verification), (VerificationStatus::Invalid, Some(reason)), "{id}");
            assert!(verification.message.contains(named), "{}", verification.message);
        }
    }
}

#[test]
fn a_time_that_is_signed_and_unreadable_is_malformed_not_a_mismatch() {
    let scheme = scheme("slack");
    let key = Secret::from("k");
    // Signed by hand over the text `soon`, as a careless sender might.
    let own = Scheme::from_value(serde_json::json!({
        "id": "careless", "name": "Careless", "signature_header": "X-Slack-Signature",
        "signature_format": "v0={sig}", "content": "v0:soon:{body}",
        "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
    }))
    .unwrap();
    let sent = send(&own, &[&key], BODY).with("X-Slack-Request-Timestamp", b"soon");
    assert_eq!(check(scheme, &[&key], &sent, AT).reason, Some(Reason::TimestampMalformed));
}

#[test]
fn a_time_in_the_body_is_written_there_and_judged_there() {
    let scheme = scheme("linear");
    let key = secret(scheme, 7);
    let body = br#"{ "action" :"create", "webhookTimestamp": 1, "n": 1.0e2 }"#;
    let sent = send_to(scheme, &[&key], URL, body, AT);
    assert_eq!(
        sent.body,
        format!(r#"{{ "action" :"create", "webhookTimestamp": {AT}, "n": 1.0e2 }}"#).into_bytes()
    );
    assert_eq!(check(scheme, &[&key], &sent, AT + 60_000).status, VerificationStatus::Valid);
    assert_eq!(check(scheme, &[&key], &sent, AT + 60_001).reason, Some(Reason::TimeStale));
    // A body without the field goes out as it is, and no time is held against it.
    let sent = send_to(scheme, &[&key], URL, BODY, AT);
    assert_eq!(sent.body, BODY);
    assert_eq!(check(scheme, &[&key], &sent, AT + 10_000_000).status, VerificationStatus::Valid);
}

#[test]
fn a_time_in_the_body_that_is_signed_by_itself_has_to_be_there() {
    let own = Scheme::from_value(serde_json::json!({
        "id": "own", "name": "Own", "signature_header": "X-Sig", "signature_format": "{sig}",
        "timestamp": {"body": "/sent/at", "unit": "iso"}, "content": "{ts}.{body}",
        "algorithm": "hmac-sha256", "encoding": "base64url", "secret": "base64url",
    }))
    .unwrap();
    let key = secret(&own, 7);
    let refused = signed(&own, &[&key], URL, b"{}", AT).unwrap_err();
    assert!(matches!(refused, SignError::BodyUnfit { .. }), "{refused:?}");
    let sent = send_to(&own, &[&key], URL, br#"{"sent":{"at":""}}"#, AT);
    assert_eq!(sent.body, br#"{"sent":{"at":"2023-11-14T22:13:20Z"}}"#);
    assert_eq!(check(&own, &[&key], &sent, AT).status, VerificationStatus::Valid);
    let lost = Sent { body: b"{}".to_vec(), ..sent };
    let verification = check(&own, &[&key], &lost, AT);
    assert_eq!(verification.reason, Some(Reason::TimestampMissing));
    assert!(verification.message.contains("/sent/at"), "{}", verification.message);
}

#[test]
fn duplicates_that_disagree_are_a_conflict_where_one_is_due() {
    let scheme = scheme("github");
    let key = Secret::from("k");
    let mut sent = send(scheme, &[&key], BODY);
    let own = sent.headers.last().cloned().unwrap();
    sent.headers.push(own);
    assert_eq!(check(scheme, &[&key], &sent, AT).status, VerificationStatus::Valid);
    sent.headers.insert(0, ("x-hub-signature-256".to_owned(), b"sha256=00".to_vec()));
    let verification = check(scheme, &[&key], &sent, AT);
    assert_eq!(outcome(&verification), (VerificationStatus::Invalid, Some(Reason::HeaderConflict)));
    assert!(verification.message.contains("3 times"), "{}", verification.message);
}

#[test]
fn upper_case_hex_is_refused() {
    for id in ["pulsewave", "discord"] {
        let scheme = scheme(id);
        let key = secret(scheme, 7);
        let mut sent = send(scheme, &[&key], BODY);
        let name = scheme.signature_headers().next().unwrap();
        let signature = sent.header(name).unwrap().to_ascii_uppercase();
        sent = sent.with(name, signature.as_bytes());
        assert_eq!(check(scheme, &[&key], &sent, AT).reason, Some(Reason::SignatureMismatch), "{id}");
    }
}

#[test]
fn a_missing_url_is_said_where_the_scheme_signs_it() {
    for scheme in schemes().filter(|scheme| scheme.signs_url()) {
        let key = secret(scheme, 7);
        let sent = send(scheme, &[&key], BODY);
        let headers: Vec<(&str, &[u8])> =
            sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let received = Received { method: "POST", url: "", headers: &headers, body: BODY };
        let verification = verify(scheme, &[&key], &received, AT);
        assert_eq!(
            outcome(&verification),
            (VerificationStatus::NotChecked, Some(Reason::UrlMissing)),
            "{}",
            scheme.id()
        );
        let refused = signed(scheme, &[&key], "", BODY, AT);
        assert!(matches!(refused, Err(SignError::UrlMissing { .. })), "{}", scheme.id());
    }
}
