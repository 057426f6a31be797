//! Secrets stay out of `Debug`: a struct that holds one as plain text does not derive it.

use std::path::{Path, PathBuf};

/// Fields that hold a secret as its owner wrote it.
const SECRET_FIELDS: &[&str] = &["secret", "key_pem"];

#[test]
fn no_struct_with_a_secret_as_plain_text_can_be_printed() {
    let mut found = Vec::new();
    let mut seen = 0;
    for file in sources(&crate::root().join("src-tauri")) {
        let text = std::fs::read_to_string(&file).expect("a source can be read");
        seen += 1;
        found.extend(printable(&text).into_iter().map(|name| format!("{}: {name}", file.display())));
    }
    assert!(seen > 100, "only {seen} sources were found");
    assert!(found.is_empty(), "these derive Debug and hold a secret as text: {found:#?}");
}

#[test]
fn the_rule_sees_every_way_to_write_it() {
    let holds =
        |field: &str| format!("#[derive(Clone, Debug)]\npub struct A {{\n    pub(crate) {field},\n}}\n");
    for field in
        ["secret: String", "secret: Option<String>", "secret: Option<Option<String>>", "key_pem: String"]
    {
        assert_eq!(printable(&holds(field)), ["A"], "{field}");
        assert!(printable(&holds(field).replace(", Debug", "")).is_empty(), "{field}");
    }
    assert!(printable(&holds("secret: Secret")).is_empty());
    assert!(printable(&holds("secret_hint: Option<String>")).is_empty());
}

/// The structs of a source that derive `Debug` and have such a field.
fn printable(source: &str) -> Vec<String> {
    let (mut name, mut derives, mut found) = (None, false, Vec::new());
    for line in source.lines() {
        let code = line.trim();
        let bare = code.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        if let Some(list) = code.strip_prefix("#[derive(") {
            derives = list.contains("Debug");
        } else if let Some(rest) = bare.strip_prefix("struct ") {
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            name = Some(rest[..end].to_owned()).filter(|_| derives);
            derives = false;
        } else if line == "}" {
            (name, derives) = (None, false);
        } else if let (Some(name), Some((field, kind))) = (&name, bare.split_once(": "))
            && SECRET_FIELDS.contains(&field)
            && kind.contains("String")
        {
            found.push(name.clone());
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}
