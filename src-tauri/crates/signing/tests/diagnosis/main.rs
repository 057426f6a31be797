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

/// The report of each case, in order; what verifying gave where that is not a refusal. A case is sound where
/// the sender can sign it and the receiver refuses it.
fn reports(cases: &[Case]) -> Vec<Result<Report, Option<bool>>> {
    let report = |case: &Case| match case.bench.verifies() {
        Some(false) => Ok(case.bench.report().expect("it was signed before")),
        verified => Err(verified),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let shares = cases.chunks(cases.len().div_ceil(threads).max(1));
    std::thread::scope(|scope| {
        let running: Vec<_> =
            shares.map(|share| scope.spawn(move || share.iter().map(report).collect::<Vec<_>>())).collect();
        running.into_iter().flat_map(|share| share.join().expect("no case panics")).collect()
    })
}

/// Runs cases and gives the rows of the table, by the codes put in.
fn run(cases: &[Case]) -> (BTreeMap<String, Row>, Vec<String>, Vec<String>) {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let (mut wrong, mut missed) = (Vec::new(), Vec::new());
    for (case, report) in cases.iter().zip(reports(cases)) {
        let report = match report {
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

#[test]
fn the_corpus_has_no_false_cause() {
    let all = cases::all();
    let (rows, wrong, missed) = run(&all);
    print(&rows, &missed);
    for code in CauseCode::ALL {
        assert!(rows.contains_key(code.as_str()), "no case for {code}");
    }
    let schemes: BTreeSet<&str> = all.iter().map(|case| case.bench.scheme.id()).collect();
    assert!(all.len() >= 2200 && schemes.len() >= 40, "{} cases of {} schemes", all.len(), schemes.len());
    let named = all.len() - missed.len();
    assert!(named * 1000 >= all.len() * LEAST_NAMED_PER_MILLE, "{named} of {} named", all.len());
    assert!(wrong.is_empty(), "{} false causes:\n{}", wrong.len(), wrong.join("\n"));
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
