//! Headers that are missing, renamed or joined.

use super::{ASYMMETRIC, KEYED, body_for};
use crate::bench::{Bench, Case, Edit, scheme};
use crate::bodies::NESTED;
use hookbench_signing::Algorithm;
use hookbench_signing::CauseCode::*;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED.into_iter().chain(ASYMMETRIC).chain(["gitlab_token", "bearer", "contentful"]) {
        let bench = Bench::new(id, &body_for(id));
        let own: Vec<String> = bench.scheme.signature_headers().map(str::to_owned).collect();
        let header = own[0].clone();
        cases.push(
            bench.clone().edit(Edit::Remove(header.clone())).case("signature removed", &[HeaderMissing]),
        );
        let time = bench.scheme.timestamp_header().map(str::to_owned);
        for name in time.into_iter().chain(bench.scheme.id_header().map(str::to_owned)) {
            cases.push(
                bench
                    .clone()
                    .edit(Edit::Remove(name.clone()))
                    .case(format!("{name} removed"), &[HeaderMissing]),
            );
            let under = name.replace('-', "_");
            cases.push(
                bench
                    .clone()
                    .edit(Edit::Rename(name, under))
                    .case("time or id with underscores", &[HeaderRenamed]),
            );
        }
        for to in [
            header.replace('-', "_"),
            format!("HTTP_{}", header.replace('-', "_")),
            format!("X-Original-{header}"),
            "X-Moved-Here".to_owned(),
        ] {
            if to != header {
                let name = format!("renamed {to}");
                cases.push(bench.clone().edit(Edit::Rename(header.clone(), to)).case(name, &[HeaderRenamed]));
            }
        }
        let garbage = format!("{:064x}", 7);
        let moved = bench.clone().edit(Edit::Rename(header.clone(), "X-Second".into()));
        cases
            .push(moved.edit(Edit::Add(header.clone(), garbage)).case("another one read", &[HeaderWrongOne]));
    }
    for id in ["github", "shopify", "slack", "box", "gitlab_token"] {
        let bench = Bench::new(id, NESTED);
        let header = bench.scheme.signature_headers().next().expect("one").to_owned();
        let joined = |value: &str| {
            let wrong: String =
                value.chars().map(|letter| if letter == 'a' { 'b' } else { letter }).collect();
            format!("{wrong}, {value}")
        };
        cases.push(bench.clone().edit(Edit::Set(header.clone(), joined)).case("joined", &[HeaderJoined]));
        let wrong = bench.clone().edit(Edit::AddFirst(header.clone(), format!("sha256={:064x}", 5)));
        if bench.scheme.keyed().is_some_and(|spec| spec.several == hookbench_signing::Several::One) {
            cases.push(wrong.case("twice", &[HeaderWrongOne]));
        }
    }
    let two_times = |value: &str| value.replacen("t=", "t=1600000000,t=", 1);
    let stripe = Bench::new("stripe", NESTED);
    cases.push(
        stripe.edit(Edit::Set("Stripe-Signature".into(), two_times)).case("two times", &[HeaderJoined]),
    );
    // The older header beside the newer one.
    let old = Bench::new("github", NESTED);
    let mut reads_old = old.clone();
    reads_old.scheme = scheme("atlassian").clone();
    reads_old.edits.push(Edit::Add("X-Hub-Signature".into(), format!("sha1={:040x}", 3)));
    cases.push(reads_old.case("sha1 header read", &[HeaderWrongOne]));
    // The older header alone, or beside a newer one that holds nothing right.
    let older = "X-Hub-Signature".to_owned();
    let sha1 = Bench::new("github", NESTED).signing(|spec| {
        spec.algorithm = Algorithm::HmacSha1;
        spec.signature_header.clone_from(&older);
        spec.signature_format = "sha1={sig}".into();
    });
    let sha1 = sha1.expect("sound");
    cases.push(sha1.clone().case("sha1 header alone", &[HeaderWrongOne]));
    for newer in ["", "sha256=", &format!("sha256={:064x}", 9)] {
        let both = sha1.clone().edit(Edit::Add("X-Hub-Signature-256".into(), newer.into()));
        cases.push(both.case("sha1 header right, the newer one not", &[HeaderWrongOne]));
    }
    // The newer one's own value under the older name was moved by hand.
    let moved = Bench::new("github", NESTED).edit(Edit::Rename("X-Hub-Signature-256".into(), older));
    cases.push(moved.case("sha256 under the older name", &[HeaderRenamed]));
    cases
}
