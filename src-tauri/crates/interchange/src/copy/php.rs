use super::quote::Beyond;
use super::{Sending, quote};

/// A script for PHP 8, with nothing installed.
pub(super) fn write(sending: &Sending<'_>) -> String {
    let text = |text: &str| format!("\"{}\"", quote::escaped(text, "\"$", Beyond::Braced));
    let body = match sending.text() {
        Some(body) => text(body),
        None => format!("base64_decode(\"{}\")", data_encoding::BASE64.encode(sending.body)),
    };
    let mut lines = vec!["<?php".to_owned()];
    if !sending.body.is_empty() && !sending.has("content-type") {
        lines.push("// PHP adds a Content-Type of its own: the request came without one.".to_owned());
    }
    lines.push(format!("$body = {body};"));
    lines.push("$headers = [".to_owned());
    for (name, value) in &sending.headers {
        // A header that ends behind its colon is taken for none without the space.
        let line = [name.as_bytes(), b": ", value.as_bytes()].concat();
        lines.push(format!("    \"{}\",", quote::bytes(&line, "\"$")));
    }
    lines.push("];".to_owned());
    lines.push("$context = stream_context_create([\"http\" => [".to_owned());
    lines.push(format!("    \"method\" => {},", text(sending.method)));
    lines.push("    \"header\" => $headers,".to_owned());
    lines.push("    \"content\" => $body,".to_owned());
    lines.push("    \"protocol_version\" => 1.1,".to_owned());
    lines.push("    \"follow_location\" => 0,".to_owned());
    lines.push("    \"ignore_errors\" => true,".to_owned());
    lines.push("]]);".to_owned());
    lines.push(format!("$answer = file_get_contents({}, false, $context);", text(&sending.url())));
    lines.push("echo $http_response_header[0], \"\\n\", $answer, \"\\n\";".to_owned());
    lines.join("\n") + "\n"
}
