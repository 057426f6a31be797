use super::quote::Beyond;
use super::{Sending, quote};

/// A module for Node, Deno, Bun or a page.
pub(super) fn write(sending: &Sending<'_>) -> String {
    let mut lines = Vec::new();
    if sending.has_dots() {
        lines.push("// fetch takes the steps `.` and `..` out of the path.".to_owned());
    }
    if sending.url().split_once('?').is_some_and(|(_, query)| query.contains('\'')) {
        lines.push("// fetch writes %27 for each ' in the query.".to_owned());
    }
    let has_body = !sending.body.is_empty();
    if has_body && matches!(sending.method, "GET" | "HEAD") {
        lines.push(format!(
            "// fetch refuses a body with {}: leave it out, or send by another tool.",
            sending.method
        ));
    }
    lines.push(format!(
        "const response = await fetch(\"{}\", {{",
        quote::escaped(&sending.url(), "\"", Beyond::Utf16)
    ));
    lines.push(format!("  method: \"{}\",", quote::escaped(sending.method, "\"", Beyond::Utf16)));
    lines.push("  headers: [".to_owned());
    for (name, value) in &sending.headers {
        // A character for each byte.
        let value = quote::bytes(value.as_bytes(), "\"");
        lines.push(format!("    [\"{}\", \"{value}\"],", quote::escaped(name, "\"", Beyond::Utf16)));
    }
    lines.push("  ],".to_owned());
    if has_body {
        let body = match sending.text() {
            Some(text) => {
                format!("new TextEncoder().encode(\"{}\")", quote::escaped(text, "\"", Beyond::Utf16))
            }
            None => format!(
                "Uint8Array.from(atob(\"{}\"), (character) => character.charCodeAt(0))",
                data_encoding::BASE64.encode(sending.body)
            ),
        };
        lines.push(format!("  body: {body},"));
    }
    lines.push("  redirect: \"manual\",".to_owned());
    lines.push("});".to_owned());
    lines.push("console.log(response.status, await response.text());".to_owned());
    lines.join("\n") + "\n"
}
