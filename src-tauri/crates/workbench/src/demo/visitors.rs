//! Requests of the day that Hookbench did not send: people trying things out, and senders that get their
//! signature wrong.

use bytes::Bytes;
use hookbench_model::{CapturedRequest, HeaderPairs, Inbox, RequestEdit, RequestId, Timestamp, Verification};
use hookbench_providers::{ComposeInput, Profile, Seen};
use hookbench_signing::{Message, Received, Secret, sign, verify};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::cast::{Cast, Part};
use crate::Workbench;
use crate::error::Result;

/// What a visitor sends.
struct Visit {
    minutes_ago: i64,
    method: &'static str,
    path: &'static str,
    query: Option<&'static str>,
    headers: &'static [(&'static str, &'static str)],
    body: &'static [u8],
}

const VISITS: [Visit; 6] = [
    Visit {
        minutes_ago: 1210,
        method: "GET",
        path: "/",
        query: Some("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock"),
        headers: &[("User-Agent", "facebookexternalua"), ("Accept", "*/*")],
        body: b"",
    },
    Visit {
        minutes_ago: 805,
        method: "POST",
        path: "/orders",
        query: None,
        headers: &[("User-Agent", "curl/8.5.0"), ("Accept", "*/*"), ("Content-Type", "application/json")],
        body: br#"{"order":"A-1042","total":"129.00","currency":"EUR","items":[{"sku":"TEE-M","quantity":2},{"sku":"CAP","quantity":1}]}"#,
    },
    Visit {
        minutes_ago: 640,
        method: "POST",
        path: "/forms/contact",
        query: None,
        headers: &[
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Forwarded-For", "203.0.113.24"),
            ("X-Forwarded-For", "10.0.0.7"),
        ],
        body: b"name=Ada+Lovelace&email=ada%40example.com&message=Is+the+engine+ready%3F",
    },
    Visit {
        minutes_ago: 312,
        method: "PUT",
        path: "/stock/TEE-M",
        query: Some("dry_run=1"),
        headers: &[("User-Agent", "warehouse-sync/3.1"), ("Content-Type", "application/xml")],
        body: b"<?xml version=\"1.0\"?>\n<stock sku=\"TEE-M\"><level>17</level><warehouse>Porto</warehouse></stock>\n",
    },
    Visit {
        minutes_ago: 140,
        method: "POST",
        path: "/avatar",
        query: None,
        headers: &[("User-Agent", "python-requests/2.32.3"), ("Content-Type", "image/png")],
        body: &[
            0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6,
            0, 0, 0, 0x1f, 0x15, 0xc4, 0x89,
        ],
    },
    Visit {
        minutes_ago: 35,
        method: "DELETE",
        path: "/subscriptions/77",
        query: None,
        headers: &[("User-Agent", "curl/8.5.0"), ("Accept", "*/*")],
        body: b"",
    },
];

/// Lets everybody call, and somebody write notes about it.
pub(super) async fn call(workbench: &Workbench, cast: &Cast) -> Result<()> {
    let now = workbench.now();
    for visit in &VISITS {
        let at = now.plus_ms(-60_000 * visit.minutes_ago);
        let headers: HeaderPairs = visit.headers.iter().copied().collect();
        let request = CapturedRequest {
            method: visit.method.to_owned(),
            path: visit.path.to_owned(),
            query: visit.query.map(ToOwned::to_owned),
            ..plain(workbench, &cast.playground, &headers, visit.body, at)
        };
        workbench.store().requests().capture(request, Bytes::from_static(visit.body)).await?;
    }
    for (number, part) in (1_i64..).zip(cast.parts.iter().filter(|part| part.inbox.is_some()).take(4)) {
        strangers(workbench, part, now.plus_ms(-number * 4_700_000)).await?;
    }
    annotate(workbench).await
}

