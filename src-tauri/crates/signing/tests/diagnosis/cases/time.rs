//! Times that are off, or in another unit.

use super::body_for;
use crate::bench::{AT, Bench, Case, Edit};
use hookbench_signing::CauseCode::*;
use hookbench_signing::TimestampUnit;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in [
        "standardwebhooks",
        "stripe",
        "slack",
        "box",
        "hubspot_v3",
        "contactsmanager",
        "smsportal",
        "paddle",
        "cloudinary",
        "workos",
        "aws_sns",
        "contentful",
        "mailgun",
    ] {
        let bench = Bench::new(id, &body_for(id));
        let limits = bench.scheme.tolerance();
        for late in [7_201_000, 86_400_000, 30 * 86_400_000] {
            let mut bench = bench.clone();
            bench.at = AT + late;
            if limits.past_s.is_some_and(|limit| late > i64::from(limit) * 1000) {
                cases.push(bench.case(format!("{late} ms late"), &[TimeStale]));
            }
        }
        for early in [7_201_000, 86_400_000] {
            let mut bench = bench.clone();
            bench.at = AT - early;
            if limits.future_s.is_some_and(|limit| early > i64::from(limit) * 1000) {
                cases.push(bench.case(format!("{early} ms early"), &[TimeFuture]));
            }
        }
    }
    for id in
        ["standardwebhooks", "slack", "hubspot_v3", "smsportal", "cloudinary", "contactsmanager", "workos"]
    {
        let bench = Bench::new(id, &body_for(id));
        let place = bench.spec().timestamp.expect("a time");
        let other = if place.unit == TimestampUnit::S { TimestampUnit::Ms } else { TimestampUnit::S };
        let changed = bench.clone().signing(|spec| {
            spec.timestamp = Some(hookbench_signing::TimestampSpec { unit: other, ..place.clone() });
        });
        cases.push(changed.clone().expect("sound").case("other unit", &[TimeUnit]));
        // Signed in one unit, sent in the other.
        let (signed, sent) = match other {
            TimestampUnit::Ms => ((AT).to_string(), (AT / 1000).to_string()),
            _ => ((AT / 1000).to_string(), AT.to_string()),
        };
        let header = place.header.unwrap_or(bench.spec().signature_header);
        let mut mixed = changed.expect("sound");
        mixed = mixed.edit(Edit::Replace(header, signed, sent));
        cases.push(mixed.case("signed in the other unit", &[TimeUnit]));
    }
    cases
}
