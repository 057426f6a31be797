//! Who may use whom. What a package uses in its tests alone is its own affair.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::rules::MAY_USE;

/// Package → what it uses outside its tests.
pub(crate) type Edges = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn of_the_workspace() -> Edges {
    let metadata = MetadataCommand::new()
        .manifest_path(crate::root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata reads the workspace");
    let used = |package: &cargo_metadata::Package| {
        let counted = package.dependencies.iter().filter(|one| one.kind != DependencyKind::Development);
        counted.map(|one| one.name.clone()).collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), used(package))).collect()
}

/// Every use of one of ours that the rules do not allow, and every package they do not know.
fn offences(edges: &Edges) -> Vec<String> {
    let mut offences = Vec::new();
    for (package, uses) in edges {
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| name == package) else {
            offences.push(format!("{package} is in no rule: say in tests/house/rules.rs whom it may use"));
            continue;
        };
        let ours = uses.iter().filter(|used| edges.contains_key(*used));
        let forbidden = ours.filter(|used| !allowed.contains(&used.as_str()));
        offences.extend(forbidden.map(|used| format!("{package} → {used}")));
    }
    offences
}

#[test]
fn nobody_uses_whom_they_may_not() {
    let offences = offences(&of_the_workspace());
    assert!(offences.is_empty(), "uses that the house does not allow:\n{}", offences.join("\n"));
}

#[test]
fn every_rule_is_about_a_package_there_is() {
    let edges = of_the_workspace();
    let unknown: Vec<_> = MAY_USE.iter().filter(|(name, _)| !edges.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "rules about nobody: {unknown:?}");
}

#[test]
fn an_offence_is_named_by_its_edge() {
    let edges = Edges::from([
        (
            "hookbench-store".to_owned(),
            BTreeSet::from(["hookbench-providers".to_owned(), "serde".to_owned()]),
        ),
        ("hookbench-providers".to_owned(), BTreeSet::new()),
        ("hookbench-new".to_owned(), BTreeSet::new()),
    ]);
    assert_eq!(
        offences(&edges),
        [
            "hookbench-new is in no rule: say in tests/house/rules.rs whom it may use",
            "hookbench-store → hookbench-providers",
        ]
    );
}
