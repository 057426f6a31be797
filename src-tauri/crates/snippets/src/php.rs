//! PHP: a plain script.

mod found;
mod keys;

use hookbench_signing::TimestampUnit;

use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
use crate::quote::{Beyond, escaped};
use crate::recipe::{Find, Piece, Place, Public, Recipe, Run, Time};
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
// PHP 8.1 or newer, nothing to install: WEBHOOK_SECRET=… php -S localhost:3000 receiver.php
declare(strict_types=1);

class Rejected extends Exception {}
";
    code.add(fill(template, &[("headline", &words::headline(recipe))]));
    code.gap();
}

/// What the verifying function is declared with.
const PARAMETERS: Inputs =
    Inputs { method: ", string $method", url: ", string $url", seconds: ", int $now", millis: ", int $now" };

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
/** Throws Rejected unless one of the secrets signed this request. $headers: names in lower case.‹now› */
function verify(array $headers, string $body, array $secrets‹inputs›): void
{
";
    code.add(fill(
        opening,
        &[("now", &words::now(recipe).replace("`now`", "$now")), ("inputs", &PARAMETERS.of(recipe))],
    ));
    steps::<Php>(recipe, code);
    code.add("}");
    code.gap();
}

struct Php;

impl Dialect for Php {
    const INDENT: &'static str = "    ";
    const INNER: &'static str = "        ";
    const EACH_SECRET: &'static str = "    $matched = false;\n    foreach ($secrets as $secret) {";
    const NONE_FITTED: &'static str =
        "    }\n    if (!$matched) {\n        throw new Rejected(‹reason›);\n    }";
    const TEXT_KEY: &'static str = "        $key = $secret;";
    const READ_KEY: &'static str = "        $key = key_of($secret);";
    const ACCOUNT: &'static str = "        $account = trim(explode(\"\\n\", $secret, 2)[0]);";
    const FOUND: Found = found::FOUND;

    /// Text in single quotes; in double ones where it needs escapes.
    fn quoted(text: &str) -> String {
        let plain =
            text.chars().all(|character| matches!(character, ' '..='~') && !"'\\".contains(character));
        if plain { format!("'{text}'") } else { format!("\"{}\"", escaped(text, "\"$", Beyond::Braced)) }
    }

    fn header(name: &str) -> String {
        name.to_lowercase()
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        let template = r"
    $‹name› = $headers[‹header›] ?? '';
    if ($‹name› === '') {
        throw new Rejected(‹reason›);
    }
";
        fill(template, &[("name", name), ("header", header), ("reason", reason)])
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r"
    // Each key has a header of its own.
    $names = [‹names›];
    $signatures = array_filter(array_map(fn ($name) => $headers[$name] ?? '', $names));
    if ($signatures === []) {
        throw new Rejected(‹reason›);
    }
";
        fill(template, &[("names", names), ("reason", reason)])
    }

    /// PHP joins headers that came more than once with a comma and a space.
    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let joined = if separator == ", " {
            "$header".to_owned()
        } else {
            format!("str_replace(', ', {}, $header)", quoted(separator))
        };
        let split = format!("    $signatures = explode({}, {joined});", quoted(separator));
        format!("{}\n{split}", Self::value("header", header, reason).trim_matches('\n'))
    }

    fn behind(word: &str) -> String {
        let template = r"
    // ‹why›
    $signature = preg_replace('/^‹word› +/i', '‹word› ', $header);
";
        fill(template, &[("word", word), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!("    $signatures = explode({}, $header);", quoted(separator))
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
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
        fill(template, &[("test", &test), ("range", &range), ("reason", reason)])
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
    if (!preg_match('/^[0-9]{1,18}$/D', $timestamp)) {
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

/// What it is called with.
const ARGUMENTS: Inputs = Inputs {
    method: ", $_SERVER['REQUEST_METHOD']",
    url: ", $url",
    seconds: ", time()",
    millis: ", (int) (microtime(true) * 1000)",
};

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
        code.gap();
    }
    let opening = r"
// PHP runs this file anew for each request. So what is wrong with the secrets shows with the first of them:
// it is answered 500, and the log says why.
function not_set_up(string $reason): never
{
    error_log($reason);
    http_response_code(500);
    exit;
}

function receive(): void
{
";
    code.add(opening);
    let secrets = r"
    // ‹rotation›
    $secrets = array_filter([getenv('WEBHOOK_SECRET'), getenv('WEBHOOK_SECRET_PREVIOUS')]);
    if ($secrets === []) {
        not_set_up('WEBHOOK_SECRET is not set');
    }
";
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.reads_key() {
        let check = r"
    try {
        array_map('key_of', $secrets);
    } catch (InvalidArgumentException $malformed) {
        not_set_up($malformed->getMessage());
    }
";
        code.about(Topic::Secret, check);
    }
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
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

fn quoted(text: &str) -> String {
    Php::quoted(text)
}
