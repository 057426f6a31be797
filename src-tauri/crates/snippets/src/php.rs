//! PHP: a plain script.

mod found;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, escaped};
use crate::recipe::{Find, KeyForm, Piece, Place, Proof, Public, Recipe, Run, Time};
use crate::words;

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if recipe.finds == Some(Find::Contentful) {
        code.about(Topic::Content, found::ESCAPING);
        code.gap();
    }
    server(recipe, &mut code);
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    let template = r#"
<?php
// ‹headline›
// PHP 8, nothing to install: WEBHOOK_SECRET=… php -S localhost:3000 receiver.php
declare(strict_types=1);

class Rejected extends Exception {}
"#;
    code.add(fill(template, &[("headline", &words::headline(recipe))]));
    code.gap();
}

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r#"
/** Throws Rejected unless one of the secrets signed this request. $headers: names in lower case.‹now› */
function verify(array $headers, string $body, array $secrets‹inputs›): void
{
"#;
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", string $method",
            Input::Url => ", string $url",
            Input::NowSeconds | Input::NowMillis => ", int $now",
        })
        .collect();
    code.add(fill(opening, &[("now", &words::now(recipe).replace("`now`", "$now")), ("inputs", &inputs)]));
    find(recipe, true, code);
    signatures(recipe, code);
    times(recipe, code);
    if let Some(header) = recipe.id_header {
        value("id", header, code);
    }
    find(recipe, false, code);
    code.gap();
    if recipe.has_content_of_its_own() && !recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "    "));
    }
    compare(recipe, code);
    if let Some(time) = recipe.judged_time() {
        code.gap();
        judge(time, code);
    }
    code.add("}");
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
    let template = r#"
    $‹name› = $headers[‹header›] ?? '';
    if ($‹name› === '') {
        throw new Rejected(‹reason›);
    }
"#;
    let (header, reason) = (quoted(&header.to_lowercase()), quoted(&words::missing(header)));
    code.about(Topic::Header, fill(template, &[("name", name), ("header", &header), ("reason", &reason)]));
}

fn signatures(recipe: &Recipe<'_>, code: &mut Code) {
    let signature = &recipe.signature;
    if signature.headers.is_empty() {
        return;
    }
    if signature.headers.len() > 1 {
        let names: Vec<_> = signature.headers.iter().map(|name| quoted(&name.to_lowercase())).collect();
        let template = r#"
    // Each key has a header of its own.
    $names = [‹names›];
    $signatures = array_filter(array_map(fn ($name) => $headers[$name] ?? '', $names));
    if ($signatures === []) {
        throw new Rejected(‹reason›);
    }
"#;
        let reason = quoted(&words::missing(signature.headers[0]));
        code.about(Topic::Header, fill(template, &[("names", &names.join(", ")), ("reason", &reason)]));
        return;
    }
    let Some(separator) = signature.separator else { return value("signature", signature.headers[0], code) };
    value("header", signature.headers[0], code);
    // PHP joins headers that came more than once with a comma and a space.
    let header = if signature.repeated && separator != ", " {
        format!("str_replace(', ', {}, $header)", quoted(separator))
    } else {
        "$header".to_owned()
    };
    code.about(Topic::Header, format!("    $signatures = explode({}, {header});", quoted(separator)));
}

fn times(recipe: &Recipe<'_>, code: &mut Code) {
    let Some(time) = &recipe.time else { return };
    match time.place {
        Place::Found | Place::Body(_) => {}
        Place::Header(header) => value("timestamp", header, code),
        Place::Part { before, after } => {
            let template = r#"
    $timestamp = '';
    foreach ($signatures as $part) {
        if (‹test›) {
            $timestamp = substr($part, ‹range›);
            break;
        }
    }
    if ($timestamp === '') {
        throw new Rejected(‹reason›);
    }
"#;
            let mut test = format!("str_starts_with($part, {})", quoted(before));
            let mut range = before.len().to_string();
            if !after.is_empty() {
                test = format!("{test} && str_ends_with($part, {})", quoted(after));
                range = format!("{range}, -{}", after.len());
            }
            let reason = quoted(&words::no_time(recipe));
            code.about(
                Topic::Header,
                fill(template, &[("test", &test), ("range", &range), ("reason", &reason)]),
            );
        }
    }
}

fn content(recipe: &Recipe<'_>, indent: &str) -> String {
    let runs: Vec<String> = recipe
        .runs()
        .iter()
        .map(|run| match run {
            Run::Text(pieces) => text(pieces),
            Run::Bytes(Piece::Form) => "form_sorted($body)".to_owned(),
            Run::Bytes(Piece::Secret) => "$key".to_owned(),
            Run::Bytes(_) => "$body".to_owned(),
        })
        .collect();
    format!("{indent}$content = {};", runs.join(" . "))
}

