//! Secrets stay out of `Debug`: a struct that holds one as plain text does not derive it. On their way in and out
//! they are not plain text at all, but of a type that is wiped and cannot be printed.

use std::path::{Path, PathBuf};

/// Fields that hold a secret as its owner wrote it.
const SECRET_FIELDS: &[&str] = &["secret", "verify_token", "token", "password", "key_pem"];

/// Where secrets come in and go out: on the wire, in what people ask of the workbench, on the command line.
const WAYS: &[&str] = &["crates/api/src/wire", "crates/workbench/src", "cli/src"];

/// Fields of such a name that hold none of the secrets that are meant: how a scheme reads its secret, by name; and
/// the token of the running API, which its file of the data folder tells whoever may read it.
const NONE: &[(&str, &str)] = &[("wire/scheme.rs", "secret"), ("workbench/src/discovery.rs", "token")];

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
fn no_secret_goes_in_or_out_as_plain_text() {
    let (mut found, mut seen) = (Vec::new(), 0);
    for folder in WAYS {
        for file in sources(&crate::root().join("src-tauri").join(folder)) {
            let path = file.display().to_string().replace('\\', "/");
            let text = std::fs::read_to_string(&file).expect("a source can be read");
            seen += 1;
            let plain = plain_fields(&text).into_iter();
            let named =
                plain.filter(|field| !NONE.iter().any(|(end, none)| path.ends_with(end) && none == field));
            found.extend(named.map(|field| format!("{path}: {field}")));
        }
    }
    assert!(seen > 60, "only {seen} sources were found");
    assert!(found.is_empty(), "these hold a secret as text: {found:#?}");
}

#[test]
fn that_rule_sees_fields_of_structs_and_variants_and_nothing_else() {
    let source = "struct A {\n    pub(crate) secret: Option<String>,\n}\nenum B {\n    C { id: String },\n    \
                  D {\n        token: String,\n    },\n}\nfn f() {\n    let secret: String = g();\n}\n";
    assert_eq!(plain_fields(source), ["secret", "token"]);
    assert!(plain_fields(&source.replace("String", "Secret")).is_empty());
    assert!(plain_fields("struct A {\n    secret_hint: Option<String>,\n}\n").is_empty());
    assert_eq!(
        plain_fields("fn f(\n    secret: Option<String>,\n) {\n"),
        ["secret"],
        "an argument is no better"
    );
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

/// The fields and arguments of a source that hold a secret as text, one a line as the formatter writes them.
fn plain_fields(source: &str) -> Vec<&str> {
    let fields = source.lines().filter_map(|line| {
        let bare = line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        bare.strip_suffix(',')?.split_once(": ")
    });
    let plain = fields.filter(|(field, kind)| SECRET_FIELDS.contains(field) && is_text(kind));
    plain.map(|(field, _)| field).collect()
}

/// `String` and `&str`, however often it may be missing.
fn is_text(kind: &str) -> bool {
    let inner = kind.trim_start_matches("Option<").trim_start_matches("Vec<").trim_end_matches('>');
    matches!(inner, "String" | "&str" | "&'static str")
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
