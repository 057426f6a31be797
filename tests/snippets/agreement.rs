//! What receivers said, held against our own verdicts.

use std::collections::BTreeSet;

use hookbench_signing::Scheme;
use hookbench_snippet_tests::{Case, cases, catalogue};
use serde_json::Value;

/// What a receiver said of a case.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) good: bool,
    pub(crate) reason: String,
    /// True where it failed instead of answering.
    pub(crate) broke: bool,
}

/// Every case of every scheme, in order.
pub(crate) fn all_cases() -> Vec<Case> {
    catalogue().flat_map(cases).collect()
}

/// Fails with every case in which a receiver and Hookbench disagree.
pub(crate) fn hold(language: &str, cases: &[Case], said: &[Said]) {
    assert_eq!(cases.len(), said.len(), "{language}: an answer for each case");
    let mut wrong = Vec::new();
    for (case, said) in cases.iter().zip(said) {
        let scheme = catalogue().find(|scheme| scheme.id() == case.scheme).expect("cases are of schemes");
        let good = case.is_good(scheme);
        let may_differ = if good { is_stricter(case) } else { is_spelling(scheme, case) };
        if said.broke || (said.good != good && !may_differ) {
            wrong.push(format!("{}, {}: {said:?}, while verify says {good}", case.scheme, case.what));
        }
        if !said.good && said.reason.is_empty() {
            wrong.push(format!("{}, {}: refused without a reason", case.scheme, case.what));
        }
    }
    let good = said.iter().filter(|said| said.good).count();
    let schemes: BTreeSet<&str> = cases.iter().map(|case| case.scheme.as_str()).collect();
    println!("{language}: {} schemes, {} cases, {good} of them good", schemes.len(), cases.len());
    assert!(wrong.is_empty(), "{language}: {} disagreements\n{}", wrong.len(), wrong.join("\n"));
}

/// Where receivers insist on what verify can do without.
fn is_stricter(case: &Case) -> bool {
    let what = case.what.as_str();
    match case.scheme.as_str() {
        "paypal" => what == "PAYPAL-AUTH-ALGO gone",
        "contentful" => {
            matches!(what, "X-Contentful-Signed-Headers empty" | "X-Contentful-Signed-Headers in upper case")
        }
        _ => false,
    }
}

/// Where receivers read what verify does not: a signature of a private key spelt in another way is still a
/// signature, and the libraries of some languages read hexadecimal in upper case, or base64 whose padding is
/// missing or followed by something.
fn is_spelling(scheme: &Scheme, case: &Case) -> bool {
    let spelt = scheme.signature_headers().any(|name| {
        let what = case.what.strip_prefix(name).unwrap_or_default();
        matches!(what, " in upper case" | " longer" | " cut short")
    });
    scheme.is_asymmetric() && spelt
}

/// The answers of a driver.
pub(crate) fn read(answers: &str) -> Vec<Said> {
    let answers: Vec<Value> = serde_json::from_str(answers).expect("a driver answers in JSON");
    let said = |answer: Value| Said {
        good: answer["good"].as_bool().expect("an answer is good or not"),
        reason: answer["reason"].as_str().unwrap_or_default().to_owned(),
        broke: answer["broke"].as_bool().unwrap_or_default(),
    };
    answers.into_iter().map(said).collect()
}