fn text(pieces: &[Piece<'_>]) -> String {
    let pieces: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => quoted(text),
            Piece::Id => "$id".to_owned(),
            Piece::Timestamp => "$timestamp".to_owned(),
            Piece::Method => "$method".to_owned(),
            Piece::Path => "parse_url($url, PHP_URL_PATH)".to_owned(),
            Piece::Account => "$account".to_owned(),
            Piece::Found(name) => format!("${name}"),
            _ => "$url".to_owned(),
        })
        .collect();
    pieces.join(" . ")
}

fn compare(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("    $matched = false;\n    foreach ($secrets as $secret) {");
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, key(recipe));
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, content(recipe, "        "));
    }
    if let Proof::Public(public) = recipe.proof {
        check(recipe, public, code);
    } else {
        code.about(Topic::Digest, format!("        $expected = {};", expected(recipe)));
        if recipe.is_body_alone() {
            code.also(Topic::Content, 1);
        }
        code.about(Topic::Digest, format!("        // {}", words::CONSTANT_TIME));
        let comparing = if recipe.is_list() {
            r#"
        foreach ($signatures as $signature) {
            $matched = hash_equals($expected, $signature) || $matched;
        }
"#
        } else {
            "        $matched = hash_equals($expected, $signature) || $matched;"
        };
        code.about(Topic::Digest, comparing);
    }
    let template = r#"
    }
    if (!$matched) {
        throw new Rejected(‹reason›);
    }
"#;
    code.add(fill(template, &[("reason", &quoted(words::mismatch(recipe)))]));
}

fn key(recipe: &Recipe<'_>) -> String {
    let bytes = match recipe.key {
        KeyForm::Text => "$secret".to_owned(),
        KeyForm::Base64 { prefix: "" } => "base64_decode($secret)".to_owned(),
        KeyForm::Base64 { prefix } => format!("base64_decode(preg_replace('/^{prefix}/', '', $secret))"),
        KeyForm::Base64Url => "base64_decode(strtr($secret, '-_', '+/'))".to_owned(),
        KeyForm::Hex => "hex2bin($secret)".to_owned(),
        KeyForm::Pem if recipe.proof == Proof::Public(Public::Ed25519) => {
            // The key is the end of what the PEM holds.
            "substr(base64_decode(preg_replace('/-----[A-Z ]+-----/', '', $secret)), -32)".to_owned()
        }
        KeyForm::Pem | KeyForm::Certificate => {
            return "        $key = openssl_pkey_get_public($secret);".to_owned();
        }
        KeyForm::IdAndCertificate => {
            let lines = r#"
        // The webhook's id on the first line, the certificate below.
        [$account, $certificate] = explode("\n", $secret, 2);
        $account = trim($account);
        $key = openssl_pkey_get_public($certificate);
"#;
            return lines.to_owned();
        }
    };
    match recipe.proof {
        Proof::Public(Public::Ecdsa) => format!(
            "        $pem = chunk_split(base64_encode({bytes}), 64);\n        $key = openssl_pkey_get_public(\"-----BEGIN PUBLIC KEY-----\\n$pem-----END PUBLIC KEY-----\\n\");"
        ),
        _ => format!("        $key = {bytes};"),
    }
}

fn expected(recipe: &Recipe<'_>) -> String {
    let content = format!("${}", recipe.content_name());
    let binary = recipe.encoding != Encoding::Hex;
    let digest = match recipe.proof {
        Proof::Hmac(hash) if binary => format!("hash_hmac('{}', {content}, $key, true)", hash.name()),
        Proof::Hmac(hash) => format!("hash_hmac('{}', {content}, $key)", hash.name()),
        Proof::Plain(hash) if binary => format!("hash('{}', {content}, true)", hash.name()),
        Proof::Plain(hash) => format!("hash('{}', {content})", hash.name()),
        _ => "$key".to_owned(),
    };
    let written = match (recipe.proof, recipe.encoding) {
        (Proof::Token, _) => "$secret".to_owned(),
        (_, Encoding::Hex) => digest,
        (_, Encoding::Base64) => format!("base64_encode({digest})"),
        (_, Encoding::Base64Url) => format!("rtrim(strtr(base64_encode({digest}), '+/', '-_'), '=')"),
    };
    recipe.signature.dressed(&written, " . ", quoted)
}

