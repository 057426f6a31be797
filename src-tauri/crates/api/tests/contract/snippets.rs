//! Receivers for schemes, known and not yet saved.

use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test]
async fn a_scheme_has_a_receiver_in_every_language_listed() {
    let bench = Bench::open().await;
    let listed = bench.get("/v1/schemes/stripe/snippets").await.expect(200);
    let languages: Vec<&str> =
        listed["data"].as_array().unwrap().iter().map(|one| one["language"].as_str().unwrap()).collect();
    assert_eq!(languages, ["node", "python", "go", "ruby", "php", "java", "csharp", "rust"]);
    for language in languages {
        let snippet = bench.get(&format!("/v1/schemes/stripe/snippets/{language}")).await.expect(200);
        let lines = snippet["code"].as_str().unwrap().lines().count();
        assert!(snippet["filename"].as_str().unwrap().contains('.'));
        for section in snippet["sections"].as_array().unwrap() {
            let [from, to] = ["from_line", "to_line"].map(|name| section[name].as_u64().unwrap());
            assert!(1 <= from && from <= to && to <= lines as u64, "{language}: {section}");
        }
    }
}

#[tokio::test]
async fn a_scheme_need_not_be_saved() {
    let bench = Bench::open().await;
    let form = json!({"id": "own", "name": "Own", "signature_header": "X-Own", "signature_format": "{sig}",
        "content": "{body}", "algorithm": "hmac-sha512", "encoding": "hex", "secret": "raw"});
    let asked = |scheme: Value| json!({"scheme": scheme, "language": "python"});
    let snippet = bench.post("/v1/schemes/snippet", &asked(form)).await.expect(200);
    assert!(snippet["code"].as_str().unwrap().contains("hashlib.sha512"));
    let known = bench.post("/v1/schemes/snippet", &asked(json!("stripe"))).await.expect(200);
    assert!(known["code"].as_str().unwrap().contains("Stripe-Signature"));
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let bench = Bench::open().await;
    bench.get("/v1/schemes/nobody/snippets").await.expect(404);
    bench.get("/v1/schemes/nobody/snippets/node").await.expect(404);
    bench.get("/v1/schemes/stripe/snippets/cobol").await.expect(404);
    let refused = bench.post("/v1/schemes/snippet", &json!({"scheme": "nobody", "language": "cobol"})).await;
    let fields: Vec<Value> = refused.expect(422)["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].clone())
        .collect();
    assert_eq!(fields, ["scheme", "language"]);
}
