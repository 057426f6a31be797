//! What a diagnosis may cost, counted and not timed.

use crate::bench::{Bench, secret};
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::{Budget, Report};
use std::fmt::Write;

const MIB: usize = 1 << 20;

/// A JSON document of about so many bytes, with everything in it that a writer could change.
fn large(bytes: usize) -> Vec<u8> {
    let mut text = String::from("{\"items\":[");
    let mut count = 0;
    while text.len() < bytes {
        let comma = if count == 0 { "" } else { "," };
        write!(
            text,
            "{comma}{{\"id\":{count},\"name\":\"Zoë <{count}>\",\"url\":\"https://a.example/{count}\",\"price\":{count}.25,\"tags\":[\"a\",\"b\"]}}"
        )
        .expect("memory");
        count += 1;
    }
    text.push_str("]}");
    text.into_bytes()
}

/// A request whose body was changed beyond recognition.
fn hopeless(id: &str, bytes: usize) -> Bench {
    let body = large(bytes);
    let mut bench = Bench::new(id, &body);
    let mut other = body;
    let middle = other.len() / 2;
    other[middle..middle + 8].fill(b'1');
    bench.body = Some(other);
    bench.others =
        (1..20).map(|seed| (format!("endpoint {seed}"), secret(&bench.scheme, seed), false)).collect();
    bench
}

fn codes(report: &Report) -> Vec<CauseCode> {
    report.causes.iter().map(|cause| cause.code).collect()
}

#[test]
fn a_large_body_stays_within_its_budget_and_says_so() {
    for (id, bytes) in [
        ("github", MIB),
        ("standardwebhooks", MIB),
        ("discord", MIB),
        ("contentful", MIB),
        ("github", 32 * MIB),
    ] {
        let report = hopeless(id, bytes).report().expect("signed");
        assert_eq!(codes(&report), [Unexplained], "{id}");
        assert!(report.exhausted, "{id}");
        let budget = Budget::for_body(bytes);
        let most = budget.bytes / u64::try_from(bytes).expect("small") + 1;
        assert!(u64::from(report.tried) <= most, "{id}: {} tried over {bytes} bytes", report.tried);
        assert!(report.tried >= 8, "{id}: {} tried over {bytes} bytes", report.tried);
    }
}

#[test]
fn the_budget_grows_slower_than_a_dozen_bodies() {
    let of = |bytes: usize| Budget::for_body(bytes).bytes;
    assert_eq!(of(0), of(MIB));
    assert!(of(MIB) <= 96 << 20);
    assert!(of(32 * MIB) <= 480 << 20);
    assert!(Budget::for_body(usize::MAX).bytes >= of(32 * MIB));
}

#[test]
fn nothing_is_computed_beyond_a_budget() {
    let bench = hopeless("stripe", 2_000);
    for hypotheses in [0, 1, 7, 100] {
        let report = bench.report_within(Some(Budget { hypotheses, bytes: 1 << 30 })).expect("signed");
        assert!(report.tried <= hypotheses && report.exhausted, "{hypotheses}: {report:?}");
        assert_eq!(codes(&report), [Unexplained]);
    }
    let report = bench.report_within(Some(Budget { hypotheses: u32::MAX, bytes: 20_000 })).expect("signed");
    assert!(report.tried <= 20 && report.exhausted, "{report:?}");
}

#[test]
fn a_small_body_is_tried_in_every_way() {
    let report = hopeless("github", 2_000).report().expect("signed");
    assert!(!report.exhausted, "{report:?}");
    assert!(report.tried > 1_000, "{report:?}");
}

#[test]
fn many_other_secrets_take_nothing_from_the_requests_own_hypotheses() {
    let with_others = |id: &str, own: bool| {
        let mut bench = Bench::new(id, b"{\"a\": 1}");
        bench.others =
            (60..210).map(|seed| (format!("endpoint {seed}"), secret(&bench.scheme, seed), false)).collect();
        if !own {
            bench.secrets = vec![secret(&bench.scheme, 5)];
            bench.others.push(("Orders".into(), bench.key.clone(), false));
        }
        bench
    };
    // Two changes of the request's own, late in the order.
    let mut own = with_others("hubspot_v3", true);
    let text = format!("{}\n", own.key.expose_text().expect("text"));
    own.secrets = vec![text.as_str().into()];
    own.signed_url = "https://hooks.example:9000/in?b=2&a=1&c=3".into();
    own.url = "https://hooks.example:9000/in?a=1&b=2&c=3".into();
    assert_eq!(codes(&own.report().expect("signed")), [SecretWhitespace, UrlQuery]);
    // The likely changes are tried with every other secret, the last one too.
    for id in ["github", "hubspot_v3"] {
        let mut newline = with_others(id, false);
        newline.body = Some(b"{\"a\":1}\n".to_vec());
        let report = newline.report().expect("signed");
        assert!(codes(&report).contains(&SecretOtherEndpoint), "{id}: {report:?}");
    }
    // And still it ends without touching its bound.
    for id in ["github", "stripe", "twilio_json", "contentful"] {
        let mut hopeless = with_others(id, true);
        hopeless.body = Some(b"{\"a\": 2}".to_vec());
        let report = hopeless.report().expect("signed");
        assert_eq!(codes(&report), [Unexplained], "{id}");
        assert!(!report.exhausted, "{id}: {} tried", report.tried);
    }
}

#[test]
fn the_same_request_gets_the_same_answer() {
    let bench = hopeless("slack", 20_000);
    assert_eq!(bench.report(), bench.report());
}

#[test]
fn the_likely_causes_are_found_in_large_bodies_too() {
    let body = large(MIB);
    let mut newline = Bench::new("github", &body);
    newline.body = Some([&body[..], b"\n"].concat());
    let mut spaced = Bench::new("stripe", &body);
    let value: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    spaced.body = Some(serde_json::to_vec_pretty(&value).expect("JSON"));
    let mut other = Bench::new("shopify", &body);
    other.others = vec![("Orders".into(), other.key.clone(), false)];
    other.secrets = vec![secret(&other.scheme, 3)];
    for (bench, code) in
        [(newline, BodyNewlineAdded), (spaced, BodyReserialized), (other, SecretOtherEndpoint)]
    {
        assert_eq!(codes(&bench.report().expect("signed")), [code]);
    }
    let body = large(32 * MIB);
    let mut newline = Bench::new("github", &body);
    newline.body = Some([&body[..], b"\n"].concat());
    assert_eq!(codes(&newline.report().expect("signed")), [BodyNewlineAdded]);
}
