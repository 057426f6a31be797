//! Rust: axum around it, and the crates of the `RustCrypto` family.

mod found;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, Hash, KeyForm, Piece, Place, Proof, Public, Recipe, Run, Time};
use crate::words;

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

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.reads_headers() {
        text_of_header(&mut code);
    }
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if matches!(recipe.key, KeyForm::Certificate | KeyForm::IdAndCertificate) {
        code.about(Topic::Secret, found::KEY_OF);
        code.gap();
    }
    if recipe.finds == Some(Find::Contentful) {
        code.about(Topic::Content, found::ESCAPING);
        code.gap();
    }
    server(recipe, &mut code);
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    code.add(format!("//! {}\n//! WEBHOOK_SECRET=… cargo run", words::headline(recipe)));
    code.gap();
    code.add("use std::env;");
    code.gap();
    for line in uses(recipe) {
        code.add(line);
    }
    code.gap();
}

/// The imports, in order.
fn uses(recipe: &Recipe<'_>) -> Vec<String> {
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

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r#"
/// Says why, unless one of the secrets signed this request.‹now›
pub fn verify(
    ‹headers›: &HeaderMap,
    ‹body›: &[u8],
    secrets: &[String],
‹inputs›) -> Result<(), &'static str> {
"#;
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => "    method: &str,\n",
            Input::Url => "    url: &str,\n",
            Input::NowSeconds | Input::NowMillis => "    now: i64,\n",
        })
        .collect();
    let values = [
        ("now", words::now(recipe)),
        ("headers", if recipe.reads_any_header() { "headers" } else { "_headers" }.to_owned()),
        ("body", if recipe.reads_body() { "body" } else { "_body" }.to_owned()),
        ("inputs", inputs),
    ];
    code.add(fill(opening, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
    find(recipe, true, code);
    signatures(recipe, code);
    times(recipe, code);
    if let Some(header) = recipe.id_header {
        value("id", header, code);
    }
    find(recipe, false, code);
    code.gap();
    if recipe.has(Piece::Path) {
        let path = r#"
    let path: Uri = url.parse().map_err(|_| "PUBLIC_URL is not a URL")?;
    let path = path.path();
"#;
        code.about(Topic::Content, path);
    }
    if recipe.has_content_of_its_own() && !recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "    "));
    }
    compare(recipe, code);
    if let Some(time) = recipe.judged_time() {
        code.gap();
        judge(time, code);
    }
    code.add("    Ok(())\n}");
    code.gap();
}

/// Lines that take out of the request what only code finds: before the headers are read where the signature
/// is among it, else after.
fn find(recipe: &Recipe<'_>, signature: bool, code: &mut Code) {
    if let Some(find) = recipe.finds.as_ref().filter(|find| find.gives_signature() == signature) {
        let (topic, lines) = found::of(find);
        code.about(topic, lines);
    }
}

fn value(name: &str, header: &str, code: &mut Code) {
    let (quoted_header, reason) = (quoted(header), quoted(&words::missing(header)));
    let line = format!("    let {name} = text(headers, {quoted_header}).ok_or({reason})?;");
    code.about(Topic::Header, line);
}

fn signatures(recipe: &Recipe<'_>, code: &mut Code) {
    let signature = &recipe.signature;
    if signature.headers.is_empty() {
        return;
    }
    let first = quoted(signature.headers[0]);
    let reason = quoted(&words::missing(signature.headers[0]));
    let separator = quoted(signature.separator.unwrap_or_default());
    if signature.headers.len() > 1 {
        let names: Vec<_> = signature.headers.iter().map(|name| quoted(name)).collect();
        let template = r#"
    // Each key has a header of its own.
    let names = [‹names›];
    let signatures: Vec<&str> = names.iter().filter_map(|name| text(headers, name)).collect();
    if signatures.is_empty() {
        return Err(‹reason›);
    }
"#;
        code.about(Topic::Header, fill(template, &[("names", &names.join(", ")), ("reason", &reason)]));
    } else if signature.repeated {
        let template = r#"
    // The header comes once for each key, or with several values in it.
    let values = headers.get_all(‹header›).iter().filter_map(|value| value.to_str().ok());
    let signatures: Vec<&str> = values.flat_map(|value| value.split(‹separator›)).collect();
    if signatures.is_empty() {
        return Err(‹reason›);
    }
"#;
        let values = [("header", first.as_str()), ("separator", &separator), ("reason", &reason)];
        code.about(Topic::Header, fill(template, &values));
    } else if signature.separator.is_some() {
        value("header", signature.headers[0], code);
        code.about(
            Topic::Header,
            format!("    let signatures: Vec<&str> = header.split({separator}).collect();"),
        );
    } else {
        value("signature", signature.headers[0], code);
    }
}

