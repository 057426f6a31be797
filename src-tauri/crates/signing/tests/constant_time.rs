//! No signature, token or secret is compared in a time that tells where two differ.
//!
//! In the code that signs and verifies, what this side knows is a `Proof` or a `Secret`, and neither can be
//! compared any other way. This reads the sources for what could creep in beside them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::path::{Path, PathBuf};

/// Words for what is secret, or proves that one knows a secret.
const SECRET_WORDS: [&str; 9] =
    ["secret", "signature", "expected", "proof", "digest", "token", "password", "key", "hmac"];

/// Comparisons that are of something else, each with the reason.
const ALLOWED: [(&str, &str); 8] = [
    ("text.get(key) != Some(&b'", "where the name of a JSON field begins"),
    ("count(Slot::Signature) != 1", "how a scheme is written"),
    ("form == SecretForm::", "which form a secret has, not the secret"),
    ("spec.several ==", "how signatures travel"),
    ("key == name", "the name of a JSON field"),
    ("plain == name.as_bytes()", "the name of a JSON field"),
    ("signature_format.trim() !=", "how a scheme is written"),
    ("at.unit == TimestampUnit::", "how a scheme is written"),
];

/// Code that holds no secret (recognising a provider), or that compares what is already known to be wrong,
/// for the one who holds the secret (the diagnosis).
const WITHOUT_SECRETS: [&str; 3] = ["diagnose", "recognise.rs", "fuzz.rs"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if WITHOUT_SECRETS.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file without its tests and comments, by line.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn compares(line: &str) -> bool {
    [" == ", " != ", ".eq(", ".ne(", "assert_eq!", ".cmp("].iter().any(|mark| line.contains(mark))
}

/// Lines that compare and name something secret.
fn suspects(text: &str) -> Vec<(usize, &str)> {
    let names_secret = |line: &str| {
        let line = line.to_ascii_lowercase();
        SECRET_WORDS.iter().any(|word| line.contains(word))
    };
    code(text)
        .filter(|(_, line)| compares(line) && names_secret(line))
        .filter(|(_, line)| !ALLOWED.iter().any(|(allowed, _)| line.contains(allowed)))
        .map(|(at, line)| (at + 1, line.trim()))
        .collect()
}

#[test]
fn nothing_secret_is_compared_with_an_operator() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src);
    assert!(files.len() > 25, "{} files", files.len());
    let mut offences = Vec::new();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.strip_prefix(&src).unwrap().display().to_string();
        offences.extend(suspects(&text).into_iter().map(|(at, line)| format!("{name}:{at}: {line}")));
    }
    assert_eq!(offences, Vec::<String>::new());
}

#[test]
fn the_types_that_hold_what_is_secret_have_no_plain_equality() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let proof = std::fs::read_to_string(src.join("proof.rs")).unwrap();
    assert!(!proof.contains("PartialEq for Proof") && !proof.contains("derive"));
    assert!(proof.contains("ct_eq"));
    let secret = std::fs::read_to_string(src.join("secret.rs")).unwrap();
    let equality = secret.split("impl PartialEq for Secret").nth(1).unwrap();
    assert!(equality.split('}').next().unwrap().contains("ct_eq"));
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    let text = "fn f() {\n    // secret == other\n    if signature == expected { }\n    let a = 1 == 2;\n}\n";
    assert_eq!(suspects(text), [(3, "if signature == expected { }")]);
    assert!(suspects("#[cfg(test)]\nmod tests { fn f() { secret == other } }").is_empty());
}
