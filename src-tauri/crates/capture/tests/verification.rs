//! What is found out about a request on its arrival.

use hookbench_model::{
    CapturedRequest, DeliveryId, HeaderPairs, InFlightEntry, Shown, StoredSecret, VerificationStatus,
};
use hookbench_providers::Catalog;
use hookbench_signing::{Message, Secret, sign};

use crate::support::{House, NOW, verifying};

const SECRET: &str = "whsec_0123456789abcdef0123456789abcdef0123456789abcdef";
const BODY: &str = r#"{"id":"evt_1a2b3c","object":"event","type":"message.sent","data":{}}"#;

fn signed(provider: &str, secret: &str, url: &str) -> String {
    let profile = Catalog::builtin().get(&provider.parse().unwrap()).unwrap();
    let message = Message {
        method: "POST",
        url,
        headers: &[],
        body: BODY.as_bytes(),
        timestamp: NOW.unix_ms(),
        id: "msg_1",
    };
    let signed = sign(profile.scheme(), &[&Secret::new(secret)], &message).unwrap();
    signed.headers.into_iter().flat_map(|(name, value)| [name, ": ".into(), value, "\r\n".into()]).collect()
}

fn post(slug: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /{slug} HTTP/1.1\r\nHost: hooks.example:4800\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

async fn arrival(house: &House, slug: &str, headers: &str, body: &str) -> CapturedRequest {
    assert_eq!(house.send(post(slug, headers, body)).await.status, 200);
    house.captured().await.pop().unwrap().0
}

#[tokio::test]
async fn every_verdict_is_stored_and_none_loses_the_request() {
    let house = House::open().await;
    house.add(verifying("pw", "pulsewave", Some(SECRET))).await;
    house.add(verifying("bare", "pulsewave", None)).await;
    let good = signed("pulsewave", SECRET, "");

    let valid = arrival(&house, "pw", &good, BODY).await;
    assert_eq!(valid.verification.status, VerificationStatus::Valid, "{:?}", valid.verification);
    assert_eq!(valid.verification.scheme.as_deref(), Some("pulsewave"));
    assert_eq!(valid.event_type.as_deref(), Some("message.sent"));
    assert_eq!(valid.provider_event_id.as_deref(), Some("evt_1a2b3c"));

    let changed = arrival(&house, "pw", &good, &BODY.replace("sent", "gone")).await;
    assert_eq!(changed.verification.status, VerificationStatus::Invalid);
    assert_eq!(changed.verification.reason.as_deref(), Some("signature_mismatch"));
    assert_eq!(changed.event_type.as_deref(), Some("message.gone"));

    let unsigned = arrival(&house, "pw", "", BODY).await;
    assert_eq!(unsigned.verification.status, VerificationStatus::Unsigned);

    let no_secret = arrival(&house, "bare", &good, BODY).await;
    assert_eq!(no_secret.verification.status, VerificationStatus::NoSecret);

    let not_checked = arrival(&house, "in", &good, BODY).await;
    assert_eq!(not_checked.verification.status, VerificationStatus::NotChecked);
    assert_eq!((not_checked.verification.scheme, not_checked.event_type), (None, None));
}

#[tokio::test]
async fn a_large_body_is_verified_too() {
    let house = House::open().await;
    house.add(verifying("pw", "pulsewave", Some(SECRET))).await;
    let body = format!("\"{}\"", "x".repeat(2 << 20));
    let request = arrival(&house, "pw", &signed("pulsewave", SECRET, ""), &body).await;
    assert_eq!(request.verification.status, VerificationStatus::Invalid);
    assert_eq!(request.body_size, body.len() as u64);
}

#[tokio::test]
async fn a_scheme_that_signs_the_url_sees_it_as_the_sender_wrote_it() {
    let house = House::open().await;
    house.add(verifying("sms", "smsportal", Some("s3cret"))).await;
    let url = "http://hooks.example:4800/sms";
    let request = arrival(&house, "sms", &signed("smsportal", "s3cret", url), BODY).await;
    assert_eq!(request.verification.status, VerificationStatus::Valid, "{:?}", request.verification);
    let elsewhere = signed("smsportal", "s3cret", "http://other.example/sms");
    let request = arrival(&house, "sms", &elsewhere, BODY).await;
    assert_eq!(request.verification.status, VerificationStatus::Invalid);
}

#[tokio::test]
async fn a_rotated_secret_verifies_until_it_expires() {
    let house = House::open().await;
    let mut inbox = verifying("pw", "pulsewave", Some("the new one"));
    inbox.secrets.push(StoredSecret {
        secret: Secret::new(SECRET),
        created_at: NOW,
        expires_at: Some(NOW.plus_ms(1000)),
    });
    house.add(inbox).await;
    let headers = signed("pulsewave", SECRET, "");
    let status = arrival(&house, "pw", &headers, BODY).await.verification.status;
    assert_eq!(status, VerificationStatus::Valid);
    house.clock.advance(std::time::Duration::from_secs(1));
    let status = arrival(&house, "pw", &headers, BODY).await.verification.status;
    assert_eq!(status, VerificationStatus::Invalid);
}

/// What hides nothing.
fn as_it_is(headers: &HeaderPairs, query: Option<&str>) -> Shown {
    Shown { headers: headers.clone(), query: query.map(ToOwned::to_owned) }
}

#[tokio::test]
async fn what_hookbench_sent_itself_is_joined_with_its_delivery() {
    let house = House::open().await;
    let delivery = DeliveryId::new(NOW);
    let headers = HeaderPairs::from_iter([("X-Sig", "aa")]);
    let entry =
        InFlightEntry { delivery, attempt: 3, shown: as_it_is(&headers, Some("b")), headers, relay: None };
    house.ledger.sent("POST", "/in/a?b", b"{}", entry);
    assert!(house.ledger.is_ours("127.0.0.1", house.address().port()));

    let send = |signature: &str| {
        format!("POST /in/a?b HTTP/1.1\r\nHost: h\r\nx-sig: {signature}\r\nContent-Length: 2\r\n\r\n{{}}")
    };
    assert_eq!(house.send(send("bb")).await.status, 200);
    assert_eq!(house.send(send("aa")).await.status, 200);
    let joined: Vec<_> = house.captured().await.into_iter().map(|(request, _)| request.delivery).collect();
    assert_eq!(joined, [None, Some((delivery, 3))]);
}

#[tokio::test]
async fn an_inboxs_own_scheme_verifies_with_and_without_a_profile() {
    let house = House::open().await;
    let own = |slug, scheme: &str| hookbench_model::Inbox {
        scheme: Some(scheme.to_owned()),
        ..verifying(slug, "slack", Some(SECRET))
    };
    house.add(own("instead", "pulsewave")).await;
    house.add(hookbench_model::Inbox { provider: None, ..own("bare", "pulsewave") }).await;
    house.add(own("gone", "no_such_scheme")).await;
    let good = signed("pulsewave", SECRET, "");
    for slug in ["instead", "bare"] {
        let valid = arrival(&house, slug, &good, BODY).await;
        assert_eq!(valid.verification.status, VerificationStatus::Valid, "{slug}: {:?}", valid.verification);
        assert_eq!(valid.verification.scheme.as_deref(), Some("pulsewave"));
    }
    let gone = arrival(&house, "gone", &good, BODY).await.verification;
    assert_eq!(gone.status, VerificationStatus::NotChecked);
    assert!(gone.message.contains("no_such_scheme"), "{}", gone.message);
}
