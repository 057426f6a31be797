//! Bodies that were changed on the way.

use crate::bench::{Bench, Case, Edit};
use crate::bodies::{self, Changed};

/// Every change to the body, under schemes of every make.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let schemes = [
        "github",
        "standardwebhooks",
        "stripe",
        "shopify",
        "box",
        "square",
        "hubspot_v2",
        "discord",
        "sendgrid",
        "contentful",
    ];
    for (at, change) in bodies::changes().into_iter().enumerate() {
        // Each change under some of the schemes, each scheme with some of the changes.
        for turn in 0..5 {
            cases.push(body_case(schemes[(at + turn * 2) % schemes.len()], &change));
        }
    }
    cases
}

fn body_case(id: &str, change: &Changed) -> Case {
    let mut bench = Bench::new(id, &change.signed);
    bench.body = Some(change.arrives.clone());
    if let Some(said) = change.content_encoding {
        bench = bench.edit(Edit::Add("Content-Encoding".into(), said.into()));
    }
    bench.case(change.name, &change.codes)
}
