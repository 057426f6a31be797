//! Schemes that code stands behind, and keys in pairs: against signatures that other programs made, and in
//! what each refuses.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod support;

use hookbench_signing::{
    BodyFault, Reason, Received, Secret, SignError, Verification, VerificationStatus, verify,
};
use serde::Deserialize;
use support::{AT, Sent, URL, check, scheme, secret, send_to, signed};

/// A signature that OpenSSL or Python made. `secret_file` is in `data`, below `secret_prefix` if there is
/// one; `now` is in Unix seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    name: String,
    scheme: String,
    secret: Option<String>,
    secret_file: Option<String>,
    #[serde(default)]
    secret_prefix: String,
    #[serde(default)]
    now: i64,
    #[serde(default)]
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Foreign {
    fn verify(&self) -> Verification {
        let from_file = |name: &String| {
            let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
            format!("{}{}", self.secret_prefix, std::fs::read_to_string(path).unwrap())
        };
        let text = self.secret.clone().or_else(|| self.secret_file.as_ref().map(from_file)).unwrap();
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let received =
            Received { method: "POST", url: &self.url, headers: &headers, body: self.body.as_bytes() };
        verify(scheme(&self.scheme), &[&Secret::from(text.as_str())], &received, self.now * 1000)
    }
}

#[test]
fn what_other_programs_signed_verifies() {
    let foreign: Vec<Foreign> = serde_json::from_str(include_str!("data/foreign.json")).unwrap();
    assert_eq!(foreign.len(), 15);
    for foreign in foreign {
        let verification = foreign.verify();
        assert_eq!(verification.status, VerificationStatus::Valid, "{}: {verification:?}", foreign.name);
    }
}

fn message(kind: &str) -> String {
    format!(
        r#"{{"Type":"{kind}","MessageId":"1","Token":"t","TopicArn":"arn","Subject":"s","Message":"m","SubscribeURL":"u","Timestamp":"2023-11-14T22:13:20Z","SignatureVersion":"1"}}"#
    )
}

#[test]
fn sns_signs_other_fields_of_each_type() {
    let sns = scheme("aws_sns");
    let key = secret(sns, 0);
    let content = |kind: &str| {
        String::from_utf8(send_to(sns, &[&key], URL, message(kind).as_bytes(), AT).content).unwrap()
    };
    assert_eq!(
        content("Notification"),
        "Message\nm\nMessageId\n1\nSubject\ns\nTimestamp\n2023-11-14T22:13:20Z\nTopicArn\narn\nType\nNotification\n"
    );
    for kind in ["SubscriptionConfirmation", "UnsubscribeConfirmation"] {
        assert_eq!(
            content(kind),
            format!(
                "Message\nm\nMessageId\n1\nSubscribeURL\nu\nTimestamp\n2023-11-14T22:13:20Z\nToken\nt\n\
                 TopicArn\narn\nType\n{kind}\n"
            )
        );
    }
}

#[test]
fn sns_sends_the_headers_that_repeat_the_body() {
    let sns = scheme("aws_sns");
    let sent = send_to(sns, &[&secret(sns, 0)], URL, message("Notification").as_bytes(), AT);
    assert_eq!(sent.header("x-amz-sns-message-type"), Some("Notification"));
    assert_eq!(sent.header("x-amz-sns-message-id"), Some("1"));
    assert_eq!(sent.header("x-amz-sns-topic-arn"), Some("arn"));
}

#[test]
fn signing_changes_nothing_of_a_body_but_the_field() {
    let body =
        message("Notification").replace(",\"Subject\"", " ,\r\n\"x\":[1.50, \"\\u00e9\\/\"],\"Subject\"");
    let sent = send_to(scheme("aws_sns"), &[&secret(scheme("aws_sns"), 0)], URL, body.as_bytes(), AT);
    let (kept, added) = sent.body.split_at(body.len() - 1);
    assert_eq!(kept, &body.as_bytes()[..body.len() - 1]);
    assert!(added.starts_with(b",\"Signature\":\"") && added.ends_with(b"=\"}"));

    let adyen = r#"{ "notificationItems" : [ {"NotificationRequestItem":{"amount":{"value":1.10,"currency":"EUR"},"additionalData":{"hmacSignature" : "old"}}} ] }"#;
    let sent = send_to(scheme("adyen"), &[&secret(scheme("adyen"), 1)], URL, adyen.as_bytes(), AT);
    let (before, after) = adyen.split_once("old").unwrap();
    let text = String::from_utf8(sent.body).unwrap();
    assert!(text.starts_with(before) && text.ends_with(after), "{text}");
    assert_eq!(sent.content, b"::::1.10:EUR::");
}

