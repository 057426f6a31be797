//! The receivers in Rust: modules of this test.

#[path = "receivers.rs"]
mod receivers;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use hookbench_snippet_tests::Case;

use crate::agreement::{Said, all_cases, hold};

/// What a receiver may want to be given.
pub(crate) struct Given<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) now_ms: i64,
}

#[test]
fn every_receiver_in_rust_agrees_with_verify() {
    let cases = all_cases();
    let said: Vec<Said> = cases.iter().map(asked).collect();
    hold("Rust", &cases, &said);
}

fn asked(case: &Case) -> Said {
    let given = Given { method: &case.method, url: &case.url, now_ms: case.now_ms };
    let said = receivers::call(&case.scheme, &headers(case), &case.body, &case.secrets, &given);
    Said { good: said.is_ok(), reason: said.err().unwrap_or_default().to_owned(), broke: false }
}

fn headers(case: &Case) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &case.headers {
        let name: HeaderName = name.parse().expect("schemes name headers");
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("schemes write header values"));
    }
    headers
}
