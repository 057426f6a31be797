//! What is said beside the code: sentences that are true of the very request.

use crate::bench::{Bench, Edit};
use crate::bodies::NESTED;
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::Report;

fn codes(report: &Report) -> Vec<CauseCode> {
    report.causes.iter().map(|cause| cause.code).collect()
}

/// A Stripe request whose time is written as `text`, and signed so.
fn with_time(text: &str) -> Bench {
    let bench = Bench::new("stripe", NESTED);
    let key = bench.key.expose_text().expect("text").to_owned();
    let signature = hmac_hex(key.as_bytes(), &[text.as_bytes(), b".", NESTED].concat());
    bench
        .edit(Edit::Remove("Stripe-Signature".into()))
        .edit(Edit::Add("Stripe-Signature".into(), format!("t={text},v1={signature}")))
}

fn hmac_hex(key: &[u8], content: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("any length");
    mac.update(content);
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[test]
fn an_unreadable_time_under_a_right_signature_is_quoted_and_nothing_is_searched() {
    for (text, says) in [
        ("abc", "`abc` is no time that can be read"),
        ("2023-11-14T22:13:20Z", "`2023-11-14T22:13:20Z` is written as a date"),
        ("1700000000.5", "`1700000000.5` is written with a fraction"),
        ("99999999999999999999", "`99999999999999999999` is no time"),
        ("", "an empty value is no time"),
    ] {
        let bench = with_time(text);
        let report = bench.report().expect("signed");
        assert_eq!(codes(&report), [TimeUnit], "{text}: {report:?}");
        assert_eq!(report.tried, 0, "{text}");
        let said = &report.causes[0].explanation;
        assert!(said.contains(says) && said.contains("whole Unix seconds"), "{said}");
    }
}