/// A request of the part's provider that is signed with another secret, one that was changed on its way, and
/// one that is not signed.
async fn strangers(workbench: &Workbench, part: &Part, at: Timestamp) -> Result<()> {
    let Some(inbox) = &part.inbox else { return Ok(()) };
    let profile = workbench.profile_or_generic(&part.endpoint.provider);
    let mut rng = StdRng::seed_from_u64(at.unix_ms().unsigned_abs());
    let Some(event) = profile.events().find(|event| event.method() == "POST") else { return Ok(()) };
    let input =
        ComposeInput { event_type: event.event_type(), data: None, now: at, event_id: None, envelope: None };
    let Ok(composed) = profile.compose(input, &mut rng) else { return Ok(()) };
    let right = inbox.secrets.iter().map(|kept| kept.secret.clone()).next();
    let wrong = Some(profile.generate_secret(&mut rng));
    let mut changed = composed.payload.to_vec();
    changed.push(b'\n');
    let calls =
        [(wrong, composed.payload.clone()), (right, Bytes::from(changed)), (None, composed.payload.clone())];
    for (number, (secret, body)) in (0_i64..).zip(calls) {
        let at = at.plus_ms(number * 61_000);
        let signed =
            secret.map(|secret| signature(&profile, inbox, workbench, &secret, &composed.payload, at));
        let mut headers = HeaderPairs::from_iter([
            ("User-Agent", "provider-relay/1.4"),
            ("Content-Type", "application/json"),
        ]);
        headers.extend(signed.unwrap_or_default());
        let request = verified(workbench, &profile, inbox, &headers, &body, at);
        workbench.store().requests().capture(request, body).await?;
    }
    Ok(())
}

fn signature(
    profile: &Profile,
    inbox: &Inbox,
    workbench: &Workbench,
    secret: &Secret,
    body: &[u8],
    at: Timestamp,
) -> Vec<(String, String)> {
    let url = format!("{}/{}", workbench.capture_origin(), inbox.slug);
    let message = Message { method: "POST", url: &url, headers: &[], body, timestamp: at.unix_ms(), id: "msg_2b1f0c6d" };
    sign(profile.scheme(), &[secret], &message).map(|signed| signed.headers).unwrap_or_default()
}

fn verified(
    workbench: &Workbench,
    profile: &Profile,
    inbox: &Inbox,
    headers: &HeaderPairs,
    body: &[u8],
    at: Timestamp,
) -> CapturedRequest {
    let mut request = plain(workbench, inbox, headers, body, at);
    let pairs: Vec<(&str, &[u8])> =
        request.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
    let secrets: Vec<&Secret> = inbox.secrets.iter().map(|kept| &kept.secret).collect();
    let url = format!("{}/{}", workbench.capture_origin(), inbox.slug);
    let received = Received { method: "POST", url: &url, headers: &pairs, body };
    let verification = Verification::from(verify(profile.scheme(), &secrets, &received, at.unix_ms()));
    let event = profile.event_of(&Seen { method: "POST", query: None, headers: &request.headers, body });
    request.verification = verification;
    request.event_type = event.event_type;
    request.provider_event_id = event.provider_event_id;
    request
}

/// A captured request without anything particular about it.
fn plain(
    workbench: &Workbench,
    inbox: &Inbox,
    sent: &HeaderPairs,
    body: &[u8],
    at: Timestamp,
) -> CapturedRequest {
    let host = workbench.capture_origin();
    let mut headers = HeaderPairs::from_iter([("Host", host.trim_start_matches("http://"))]);
    headers.extend(sent.iter().map(|(name, value)| (name.to_owned(), value.clone())));
    if !body.is_empty() {
        headers.push("Content-Length", body.len().to_string());
    }
    CapturedRequest {
        id: RequestId::new(at),
        inbox_id: inbox.id,
        received_at: at,
        method: "POST".to_owned(),
        path: String::new(),
        query: None,
        http_version: "HTTP/1.1".to_owned(),
        content_type: headers.get_str("content-type").map(ToOwned::to_owned),
        headers,
        body_size: body.len() as u64,
        remote_addr: "127.0.0.1:40112".to_owned(),
        event_type: None,
        provider_event_id: None,
        verification: Verification::not_checked(),
        handshake: None,
        response_status: inbox.response.status,
        delivery: None,
        note: String::new(),
        tags: Vec::new(),
        pinned: false,
    }
}

async fn annotate(workbench: &Workbench) -> Result<()> {
    let requests = workbench.store().requests();
    let filter = hookbench_model::RequestFilter {
        verification: Some(hookbench_model::VerificationStatus::Invalid),
        ..hookbench_model::RequestFilter::default()
    };
    let notes = [
        ("The relay adds a line break to the body. Asked them to send it as it came.", "relay"),
        ("Signed with the secret of their test account.", "secret"),
    ];
    let invalid = requests.list(&filter, hookbench_model::PageRequest::first(2)).await?;
    for (request, (note, tag)) in invalid.rows.into_iter().zip(notes) {
        let edit =
            RequestEdit { note: Some(note.to_owned()), tags: Some(vec![tag.to_owned()]), pinned: Some(true) };
        requests.edit(request.id, edit).await?;
    }
    Ok(())
}