fn times(recipe: &Recipe<'_>, code: &mut Code) {
    let Some(time) = &recipe.time else { return };
    match time.place {
        Place::Found | Place::Body(_) => {}
        Place::Header(header) => value("timestamp", header, code),
        Place::Part { before, after } => {
            let template = r#"
    let timestamp = signatures.iter().find_map(|part| ‹strip›);
    let timestamp = timestamp.ok_or(‹reason›)?;
"#;
            let mut strip = format!("part.strip_prefix({})", quoted(before));
            if !after.is_empty() {
                strip = format!("{strip}?.strip_suffix({})", quoted(after));
            }
            let reason = quoted(&words::no_time(recipe));
            code.about(Topic::Header, fill(template, &[("strip", &strip), ("reason", &reason)]));
        }
    }
}

fn content(recipe: &Recipe<'_>, indent: &str) -> String {
    let runs: Vec<String> = recipe
        .runs()
        .iter()
        .map(|run| match run {
            Run::Text(pieces) => text(pieces),
            Run::Bytes(Piece::Form) => "&form_sorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key.as_ref()".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    format!("{indent}let content = [{}].concat();", runs.join(", "))
}

fn text(pieces: &[Piece<'_>]) -> String {
    match pieces {
        [Piece::Text(text)] => return format!("{}.as_bytes()", quoted(text)),
        [one] => return format!("{}.as_bytes()", name(*one)),
        _ => {}
    }
    let inside: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => in_format(text),
            other => format!("{{{}}}", name(*other)),
        })
        .collect();
    format!("format!(\"{inside}\").as_bytes()")
}

fn name(piece: Piece<'_>) -> &'static str {
    match piece {
        Piece::Id => "id",
        Piece::Timestamp => "timestamp",
        Piece::Method => "method",
        Piece::Path => "path",
        Piece::Account => "account",
        Piece::Found(name) => name,
        _ => "url",
    }
}

fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("    let mut matched = false;\n    for secret in secrets {");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "        "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
        digest(recipe, code);
        let comparing = if recipe.is_list() {
            "        matched |= signatures.iter().any(|one| one.as_bytes().ct_eq(expected.as_bytes()).into());"
        } else {
            "        matched |= bool::from(signature.as_bytes().ct_eq(expected.as_bytes()));"
        };
        code.about(Topic::Digest, format!("        // {}\n{comparing}", words::CONSTANT_TIME));
    }
    let template = r#"
    }
    if !matched {
        return Err(‹reason›);
    }
"#;
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "        let key = secret.as_bytes();".to_owned(),
        KeyForm::Base64 { prefix: "" } => {
            "        let key = BASE64.decode(secret.as_bytes()).map_err(|_| \"the secret is not base64\")?;".to_owned()
        }
        KeyForm::Base64 { prefix } => format!(
            "        let key = secret.strip_prefix(\"{prefix}\").unwrap_or(secret);\n        let key = BASE64.decode(key.as_bytes()).map_err(|_| \"the secret is not base64\")?;"
        ),
        KeyForm::Base64Url => r#"
        let key = secret.trim_end_matches('=').as_bytes();
        let key = BASE64URL_NOPAD.decode(key).map_err(|_| "the secret is not base64")?;
"#.to_owned(),
        KeyForm::Hex => {
            "        let key = HEXLOWER_PERMISSIVE.decode(secret.as_bytes()).map_err(|_| \"the secret is not hexadecimal\")?;".to_owned()
        }
        KeyForm::Pem => return "        let key = VerifyingKey::from_public_key_pem(secret).map_err(|_| \"the secret is no key\")?;".to_owned(),
        KeyForm::Certificate => return "        let key = key_of(secret)?;".to_owned(),
        KeyForm::IdAndCertificate => {
            let lines = r#"
        // The webhook's id on the first line, the certificate below.
        let (account, certificate) = secret.split_once('\n').ok_or("the secret is of one line")?;
        let account = account.trim();
        let key = key_of(certificate)?;
"#;
            return lines.to_owned();
        }
    };
    let public = match recipe.proof {
        Proof::Public(Public::Ed25519) => {
            r#"
        let key = key.as_slice().try_into().map_err(|_| "the secret is no key")?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| "the secret is no key")?;
"#
        }
        Proof::Public(_) => {
            "        let key = VerifyingKey::from_public_key_der(&key).map_err(|_| \"the secret is no key\")?;"
        }
        _ => "",
    };
    format!("{}\n{}", bytes.trim_matches('\n'), public.trim_matches('\n'))
}

