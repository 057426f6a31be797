use std::fmt::Write as _;

use super::super::quote;
use super::{NO_ADDRESS, Test};
use crate::text::{self, Put as _};

/// A script for a POSIX shell, with curl; where it signs, with openssl.
pub(super) fn write(test: &Test<'_>) -> String {
    let mut code = String::from("#!/bin/sh\n");
    for line in test.about("sh webhook_test.sh") {
        code.put(format!("# {line}").trim_end().to_owned() + "\n");
    }
    let needs = if test.signer().is_some() { "curl and openssl" } else { "curl" };
    code.put(format!("# It needs {needs}.\nset -eu\n\n"));
    let target = test.checks.target.as_deref().unwrap_or_default();
    code.put(format!("address={}\nmethod={}\n", quote::shell(target), quote::shell(test.sending.method)));
    code.put(format!("query={}\n", quote::shell(test.query.as_deref().unwrap_or_default())));
    let status = test.checks.status.map(|status| status.to_string()).unwrap_or_default();
    code.put(format!("# The status that is expected; any 2xx where it is empty.\nstatus={status}\n"));
    let holds = test.checks.body_holds.as_deref().unwrap_or_default();
    code.put(format!("# What the answer has to hold.\nholds={}\n\n", value(holds)));
    code.push_str(&BEGIN.replace("‹no_address›", NO_ADDRESS));
    write_headers(test, &mut code);
    write_body(test, &mut code);
    for (name, variable) in &test.secret {
        let name = quote::shell(name);
        code.put(format!(
            "# A credential that came with the request: its value is taken from the environment.\n\
             if [ -n \"${{{variable}:-}}\" ]; then\n  printf '%s: %s\\n' {name} \"${variable}\" >>\"$headers\"\n\
             else\n  printf '%s is left out: set {variable} to send it\\n' {name} >&2\nfi\n"
        ));
    }
    if let Some(signer) = test.signer() {
        code.put(format!("\n{}signed\n", signer.code));
    }
    let sends = match (test.sending.method, test.sending.body.is_empty()) {
        ("HEAD", true) => "--head",
        ("POST" | "PUT" | "PATCH", _) | (_, false) => "-X \"$method\" --data-binary \"@$body\"",
        (_, true) => "-X \"$method\"",
    };
    code.push_str(&END.replace("‹sends›", sends));
    code
}

/// The lines as they stand in the file that curl reads them from.
fn write_headers(test: &Test<'_>, code: &mut String) {
    let mut lines = Vec::new();
    for (name, value) in &test.sending.headers {
        // With nothing behind the colon curl would leave the header out.
        lines.extend(match value.as_bytes() {
            b"" => format!("{name};").into_bytes(),
            bytes => [name.as_bytes(), b": ", bytes].concat(),
        });
        lines.push(b'\n');
    }
    for name in ["User-Agent", "Accept", "Content-Type", "Expect"] {
        // What curl would add by itself.
        if !test.sending.has(name) {
            lines.extend(format!("{name}:\n").into_bytes());
        }
    }
    if let Some(text) = text::of(&lines).filter(|text| text::is_plain(text)) {
        code.put(format!("cat >\"$headers\" <<'END'\n{text}END\n"));
    } else {
        let lines = quote::base64_lines(&lines).join("\n");
        code.put(format!("base64 -d >\"$headers\" <<'END'\n{lines}\nEND\n"));
    }
}

fn write_body(test: &Test<'_>, code: &mut String) {
    if let Some(text) = test.sending.text().filter(|text| text::is_plain(text)) {
        code.put(format!("printf %s {} >\"$body\"\n", quote::shell(text)));
    } else {
        let lines = quote::base64_lines(test.sending.body).join("\n");
        code.put(format!("base64 -d >\"$body\" <<'END'\n{lines}\nEND\n"));
    }
}

/// Text as one word; what a terminal would take for a command is written as octal numbers.
fn value(text: &str) -> String {
    if text::is_plain(text) {
        return quote::shell(text);
    }
    let mut octal = String::with_capacity(4 * text.len());
    for byte in text.bytes() {
        // Writing into a text does not fail.
        let _ = write!(octal, "\\{byte:03o}");
    }
    format!("$(printf '{octal}.')\nholds=${{holds%.}}")
}

const BEGIN: &str = r#"fail() {
  printf '%s\n' "$1" >&2
  exit 2
}

url=${1:-${WEBHOOK_URL:-$address}}
case $url in
  http://* | https://*) ;;
  *) fail '‹no_address›' ;;
esac
url=${url%%#*}
target=${url#*://}
authority=${target%%[/?]*}
target=${target#"$authority"}
case $target in /*) ;; *) target=/$target ;; esac
if [ -n "$query" ]; then
  case $target in
    *\?) target=$target$query ;;
    *\?*) target="$target&$query" ;;
    *) target="$target?$query" ;;
  esac
fi
url=${url%%://*}://${authority##*@}$target

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
headers=$folder/headers
body=$folder/body
"#;

const END: &str = r#"
answered=$(curl -q -sS --globoff --path-as-is --max-time 30 ‹sends› -H "@$headers" \
  -o "$folder/answer" -w '%{http_code}' --url "$url") || fail 'It could not be asked.'
touch "$folder/answer"
said() { head -c 500 "$folder/answer" | tr -d '\000-\010\013-\037\177'; }
case $answered in
  ${status:-2[0-9][0-9]}) ;;
  *)
    printf 'FAILED: it answered %s, not %s: %s\n' "$answered" "${status:-2xx}" "$(said)" >&2
    exit 1
    ;;
esac
case $(tr -d '\000' <"$folder/answer") in
  *"$holds"*) ;;
  *)
    printf 'FAILED: the answer does not hold what it has to: %s\n' "$(said)" >&2
    exit 1
    ;;
esac
printf 'OK: it answered %s\n' "$answered"
"#;