#[test]
fn mailgun_signs_forms_where_they_are() {
    let mailgun = scheme("mailgun");
    let key = secret(mailgun, 1);
    let form = b"event=opened&token=old&x=%C3%A9+y&&signature";
    let sent = send_to(mailgun, &[&key], URL, form, AT);
    let text = String::from_utf8(sent.body.clone()).unwrap();
    assert!(text.starts_with("event=opened&token="), "{text}");
    assert!(text.contains("&x=%C3%A9+y&&signature=") && text.ends_with("&timestamp=1700000000"), "{text}");
    assert_eq!(check(mailgun, &[&key], &sent, AT).status, VerificationStatus::Valid);
    // Tokens are of a length, and differ from message to message.
    let token = |body: &[u8]| {
        let sent = send_to(mailgun, &[&key], URL, body, AT);
        let value: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        value["signature"]["token"].as_str().unwrap().to_owned()
    };
    assert_eq!(token(b"{}").len(), 50);
    assert_ne!(token(b"{}"), token(br#"{"a":1}"#));
}

#[test]
fn every_item_of_adyen_has_to_be_right() {
    let adyen = scheme("adyen");
    let (key, other) = (secret(adyen, 1), secret(adyen, 2));
    let body = support::body(adyen, b"x");
    let whole = send_to(adyen, &[&key], URL, &body, AT);
    assert_eq!(check(adyen, &[&other, &key], &whole, AT).secret, Some(1));
    let foreign = send_to(adyen, &[&other], URL, &body, AT);
    let [mine, theirs] = [&whole, &foreign].map(|sent| check(adyen, &[&key], sent, AT).received);
    let text = String::from_utf8(whole.body.clone()).unwrap().replace(&mine[1], &theirs[1]);
    let mixed = Sent { body: text.into_bytes(), ..whole };
    // Neither key alone signed all of it.
    assert_eq!(check(adyen, &[&key, &other], &mixed, AT).reason, Some(Reason::SignatureMismatch));
}

#[test]
fn a_notification_of_very_many_items_is_signed_and_checked_in_one_go() {
    let adyen = scheme("adyen");
    let key = secret(adyen, 1);
    let items = vec![r#"{"NotificationRequestItem":{}}"#; 5_000].join(",");
    let sent = send_to(adyen, &[&key], URL, format!(r#"{{"notificationItems":[{items}]}}"#).as_bytes(), AT);
    let verification = check(adyen, &[&key], &sent, AT);
    assert_eq!((verification.status, verification.received.len()), (VerificationStatus::Valid, 5_000));
}

#[test]
fn twilio_writes_the_hash_into_the_url_and_holds_the_body_to_it() {
    let twilio = scheme("twilio_json");
    let key = secret(twilio, 1);
    let url_of = |url: &str| send_to(twilio, &[&key], url, b"{}", AT).url;
    let hash = "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert_eq!(url_of("https://h.example/in"), format!("https://h.example/in?{hash}"));
    assert_eq!(url_of("https://h.example/in?a=%20"), format!("https://h.example/in?a=%20&{hash}"));
    assert_eq!(url_of("https://h.example/?bodySHA256=00&a"), format!("https://h.example/?a&{hash}"));
    let refused = signed(twilio, &[&key], "https://h.example/#x", b"{}", AT).unwrap_err();
    assert!(matches!(refused, SignError::UrlUnfit { .. }), "{refused:?}");

    let sent = send_to(twilio, &[&key], URL, b"{}", AT);
    let other = check(twilio, &[&key], &Sent { body: b"[]".to_vec(), ..sent }, AT);
    assert_eq!(other.reason, Some(Reason::SignatureMismatch));
    assert!(other.message.contains("URL is right"), "{}", other.message);
    // A form's signature, made by the same key over the URL alone, says nothing of a JSON body.
    let form = send_to(scheme("twilio"), &[&key], URL, b"", AT);
    assert_eq!(check(twilio, &[&key], &form, AT).reason, Some(Reason::UrlMalformed));
}

#[test]
fn contentful_signs_the_headers_it_lists() {
    let contentful = scheme("contentful");
    let key = secret(contentful, 1);
    let sent = send_to(contentful, &[&key], URL, b"\xff", AT);
    assert_eq!(
        sent.header("X-Contentful-Signed-Headers"),
        Some("x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic")
    );
    let reason = |sent: &Sent| check(contentful, &[&key], sent, AT).reason;
    assert_eq!(reason(&sent), None);
    let topic = "X-Contentful-Topic";
    assert_eq!(reason(&sent.clone().with(topic, b"other")), Some(Reason::SignatureMismatch));
    assert_eq!(reason(&sent.clone().without(topic)), Some(Reason::HeaderMissing));
    assert_eq!(reason(&sent.clone().without("X-Contentful-Timestamp")), Some(Reason::TimestampMissing));
    assert_eq!(reason(&sent.clone().without("X-Contentful-Signed-Headers")), Some(Reason::HeaderMissing));
}

#[test]
fn paypal_says_what_it_signed_with() {
    let paypal = scheme("paypal");
    let key = secret(paypal, 1);
    let sent = send_to(paypal, &[&key], URL, b"\xff", AT + 999);
    assert_eq!(sent.header("PAYPAL-TRANSMISSION-TIME"), Some("2023-11-14T22:13:20Z"));
    assert!(sent.content.starts_with(b"msg_1|2023-11-14T22:13:20Z|{secret}|"));
    let reason = |sent: &Sent| check(paypal, &[&key], sent, AT).reason;
    assert_eq!(reason(&sent.clone().with("PAYPAL-AUTH-ALGO", b"SHA1withRSA")), Some(Reason::HeaderMalformed));
    assert_eq!(reason(&sent.clone().without("PAYPAL-TRANSMISSION-ID")), Some(Reason::HeaderMissing));
    assert_eq!(reason(&sent.clone().with("PAYPAL-TRANSMISSION-ID", b"\xff")), Some(Reason::HeaderMalformed));
    // The same key under another webhook is another secret.
    let text = key.expose_text().unwrap().replacen("WEBHOOK1", "WEBHOOK2", 1);
    assert_eq!(
        check(paypal, &[&Secret::from(text.as_str())], &sent, AT).reason,
        Some(Reason::SignatureMismatch)
    );
}

#[test]
fn bodies_that_cannot_be_read_are_refused_in_plain_words_both_ways() {
    let item = "/notificationItems/0/NotificationRequestItem";
    for (id, body, expected) in [
        ("aws_sns", "not json".to_owned(), "the body is not JSON"),
        ("aws_sns", r#"{"Signature":"x"}"#.to_owned(), "the body has no field /Type"),
        ("aws_sns", r#"{"Signature":"x","Type":7}"#.to_owned(), "/Type in the body is not a string"),
        (
            "aws_sns",
            r#"{"Signature":"x","Type":"Other"}"#.to_owned(),
            "/Type in the body is not Notification, SubscriptionConfirmation or UnsubscribeConfirmation",
        ),
        (
            "aws_sns",
            message("Notification").replace(r#":"1"}"#, r#":"3","Signature":"x"}"#),
            "/SignatureVersion in the body is not 1 or 2",
        ),
        ("adyen", "{}".to_owned(), "the body has no field /notificationItems"),
        ("adyen", r#"{"notificationItems":{}}"#.to_owned(), "/notificationItems in the body is not a list"),
        ("adyen", r#"{"notificationItems":[]}"#.to_owned(), &format!("the body has no field {item}")),
        (
            "adyen",
            r#"{"notificationItems":[{"NotificationRequestItem":{"success":[]}}]}"#.to_owned(),
            &format!("{item}/success in the body is not a string or a number"),
        ),
        ("mailgun", "\u{1}".to_owned(), "the body is not JSON"),
    ] {
        let scheme = scheme(id);
        let key = secret(scheme, 0);
        let refused = signed(scheme, &[&key], URL, body.as_bytes(), AT).unwrap_err();
        let SignError::BodyUnfit { source, .. } = refused else { panic!("{id}: {refused:?}") };
        assert_eq!(source.to_string(), expected, "{id}");
        let sent = Sent { url: URL.to_owned(), headers: vec![], body: body.into_bytes(), content: vec![] };
        let verification = check(scheme, &[&key], &sent, AT);
        assert_eq!(verification.reason, Some(Reason::BodyMalformed), "{id}: {verification:?}");
        assert!(verification.message.contains(expected), "{}", verification.message);
    }
    let mailgun = scheme("mailgun");
    let sent =
        |body: &[u8]| Sent { url: URL.to_owned(), headers: vec![], body: body.to_vec(), content: vec![] };
    let number = br#"{"signature":{"timestamp":1,"token":"t","signature":5}}"#;
    for (body, field) in [
        (&br#"{"signature":{}}"#[..], "/signature/timestamp"),
        (number, "/signature/signature"),
        (b"signature=x", "timestamp"),
    ] {
        let verification = check(mailgun, &[&secret(mailgun, 1)], &sent(body), AT);
        assert_eq!(verification.reason, Some(Reason::BodyMalformed));
        assert!(verification.message.contains(field), "{}", verification.message);
    }
    let fault = BodyFault::Missing { field: "/a".to_owned() };
    assert_eq!(fault.to_string(), "the body has no field /a");
}

#[test]
fn settings_of_another_kind_are_refused_at_their_field() {
    for (written, field) in [
        (serde_json::json!({"kind": "token"}), "header"),
        (serde_json::json!({"kind": "token", "header": "a b"}), "header"),
        (serde_json::json!({"kind": "basic", "header": "X"}), "header"),
        (serde_json::json!({"kind": "basic", "tolerance": {"past_s": 1}}), "tolerance"),
        (serde_json::json!({"kind": "mailgun", "signed_headers": ["X"]}), "signed_headers"),
        (serde_json::json!({"kind": "contentful", "signed_headers": ["X", ""]}), "signed_headers[1]"),
        (serde_json::json!({"kind": "adyen", "certificate_url": "x"}), "certificate_url"),
        (serde_json::json!({"kind": "paypal", "certificate_url": "a\nb"}), "certificate_url"),
        (serde_json::json!({"kind": "paypal", "generates": {"encoding": "hex", "bytes": 32}}), "generates"),
        (
            serde_json::json!({"kind": "mailgun", "generates": {"encoding": "hex", "bytes": 1}}),
            "generates.bytes",
        ),
        (serde_json::json!({"kind": "smoke"}), "kind"),
        (serde_json::json!({"kind": "basic", "content": "{body}"}), "content"),
        (serde_json::json!({"kind": "basic", "id": "A B"}), "id"),
        (serde_json::json!({"kind": "basic", "name": ""}), "name"),
    ] {
        let mut whole = serde_json::json!({"id": "own", "name": "Own"});
        whole.as_object_mut().unwrap().extend(written.as_object().unwrap().clone());
        let error = hookbench_signing::Scheme::from_value(whole).unwrap_err();
        assert_eq!(error.field, field, "{written}: {error}");
    }
}

#[test]
fn no_text_of_such_a_scheme_is_without_an_end() {
    let long = "x".repeat(2_001);
    for (field, kind, setting) in [
        ("note", "basic", serde_json::json!({"note": long})),
        ("sources[0]", "mailgun", serde_json::json!({"sources": [long]})),
        ("sources", "mailgun", serde_json::json!({"sources": vec!["x"; 33]})),
        ("certificate_url", "paypal", serde_json::json!({"certificate_url": long})),
        ("header", "token", serde_json::json!({"header": long})),
        ("signed_headers[0]", "contentful", serde_json::json!({"signed_headers": [long]})),
        ("signed_headers", "contentful", serde_json::json!({"signed_headers": vec!["X-A"; 33]})),
    ] {
        let mut written = serde_json::json!({"id": "own", "name": "Our own", "kind": kind});
        written.as_object_mut().unwrap().extend(setting.as_object().unwrap().clone());
        assert_eq!(hookbench_signing::Scheme::from_value(written).unwrap_err().field, field);
    }
}