fn digest(recipe: &Recipe<'_>, code: &mut Code) {
    let encoding = encoding(recipe);
    let content = if recipe.is_body_alone() { "body" } else { "&content" };
    let digest = match recipe.proof {
        Proof::Hmac(hash) => {
            let key = if recipe.key == KeyForm::Text { "key" } else { "&key" };
            let mac = r#"
        let mut mac = Hmac::<‹hash›>::new_from_slice(‹key›).expect("HMAC takes keys of any length");
        mac.update(‹content›);
"#;
            code.about(
                Topic::Digest,
                fill(mac, &[("hash", class(hash)), ("key", key), ("content", content)]),
            );
            if recipe.is_body_alone() {
                code.also(Topic::Content, 1);
            }
            format!("{encoding}.encode(&mac.finalize().into_bytes())")
        }
        Proof::Plain(hash) => format!("{encoding}.encode(&{}::digest({content}))", class(hash)),
        Proof::TokenInBase64 => format!("{encoding}.encode(key)"),
        Proof::Token | Proof::Public(_) => "secret".to_owned(),
    };
    let (before, after) = recipe.signature.around;
    let expected = if before.is_empty() && after.is_empty() {
        digest
    } else {
        format!("format!(\"{}{{}}{}\", {digest})", in_format(before), in_format(after))
    };
    code.about(Topic::Digest, format!("        let expected = {expected};"));
}

/// Checks signatures with the public key.
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let mut steps = String::new();
    if !before.is_empty() {
        steps.push_str(&format!(
            "            let Some(one) = one.strip_prefix({}) else {{ continue }};\n",
            quoted(before)
        ));
    }
    if !after.is_empty() {
        steps.push_str(&format!(
            "            let Some(one) = one.strip_suffix({}) else {{ continue }};\n",
            quoted(after)
        ));
    }
    let content = if recipe.is_body_alone() { "body" } else { "&content" };
    let check = match public {
        Public::Ed25519 => {
            "Signature::from_slice(&bytes).is_ok_and(|one| key.verify_strict(‹content›, &one).is_ok())"
        }
        Public::Ecdsa => {
            "DerSignature::from_bytes(&bytes).is_ok_and(|one| key.verify(‹content›, &one).is_ok())"
        }
        Public::Rsa => {
            "key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(‹content›), &bytes).is_ok()"
        }
        Public::RsaOverSaidHash => "key.verify(padding(), &digest(‹content›), &bytes).is_ok()",
    };
    let template = r#"
        for one in ‹signatures› {
‹steps›            let Ok(bytes) = ‹encoding›.decode(one.as_bytes()) else { continue };
            matched |= ‹check›;
        }
"#;
    let check = fill(check, &[("content", content)]);
    let signatures = if recipe.is_list() { "&signatures" } else { "[&signature]" };
    let values =
        [("signatures", signatures), ("steps", &steps), ("encoding", encoding(recipe)), ("check", &check)];
    code.about(Topic::Digest, fill(template, &values));
    if recipe.is_body_alone() {
        code.also(Topic::Content, 2);
    }
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let path: String = names.iter().map(|name| format!("/{name}")).collect();
        let template = r#"
    // The time stands in the body. One without it is held to none.
    let message: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(timestamp) = message.pointer(‹path›) else { return Ok(()) };
    let timestamp = timestamp.to_string();
    let timestamp = timestamp.trim_matches('"');
"#;
        code.about(Topic::Time, fill(template, &[("path", &quoted(&path))]));
    }
    let signed_at = match time.unit {
        TimestampUnit::Iso => {
            "chrono::DateTime::parse_from_rfc3339(‹timestamp›).map(|time| time.timestamp_millis())"
        }
        TimestampUnit::S | TimestampUnit::Ms => "timestamp.parse::<i64>()",
    };
    let timestamp = if matches!(time.place, Place::Found) { "&timestamp" } else { "timestamp" };
    let signed_at = fill(signed_at, &[("timestamp", timestamp)]);
    let template = r#"
    let signed_at = ‹signed_at›;
    let age = now - signed_at.map_err(|_| "the time of signing cannot be read")?;
"#;
    code.about(Topic::Time, fill(template, &[("signed_at", &signed_at)]));
    for (limit, reason) in time.rules("age") {
        let rule = format!("    if {limit} {{\n        return Err({});\n    }}", quoted(reason));
        code.about(Topic::Time, rule);
    }
}

