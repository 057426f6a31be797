//! The crates that receivers in Rust name, held against those that this workspace builds and tests with.

use std::collections::{BTreeMap, BTreeSet};

use hookbench_snippet_tests::catalogue;
use hookbench_snippets::{Language, snippet};

/// Every crate and requirement that a command `cargo add …` of some receiver names.
fn named() -> BTreeSet<(String, String)> {
    let commands = catalogue().flat_map(|scheme| snippet(scheme, Language::Rust, 200).dependencies);
    let mut named = BTreeSet::new();
    for command in commands {
        let words = command.strip_prefix("cargo add ").expect("crates come by cargo add");
        for word in words.split(' ').take_while(|word| !word.starts_with("--")) {
            let (name, version) = word.split_once('@').expect("each is named with its version");
            named.insert((name.to_owned(), version.to_owned()));
        }
    }
    named
}

/// The versions of each crate in Cargo.lock.
fn locked() -> BTreeMap<String, Vec<String>> {
    let mut locked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let text = include_str!("../../Cargo.lock");
    for package in text.split("[[package]]").skip(1) {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name));
            line.expect("a package has a name and a version").trim_matches('"').to_owned()
        };
        locked.entry(field("name = ")).or_default().push(field("version = "));
    }
    locked
}

/// Whether cargo takes this version for the requirement, as receivers write them: parts of a version, or the
/// whole after `=`.
fn takes(requirement: &str, version: &str) -> bool {
    match requirement.strip_prefix('=') {
        Some(whole) => whole == version,
        None => {
            version.strip_prefix(requirement).is_some_and(|rest| rest.starts_with('.'))
                && !version.contains('-')
        }
    }
}

#[test]
fn the_crates_of_receivers_are_those_they_are_tested_with() {
    let (named, locked) = (named(), locked());
    assert!(named.len() > 10, "every receiver names its crates: {named:?}");
    for (name, requirement) in named {
        let versions = locked.get(&name).unwrap_or_else(|| panic!("{name} is not in Cargo.lock"));
        let taken = versions.iter().any(|version| takes(&requirement, version));
        assert!(taken, "receivers ask for {name}@{requirement}, and the tests build with {versions:?}");
    }
}

#[test]
fn a_requirement_takes_what_begins_with_it() {
    assert!(takes("0.8", "0.8.7") && takes("2", "2.1.0") && takes("=0.10.0-rc.20", "0.10.0-rc.20"));
    assert!(
        !takes("0.8", "0.80.1")
            && !takes("0.8", "0.9.0")
            && !takes("3", "3.0.0-pre.1")
            && !takes("=1.0.0", "1.0.1")
    );
}
