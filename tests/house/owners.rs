//! Each foreign library has its owner.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::edges::{self, Edges};
use crate::rules::{MAKES_ROUTES, OWNERS, SERVED_ONLY};

fn offences(edges: &Edges) -> Vec<String> {
    let mut offences = Vec::new();
    for (package, uses) in edges {
        for library in uses {
            let owners = OWNERS.iter().find(|(name, _)| is_called(library, name)).map(|(_, owners)| *owners);
            if owners.is_some_and(|owners| !owners.contains(&package.as_str())) {
                offences.push(format!("{package} → {library}"));
            }
        }
    }
    offences
}

/// `axum*` is axum and whatever is named after it.
fn is_called(library: &str, name: &str) -> bool {
    name.strip_suffix('*').map_or(library == name, |family| {
        library.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    })
}

/// Mentions in the code, its own tests left out, of what makes routes.
fn route_making(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("sources are text");
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                let made = MAKES_ROUTES.iter().filter(|name| code.contains(*name));
                found.extend(made.map(|name| format!("{} uses {name}", path.display())));
            }
        }
    }
    found
}

#[test]
fn nobody_uses_a_library_that_another_owns() {
    let offences = offences(&edges::of_the_workspace());
    assert!(offences.is_empty(), "libraries used past their owners:\n{}", offences.join("\n"));
}

#[test]
fn who_serves_the_router_makes_no_routes() {
    let found: Vec<_> =
        SERVED_ONLY.iter().flat_map(|folder| route_making(&crate::root().join(folder))).collect();
    assert!(found.is_empty(), "routes are made in api and capture only:\n{}", found.join("\n"));
}

#[test]
fn a_family_has_the_owner_of_its_head_and_a_namesake_has_none() {
    let edges = Edges::from([(
        "hookbench-model".to_owned(),
        BTreeSet::from(["axum-extra", "axumatic", "sha2", "sha1"].map(str::to_owned)),
    )]);
    assert_eq!(offences(&edges), ["hookbench-model → axum-extra", "hookbench-model → sha2"]);
}
