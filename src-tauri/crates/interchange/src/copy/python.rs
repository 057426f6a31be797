use super::quote::Beyond;
use super::{Sending, quote};

/// A script for Python 3, with nothing installed: its own library sends any header and any path as they are.
pub(super) fn write(sending: &Sending<'_>) -> String {
    let mut lines = vec![
        if sending.text().is_some() { "import http.client" } else { "import base64\nimport http.client" }
            .to_owned(),
        String::new(),
    ];
    lines.push(format!("body = {}", body(sending)));
    lines.push("headers = [".to_owned());
    lines.extend(header_lines(sending));
    lines.push("]".to_owned());
    lines.push(String::new());
    let (class, authority) = match sending.origin.split_once("://") {
        Some(("http", authority)) => ("HTTPConnection", authority),
        Some((_, authority)) => ("HTTPSConnection", authority),
        None => ("HTTPConnection", "localhost"),
    };
    let text = |text: &str| format!("\"{}\"", quote::escaped(text, "\"", Beyond::Wide));
    lines.push(format!("connection = http.client.{class}({})", text(authority)));
    lines.push(format!(
        "connection.putrequest({}, {}, skip_accept_encoding=True)",
        text(sending.method),
        text(&sending.target)
    ));
    lines.push("for name, value in headers:\n    connection.putheader(name, value)".to_owned());
    if !sending.body.is_empty() || matches!(sending.method, "POST" | "PUT" | "PATCH") {
        lines.push("connection.putheader(\"Content-Length\", str(len(body)))".to_owned());
    }
    lines.push("connection.endheaders(body)".to_owned());
    lines.push("response = connection.getresponse()".to_owned());
    lines.push("print(response.status, response.read().decode(errors=\"replace\"))".to_owned());
    lines.join("\n") + "\n"
}

pub(super) fn body(sending: &Sending<'_>) -> String {
    match sending.text() {
        Some("") => "b\"\"".to_owned(),
        Some(text) => format!("\"{}\".encode()", quote::escaped(text, "\"", Beyond::Wide)),
        None => {
            let lines = quote::base64_lines(sending.body);
            let lines: Vec<String> = lines.iter().map(|line| format!("    \"{line}\"")).collect();
            format!("base64.b64decode(\n{}\n)", lines.join("\n"))
        }
    }
}

pub(super) fn header_lines(sending: &Sending<'_>) -> Vec<String> {
    let line = |(name, value): &(&str, &hookbench_model::HeaderValue)| {
        let name = quote::escaped(name, "\"", Beyond::Wide);
        format!("    (\"{name}\", b\"{}\"),", quote::bytes(value.as_bytes(), "\""))
    };
    sending.headers.iter().map(line).collect()
}
