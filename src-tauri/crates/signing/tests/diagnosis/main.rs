//! The corpus of the diagnosis: a sender, a way and a receiver, each broken in a known manner, and what is
//! named for it. A named cause must be the one that was put in, or one that is as true and listed beside it.
//! What is not found costs the hit rate; what is named falsely fails the test.

#![expect(clippy::expect_used, reason = "helpers of tests fail the test")]

mod bench;
mod bodies;
mod bounds;
mod cases;
mod hostile;
mod texts;

use bench::Case;
use hookbench_signing::{CauseCode, Report};
use std::collections::{BTreeMap, BTreeSet};

/// Of a thousand cases, in how many the cause is named at least.
const LEAST_NAMED_PER_MILLE: usize = 998;

/// How a case came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Hit,
    /// An equivalent cause was named.
    Equivalent,
    Missed,
    False,
}

#[derive(Default)]
struct Row {
    cases: usize,
    hits: usize,
    equivalent: usize,
    missed: usize,
}

fn set(codes: &[CauseCode]) -> BTreeSet<CauseCode> {
    codes.iter().copied().collect()
}

fn outcome(case: &Case, named: &BTreeSet<CauseCode>) -> Outcome {
    if *named == set(&case.injected) {
        Outcome::Hit
    } else if case.equivalent.iter().any(|codes| *named == set(codes)) {
        Outcome::Equivalent
    } else if *named == set(&[CauseCode::Unexplained]) {
        Outcome::Missed
    } else {
        Outcome::False
    }
}

/// The report of a case; what verifying gave where that is not a refusal. A case is sound where the sender can sign it
/// and the receiver refuses it.
fn report(case: &Case) -> Result<Report, Option<bool>> {
    match case.bench.verifies() {
        Some(false) => Ok(case.bench.report().expect("it was signed before")),
        verified => Err(verified),
    }
}

/// Runs cases and gives the rows of the table, by the codes put in.
fn run(cases: &[Case]) -> (BTreeMap<String, Row>, Vec<String>, Vec<String>) {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let (mut wrong, mut missed) = (Vec::new(), Vec::new());
    for case in cases {
        let report = match report(case) {
            Ok(report) => report,
            Err(verified) => {
                wrong.push(format!("{}: no case, verifying gave {verified:?}", case.name));
                continue;
            }
        };
        let named: BTreeSet<CauseCode> = report.causes.iter().map(|cause| cause.code).collect();
        let names = case.injected.iter().map(|code| code.as_str());
        let row = rows
            .entry(if case.injected.len() > 1 { "(pairs)".into() } else { names.clone().collect() })
            .or_default();
        row.cases += 1;
        let said = || format!("{}: {:?} for {:?}, {} tried", case.name, named, case.injected, report.tried);
        match outcome(case, &named) {
            Outcome::Hit => row.hits += 1,
            Outcome::Equivalent => row.equivalent += 1,
            Outcome::Missed => {
                row.missed += 1;
                missed.push(said());
            }
            Outcome::False => wrong.push(said()),
        }
    }
    (rows, wrong, missed)
}

/// In so many parts the corpus is run, each by a test of its own, so that they run side by side.
const PARTS: usize = 4;

/// A part of the corpus has no false cause: every fourth case, so that each has some of every kind.
fn holds(part: usize) {
    let cases: Vec<Case> = cases::all().into_iter().skip(part).step_by(PARTS).collect();
    let (rows, wrong, missed) = run(&cases);
    print(&rows, &missed);
    let named = cases.len() - missed.len();
    assert!(named * 1000 >= cases.len() * LEAST_NAMED_PER_MILLE, "{named} of {} named", cases.len());
    assert!(wrong.is_empty(), "{} false causes:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_has_no_false_cause_1() {
    holds(0);
}

#[test]
fn the_corpus_has_no_false_cause_2() {
    holds(1);
}

#[test]
fn the_corpus_has_no_false_cause_3() {
    holds(2);
}

#[test]
fn the_corpus_has_no_false_cause_4() {
    holds(3);
}

#[test]
fn the_corpus_has_every_cause_and_most_schemes() {
    let all = cases::all();
    let single = all.iter().filter(|case| case.injected.len() == 1).flat_map(|case| &case.injected);
    let injected: BTreeSet<CauseCode> = single.copied().collect();
    for code in CauseCode::ALL {
        assert!(injected.contains(code), "no case for {code}");
    }
    let schemes: BTreeSet<&str> = all.iter().map(|case| case.bench.scheme.id()).collect();
    assert!(all.len() >= 2200 && schemes.len() >= 40, "{} cases of {} schemes", all.len(), schemes.len());
}

#[expect(clippy::print_stdout, reason = "the table is what the test is run for")]
fn print(rows: &BTreeMap<String, Row>, missed: &[String]) {
    println!("{:<26}{:>7}{:>7}{:>12}{:>8}", "cause", "cases", "named", "equivalent", "missed");
    let mut sum = Row::default();
    for (code, row) in rows {
        println!("{code:<26}{:>7}{:>7}{:>12}{:>8}", row.cases, row.hits, row.equivalent, row.missed);
        sum.cases += row.cases;
        sum.hits += row.hits;
        sum.equivalent += row.equivalent;
        sum.missed += row.missed;
    }
    println!("{:<26}{:>7}{:>7}{:>12}{:>8}", "all", sum.cases, sum.hits, sum.equivalent, sum.missed);
    for line in missed {
        println!("missed: {line}");
    }
}
