//! The providers' own libraries as judges: what Hookbench signs they accept, what was tampered with they
//! refuse, and what they sign Hookbench verifies.
//!
//! They run as they come from npm and PyPI, pinned in `package-lock.json` and `requirements.txt`, in one
//! process a language whose clock stands where each question says. `cargo xtask test packages` installs them.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod cases;
mod judge;

use cases::Case;
use hookbench_signing::{Received, SchemeCatalog, Secret, VerificationStatus, verify};
use judge::Judge;

/// Schemes of which an independent library judges each way.
const VERIFIED: usize = 18;
const SIGNED: usize = 8;

#[test]
fn node_libraries_agree() {
    let mut judge = Judge::node();
    let told = agreement(&mut judge);
    assert!(told.verified >= VERIFIED && told.signed >= 6, "{told:?}");
}

#[test]
fn python_libraries_agree() {
    let mut judge = Judge::python();
    let told = agreement(&mut judge);
    assert!(told.verified >= 12 && told.signed >= 5, "{told:?}");
}

/// How many schemes were judged, and how many were signed by the judge too.
#[derive(Debug, Default)]
struct Told {
    verified: usize,
    signed: usize,
}

fn agreement(judge: &mut Judge) -> Told {
    let mut told = Told::default();
    let mut differences = Vec::new();
    for (scheme, signs) in judge.list() {
        told.verified += 1;
        for case in cases::of(&scheme) {
            differences.extend(ours_is_judged(judge, &case));
            if signs {
                differences.extend(theirs_is_verified(judge, &case));
            }
        }
        told.signed += usize::from(signs);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    told
}

/// Signs the case, and lets the library judge it whole and in each way that it can be spoilt.
fn ours_is_judged(judge: &mut Judge, case: &Case) -> Vec<String> {
    let sent = case.signed();
    let mut differences = Vec::new();
    for (what, spoilt) in cases::variations(case, &sent) {
        let ours = spoilt.is_valid();
        let theirs = judge.verifies(&spoilt);
        if (what == "untouched") != ours {
            differences.push(format!("{case}: {what}: we say {ours}"));
        } else if ours != theirs && !case.library_is_lenient(what) {
            differences.push(format!("{case}: {what}: we say {ours}, the library {theirs}"));
        }
    }
    differences
}

/// Lets the library sign the case, and verifies it whole and with another body.
fn theirs_is_verified(judge: &mut Judge, case: &Case) -> Vec<String> {
    let (headers, body) = judge.signs(case);
    let pairs: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let scheme = SchemeCatalog::builtin().get(case.scheme.id()).expect("the case's scheme");
    let verdict = |body: &[u8], secret: &Secret| {
        let received = Received { method: case.method, url: &case.url, headers: &pairs, body };
        verify(scheme, &[secret], &received, case.now)
    };
    let right = verdict(&body, &case.secret);
    let mut differences = Vec::new();
    if right.status != VerificationStatus::Valid {
        differences.push(format!("{case}: the library's signature is refused: {}", right.message));
    }
    let other = cases::with_a_letter_changed(&body);
    if verdict(&other, &case.secret).status == VerificationStatus::Valid {
        differences.push(format!("{case}: the library's signature holds for another body"));
    }
    if verdict(&body, &case.other_secret).status == VerificationStatus::Valid {
        differences.push(format!("{case}: the library's signature holds under another secret"));
    }
    differences
}

#[test]
#[expect(clippy::print_stdout, reason = "the lists are what the test is run for")]
fn enough_schemes_have_a_judge() {
    let mut judged: Vec<String> = Vec::new();
    let mut signed: Vec<String> = Vec::new();
    for judge in [&mut Judge::node(), &mut Judge::python()] {
        for (scheme, signs) in judge.list() {
            if signs {
                signed.push(scheme.clone());
            }
            judged.push(scheme);
        }
    }
    for list in [&mut judged, &mut signed] {
        list.sort();
        list.dedup();
    }
    println!("judged by official libraries: {}", judged.join(", "));
    println!("and signed by them: {}", signed.join(", "));
    assert!(judged.len() >= VERIFIED + 4 && signed.len() >= SIGNED, "{judged:?} {signed:?}");
}
