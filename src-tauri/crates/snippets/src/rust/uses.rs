//! The crates that a receiver in Rust uses, as imports and as commands that fetch them.

use super::{class, encoding, is_iso, library};
use crate::Input;
use crate::recipe::{Find, Hash, KeyForm, Piece, Proof, Public, Recipe};

/// The commands that fetch the crates used.
pub(crate) fn dependencies(recipe: &Recipe<'_>) -> Vec<String> {
    let mut crates: Vec<&str> = uses(recipe).iter().filter_map(|line| versioned(line)).collect();
    crates.extend((recipe.finds == Some(Find::Paypal)).then_some("crc32fast@1.5"));
    crates.extend(recipe.reads_json().then_some("serde_json@1"));
    crates.extend(is_iso(recipe).then_some("chrono@0.4"));
    crates.extend(
        (recipe.has(Piece::Form) || recipe.finds == Some(Find::Contentful)).then_some("percent-encoding@2"),
    );
    crates.dedup();
    let mut commands = vec![
        format!("cargo add {}", crates.join(" ")),
        "cargo add tokio@1 --features macros,net,rt-multi-thread".to_owned(),
    ];
    let features = match recipe.proof {
        Proof::Public(Public::Ed25519) if recipe.key == KeyForm::Pem => {
            "ed25519-dalek@3 --features pem,pkcs8"
        }
        Proof::Public(Public::Ecdsa) => "p256@0.14 --features ecdsa,pem,pkcs8",
        Proof::Public(Public::Rsa | Public::RsaOverSaidHash) => "x509-cert@0.3 --features pem",
        _ => return commands,
    };
    commands.push(format!("cargo add {features}"));
    commands
}

/// The crate that an import is of, with the version that this was written for.
fn versioned(line: &str) -> Option<&'static str> {
    let names = [
        "axum@0.8",
        "data-encoding@2",
        "ed25519-dalek@3",
        "hmac@0.13",
        "rsa@=0.10.0-rc.20",
        "sha1@0.11",
        "sha2@0.11",
        "subtle@2",
    ];
    names.into_iter().find(|name| {
        let name = name.split('@').next().unwrap_or_default().replace('-', "_");
        line.strip_prefix("use ")
            .and_then(|line| line.strip_prefix(name.as_str()))
            .is_some_and(|rest| rest.starts_with("::"))
    })
}

/// The imports, in order.
pub(super) fn uses(recipe: &Recipe<'_>) -> Vec<String> {
    let mut uses = ["use axum::Router;", "use axum::body::Bytes;", "use axum::extract::State;"]
        .map(str::to_owned)
        .to_vec();
    let mut parts = vec!["HeaderMap"];
    parts.extend(recipe.takes(Input::Method).then_some("Method"));
    parts.push("StatusCode");
    parts.extend(recipe.needs_url().then_some("Uri"));
    uses.push(format!("use axum::http::{{{}}};", parts.join(", ")));
    let names = encodings(recipe);
    match names.as_slice() {
        [] => {}
        [one] => uses.push(format!("use data_encoding::{one};")),
        several => uses.push(format!("use data_encoding::{{{}}};", several.join(", "))),
    }
    match recipe.proof {
        Proof::Hmac(Hash::Sha1) if recipe.finds == Some(Find::HashInUrl) => uses.extend([
            "use hmac::{Hmac, KeyInit, Mac};".to_owned(),
            "use sha1::Sha1;".to_owned(),
            "use sha2::{Digest, Sha256};".to_owned(),
        ]),
        Proof::Hmac(hash) => {
            uses.extend([
                "use hmac::{Hmac, KeyInit, Mac};".to_owned(),
                format!("use {}::{};", library(hash), class(hash)),
            ]);
        }
        Proof::Plain(hash) => uses.push(format!("use {}::{{Digest, {}}};", library(hash), class(hash))),
        Proof::Token | Proof::TokenInBase64 => {}
        Proof::Public(public) => uses.extend(uses_of_keys(recipe, public)),
    }
    if !matches!(recipe.proof, Proof::Public(_)) {
        uses.push("use subtle::ConstantTimeEq;".to_owned());
    }
    uses
}

fn uses_of_keys(recipe: &Recipe<'_>, public: Public) -> Vec<String> {
    let lines: &[&str] = match (public, recipe.key) {
        (Public::Ed25519, KeyForm::Pem) => {
            &["use ed25519_dalek::pkcs8::DecodePublicKey;", "use ed25519_dalek::{Signature, VerifyingKey};"]
        }
        (Public::Ed25519, _) => &["use ed25519_dalek::{Signature, VerifyingKey};"],
        (Public::Ecdsa, _) => &[
            "use p256::ecdsa::signature::Verifier;",
            "use p256::ecdsa::{DerSignature, VerifyingKey};",
            "use p256::pkcs8::DecodePublicKey;",
        ],
        (Public::Rsa, _) => &[
            "use rsa::pkcs8::DecodePublicKey;",
            "use rsa::{Pkcs1v15Sign, RsaPublicKey};",
            "use sha2::{Digest, Sha256};",
            "use x509_cert::Certificate;",
            "use x509_cert::der::{DecodePem, Encode};",
        ],
        (Public::RsaOverSaidHash, _) => &[
            "use rsa::pkcs8::DecodePublicKey;",
            "use rsa::{Pkcs1v15Sign, RsaPublicKey};",
            "use sha1::Sha1;",
            "use sha2::{Digest, Sha256};",
            "use x509_cert::Certificate;",
            "use x509_cert::der::{DecodePem, Encode};",
        ],
    };
    lines.iter().map(|&line| line.to_owned()).collect()
}

/// What is used of `data_encoding`.
fn encodings(recipe: &Recipe<'_>) -> Vec<&'static str> {
    let mut names = Vec::new();
    names.extend((recipe.proof != Proof::Token).then(|| encoding(recipe)));
    names.extend(match recipe.key {
        KeyForm::Base64 { .. } => Some("BASE64"),
        KeyForm::Base64Url => Some("BASE64URL_NOPAD"),
        KeyForm::Hex => Some("HEXLOWER_PERMISSIVE"),
        KeyForm::Text | KeyForm::Pem | KeyForm::Certificate | KeyForm::IdAndCertificate => None,
    });
    names.extend((recipe.finds == Some(Find::HashInUrl)).then_some("HEXLOWER"));
    names.sort_unstable();
    names.dedup();
    names
}
