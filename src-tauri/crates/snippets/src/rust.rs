//! Rust: axum around it, and the crates of the `RustCrypto` family.

mod found;
mod keys;
mod uses;

pub(crate) use uses::dependencies;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
use crate::quote::{Beyond, double_quoted, escaped};
use crate::recipe::{Find, Hash, KeyForm, Piece, Place, Public, Recipe, Run, Time};
use crate::words;

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
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
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
    for line in uses::uses(recipe) {
        code.add(line);
    }
    code.gap();
}

/// What the verifying function is declared with.
const PARAMETERS: Inputs = Inputs {
    method: "    method: &str,\n",
    url: "    url: &str,\n",
    seconds: "    now: i64,\n",
    millis: "    now: i64,\n",
};

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
/// Says why, unless one of the secrets signed this request.‹now›
pub fn verify(
    ‹headers›: &HeaderMap,
    ‹body›: &[u8],
    secrets: &[String],
‹inputs›) -> Result<(), &'static str> {
";
    let values = [
        ("now", words::now(recipe)),
        ("headers", if recipe.reads_any_header() { "headers" } else { "_headers" }.to_owned()),
        ("body", if recipe.reads_body() { "body" } else { "_body" }.to_owned()),
        ("inputs", PARAMETERS.of(recipe)),
    ];
    code.add(fill(opening, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
    steps::<Rust>(recipe, code);
    code.add("    Ok(())\n}");
    code.gap();
}

struct Rust;

impl Dialect for Rust {
    const INDENT: &'static str = "    ";
    const INNER: &'static str = "        ";
    const EACH_SECRET: &'static str = "    let mut matched = false;\n    for secret in secrets {";
    const NONE_FITTED: &'static str = "    }\n    if !matched {\n        return Err(‹reason›);\n    }";
    const TEXT_KEY: &'static str = "        let key = secret.as_bytes();";
    const READ_KEY: &'static str = "        let key = key_of(secret)?;";
    const ACCOUNT: &'static str = "        let account = secret.lines().next().unwrap_or_default().trim();";
    const FOUND: Found = found::FOUND;

    fn quoted(text: &str) -> String {
        double_quoted(text, Beyond::Braced)
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        format!("    let {name} = text(headers, {header}).ok_or({reason})?;")
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r"
    // Each key has a header of its own.
    let names = [‹names›];
    let signatures: Vec<&str> = names.iter().filter_map(|name| text(headers, name)).collect();
    if signatures.is_empty() {
        return Err(‹reason›);
    }
";
        fill(template, &[("names", names), ("reason", reason)])
    }

    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let template = r"
    // The header comes once for each key, or with several values in it.
    let values = headers.get_all(‹header›).iter().filter_map(|value| value.to_str().ok());
    let signatures: Vec<&str> = values.flat_map(|value| value.split(‹separator›)).collect();
    if signatures.is_empty() {
        return Err(‹reason›);
    }
";
        fill(template, &[("header", header), ("separator", &quoted(separator)), ("reason", reason)])
    }

    fn behind(word: &str) -> String {
        let template = r#"
    // ‹why›
    let signature = match header.split_once(' ') {
        Some((word, credentials)) if word.eq_ignore_ascii_case("‹word›") => {
            format!("‹word› {}", credentials.trim())
        }
        _ => header.to_owned(),
    };
"#;
        fill(template, &[("word", word), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!("    let signatures: Vec<&str> = header.split({}).collect();", quoted(separator))
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
        let template = r"
    let timestamp = signatures.iter().find_map(|part| ‹strip›);
    let timestamp = timestamp.ok_or(‹reason›)?;
";
        let mut strip = format!("part.strip_prefix({})", quoted(before));
        if !after.is_empty() {
            strip = format!("{strip}?.strip_suffix({})", quoted(after));
        }
        fill(template, &[("strip", &strip), ("reason", reason)])
    }

    fn before_content(recipe: &Recipe<'_>, code: &mut Code) {
        if recipe.has(Piece::Path) {
            let path = r#"
    let path: Uri = url.parse().map_err(|_| "PUBLIC_URL is not a URL")?;
    let path = path.path();
"#;
            code.about(Topic::Content, path);
        }
    }

    fn content(recipe: &Recipe<'_>, indent: &str) -> String {
        content(recipe, indent)
    }

    fn compare(recipe: &Recipe<'_>, code: &mut Code) {
        keys::compare(recipe, code);
    }

    fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
        keys::check(recipe, public, code);
    }

    fn judge(time: &Time<'_>, code: &mut Code) {
        judge(time, code);
    }
}

fn content(recipe: &Recipe<'_>, indent: &str) -> String {
    let runs: Vec<String> = recipe
        .runs()
        .iter()
        .map(|run| match run {
            Run::Text(pieces) => text(pieces),
            Run::Bytes(Piece::Form) => "&form_sorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) if recipe.key == KeyForm::Text => "key".to_owned(),
            Run::Bytes(Piece::Secret) => "key.as_slice()".to_owned(),
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

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let path = names.iter().map(|name| format!("/{name}")).collect::<Vec<_>>().concat();
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
    let template = r"
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
}
";
    code.about(Topic::Header, template);
    code.gap();
}

fn form(code: &mut Code) {
    let template = r"
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
";
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

/// What it is called with.
const ARGUMENTS: Inputs =
    Inputs { method: ", method.as_str()", url: ", &url", seconds: ", now", millis: ", now" };

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
    let rest = r#"
    match verify(&headers, &body, &secrets‹inputs›) {
        // ‹after›
        Ok(()) => (‹status›, ""),
        Err(reason) => (StatusCode::UNAUTHORIZED, reason),
    }
}
"#;
    code.add(fill(
        rest,
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &status(recipe.status))],
    ));
    code.gap();
    main(recipe, code);
}

fn main(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("#[tokio::main]\nasync fn main() {");
    let secrets = r#"
    // ‹rotation›
    let names = ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"];
    let secrets: Vec<String> = names.iter().filter_map(|name| env::var(name).ok()).filter(|secret| !secret.is_empty()).collect();
    if secrets.is_empty() {
        eprintln!("WEBHOOK_SECRET is not set");
        std::process::exit(1);
    }
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.reads_key() {
        let check = r#"
    // ‹why›
    if let Some(reason) = secrets.iter().find_map(|secret| key_of(secret).err()) {
        eprintln!("{reason}");
        std::process::exit(1);
    }
"#;
        code.about(Topic::Secret, fill(check, &[("why", words::AT_THE_START)]));
    }
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

/// The status as an expression.
fn status(status: u16) -> String {
    match status {
        200 => "StatusCode::OK".to_owned(),
        201 => "StatusCode::CREATED".to_owned(),
        202 => "StatusCode::ACCEPTED".to_owned(),
        204 => "StatusCode::NO_CONTENT".to_owned(),
        other => format!("StatusCode::from_u16({other}).expect(\"it is a status\")"),
    }
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
    Rust::quoted(text)
}
