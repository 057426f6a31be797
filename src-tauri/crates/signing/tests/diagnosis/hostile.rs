//! Whatever arrives, a diagnosis ends with an answer.

use hookbench_signing::{
    Budget, Candidate, Diagnosis, Received, Scheme, SchemeCatalog, Secret, VerificationStatus, diagnose,
    recognise, verify,
};
use proptest::prelude::*;

/// Text of what headers, secrets and URLs are made of, and of what they are not.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9=,;:+/ v]{0,80}",
        "(t|ts|v1|v0|sha256|h1)=[0-9a-fA-F]{0,70}",
        "whsec_[A-Za-z0-9+/=_-]{0,50}",
        "https?://[a-zé.]{0,9}(:[0-9]{0,6})?(/[a-z%é ]{0,5}){0,4}(\\?[a-z=&%+]{0,12})?",
        "\\PC{0,40}",
    ]
}

fn odd_body() -> impl Strategy<Value = Vec<u8>> {
    let json = prop_oneof![
        "[\\[\\]{}:,\"\\\\u0-9a-f/ é<.e+-]{0,60}",
        "\\{(\"[a-zé/]{0,4}\":(\"(\\\\u[0-9a-f]{4}|[a-z<])*\"|[0-9.e]{1,5}|\\{\\}|\\[1,\"x\"\\]),?){0,5}\\}",
        "([a-z%+]{0,4}=[a-z0-9%+~*]{0,6}&?){0,5}",
    ];
    prop_oneof![
        json.prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..60),
        proptest::collection::vec(any::<u8>(), 0..40)
            .prop_map(|tail| [&b"\x1f\x8b\x08\0"[..], &tail].concat()),
        proptest::collection::vec(any::<u8>(), 0..40)
            .prop_map(|tail| [&b"\x28\xb5\x2f\xfd"[..], &tail].concat()),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|tail| [&b"\x78\x9c"[..], &tail].concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_request_gets_an_answer(
        at in 0_usize..1000,
        values in proptest::collection::vec(odd_text(), 6),
        body in odd_body(),
        url in odd_text(),
        secrets in proptest::collection::vec(odd_text(), 0..3),
        at_ms in any::<i64>(),
    ) {
        let catalog: Vec<&Scheme> = SchemeCatalog::builtin().iter().collect();
        let scheme = catalog[at % catalog.len()];
        let mut names = scheme.made_headers();
        names.extend(["Host", "X-Forwarded-Host", "Content-Encoding", "X-Request-Id"]);
        let headers: Vec<(&str, &[u8])> = names.into_iter().zip(values.iter().map(String::as_bytes)).collect();
        let received = Received { method: "POST", url: &url, headers: &headers, body: &body };
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::from(text.as_str())).collect();
        let secrets: Vec<&Secret> = secrets.iter().collect();
        let other = Secret::from(url.as_str());
        let report = diagnose(&Diagnosis {
            scheme,
            secrets: &secrets,
            received: &received,
            at_ms,
            others: &[Candidate { name: "Orders", secret: &other, rotated: false }],
            catalog: &catalog,
            budget: Budget { hypotheses: 2_000, bytes: 4 << 20 },
        });
        let status = verify(scheme, &secrets, &received, at_ms).status;
        let silent = matches!(status, VerificationStatus::Valid | VerificationStatus::NoSecret);
        prop_assert!(silent || !report.causes.is_empty(), "{status:?}");
        prop_assert!(report.causes.iter().all(|cause| !cause.explanation.is_empty() && !cause.fix.is_empty()));
        recognise(&received, &catalog);
    }
}