/// Checks signatures with the public key.
fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
    let (before, after) = recipe.signature.around;
    let mut tests = Vec::new();
    tests.extend((!before.is_empty()).then(|| format!("!str_starts_with($one, {})", quoted(before))));
    tests.extend((!after.is_empty()).then(|| format!("!str_ends_with($one, {})", quoted(after))));
    let passed_over = match tests.as_slice() {
        [] => String::new(),
        tests => {
            format!("            if ({}) {{\n                continue;\n            }}\n", tests.join(" || "))
        }
    };
    let text = match (before.len(), after.len()) {
        (0, 0) => "$one".to_owned(),
        (start, 0) => format!("substr($one, {start})"),
        (start, end) => format!("substr($one, {start}, -{end})"),
    };
    let bytes = match recipe.encoding {
        // Quiet: nonsense in a header is no fault of ours.
        Encoding::Hex => format!("(string) @hex2bin({text})"),
        Encoding::Base64 => format!("(string) base64_decode({text}, true)"),
        Encoding::Base64Url => format!("(string) base64_decode(strtr({text}, '-_', '+/'), true)"),
    };
    let content = format!("${}", recipe.content_name());
    let check = match public {
        Public::Ed25519 => format!(
            "strlen($bytes) === SODIUM_CRYPTO_SIGN_BYTES && sodium_crypto_sign_verify_detached($bytes, {content}, $key)"
        ),
        Public::Ecdsa | Public::Rsa => format!("openssl_verify({content}, $bytes, $key, 'sha256') === 1"),
        Public::RsaOverSaidHash => format!("openssl_verify({content}, $bytes, $key, $hash) === 1"),
    };
    let template = r#"
        foreach (‹signatures› as $one) {
‹passed_over›            $bytes = ‹bytes›;
            if (‹check›) {
                $matched = true;
            }
        }
"#;
    let values = [
        ("signatures", if recipe.is_list() { "$signatures" } else { "[$signature]" }),
        ("passed_over", &passed_over),
        ("bytes", &bytes),
        ("check", &check),
    ];
    code.about(Topic::Digest, fill(template, &values));
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let path: String = names.iter().map(|name| format!("[{}]", quoted(name))).collect();
        let template = r#"
    // The time stands in the body. One without it is held to none.
    $timestamp = (string) (json_decode($body, true)‹path› ?? '');
    if ($timestamp === '') {
        return;
    }
"#;
        code.about(Topic::Time, fill(template, &[("path", &path)]));
    }
    code.about(
        Topic::Time,
        match time.unit {
            TimestampUnit::Iso => {
                r#"
    $signed_at = date_create_immutable($timestamp);
    if ($signed_at === false) {
        throw new Rejected('the time of signing cannot be read');
    }
    $age = $now - (int) $signed_at->format('Uv');
"#
            }
            TimestampUnit::S | TimestampUnit::Ms => {
                r#"
    if (!ctype_digit($timestamp)) {
        throw new Rejected('the time of signing is not a number');
    }
    $age = $now - (int) $timestamp;
"#
            }
        },
    );
    for (limit, reason) in time.rules("$age") {
        let rule = format!("    if ({limit}) {{\n        throw new Rejected({});\n    }}", quoted(reason));
        code.about(Topic::Time, rule);
    }
}

fn form(code: &mut Code) {
    let template = r#"
/** ‹why› */
function form_sorted(string $body): string
{
    $pairs = [];
    foreach (array_filter(explode('&', $body), 'strlen') as $field) {
        [$name, $value] = explode('=', $field, 2) + [1 => ''];
        $pairs[] = [urldecode($name), urldecode($value)];
    }
    // As text: PHP would compare numbers by their value.
    usort($pairs, fn ($a, $b) => strcmp($a[0], $b[0]) ?: strcmp($a[1], $b[1]));
    $joined = '';
    foreach ($pairs as $i => $pair) {
        if ($i === 0 || $pair !== $pairs[$i - 1]) {
            $joined .= $pair[0] . $pair[1];
        }
    }
    return $joined;
}
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("function receive(): void\n{");
    let secrets = r#"
    // ‹rotation›
    $secrets = array_filter([getenv('WEBHOOK_SECRET'), getenv('WEBHOOK_SECRET_PREVIOUS')]);
    if ($secrets === []) {
        http_response_code(500);
        exit('WEBHOOK_SECRET is not set');
    }
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.needs_url() {
        let url = r#"
    // ‹why›
    // ‹what›
    $url = (getenv('PUBLIC_URL') ?: 'http://localhost:3000') . $_SERVER['REQUEST_URI'];
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.about(Topic::Header, "    $headers = array_change_key_case(getallheaders());");
    let body = r#"
    // ‹raw›
    $body = file_get_contents('php://input');
"#;
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    let inputs: String = recipe
        .inputs()
        .iter()
        .map(|input| match input {
            Input::Method => ", $_SERVER['REQUEST_METHOD']",
            Input::Url => ", $url",
            Input::NowSeconds => ", time()",
            Input::NowMillis => ", (int) (microtime(true) * 1000)",
        })
        .collect();
    let rest = r#"
    try {
        verify($headers, $body, $secrets‹inputs›);
    } catch (Rejected $reason) {
        http_response_code(401);
        header('Content-Type: text/plain');
        exit($reason->getMessage());
    }
    // ‹after›
    http_response_code(204);
}

// On the command line this file only defines its functions.
if (PHP_SAPI !== 'cli') {
    receive();
}
"#;
    code.add(fill(rest, &[("inputs", &inputs), ("after", words::AFTER)]));
}

/// Text in single quotes; in double ones where it needs escapes.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|character| matches!(character, ' '..='~') && !"'\\".contains(character));
    if plain { format!("'{text}'") } else { format!("\"{}\"", escaped(text, "\"$", Beyond::Braced)) }
}