fn text_of_header(code: &mut Code) {
    let template = r#"
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
}
"#;
    code.about(Topic::Header, template);
    code.gap();
}

fn form(code: &mut Code) {
    let template = r#"
/// ‹why›
fn form_sorted(body: &[u8]) -> Vec<u8> {
    let decoded = |text: &[u8]| -> Vec<u8> {
        let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        percent_encoding::percent_decode(&spaced).collect()
    };
    let fields = body.split(|&byte| byte == b'&').filter(|field| !field.is_empty());
    let mut pairs: Vec<[Vec<u8>; 2]> = fields
        .map(|field| {
            let end = field.iter().position(|&byte| byte == b'=').unwrap_or(field.len());
            [decoded(&field[..end]), decoded(field.get(end + 1..).unwrap_or_default())]
        })
        .collect();
    pairs.sort();
    pairs.dedup();
    pairs.concat().concat()
}
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    let mut extracted = vec!["State(secrets): State<Vec<String>>"];
    extracted.extend(recipe.takes(Input::Method).then_some("method: Method"));
    extracted.extend(recipe.needs_url().then_some("uri: Uri"));
    extracted.push("headers: HeaderMap");
    let opening = fill("async fn receive(\n    ‹extracted›,\n", &[("extracted", &extracted.join(",\n    "))]);
    code.add(opening);
    code.about(Topic::Body, format!("    // {}\n    body: Bytes,", words::RAW));
    code.add(") -> (StatusCode, &'static str) {");
    if recipe.needs_url() {
        let url = r#"
    // ‹why›
    // ‹what›
    let public_url = env::var("PUBLIC_URL").unwrap_or_else(|_| "http://localhost:3000".into());
    let url = format!("{public_url}{uri}");
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    if let Some(time) = recipe.judged_time() {
        let now = r#"
    let clock = std::time::UNIX_EPOCH.elapsed().expect("the clock stands after 1970");
    let now = clock.‹unit› as i64;
"#;
        code.about(
            Topic::Time,
            fill(now, &[("unit", if time.in_seconds() { "as_secs()" } else { "as_millis()" })]),
        );
    }
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", method.as_str()",
            Input::Url => ", &url",
            Input::NowSeconds | Input::NowMillis => ", now",
        })
        .collect();
    let rest = r#"
    match verify(&headers, &body, &secrets‹inputs›) {
        // ‹after›
        Ok(()) => (StatusCode::NO_CONTENT, ""),
        Err(reason) => (StatusCode::UNAUTHORIZED, reason),
    }
}
"#;
    code.add(fill(rest, &[("inputs", &inputs), ("after", words::AFTER)]));
    code.gap();
    main(code);
}

fn main(code: &mut Code) {
    code.add("#[tokio::main]\nasync fn main() {");
    let secrets = r#"
    // ‹rotation›
    let names = ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"];
    let secrets: Vec<String> = names.iter().filter_map(|name| env::var(name).ok()).filter(|secret| !secret.is_empty()).collect();
    assert!(!secrets.is_empty(), "WEBHOOK_SECRET is not set");
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    code.add(
        r#"
    let port = env::var("PORT").unwrap_or_else(|_| "3000".into());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await.expect("the port is free");
    let app = Router::new().fallback(receive).with_state(secrets);
    axum::serve(listener, app).await.expect("the server runs");
}
"#,
    );
}

fn class(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "Sha1",
        Hash::Sha256 => "Sha256",
        Hash::Sha384 => "Sha384",
        Hash::Sha512 => "Sha512",
    }
}

fn library(hash: Hash) -> &'static str {
    if hash == Hash::Sha1 { "sha1" } else { "sha2" }
}

fn encoding(recipe: &Recipe<'_>) -> &'static str {
    match recipe.encoding {
        Encoding::Hex => "HEXLOWER",
        Encoding::Base64 => "BASE64",
        Encoding::Base64Url => "BASE64URL_NOPAD",
    }
}

fn is_iso(recipe: &Recipe<'_>) -> bool {
    recipe.judged_time().is_some_and(|time| time.unit == TimestampUnit::Iso)
}

/// Text inside `format!`'s own literal.
fn in_format(text: &str) -> String {
    escaped(&text.replace('{', "{{").replace('}', "}}"), "\"", Beyond::Braced)
}

fn quoted(text: &str) -> String {
    double_quoted(text, Beyond::Braced)
}
