//! PHP: a plain script.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::quote::{Beyond, escaped};
use crate::recipe::{Find, Piece, Place, Recipe, Run, Time};
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
    let template = r"
<?php
// ‹headline›
// PHP 8, nothing to install: WEBHOOK_SECRET=… php -S localhost:3000 receiver.php
declare(strict_types=1);

class Rejected extends Exception {}
";
    code.add(fill(template, &[("headline", &words::headline(recipe))]));
    code.gap();
}

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
/** Throws Rejected unless one of the secrets signed this request. $headers: names in lower case.‹now› */
function verify(array $headers, string $body, array $secrets‹inputs›): void
{
";
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
    keys::compare(recipe, code);
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
    let template = r"
    $‹name› = $headers[‹header›] ?? '';
    if ($‹name› === '') {
        throw new Rejected(‹reason›);
    }
";
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
        let template = r"
    // Each key has a header of its own.
    $names = [‹names›];
    $signatures = array_filter(array_map(fn ($name) => $headers[$name] ?? '', $names));
    if ($signatures === []) {
        throw new Rejected(‹reason›);
    }
";
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
            let template = r"
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
";
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

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let path = names.iter().map(|name| format!("[{}]", quoted(name))).collect::<Vec<_>>().concat();
        let template = r"
    // The time stands in the body. One without it is held to none.
    $timestamp = (string) (json_decode($body, true)‹path› ?? '');
    if ($timestamp === '') {
        return;
    }
";
        code.about(Topic::Time, fill(template, &[("path", &path)]));
    }
    code.about(
        Topic::Time,
        match time.unit {
            TimestampUnit::Iso => {
                r"
    $signed_at = date_create_immutable($timestamp);
    if ($signed_at === false) {
        throw new Rejected('the time of signing cannot be read');
    }
    $age = $now - (int) $signed_at->format('Uv');
"
            }
            TimestampUnit::S | TimestampUnit::Ms => {
                r"
    if (!ctype_digit($timestamp)) {
        throw new Rejected('the time of signing is not a number');
    }
    $age = $now - (int) $timestamp;
"
            }
        },
    );
    for (limit, reason) in time.rules("$age") {
        let rule = format!("    if ({limit}) {{\n        throw new Rejected({});\n    }}", quoted(reason));
        code.about(Topic::Time, rule);
    }
}

fn form(code: &mut Code) {
    let template = r"
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
";
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("function receive(): void\n{");
    let secrets = r"
    // ‹rotation›
    $secrets = array_filter([getenv('WEBHOOK_SECRET'), getenv('WEBHOOK_SECRET_PREVIOUS')]);
    if ($secrets === []) {
        http_response_code(500);
        exit('WEBHOOK_SECRET is not set');
    }
";
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.needs_url() {
        let url = r"
    // ‹why›
    // ‹what›
    $url = (getenv('PUBLIC_URL') ?: 'http://localhost:3000') . $_SERVER['REQUEST_URI'];
";
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.about(Topic::Header, "    $headers = array_change_key_case(getallheaders());");
    let body = r"
    // ‹raw›
    $body = file_get_contents('php://input');
";
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
    let rest = r"
    try {
        verify($headers, $body, $secrets‹inputs›);
    } catch (Rejected $reason) {
        http_response_code(401);
        header('Content-Type: text/plain');
        exit($reason->getMessage());
    }
    // ‹after›
    http_response_code(‹status›);
}

// On the command line this file only defines its functions.
if (PHP_SAPI !== 'cli') {
    receive();
}
";
    code.add(fill(
        rest,
        &[("inputs", &inputs), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

/// Text in single quotes; in double ones where it needs escapes.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|character| matches!(character, ' '..='~') && !"'\\".contains(character));
    if plain { format!("'{text}'") } else { format!("\"{}\"", escaped(text, "\"$", Beyond::Braced)) }
}
